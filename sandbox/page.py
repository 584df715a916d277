"""The sandbox in the browser: serves the page until it is told to end."""

from __future__ import annotations

import asyncio
import os
import sys
import webbrowser
from typing import TYPE_CHECKING

from sandbox.browser.server import Browser
from sandbox.terminal.session import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.display import Display
    from sandbox.stage import Stage


async def play(
    stage: Stage, display: Display, *, lines: Sequence[str], port: int = 0, real: bool = False, show: bool = True
) -> int:
    """Serves the page until Ctrl-C.

    `lines`: what is typed first, as in the terminal; the address leads to where the last one was typed. `show`: opens
    it, where there is a desktop.
    """
    async with Browser(stage, port=port, real=real) as browser:
        address = await _begun(stage, display, browser, lines) if lines else browser.address
        display.say(f"Open {address}")
        display.say("Press Ctrl-C to stop.")
        if show and _has_desktop():
            await asyncio.to_thread(webbrowser.open, address)
        await asyncio.Event().wait()
    return 0


async def _begun(stage: Stage, display: Display, browser: Browser, lines: Sequence[str]) -> str:
    """Types the lines, each when what came of those before is done. The address of whom and where they lead to."""
    terminal = Terminal(stage, display)
    watching = asyncio.create_task(terminal.watch())
    try:
        for line in lines:
            await asyncio.sleep(0)
            await terminal.wait("")
            display.say(f"{terminal.place}> {line}", style="bold")
            await terminal.obey(line)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    return browser.address_of(terminal.person, terminal.channel, form=terminal.form)


def _has_desktop() -> bool:
    return sys.platform in {"win32", "darwin"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
