"""The sandbox with its page in a Chromium, in one language: types what a picture needs, and takes it."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from playwright.async_api import async_playwright

from bot.i18n import text
from sandbox.browser.server import Browser
from sandbox.onekey import Behaviour, Plan
from sandbox.stage import Stage, staffed_scene
from tests.browser.conftest import ARGUMENTS, MISSING, chromium_path
from tests.pictures.player import Player

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from playwright.async_api import Browser as Chromium
    from playwright.async_api import Page

    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person

LANGUAGES: Final = ("en", "zh-CN")
THEMES: Final = ("dark", "light")
ME: Final = {"en": "bob", "zh-CN": "小明"}
_SKY: Final = """\
Sunlight is a mix of all colours. Air scatters **short waves** far more than long ones, so blue light reaches you from \
everywhere in the sky.

At sunset the light crosses more air: the blue is scattered away on its path, and **red and orange** are left.\
"""
_SKY_ZH: Final = """\
阳光由各种颜色的光混合而成。空气对**短波光**的散射远强于长波光，因此蓝光会从天空的各个方向进入你的眼睛。

日落时，阳光穿过的大气更厚，蓝光在途中已被散射掉，剩下的便是**红色和橙色**。\
"""
_PICTURE: Final = str(Path(__file__).parents[2] / "docs" / "pictures" / "imagine.en.png")
WORDS: Final = {
    "blocked": ("fox", "红狐"),
    "flagged": ("A slaughterhouse in the snow", "雪地里的屠杀"),
    "picture": (_PICTURE, _PICTURE),
    "fox": ("A red fox in the snow", "雪地里的一只红狐"),
    "sky": (_SKY, _SKY_ZH),
    "dawn": ("At dawn, with fog over the snow", "黎明时分，雪地上有薄雾"),
    "lighthouse": ("A lighthouse at dusk", "黄昏中的灯塔"),
    "other": ("小明", "bob"),
    "question": ("Why is the sky blue?", "天空为什么是蓝色的？"),
    "castle": ("A castle in the clouds", "云端的城堡"),
    "watercolour": ("watercolour", "水彩"),
    "dragon": ("a dragon asleep on the roof", "屋顶上沉睡的龙"),
    "flags": ("red flags in the wind", "迎风飘扬的红旗"),
}
_BARE: Final = """\
.tools, .day, .top, .notice, .beginning { display: none !important }
body, .app, .main, .scroller { height: auto !important; overflow: visible !important }
.log { min-height: 0 !important }
"""
"""Messages alone, each as high as it is."""
_KEY: Final = re.compile(r"\{([a-z_.]+)\}")
_DAY: Final = 86400
_SETTLED: Final = 4.0
"""Seconds after a start in which the bot has looked at what it left and redrawn it."""


class Studio:
    """A stage with its page. Everybody's Discord speaks `language`; the prompts are in it, too."""

    def __init__(self, stage: Stage, page: Browser, chromium: Chromium, language: str) -> None:
        self.stage = stage
        self.player = Player(stage)
        self.language = language
        self._page = page
        self._chromium = chromium
        for person in stage.scene.people.values():
            person.user.locale = "en-US" if language == "en" else language

    def words(self, line: str) -> str:
        """A line with `{fox}` as the prompt, `{me}` as the person, and `{button.remix}` as the button's label."""

        def said(found: re.Match[str]) -> str:
            key = found[1]
            if key == "me":
                return ME[self.language]
            if key in WORDS:
                return WORDS[key][LANGUAGES.index(self.language)]
            return text("en" if self.language == "en" else "zh_CN", key)

        return _KEY.sub(said, line)

    async def play(self, *lines: str, seconds: float | None = None) -> Message | None:
        """Types the lines; the last message that came of the last one, where it was typed."""
        played: list[Message] = []
        for number, line in enumerate(lines, 1):
            played = await self.player.play(self.words(line), seconds=seconds if number == len(lines) else None)
        here = [each for each in played if each.channel is self.player.terminal.channel]
        return (here or played or [None])[-1]

    async def shot(self, message: Message | None) -> bytes:
        """A PNG of the message, as the person who typed last sees it; of the form that is open, where one is."""
        return (await self.shots(message, THEMES[:1]))[THEMES[0]]

    async def shots(self, message: Message | None, themes: Sequence[str], *, scale: float = 1.5) -> dict[str, bytes]:
        """The same in each of the themes. None: all that stands in the place."""
        terminal = self.player.terminal
        channel = terminal.channel if message is None else message.channel
        async with self.window(terminal.person, channel, scale=scale, form=True) as window:
            if terminal.form is not None:
                await window.locator("dialog[open]").first.wait_for()
                target, terminal.form = window.locator("dialog[open]").first, None
            elif message is None:
                target = window.locator("#log")
            else:
                target = window.locator(f"#m{message.id} .message")
            await target.scroll_into_view_if_needed()
            await shown(window)
            taken: dict[str, bytes] = {}
            for theme in themes:
                await window.emulate_media(color_scheme="light" if theme == "light" else "dark")
                taken[theme] = await target.screenshot(animations="disabled")
            return taken

    @asynccontextmanager
    async def window(
        self,
        person: Person,
        channel: Channel,
        *,
        scale: float = 1.0,
        size: tuple[int, int] = (740, 1700),
        form: bool = False,
        bare: str = _BARE,
    ) -> AsyncGenerator[Page]:
        """Somebody's window on a place. `bare`: a rule of style that hides what is not to be seen."""
        opened = self.player.terminal.form if form else None
        context = await self._chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            device_scale_factor=scale,
            color_scheme="dark",
            locale=person.user.locale,
            timezone_id="UTC",
            bypass_csp=True,  # for the one rule below
        )
        context.set_default_timeout(20_000)
        try:
            page = await context.new_page()
            await page.goto(self._page.address_of(person, channel, form=opened))
            await page.add_style_tag(content=bare)
            yield page
        finally:
            await context.close()

    async def aged(self, seconds: int) -> Message | None:
        """The newest message, after the bot was away while its order grew older by `seconds`."""
        return await self.becomes(f"submitted_at = submitted_at - {seconds}, created_at = created_at - {seconds}")

    async def becomes(self, values: str) -> Message | None:
        """The newest message, after the bot was away while its order was given these values."""
        channel = self.player.terminal.channel
        await self.stage.stop()
        self.write(values)
        await self.stage.start()
        return await self.play("wait 0", seconds=_SETTLED) or self.player.terminal.person.sees(channel)[-1]

    def write(self, values: str) -> None:
        """Gives the place's orders these values (SQL) in the database."""
        with contextlib.closing(sqlite3.connect(self.stage.data_dir / "onekey.db", timeout=20)) as database, database:
            database.execute(
                f"UPDATE generations SET {values} WHERE channel_id = ?",  # noqa: S608 - our own
                (self.player.terminal.channel.id,),
            )

    def spend(self, *, days: int = 30) -> None:
        """A month in which credits were spent: rows that the bot's own orders would have left."""
        now = time.time()
        people = [self.stage.person(name).id for name in (ME[self.language], "carol", "alice")]
        kinds = (("ask", "deepseek-chat", 1), ("imagine", "wan2.7-image", 20), ("video", "wan2.7-t2v", 50))
        rows: list[dict[str, Any]] = []
        for ago in range(1, days):
            for number in range((ago * 7 + 3) % 11 + 2):
                kind, model, price = kinds[(0, 1, 0, 2, 1)[(ago + number) % 5]]
                at = now - ago * _DAY
                rows.append(
                    {
                        "guild": self.stage.guild.id,
                        "channel": self.stage.channel(("general", "pictures")[number % 2]).id,
                        "person": people[(ago + number) % 3],
                        "kind": kind,
                        "model": model,
                        "price": price,
                        "day": int(at // _DAY),
                        "at": at,
                    }
                )
        with contextlib.closing(sqlite3.connect(self.stage.data_dir / "onekey.db", timeout=20)) as database, database:
            database.executemany(
                "INSERT INTO reservations (guild_id, channel_id, person_id, kind, model, price, day, created_at,"
                " settled_at, spent, spent_by_person)"
                " VALUES (:guild, :channel, :person, :kind, :model, :price, :day, :at, :at, :price, :price)",
                rows,
            )


async def shown(window: Page) -> None:
    """Until every image is drawn, and every clip shows a frame of its middle."""
    await window.evaluate(
        """async () => {
          for (const video of document.querySelectorAll("video")) {
            video.muted = true;
            const came = (name) => new Promise((done) => video.addEventListener(name, done, { once: true }));
            if (video.readyState < 1) await came("loadedmetadata");
            const sought = came("seeked");
            video.currentTime = video.duration / 2;
            await sought;
            while (video.readyState < 4) await new Promise((done) => setTimeout(done, 50));
            await new Promise((done) => setTimeout(done, 800));  // the ring over it goes with a delay
          }
          await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)));
        }"""
    )
    await window.wait_for_timeout(150)


@asynccontextmanager
async def studio(language: str) -> AsyncGenerator[Studio]:
    """Raises RuntimeError where no Chromium is installed."""
    path = chromium_path()
    if path is None:
        raise RuntimeError(MISSING)
    behaviour = Behaviour(
        chat=Plan(first_token=0.3, words_per_second=45),
        images=Plan(delay=0.8),
        submit=Plan(queue_seconds=0.6, run_seconds=2.0),
    )
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(Stage(scene=staffed_scene(), behaviour=behaviour, poll_seconds=0.3))
        page = await stack.enter_async_context(Browser(stage))
        playwright = await stack.enter_async_context(async_playwright())
        chromium = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        stack.push_async_callback(chromium.close)
        yield Studio(stage, page, chromium, language)
