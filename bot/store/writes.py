"""Writes that must not be forgotten: a task id, a result, an end."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from bot.store.database import Database, StoreUnavailable
from bot.store.failures import LeaseLost

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


async def until_committed(
    database: Database, function: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """`database.run`, again and again while the database is locked, full or away.

    Written twice must be as good as once: for writes that set the same values each time.
    """
    attempt = 0
    while True:
        try:
            return await database.run(function, *args, **kwargs)
        except LeaseLost:
            raise
        except StoreUnavailable as error:
            log.error("the database does not take a write, trying again: %s", error)  # noqa: TRY400 - expected
            await asyncio.sleep(backoff(attempt, ceiling=30))
            attempt += 1


def backoff(attempt: int, *, ceiling: float) -> float:
    """Seconds before try `attempt` + 2: 1, 2, 4, … up to `ceiling`, the upper half of each at random."""
    return min(ceiling, 2.0 ** min(attempt, 30)) * random.uniform(0.5, 1.0)
