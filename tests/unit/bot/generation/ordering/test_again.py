"""Orders that follow a failed one: had once, and taken back whole when nobody can see them."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest

from bot.errors import DailyLimitReached, NotAllowed
from bot.generation.ordering.again import retry, retry_anew
from bot.generation.rows import generations, queries
from tests.unit.ordering import ALICE, BOB, a_video, caller, environment_of, used_today

if TYPE_CHECKING:
    from pathlib import Path

    from bot.environment import Environment
    from bot.generation.ordering.orders import Orders
    from bot.generation.rows.records import Generation
    from bot.store.database import Database

CARD = 30


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return environment_of(tmp_path, DAILY_LIMIT_PER_USER="video=3,imagine=3")


async def failed(database: Database, orders: Orders) -> Generation:
    """A video of Alice's whose submit had no answer; its card is message 30."""
    row = await a_video(orders, caller(), prompt="a red fox", resolution="1280*720", model=None)
    await database.run(generations.store_message, row.id, message_id=CARD, channel_id=20)
    ended = await database.run(
        generations.end, row.id, from_states={"queued"}, state="unknown", submitted_at=1.0, ended_at=2.0
    )
    assert ended is not None
    return ended


async def test_of_many_presses_in_the_list_and_on_the_card_one_orders_again(database: Database, orders: Orders) -> None:
    old = await failed(database, orders)
    presses = [retry_anew(orders, caller(), old.id) for _ in range(8)]
    presses += [retry(orders, caller(), old.id, message_id=CARD) for _ in range(8)]
    random.shuffle(presses)
    ends = await asyncio.gather(*presses, return_exceptions=True)
    again = [end for end in ends if not isinstance(end, BaseException)]
    assert len(again) == 1
    assert [str(end) for end in ends if isinstance(end, NotAllowed)] == ["error.already_retried"] * 15
    assert (again[0].parent_id, again[0].prompt, again[0].parameters) == (old.id, old.prompt, old.parameters)
    assert len(await database.run(queries.of_person, ALICE, limit=20)) == 2
    assert await used_today(database) == 2


async def test_again_in_a_new_message_leaves_the_old_its_own(database: Database, orders: Orders) -> None:
    old = await failed(database, orders)
    again = await retry_anew(orders, caller(BOB), old.id)
    assert (again.person_id, again.message_id, again.state) == (BOB, None, "queued")
    kept = await database.run(generations.get, old.id)
    assert kept is not None
    assert kept.message_id == CARD
    assert await database.run(queries.with_child, [old.id, again.id, 99]) == {old.id}
    assert (await used_today(database), await used_today(database, BOB)) == (1, 1)


@pytest.mark.parametrize("way", ["card", "list"])
async def test_what_could_not_be_posted_is_as_if_never_ordered(database: Database, orders: Orders, way: str) -> None:
    old = await failed(database, orders)
    for _ in range(4):  # more often than a day's share: each gives it back
        if way == "card":
            again = await retry(orders, caller(), old.id, message_id=CARD)
            assert again.message_id == CARD
        else:
            again = await retry_anew(orders, caller(), old.id)
        assert await used_today(database) == 2
        await orders.withdraw(again)
        await orders.withdraw(again)
        assert await used_today(database) == 1
        assert await database.run(generations.get, again.id) is None
        kept = await database.run(generations.get, old.id)
        assert kept is not None
        assert (kept.state, kept.message_id) == ("unknown", CARD)
        assert not await database.run(queries.has_child, old.id)
    # Both ways are open still, and then neither.
    await retry(orders, caller(), old.id, message_id=CARD)
    with pytest.raises(NotAllowed):
        await retry_anew(orders, caller(), old.id)


async def test_a_day_s_share_refuses_the_retry_and_leaves_the_card_its_button(
    database: Database, orders: Orders
) -> None:
    old = await failed(database, orders)
    for _ in range(2):
        await a_video(orders, caller(), prompt="another", resolution="1280*720", model=None)
    for refused in (retry_anew(orders, caller(), old.id), retry(orders, caller(), old.id, message_id=CARD)):
        with pytest.raises(DailyLimitReached):
            await refused
    kept = await database.run(generations.get, old.id)
    assert kept is not None
    assert kept.message_id == CARD
    assert await used_today(database) == 3
    assert await retry_anew(orders, caller(BOB), old.id)


@pytest.mark.parametrize("state", ["delivered", "cancelled", "dropped"])
async def test_what_did_not_fail_is_not_ordered_again(database: Database, orders: Orders, state: str) -> None:
    row = await a_video(orders, caller(), prompt="a red fox", resolution="1280*720", model=None)
    times = {"submitted_at": 1.0, "generated_at": 2.0, "ended_at": 3.0}
    await database.run(generations.store_message, row.id, message_id=CARD, channel_id=20)
    await database.run(generations.end, row.id, from_states={"queued"}, state=state, **times)
    for refused in (retry_anew(orders, caller(), row.id), retry(orders, caller(), row.id, message_id=CARD)):
        with pytest.raises(NotAllowed):
            await refused
    with pytest.raises(NotAllowed):
        await retry_anew(orders, caller(), 99)
