"""The moving picture of README: a question, four images, a vote and a video, typed and pressed on the sandbox's page.

Frames are taken as things change, each with the time that it is to stay: on a busy machine the picture is no slower.
"""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Final

from PIL import Image

from bot.i18n import text
from sandbox.onekey import Plan
from tests.browser.typing_in import add_option
from tests.pictures.studio import LANGUAGES, ME, studio

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Locator, Page

    from tests.pictures.studio import Studio

SIZE: Final = (960, 640)
LARGEST: Final = 3_000_000
"""Bytes of the moving picture."""
LONGEST: Final = 90.0
"""Seconds in which anything that is waited for has come."""
_CLIP_STEP: Final = 0.125
"""Seconds between two frames of the clip."""


async def make(folder: Path, *, only: str = "") -> None:
    """Writes `tour.{language}.webp`."""
    for language in LANGUAGES:
        if only in {"", language}:
            async with studio(language) as made:
                film = await _filmed(made)
            data = film.written()
            if len(data) > LARGEST:
                raise ValueError(f"the tour has {len(data)} bytes")
            await asyncio.to_thread((folder / f"tour.{language}.webp").write_bytes, data)


class Film:
    """Frames of a window with milliseconds each."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._frames: list[tuple[bytes, int]] = []

    async def hold(self, milliseconds: int) -> None:
        """What the window shows now stays so long."""
        taken = await self.page.screenshot(animations="disabled", caret="initial")
        if self._frames and self._frames[-1][0] == taken:
            taken, before = self._frames.pop()
            milliseconds += before
        self._frames.append((taken, milliseconds))

    async def type(self, words: str, *, step: int = 3) -> None:
        """Types into what has the focus, `step` signs a frame."""
        for start in range(0, len(words), step):
            await self.page.keyboard.type(words[start : start + step])
            await self.hold(70)

    async def follow(self, done: Locator, *, milliseconds: int = 350) -> None:
        """A frame for each change, until `done` is there."""
        async with asyncio.timeout(LONGEST):
            while not await done.count():
                before = self._frames[-1][0]
                await self.hold(0)
                taken, longer = self._frames.pop()
                self._frames.append((taken, longer if taken == before else milliseconds))
                await asyncio.sleep(0.05)

    def written(self) -> bytes:
        images = [Image.open(io.BytesIO(data)).convert("RGB") for data, _ in self._frames]
        written = io.BytesIO()
        images[0].save(
            written,
            "WEBP",
            save_all=True,
            append_images=images[1:],
            duration=[max(milliseconds, 40) for _, milliseconds in self._frames],
            loop=0,
            quality=60,
            method=4,
        )
        return written.getvalue()


async def _filmed(made: Studio) -> Film:
    await made.play(
        "dave in #general: /config set edit_model qwen-image-edit --scope server",
        "dave: /config set animate_model wan2.7-i2v --scope server",
    )
    made.stage.api.behaviour.chat = Plan(first_token=0.3, words_per_second=18)
    me, general = made.stage.person(ME[made.language]), made.stage.channel("general")
    async with made.window(me, general, size=SIZE, bare=".tools, .notice { display: none !important }") as page:
        film = Film(page)
        await film.hold(600)
        made.stage.api.next("chat", reply=made.words("{sky}"))
        await _command(film, "ask", made.words("{question}"))
        await film.follow(page.locator(".entry:has(.tag)", has_text="tokens"))
        await film.hold(1500)

        await _command(film, "imagine", made.words("{fox}"), count="4")
        await film.follow(page.locator(".gallery img >> nth=3"))
        await _drawn(page)
        await page.locator(".gallery").last.evaluate("gallery => gallery.scrollIntoView({ block: 'center' })")
        await film.hold(2000)
        await _drawn(page)
        await film.hold(500)
        await made.play("carol in #general: press :vote:2")
        await film.hold(500)
        await _press(film, ":vote:2")
        await film.hold(1200)

        locale = "en" if made.language == "en" else "zh_CN"
        await _choose(film, text(locale, "menu.of_image", number="2", what=text(locale, "button.animate")))
        await page.locator("dialog[open] textarea").first.focus()
        await film.type(made.words("{dawn}"))
        await film.hold(500)
        await page.locator('dialog[open] [type="submit"]').click()
        await film.follow(page.locator("video"))
        await _drawn(page)
        await _play(film)
        await film.hold(1500)
    return film


async def _command(film: Film, name: str, prompt: str, **options: str) -> None:
    page = film.page
    await page.locator("#write").focus()
    await film.type(f"/{name}", step=2)
    await page.locator("#suggestions [role=option]", has_text=f"/{name}").first.wait_for()
    await film.hold(400)
    await page.keyboard.press("Enter")
    await page.locator("#command").wait_for()
    await film.type(prompt)
    for option, value in options.items():
        await add_option(page, option)
        await film.hold(250)
        await film.type(value)
    await film.hold(400)
    await page.keyboard.press("Enter")


async def _choose(film: Film, label: str) -> None:
    """An option of the newest menu that opens a form, as under a pointer first."""
    await film.page.locator(".menu-button").last.click()
    option = film.page.locator(".popup:popover-open [role=option]", has_text=label).first
    await option.scroll_into_view_if_needed()
    await option.hover()
    await film.hold(900)
    await option.click()
    await film.page.locator("dialog[open]").wait_for()


async def _press(film: Film, custom_id: str) -> None:
    """A press that can be seen: the button as under a pointer first."""
    target = film.page.locator(f'[data-press$="{custom_id}"]:not([disabled])').last
    await target.scroll_into_view_if_needed()
    await target.hover()
    await film.hold(500)
    before = await film.page.locator("#log").inner_html()
    await target.click()
    changed = "before => document.querySelector('#log').innerHTML !== before"
    await film.page.wait_for_function(changed, arg=before, timeout=LONGEST * 1000)
    await film.page.mouse.move(SIZE[0] - 5, 5)


async def _drawn(page: Page) -> None:
    await page.evaluate("Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)))")
    await page.evaluate("document.querySelector('#scroller').scrollTo(0, 1e9)")
    await page.wait_for_timeout(300)


async def _play(film: Film) -> None:
    """The clip from its beginning, a frame at a time."""
    seek = """([video, second]) => new Promise((done) => {
        video.controls = false; video.muted = true;
        video.addEventListener("seeked", () => requestAnimationFrame(() => done(video.duration)), { once: true });
        video.currentTime = second;
    })"""
    video = await film.page.locator("video").last.element_handle()
    second, duration = 0.01, 3.0
    while second < min(duration, 3.0):
        duration = await film.page.evaluate(seek, [video, second])
        await film.hold(int(_CLIP_STEP * 1000))
        second += _CLIP_STEP
