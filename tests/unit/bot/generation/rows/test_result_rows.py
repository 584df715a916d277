from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.generation.rows import result_rows
from bot.generation.rows.records import NewResult

if TYPE_CHECKING:
    from bot.store.database import Database
    from tests.unit.ordering import Order


async def test_results_are_replaced_and_go_with_their_row(database: Database, order: Order):
    made = await database.run(order, kind="image", count=3)
    first = [NewResult(url=f"https://example.test/{n}", expires_at=99.5) for n in range(3)]
    assert await database.run(result_rows.put, made.id, 0, first)
    assert await database.run(result_rows.put, made.id, 0, [NewResult(path="1/0.png", size=2**40), first[1]])
    found = await database.run(result_rows.with_generation, made.id)
    assert found is not None
    assert [(one.position, one.url, one.path, one.size) for one in found[1]] == [
        (0, None, "1/0.png", 2**40),
        (1, "https://example.test/1", None, None),
    ]
    assert await database.run(result_rows.set_file, made.id, 0, 1, "1/1.png", "image/png", 7, url="x:y")
    assert not await database.run(result_rows.set_file, made.id, 0, 5, "1/5.png", "image/png", 7, url=None)
    second = (await database.run(result_rows.of_generation, made.id))[1]
    assert (second.url, second.path, second.content_type, second.size) == ("x:y", "1/1.png", "image/png", 7)
    assert await database.run(result_rows.put, made.id, 0, [])
    assert await database.run(result_rows.of_generation, made.id) == ()
    with pytest.raises(IntegrityError, match="ck_results_somewhere"):
        await database.run(result_rows.put, made.id, 0, [NewResult()])
    await database.run(result_rows.put, made.id, 0, first)
    await database.run(lambda c: c.execute(text("DELETE FROM generations")))
    assert await database.run(result_rows.of_generation, made.id) == ()
