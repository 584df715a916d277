"""Limits that moderators set: who is counted where, which one refuses, and what is given back."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import DailyLimitReached, PlaceLimitReached
from bot.generation.endings import cancel
from bot.generation.ordering.orders import Orders
from bot.generation.price import forgive_order, settle
from bot.generation.rows import generations
from bot.orders import limit_rows, limits
from bot.orders.daily_limits import FORGIVEN_A_DAY
from bot.orders.limit_rows import EVERYBODY, Key
from bot.orders.policy import read_rules
from bot.periods import DAY_SECONDS
from bot.settings import Origin, Place
from bot.states import CANCELLABLE, State
from tests.unit import stored_settings
from tests.unit.ordering import ALICE, BOB, CHANNEL, GUILD, AnyModel, a_video, caller, environment_of, question_of

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from bot.environment import Environment
    from bot.generation.rows.records import Generation
    from bot.orders.callers import Caller
    from bot.orders.question import Question
    from bot.settings.limits_left import Left
    from bot.store.database import Database

CATEGORY, THREAD, OTHER, ARTISTS = 15, 30, 21, 7
HERE = Place(channel_id=CHANNEL, category_id=CATEGORY, guild_id=GUILD)
IN_THREAD = Place(channel_id=CHANNEL, thread_id=THREAD, category_id=CATEGORY, guild_id=GUILD)
NEXT_DOOR = Place(channel_id=OTHER, category_id=CATEGORY, guild_id=GUILD)


async def allow(database: Database, scope: str, scope_id: int, *entries: str) -> None:
    """Set limits for a scope; none: no more."""
    await database.run(
        stored_settings.put,
        scope=scope,
        scope_id=scope_id,
        key="limits",
        value=list(entries) or None,
        changed_by=1,
        now=1.0,
        guild_id=GUILD,
    )


async def painted(orders: Orders, who: Caller | None = None) -> Generation:
    return await orders.image(who or caller(place=HERE), prompt="a fox", count=1, size=None, model=None)


async def asked(orders: Orders, who: Caller | None = None) -> Question:
    return await question_of(orders, who or caller(place=HERE), "why")


async def refused(orders: Orders, who: Caller | None = None) -> tuple[str, int, int, bool]:
    """The scope, its id, the limit that refuses, and whether it is everybody's."""
    with pytest.raises(PlaceLimitReached) as error:
        await painted(orders, who)
    one = error.value
    return one.scope, one.id, one.limit, one.total


async def used(database: Database, scope: str, scope_id: int, person_id: int, kind: str = "imagine") -> int:
    ends = (time.time() // DAY_SECONDS + 1) * DAY_SECONDS
    key = Key(scope, scope_id, person_id, kind, "day", ends)
    return (await database.run(limit_rows.used, [key])).get(key, 0)


async def left(database: Database, environment: Environment, who: Caller) -> list[Left]:
    def read(c: Connection) -> list[Left]:
        rules = read_rules(c, who.place, environment)
        return limits.left_of(c, rules, who.place, who.person_id, who.roles, time.time())

    return await database.run(read)


def fail(connection: Connection, row: Generation) -> Generation:
    """The service refused it."""
    facts: dict[str, Any] = {"state": State.FAILED, "reason": "invalid", "submitted_at": 1.0, "ended_at": 2.0}
    ended = generations.change(connection, row.id, row.epoch, **facts)
    assert ended is not None
    return settle(connection, forgive_order(connection, ended), now=time.time())


async def test_each_scope_counts_and_names_itself(database: Database, orders: Orders) -> None:
    await allow(database, "server", GUILD, "imagine=4/day", "total imagine=9/day")
    await allow(database, "channel", CHANNEL, "imagine=2/day")
    await painted(orders)
    # A thread's orders are its channel's.
    await painted(orders, caller(place=IN_THREAD))
    assert await refused(orders, caller(place=IN_THREAD)) == (Origin.CHANNEL, CHANNEL, 2, False)
    assert await refused(orders) == (Origin.CHANNEL, CHANNEL, 2, False)
    await painted(orders, caller(place=NEXT_DOOR))
    await painted(orders, caller(place=NEXT_DOOR))
    assert await refused(orders, caller(place=NEXT_DOOR)) == (Origin.SERVER, GUILD, 4, False)
    # Another kind, and another person, have their own.
    await a_video(orders, caller(place=HERE), prompt="a fox", resolution=None, model=None)
    await painted(orders, caller(BOB, place=HERE))


async def test_everybody_together(database: Database, orders: Orders) -> None:
    await allow(database, "category", CATEGORY, "total imagine=3/day")
    await painted(orders)
    await painted(orders, caller(BOB, place=IN_THREAD))
    await painted(orders, caller(3, place=NEXT_DOOR))
    assert await refused(orders, caller(4, place=HERE)) == (Origin.CATEGORY, CATEGORY, 3, True)
    await painted(orders, caller(4, place=Place(channel_id=99, guild_id=GUILD)))


async def test_what_was_refused_is_not_counted(database: Database, orders: Orders) -> None:
    await allow(database, "server", GUILD, "imagine=9/day")
    await allow(database, "channel", CHANNEL, "imagine=1/day")
    await painted(orders)
    for _ in range(3):
        await refused(orders)
    assert await used(database, "server", GUILD, ALICE) == 1
    assert await used(database, "channel", CHANNEL, ALICE) == 1


async def test_roles_and_what_they_leave_behind(database: Database, orders: Orders) -> None:
    """What somebody made as an artist stays counted when they are none any more."""
    await allow(database, "server", GUILD, "imagine=2/day", f"{ARTISTS} imagine=unlimited/day", "total imagine=99/day")
    artist = caller(place=HERE, roles=frozenset({ARTISTS}))
    for _ in range(5):
        await painted(orders, artist)
    assert await refused(orders) == (Origin.SERVER, GUILD, 2, False)
    await painted(orders, artist)
    assert await used(database, "server", GUILD, ALICE) == await used(database, "server", GUILD, EVERYBODY) == 6


async def test_a_limit_of_nothing(database: Database, orders: Orders) -> None:
    await allow(database, "server", GUILD, "imagine=0/day", f"{ARTISTS} imagine=1/day")
    assert await refused(orders) == (Origin.SERVER, GUILD, 0, False)
    artist = caller(place=HERE, roles=frozenset({ARTISTS}))
    await painted(orders, artist)
    assert await refused(orders, artist) == (Origin.SERVER, GUILD, 1, False)


async def test_the_one_that_lasts_longest_is_named(database: Database, orders: Orders) -> None:
    await allow(database, "server", GUILD, "imagine=1/month")
    await allow(database, "channel", CHANNEL, "imagine=1/hour", "imagine=1/day")
    await painted(orders)
    assert await refused(orders) == (Origin.SERVER, GUILD, 1, False)


async def test_moving_a_channel_away_and_back_gives_nothing_anew(database: Database, orders: Orders) -> None:
    await allow(database, "category", CATEGORY, "imagine=2/day")
    await painted(orders)
    await painted(orders, caller(place=Place(channel_id=CHANNEL, category_id=16, guild_id=GUILD)))
    await painted(orders)
    assert await refused(orders) == (Origin.CATEGORY, CATEGORY, 2, False)


async def test_a_limit_that_is_cleared_and_set_again_goes_on(database: Database, orders: Orders) -> None:
    await allow(database, "channel", CHANNEL, "imagine=1/day")
    await painted(orders)
    await allow(database, "channel", CHANNEL)
    await painted(orders)
    await allow(database, "channel", CHANNEL, "imagine=1/day")
    assert await refused(orders) == (Origin.CHANNEL, CHANNEL, 1, False)


async def test_the_owners_limit_stays_above(database: Database, tmp_path: Path) -> None:
    environment = environment_of(tmp_path, DAILY_LIMIT_PER_USER="imagine=1")
    strict = Orders(database, AnyModel(), environment)
    await allow(database, "server", GUILD, "imagine=5/day")
    await painted(strict)
    with pytest.raises(DailyLimitReached):
        await painted(strict)


async def test_twenty_at_once_never_pass_a_limit(databases: list[Database], environment: Environment) -> None:
    doors = [Orders(database, AnyModel(), environment) for database in databases]
    await allow(databases[0], "server", GUILD, "imagine=7/day", "total imagine=11/day", "ask=5/hour", "ask=6/day")
    await allow(databases[0], "channel", CHANNEL, "total imagine=10/day")
    people = [caller(person, place=IN_THREAD if n % 3 else HERE) for n in range(10) for person in (ALICE, BOB)]
    images = [painted(doors[n % 2], who) for n, who in enumerate(people)]
    asks = [asked(doors[n % 2], who) for n, who in enumerate(people)]
    done = await asyncio.gather(*images, *asks, return_exceptions=True)
    assert {type(one) for one in done if isinstance(one, BaseException)} == {PlaceLimitReached}
    made = [one for one in done if not isinstance(one, BaseException)]
    assert len(made) == 10 + 2 * 5
    database = databases[1]
    alice, bob = [await used(database, "server", GUILD, person) for person in (ALICE, BOB)]
    assert alice + bob == await used(database, "server", GUILD, EVERYBODY) == 10
    assert max(alice, bob) <= 7


async def test_known_to_have_made_nothing_it_is_given_back_five_times(database: Database, orders: Orders) -> None:
    await allow(database, "server", GUILD, "imagine=2/day", "total imagine=9/day", "ask=2/day")
    for _ in range(3):
        assert not (await database.run(fail, await painted(orders))).unforgiven
    ended = await database.run(cancel, (await painted(orders)).id, from_states=CANCELLABLE, by=ALICE)
    assert ended is not None
    assert not ended.unforgiven
    assert await orders.questions.settle(await asked(orders), nothing_made=True)
    assert FORGIVEN_A_DAY == 5
    assert [await used(database, "server", GUILD, who) for who in (ALICE, EVERYBODY)] == [0, 0]

    assert (await database.run(fail, await painted(orders))).unforgiven
    assert not await orders.questions.settle(await asked(orders), nothing_made=True)
    assert [await used(database, "server", GUILD, who) for who in (ALICE, EVERYBODY)] == [1, 1]
    assert await used(database, "server", GUILD, ALICE, "ask") == 1


async def test_what_an_order_did_not_take_is_not_given_back(database: Database, orders: Orders) -> None:
    """Orders from before there was a limit fail, or end twice: nothing is gained."""
    before = [await painted(orders) for _ in range(3)]
    await allow(database, "channel", CHANNEL, "imagine=2/day")
    kept, lost = await painted(orders), await painted(orders)
    for row in before:
        await database.run(fail, row)
    assert await used(database, "channel", CHANNEL, ALICE) == 2
    ended = await database.run(fail, lost)
    assert await used(database, "channel", CHANNEL, ALICE) == 1
    await database.run(forgive_order, ended)
    assert await used(database, "channel", CHANNEL, ALICE) == 1
    assert await database.run(limit_rows.taken, kept.id)
    assert not await database.run(limit_rows.taken, lost.id)


async def test_what_nobody_saw_is_as_if_never_ordered(database: Database, orders: Orders) -> None:
    await allow(database, "server", GUILD, "imagine=1/day", "ask=1/day")
    for _ in range(FORGIVEN_A_DAY + 2):
        await orders.withdraw(await painted(orders))
        await orders.questions.withdraw(await asked(orders), lambda _: None)
    assert [await used(database, "server", GUILD, ALICE, kind) for kind in ("imagine", "ask")] == [0, 0]


async def test_what_may_have_been_made_counts(database: Database, orders: Orders) -> None:
    await allow(database, "server", GUILD, "ask=1/day")
    await orders.questions.settle(await asked(orders))
    with pytest.raises(PlaceLimitReached):
        await asked(orders)


async def test_what_is_left_and_when_one_is_told(database: Database, orders: Orders, environment: Environment) -> None:
    await allow(database, "server", GUILD, "imagine=20/day", "total imagine=40/day")
    await allow(database, "channel", CHANNEL, "imagine=3/day", f"{ARTISTS} imagine=unlimited/day", "video=5/day")
    told: list[list[tuple[Origin, int]]] = []
    for _ in range(3):
        who = caller(place=IN_THREAD)
        await painted(orders, who)
        told.append([(one.origin, one.left) for one in who.low.limits])
    # Once, with the last tenth of it: of three that is the last one.
    assert told == [[], [], [(Origin.CHANNEL, 0)]]
    found = await left(database, environment, caller(place=IN_THREAD))
    shown = [(one.limit.what, one.origin, one.left, one.most) for one in found]
    assert shown == [
        ("imagine/day", Origin.SERVER, 17, 20),
        ("total imagine/day", Origin.SERVER, 37, 40),
        ("imagine/day", Origin.CHANNEL, 0, 3),
        ("video/day", Origin.CHANNEL, 5, 5),
    ]
    artist = await left(database, environment, caller(place=IN_THREAD, roles=frozenset({ARTISTS})))
    assert [one.limit.what for one in artist if one.origin is Origin.CHANNEL] == ["video/day"]
    for number in range(4, 20):
        who = caller(place=NEXT_DOOR)
        await painted(orders, who)
        assert [one.left for one in who.low.limits] == ([2] if number == 18 else [])
