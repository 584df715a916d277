"""Who pays for a jam, and what it costs in the end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from bot.errors import ConfirmationNeeded, DailyLimitReached, NotAllowed, NotEnoughCredits
from bot.generation.price import settle
from bot.generation.rows import generations
from bot.orders import daily_rows as daily
from bot.orders import ledger
from bot.orders.ledger import Account
from bot.periods import DAY_SECONDS
from cogs.jam.reasons import RoundReason
from tests.unit.cogs.jam.world import ALICE, BOB, MODERATOR, SERVER, World

if TYPE_CHECKING:
    from cogs.jam.records import Jam

pytestmark = pytest.mark.databases("sqlite")

TODAY = int(time.time() // DAY_SECONDS)


async def spent(world: World, kind: str = "person", owner: int = ALICE) -> tuple[int, int]:
    """What is reserved and what is spent on the day's account."""
    account = Account.at(kind, owner, "day", time.time())
    found = await world.database.run(ledger.balance, guild_id=SERVER, account=account)
    return found.reserved, found.spent


async def used(world: World, kind: str, person_id: int = ALICE) -> int:
    return await world.database.run(daily.used, person_id=person_id, kind=kind, day=TODAY)


async def with_idea(world: World) -> Jam:
    jam = await world.opened()
    await world.jams.add_idea(world.caller(BOB), jam.id, "a red dragon")
    return jam


async def test_who_started_it_pays_what_the_merge_took_and_the_pictures(world: World) -> None:
    await world.set(prices=["ask=2/1k", "imagine=5"], daily_credits=["100"])
    jam = await with_idea(world)
    facts = await world.jams.facts(jam.id)
    assert facts is not None
    assert (facts.price, facts.pictures) == (20, 4)
    # At most: 4,096 tokens of answer, and what is asked.
    assert facts.merge_price is not None
    assert 2 * 5 <= facts.merge_price <= 2 * 8
    await world.jams.make(world.caller(), jam.id)
    assert await spent(world) == (facts.merge_price, 0)
    await world.scheduler.idle()
    assert await spent(world) == (0, 2)  # 400 tokens
    row = await world.jams.order(world.caller(), jam.id)
    assert (row.price, await spent(world)) == (20, (20, 2))
    await world.made(row)
    made = await world.database.run(generations.get, row.id)
    assert made is not None
    await world.database.run(settle, made, now=1.0, arrived=4)
    assert await spent(world) == (0, 22)


async def test_the_pool_pays_and_nobodys_share(world: World) -> None:
    await world.set(prices=["ask=3", "imagine=5"], daily_credits=["1"], server_pool="100/day", jam_paid_by="pool")
    jam = await with_idea(world)
    assert jam.paid_by == "pool"
    with pytest.raises(NotAllowed, match=r"jam\.leads_only"):
        await world.jams.make(world.caller(BOB), jam.id)
    await world.jams.make(world.caller(MODERATOR), jam.id)
    await world.scheduler.idle()
    row = await world.jams.order(world.caller(), jam.id)
    assert await spent(world, "server", SERVER) == (20, 3)
    assert await spent(world) == (0, 0)
    assert await spent(world, owner=MODERATOR) == (0, 0)
    await world.orders.withdraw(row)
    assert await spent(world, "server", SERVER) == (0, 3)


@pytest.mark.parametrize("credits", [{}, {"prices": ["imagine=5"], "daily_credits": ["100"]}])
async def test_without_a_pool_the_host_pays_and_alone_orders(world: World, credits: dict[str, object]) -> None:  # noqa: A002
    await world.set(jam_paid_by="pool", **credits)
    jam = await with_idea(world)
    facts = await world.jams.facts(jam.id)
    assert facts is not None
    assert not facts.pool_pays
    with pytest.raises(NotAllowed, match=r"jam\.starter_only"):
        await world.jams.make(world.caller(MODERATOR), jam.id)
    # With a pool that is set meanwhile it is as it was chosen.
    await world.set(server_pool="100/day", prices=["ask=1", "imagine=5"])
    facts = await world.jams.facts(jam.id)
    assert facts is not None
    assert facts.pool_pays
    await world.jams.make(world.caller(MODERATOR), jam.id)
    assert await spent(world) == (0, 0)


async def test_a_pool_that_was_taken_away_meanwhile_makes_it_no_gift(world: World) -> None:
    await world.set(prices=["ask=3", "imagine=5"], daily_credits=["100"], server_pool="100/day", jam_paid_by="pool")
    jam = await with_idea(world)
    await world.unset("server_pool")
    await world.reviewed_as_is(jam)
    assert await spent(world) == (0, 3)


async def test_an_order_that_cannot_be_paid_leaves_the_jam_as_it_is(world: World) -> None:
    await world.set(prices=["ask=3", "imagine=5"], daily_credits=["2"])
    jam = await with_idea(world)
    with pytest.raises(NotEnoughCredits):
        await world.jams.make(world.caller(), jam.id)
    assert ((await world.get(jam)).state, world.model.asked, await used(world, "ask")) == ("open", [], 0)
    await world.set(daily_credits=["22"])
    await world.reviewed_as_is(jam)
    before = await world.get(jam)
    with pytest.raises(NotEnoughCredits):
        await world.jams.order(world.caller(), jam.id)
    assert await world.get(jam) == before
    assert (before.state, await spent(world), await used(world, "imagine")) == ("review", (0, 3), 0)


async def test_a_price_that_is_to_be_seen_first_is_asked_about(world: World) -> None:
    await world.set(prices=["ask=3", "imagine=5"], daily_credits=["100"], confirm_above=2)
    jam = await with_idea(world)
    with pytest.raises(ConfirmationNeeded):
        await world.jams.make(world.caller(), jam.id)
    assert (await world.get(jam)).state == "open"
    await world.jams.make(world.caller(confirmed=3), jam.id)
    await world.scheduler.idle()
    with pytest.raises(ConfirmationNeeded) as caught:
        await world.jams.order(world.caller(), jam.id)
    assert caught.value.price == 20
    assert (await world.jams.order(world.caller(confirmed=20), jam.id)).price == 20


async def test_the_days_limits_hold_in_a_jam(world: World) -> None:
    world.limit(ask=1, imagine=1)
    jam = await with_idea(world)
    await world.reviewed_as_is(jam)
    row = await world.jams.order(world.caller(), jam.id)
    assert (await used(world, "ask"), await used(world, "imagine")) == (1, 1)
    await world.orders.withdraw(row)
    assert await used(world, "imagine") == 0
    await world.look()
    await world.jams.back(world.caller(), jam.id)
    with pytest.raises(DailyLimitReached):
        await world.jams.make(world.caller(), jam.id)
    assert (await world.get(jam)).state == "open"


@pytest.mark.parametrize(("status", "day"), [(401, 0), (400, 0), (403, 0)])
async def test_a_merge_that_came_to_nothing_costs_nothing(world: World, status: int, day: int) -> None:
    await world.set(prices=["ask=3"], daily_credits=["100"])
    world.model.answer = lambda _: status
    jam = await with_idea(world)
    await world.reviewed_as_is(jam)
    assert (await world.round(jam)).reason == RoundReason.MERGE_FAILED
    assert (await spent(world), await used(world, "ask")) == ((0, 0), day)


async def test_a_merge_of_which_nobody_knows_costs_the_pool(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cogs.jam.merging.SECONDS", 0.1)
    await world.set(prices=["ask=3"], daily_credits=["100"], server_pool="50/day")
    world.model.answer = lambda _: None
    jam = await with_idea(world)
    await world.reviewed_as_is(jam)
    assert (await world.round(jam)).reason == RoundReason.MERGE_FAILED
    assert (await spent(world), await spent(world, "server", SERVER)) == ((0, 0), (0, 3))
