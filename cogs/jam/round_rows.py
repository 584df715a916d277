"""`jam_rounds` of a jam, with their ideas and their votes. Which jam may change: `cogs.jam.rows`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, bindparam, delete, func, insert, select, update

from bot.store.schema import jam_ideas, jam_members, jam_rounds, jams, votes
from cogs.jam.records import Idea, Jam, Round

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement, Connection


def of_reveal(c: Connection, message_id: int) -> Round | None:
    """The round whose winner this message shows."""
    row = c.execute(select(jam_rounds).where(jam_rounds.c.reveal_id == message_id)).first()
    return None if row is None else Round(*row)


def of_card(c: Connection, message_id: int) -> int | None:
    """The jam of a round whose card this message is."""
    return c.execute(select(jam_rounds.c.jam_id).where(jam_rounds.c.message_id == message_id)).scalar()


def rounds_with(c: Connection, generation_ids: Collection[int]) -> list[Round]:
    """The rounds that one of these orders is of."""
    query = select(jam_rounds).where(jam_rounds.c.generation_id.in_(generation_ids))
    return [Round(*row) for row in c.execute(query)]


def rounds_of(c: Connection, jam_id: int) -> tuple[Round, ...]:
    query = select(jam_rounds).where(jam_rounds.c.jam_id == jam_id).order_by(jam_rounds.c.number)
    return tuple(Round(*row) for row in c.execute(query))


def get_round(c: Connection, jam_id: int, number: int) -> Round | None:
    row = c.execute(select(jam_rounds).where(_is_round(jam_id, number))).first()
    return None if row is None else Round(*row)


def unrevealed(c: Connection, jam_id: int) -> Round | None:
    """The first round that was finished and whose winner was not shown yet."""
    r = jam_rounds.c
    query = select(jam_rounds).where(r.jam_id == jam_id, r.winner.is_not(None), r.reveal_id.is_(None))
    row = c.execute(query.order_by(r.number)).first()
    return None if row is None else Round(*row)


def add_round(c: Connection, jam_id: int, number: int) -> None:
    c.execute(insert(jam_rounds).values(jam_id=jam_id, number=number))


def change_round(c: Connection, jam_id: int, number: int, **values: object) -> None:
    c.execute(update(jam_rounds).where(_is_round(jam_id, number)).values(values))


def shorten_vote(c: Connection, jam_id: int, number: int, *, until: float) -> bool:
    """End a round's vote at `until`, if it would go on for longer. False: it ends sooner anyway."""
    longer = _is_round(jam_id, number) & (jam_rounds.c.votes_until > until)
    return c.execute(update(jam_rounds).where(longer).values(votes_until=until)).rowcount == 1


def ideas_of(c: Connection, jam_id: int, number: int | None = None) -> tuple[Idea, ...]:
    """The ideas of a round, or of all, oldest first."""
    query = select(jam_ideas).where(jam_ideas.c.jam_id == jam_id).order_by(jam_ideas.c.round, jam_ideas.c.id)
    if number is not None:
        query = query.where(jam_ideas.c.round == number)
    return tuple(Idea(*row) for row in c.execute(query))


def add_idea(c: Connection, jam: Jam, person_id: int, said: str, *, now: float) -> Idea:
    new = {"jam_id": jam.id, "round": jam.round, "person_id": person_id, "said": said, "created_at": now}
    return Idea(*c.execute(insert(jam_ideas).values(new).returning(jam_ideas)).one())


def change_idea(c: Connection, idea_id: int, said: str) -> None:
    c.execute(update(jam_ideas).where(jam_ideas.c.id == idea_id).values(said=said))


def remove_idea(c: Connection, jam: Jam, idea_id: int) -> bool:
    """An idea of the round under way. False: there is none any more."""
    here = (jam_ideas.c.id == idea_id) & (jam_ideas.c.jam_id == jam.id) & (jam_ideas.c.round == jam.round)
    return c.execute(delete(jam_ideas).where(here)).rowcount == 1


def count_ideas(c: Connection, jam: Jam, person_id: int | None = None) -> int:
    """How many ideas the round under way has, or has of one person."""
    i = jam_ideas.c
    query = select(func.count()).where(i.jam_id == jam.id, i.round == jam.round)
    if person_id is not None:
        query = query.where(i.person_id == person_id)
    return c.execute(query).scalar_one()


def set_parts(c: Connection, jam_id: int, number: int, parts: Mapping[int, str | None]) -> None:
    """Note what stands in the round's prompt for each idea: its id → its words; of those left out, nothing."""
    here = (jam_ideas.c.jam_id == jam_id) & (jam_ideas.c.round == number)
    c.execute(update(jam_ideas).where(here).values(part=None))
    for id_, part in parts.items():
        c.execute(update(jam_ideas).where(here, jam_ideas.c.id == id_).values(part=part))


def ballot(c: Connection, generation_id: int, person_id: int) -> tuple[bool, bool] | None:
    """Whether the vote for this order's pictures is on, from when they are there, and whether the person left the jam.

    None: it is no round's. Until the transaction ends the vote can't end: one that is cast in it is counted. In one
    statement: everybody may vote in the same moment.
    """
    row = c.execute(_BALLOT, {"order": generation_id, "voter": person_id}).first()
    if row is None:
        return None
    return row.state in {"making", "voting"} and row.number == row.round, row.left_at is not None


# Made once, as what is asked with every vote.
_BALLOT: Final = (
    select(jams.c.state, jams.c.round, jam_rounds.c.number, jam_members.c.left_at)
    .join(jam_rounds, jam_rounds.c.jam_id == jams.c.id)
    .outerjoin(
        jam_members,
        (jam_members.c.jam_id == jams.c.id) & (jam_members.c.person_id == bindparam("voter", type_=BigInteger)),
    )
    .where(jam_rounds.c.generation_id == bindparam("order", type_=BigInteger))
    .with_for_update(read=True, of=jams)
)


def votes_in(c: Connection, jam_id: int, generation_id: int) -> Mapping[int, int]:
    """How many votes each position has, without those of people who left the jam."""
    m, v = jam_members.c, votes.c
    left = select(m.person_id).where(m.jam_id == jam_id, m.left_at.is_not(None))
    query = select(v.position, func.count()).where(v.generation_id == generation_id, v.person_id.not_in(left))
    return {position: count for position, count in c.execute(query.group_by(v.position))}  # noqa: C416 - rows


def yet_to_vote(c: Connection, jam_id: int, generation_id: int) -> int:
    """How many of those who are in the jam have not voted for one of these pictures."""
    m, v = jam_members.c, votes.c
    voted = select(v.person_id).where(v.generation_id == generation_id)
    waiting = select(func.count()).where(m.jam_id == jam_id, m.left_at.is_(None), m.person_id.not_in(voted))
    return c.execute(waiting).scalar_one()


def _is_round(jam_id: int, number: int) -> ColumnElement[bool]:
    return (jam_rounds.c.jam_id == jam_id) & (jam_rounds.c.number == number)
