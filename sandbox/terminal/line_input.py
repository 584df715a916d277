"""Where the terminal's lines come from: a person with completion, or a pipe or file."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, Completion

from sandbox.discord.choosing import ClientRefusal
from sandbox.discord.invocation import NoAnswer
from sandbox.terminal.command_lines import Unclear, begun

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    from sandbox.discord.models import Json
    from sandbox.terminal.session import Terminal


async def typed(terminal: Terminal) -> AsyncIterator[str]:
    session: PromptSession[str] = PromptSession(completer=Suggestions(terminal), complete_while_typing=True)
    while True:
        try:
            yield await session.prompt_async(f"{terminal.place}> ")
        except (EOFError, KeyboardInterrupt):
            return


async def piped() -> AsyncIterator[str]:
    """Lines of a pipe or a file; the event loop goes on while it waits."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    try:
        # A copy of the descriptor: the transport closes what it was given.
        pipe = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    except ValueError:  # a regular file: it never blocks for long
        for line in await asyncio.to_thread(sys.stdin.readlines):
            yield line.rstrip("\n")
        return
    try:
        while line := await reader.readline():
            yield line.decode(errors="replace").rstrip("\r\n")
    finally:
        transport.close()


class Suggestions(Completer):
    """Commands, their options and choices as registered, and what the bot itself suggests for a value."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Those that need no question to the bot."""
        del complete_event
        terminal, text = self._terminal, document.text_before_cursor
        word = text.rsplit(" ", 1)[-1]
        if " " not in text:
            names = [f"/{command['name']}" for command in terminal.person.commands(terminal.channel)]
            yield from (Completion(name, -len(word)) for name in (*names, *terminal.words) if name.startswith(word))
        elif text.startswith("/") and word.startswith("--"):
            yield from (
                Completion(n, -len(word)) for n in (f"--{o['name']}" for o in self._options(text)) if n.startswith(word)
            )
        elif text.startswith("/") and (below := self._sub_commands(text)):
            yield from (Completion(name, -len(word)) for name in below if name.startswith(word))
        elif text.startswith("in "):
            yield from (Completion(n, -len(word)) for n in (*terminal.places, "dm") if n.startswith(word))
        elif text.startswith("as "):
            yield from (Completion(name, -len(word)) for name in terminal.stage.scene.people)

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        """With those of the bot, for an option that has suggestions."""
        for completion in self.get_completions(document, complete_event):
            yield completion
        text = document.text_before_cursor
        before, _, word = text.rpartition(" ")
        name = before.rsplit(" ", 1)[-1].removeprefix("--")
        if not (text.startswith("/") and before.endswith(f"--{name}")):
            return
        for option in self._options(text):
            if option["name"] != name:
                continue
            for choice in option.get("choices") or await self._asked(before, name, word, autocomplete=option):
                yield Completion(str(choice["value"]), -len(word), display=str(choice["name"]))

    async def _asked(self, before: str, name: str, word: str, *, autocomplete: Json) -> list[Json]:
        """The bot's suggestions; it is told the values that stand before this one."""
        if not autocomplete.get("autocomplete"):
            return []
        terminal = self._terminal
        person, channel = terminal.person, terminal.channel
        try:
            line = begun(before.removesuffix(f"--{name}"), person.commands(channel))
            others = {key: value for key, value in line.options.items() if key != name}
            return await person.autocomplete(channel, line.name, focused=name, value=word, options=others)
        except (ClientRefusal, NoAnswer, TimeoutError, Unclear):
            return []

    def _sub_commands(self, text: str) -> list[str]:
        """The sub-commands that may come next, when the line stands right behind a command or group."""
        options: list[Json] = list(self._terminal.person.commands(self._terminal.channel))
        for word in text[1:].split(" ")[:-1]:
            found = next((o for o in options if o["name"] == word and o["type"] in {1, 2}), None)
            if found is None:
                return []
            options = found.get("options") or []
        return [option["name"] for option in options if option["type"] in {1, 2}]

    def _options(self, text: str) -> list[Json]:
        """The options of the command that is being typed, subcommands followed."""
        words = text[1:].split()
        options: list[Json] = list(self._terminal.person.commands(self._terminal.channel))
        for word in words:
            found = next((o for o in options if o["name"] == word and o["type"] in {1, 2}), None)
            if found is None:
                break
            options = found.get("options") or []
        return [option for option in options if option["type"] not in {1, 2}]
