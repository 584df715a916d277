"""What the owner lets one person order on one day: an order takes of it, and gives back what nothing was spent for."""

from __future__ import annotations

import time

from sqlalchemy import Connection

from bot.environment import Environment, Kind
from bot.errors import DailyLimitReached
from bot.store import daily
from bot.store.generations import Generation
from bot.store.ledger import DAY_SECONDS


def take(connection: Connection, environment: Environment, person_id: int, kind: Kind) -> None:
    """Take one of the person's day. DailyLimitReached: nothing is left of it."""
    limit = environment.daily_limit_per_user[kind]
    day = _today()
    if limit is not None and not daily.take(connection, person_id=person_id, kind=kind, day=day, limit=limit):
        raise DailyLimitReached(kind, limit, (day + 1) * DAY_SECONDS)


def give_back(connection: Connection, row: Generation) -> None:
    """Undo what `row` took from its person's day, on the day it was taken."""
    daily.give_back(
        connection,
        person_id=row.person_id,
        kind="imagine" if row.kind == "image" else "video",
        day=int(row.created_at // DAY_SECONDS),
    )


def give_back_ask(connection: Connection, person_id: int) -> None:
    """Undo what an /ask took, which has no row that would tell the day: it is today's."""
    daily.give_back(connection, person_id=person_id, kind="ask", day=_today())


def _today() -> int:
    return int(time.time() // DAY_SECONDS)
