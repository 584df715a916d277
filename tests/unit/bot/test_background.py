"""Work in the background goes on, whatever it raises."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot import background
from bot.background import Over, keep_going


async def test_it_is_begun_again_until_it_ends_by_itself(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    waits: list[float] = []
    faults: list[Exception | None] = [ValueError("odd"), OSError("away"), KeyError("id"), None]

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def look() -> None:
        fault = faults.pop(0)
        if fault is not None:
            raise fault

    monkeypatch.setattr(asyncio, "sleep", sleep)
    await keep_going(look, expected=(OSError,))
    assert waits == [5, 10, 20]
    assert faults == []
    assert [bool(record.exc_info) for record in caplog.records] == [True, False, True]
    assert all(vars(record)["work"].endswith("look") for record in caplog.records)


async def test_it_is_tried_at_least_once_an_hour(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.CRITICAL)
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 15:
            raise asyncio.CancelledError

    async def work() -> None:
        raise ValueError("always")

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await keep_going(work)
    assert max(waits) == waits[-1] == background.LONGEST_WAIT


async def test_it_ends_in_silence_with_the_process(caplog: pytest.LogCaptureFixture):
    async def work() -> None:
        raise Over

    await keep_going(work)
    assert caplog.records == []
