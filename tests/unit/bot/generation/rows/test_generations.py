from __future__ import annotations

import asyncio
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.generation.rows import generations, records, result_rows
from bot.generation.rows.records import NewResult
from bot.store import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database
    from tests.unit.ordering import Order

DISCORD_ID = 2**62 + 12345


def test_the_records_have_the_tables_columns_in_their_order():
    assert [field.name for field in fields(records.Generation)] == schema.generations.c.keys()
    assert [field.name for field in fields(records.Result)] == schema.results.c.keys()


def test_a_token_is_not_shown():
    assert "s3cret" not in repr(
        records.NewGeneration(
            kind="image",
            person_id=1,
            channel_id=1,
            context="bot_dm",
            application_id=1,
            locale="en-GB",
            prompt="p",
            model="m",
            token="s3cret",
            token_expires_at=1.0,
        )
    )


async def test_what_is_put_in_comes_out(database: Database, order: Order):
    made = await database.run(
        order,
        kind="image",
        count=4,
        person_id=DISCORD_ID,
        channel_id=DISCORD_ID + 1,
        private=True,
        token="tok",
        token_expires_at=1900.5,
        parameters={"size": "1024x1024", "seed": 2**53, "nested": {"名": ["\0", None]}},
        prompt="雪中的狐狸 🦊",
        now=1000.25,
    )
    assert (made.id, made.state, made.epoch, made.created_at) == (1, "queued", 0, 1000.25)
    assert made.private is True
    assert made.person_id == DISCORD_ID
    assert made.prompt == "雪中的狐狸 🦊"
    assert made.parameters == {"size": "1024x1024", "seed": 2**53, "nested": {"名": ["\0", None]}}
    assert await database.run(generations.get, made.id) == made
    assert await database.run(result_rows.with_generation, made.id) == (made, ())
    assert await database.run(generations.get, 99) is None
    assert await database.run(result_rows.with_generation, 99) is None


async def test_text_no_database_can_keep_is_cleaned(database: Database, order: Order):
    assert (await database.run(order, prompt="a\0b")).prompt == "ab"
    assert (await database.run(order, prompt="é\0\ud800!")).prompt == "é?!"


async def test_an_id_is_never_used_again(database: Database, order: Order):
    first = await database.run(order)
    await database.run(lambda c: c.execute(text("DELETE FROM generations")))
    assert (await database.run(order)).id > first.id


@pytest.mark.parametrize(
    ("rule", "facts", "change"),
    [
        ("kind", {"kind": "audio"}, {}),
        ("count", {"kind": "image", "count": 5}, {}),
        ("count", {"kind": "image", "count": 0}, {}),
        ("count", {"kind": "video", "count": 2}, {}),
        ("context", {"context": "group"}, {}),
        ("guild_context", {"guild_id": None}, {}),
        ("guild_context", {"context": "bot_dm"}, {}),
        ("token", {"token": "x"}, {}),
        ("parent", {}, {"parent_id": 1}),
        ("fk_generations_parent_id", {"parent_id": 77}, {}),
        ("state", {}, {"state": "paused"}),
        ("queued", {}, {"task_id": "t"}),
        ("submitted", {}, {"state": "submitting"}),
        ("running", {}, {"state": "running", "submitted_at": 2.0}),
        ("generated", {}, {"state": "generated", "submitted_at": 2.0}),
        ("ended", {}, {"state": "failed"}),
        ("ended", {}, {"ended_at": 3.0}),
    ],
)
async def test_nonsense_is_refused_by_the_database_itself(
    database: Database, order: Order, rule: str, facts: dict[str, Any], change: dict[str, Any]
):
    def nonsense(c: Connection) -> None:
        made = order(c, **facts)
        if change:
            generations.change(c, made.id, 0, **change)

    expected = rule if rule.startswith("fk_") else f"ck_generations_{rule}"
    if database.kind == "sqlite" and rule.startswith("fk_"):
        expected = "FOREIGN KEY constraint failed"  # SQLite says no more than that
    with pytest.raises(IntegrityError, match=expected):
        await database.run(nonsense)
    assert await database.run(generations.get, 1) is None, "and nothing of it stays"


async def test_a_whole_life(database: Database, order: Order):
    made = await database.run(order)
    await database.run(generations.store_message, made.id, message_id=31, channel_id=21)
    held = await database.run(generations.claim, made.id, states=("queued",))
    assert held is not None
    assert (held.epoch, held.message_id, held.channel_id) == (1, 31, 21)
    steps: tuple[dict[str, Any], ...] = (
        {"state": "submitting", "submitted_at": 5.0},
        {"state": "running", "task_id": "t-1"},
        {"state": "generated", "generated_at": 65.5},
        {"state": "delivered", "ended_at": 70.0},
    )
    for step in steps:
        changed = await database.run(generations.change, made.id, held.epoch, **step)
        assert changed is not None
        assert {name: getattr(changed, name) for name in step} == step
        assert changed.epoch == held.epoch
    assert await database.run(generations.claim, made.id, states=schema.LIVE_STATES) is None


async def test_who_was_overtaken_changes_nothing(database: Database, order: Order):
    made = await database.run(order)
    first = await database.run(generations.claim, made.id, states=("queued",))
    second = await database.run(generations.claim, made.id, states=("queued",))
    assert first is not None
    assert second is not None
    assert second.epoch == first.epoch + 1
    clip = NewResult(url="https://example.test/a.mp4")
    assert await database.run(generations.change, made.id, first.epoch, reason="late") is None
    assert not await database.run(result_rows.put, made.id, first.epoch, [clip])
    assert await database.run(result_rows.put, made.id, second.epoch, [clip])
    assert not await database.run(result_rows.set_file, made.id, first.epoch, 0, "a.mp4", "video/mp4", 9, url=None)
    assert (await database.run(result_rows.of_generation, made.id))[0].path is None
    row = await database.run(generations.get, made.id)
    assert row is not None
    assert row.reason is None


async def test_a_button_fences_the_worker_out(database: Database, order: Order):
    made = await database.run(order)
    held = await database.run(generations.claim, made.id, states=("queued",))
    assert held is not None
    end = {"state": "cancelled", "ended_at": 9.0, "ended_by": 5}
    assert await database.run(generations.end, made.id, from_states=("running",), **end) is None
    ended = await database.run(generations.end, made.id, from_states=("queued", "running"), **end)
    assert ended is not None
    assert (ended.state, ended.ended_by, ended.epoch) == ("cancelled", 5, held.epoch + 1)
    assert await database.run(generations.change, made.id, held.epoch, reason="late") is None
    again = await database.run(generations.end, made.id, from_states=("queued", "running"), **end)
    assert again is None, "a second press finds it ended"


async def test_a_change_may_ask_for_the_state_before(database: Database, order: Order):
    made = await database.run(order)
    assert await database.run(generations.change, made.id, 0, from_states=("running",), reason="x") is None
    assert await database.run(generations.change, made.id, 0, from_states=("queued",), reason="x") is not None


@pytest.mark.parametrize("values", [{}, {"colour": "red"}, {"id": 2}, {"epoch": 2, "reason": "x"}])
async def test_only_columns_are_changed(database: Database, order: Order, values: dict[str, Any]):
    made = await database.run(order)
    with pytest.raises(TypeError):
        await database.run(lambda c: generations.change(c, made.id, 0, **values))


async def test_of_many_at_once_one_has_the_row(database: Database, order: Order):
    made = await database.run(order)
    claims = await asyncio.gather(*(database.run(generations.claim, made.id, states=("queued",)) for _ in range(20)))
    assert sorted(claim.epoch for claim in claims if claim) == list(range(1, 21))

    def write(c: Connection, epoch: int) -> bool:
        return generations.change(c, made.id, epoch, detail=str(epoch)) is not None

    wrote = await asyncio.gather(*(database.run(write, claim.epoch) for claim in claims if claim))
    assert wrote.count(True) == 1
    row = await database.run(generations.get, made.id)
    assert row is not None
    assert row.detail == "20"


async def test_taken_out_of_queued_only_once(database: Database, order: Order):
    made = await database.run(order)

    def take(c: Connection) -> bool:
        row = generations.claim(c, made.id, states=("queued",))
        return row is not None and bool(generations.change(c, made.id, row.epoch, state="submitting", submitted_at=2.0))

    taken = await asyncio.gather(*(database.run(take) for _ in range(10)))
    assert taken.count(True) == 1
