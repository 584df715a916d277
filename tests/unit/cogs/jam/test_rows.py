"""Jams, their people, ideas and votes; with connections of two processes' worth where the database has them."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import text

from bot.errors import NotAllowed
from bot.generation import voting
from bot.generation.rows import generations, result_rows, votes
from bot.generation.rows.records import NewResult
from bot.store.schema import jam_ideas, jam_members
from bot.store.schema import jams as jams_table
from bot.store.schema import votes as votes_table
from cogs.jam import cog, round_rows
from cogs.jam import rows as jams
from cogs.jam import states as steps
from cogs.jam.looks import look
from cogs.jam.posted import Opened, RoundCard
from cogs.jam.records import NewJam
from cogs.privacy import rows as privacy
from cogs.privacy.forgetting import forget_rows
from cogs.privacy.stored import all_of
from tests.unit import stored_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from bot.generation.rows.records import Generation
    from bot.store.database import Database
    from cogs.jam.records import Jam
    from tests.unit.ordering import Order

ALICE, BOB = 1, 2
DAY = 86_400.0
MAY_VOTE = partial(cog.Jam.may_vote, cast("cog.Jam", None))
"""What the feature says of a vote: it asks the rows only."""


def new(channel_id: int = 20, person_id: int = ALICE, *, ends_at: float = 5000.0) -> NewJam:
    return NewJam(
        guild_id=9,
        channel_id=channel_id,
        thread_id=None,
        category_id=None,
        application_id=40,
        started_by=person_id,
        locale="en",
        theme="a harbour",
        style="ink",
        paid_by="starter",
        ideas_each=2,
        ends_at=ends_at,
    )


def begin(c: Connection, channel_id: int = 20, person_id: int = ALICE) -> Jam:
    jam = jams.insert_new(c, new(channel_id, person_id), now=1000.0)
    assert jam is not None
    opened = steps.opened(c, jam.id, Opened(channel_id + 1, 2, RoundCard(3)), now=1.0)
    assert opened is not None
    return opened


def make(c: Connection, order: Order, jam: Jam) -> Generation:
    """The round's pictures are there, and people vote."""
    row = order(c, kind="image", count=4, action="round")
    done: dict[str, Any] = {"state": "delivered", "submitted_at": 1.0, "generated_at": 1.0, "ended_at": 1.0}
    generations.change(c, row.id, row.epoch, **done)
    result_rows.put(c, row.id, row.epoch, [NewResult(url=f"https://x.example/{n}") for n in range(4)])
    round_rows.change_round(c, jam.id, jam.round, generation_id=row.id, prompt="a prompt")
    assert jams.move(c, jam.id, jam.step, state="making") is not None
    voting_now = steps.end_making(c, jam.id, now=1000.0)
    assert voting_now is not None
    assert voting_now.state == "voting"
    return row


def over(c: Connection, channel_id: int, person_id: int = ALICE, *, at: float) -> Jam:
    jam = begin(c, channel_id, person_id)
    round_rows.add_idea(c, jam, person_id, "a red dragon", now=1000.0)
    round_rows.set_parts(c, jam.id, 1, {idea.id: "dragon" for idea in round_rows.ideas_of(c, jam.id)})
    round_rows.change_round(c, jam.id, 1, prompt="a harbour with a dragon", detail="said")
    assert steps.wind_up(c, jam.id, now=at) is not None
    ended = steps.finish(c, jam.id, final_message_id=None, now=at)
    assert ended is not None
    return ended


async def test_one_jam_a_channel_whoever_comes_first(databases: list[Database]) -> None:
    tries = [databases[n % 2].run(jams.insert_new, new(person_id=n), now=float(n)) for n in range(1, 17)]
    made = [jam for jam in await asyncio.gather(*tries) if jam is not None]
    assert len(made) == 1
    assert await databases[0].run(jams.in_channel, 20) == made[0]
    members = await databases[1].run(jams.members_of, made[0].id)
    assert [member.person_id for member in members] == [made[0].started_by]
    assert (await databases[1].run(round_rows.get_round, made[0].id, 1)) is not None


async def test_a_step_is_gone_once(databases: list[Database]) -> None:
    jam = await databases[0].run(begin)
    moves = [databases[n % 2].run(jams.move, jam.id, jam.step, state="merging") for n in range(16)]
    assert len([one for one in await asyncio.gather(*moves) if one is not None]) == 1


async def test_joining_leaving_and_coming_back(database: Database) -> None:
    jam = await database.run(begin)
    assert await database.run(jams.join, jam.id, BOB, now=2.0)
    assert not await database.run(jams.join, jam.id, BOB, now=3.0)
    assert await database.run(jams.leave, jam.id, BOB, now=4.0)
    assert not await database.run(jams.leave, jam.id, BOB, now=5.0)
    assert (await database.run(jams.members_of, jam.id))[0].left_at == 4.0
    assert await database.run(jams.join, jam.id, BOB, now=6.0)
    assert [(one.person_id, one.joined_at, one.left_at) for one in await database.run(jams.members_of, jam.id)] == [
        (BOB, 2.0, None),
        (ALICE, 1000.0, None),
    ]


async def test_no_vote_is_lost_when_the_vote_ends_at_the_same_moment(databases: list[Database], order: Order) -> None:
    """Again and again: fifty votes and the end of the vote at once, from two processes' connections."""
    chance = random.Random(6)
    for channel_id in range(20, 26):
        jam = await databases[0].run(begin, channel_id)
        row = await databases[0].run(make, order, jam)

        chosen = {person: chance.randrange(4) for person in range(100, 150)}
        casting = [
            databases[person % 2].run(voting.cast, row.id, person, position, now=2.0, is_open=MAY_VOTE)
            for person, position in chosen.items()
        ]
        ends = [databases[n % 2].run(steps.end_vote, jam.id, now=9e9, draw=max) for n in range(4)]
        half = asyncio.gather(*casting[:25], return_exceptions=True)
        ended = asyncio.gather(*ends)
        rest = asyncio.gather(*casting[25:], return_exceptions=True)
        refusals = [*await half, *await rest]
        assert {str(one) for one in refusals if one is not None} <= {"error.vote_over"}
        assert [one is None for one in await ended].count(False) == 1
        accepted = [choice for choice, refusal in zip(chosen.values(), refusals, strict=True) if refusal is None]
        counted = await databases[1].run(votes.counts, row.id)
        assert sum(counted.values()) == len(accepted)
        for position in range(4):
            assert counted.get(position, 0) == accepted.count(position)
        shown = await databases[1].run(round_rows.get_round, jam.id, 1)
        assert shown is not None
        # The winner is of all that were accepted: none came in after they were counted.
        most = max(counted.values(), default=0)
        best = [position for position in range(4) if counted.get(position, 0) == most]
        assert shown.winner == (max(best) if most else 0)
        assert shown.tied == (len(best) if most and len(best) > 1 else None)


async def test_the_end_waits_for_a_vote_that_is_being_cast(databases: list[Database], order: Order) -> None:
    jam = await databases[0].run(begin)
    row = await databases[0].run(make, order, jam)
    loop, accepted = asyncio.get_running_loop(), asyncio.Event()

    def slow_vote(c: Connection) -> None:
        voting.cast(c, row.id, BOB, 3, now=2.0, is_open=MAY_VOTE)
        loop.call_soon_threadsafe(accepted.set)
        if c.dialect.name == "postgresql":  # SQLite has one writer
            c.execute(text("SELECT pg_sleep(0.3)"))

    vote = asyncio.ensure_future(databases[0].run(slow_vote))
    await accepted.wait()
    ended = await databases[1].run(steps.end_vote, jam.id, now=9e9, draw=max)
    await vote
    assert ended is not None
    assert ended[1].winner == 3


async def test_a_vote_for_an_earlier_round_is_too_late(database: Database, order: Order) -> None:
    jam = await database.run(begin)
    row = await database.run(make, order, jam)
    assert await database.run(round_rows.ballot, row.id, BOB) == (True, False)
    await database.run(steps.end_vote, jam.id, now=2000.0, draw=max)
    assert await database.run(round_rows.ballot, row.id, BOB) == (False, False)
    later = await database.run(jams.get, jam.id)
    assert later is not None
    second = await database.run(make, order, later)
    assert await database.run(round_rows.ballot, second.id, BOB) == (True, False)
    assert await database.run(round_rows.ballot, row.id, BOB) == (False, False)


async def test_who_has_not_voted_yet(database: Database, order: Order) -> None:
    jam = await database.run(begin)
    row = await database.run(make, order, jam)
    await database.run(jams.join, jam.id, BOB, now=2.0)
    await database.run(votes.cast, row.id, 77, 0, now=2.0)  # not in the jam
    assert await database.run(round_rows.yet_to_vote, jam.id, row.id) == 2
    await database.run(votes.cast, row.id, BOB, 0, now=2.0)
    assert await database.run(round_rows.yet_to_vote, jam.id, row.id) == 1
    await database.run(jams.leave, jam.id, ALICE, now=2.0)
    assert await database.run(round_rows.yet_to_vote, jam.id, row.id) == 0


async def test_what_waits_for_people_is_not_looked_at(database: Database, order: Order) -> None:
    waiting = await database.run(begin, 20)
    busy = await database.run(begin, 40)
    await database.run(make, order, busy)

    async def looked_at(now: float, seen_after: float = 0.0) -> list[int]:
        return [jam.id for jam in await database.run(jams.to_look_at, now=now, seen_after=seen_after)]

    assert await looked_at(4999.0) == [busy.id]
    assert await database.run(jams.next_due, away_after=9000.0) == 5000.0
    assert await looked_at(5000.0) == [waiting.id, busy.id]
    # Its host does nothing, or its round's time is up; of the first it is noted.
    assert await database.run(jams.next_due, away_after=180.0) == 181.0
    assert await looked_at(181.0, seen_after=1.0) == [waiting.id, busy.id]
    await database.run(jams.note, waiting.id, away=True)
    assert await looked_at(181.0, seen_after=1.0) == [busy.id]
    await database.run(jams.note, waiting.id, round_due=60.0)
    assert await database.run(jams.next_due, away_after=180.0) == 60.0
    assert await looked_at(60.0) == [waiting.id, busy.id]
    await database.run(jams.note, waiting.id, round_due=None)
    for changed in ({"message_id": None}, {"message_id": 3, "maker_id": ALICE}):
        await database.run(round_rows.change_round, waiting.id, 1, **changed)
        assert await looked_at(181.0) == [waiting.id, busy.id]


async def test_a_vote_is_shortened_never_made_longer(database: Database, order: Order) -> None:
    jam = await database.run(begin)
    await database.run(make, order, jam)
    assert await database.run(steps.shorten_vote, jam.id, until=1005.0)
    assert not await database.run(steps.shorten_vote, jam.id, until=1010.0)
    shown = await database.run(round_rows.get_round, jam.id, 1)
    assert shown is not None
    assert shown.votes_until == 1005.0


async def test_a_persons_part_is_shown_and_deleted(database: Database, order: Order) -> None:
    mine = await database.run(begin, 20, ALICE)
    bobs = await database.run(begin, 40, BOB)
    done = await database.run(over, 60, ALICE, at=1500.0)
    row = await database.run(make, order, bobs)
    for n in range(5):
        await database.run(round_rows.add_idea, mine, ALICE, f"mine {n}", now=2.0)
        await database.run(round_rows.add_idea, mine, BOB, f"his {n}", now=2.0)
    await database.run(jams.join, bobs.id, ALICE, now=2.0)
    for person_id in (ALICE, BOB):
        await database.run(votes.cast, row.id, person_id, 1, now=2.0)
    shown = await all_of(database, ALICE)
    assert [each["jam"] for each in shown["jams"]] == [mine.id, bobs.id, done.id]
    assert [each["said"] for each in shown["ideas"]] == ["a red dragon", *(f"mine {n}" for n in range(5))]
    assert [(each["order"], each["picture"]) for each in shown["votes"]] == [(row.id, 2)]
    await forget_rows(database, ALICE)
    shown = await all_of(database, ALICE)
    assert (shown["jams"], shown["ideas"], shown["votes"]) == ([], [], [])
    left = await database.run(jams.get, mine.id)
    assert left is not None
    # While it is on, it is about something.
    assert (left.started_by, left.theme) == (None, "a harbour")
    left = await database.run(jams.get, done.id)
    assert left is not None
    assert (left.started_by, left.theme, left.style) == (None, "", None)
    # Nobody else's.
    assert len(await database.run(round_rows.ideas_of, mine.id)) == 5
    assert await database.run(votes.counts, row.id) == {1: 1}
    assert [one.person_id for one in await database.run(jams.members_of, bobs.id)] == [BOB]


async def test_old_jams_are_forgotten_by_each_servers_days(database: Database) -> None:
    old = await database.run(over, 20, at=1000.0)
    fresh = await database.run(over, 40, at=1000.0 + 20 * DAY)
    lives = await database.run(begin, 60)
    now = 1000.0 + 31 * DAY
    assert await database.run(privacy.forget_words, jams_table, after=0, upto=99, now=now, days=30) == [old.id]
    assert await database.run(privacy.forget_words, jams_table, after=0, upto=99, now=now, days=30) == []
    jam = await database.run(jams.get, old.id)
    shown = await database.run(round_rows.get_round, old.id, 1)
    assert jam is not None
    assert shown is not None
    assert (jam.theme, jam.style, shown.prompt, shown.detail) == ("", None, None, None)
    assert [(idea.said, idea.part) for idea in await database.run(round_rows.ideas_of, old.id)] == [("", None)]
    await database.run(
        stored_settings.put, scope="server", scope_id=9, guild_id=9, key="prompt_days", value=7, changed_by=1, now=1.0
    )
    assert await database.run(privacy.forget_words, jams_table, after=0, upto=99, now=now, days=30) == [fresh.id]
    assert (await database.run(jams.get, fresh.id)).theme == ""  # pyright: ignore[reportOptionalMemberAccess] - it is there
    assert await database.run(jams.get, lives.id) == lives


def forgetting(person_id: int) -> Iterator[tuple[Callable[..., object], tuple[object, ...], dict[str, object]]]:
    """What deletes a person's part in jams, a transaction each."""
    for column in (jams_table.c.started_by, jams_table.c.ended_by):
        yield privacy.clear_some, (column, person_id), {"limit": 3}
    for table in (jam_ideas, jam_members, votes_table):
        yield privacy.delete_of, (table.c.person_id, person_id), {"now": 2.0, "limit": 3}


async def test_nobody_waits_for_each_other_whatever_people_do_at_once(databases: list[Database], order: Order) -> None:
    """Votes, comings and goings, ends and deletions on the same jams; no transaction is run again for a deadlock."""
    jams_ = [await databases[0].run(begin, 20 + 2 * n, 1 + n) for n in range(4)]
    rows = [await databases[0].run(make, order, jam) for jam in jams_]
    chance = random.Random(60)
    began = Counter[str]()
    vote = partial(voting.cast, is_open=MAY_VOTE)

    def run(database: Database, step: Callable[..., object], *args: object, **facts: object) -> asyncio.Future[object]:
        def counted(connection: Connection) -> object:
            began["again"] += 1
            return step(connection, *args, **facts)

        return asyncio.ensure_future(database.run(counted))

    def act(database: Database) -> asyncio.Future[object]:
        jam, row = chance.choice(list(zip(jams_, rows, strict=True)))
        person_id = chance.randrange(1, 12)
        doings: list[tuple[int, Callable[..., object], tuple[object, ...], dict[str, object]]] = [
            (40, vote, (row.id, person_id, chance.randrange(4)), {"now": 2.0}),
            (10, jams.join, (jam.id, person_id), {"now": 2.0}),
            (5, steps.left, (jam.id, person_id), {"now": 2.0}),
            (3, steps.host_away, (jam.id,), {"now": 900.0}),
            (5, steps.end_vote, (jam.id,), {"now": 900.0, "draw": max}),
            (5, steps.end_making, (jam.id,), {"now": 900.0}),
            (10, steps.shorten_vote, (jam.id,), {"until": chance.uniform(1000.0, 1100.0)}),
            (10, look, (), {"now": 900.0, "opened_before": 0.0}),
            (2, generations.remove, (row.id,), {"by": 1, "now": 2.0}),
            *((2, step, args, facts) for step, args, facts in forgetting(person_id)),
        ]
        _, step, args, facts = chance.choices(doings, [one[0] for one in doings])[0]
        return run(database, step, *args, **facts)

    done = await asyncio.gather(*(act(databases[n % 2]) for n in range(300)), return_exceptions=True)
    assert {type(one) for one in done if isinstance(one, BaseException)} <= {NotAllowed}
    assert began["again"] == 300
