"""Every state of the cards, as sheets to look at, in both languages and both themes.

`uv run python -m tests.pictures --states FOLDER`. Whoever changes a card looks at them.
"""

from __future__ import annotations

import asyncio
import io
import re
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw

from sandbox.onekey import Plan
from tests.pictures import state_lines
from tests.pictures.studio import LANGUAGES, THEMES, studio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sandbox.discord.models import Message
    from tests.pictures.studio import Studio

COLUMNS: Final = 2
WIDTH: Final = 740
HEIGHT: Final = 2000
"""Of a sheet, where no single picture is higher."""
LABEL: Final = 22
_LATER: Final = 2.0
"""Seconds after which what goes on for longer is seen."""
_BEFORE: Final = {
    "talk": state_lines.TALK,
    "images": state_lines.IMAGES,
    "videos": state_lines.VIDEOS,
    "desk": state_lines.DESK,
    "jams": state_lines.JAMS,
}


async def make(folder: Path, *, only: str = "", named: str = "") -> None:
    """Writes `{language}-{theme}-{group}-{number}.png`, and says what could not be shown. `named`: a pattern of
    how their names begin.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    for language in LANGUAGES:
        if only not in {"", language}:
            continue
        async with studio(language) as made:
            made.stage.api.behaviour.moderations = Plan(shape="document")  # whether there is one is tried but once

            async def take(group: str, states: Mapping[str, Sequence[str]], seconds: float | None = None) -> None:
                taken = await _states(made, states, named=named, seconds=seconds)
                for theme, pictures in taken.items():
                    for number, each in enumerate(sheets(pictures), 1):
                        each.save(folder / f"{made.language}-{theme}-{group}-{number}.png")

            await take("first", state_lines.FIRST)
            await made.play(state_lines.SETTING)
            for group, states in _BEFORE.items():
                await take(group, states)
            made.stage.api.behaviour.moderations = Plan(shape="every_other")
            await take("moderated", state_lines.MODERATED)
            await take("going-on", state_lines.GOING_ON, _LATER)
            await take("credits", state_lines.CREDITS)  # which are on from here


async def _states(
    made: Studio, states: Mapping[str, Sequence[str]], *, named: str, seconds: float | None
) -> dict[str, list[Image.Image]]:
    taken: dict[str, list[Image.Image]] = {theme: [] for theme in THEMES}
    for name, lines in states.items():
        if not re.match(named, name):
            continue
        made.stage.world.text_channel(made.stage.guild, name)
        try:
            await made.play("{me} in #" + name + ": wait 0")
            message = await _played(made, lines, seconds)
            for theme, data in (await made.shots(message, THEMES, scale=1.0)).items():
                taken[theme].append(_labelled(name, data))
        except Exception as error:  # noqa: BLE001 - one that fails must not hide the others
            print(f"{made.language} {name}: {error!r:.300}", flush=True)
        finally:
            made.player.terminal.form = None
    return taken


async def _played(made: Studio, lines: Sequence[str], seconds: float | None) -> Message | None:
    """The message that is to be seen; None: the whole place."""
    message = None
    for line in lines:
        word, _, rest = line.partition(" ")
        match word:
            case "later":
                message = await made.play(rest, seconds=_LATER)
            case "aged":
                message = await made.aged(int(rest))
            case "becomes":
                message = await made.becomes(rest)
            case "row":
                made.write(rest)
            case "newest":
                terminal = made.player.terminal
                message = terminal.person.sees(terminal.channel)[-1]
            case "all":
                message = None
            case _:
                message = await made.play(line, seconds=seconds)
    return message


def _labelled(name: str, png: bytes) -> Image.Image:
    """With its name above it."""
    with Image.open(io.BytesIO(png)) as picture:
        made = Image.new("RGB", (WIDTH, picture.height + LABEL), "#888888")
        made.paste(picture.convert("RGB"), (0, LABEL))
    ImageDraw.Draw(made).text((6, 3), name, fill="#ffffff", font_size=14)
    return made


def sheets(pictures: Sequence[Image.Image]) -> list[Image.Image]:
    """The pictures one below the other, in columns and on sheets of a height that can be looked at."""
    columns: list[list[Image.Image]] = [[]] if pictures else []
    for picture in pictures:
        if columns[-1] and sum(each.height for each in columns[-1]) + picture.height > HEIGHT:
            columns.append([])
        columns[-1].append(picture)
    return [_sheet(columns[first : first + COLUMNS]) for first in range(0, len(columns), COLUMNS)]


def _sheet(columns: Sequence[Sequence[Image.Image]]) -> Image.Image:
    made = Image.new(
        "RGB", (COLUMNS * WIDTH, max(sum(each.height for each in column) for column in columns)), "#888888"
    )
    for at, column in enumerate(columns):
        top = 0
        for picture in column:
            made.paste(picture, (at * WIDTH, top))
            top += picture.height
    return made
