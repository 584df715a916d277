"""One row for each picture order and each video, from the command to its delivery. What came of it: `result_rows`;
lists of rows: `queries`; who of those that wait is next: `admission`.

Who works on a row is told by its `epoch`. `claim`, `end` and `admit` raise it; whoever holds an older one gets None (or
False) from `change` and the like, and stops silently: someone else has the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, ColumnElement, bindparam, case, delete, select, update
from sqlalchemy import insert as insert_into

from bot.generation.rows.records import Generation, NewGeneration
from bot.store.schema import ENDED_STATES, LIVE_STATES, generations, inputs, results, votes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection, Row


def insert(c: Connection, new: NewGeneration, *, now: float) -> Generation:
    """Store an order as `queued`, epoch 0."""
    values = {name: getattr(new, name) for name in NewGeneration.__slots__}
    values |= {"parameters": dict(new.parameters), "state": "queued", "epoch": 0, "created_at": now}
    return Generation(*c.execute(insert_into(generations).values(values).returning(generations)).one())


def get(c: Connection, id: int) -> Generation | None:  # noqa: A002 - the column's name, here and below
    return _one(c.execute(_GET, {"wanted": id}).first())


def get_locked(c: Connection, id: int) -> Generation | None:  # noqa: A002
    """Like `get`; until the transaction ends nobody else changes the row (SQLite has one writer as it is)."""
    return _one(c.execute(_GET_LOCKED, {"wanted": id}).first())


# Made once: they are asked with every press.
_GET: Final = select(generations).where(generations.c.id == bindparam("wanted", type_=BigInteger))
_GET_LOCKED: Final = _GET.with_for_update()


def of_message(c: Connection, *, channel_id: int, message_id: int) -> Generation | None:
    """The row whose card this message is; of one that was ordered again in it, the newest."""
    g = generations.c
    where = (g.channel_id == channel_id) & (g.message_id == message_id)
    return _one(c.execute(select(generations).where(where).order_by(g.id.desc()).limit(1)).first())


def claim(
    c: Connection,
    id: int,  # noqa: A002
    *,
    states: Collection[str],
    epoch: int | None = None,
    process_id: int | None = None,
) -> Generation | None:
    """Take a row that is in one of `states`, whoever had it: from now on only the returned epoch changes it.

    `epoch`: only if it is this one still. `process_id`: of several processes the one that it is taken by.
    """
    where = (generations.c.id == id) & generations.c.state.in_(states)
    if epoch is not None:
        where &= generations.c.epoch == epoch
    return _changed(c, where, {"epoch": generations.c.epoch + 1, "process_id": process_id})


def claim_all(c: Connection, *, states: Collection[str]) -> list[Generation]:
    """Take every row in one of `states`, oldest first: what a new process does with what the last one left."""
    values = {"epoch": generations.c.epoch + 1, "process_id": None}
    taken = update(generations).where(generations.c.state.in_(states)).values(values)
    rows = [Generation(*row) for row in c.execute(taken.returning(generations))]
    return sorted(rows, key=lambda row: row.id)


def change(
    c: Connection,
    id: int,  # noqa: A002
    epoch: int,
    *,
    from_states: Collection[str] | None = None,
    **values: object,
) -> Generation | None:
    """Set columns of a row that one holds. None: someone else has it now (or it is not in `from_states`)."""
    where = (generations.c.id == id) & (generations.c.epoch == epoch)
    if from_states is not None:
        where &= generations.c.state.in_(from_states)
    return _changed(c, where, _known(values))


def end(c: Connection, id: int, *, from_states: Collection[str], **values: object) -> Generation | None:  # noqa: A002
    """End a row from outside, as a button does: its worker is fenced out. `values` need `state` and `ended_at`."""
    where = (generations.c.id == id) & generations.c.state.in_(from_states)
    return _changed(c, where, {**_known(values), "epoch": generations.c.epoch + 1})


def go_on(c: Connection, id: int, *, from_states: Collection[str], **values: object) -> Generation | None:  # noqa: A002
    """Take up a row that ended in one of `from_states` and was not removed, as `values` say; it is in new hands."""
    where = (generations.c.id == id) & generations.c.state.in_(from_states) & generations.c.removed_at.is_(None)
    return _changed(c, where, {**_known(values), "ended_at": None, "epoch": generations.c.epoch + 1})


def remove(c: Connection, id: int, *, by: int, now: float) -> Generation | None:  # noqa: A002
    """Take card and results from a row, whatever its state; a live one ends as cancelled. Whoever works on it is fenced
    out. Returns the row as it was; None: there is none, or it was removed before.
    """
    row = get_locked(c, id)
    if row is None or row.removed_at is not None:
        return None
    values: dict[str, object] = {"removed_by": by, "removed_at": now, "message_id": None}
    values |= {"token": None, "token_expires_at": None}
    if row.state in LIVE_STATES:
        values |= {"state": "cancelled", "ended_at": now, "ended_by": by}
    _changed(c, generations.c.id == id, {**values, "epoch": generations.c.epoch + 1})
    for made in (results, inputs, votes):
        c.execute(delete(made).where(made.c.generation_id == id))
    return row


def discard(c: Connection, id: int) -> bool:  # noqa: A002
    """Delete a queued order that nobody ever saw. False: it is not queued any more."""
    queued = (generations.c.id == id) & (generations.c.state == "queued")
    return c.execute(delete(generations).where(queued)).rowcount == 1


def shown(c: Connection, id: int, *, state: str) -> None:  # noqa: A002
    """Note that the card shows `state`. An ended row needs its interaction's token no more, and forgets it.

    Where nothing else reaches the card it is kept while it is of use: the card may be removed.
    """
    values: dict[str, object] = {"shown_state": state}
    if state in ENDED_STATES:
        for column in (generations.c.token, generations.c.token_expires_at):
            # One that goes on meanwhile, by a press on the card, has the press's.
            of_use = generations.c.token_only | generations.c.state.in_(LIVE_STATES)
            values[column.name] = case((of_use, column), else_=None)
    c.execute(update(generations).where(generations.c.id == id).values(values))


def delivered_after_all(c: Connection, id: int) -> None:  # noqa: A002
    """Note that what could not be delivered was, on its person's wish."""
    dropped = (generations.c.id == id) & (generations.c.state == "dropped")
    c.execute(update(generations).where(dropped).values(state="delivered", shown_state="delivered"))


def store_message(
    c: Connection,
    id: int,  # noqa: A002
    *,
    message_id: int,
    channel_id: int,
    original: bool | None = None,
) -> Generation | None:
    """Note where the message stands, and where it is known whether the token calls it the original one. Not fenced: it
    is true whoever has the row.
    """
    values = {"message_id": message_id, "channel_id": channel_id, "original": original}
    return _changed(c, generations.c.id == id, {name: it for name, it in values.items() if it is not None})


def moved(c: Connection, channel_id: int, category_id: int | None) -> None:
    """A channel is in another category: so is what was ordered there and in its threads."""
    there = (generations.c.channel_id == channel_id) | (generations.c.parent_channel_id == channel_id)
    c.execute(update(generations).where(there).values(category_id=category_id))


def moved_to_dm(c: Connection, id: int, *, message_id: int, channel_id: int) -> Generation | None:  # noqa: A002
    """Note that the message now stands in the person's direct messages, where nothing but it is of the server."""
    values = {"message_id": message_id, "channel_id": channel_id, "guild_id": None, "context": "bot_dm"}
    values |= {"parent_channel_id": None, "category_id": None, "token_only": False, "private": False}
    return _changed(c, generations.c.id == id, values)


def take_message(
    c: Connection,
    id: int,  # noqa: A002
    *,
    message_id: int,
    states: Collection[str],
) -> Generation | None:
    """Take the message away from a row in one of `states`, for the row that follows it. None: it was taken before."""
    g = generations.c
    where = (g.id == id) & (g.message_id == message_id) & g.state.in_(states)
    return _changed(c, where, {"message_id": None})


def take_token(
    c: Connection,
    id: int,  # noqa: A002
    *,
    message_id: int,
    token: str,
    token_expires_at: float,
    original: bool,
) -> Generation | None:
    """From now on the row's message is edited by this token. Not fenced, as its message. None: it has another one."""
    where = (generations.c.id == id) & (generations.c.message_id == message_id)
    return _changed(c, where, {"token": token, "token_expires_at": token_expires_at, "original": original})


def _changed(c: Connection, where: ColumnElement[bool], values: Mapping[str, object]) -> Generation | None:
    return _one(c.execute(update(generations).where(where).values(values).returning(generations)).first())


def _one(row: Row[Any] | None) -> Generation | None:
    return None if row is None else Generation(*row)


def _known(values: Mapping[str, object]) -> Mapping[str, object]:
    unknown = [name for name in values if name not in generations.c or name in {"id", "epoch"}]
    if unknown or not values:
        msg = f"no columns to change: {', '.join(unknown) or 'none given'}"
        raise TypeError(msg)
    return values
