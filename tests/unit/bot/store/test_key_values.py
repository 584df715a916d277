"""Facts by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.store import key_values as facts

if TYPE_CHECKING:
    from bot.store.database import Database


async def test_facts(database: Database):
    assert await database.run(facts.get, "commands") is None
    await database.run(facts.put, "commands", "abc")
    await database.run(facts.put, "commands", "déf")
    assert await database.run(facts.get, "commands") == "déf"
