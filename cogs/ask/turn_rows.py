"""Turns: what somebody asked and what was answered, as rows. The id is that of the event that asked."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Integer,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from bot.store import deletions, trees
from bot.store.schema import turn_messages as m
from bot.store.schema import turn_quotes as q
from bot.store.schema import turns as t
from bot.store.upsert import put
from cogs.ask.records import CUT, Branch, Past, Quote, Turn

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection, Select

AGAIN_SECONDS = 86_400.0
"""How long a question that failed may be asked once more."""
MOST_TURNS = 500
"""Of a branch that are read back, however small they are."""


# Made once: with every answer, to make them takes longer than to run them.
_INSERT: Final = insert(t)
_HELD: Final = select(t.c.id).where(t.c.id == bindparam("turn", type_=BigInteger)).with_for_update(read=True)
_KEPT: Final = update(t).where(t.c.id == bindparam("turn", type_=BigInteger), t.c.prompt.is_not(None))


def begin(c: Connection, turn: Turn, quotes: Sequence[Quote] = ()) -> None:
    """Keep what is asked, before it is."""
    c.execute(_INSERT, {name: getattr(turn, name) for name in Turn.__slots__})
    if quotes:
        values = [
            {"turn_id": turn.id, "position": position, "person_id": one.person_id, "name": one.name, "text": one.text}
            for position, one in enumerate(quotes)
        ]
        c.execute(insert(q), values)


def get(c: Connection, id_: int) -> Turn | None:
    """None: it was removed, or was kept long enough."""
    row = c.execute(select(t).where(t.c.id == id_, t.c.prompt.is_not(None))).first()
    return None if row is None else Turn(*row)


def get_failed(c: Connection, id_: int, *, now: float) -> Turn | None:
    """That may be asked once more; None: it was, or may no longer be, or is gone."""
    turn = get(c, id_)
    return None if turn is None or turn.asked_again or turn.asked_at <= now - AGAIN_SECONDS else turn


def of_message(c: Connection, message_id: int) -> Turn | None:
    """The turn that a message shows, or that it asked."""
    here = select(m.c.turn_id).where(m.c.message_id == message_id).scalar_subquery()
    row = c.execute(select(t).where(t.c.id == here, t.c.prompt.is_not(None))).first()
    return get(c, message_id) if row is None else Turn(*row)


def messages_of(c: Connection, id_: int) -> list[int]:
    """The messages that its answer stands in, in their order."""
    return messages_of_all(c, [id_])


def messages_of_all(c: Connection, ids: Collection[int]) -> list[int]:
    return list(c.execute(select(m.c.message_id).where(m.c.turn_id.in_(ids)).order_by(m.c.message_id)).scalars())


def newest(c: Connection, channel_id: int, since: int, *, of: int | None = None) -> int | None:
    """Where the one talk of a place stands: its last turn after the id `since`, of all that is not private. `of`: of
    what this person asked alone.
    """
    here = (t.c.channel_id == channel_id) & (t.c.id > since) & t.c.private.is_(False) & t.c.prompt.is_not(None)
    if of is not None:
        here &= t.c.person_id == of
    return c.execute(select(func.max(t.c.id)).where(here)).scalar()


def stands_in(c: Connection, id_: int, message_id: int) -> None:
    """The turn is shown in this message now, whatever was before. Nothing, where it is gone."""
    if c.execute(_HELD, {"turn": id_}).first() is not None:
        put(c, m, "message_id", {"message_id": message_id, "turn_id": id_}, changed=("turn_id",))


def stands_no_more(c: Connection, message_id: int) -> None:
    c.execute(delete(m).where(m.c.message_id == message_id))


def has_read(c: Connection, id_: int, read: str, files: list[dict[str, Any]]) -> None:
    """What was read of its files, as the model is told; `files`: their descriptions, with which of them are images."""
    before = c.execute(select(t.c.read).where(t.c.id == id_)).scalar()
    values = {"read": read, "files": files, "asked_bytes": t.c.asked_bytes + length(read) - length(before or "")}
    c.execute(update(t).where(t.c.id == id_, t.c.prompt.is_not(None)).values(values))


def grows(c: Connection, id_: int, answer: str) -> None:
    """So much was said so far."""
    c.execute(_KEPT, {"turn": id_, **_answered(answer)})


def end(  # noqa: PLR0917 - the row's columns
    c: Connection, id_: int, answer: str, finish: str, tokens: tuple[int, int] | None, now: float
) -> None:
    """It has ended, with all that was said. `tokens`: of what was asked and of the answer, where the service tells."""
    prompt_tokens, answer_tokens = tokens or (None, None)
    ended = {"finish": finish, "prompt_tokens": prompt_tokens, "answer_tokens": answer_tokens, "ended_at": now}
    c.execute(_KEPT, {"turn": id_, **_answered(answer), **ended})


def take_again(c: Connection, id_: int) -> Turn | None:
    """The turn, to be asked once more; None: it was before, or is gone."""
    free = (t.c.id == id_) & t.c.asked_again.is_(False) & t.c.prompt.is_not(None)
    row = c.execute(update(t).where(free).values(asked_again=True).returning(t)).first()
    return None if row is None else Turn(*row)


def take_on(c: Connection, id_: int) -> Turn | None:
    """The turn whose answer was cut, to go on with it; None: it is gone, or somebody does already."""
    cut = (t.c.id == id_) & t.c.finish.in_(CUT) & (t.c.answer_bytes > 0) & t.c.prompt.is_not(None)
    row = c.execute(update(t).where(cut).values(finish=None).returning(t)).first()
    return None if row is None else Turn(*row)


def broke_off(c: Connection, id_: int, finish: str) -> None:
    """What people see of it has no end, whatever came of it."""
    c.execute(update(t).where(t.c.id == id_).values(finish=finish))


def cut_once_more(c: Connection, id_: int, finish: str) -> None:
    """Nobody goes on with it: it has ended so, after all, or with its process."""
    c.execute(update(t).where(t.c.id == id_, t.c.finish.is_(None)).values(finish=finish))


def answers_beside(c: Connection, first_id: int) -> list[int]:
    """All answers to the same question, oldest first, as far as anything was said."""
    said = (t.c.first_id == first_id) & (t.c.answer_bytes > 0)
    return list(c.execute(select(t.c.id).where(said).order_by(t.c.id)).scalars())


def remove(c: Connection, ids: Collection[int]) -> int:
    """Delete turns; what answered to them goes on without them. How many it were."""
    return trees.take_out(c, t, "parent_id", ids)


def with_beside(c: Connection, message_id: int) -> tuple[Turn | None, list[int]]:
    """The turn that a message asked or shows, and all answers to the same question, its own among them."""
    turn = of_message(c, message_id)
    return turn, [] if turn is None else sorted({turn.id, *answers_beside(c, turn.first_id)})


def remove_shown(c: Connection, message_id: int) -> list[int]:
    """A message is gone: the turn that it asked or showed, with all answers to the same question that stood there.

    Returns the other messages that they stand in.
    """
    turn, ids = with_beside(c, message_id)
    if turn is None:  # as of nearly every message that is deleted anywhere
        return []
    shown = [each for each in messages_of_all(c, ids) if each != message_id]
    remove(c, ids)
    deletions.note(c, message_id=message_id)
    return shown


def remove_here(
    c: Connection, channel_id: int, *, of: int | None = None, guild_id: int | None = None, limit: int
) -> int:
    """Delete some of the turns in a channel, of one person or of all; how many it were.

    `guild_id`: of its server, by which they are found without looking through all turns.
    """
    here = select(t.c.id).where(t.c.channel_id == channel_id)
    if of is not None:
        here = here.where(t.c.person_id == of)
    if guild_id is not None:
        here = here.where(t.c.guild_id == guild_id)
    return remove(c, list(c.execute(here.order_by(t.c.id).limit(limit).with_for_update()).scalars()))


def branch(c: Connection, id_: int, *, person_id: int, own: bool, most_bytes: int) -> Branch:
    """What was said up to the turn `id_`, for a person who goes on from it: the newest whole turns that fit.

    Only of that branch and channel; nothing private that is not theirs, or that stands behind what is not private.
    `own`: nothing of others either. The newest turn is there however large it is.
    """
    asked = {"start": id_, "person": person_id, "own": own, "most_bytes": most_bytes}
    found: list[Any] = sorted(c.execute(_BRANCH, asked).all(), key=itemgetter(-1))
    kept = [row for at, row in enumerate(found) if not at or (row.sum <= most_bytes and at < MOST_TURNS)]
    quotes = _quotes(c, [row.id for row in kept if row.quotes])
    turns = tuple(
        Past(row[0], row[1], row[2], row[3], row[4], row[5], row[6] or "", quotes.get(row[0], ()))
        for row in reversed(kept)
        if row[6] or row[7] not in _UNHEARD
    )
    return Branch(turns, len(kept) < len(found), kept[-1].sum if kept else 0)


def _walk() -> Select[Any]:
    """A turn and those before it, each read once: by a second statement for their texts it takes three times as long.

    It is made once, too, and has no order: SQLite would keep all texts aside to bring them into one.
    """
    start, person = bindparam("start", type_=BigInteger), bindparam("person", type_=BigInteger)
    mine = t.c.person_id == person
    kept = t.c.prompt.is_not(None) & (~bindparam("own", type_=Boolean) | mine)
    told = (t.c.id, t.c.person_id, t.c.name, t.c.prompt, t.c.files, t.c.read, t.c.answer, t.c.finish)
    quotes = exists().where(q.c.turn_id == t.c.id).correlate(t).label("quotes")
    columns = (*told, quotes, t.c.parent_id, t.c.channel_id, t.c.private)
    size = t.c.asked_bytes + t.c.answer_bytes
    newest = select(*columns, size.label("sum"), literal(1, Integer).label("depth"))
    past = newest.where(t.c.id == start, kept, t.c.private.is_(False) | mine).cte("past", recursive=True)
    before = (
        select(*columns, past.c.sum + size, past.c.depth + 1)
        .join(past, t.c.id == past.c.parent_id)
        .where(past.c.sum <= bindparam("most_bytes", type_=BigInteger), past.c.depth <= MOST_TURNS, kept)
        .where(t.c.channel_id == past.c.channel_id, t.c.private.is_(False) | (past.c.private & mine))
    )
    past = past.union_all(before)
    return select(*(past.c[one.name] for one in told), past.c.quotes, past.c.sum, past.c.depth)


_BRANCH: Final = _walk()
_UNHEARD = frozenset({"content_filter"})
"""Without an answer such a turn is no part of what was said: it would be refused once more."""


def _quotes(c: Connection, ids: Collection[int]) -> dict[int, tuple[Quote, ...]]:
    found: dict[int, tuple[Quote, ...]] = {}
    query = select(q).where(q.c.turn_id.in_(ids), q.c.text.is_not(None)).order_by(q.c.turn_id, q.c.position)
    for row in c.execute(query) if ids else ():
        found[row.turn_id] = (*found.get(row.turn_id, ()), Quote(row.text, row.name, row.person_id))
    return found


def quotes_of(c: Connection, id_: int) -> tuple[Quote, ...]:
    """What others wrote that a turn is about."""
    return _quotes(c, [id_]).get(id_, ())


def length(said: str) -> int:
    """In bytes, as a model is told it."""
    return len(said.encode("utf-8", "replace"))


def _answered(answer: str) -> dict[str, Any]:
    return {"answer": answer, "answer_bytes": length(answer)}
