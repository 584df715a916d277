"""What the owner lets one person order on one day, and what of it a person is forgiven.

An order takes one of the day, and of the limits that moderators set (`limits`). What is known to have made nothing does
not use them up, and the price of what is lost is
not the person's: each `FORGIVEN_A_DAY` times a day, over all commands and servers, so that nobody has the service asked
without end for nothing. What nobody ever saw is as if never ordered, and is not counted as forgiven either.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection

from bot.environment import Environment
from bot.errors import DailyLimitReached
from bot.kinds import Kind
from bot.orders import daily_rows as daily
from bot.orders import limit_rows
from bot.periods import DAY_SECONDS

FORGIVEN_A_DAY: Final = 5


def take(connection: Connection, environment: Environment, person_id: int, kind: Kind) -> int:
    """Take one of the person's day; return which day it is. DailyLimitReached: nothing is left of it."""
    limit = environment.daily_limit_per_user[kind]
    day = int(time.time() // DAY_SECONDS)
    if limit is not None and not daily.take(connection, person_id=person_id, kind=kind.command, day=day, limit=limit):
        raise DailyLimitReached(kind.command, limit, (day + 1) * DAY_SECONDS)
    return day


def give_back_ask(connection: Connection, person_id: int, day: int, counts: Collection[int]) -> None:
    """Undo what an /ask that nobody ever saw took from its person's day, and of moderators' limits."""
    daily.give_back(connection, person_id=person_id, kind=Kind.ASK.command, day=day)
    limit_rows.give_back(connection, counts)


def forgive_day(  # noqa: PLR0917 - whose, and what they took
    connection: Connection,
    person_id: int,
    kind: Kind,
    day: int,
    counts: Collection[int],
    generation_id: int | None = None,
) -> bool:
    """Give back what was taken on `day`, and of moderators' limits (`counts`), and made nothing.

    False: it counts, the person was forgiven often enough.
    """
    if not counts and not daily.used(connection, person_id=person_id, kind=kind.command, day=day):
        return True  # without a limit nothing was taken
    if not daily.take(connection, person_id=person_id, kind="nothing_made", day=day, limit=FORGIVEN_A_DAY):
        return False
    daily.give_back(connection, person_id=person_id, kind=kind.command, day=day)
    limit_rows.give_back(connection, counts, generation_id=generation_id)
    return True


def forgive_price(connection: Connection, person_id: int, day: int) -> bool:
    """Whether the person need not pay for what was ordered on `day` and is lost; the pools do."""
    return daily.take(connection, person_id=person_id, kind="perhaps_made", day=day, limit=FORGIVEN_A_DAY)
