"""`jams` and who is in them. What a state means, and which follows which: `cogs.jam.states`; their rounds, with ideas
and votes: `cogs.jam.round_rows`.

`jams.step` is raised with every change of state. Whoever goes on from what they read names the step they read, and
gets None when somebody else was first. A jam's row is locked before its state is looked at (`get_locked`), after the
row of a picture's order and before the day's counts and the accounts: always in this order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import case, delete, func, select, true, update

from bot.store.schema import jam_members, jam_rounds, jams
from bot.store.upsert import insert_for
from cogs.jam import round_rows
from cogs.jam.records import Jam, Member, NewJam, Round

if TYPE_CHECKING:
    from sqlalchemy import Connection

_WAITING: Final = ("open", "review")
"""States in which it waits for people."""
LIVE: Final = ("opening", "open", "merging", "review", "making", "voting", "closing")


def insert_new(c: Connection, new: NewJam, *, now: float) -> Jam | None:
    """Store a jam as `opening`, with its first round and its starter in it. None: the place has one that lives."""
    values = {name: getattr(new, name) for name in NewJam.__slots__}
    values |= {
        "slot": new.thread_id or new.channel_id,
        "state": "opening",
        "step": 0,
        "round": 1,
        "closing": False,
        "end_due": False,
        "created_at": now,
        "host_id": new.started_by,
        "host_seen_at": now,
        "away": False,
    }
    made = insert_for(c, jams).values(values).on_conflict_do_nothing(index_elements=[jams.c.slot]).returning(jams)
    row = c.execute(made).first()
    if row is None:
        return None
    jam = Jam(*row)
    round_rows.add_round(c, jam.id, 1)
    join(c, jam.id, new.started_by, now=now)
    return jam


def get(c: Connection, jam_id: int) -> Jam | None:
    row = c.execute(select(jams).where(jams.c.id == jam_id)).first()
    return None if row is None else Jam(*row)


def get_locked(c: Connection, jam_id: int) -> Jam | None:
    """Like `get`; until the transaction ends nobody else changes it, and no vote for it comes in."""
    row = c.execute(select(jams).where(jams.c.id == jam_id).with_for_update()).first()
    return None if row is None else Jam(*row)


def in_channel(c: Connection, channel_id: int) -> Jam | None:
    """The jam that lives in a channel, or in this thread: its own, or the one that it was started in."""
    here = (jams.c.slot == channel_id) | ((jams.c.thread_id == channel_id) & jams.c.slot.is_not(None))
    row = c.execute(select(jams).where(here).order_by(jams.c.id)).first()
    return None if row is None else Jam(*row)


def of_message(c: Connection, message_id: int) -> Jam | None:
    """The jam whose word in the channel, or whose end there, this message is."""
    theirs = (jams.c.message_id == message_id) | (jams.c.final_message_id == message_id)
    row = c.execute(select(jams).where(theirs)).first()
    return None if row is None else Jam(*row)


def live_ids(c: Connection) -> list[int]:
    return list(c.execute(select(jams.c.id).where(jams.c.ended_at.is_(None))).scalars())


def places(c: Connection) -> set[int]:
    """The channels and threads where ideas may be written: those of jams that live."""
    live = select(jams.c.channel_id, jams.c.thread_id).where(jams.c.ended_at.is_(None))
    return {place for row in c.execute(live) for place in row if place is not None}


def move(c: Connection, jam_id: int, step: int, **values: object) -> Jam | None:
    """Change a jam that one read at `step`, and raise it. None: somebody changed it since."""
    where = (jams.c.id == jam_id) & (jams.c.step == step)
    row = c.execute(update(jams).where(where).values(step=jams.c.step + 1, **values).returning(jams)).first()
    return None if row is None else Jam(*row)


def moved(c: Connection, channel_id: int, category_id: int | None) -> None:
    """The channel of jams is in another category."""
    c.execute(update(jams).where(jams.c.channel_id == channel_id).values(category_id=category_id))


def note(c: Connection, jam_id: int, **values: object) -> None:
    """Set columns that no step hangs on: where its messages stand."""
    c.execute(update(jams).where(jams.c.id == jam_id).values(values))


def discard(c: Connection, jam_id: int) -> bool:
    """Delete a jam that never opened. False: it did, or it is gone."""
    opening = (jams.c.id == jam_id) & (jams.c.state == "opening")
    return c.execute(delete(jams).where(opening)).rowcount == 1


def members_of(c: Connection, jam_id: int) -> tuple[Member, ...]:
    """In order of joining; those who left, too."""
    m = jam_members.c
    query = select(jam_members).where(m.jam_id == jam_id).order_by(m.joined_at, m.person_id)
    return tuple(Member(*row) for row in c.execute(query))


def join(c: Connection, jam_id: int, person_id: int, *, now: float) -> bool:
    """False: they are in it. Who comes back keeps the place they had."""
    m = jam_members.c
    new = insert_for(c, jam_members).values(jam_id=jam_id, person_id=person_id, joined_at=now)
    back = new.on_conflict_do_update(
        index_elements=[m.jam_id, m.person_id], set_={"left_at": None}, where=m.left_at.is_not(None)
    )
    return c.execute(back).rowcount == 1


def leave(c: Connection, jam_id: int, person_id: int, *, now: float) -> bool:
    """False: they are not in it."""
    m = jam_members.c
    there = (m.jam_id == jam_id) & (m.person_id == person_id) & m.left_at.is_(None)
    return c.execute(update(jam_members).where(there).values(left_at=now)).rowcount == 1


def is_in(c: Connection, jam_id: int, person_id: int | None) -> bool:
    """Whether somebody is in it now."""
    m = jam_members.c
    there = select(m.person_id).where(m.jam_id == jam_id, m.person_id == person_id, m.left_at.is_(None))
    return c.execute(there).first() is not None


def note_host(c: Connection, jam_id: int, person_id: int, *, now: float) -> None:
    """Somebody did something in a jam: its host, if it is them and they are in it, is there."""
    theirs = (jams.c.id == jam_id) & (jams.c.host_id == person_id)
    if is_in(c, jam_id, person_id):
        c.execute(update(jams).where(theirs).values(host_seen_at=now, away=False))


def end_without(c: Connection, generation_id: int) -> None:
    """The pictures of an order were removed: where a jam has ended, its end may show them, so it is due again."""
    theirs = select(jam_rounds.c.jam_id).where(jam_rounds.c.generation_id == generation_id)
    stands = (jams.c.state == "closing") | ((jams.c.state == "over") & jams.c.final_message_id.is_not(None))
    c.execute(update(jams).where(jams.c.id.in_(theirs), stands).values(end_due=True, step=jams.c.step + 1))


def wait_again(c: Connection, generation_id: int) -> None:
    """The pictures of an order are on their way after all: a jam that was back at its review waits for them."""
    r = jam_rounds.c
    back = (jams.c.id == r.jam_id) & (jams.c.round == r.number) & (jams.c.state == "review")
    theirs = list(c.execute(select(r.jam_id).join(jams, back).where(r.generation_id == generation_id)).scalars())
    c.execute(update(jam_rounds).where(r.generation_id == generation_id).values(reason=None, detail=None))
    c.execute(update(jams).where(jams.c.id.in_(theirs)).values(state="making", step=jams.c.step + 1))


def with_round(c: Connection, jam_id: int, number: int | None) -> tuple[Jam, Round] | None:
    """A jam and one of its rounds; `number` None: the one under way. None: there is no such jam or round."""
    jam = get(c, jam_id)
    round_ = None if jam is None else round_rows.get_round(c, jam_id, number or jam.round)
    return None if jam is None or round_ is None else (jam, round_)


def alive(c: Connection, *, ended_since: float) -> list[Jam]:
    """The jams that are not over, or that were over after `ended_since` (Unix seconds), oldest first."""
    query = select(jams).where(jams.c.state.in_(LIVE) | (jams.c.ended_at > ended_since)).order_by(jams.c.id)
    return [Jam(*row) for row in c.execute(query)]


def to_look_at(c: Connection, *, now: float, seen_after: float) -> list[Jam]:
    """The jams that may have something to be done, oldest first: all but those that wait for people in good time.

    `seen_after`: a host who was seen before (Unix seconds) is away.
    """
    # A round without a card: the process is about to post it, or ended before it had. One with a maker is to be
    # ordered.
    unsettled = (
        select(jam_rounds.c.jam_id)
        .where(jam_rounds.c.jam_id == jams.c.id, jam_rounds.c.number == jams.c.round)
        .where(jam_rounds.c.message_id.is_(None) | jam_rounds.c.maker_id.is_not(None))
    )
    in_time = (jams.c.ends_at > now) & (func.coalesce(jams.c.round_due, now + 1) > now)
    with_host = jams.c.away | (jams.c.host_seen_at > seen_after)
    waits = jams.c.state.in_(_WAITING) & ~jams.c.closing & in_time & with_host & ~unsettled.exists()
    query = select(jams).where(jams.c.state.in_(LIVE), ~waits).order_by(jams.c.id)
    return [Jam(*row) for row in c.execute(query)]


def ends_due(c: Connection) -> list[Jam]:
    """The jams that are over, and whose last message is to be brought up to date, oldest first."""
    due = (jams.c.end_due == true()) & (jams.c.state == "over")
    return [Jam(*row) for row in c.execute(select(jams).where(due).order_by(jams.c.id))]


def next_due(c: Connection, *, away_after: float) -> float | None:
    """When the first of those that wait for people goes on by itself: its end, its round's, or its host's being away
    for `away_after` seconds. None: there are none.
    """
    seen = case((~jams.c.away, jams.c.host_seen_at))
    first = select(func.min(jams.c.ends_at), func.min(jams.c.round_due), func.min(seen) + away_after)
    times = c.execute(first.where(jams.c.state.in_(_WAITING))).one()
    return min((at for at in times if at is not None), default=None)
