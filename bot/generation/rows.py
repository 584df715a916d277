"""One row for each picture order and each video, from the command to its delivery; `results` are what came of it.

Who works on a row is told by its `epoch`. `claim`, `end` and `admit` raise it; whoever holds an older one gets None (or
False) from `change` and the like, and stops silently: someone else has the row.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, case, delete, func, select, union_all, update
from sqlalchemy import insert as insert_into

from bot.generation.admission import admit, has_queued, position_in_line, positions_in_line
from bot.generation.records import WITHHELD, Generation, NewGeneration, NewResult, Result
from bot.store.schema import ENDED_STATES, LIVE_STATES, generations, inputs, results, votes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, Row

__all__ = [
    "Generation",
    "NewGeneration",
    "NewResult",
    "Result",
    "admit",
    "change",
    "claim",
    "claim_all",
    "delivered_after_all",
    "discard",
    "end",
    "get",
    "get_locked",
    "go_on",
    "has_child",
    "has_queued",
    "ids_in_states",
    "in_states",
    "insert",
    "live_of",
    "made_of",
    "moved_to_dm",
    "not_shown",
    "note_attachments",
    "of_message",
    "of_person",
    "of_place",
    "ordered_between",
    "position_in_line",
    "positions_in_line",
    "put_results",
    "remove",
    "results_of",
    "set_result_file",
    "shown",
    "store_message",
    "take_message",
    "take_token",
    "usual_seconds",
    "with_child",
    "with_results",
    "withhold",
]

USUAL_SAMPLE: Final = 20
"""How many of a model's last finished ones tell the usual time."""
USUAL_LEAST: Final = 3


def insert(c: Connection, new: NewGeneration, *, now: float) -> Generation:
    """Store an order as `queued`, epoch 0."""
    values = {name: getattr(new, name) for name in NewGeneration.__slots__}
    values |= {"parameters": dict(new.parameters), "state": "queued", "epoch": 0, "created_at": now}
    return Generation(*c.execute(insert_into(generations).values(values).returning(generations)).one())


def get(c: Connection, id: int) -> Generation | None:  # noqa: A002 - the column's name, here and below
    return _one(c.execute(select(generations).where(generations.c.id == id)).first())


def get_locked(c: Connection, id: int) -> Generation | None:  # noqa: A002
    """Like `get`; until the transaction ends nobody else changes the row (SQLite has one writer as it is)."""
    return _one(c.execute(select(generations).where(generations.c.id == id).with_for_update()).first())


def ids_in_states(c: Connection, states: Collection[str]) -> list[int]:
    """Like `in_states`, where the ids are enough: ten thousand whole rows take a tenth of a second."""
    return list(c.execute(select(generations.c.id).where(generations.c.state.in_(states))).scalars())


def results_of(c: Connection, id: int) -> tuple[Result, ...]:  # noqa: A002
    query = select(results).where(results.c.generation_id == id).order_by(results.c.position)
    return tuple(Result(*row) for row in c.execute(query))


def with_results(c: Connection, id: int) -> tuple[Generation, tuple[Result, ...]] | None:  # noqa: A002
    generation = get(c, id)
    return None if generation is None else (generation, results_of(c, id))


def in_states(c: Connection, states: Collection[str]) -> list[Generation]:
    """The rows in these states, oldest first."""
    query = select(generations).where(generations.c.state.in_(states)).order_by(generations.c.id)
    return [Generation(*row) for row in c.execute(query)]


def of_person(
    c: Connection, person_id: int, *, since: float | None = None, before_id: int | None = None, limit: int
) -> list[Generation]:
    """A person's rows, newest first; the next page is before the last one's id. `since`: Unix seconds."""
    mine = generations.c.person_id == person_id
    where = mine if since is None else mine & (generations.c.created_at >= since)
    return _page(c, where, before_id=before_id, limit=limit)


def of_place(
    c: Connection,
    guild_id: int,
    channel_id: int | None = None,
    *,
    by: int | None = None,
    since: float | None = None,
    before_id: int | None = None,
    limit: int,
) -> list[Generation]:
    """A server's rows, or those of one channel of it, the private ones too, newest first. `by`: a person's alone;
    `since`: Unix seconds.
    """
    where = generations.c.guild_id == guild_id
    if channel_id is not None:
        where &= generations.c.channel_id == channel_id
    if by is not None:
        where &= generations.c.person_id == by
    if since is not None:
        where &= generations.c.created_at >= since
    return _page(c, where, before_id=before_id, limit=limit)


def of_message(c: Connection, *, channel_id: int, message_id: int) -> Generation | None:
    """The row whose card this message is; of one that was ordered again in it, the newest."""
    g = generations.c
    where = (g.channel_id == channel_id) & (g.message_id == message_id)
    return _one(c.execute(select(generations).where(where).order_by(g.id.desc()).limit(1)).first())


def live_of(c: Connection, person_id: int) -> list[Generation]:
    """A person's rows that have not ended, oldest first."""
    where = (generations.c.person_id == person_id) & generations.c.state.in_(LIVE_STATES)
    return [Generation(*row) for row in c.execute(select(generations).where(where).order_by(generations.c.id))]


def claim(c: Connection, id: int, *, states: Collection[str]) -> Generation | None:  # noqa: A002
    """Take a row that is in one of `states`, whoever had it: from now on only the returned epoch changes it."""
    where = (generations.c.id == id) & generations.c.state.in_(states)
    return _changed(c, where, {"epoch": generations.c.epoch + 1})


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


def removed_since(c: Connection, since: float, *, limit: int) -> list[int]:
    """The ids of what was removed after `since`, the last first."""
    g = generations.c
    query = select(g.id).where(g.removed_at > since).order_by(g.removed_at.desc()).limit(limit)
    return list(c.execute(query).scalars())


def claim_all(c: Connection, *, states: Collection[str]) -> list[Generation]:
    """Take every row in one of `states`, oldest first: what a new process does with what the last one left."""
    taken = update(generations).where(generations.c.state.in_(states)).values(epoch=generations.c.epoch + 1)
    rows = [Generation(*row) for row in c.execute(taken.returning(generations))]
    return sorted(rows, key=lambda row: row.id)


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


def not_shown(c: Connection, *, since: float) -> list[Generation]:
    """Rows that ended after `since` without their card saying so, oldest first.

    Not delivered ones: what made them so was the edit with the files, which an edit without them would take away.
    """
    g = generations.c
    behind = g.shown_state.is_(None) | (g.shown_state != g.state)
    told = g.state.in_(ENDED_STATES) & g.state.not_in(("delivered", "dropped"))
    query = select(generations).where(told, g.ended_at > since, g.message_id.is_not(None), behind)
    return [Generation(*row) for row in c.execute(query.order_by(g.id))]


def delivered_after_all(c: Connection, id: int) -> None:  # noqa: A002
    """Note that what could not be delivered was, on its person's wish."""
    dropped = (generations.c.id == id) & (generations.c.state == "dropped")
    c.execute(update(generations).where(dropped).values(state="delivered", shown_state="delivered"))


def discard(c: Connection, id: int) -> bool:  # noqa: A002
    """Delete a queued order that nobody ever saw. False: it is not queued any more."""
    queued = (generations.c.id == id) & (generations.c.state == "queued")
    return c.execute(delete(generations).where(queued)).rowcount == 1


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


def has_child(c: Connection, id: int) -> bool:  # noqa: A002
    """Whether it was ordered again. An order that was taken back before anything was sent does not count."""
    return bool(with_child(c, [id]))


def with_child(c: Connection, ids: Collection[int]) -> set[int]:
    """Those of `ids` that were ordered again (see `has_child`)."""
    g = generations.c
    ordered = (g.state != "cancelled") | g.submitted_at.is_not(None)
    found = c.execute(select(g.parent_id).where(g.parent_id.in_(ids), ordered)).scalars()
    return {id_ for id_ in found if id_ is not None}


def made_of(
    c: Connection,
    source_id: int,
    position: int,
    *,
    action: str,
    guild_id: int | None,
    channel_id: int,
    passed: Collection[int] = (),
) -> Generation | None:
    """What was made so of a picture, and stands or is on its way, for others to see too; the first one.

    In the server, or where there is none in the channel: elsewhere nobody here could see it. `passed`: not these.
    """
    g = generations.c
    where = (g.source_id == source_id) & (g.source_position == position) & (g.action == action) & ~g.private
    where &= g.channel_id == channel_id if guild_id is None else g.guild_id == guild_id
    where &= g.id.not_in(passed)
    there = g.state.in_((*LIVE_STATES, "delivered")) & g.removed_at.is_(None)
    return _one(c.execute(select(generations).where(where, there).order_by(g.id).limit(1)).first())


def ordered_between(
    c: Connection,
    between: tuple[float, float],
    *,
    person_id: int,
    channel_id: int,
    parent_id: int | None,
    action: str,
    prompt: str,
    source_position: int | None,
) -> list[Generation]:
    """What a person ordered just so in that time (Unix seconds), the newest first; without what was removed."""
    g = generations.c
    where = (
        (g.person_id == person_id)
        & (g.channel_id == channel_id)
        & (g.action == action)
        & (g.prompt == prompt)
        & g.removed_at.is_(None)
    )
    where &= g.parent_id.is_not_distinct_from(parent_id) & g.source_position.is_not_distinct_from(source_position)
    where &= g.created_at.between(*between)
    query = select(generations).where(where).order_by(g.id.desc()).limit(5)
    return [Generation(*row) for row in c.execute(query)]


def store_message(c: Connection, id: int, *, message_id: int, channel_id: int) -> Generation | None:  # noqa: A002
    """Note where the message stands. Not fenced: it is true whoever has the row."""
    return _changed(c, generations.c.id == id, {"message_id": message_id, "channel_id": channel_id})


def take_token(
    c: Connection,
    id: int,  # noqa: A002
    *,
    message_id: int,
    token: str,
    token_expires_at: float,
) -> Generation | None:
    """From now on the row's message is edited by this token. Not fenced, as its message. None: it has another one."""
    where = (generations.c.id == id) & (generations.c.message_id == message_id)
    return _changed(c, where, {"token": token, "token_expires_at": token_expires_at})


def moved_to_dm(c: Connection, id: int, *, message_id: int, channel_id: int) -> Generation | None:  # noqa: A002
    """Note that the message now stands in the person's direct messages, where nothing but it is of the server."""
    values = {"message_id": message_id, "channel_id": channel_id, "guild_id": None, "context": "bot_dm"}
    values |= {"parent_channel_id": None, "category_id": None, "token_only": False, "private": False}
    return _changed(c, generations.c.id == id, values)


def put_results(c: Connection, id: int, epoch: int, new: Sequence[NewResult]) -> bool:  # noqa: A002
    """Replace the results of a row that one holds. False: someone else has it now."""
    if not _held(c, id, epoch):
        return False
    c.execute(delete(results).where(results.c.generation_id == id))
    if new:
        c.execute(
            insert_into(results),
            [
                {"generation_id": id, "position": position}
                | {name: getattr(result, name) for name in NewResult.__slots__}
                for position, result in enumerate(new)
            ],
        )
    return True


def set_result_file(  # noqa: PLR0917 - what the file is, in the columns' order
    c: Connection,
    id: int,  # noqa: A002
    epoch: int,
    position: int,
    path: str | None,
    content_type: str | None,
    size: int | None,
    *,
    url: str | None,
) -> bool:
    """Note a result's file, and where it is from, in a row that one holds. False: someone else has it, or no result."""
    if not _held(c, id, epoch):
        return False
    where = (results.c.generation_id == id) & (results.c.position == position)
    return (
        c.execute(
            update(results).where(where).values(path=path, content_type=content_type, size=size, url=url)
        ).rowcount
        == 1
    )


def note_attachments(c: Connection, id: int, attached: Sequence[tuple[int, str | None, int | None]]) -> None:  # noqa: A002
    """Note what the card shows: (position, the file's name there, its form). Not fenced: it is shown.

    Without a name only a link stands there; without a form, nothing.
    """
    for position, name, form in attached:
        where = (results.c.generation_id == id) & (results.c.position == position)
        c.execute(update(results).where(where).values(attachment=name, form=form))


def withhold(c: Connection, id: int, epoch: int, positions: Collection[int]) -> bool:  # noqa: A002
    """Forget where these results of a row that one holds are. False: someone else has it now."""
    if not _held(c, id, epoch):
        return False
    where = (results.c.generation_id == id) & results.c.position.in_(positions)
    gone = {"url": None, "path": func.coalesce(results.c.path, ""), "attachment": None, "form": WITHHELD}
    c.execute(update(results).where(where).values(gone))
    return True


def usual_seconds(c: Connection, *, kind: str, model: str) -> float | None:
    """Seconds from submit to result that this model usually takes: the median of its last ones. None: too few yet."""
    query = (
        select(generations.c.generated_at - generations.c.submitted_at)
        .where(generations.c.kind == kind, generations.c.model == model, generations.c.generated_at.is_not(None))
        .order_by(generations.c.generated_at.desc())
        .limit(USUAL_SAMPLE)
    )
    seconds = [value for value in c.execute(query).scalars() if value is not None]
    return max(0.0, median(seconds)) if len(seconds) >= USUAL_LEAST else None


def _held(c: Connection, id: int, epoch: int) -> bool:  # noqa: A002
    # The lock keeps the row from being claimed between this look and the write. (SQLite has one writer as it is.)
    where = (generations.c.id == id) & (generations.c.epoch == epoch)
    return c.execute(select(generations.c.id).where(where).with_for_update()).first() is not None


def _page(c: Connection, whose: ColumnElement[bool], *, before_id: int | None, limit: int) -> list[Generation]:
    query = select(generations).where(whose).order_by(generations.c.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(generations.c.id < before_id)
    return [Generation(*row) for row in c.execute(query)]


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


def of_ids(c: Connection, ids: Collection[int]) -> dict[int, Generation]:
    found = c.execute(select(generations).where(generations.c.id.in_(ids)))
    return {row.id: row for row in (Generation(*each) for each in found)}


def made_from(c: Connection, ids: Collection[int], *, limit: int) -> list[Generation]:
    """What was ordered of the pictures of these, or after them, oldest first: the failed ones too."""
    of_pictures = select(generations).where(generations.c.source_id.in_(ids))
    after = select(generations).where(generations.c.parent_id.in_(ids), generations.c.source_id.is_(None))
    both = union_all(of_pictures, after).subquery()
    return [Generation(*row) for row in c.execute(select(both).order_by(both.c.id).limit(limit))]
