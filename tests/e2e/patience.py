"""Less patience than the bot has elsewhere: what a fault makes it wait for, no test waits for.

How long these waits are is the unit tests' matter; here it is what comes after them.
"""

from __future__ import annotations

from typing import Final

from bot import background
from bot.generation.files import result_files
from bot.generation.work import progress, worker
from bot.store import writes
from cogs.jam import scheduler, states


def _soon(attempt: int, *, ceiling: float) -> float:
    return min(ceiling, 2.0**attempt) / 10


_WAITS: Final = (
    *((module, "backoff", _soon) for module in (writes, result_files, progress, worker)),
    (background, "FIRST_WAIT", 0.5),
    (states, "GRACE_SECONDS", 1.5),
    (scheduler, "LOOK_SECONDS", 0.25),
)


def shorten() -> None:
    """Before the bot begins, in its process."""
    for module, name, value in _WAITS:
        assert hasattr(module, name), f"{module.__name__} waits otherwise now"
        setattr(module, name, value)
