"""Every state of the cards, as sheets to look at, in both languages and both themes.

`uv run python -m tests.pictures --states FOLDER`. Whoever changes a card looks at them.
"""

from __future__ import annotations

import asyncio
import io
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
_BEFORE: Final = (
    state_lines.FIRST,
    state_lines.TALK,
    state_lines.IMAGES,
    state_lines.VIDEOS,
    state_lines.DESK,
    state_lines.JAMS,
)


async def make(folder: Path, *, only: str = "", named: str = "") -> None:
    """Writes `{language}-{theme}-{number}.png`, and says what could not be shown. `named`: how their names begin."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    for language in LANGUAGES:
        if only in {"", language}:
            taken: dict[str, list[Image.Image]] = {theme: [] for theme in THEMES}
            async with studio(language) as made:
                for states in _BEFORE:
                    await _states(made, states, taken, named=named)
                await _states(made, state_lines.GOING_ON, taken, named=named, seconds=_LATER)
                await _states(made, state_lines.CREDITS, taken, named=named)  # which are on from here
                made.stage.api.behaviour.moderations = Plan(shape="every_other")
                await made.stage.restart()
                await _states(made, state_lines.MODERATED, taken, named=named)
            for theme, pictures in taken.items():
                for number, each in enumerate(sheets(pictures), 1):
                    each.save(folder / f"{language}-{theme}-{number:02}.png")


async def _states(
    made: Studio,
    states: Mapping[str, Sequence[str]],
    taken: Mapping[str, list[Image.Image]],
    *,
    named: str,
    seconds: float | None = None,
) -> None:
    for name, lines in states.items():
        if not name.startswith(named):
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
    columns: list[list[Image.Image]] = [[]]
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
