"""Jams that were under way before a jam had a host, and a round a clock, go on, whatever state they were in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import MetaData, insert

from bot.store.address import parse
from bot.store.opening import open_database
from bot.store.stores import as_it_is
from cogs.jam import round_rows
from cogs.jam.cards import round_card
from cogs.jam.facts import read_facts
from cogs.jam.looks import Due, look
from tests.unit.ordering import environment_of
from tests.upgrade.test_upgrade import upgraded

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

BEFORE = "0019"
STATES = ("opening", "open", "merging", "review", "making", "voting", "closing", "over")
DUE = {
    "opening": Due.FIND,
    "open": None,
    "merging": Due.MERGE,
    "review": None,
    "making": Due.END_MAKING,
    "voting": Due.END_MAKING,
    "closing": Due.POST_FINAL,
}
"""What is due with each: of the two whose order is not there, its pictures are."""


def fill(c: Connection) -> None:
    """A jam in each state, in its second round: the first was finished."""
    known = MetaData()
    known.reflect(c, only=["jams", "jam_rounds", "jam_members", "jam_ideas"])
    now = time.time()
    for id_, state in enumerate(STATES, start=1):
        jam: dict[str, Any] = {"id": id_, "guild_id": 9, "channel_id": id_, "thread_id": 100 + id_, "message_id": id_}
        jam |= {"slot": None if state == "over" else id_, "application_id": 1, "started_by": 5, "locale": "en"}
        jam |= {"theme": "a harbour", "state": state, "step": 3, "round": 2, "paid_by": "starter", "ideas_each": 2}
        jam |= {"created_at": now - 600, "ends_at": now + 600, "ended_at": now if state == "over" else None}
        c.execute(insert(known.tables["jams"]).values(jam))
        c.execute(insert(known.tables["jam_members"]).values(jam_id=id_, person_id=5, joined_at=now - 600))
        first = {"jam_id": id_, "number": 1, "message_id": 10 * id_, "winner": 2, "votes_until": now - 300}
        second = {"jam_id": id_, "number": 2, "message_id": 10 * id_ + 1}
        if state in {"review", "making", "voting"}:
            second |= {"prompt": "a harbour with a dragon", "votes_until": now + 60 if state == "voting" else None}
        for one in (first, second):
            c.execute(insert(known.tables["jam_rounds"]).values(one))
        idea = {"jam_id": id_, "round": 2, "person_id": 5, "said": "a dragon", "created_at": now}
        c.execute(insert(known.tables["jam_ideas"]).values(idea))


@pytest.mark.usefixtures("forked_migration")
async def test_jams_of_every_state_go_on(empty_database_url: str, tmp_path: Path):
    environment = environment_of(tmp_path)
    await upgraded(empty_database_url, BEFORE)
    async with as_it_is(parse(empty_database_url)) as old:
        await old.run(fill)
    async with open_database(empty_database_url) as database:
        now = time.time()
        found, next_due = await database.run(look, now=now, opened_before=now)
        due = {one.jam.state: one.due for one in found}
        assert due == {state: what for state, what in DUE.items() if what is not None}
        assert next_due == pytest.approx(now + 180, abs=60), "of its host it is not known that they are away"
        for id_, state in enumerate(STATES, start=1):
            facts = await database.run(read_facts, id_, environment)
            assert facts is not None
            assert (facts.jam.host_id, facts.jam.away, facts.jam.round_due) == (5, False, None)
            assert facts.round.maker_id is None, "its prompt is looked at, as it was to be"
            assert facts.rounds[0].reveal_id == 0, "who won was told"
            assert facts.round.called_id == (0 if state == "voting" else None)
            assert round_card(facts, now=now).to_components()
            assert await database.run(round_rows.unrevealed, id_) is None
