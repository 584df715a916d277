"""Lines typed as in the sandbox's terminal, each when what came of the one before is done."""

from __future__ import annotations

import asyncio
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from sandbox.discord.render import controls, is_being_made
from sandbox.display import Display
from sandbox.terminal.session import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Message
    from sandbox.stage import Stage

QUIET: Final = 0.5
"""Seconds without a change after which a line has had its effect."""
LONGEST: Final = 40.0
_BY_ID: Final = re.compile(
    r"(?:(?P<who>\S+)(?: in (?P<where>#\S+))?: )?(?:press|choose) (?P<id>\S*:\S*)(?: (?P<values>.+))?"
)
"""`carol: press :vote:2`, `choose :key image_model`, `press setup:apply:`: what is pressed, in any language, by how its
custom_id ends, or by what stands in it."""


class NotDone(Exception):
    """The sandbox did not take a line; the text is what it said."""


class Player:
    """`played = await Player(stage).play("bob in #general: /ask …")`: what came of it, oldest first."""

    def __init__(self, stage: Stage, *, quiet: float = QUIET) -> None:
        self.stage = stage
        self.quiet = quiet
        self._display = _Strict(stage)
        self.terminal = Terminal(stage, self._display)

    async def play(
        self, line: str, *, seconds: float | None = None, met: Callable[[list[Message]], bool] | None = None
    ) -> list[Message]:
        """The bot's messages that appeared or changed, as this person sees them, oldest first.

        `seconds`: so long; None: until nothing is being made and nothing has changed for a while. `met`: whether this
        is what is waited for, then no longer.

        Raises:
            NotDone: the line was not understood, or its effect took too long.
        """
        with self.stage.world.observers.subscribe() as changes:
            await self._obey(line)
            self._display.check()
            seen: dict[int, Message] = {}
            loop = asyncio.get_running_loop()
            until = loop.time() + (LONGEST if seconds is None else seconds)
            while (left := until - loop.time()) > 0:
                made = not any(map(is_being_made, seen.values()))
                if made and met is not None and met(_standing(seen)):
                    break
                try:
                    change = await asyncio.wait_for(changes.get(), self.quiet if seconds is None else left)
                except TimeoutError:
                    if seconds is None and made:
                        break
                    continue
                if (message := change.message) is not None and self._mine(message):
                    seen[message.id] = message
            else:
                if seconds is None:
                    raise NotDone(f"{line}: not finished after {LONGEST:g} s")
        return _standing(seen)

    async def _obey(self, line: str) -> None:
        found = _BY_ID.fullmatch(line)
        if found is None:
            await self.terminal.obey(line)
            return
        if found["who"]:
            await self.terminal.obey(f"as {found['who']}")
        if found["where"]:
            await self.terminal.obey(f"in {found['where']}")
        person = self.terminal.person
        for message in reversed(person.sees(self.terminal.channel)):
            for part in controls(message):
                custom_id, wanted = str(part["custom_id"]), found["id"]
                if custom_id.endswith(wanted) or (wanted.endswith(":") and wanted in custom_id):
                    await self._use(message, custom_id, found["values"])
                    return
        raise NotDone(f"{line}: there is nothing to press or choose")

    async def _use(self, message: Message, custom_id: str, values: str | None) -> None:
        person = self.terminal.person
        use: Invocation
        if values is None:
            use = await person.press(message, custom_id=custom_id)
        else:
            use = await person.select(message, *values.split(", "), custom_id=custom_id)
        await use.acknowledged(10.0)
        if use.modal is not None:
            self.terminal.form = use

    def _mine(self, message: Message) -> bool:
        bot = self.stage.world.application.bot
        return message.author is bot and message.visible_to in {None, self.terminal.person.id}


class _Strict(Display):
    """Shows nothing, and keeps what the terminal complains about."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.world, Path("unused"), console=Console(file=io.StringIO()))
        self._complaints: list[str] = []

    def say(self, text: str = "", *, style: str = "") -> None:
        if style in {"yellow", "red"}:
            self._complaints.append(text)

    def check(self) -> None:
        if self._complaints:
            said, self._complaints = "; ".join(self._complaints), []
            raise NotDone(said)


def _standing(seen: Mapping[int, Message]) -> list[Message]:
    return [message for _, message in sorted(seen.items()) if not message.deleted]
