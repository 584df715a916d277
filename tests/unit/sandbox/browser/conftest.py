"""The page over a stage without a bot, and a client that came in by the printed address."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from sandbox.browser.server import Browser
from sandbox.browser.windows import path_to
from sandbox.discord.models import Channel
from sandbox.stage import Stage, staffed_scene


@dataclass(slots=True)
class Visitor:
    """A browser on the page. Paths of windows are given by who and where."""

    stage: Stage
    browser: Browser
    session: aiohttp.ClientSession

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.browser.door.port}"

    def path(self, name: str, place: str | Channel) -> str:
        return path_to(name, self.stage.channel(place) if isinstance(place, str) else place)

    async def page(self, name: str, place: str | Channel = "general") -> str:
        async with self.session.get(self.origin + self.path(name, place)) as response:
            assert response.status == 200, await response.text()
            return await response.text()

    async def act(self, name: str, action: str, place: str | Channel = "general", /, **fields: Any) -> dict[str, Any]:
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("window", "")
        for key, value in fields.items():
            if isinstance(value, bytes):
                form.add_field(key, io.BytesIO(value), filename="note.txt")
            else:
                form.add_field(key, value)
        url = f"{self.origin}{self.path(name, place)}/{action}"
        async with self.session.post(url, data=form, headers={"Origin": self.origin}) as response:
            return await response.json()


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    stage = Stage(scene=staffed_scene(), start=False)
    jar = aiohttp.CookieJar(unsafe=True)  # it has no other name than its number
    async with stage, Browser(stage) as browser, aiohttp.ClientSession(cookie_jar=jar) as session:
        async with session.get(browser.address) as response:
            assert response.status == 200
        yield Visitor(stage, browser, session)
