"""Orders that follow a failed one: had once, and taken back whole when nobody can see them."""

from __future__ import annotations

import asyncio
import random
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import BadValue, DailyLimitReached, NotAllowed
from bot.generation import admission, queries
from bot.generation import rows as generations
from bot.orders import daily_rows as daily
from bot.orders.blocked import check
from bot.periods import DAY_SECONDS
from tests.unit.ordering import ALICE, BOB, caller, environment_of, question_of
from tests.unit.stored_settings import put

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.environment import Environment
    from bot.generation.orders import Orders
    from bot.generation.records import Generation
    from bot.store.database import Database

CARD = 30


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return environment_of(tmp_path, DAILY_LIMIT_PER_USER="video=3,imagine=3")


async def used(database: Database, person_id: int = ALICE) -> int:
    today = int(time.time() // DAY_SECONDS)
    return await database.run(daily.used, person_id=person_id, kind="video", day=today)


async def failed(database: Database, orders: Orders) -> Generation:
    """A video of Alice's whose submit had no answer; its card is message 30."""
    row = await orders.video(caller(), prompt="a red fox", resolution="1280*720", model=None)
    await database.run(generations.store_message, row.id, message_id=CARD, channel_id=20)
    ended = await database.run(
        generations.end, row.id, from_states={"queued"}, state="unknown", submitted_at=1.0, ended_at=2.0
    )
    assert ended is not None
    return ended


async def test_of_many_presses_in_the_list_and_on_the_card_one_orders_again(database: Database, orders: Orders) -> None:
    old = await failed(database, orders)
    presses = [orders.retry_anew(caller(), old.id) for _ in range(8)]
    presses += [orders.retry(caller(), old.id, message_id=CARD) for _ in range(8)]
    random.shuffle(presses)
    ends = await asyncio.gather(*presses, return_exceptions=True)
    again = [end for end in ends if not isinstance(end, BaseException)]
    assert len(again) == 1
    assert [str(end) for end in ends if isinstance(end, NotAllowed)] == ["error.already_retried"] * 15
    assert (again[0].parent_id, again[0].prompt, again[0].parameters) == (old.id, old.prompt, old.parameters)
    assert len(await database.run(queries.of_person, ALICE, limit=20)) == 2
    assert await used(database) == 2


async def test_again_in_a_new_message_leaves_the_old_its_own(database: Database, orders: Orders) -> None:
    old = await failed(database, orders)
    again = await orders.retry_anew(caller(BOB), old.id)
    assert (again.person_id, again.message_id, again.state) == (BOB, None, "queued")
    kept = await database.run(generations.get, old.id)
    assert kept is not None
    assert kept.message_id == CARD
    assert await database.run(queries.with_child, [old.id, again.id, 99]) == {old.id}
    assert (await used(database), await used(database, BOB)) == (1, 1)


@pytest.mark.parametrize("way", ["card", "list"])
async def test_what_could_not_be_posted_is_as_if_never_ordered(database: Database, orders: Orders, way: str) -> None:
    old = await failed(database, orders)
    for _ in range(4):  # more often than a day's share: each gives it back
        if way == "card":
            again = await orders.retry(caller(), old.id, message_id=CARD)
            assert again.message_id == CARD
        else:
            again = await orders.retry_anew(caller(), old.id)
        assert await used(database) == 2
        await orders.withdraw(again)
        await orders.withdraw(again)
        assert await used(database) == 1
        assert await database.run(generations.get, again.id) is None
        kept = await database.run(generations.get, old.id)
        assert kept is not None
        assert (kept.state, kept.message_id) == ("unknown", CARD)
        assert not await database.run(queries.has_child, old.id)
    # Both ways are open still, and then neither.
    await orders.retry(caller(), old.id, message_id=CARD)
    with pytest.raises(NotAllowed):
        await orders.retry_anew(caller(), old.id)


async def test_what_has_begun_is_not_taken_back(database: Database, orders: Orders) -> None:
    row = await orders.video(caller(), prompt="a red fox", resolution="1280*720", model=None)
    await database.run(generations.store_message, row.id, message_id=CARD, channel_id=20)
    (begun,) = await database.run(admission.admit, person_limit=1, guild_limit=1, now=time.time())
    await orders.withdraw(row)
    assert await database.run(generations.get, row.id) == begun
    assert await used(database) == 1


async def test_a_day_s_share_refuses_the_retry_and_leaves_the_card_its_button(
    database: Database, orders: Orders
) -> None:
    old = await failed(database, orders)
    for _ in range(2):
        await orders.video(caller(), prompt="another", resolution="1280*720", model=None)
    for refused in (orders.retry_anew(caller(), old.id), orders.retry(caller(), old.id, message_id=CARD)):
        with pytest.raises(DailyLimitReached):
            await refused
    kept = await database.run(generations.get, old.id)
    assert kept is not None
    assert kept.message_id == CARD
    assert await used(database) == 3
    assert await orders.retry_anew(caller(BOB), old.id)


async def test_a_share_is_given_back_on_its_own_day(database: Database, orders: Orders) -> None:
    row = await orders.video(caller(), prompt="late at night", resolution="1280*720", model=None)
    yesterday = row.created_at - DAY_SECONDS
    day = int(yesterday // DAY_SECONDS)
    await database.run(daily.take, person_id=ALICE, kind="video", day=day, limit=3)
    await database.run(generations.change, row.id, 0, created_at=yesterday)
    old = await database.run(generations.get, row.id)
    assert old is not None
    await orders.withdraw(old)
    assert await database.run(daily.used, person_id=ALICE, kind="video", day=day) == 0
    assert await used(database) == 1


@pytest.mark.parametrize("state", ["delivered", "cancelled", "dropped"])
async def test_what_did_not_fail_is_not_ordered_again(database: Database, orders: Orders, state: str) -> None:
    row = await orders.video(caller(), prompt="a red fox", resolution="1280*720", model=None)
    times = {"submitted_at": 1.0, "generated_at": 2.0, "ended_at": 3.0}
    await database.run(generations.store_message, row.id, message_id=CARD, channel_id=20)
    await database.run(generations.end, row.id, from_states={"queued"}, state=state, **times)
    for refused in (orders.retry_anew(caller(), row.id), orders.retry(caller(), row.id, message_id=CARD)):
        with pytest.raises(NotAllowed):
            await refused
    with pytest.raises(NotAllowed):
        await orders.retry_anew(caller(), 99)


async def test_blocked_words_are_looked_for_outside_the_transaction(
    database: Database, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    guild_id = caller().place.guild_id or 0
    where = partial(put, scope="server", scope_id=guild_id, key="blocked_words")
    await database.run(where, value=["gun"], changed_by=ALICE, now=1.0)
    inside: list[bool] = []
    transaction: list[bool] = []
    run, find = database.run, check.find

    async def noted(function: Callable[..., Any], *args: object, **kwargs: object) -> object:
        transaction.append(True)
        try:
            return await run(function, *args, **kwargs)
        finally:
            transaction.pop()

    def looked(said: str, words: tuple[str, ...]) -> str | None:
        inside.append(bool(transaction))
        return find(said, words)

    monkeypatch.setattr(database, "run", noted)
    monkeypatch.setattr(check, "find", looked)
    with pytest.raises(BadValue, match=r"policy\.blocked_word"):
        await orders.video(caller(), prompt="a g.u.n", resolution=None, model=None)
    with pytest.raises(BadValue, match=r"policy\.blocked_word"):
        await question_of(orders, caller(), "a gun")
    assert await orders.video(caller(), prompt="a fox", resolution=None, model=None)
    assert inside == [False] * 3
