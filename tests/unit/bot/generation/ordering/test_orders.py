"""Orders that are taken back, on their own day; and what is found out of them outside the transaction."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import BadValue
from bot.generation.rows import admission, generations
from bot.orders import daily_rows as daily
from bot.orders.blocked import check
from bot.periods import DAY_SECONDS
from tests.unit.ordering import ALICE, a_video, caller, environment_of, question_of, used_today
from tests.unit.stored_settings import put

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.environment import Environment
    from bot.generation.ordering.orders import Orders
    from bot.store.database import Database


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return environment_of(tmp_path, DAILY_LIMIT_PER_USER="video=3,imagine=3")


async def test_what_has_begun_is_not_taken_back(database: Database, orders: Orders) -> None:
    row = await a_video(orders, caller(), prompt="a red fox", resolution="1280*720", model=None)
    await database.run(generations.store_message, row.id, message_id=30, channel_id=20)
    (begun,) = await database.run(admission.admit, person_limit=1, guild_limit=1, now=time.time())
    await orders.withdraw(row)
    assert await database.run(generations.get, row.id) == begun
    assert await used_today(database) == 1


async def test_a_share_is_given_back_on_its_own_day(database: Database, orders: Orders) -> None:
    row = await a_video(orders, caller(), prompt="late at night", resolution="1280*720", model=None)
    yesterday = row.created_at - DAY_SECONDS
    day = int(yesterday // DAY_SECONDS)
    await database.run(daily.take, person_id=ALICE, kind="video", day=day, limit=3)
    await database.run(generations.change, row.id, 0, created_at=yesterday)
    old = await database.run(generations.get, row.id)
    assert old is not None
    await orders.withdraw(old)
    assert await database.run(daily.used, person_id=ALICE, kind="video", day=day) == 0
    assert await used_today(database) == 1


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
        await a_video(orders, caller(), prompt="a g.u.n", resolution=None, model=None)
    with pytest.raises(BadValue, match=r"policy\.blocked_word"):
        await question_of(orders, caller(), "a gun")
    assert await a_video(orders, caller(), prompt="a fox", resolution=None, model=None)
    assert inside == [False] * 3
