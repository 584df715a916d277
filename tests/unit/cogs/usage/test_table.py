"""A server's whole use as a CSV: what is in it, what a spreadsheet makes of it, and how much of it there is."""

from __future__ import annotations

import csv
import io
import time
from typing import TYPE_CHECKING

from bot.orders import cost_rows, ledger
from bot.orders.cost_rows import Ended
from bot.orders.ledger import Order
from cogs.usage import table
from cogs.usage.rows import Use
from tests.unit.ordering import insert

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Connection

    from bot.store.database import Database

GUILD, OTHER = 9, 10


def use(number: int, **facts: object) -> Use:
    given: dict[str, object] = {
        "id": number,
        "day": 0,
        "at": 1_700_000_000.0 + number,
        "person_id": 5,
        "command": "imagine",
        "model": "m",
        "channel_id": 7,
        "state": "delivered",
        "credits": None,
        "cost": None,
    }
    return Use(**(given | facts))  # pyright: ignore[reportArgumentType] - by name


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_cells_that_would_be_formulas_are_text() -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1+1", "＠x", "plain=1"]
    written, count = table.write([use(n, model=name) for n, name in enumerate(names)], limit=10_000)
    assert count == len(names)
    assert [row[3] for row in rows_of(written)[1:]] == [*(f"'{name}" for name in names[:-1]), "plain=1"]


def test_nobody_and_no_credits_are_empty() -> None:
    written, _ = table.write([use(1, person_id=None)], limit=10_000)
    assert rows_of(written) == [
        list(table.COLUMNS),
        ["2023-11-14 22:13:21", "", "imagine", "m", "7", "delivered", "", ""],
    ]


def test_what_does_not_fit_is_cut_between_two_rows() -> None:
    many = [use(n) for n in range(1000, 0, -1)]
    written, count = table.write(many, limit=5000)
    assert len(written) <= 5000
    assert 0 < count < 1000
    assert len(rows_of(written)) == count + 1


def _fill(c: Connection) -> None:
    for number in range(7):
        row = insert(
            c,
            kind="image" if number % 2 else "video",
            person_id=number,
            guild_id=GUILD if number < 6 else OTHER,
            message_id=None,
            prompt="never in it",
            model="m",
            private=number == 3,
            now=100.0 + number,
        )
        if number == 4:
            order = Order(
                guild_id=GUILD,
                channel_id=20,
                person_id=4,
                kind="video",
                model="m",
                price=50,
                generation_id=row.id,
            )
            ledger.reserve(c, order, pools=(), share=None, now=104.0)
    for number, kept in ((0, 3), (1, None), (2, 4)):
        order = Order(guild_id=GUILD, channel_id=21, person_id=8, kind="ask", model="chat", price=5)
        at = 102.5 + number
        id_ = ledger.reserve(c, order, pools=(), share=None, now=at)
        if kept is not None:
            ledger.settle(c, id_, pools=kept, person=kept, now=103.0)
        if number:  # the first is of a time when what it really cost was not noted
            cost_id = begin(c, at)
            if kept is not None:
                cost_rows.end(c, cost_id, Ended(actual=1_250), now=at + 1)
    # Where nobody uses credits.
    begin(c, 106.5, person_id=None)


def begin(c: Connection, at: float, *, person_id: int | None = 8) -> int:
    return cost_rows.begin(
        c,
        guild_id=GUILD,
        channel_id=21,
        person_id=person_id,
        kind="ask",
        model="chat",
        generation_id=None,
        reserve=None,
        now=at,
    )


async def test_all_that_was_used_in_the_order_of_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await database.run(_fill)
    for page in (2, 1000):
        monkeypatch.setattr(table, "PAGE", page)
        found = await table._uses(database, GUILD)  # pyright: ignore[reportPrivateUsage]
        assert [(one.at, one.command, one.state, one.credits, one.cost) for one in found] == [
            (106.5, "ask", "running", None, None),
            (105.0, "imagine", "queued", None, None),
            (104.5, "ask", "ended", 4, 1_250),
            (104.0, "video", "queued", 50, None),
            (103.5, "ask", "running", 5, None),
            (103.0, "imagine", "queued", None, None),
            (102.5, "ask", "ended", 3, None),
            (102.0, "video", "queued", None, None),
            (101.0, "imagine", "queued", None, None),
            (100.0, "video", "queued", None, None),
        ]
    written, _ = table.write(found, limit=10**6)
    assert b"never in it" not in written
    assert rows_of(written)[3][-2:] == ["4", "0.00125"]


async def test_a_hundred_thousand_are_written_in_some_seconds() -> None:
    many = [use(n, model="deepseek-chat", credits=5, channel_id=2**62, person_id=2**62) for n in range(table.MOST)]
    began = time.monotonic()
    written, count = table.write(many, limit=10 * 1024 * 1024)
    assert time.monotonic() - began < 20
    assert len(written) <= 10 * 1024 * 1024
    assert count > 80_000


async def test_no_more_than_the_most(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await database.run(_fill)
    monkeypatch.setattr(table, "MOST", 3)
    assert [one.at for one in await table._uses(database, GUILD)] == [106.5, 105.0, 104.5]  # pyright: ignore[reportPrivateUsage]
