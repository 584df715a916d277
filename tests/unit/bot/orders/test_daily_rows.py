"""Shares of a day: so many, whoever comes at the same moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.orders import daily_rows as daily

if TYPE_CHECKING:
    from bot.store.database import Database


async def test_of_twenty_at_once_five_get_a_share(database: Database):
    share: dict[str, Any] = {"person_id": 1, "kind": "video", "day": 20_000}
    taken = await asyncio.gather(*(database.run(daily.take, **share, limit=5) for _ in range(20)))
    assert taken.count(True) == 5
    assert await database.run(daily.used, **share) == 5
    await database.run(daily.give_back, **share)
    assert await database.run(daily.take, **share, limit=5)
    assert not await database.run(daily.take, **share, limit=5)
    assert await database.run(daily.take, **share, limit=6), "a limit that was raised holds at once"


async def test_shares_are_apart_and_never_below_nothing(database: Database):
    share: dict[str, Any] = {"person_id": 1, "kind": "ask", "day": 20_000}
    assert await database.run(daily.used, **share) == 0
    await database.run(daily.give_back, **share)
    assert not await database.run(daily.take, **share, limit=0)
    assert await database.run(daily.take, **share, limit=1)
    others: tuple[dict[str, Any], ...] = ({"person_id": 2}, {"kind": "imagine"}, {"day": 20_001})
    for other in others:
        assert await database.run(daily.take, **(share | other), limit=1)
    for _ in range(3):
        await database.run(daily.give_back, **share)
    assert await database.run(daily.used, **share) == 0
