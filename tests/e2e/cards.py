"""What people see of a card, for assertions: its text without the moments, its colour, its buttons, its files."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.models import walk
from sandbox.onekey import Plan
from sandbox.stage import BOT_PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Attachment, Channel, Message, Version
    from sandbox.discord.people import Person
    from sandbox.onekey.names import Route
    from sandbox.onekey.tasks import Task
    from sandbox.stage import Stage

WAITING: Final = 0x5865F2
WARNING: Final = 0xF0B232
FAILED: Final = 0xDA373C
"""The colours of the cards that are not done."""
RUNNING: Final = "Started <t:…:R>."
LINK: Final = "**[Open the video](…)** · the link works until <t:…:f>"
SMALL: Final = "320x180"
"""A video's size that costs little to make."""
_MOMENT: Final = re.compile(r"<t:\d+:([Rf])>")
# The tests of a module share a history: whether there is one already is not theirs to say.
_USUAL: Final = re.compile(r" (This model u|U)sually takes \d+ s\.|(该模型)?通常需要 \d+ 秒。")
_TOOK: Final = re.compile(r"(· |made in |用时 )\d+ (s|秒) · <@")
_LINK: Final = re.compile(r"\]\(http://127\.0\.0\.1:\d+/files/[^)\s]+\)")


def swift(stage: Stage, *, run: float = 0.3) -> None:
    """The API takes `run` seconds for a video, hardly any for a picture, and makes one clip for all videos."""
    behaviour = stage.api.behaviour
    behaviour.submit = Plan(queue_seconds=0.0, run_seconds=run)
    behaviour.images = Plan(delay=0.05)


def server(stage: Stage, *, boost_tier: int = 0) -> Channel:
    """A channel in a server of its own: videos of other tests do not stand in its queue."""
    guild = stage.world.guild("Elsewhere", boost_tier=boost_tier, bot_permissions=BOT_PERMISSIONS)
    return stage.world.text_channel(guild, "videos")


def someone(
    stage: Stage, name: str = "carol", *, at: Channel | None = None, locale: str = "en-US", permissions: int = 0
) -> Person:
    """A member of the stage's server (or of the one `at` is in) whom no test before has used."""
    guild = stage.guild if at is None else stage.world.guild_of(at)
    return stage.world.person(name, guild=guild, locale=locale, permissions=permissions)


async def film(who: Person, channel: Channel, prompt: str, **options: object) -> tuple[Invocation, Message]:
    """/video, and the card that it is answered with."""
    use = await who.command(channel, "video", **({"prompt": prompt, "shape": SMALL} | options))
    return use, await use.message()


async def running(stage: Stage, prompt: str, *, channel: Channel | None = None) -> tuple[Person, Invocation, Message]:
    """A video that the service works on, in a server of its own."""
    channel = channel or server(stage)
    carol = someone(stage, at=channel)
    use, _ = await film(carol, channel, prompt)
    return carol, use, await use.until(says(RUNNING))


async def paint(who: Person, channel: Channel, prompt: str, **options: object) -> tuple[Invocation, Message]:
    """/imagine, and the card that it is answered with."""
    use = await who.command(channel, "imagine", **({"prompt": prompt, "shape": "128x96"} | options))
    return use, await use.message()


def task_of(stage: Stage, prompt: str) -> Task:
    """The service's task for a prompt."""
    return next(task for task in stage.api.tasks.values() if task.prompt == prompt)


def asked(stage: Stage, route: Route, prompt: str) -> int:
    """How often the service was asked for what `prompt` asks for, whatever it answered."""
    return sum(request.prompt == prompt for request in stage.api.requests.of(route))


def posted_in(channel: Channel) -> list[Message]:
    """The messages that everybody sees."""
    return [each for each in channel.messages.values() if not (each.deleted or each.ephemeral)]


def said(message: Message | Version) -> str:
    """The text without what differs: `<t:…:R>` for a moment, `… s` for what it took, `](…)` for a link to a result."""
    text = _TOOK.sub(r"\1… \2 · <@", _MOMENT.sub(r"<t:…:\1>", message.text))
    return _USUAL.sub("", _LINK.sub("](…)", text))


def colour(message: Message | Version) -> int | None:
    """The colour of the card's bar; None: it has none."""
    return next((part.get("accent_color") for part in message.components if part["type"] == 17), None)


def labels(message: Message | Version) -> list[str]:
    """What stands on its buttons."""
    return [str(part["label"]) for part in walk(tuple(message.components)) if part["type"] == 2]


def is_over(message: Message) -> bool:
    """Whether it ended without a result."""
    return colour(message) in {FAILED, WARNING}


def menu(message: Message) -> list[str]:
    """What can be chosen in its menu."""
    menus = [part for part in walk(tuple(message.components)) if part["type"] == 3]
    return [str(option["value"]) for part in menus for option in part["options"]]


def link(message: Message) -> str:
    """Where a client opens the message."""
    return f"https://discord.com/channels/{message.channel.guild_id or '@me'}/{message.channel.id}/{message.id}"


def custom_id(message: Message, label: str) -> str:
    return next(str(part["custom_id"]) for part in message.buttons() if part["label"] == label)


def files(message: Message | Version, kind: str) -> list[Attachment]:
    """Its attachments of a kind ("image", "video") that a gallery shows: others nobody sees in such a message."""
    shown = {
        str(item["media"]["url"])
        for part in walk(tuple(message.components))
        if part["type"] == 12
        for item in part["items"]
    }
    return [each for each in message.attachments if each.content_type.startswith(f"{kind}/") and each.url in shown]


def has_clip(message: Message) -> bool:
    return len(files(message, "video")) == 1 and colour(message) is None


def has_pictures(count: int) -> Callable[[Message], bool]:
    return lambda message: len(files(message, "image")) == count and colour(message) is None


def says(text: str) -> Callable[[Message], bool]:
    """Whether a message holds `text` (as `said` gives it)."""
    return lambda message: text in said(message)


def kept(stage: Stage) -> set[Path]:
    """Files of results that wait for their delivery, or for /jobs. A folder that goes meanwhile has none."""
    return {Path(folder, name) for folder, _, names in os.walk(stage.data_dir / "results") for name in names}


async def eventually(condition: Callable[[], bool], *, within: float = 20.0, every: float = 0.02) -> float:
    """For what nobody announces: the bot's own files. Looks `every` so many seconds; the seconds until it was so."""
    began = time.monotonic()
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(every)
    return time.monotonic() - began


async def remove(who: Person, message: Message, name: str = "Remove") -> str:
    """Use Remove of its menu; what only they read of it."""
    use = await who.message_command(message, name)
    answer = await use.until(lambda each: each.ephemeral and not each.loading)
    return answer.text


def sql(stage: Stage, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What the bot's SQLite says, read beside it."""
    with closing(sqlite3.connect(stage.data_dir / "onekey.db", timeout=5)) as database:
        return database.execute(query, values).fetchall()


def change(stage: Stage, statement: str, *values: object) -> int:
    """Change rows behind the bot's back, for what takes days otherwise; how many they were."""
    with closing(sqlite3.connect(stage.data_dir / "onekey.db", timeout=5)) as database, database:
        return database.execute(statement, values).rowcount


async def at_rest(stage: Stage, card: Message) -> Message:
    """`card`, once its row says that it is delivered: a moment after it shows its pictures or its clip."""
    newest = "SELECT state FROM generations WHERE message_id = ? ORDER BY id DESC LIMIT 1"
    await eventually(lambda: sql(stage, newest, card.id) == [("delivered",)], within=10)
    return card


async def private_answer(use: Invocation) -> str:
    """What only the person who pressed or typed reads."""
    return said(await use.until(lambda message: message.ephemeral and not message.loading))


async def forged(who: Person, message: Message, name: str) -> Invocation:
    """A press of the message's first button, as if `name` were its custom_id: a lost database, a tampered client."""
    part = message.buttons()[0]
    honest = part["custom_id"]
    part["custom_id"] = name
    try:
        return await who.press(message, custom_id=name)
    finally:
        part["custom_id"] = honest
