"""Changes of settings: their history, and what can be taken back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy import event

from bot.settings import changes
from bot.settings import stored as settings
from bot.settings.changes import Change, ChangeSet, Realm

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from bot.settings.stored import Json
    from bot.store.database import Database

REALM = Realm(9, 20)


async def make(database: Database, *wanted: Change, guild_id: int | None = 9, undoes: int | None = None, by: int = 1):
    return await database.run(changes.make, wanted, by=by, now=5.0, guild_id=guild_id, undoes=undoes)


def channel(value: object, key: str = "max_images", id_: int = 20) -> Change:
    return Change("channel", id_, key, value)  # pyright: ignore[reportArgumentType] - any JSON value


async def test_changes_made_in_one_go_are_one_batch(database: Database):
    lines = await make(database, channel(1), channel("x", "chat_model"), channel(None, "answers"))
    assert [(line.batch, line.key, line.before, line.after) for line in lines] == [
        (lines[0].id, "max_images", None, 1),
        (lines[0].id, "chat_model", None, "x"),
    ]
    assert await make(database, channel(1)) == []
    assert await database.run(changes.history, REALM, limit=9, lines=9) == [ChangeSet(2, tuple(lines))]
    assert await database.run(changes.history, REALM, limit=9, lines=1) == [ChangeSet(2, tuple(lines[:1]))]
    model = changes.Wanted(key="chat_model")
    assert await database.run(changes.history, REALM, wanted=model, limit=9, lines=9) == [ChangeSet(2, (lines[1],))]
    (later,) = await make(database, channel(2))
    assert [one.lines[0] for one in await database.run(changes.history, REALM, limit=1, lines=9)] == [later]
    older = await database.run(changes.history, REALM, before=later.batch, limit=1, lines=9)
    assert older == [ChangeSet(2, tuple(lines))]


async def test_thousands_are_one_batch_in_a_few_statements(database: Database):
    counted: list[str] = []

    def count(c: Connection) -> list[changes.Changed]:
        # asyncpg runs its statements one by one under the same roof; SQLAlchemy hands over each once.
        def note(*facts: object) -> None:
            counted.append(str(facts[2]))

        event.listen(c.engine, "before_cursor_execute", note)
        wanted = [channel(number, f"key{number % 4}", id_=20 + number // 4) for number in range(1980)]
        try:
            return changes.make(c, wanted, by=1, now=5.0, guild_id=9)
        finally:
            event.remove(c.engine, "before_cursor_execute", note)

    made = await database.run(count)
    assert [line.after for line in made] == list(range(1980))
    assert {line.batch for line in made} == {made[0].id}
    assert sorted(line.id for line in made) == [line.id for line in made]
    assert len(counted) < 20
    back = await database.run(changes.make, changes.taking_back(made), by=1, now=6.0, guild_id=9, undoes=made[0].id)
    assert len(back) == 1980
    assert await database.run(changes.everything, REALM) == {}


async def test_true_is_not_one(database: Database):
    await make(database, channel(1))
    (line,) = await make(database, channel(value=True))
    assert line.after is True


async def test_a_realm_sees_its_own_and_nobody_elses(database: Database):
    mine = await make(database, channel(1), channel(2, id_=21))
    await make(database, channel(3, id_=30), guild_id=10)
    outside = await make(database, channel(4, id_=40), guild_id=None)
    own = Realm(9, 20, frozenset({("channel", 20)}))

    assert await database.run(changes.everything, REALM) == {
        ("channel", 20): {"max_images": 1},
        ("channel", 21): {"max_images": 2},
    }
    assert await database.run(changes.everything, own) == {("channel", 20): {"max_images": 1}}
    assert await database.run(changes.history, own, limit=9, lines=9) == [ChangeSet(1, (mine[0],))]
    assert await database.run(changes.history, Realm(None, 40), limit=9, lines=9) == [ChangeSet(1, tuple(outside))]
    assert await database.run(changes.history, Realm(None, 20), limit=9, lines=9) == []
    assert await database.run(changes.of_batch, mine[0].batch, Realm(10, 30)) == []
    # A batch that touched more than one may see is not one's own to take back.
    assert await database.run(changes.to_undo, own, limit=9) == []
    assert await database.run(changes.to_undo, REALM, limit=9) == [mine[0].batch]
    assert await database.run(changes.to_undo, Realm(9, 20, frozenset()), limit=9) == []


async def test_what_was_taken_back_is_not_taken_back_again(database: Database):
    first, second = (await make(database, channel(1)))[0], (await make(database, channel(2)))[0]
    assert await database.run(changes.to_undo, REALM, limit=9) == [second.batch, first.batch]
    back = changes.taking_back(await database.run(changes.of_batch, second.batch, REALM))
    (line,) = await make(database, *back, undoes=second.batch)

    assert (line.before, line.after, line.undoes) == (2, 1, second.batch)
    assert await database.run(changes.to_undo, REALM, limit=9) == [first.batch]
    assert await database.run(changes.is_undone, second.batch)
    assert not await database.run(changes.is_undone, first.batch)
    assert await database.run(changes.last_undo, REALM) == line


async def test_taking_back_what_is_so_already_leaves_its_line(database: Database):
    (first,) = await make(database, channel(1))
    await make(database, channel(None))
    lines = await make(database, channel(None), undoes=first.batch)
    assert [(line.before, line.after) for line in lines] == [(None, None)]
    assert await database.run(changes.is_undone, first.batch)


@pytest.mark.parametrize("times", [8])
async def test_of_many_undos_at_once_one_takes_it_back(database: Database, times: int):
    (first,) = await make(database, channel(1))
    (second,) = await make(database, channel(2))

    def undo(c: Connection) -> bool:
        lines = changes.of_batch(c, second.batch, REALM)
        if changes.is_undone(c, second.batch):
            return False
        changes.make(c, changes.taking_back(lines), by=1, now=6.0, guild_id=9, undoes=second.batch)
        return True

    done = await asyncio.gather(*(database.run(undo) for _ in range(times)))
    assert done.count(True) == 1
    assert await database.run(settings.read, scopes=[("channel", 20)]) == {("channel", 20): {"max_images": 1}}
    assert await database.run(changes.to_undo, REALM, limit=9) == [first.batch]


@pytest.mark.parametrize("guild_id", [9, None])
async def test_of_many_edits_at_once_none_is_lost(database: Database, guild_id: int | None):
    """Also the first ones, when there is no row yet that they could wait for."""
    place = ("server", 9) if guild_id else ("channel", 20)

    def add(number: int) -> Callable[[Json | None], Json | None]:
        return lambda present: [*cast("list[str]", present or []), f"imagine:m{number}*=5"]

    async def edit(number: int) -> tuple[Json | None, list[changes.Changed]]:
        return await database.run(changes.edit, place, "prices", add(number), by=1, now=6.0, guild_id=guild_id)

    made = await asyncio.gather(*map(edit, range(12)))
    stored = (await database.run(settings.read, scopes=[place]))[place]["prices"]
    assert sorted(cast("list[str]", stored)) == sorted(f"imagine:m{number}*=5" for number in range(12))
    # Each line says what it replaced: a chain, from nothing to what is stored.
    lines = sorted((line for _, (line,) in made), key=lambda line: line.id)
    assert [line.before for line in lines] == [None, *(line.after for line in lines[:-1])]
    assert lines[-1].after == stored


async def test_an_edit_and_a_change_at_once_are_one_after_the_other(database: Database):
    """What an edit replaces is what the history says was there: nobody can set something in between."""

    async def edit() -> list[changes.Changed]:
        def append(present: Json | None) -> Json | None:
            return [*cast("list[str]", present or []), "ask=2"]

        return (await database.run(changes.edit, ("server", 9), "prices", append, by=1, now=6.0, guild_id=9))[1]

    wanted = Change("server", 9, "prices", ["video=9"])
    done = await asyncio.gather(*(edit() if turn % 2 else make(database, wanted) for turn in range(10)))
    lines = sorted((line for some in done for line in some), key=lambda line: line.id)
    assert [line.before for line in lines] == [None, *(line.after for line in lines[:-1])]
    for line in lines:
        assert line.after in (["video=9"], [*cast("list[str]", line.before or []), "ask=2"])
