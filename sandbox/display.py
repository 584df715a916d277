"""What a member sees, as text: names instead of ids, messages as lines, files saved to a folder."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from sandbox.discord.models import Message
from sandbox.discord.render import render, system_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox.discord.models import Attachment
    from sandbox.discord.render import Shown
    from sandbox.discord.world import World

_BAR = "┃ "


class Display:
    """Writes to stdout; without a terminal there are no colours and nothing is wrapped.

    `folder`: where pictures, clips and other files of messages are saved, each once.
    """

    def __init__(self, world: World, folder: Path, *, console: Console | None = None) -> None:
        self._world = world
        self._folder = folder
        self._saved: dict[int, Path] = {}
        self._console = console or Console(highlight=False, markup=False, emoji=False, soft_wrap=True)

    def name_of(self, snowflake: int) -> str | None:
        """What stands for an id in a text: "@alice", "#general"; None for an unknown one."""
        return self._world.name_of(snowflake)

    def lines(self, shown: Shown, *, locale: str = "en-US") -> list[str]:
        """A message, or one version of it, as it looks now in a client of this language."""
        if isinstance(shown, Message) and shown.system:
            return [system_line(shown)]
        return render(shown, name_of=self.name_of, now=time.time(), locale=locale)

    def save(self, message: Message) -> list[Path]:
        """Saves the message's files that were not saved yet; the absolute paths of all of them, in order."""
        return [self._file(attachment) for attachment in message.attachments]

    def _file(self, attachment: Attachment) -> Path:
        path = self._saved.get(attachment.id)
        if path is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            # The name comes from the bot: only its plain characters are kept.
            name = re.sub(r"[^\w.-]", "_", attachment.filename).lstrip(".") or "file"
            number = len(self._saved) + 1
            path = self._folder.resolve() / f"{number:02}-{name}"
            while path.exists():
                number += 1
                path = path.with_name(f"{number:02}-{name}")
            path.write_bytes(attachment.data)
            self._saved[attachment.id] = path
        return path

    # writing

    def say(self, text: str = "", *, style: str = "") -> None:
        """One line of the sandbox's own."""
        self._console.print(Text(text, style=style))

    def show(self, lines: Sequence[str], *, indent: str = "  ", heading: str = "") -> None:
        """Lines of a message, written at once: subtext dim, headings bold."""
        block = [Text(heading, style="cyan")] if heading else []
        for line in lines:
            bare = line.removeprefix(_BAR)
            style = "dim" if bare.startswith("-# ") else "bold" if bare.startswith("#") else ""
            block.append(Text(indent + line, style=style))
        if block:
            self._console.print(Text("\n").join(block))


def changed(before: list[str], after: list[str]) -> list[str]:
    """The lines that are new, with one line of dots for those above that stayed the same."""
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    return after if same < 2 else ["⋮", *after[same:]]
