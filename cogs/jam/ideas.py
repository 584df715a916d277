"""Ideas for the round under way: given, changed and withdrawn by their people, removed by moderators. Until Make.

Each is a transaction for a jam that is locked first: of two ideas at once one is the last that is allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.errors import BadValue, NotAllowed
from bot.generation.ordering.orders import Orders
from bot.kinds import Kind
from bot.orders.callers import Caller
from cogs.jam import rights, round_rows
from cogs.jam import rows as jams
from cogs.jam.merge import IDEA_MOST
from cogs.jam.records import Idea, Jam
from cogs.jam.states import JamState
from cogs.jam.words import plain

IDEAS_MOST = 40
"""Of a round, so that each still has room for its words in the prompt."""


@dataclass(frozen=True, slots=True)
class Given:
    """An idea that was added. `joined`: its person was not in the jam before."""

    idea: Idea
    joined: bool


def checked(said: str) -> str:
    """An idea as it is kept. BadValue."""
    said = plain(said)
    if not said:
        raise BadValue("jam.empty_idea")
    if len(said) > IDEA_MOST:
        raise BadValue("jam.idea_long", most=IDEA_MOST)
    return said


def add(connection: Connection, *, orders: Orders, caller: Caller, jam_id: int, said: str, now: float) -> Given:
    """An idea; who gives one is in the jam."""
    jam = _open(connection, caller, jam_id, now=now)
    orders.checked(connection, caller, Kind.IMAGE, said)
    if round_rows.count_ideas(connection, jam, caller.person_id) >= jam.ideas_each:
        raise NotAllowed("jam.ideas_used", most=jam.ideas_each)
    if round_rows.count_ideas(connection, jam) >= IDEAS_MOST:
        raise NotAllowed("jam.round_full", most=IDEAS_MOST)
    joined = jams.join(connection, jam.id, caller.person_id, now=now)
    jams.note_host(connection, jam.id, caller.person_id, now=now)  # one who left is back
    return Given(round_rows.add_idea(connection, jam, caller.person_id, said, now=now), joined)


def replace(
    connection: Connection, *, orders: Orders, caller: Caller, jam_id: int, said: Sequence[str], now: float
) -> None:
    """A person's ideas of the round are these, one a line: what stands no more is withdrawn."""
    jam = _open(connection, caller, jam_id, now=now)
    orders.checked(connection, caller, Kind.IMAGE, "\n".join(said))
    if len(said) > jam.ideas_each:
        raise NotAllowed("jam.ideas_used", most=jam.ideas_each)
    theirs = [one for one in round_rows.ideas_of(connection, jam.id, jam.round) if one.person_id == caller.person_id]
    if round_rows.count_ideas(connection, jam) + len(said) - len(theirs) > IDEAS_MOST:
        raise NotAllowed("jam.round_full", most=IDEAS_MOST)
    for idea, line in zip(theirs, said, strict=False):
        if idea.said != line:
            round_rows.change_idea(connection, idea.id, line)
    for idea in theirs[len(said) :]:
        round_rows.remove_idea(connection, jam, idea.id)
    for line in said[len(theirs) :]:
        round_rows.add_idea(connection, jam, caller.person_id, line, now=now)


def remove(connection: Connection, *, caller: Caller, jam_id: int, idea_id: int, now: float) -> None:
    """One of anybody's, by a moderator."""
    jam = _open(connection, caller, jam_id, now=now)
    if not caller.moderates:
        raise NotAllowed("jam.moderators_only")
    if not round_rows.remove_idea(connection, jam, idea_id):
        raise NotAllowed("jam.idea_gone")


def _open(connection: Connection, caller: Caller, jam_id: int, *, now: float) -> Jam:
    jam = rights.in_state(connection, jam_id, {JamState.OPEN}, otherwise="jam.not_open")
    jams.note_host(connection, jam.id, caller.person_id, now=now)
    return jam
