"""Who is told, by a message that mentions them, that what they ordered is done: `notices`.

It is decided in the transaction that ends the row, so that neither two processes nor a restart tell it twice, and none
forgets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from bot.generation.pauses import place_of
from bot.generation.rows.records import Generation
from bot.orders.policy import stored_values
from bot.settings import SETTINGS
from bot.settings.places import stored_at
from bot.states import KEPT, State
from bot.store import own_choices
from bot.store.schema import notices as n
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from sqlalchemy import Connection

AFTER: Final = {"always": 60.0, "long": 300.0}
"""Seconds that something must have taken, by what its person chose; who chose `never` is not told at all."""
EVERY_SECONDS: Final = 300.0
"""A person is mentioned at most once in this time in a channel."""
STALE_SECONDS: Final = 3600.0
"""What could not be told for so long is no news."""
GIVEN_UP: Final = 0
_TOLD: Final = frozenset({State.DELIVERED, State.FAILED, State.EXPIRED, State.UNKNOWN, State.UNFETCHED})


def put_if_due(c: Connection, before: Generation, ended: Generation | None, *, now: float) -> Generation | None:
    """Note that the person of a row that has just ended is to be told. Returns it as it is. `before`: as it was."""
    if ended is not None and _is_due(c, before, ended, now):
        values = {"generation_id": ended.id, "person_id": ended.person_id, "channel_id": ended.channel_id}
        made = insert_for(c, n).values(**values, due_at=now)
        c.execute(made.on_conflict_do_nothing(index_elements=[n.c.generation_id]))
    return ended


def _is_due(c: Connection, before: Generation, row: Generation, now: float) -> bool:
    if row.state not in _TOLD or row.action == "round" or row.message_id is None or row.removed_at is not None:
        return False
    if before.shown_state in KEPT | {State.DELIVERED}:
        return False  # fetched once more, by somebody who waits for it
    if row.context == "bot_dm" and row.channel_id != before.channel_id:
        return False  # it came as a message of its own
    chosen = own_choices.of(c, row.person_id) or own_choices.OwnChoices()
    if now - row.created_at < AFTER.get(chosen.notify, float("inf")):
        return False
    place = place_of(row)
    here = stored_at(SETTINGS["notify"], place, stored_values(c, place))
    if here is not None and here.value == "never":
        return False
    lately = (n.c.person_id == row.person_id) & (n.c.channel_id == row.channel_id) & (n.c.due_at > now - EVERY_SECONDS)
    return c.execute(select(n.c.generation_id).where(lately).limit(1)).first() is None


def open_of(c: Connection, generation_id: int) -> bool:
    """Whether its person is still to be told."""
    where = (n.c.generation_id == generation_id) & n.c.message_id.is_(None)
    return c.execute(select(n.c.generation_id).where(where)).first() is not None


def still_open(c: Connection, *, since: float) -> list[int]:
    """The ids of the rows whose people are still to be told, oldest first."""
    where = n.c.message_id.is_(None) & (n.c.due_at > since)
    return list(c.execute(select(n.c.generation_id).where(where).order_by(n.c.due_at)).scalars())


def note(c: Connection, generation_id: int, message_id: int) -> bool:
    """It was told by this message, or (GIVEN_UP) can't be. False: that was noted before."""
    where = (n.c.generation_id == generation_id) & n.c.message_id.is_(None)
    return c.execute(update(n).where(where).values(message_id=message_id)).rowcount == 1
