"""Each column that could hold a person, or what one wrote, declares what becomes of it; and that is what happens."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import JSON, BigInteger, Column, Double, ForeignKey, Integer, MetaData, Table, Text, insert, select

from bot.store.schema import CleanText, metadata
from bot.store.schema.people import cleared, deleted, rows, shown, words
from cogs.privacy import rows as privacy
from cogs.privacy.forgetting import forget_rows
from cogs.privacy.stored import all_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy import Connection

    from bot.store.database import Database

WHO: Final = re.compile("by|person|people|user|member|who|whose|owner|author|starter|asker|voter")
WROTE: Final = re.compile(
    "prompt|words?|ideas?|questions?|said|theme|style|text|content|title|name|answer|note|detail|reason|topic"
)
SHOWN_APART: Final = {"accounts", "jams", "jam_members", "jam_rounds"}
DAY = 86_400.0
CAROL, DAVE = 2**62 + 1, 2**62 + 2


def could_hold_people(column: Column[Any]) -> bool:
    """By its name; of text, all that is from outside (CleanText, JSON) too."""
    if isinstance(column.type, BigInteger | Integer):
        return any(map(WHO.fullmatch, column.name.split("_")))
    if isinstance(column.type, CleanText | JSON):
        return True
    return isinstance(column.type, Text) and any(map(WROTE.fullmatch, column.name.split("_")))


def silent(column: Column[Any]) -> bool:
    declared = column.info.keys() & {"person", "words", "nobodys"} or column.info.get("shown")
    return not declared and not column.table.info.get("go")


def undeclared(tables: MetaData) -> list[str]:
    columns = [column for table in tables.tables.values() for column in table.columns]
    return [str(column) for column in columns if could_hold_people(column) and silent(column)]


def test_every_column_that_could_hold_a_person_says_so() -> None:
    assert undeclared(metadata) == []


def test_what_says_nothing_would_be_named() -> None:
    tables = MetaData()
    Table(
        "polls",
        tables,
        Column("id", Integer, primary_key=True),
        Column("asked_by", BigInteger),
        Column("owner", Integer),
        Column("question", Text),
        Column("any", CleanText),
        Column("options", JSON),
        Column("closed_by", BigInteger, info=cleared()),
        Column("guild_id", BigInteger),
        Column("state", Text),
    )
    assert undeclared(tables) == [f"polls.{name}" for name in ("asked_by", "owner", "question", "any", "options")]


def test_what_is_declared_is_walked() -> None:
    """Who is in a row is shown it; words are forgotten with the row that ended, or with the one that it belongs to."""
    aging = [table for table in metadata.tables.values() if table.info.get("ages")]
    reached = {*aging, *(part for table in aging for part, _ in privacy.parts(table))}
    for table in metadata.tables.values():
        columns = [column for column in table.columns if column.info.get("shown")]
        if table.info.get("section"):
            assert columns, table
        elif any("person" in column.info for column in table.columns):
            assert table.name in SHOWN_APART
        if table.info.get("go") or any(column.info.get("words") for column in table.columns):
            assert table in reached
        assert not table.info.get("ages") or {"id", "guild_id", "ended_at"} <= set(table.columns.keys())


@pytest.fixture
async def polls(database: Database) -> AsyncGenerator[Table]:
    """A feature's own tables, that /privacy and the janitor never heard of: `polls`, and `poll_answers` to them."""
    known = set(metadata.tables)
    table = Table(
        "polls",
        metadata,
        Column("id", Integer, primary_key=True, info=shown("poll")),
        Column("guild_id", BigInteger),
        Column("person_id", BigInteger, info=deleted()),
        Column("question", CleanText, nullable=False, info=words("question", left="")),
        Column("closed_by", BigInteger, info=cleared()),
        Column("ended_at", Double, info=shown("closed")),
        info=rows("polls", ages=True, over="ended_at < :now - 8640000"),
    )
    answers = Table(
        "poll_answers",
        metadata,
        Column("poll_id", Integer, ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True, info=shown("poll")),
        Column("person_id", BigInteger, primary_key=True, autoincrement=False, info=deleted()),
        Column("answer", CleanText, info=words("answer")),
        info=rows("poll_answers"),
    )
    await database.run(lambda c: metadata.create_all(c, tables=[table, answers]))
    yield table
    for name in set(metadata.tables) - known:
        metadata.remove(metadata.tables[name])


def answers_to(polls: Table) -> Table:
    ((part, _),) = privacy.parts(polls)
    return part


async def fill(database: Database, polls: Table) -> None:
    """Two polls of Carol's, one that Dave asked and she closed, and an answer of each to each."""

    def put(c: Connection) -> None:
        for number, (asker, closer) in enumerate(((CAROL, DAVE), (CAROL, None), (DAVE, CAROL)), start=1):
            poll: dict[str, Any] = {"id": number, "guild_id": 9, "person_id": asker, "closed_by": closer}
            c.execute(insert(polls).values(**poll, question=f"Which {number}?", ended_at=number * DAY))
            for person in (CAROL, DAVE):
                c.execute(insert(answers_to(polls)).values(poll_id=number, person_id=person, answer=f"of {person}"))

    await database.run(put)


async def test_a_new_table_is_shown_and_forgotten_without_another_word(database: Database, polls: Table) -> None:
    await fill(database, polls)
    stored = await all_of(database, CAROL)
    assert stored["polls"] == [
        {"poll": 1, "question": "Which 1?", "closed": "1970-01-02 00:00:00 UTC"},
        {"poll": 2, "question": "Which 2?", "closed": "1970-01-03 00:00:00 UTC"},
    ]
    assert stored["poll_answers"] == [{"poll": number, "answer": f"of {CAROL}"} for number in (1, 2, 3)]
    await asyncio.gather(*(forget_rows(database, CAROL) for _ in range(3)))
    assert (await all_of(database, CAROL))["polls"] == []
    kept = select(polls.c.id, polls.c.person_id, polls.c.closed_by)
    assert await database.run(lambda c: [tuple(row) for row in c.execute(kept)]) == [(3, DAVE, None)]
    # Answers go with the poll that they belong to.
    assert (await all_of(database, DAVE))["poll_answers"] == [{"poll": 3, "answer": f"of {DAVE}"}]


async def test_its_words_age_and_its_rows_end(database: Database, polls: Table) -> None:
    await fill(database, polls)
    walk: dict[str, Any] = {"after": 0, "upto": 9, "days": 30}
    assert await database.run(privacy.forget_words, polls, **walk, now=32.5 * DAY) == [1, 2]
    assert await database.run(privacy.forget_words, polls, **walk, now=32.5 * DAY) == []
    stored = await all_of(database, DAVE)
    assert stored["polls"] == [{"poll": 3, "question": "Which 3?", "closed": "1970-01-04 00:00:00 UTC"}]
    assert stored["poll_answers"] == [{"poll": 1}, {"poll": 2}, {"poll": 3, "answer": f"of {DAVE}"}]
    assert await database.run(privacy.delete_over, polls, now=101.5 * DAY, limit=9) == 1
    assert await database.run(privacy.delete_over, polls, now=time.time(), limit=1) == 1
