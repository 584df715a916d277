"""The sandbox in the browser: serves the page until it is told to end."""

from __future__ import annotations

import asyncio
import os
import sys
import webbrowser
from typing import TYPE_CHECKING

from sandbox.browser.server import Browser

if TYPE_CHECKING:
    from sandbox.display import Display
    from sandbox.stage import Stage


async def play(stage: Stage, display: Display, *, port: int, real: bool, show: bool) -> int:
    """Serves the page until Ctrl-C. `show`: opens it, where there is a desktop."""
    async with Browser(stage, port=port, real=real) as browser:
        display.say(f"Open {browser.address}")
        display.say("Ctrl-C ends it.")
        if show and _has_desktop():
            await asyncio.to_thread(webbrowser.open, browser.address)
        await asyncio.Event().wait()
    return 0


def _has_desktop() -> bool:
    return sys.platform in {"win32", "darwin"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
