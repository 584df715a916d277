"""How a row ends, or goes on, because a person wants it: transactions, which fence out whoever works on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from bot.generation.price import forgive_order, settle
from bot.generation.rows import generations, result_rows
from bot.generation.rows.records import Generation, not_shown
from bot.states import LIVE, State


def cancel(
    connection: Connection,
    generation_id: int,
    *,
    from_states: Collection[str],
    by: int,
    **through: Any,  # noqa: ANN401 - columns of the row
) -> Generation | None:
    """End a row that is in one of `from_states`; what was not sent yet gives the day its share back."""
    facts = {"state": State.CANCELLED, "ended_by": by, "ended_at": time.time(), **through}
    ended = generations.end(connection, generation_id, from_states=from_states, **facts)
    if ended is not None:
        # The day before the accounts, as an order takes them: on PostgreSQL they would wait for each other.
        if ended.submitted_at is None:
            ended = forgive_order(connection, ended)
        ended = settle(connection, ended, now=time.time())
    return ended


def fetch_again(
    connection: Connection,
    generation_id: int,
    *,
    from_states: Collection[str],
    also: Sequence[Callable[[Connection, int], None]] = (),
    **through: Any,  # noqa: ANN401 - columns of the row
) -> Generation | None:
    """Let a made row that ended in one of `from_states`, or delivered in part, be fetched and delivered once more.

    `also`: as of `take_away`. None: it goes on already, is whole, or nothing is kept of it. It costs nothing: what was
    made is settled.
    """
    row = generations.get_locked(connection, generation_id)
    results = () if row is None else result_rows.of_generation(connection, row.id)
    if row is None or not results:
        return None
    if not_shown(results):
        from_states = {*from_states, State.DELIVERED}
    again = generations.go_on(connection, row.id, from_states=from_states, state=State.GENERATED, **through)
    if again is not None:
        for waits in also:
            waits(connection, again.id)
    return again


def take_away(
    connection: Connection, generation_id: int, *, by: int, also: Sequence[Callable[[Connection, int], None]] = ()
) -> Generation | None:
    """Take card and results from a row, and return it as it was. None: there is none, or it was removed before.

    `also`: what features note of it in the same transaction.
    """
    row = generations.remove(connection, generation_id, by=by, now=time.time())
    if row is not None:
        for done_with in also:
            done_with(connection, row.id)
    if row is not None and row.state in LIVE:
        if row.submitted_at is None:
            forgive_order(connection, row)
        settle(connection, replace(row, state=State.CANCELLED), now=time.time())
    return row


def unplace(connection: Connection, generation_id: int) -> Generation | None:
    """A removed row as it stands, if a delivery gave it a message once more; it has none from now on."""
    row = generations.get_locked(connection, generation_id)
    if row is None or row.message_id is None:
        return None
    generations.change(connection, row.id, row.epoch, message_id=None)
    return row
