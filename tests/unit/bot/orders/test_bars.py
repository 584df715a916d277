"""People who are barred: for how long, told once, in the history, and what deleting data does not do."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import BadValue, Barred
from bot.generation.ordering.again import reroll
from bot.generation.ordering.orders import Orders
from bot.orders import bars, person_lines
from bot.orders.bars import parse_span
from bot.orders.person_lines import BAR
from bot.settings import Place
from bot.settings.changes import Realm, history
from tests.unit.ordering import ALICE, BOB, GUILD, AnyModel, a_video, caller, question_of

if TYPE_CHECKING:
    from bot.environment import Environment
    from bot.settings.changes import Changed
    from bot.store.database import Database

MOD = 5
DAY = 86_400.0


async def bar(database: Database, person: int = ALICE, until: float | None = None, reason: str = "spam") -> Changed:
    whose: dict[str, Any] = {"guild_id": GUILD, "person_id": person, "by": MOD, "now": time.time()}
    return await database.run(bars.bar, until=until, reason=reason, **whose)


async def holds(database: Database, person: int = ALICE) -> bool:
    return await database.run(bars.barred, GUILD, person, time.time()) is not None


async def refusal(orders: Orders, person: int = ALICE) -> Barred:
    with pytest.raises(Barred) as refused:
        await question_of(orders, caller(person), "why")
    return refused.value


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("30 min", 1800),
        ("30m", 1800),
        ("2 h", 7200),
        ("3d", 3 * DAY),
        ("2周", 14 * DAY),
        ("2 weeks", 14 * DAY),
        ("1 个月", 30 * DAY),
        ("90 分钟", 5400),
        ("1y", 365 * DAY),
        ("一天", DAY),
        ("两周", 14 * DAY),
        ("十分钟", 600),
        ("a day", DAY),
        ("An  hour", 3600),
        ("a week", 7 * DAY),
        ("half a day", DAY / 2),
        ("half an hour", 1800),
        ("three days", 3 * DAY),
        ("a fortnight", 14 * DAY),
        ("半天", DAY / 2),
        ("半个小时", 1800),
        ("一周", 7 * DAY),
        ("３天", 3 * DAY),
        ("No end", None),
        ("一个月", 30 * DAY),
        ("forever", None),
        ("永久", None),
        ("", None),
        (None, None),
    ],
)
def test_times(typed: str | None, seconds: float | None) -> None:
    assert parse_span(typed) == seconds


@pytest.mark.parametrize(
    "typed", ["0d", "3", "d", "3x", "-3d", "11y", "3.5d", "3 d 2 h", "999999 weeks", "a", "a half"]
)
def test_what_is_no_time(typed: str) -> None:
    with pytest.raises(BadValue):
        parse_span(typed)


async def test_told_once_why_and_after_that_only_that_they_are(database: Database, orders: Orders) -> None:
    await question_of(orders, caller(), "why")
    await bar(database)
    first, second = await refusal(orders), await refusal(orders)
    assert (first.news, first.reason, first.until) == (True, "spam", None)
    assert not second.news
    await question_of(orders, caller(BOB), "why")
    # Another server, and direct messages, are none of this one's business.
    await question_of(orders, caller(guild_id=10), "why")
    await question_of(orders, caller(guild_id=None, place=Place(channel_id=3)), "why")
    # What they are barred for anew is news.
    await bar(database, reason="again")
    assert (await refusal(orders)).reason == "again"


async def test_of_two_presses_at_once_one_is_told(databases: list[Database], environment: Environment) -> None:
    await bar(databases[0])
    doors = [Orders(database, AnyModel(), environment) for database in databases]
    found = await asyncio.gather(*(refusal(doors[n % 2]) for n in range(6)))
    assert sum(one.news for one in found) == 1


async def test_no_order_of_any_kind(database: Database, orders: Orders) -> None:
    row = await orders.image(caller(), prompt="a fox", count=1, size=None, model=None)
    await bar(database)
    for order in (
        orders.image(caller(), prompt="a fox", count=1, size=None, model=None),
        a_video(orders, caller(), prompt="a fox", resolution=None, model=None),
        reroll(orders, caller(), row.id),
        orders.refuse_barred(caller()),
    ):
        with pytest.raises(Barred):
            await order


async def test_it_ends_by_itself(database: Database, orders: Orders) -> None:
    await bar(database, until=time.time() + 60)
    assert (await refusal(orders)).until is not None
    await bar(database, until=time.time() - 1)
    await question_of(orders, caller(), "why")
    assert await database.run(bars.all_of, GUILD, time.time(), limit=9) == []


async def test_in_the_history_and_back(database: Database) -> None:
    first = await bar(database)
    assert (first.key, first.scope, first.scope_id, first.before) == (BAR, "server", GUILD, None)
    longer = await bar(database, until=time.time() + 9 * DAY, reason="more")
    assert longer.before == first.after
    back = await database.run(bars.take_back, longer, by=MOD, now=time.time())
    assert back is not None
    assert (back.undoes, back.after) == (longer.batch, first.after)
    assert await holds(database)
    assert await database.run(bars.take_back, first, by=MOD, now=time.time()) is not None
    assert not await holds(database)
    whose: dict[str, Any] = {"guild_id": GUILD, "person_id": ALICE, "by": MOD, "now": time.time()}
    assert await database.run(bars.unbar, **whose) is None
    await bar(database)
    ended = await database.run(bars.unbar, **whose)
    assert ended is not None
    assert not await holds(database)
    again = await database.run(bars.take_back, ended, by=MOD, now=time.time())
    assert again is not None
    assert await holds(database)


async def test_a_bar_that_would_be_over_is_not_brought_back(database: Database) -> None:
    await bar(database, until=time.time() + 60)
    whose = {"guild_id": GUILD, "person_id": ALICE, "by": MOD}
    ended = await database.run(bars.unbar, now=time.time(), **whose)
    assert ended is not None
    back = await database.run(bars.take_back, ended, by=MOD, now=time.time() + 120)
    assert back is not None
    assert not await holds(database)


async def test_who_deletes_their_data_stays_barred_and_nobody_is_named(database: Database) -> None:
    await bar(database)
    other = await bar(database, BOB)
    await database.run(person_lines.forget_person, ALICE)
    assert await holds(database)
    assert await database.run(person_lines.of_person, BAR, ALICE) == []
    assert len(await database.run(person_lines.of_person, BAR, BOB)) == 1
    (_, found) = await database.run(history, Realm(GUILD, 0), limit=9, lines=9)
    (forgotten,) = found.lines
    assert forgotten.after == {"until": None}
    assert await database.run(bars.take_back, forgotten, by=MOD, now=time.time()) is None
    # The moderator's words go with the moderator's data, the bar does not.
    await database.run(person_lines.forget_person, MOD)
    await database.run(bars.forget_reasons, MOD)
    found = await database.run(bars.barred, GUILD, BOB, time.time())
    assert found is not None
    assert found.reason == ""
    (kept,) = await database.run(person_lines.of_person, BAR, BOB)
    assert kept.id == other.id
    assert kept.after == {"person": str(BOB), "until": None}
