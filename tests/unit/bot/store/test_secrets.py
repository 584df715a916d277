"""What a database error may say: it goes into the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.generation.rows import generations

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database
    from tests.unit.ordering import Order

TOKEN = "aW50ZXJhY3Rpb24.secret-token"
PROMPT = "what only the person and the service know"


def leaks(said: str) -> bool:
    return TOKEN in said or PROMPT in said


async def test_an_error_names_no_values(database: Database, order: Order, caplog: pytest.LogCaptureFixture) -> None:
    facts: dict[str, Any] = {"token": TOKEN, "token_expires_at": 2.0, "prompt": PROMPT}
    with pytest.raises(IntegrityError) as refused:
        await database.run(order, kind="audio", **facts)
    made = await database.run(order, **facts)
    with pytest.raises(IntegrityError) as changed:
        await database.run(generations.change, made.id, 0, token=TOKEN, prompt=PROMPT, state="failed")

    def mistake(c: Connection) -> None:
        c.execute(text("SELECT nothing FROM generations WHERE token = :token"), {"token": TOKEN})

    with pytest.raises(DBAPIError) as broken:
        await database.run(mistake)
    with caplog.at_level(logging.ERROR):
        for error in (refused.value, changed.value, broken.value):
            assert "SQL parameters hidden" in str(error)
            assert not leaks(str(error))
            if database.kind == "sqlite":  # PostgreSQL itself adds the failing row, which is its server's own text
                logging.getLogger("test").error("it failed", exc_info=error)
    assert not leaks(caplog.text)
