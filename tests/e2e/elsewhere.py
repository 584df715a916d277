"""The bot, as it is on a system that lacks what only Unix has: as Windows, as far as that can be played here.

Its own imports of such modules fail, what `os` and `signal` have there is gone, and the loop takes no signals. The
libraries' imports are their own matter: they know Windows.
"""

from __future__ import annotations

import asyncio
import builtins
import os
import signal
import sys
from typing import Any

MISSING = {"resource", "fcntl", "pwd", "grp", "termios", "tty", "pty", "syslog"}
GONE = {"os": ("nice", "killpg", "setsid", "fork", "statvfs"), "signal": ("SIGHUP", "SIGBUS", "setitimer")}

_whole = builtins.__import__


def _import(name: str, globals: Any = None, *more: Any, **named: Any) -> Any:  # noqa: A002 - its name in Python
    importer = str(globals["__name__"]) if globals else ""
    if name in MISSING and importer.partition(".")[0] in {"bot", "cogs"}:
        raise ModuleNotFoundError(name)
    return _whole(name, globals, *more, **named)


def _takes_no_signals(*_: object) -> None:
    raise NotImplementedError


def leave_out() -> None:
    builtins.__import__ = _import
    for module in (os, signal):
        for name in GONE[module.__name__]:
            delattr(module, name)
    loop: Any = asyncio.SelectorEventLoop
    loop.add_signal_handler = _takes_no_signals


if __name__ == "__main__":
    leave_out()
    from bot.__main__ import main

    sys.exit(main(sys.argv[1:]))
