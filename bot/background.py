"""Background work that outlives what goes wrong in it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any, Final, TypeAlias

log = logging.getLogger(__name__)

Work: TypeAlias = "Callable[[], Coroutine[Any, Any, None]]"

FIRST_WAIT: Final = 5.0
LONGEST_WAIT: Final = 3600.0
"""Seconds before what failed is begun again: twice as long each time."""


class Over(Exception):
    """The process is over: nothing is to be tried again, and nothing to be said of it; who started it is told."""


async def keep_going(work: Work, *, expected: tuple[type[Exception], ...] = ()) -> None:
    """Run `work` until it ends by itself. Where it raises, that is logged and it is begun again.

    `expected`: what needs no trace in the log. With `Over` it ends.
    """
    waits = growing_waits(FIRST_WAIT, LONGEST_WAIT)
    while True:
        began = time.monotonic()
        try:
            await work()
        except Over:
            return
        except Exception as error:
            if time.monotonic() - began > LONGEST_WAIT:
                waits = growing_waits(FIRST_WAIT, LONGEST_WAIT)
            wait = next(waits)
            trace = None if isinstance(error, expected) else error
            said = "background work failed, trying again in %.0f s: %s"
            log.error(said, wait, error, exc_info=trace, extra={"work": _name(work)})  # noqa: TRY400
        else:
            return
        await asyncio.sleep(wait)


def growing_waits(first: float = 1.0, longest: float = 60.0) -> Iterator[float]:
    """Seconds between tries to reach what can't be reached, without end: twice as long each time."""
    while True:
        yield first
        first = min(first * 2, longest)


def _name(work: Work) -> str:
    named = work.func if isinstance(work, partial) else work
    return getattr(named, "__qualname__", repr(named))


async def happens(event: asyncio.Event, *, within: float) -> bool:
    """Wait until `event` is set, for `within` seconds at most. False: it was not."""
    with contextlib.suppress(TimeoutError):
        # Not `wait_for`: on Python 3.11 it can swallow the cancellation that ends the caller's loop.
        async with asyncio.timeout(within):
            return await event.wait()
    return False
