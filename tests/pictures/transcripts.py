"""The transcripts in docs: played in the sandbox, so that they say what happens.

    ```transcript
    bob in #general> /ask Why is the sky blue?
    …what bob sees of it…
    ```

Blocks of a page are one story: settings, images and people of one are there in the next. A line with `>` is typed as
in the sandbox's terminal; `file:name` is a file that the bot sent before. Below it stands what appeared or changed, as
it was in the end. ```` ```transcript 12 ````: at most 12 lines of each answer, then `…`. What differs each time
(moments, sizes, ids, addresses) is left out of the comparison.
"""

from __future__ import annotations

import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.discord.render import render
from sandbox.onekey import Behaviour, Plan
from sandbox.stage import Stage, staffed_scene
from sandbox.terminal.form_lines import fields
from tests.pictures.player import Player

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sandbox.discord.models import Message

_PATIENCE: Final = 8.0
"""Seconds without a change after which what stands there does not come any more."""
_ANEW: Final = 2.0
_BLOCK: Final = re.compile(r"^```transcript(?: (?P<most>\d+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_TYPED: Final = re.compile(r"(?P<who>\S+)(?: in (?P<where>#.+?|dm))?> (?P<line>.+)")
_COLOUR: Final = re.compile(r"  \(#[0-9a-f]{6}\)$")
_FILE: Final = re.compile(r"(?<=\bfile:)(?=\w)")
_PASSING: Final = re.compile(r"-# (?:Round \d+ · \d+ (?:person|people)|第 \d+ 轮 · \d+ 人) · .+")
"""What is brought up to date some seconds later, whatever is typed by then: how far a jam is, in its channel."""
_FORM_OPENS: Final = {"zh-CN": "打开表单"}
_ADDRESS: Final = re.compile(r"\]\([^)]*\)| → https?://\S+\]")
_LOOSE: Final = (
    (re.compile(r"\d+ (?:seconds?|minutes?|hours?|days?|months?)|\d+ ?(?:秒钟?|分钟|小时|天|个月)"), "<time>"),
    (re.compile(r"· \d+ s ·"), "· <time> ·"),
    (re.compile(r"\d+ (?:bytes|KB|MB)\]"), "<size>]"),
    (re.compile(r"\d{1,2} \w+ \d{4} \d\d:\d\d"), "<moment>"),
    (re.compile(r"\d{15,20}"), "<id>"),
    (re.compile(r"settings\S*\.yml|onekey-\S+\.yaml"), "<file>"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page. `start`, `end`: of its text. `most`: lines of an answer, None: all."""

    start: int
    end: int
    text: str
    most: int | None


def pages(docs: Path) -> list[Path]:
    """The pages that have transcripts."""
    return [page for page in sorted(docs.glob("*.md")) if blocks(page.read_text(encoding="utf-8"))]


def blocks(markdown: str) -> list[Block]:
    """The transcripts of a page, in order."""
    return [
        Block(found.start("text"), found.end("text"), found["text"], int(found["most"]) if found["most"] else None)
        for found in _BLOCK.finditer(markdown)
    ]


def without(markdown: str) -> str:
    """A page without its transcripts."""
    return _BLOCK.sub("", markdown)


def typed(block: str) -> list[str]:
    """The lines of a block that were typed."""
    return [line for line in block.splitlines() if _TYPED.fullmatch(line)]


def loosely(block: str) -> list[str]:
    """A block's lines without what differs each time."""
    lines = [line.rstrip() for line in block.splitlines() if line.strip() and not _PASSING.fullmatch(line.strip())]
    for pattern, word in _LOOSE:
        lines = [pattern.sub(word, line) for line in lines]
    return lines


async def rewrite(page: Path) -> None:
    """Writes into the page what happens today."""
    markdown = page.read_text(encoding="utf-8")
    written, end = "", 0
    async for block, happened in play(blocks(markdown), locale=locale_of(page), anew=True):
        written += markdown[end : block.start] + happened
        end = block.end
    page.write_text(written + markdown[end:], encoding="utf-8")


def locale_of(page: Path) -> str:
    """The Discord language of who is in its transcripts."""
    return "zh-CN" if page.stem.endswith(".zh-CN") else "en-US"


async def play(page: Sequence[Block], *, locale: str, anew: bool = False) -> AsyncIterator[tuple[Block, str]]:
    """Each block with what happened, to people whose Discord is in `locale`.

    What stands there is waited for; `anew`: whatever happens until nothing changes any more.
    """
    behaviour = Behaviour(
        chat=Plan(first_token=0.02, words_per_second=400),
        images=Plan(delay=0.05),
        submit=Plan(queue_seconds=0.1, run_seconds=0.4),
    )
    scene = staffed_scene()
    for person in scene.people.values():
        person.user.locale = locale
    stage = Stage(scene=scene, behaviour=behaviour, poll_seconds=0.2)
    with tempfile.TemporaryDirectory(prefix="onekey-transcripts-") as folder:
        async with stage:
            story = _Story(Player(stage, quiet=_ANEW if anew else _PATIENCE), Path(folder))
            for block in page:
                told = [await story.told(entry, block.most, anew=anew) for entry in _entries(block.text)]
                yield block, "\n".join(told)


def _entries(block: str) -> list[str]:
    """Each typed line with what stands below it."""
    entries: list[str] = []
    for line in block.splitlines():
        if _TYPED.fullmatch(line):
            entries.append(line)
        elif entries:
            entries[-1] += f"\n{line}"
    return entries


class _Story:
    """What was seen so far, so that of a message that changes only what is new is written."""

    def __init__(self, player: Player, folder: Path) -> None:
        self._player = player
        self._folder = folder
        self._before: dict[int, list[str]] = {}

    async def told(self, entry: str, most: int | None, *, anew: bool) -> str:
        """A typed line and what came of it; unless `anew`, no more than what stands below it is waited for."""
        line = entry.partition("\n")[0]
        found = _TYPED.fullmatch(line)
        assert found is not None, line
        await self._player.play(f"as {found['who']}", seconds=0)
        if found["where"]:
            await self._player.play(f"in {found['where']}", seconds=0)
        expected = loosely(entry)
        messages = await self._player.play(
            _FILE.sub(f"{self._folder}/", found["line"]),
            met=None if anew else lambda messages: loosely(self._lines(line, messages, most)) == expected,
        )
        text = self._lines(line, messages, most)
        for message in messages:
            self._before[message.id] = self._drawn(message)
            for file in message.attachments:
                (self._folder / Path(file.filename).name).write_bytes(file.data)
        return text

    def _lines(self, line: str, messages: Sequence[Message], most: int | None) -> str:
        terminal = self._player.terminal
        lines = [line]
        for message in messages:
            seen = self._changed(message)
            if most is not None and len(seen) > most:
                seen = [*seen[:most], "…"]
            if seen and len(lines) > 1:
                lines.append("")
            if message.channel is not terminal.channel and seen:
                lines.append(f"in {'#' + message.channel.name if message.channel.name else 'dm'}:")
            lines += seen
        if terminal.form is not None and terminal.form.modal is not None:
            labels = ", ".join(field.label for field in fields(terminal.form.modal))
            lines.append(f"({_FORM_OPENS.get(terminal.person.user.locale, 'a form opens')}: {labels})")
        return "\n".join(lines) + "\n"

    def _drawn(self, message: Message) -> list[str]:
        world, locale = self._player.stage.world, self._player.terminal.person.user.locale
        drawn = render(message, name_of=world.name_of, now=time.time(), locale=locale)
        return [_COLOUR.sub("", _ADDRESS.sub(_without_address, each)) for each in drawn]

    def _changed(self, message: Message) -> list[str]:
        lines, before = self._drawn(message), self._before.get(message.id, [])
        loose, loose_before = loosely("\n".join(lines)), loosely("\n".join(before))
        if loose == loose_before:
            return []
        same = 0
        while same < min(len(before), len(lines)) and loosely(before[same]) == loosely(lines[same]):
            same += 1
        return lines if same < 3 else ["⋮", *lines[same:]]


def _without_address(found: re.Match[str]) -> str:
    return "](…)" if found[0].startswith("](") else "]"
