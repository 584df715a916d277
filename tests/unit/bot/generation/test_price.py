"""What is settled when: a video by the second, whose length the model chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.generation.price import kept_of, settle_by_length, settle_what_was_open
from bot.generation.requests import EACH_SECOND
from bot.generation.rows import generations, result_rows
from bot.generation.rows.records import NewResult
from bot.orders import ledger
from bot.states import State
from tests.unit.ordering import insert

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database


@pytest.mark.parametrize(("seconds", "kept"), [(2.1, 18), (9.0, 45), (None, 45)])
async def test_a_made_video_waits_for_its_length(sqlite_database: Database, seconds: float | None, kept: int) -> None:
    def check(c: Connection) -> None:
        row = insert(c, price=45, parameters={EACH_SECOND: 9})
        order = ledger.Order(
            guild_id=9, channel_id=20, person_id=1, kind="video", model="wan", price=45, generation_id=row.id
        )
        reserved = ledger.reserve(c, order, pools=(), share=None, now=1.0)
        result_rows.put(c, row.id, row.epoch, [NewResult(url="https://a.example/b.mp4")])
        state = State.GENERATED
        assert generations.change(c, row.id, row.epoch, state=state, submitted_at=1.0, generated_at=2.0) is not None
        for _ in range(2):
            assert settle_what_was_open(c, before=10.0, now=10.0) == 0
            assert ledger.of_generation(c, row.id) == reserved
        if seconds is not None:
            result_rows.note_measured(c, row.id, 0, width=16, height=9, seconds=seconds, sound=True)
        ended = generations.change(c, row.id, row.epoch, state=State.DELIVERED, ended_at=3.0)
        assert ended is not None
        settle_by_length(c, ended, now=3.0)
        assert ledger.of_generation(c, row.id) is None
        assert kept_of(ended, result_rows.of_generation(c, row.id)) == kept

    await sqlite_database.run(check)
