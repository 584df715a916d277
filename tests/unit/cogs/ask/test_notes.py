"""What is noted of answers beside them: all of it, in its order, in few transactions, and one fault harms no other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest

from cogs.ask import interrupted
from cogs.ask import turn_rows as turns
from cogs.ask.interrupted import InterruptedAnswers

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from bot.store.database import Database


class Noted:
    """A database that keeps what is noted; as a transaction does, nothing of one that raises."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, str]] = []
        self.transactions = 0
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def run(self, call: Callable[..., None], *args: Any) -> None:
        await self.goes_on.wait()
        self.transactions += 1
        before = list(self.kept)
        try:
            call(self, *args)
        except ValueError:
            self.kept = before
            raise


def grows(c: Connection, id_: int, answer: str) -> None:
    if answer == "bad":
        raise ValueError(answer)
    cast("Noted", c).kept.append((id_, answer))


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> Noted:
    monkeypatch.setattr(turns, "grows", grows)
    return Noted()


async def test_what_comes_together_is_one_transaction(noted: Noted):
    notes = InterruptedAnswers(cast("Any", None), cast("Database", noted))
    for word in ("a", "b"):
        for key in range(30):
            notes.said(key, word)
    await notes.forgetting(0)
    assert noted.transactions == 1
    assert noted.kept == [(key, word) for word in ("a", "b") for key in range(30)]


async def test_one_that_fails_takes_no_other_with_it(noted: Noted):
    notes = InterruptedAnswers(cast("Any", None), cast("Database", noted))
    for key, word in enumerate(("a", "bad", "c")):
        notes.said(key, word)
    await notes.forgetting(0)
    assert noted.kept == [(0, "a"), (2, "c")]


async def test_what_is_shown_waits_for_it_but_not_for_a_slow_store(noted: Noted, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(interrupted, "WRITE_SECONDS", 0.05)
    notes = InterruptedAnswers(cast("Any", None), cast("Database", noted))
    await notes.written()
    notes.said(0, "a")
    await notes.written()
    assert noted.kept == [(0, "a")]
    noted.goes_on.clear()
    notes.said(0, "ab")
    await notes.written()
    assert noted.kept == [(0, "a")]
    noted.goes_on.set()
    await notes.written()
    assert noted.kept == [(0, "a"), (0, "ab")]
