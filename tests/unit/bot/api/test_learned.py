"""What is learned of a model is forgotten some days after it was learned, each by itself."""

from __future__ import annotations

import pytest

from bot.api.learned import KEPT_DAYS, Learned
from bot.api.memory import OwnMemory
from bot.api.rungs import HELD_BY, Part
from bot.periods import DAY_SECONDS


async def test_what_was_refused_is_forgotten_though_more_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000 * DAY_SECONDS
    monkeypatch.setattr("bot.api.learned.time.time", lambda: now)
    learned = Learned(OwnMemory(), "https://api.example/v1", "wan")
    await learned.note_lack("The parameter seed is not supported", [Part.SEED, Part.AVOID])
    now += (KEPT_DAYS - 1) * DAY_SECONDS
    await learned.note_lack("negative_prompt is not supported", [Part.SEED, Part.AVOID])
    assert await learned.lacks() == {Part.SEED, Part.AVOID}
    now += DAY_SECONDS
    assert await learned.lacks() == {Part.AVOID}


async def test_what_the_form_leaves_out_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000 * DAY_SECONDS
    monkeypatch.setattr("bot.api.learned.time.time", lambda: now)
    learned = Learned(OwnMemory(), "https://api.example/v1", "wan")
    await learned.note_form(2)
    now += (KEPT_DAYS - 1) * DAY_SECONDS
    await learned.note_lack("The parameter seed is not supported", [Part.SEED])
    assert await learned.lacks() == (frozenset(Part) - HELD_BY[2]) | {Part.SEED}
    now += DAY_SECONDS
    assert await learned.lacks() == {Part.SEED}
