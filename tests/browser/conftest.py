"""The page in a real Chromium, over a stage with the real bot: one browser and one stage a module.

    pytestmark = pytest.mark.asyncio(loop_scope="module")      in every module here

    async def test_…(windows):
        alice = await windows.open("alice", "general")         a page of Playwright's; open as many as there are people

Whatever a test does: no error in a console, and no request to another machine. Without Chromium they are skipped.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from sandbox.browser.server import Browser
from sandbox.stage import Stage, staffed_scene
from tests.e2e.conftest import note_offered, pytest_runtest_makereport, quick_api, watch_log
from tests.e2e.forking import fork

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser as Chromium
    from playwright.async_api import Page

    from sandbox.discord.models import Channel

__all__ = ["pytest_runtest_makereport"]

NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING: Final = (
    "needs Chromium: `apt-get install chromium` (Debian, Ubuntu), or CHROMIUM=/path/to/one for one that is elsewhere"
)
ARGUMENTS: Final = (
    "--no-sandbox",  # Chromium's own does not start as root, and the page is ours
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Theme = Literal["dark", "light"]
WITHIN: Final = 15_000
"""Milliseconds for what takes one second at most: the machine may be busy."""


def chromium_path() -> str | None:
    """Where a Chromium is, or None."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Chromium]:
    path = chromium_path()
    if path is None:
        pytest.skip(MISSING)
    expect.set_options(timeout=WITHIN)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> AsyncIterator[Site]:
    folder = tmp_path_factory.mktemp("browser")
    (folder / "data").mkdir()
    shutil.copyfile(sqlite_template, folder / "data" / "onekey.db")
    stage = Stage(
        scene=staffed_scene(),
        behaviour=quick_api(),
        data_dir=folder / "data",
        log=folder / "bot.log",
        poll_seconds=0.2,
        spawn=fork,
    )
    stage.discord.limits.groups["gateway"] = None  # twice in 5 s: a restart would wait for it
    note_offered(stage, folder / "data")
    async with stage, Browser(stage) as page:
        yield Site(stage, page)


@dataclass(slots=True)
class Site:
    """The stage and the page's server."""

    stage: Stage
    page: Browser


@dataclass(slots=True)
class Windows:
    """Opens windows on the page, as the people of the stage, and notes what should not be.

    A test's windows are used again by the next one, loaded anew: a new one takes processes of Chromium's own, and most
    tests do less in it.
    """

    site: Site
    chromium: Chromium
    wrong: list[str] = field(default_factory=list[str])
    used: list[Page] = field(default_factory=list["Page"])
    free: list[Page] = field(default_factory=list["Page"])

    @property
    def stage(self) -> Stage:
        return self.site.stage

    async def open(
        self,
        name: str,
        place: str | Channel = "general",
        *,
        viewport: tuple[int, int] = (1100, 800),
        theme: Theme = "light",
    ) -> Page:
        """Somebody's window on a place, with the focus in its message box."""
        page = self.free.pop() if self.free else await self._new()
        self.used.append(page)
        width, height = viewport
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme=theme)
        channel = self.stage.channel(place) if isinstance(place, str) else place
        await page.goto(self.site.page.address_of(self.stage.person(name), channel))
        return page

    async def _new(self) -> Page:
        context = await self.chromium.new_context(timezone_id="UTC")
        context.set_default_timeout(WITHIN)
        context.on("request", lambda request: self.hear(request.url))
        context.on("console", lambda message: self.note(message.type, message.text))
        context.on("weberror", lambda error: self.wrong.append(f"{error.error}"))
        page = await context.new_page()
        page.on("websocket", lambda socket: self.hear(socket.url))
        return page

    async def leave(self) -> None:
        """Puts the windows away: whoever opens one next finds nothing in it of who had it before."""
        used, self.used = self.used, []
        for page in used:
            await page.evaluate("sessionStorage.clear()")
            await page.goto("about:blank")
            await page.context.clear_cookies()
            await page.mouse.move(0, 0)
            self.free.append(page)

    def hear(self, url: str) -> None:
        """Notes an address that is not on this machine."""
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.hostname != "127.0.0.1":
            self.wrong.append(f"asked for {url}")

    def note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.wrong.append(f"{kind}: {text}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_windows(module_site: Site, chromium: Chromium) -> Windows:
    return Windows(module_site, chromium)


@pytest_asyncio.fixture(loop_scope="module")
async def windows(module_windows: Windows, request: pytest.FixtureRequest) -> AsyncIterator[Windows]:
    stage = module_windows.stage
    watch_log(request, stage)
    stage.api.calm()
    stage.discord.faults.clear()
    if not stage.bot.running:
        await stage.start()
    yield module_windows
    await module_windows.leave()
    wrong, module_windows.wrong = module_windows.wrong, []
    assert wrong == []
