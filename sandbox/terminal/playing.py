"""The terminal as it is run: its lines, one after the other, until `quit` or their end."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from prompt_toolkit.patch_stdout import patch_stdout

from sandbox.terminal.line_input import piped, typed
from sandbox.terminal.session import Terminal

if TYPE_CHECKING:
    from sandbox.display import Display
    from sandbox.stage import Stage


async def play(stage: Stage, display: Display) -> int:
    """Reads lines until `quit` or the end of the input; a pipe or a file is read like a person's typing."""
    terminal = Terminal(stage, display)
    async with AsyncExitStack() as stack:
        interactive = sys.stdin.isatty() and sys.stdout.isatty()
        if interactive:
            stack.enter_context(patch_stdout(raw=True))
        watcher = asyncio.create_task(terminal.watch())
        stack.push_async_callback(asyncio.gather, watcher, return_exceptions=True)
        stack.callback(watcher.cancel)
        await asyncio.sleep(0)
        display.say("Type a command, `help`, or `quit`.")
        async for line in typed(terminal) if interactive else piped():
            if not interactive:
                display.say(f"{terminal.place}> {line}", style="bold")
            if not await terminal.obey(line):
                break
        else:
            await terminal.wait("")
    return 0
