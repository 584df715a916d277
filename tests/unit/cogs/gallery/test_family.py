"""The family of a picture as a person may be shown it: nearest first, bounded, without what is not theirs to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.generation.rows import votes
from bot.generation.rows.parents import Parent
from cogs.gallery.family import EXPLORED, MOST, Family, Sight, read_family
from cogs.gallery.rows import Reach
from tests.unit.cogs.gallery.exhibits import HERE, put, put_all

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database

THERE = 21
REACH = Reach(guild_id=9, channels=frozenset({HERE}))


def tree(family: Family | None) -> dict[int, tuple[str, int | None]]:
    assert family is not None
    return {id_: (each.sight.value, each.parent) for id_, each in family.relatives.items()}


@pytest.mark.parametrize("asked", [0, 1, 2, 3])
async def test_from_any_member_the_same_tree(database: Database, asked: int) -> None:
    def family(c: Connection) -> list[int]:
        first = put(c)
        second = put(c, first)
        third = put(c, second)
        other = put(c, first)
        put(c)
        votes.cast(c, third, 1, 0, now=1.0)
        votes.cast(c, third, 2, 1, now=1.0)
        return [first, second, third, other]

    made = await database.run(family)
    found = await database.run(read_family, REACH, made[asked])
    assert tree(found) == {
        made[0]: ("shown", None),
        made[1]: ("shown", made[0]),
        made[2]: ("shown", made[1]),
        made[3]: ("shown", made[0]),
    }
    assert found is not None
    assert next(iter(found.relatives)) == made[asked]
    assert found.relatives[made[2]].votes == 2
    assert (found.left_out, found.at_least) == ([], False)


@pytest.mark.parametrize(
    ("facts", "sight"),
    [
        ({"private": True}, Sight.HIDDEN),
        ({"channel_id": THERE}, Sight.HIDDEN),
        ({"guild_id": 8}, Sight.HIDDEN),
        ({"removed_at": 5.0, "message_id": None}, Sight.REMOVED),
        ({"message_id": None}, Sight.REMOVED),
        ({"removed_at": 5.0, "private": True}, Sight.HIDDEN),
        ({"removed_at": 5.0, "channel_id": THERE}, Sight.HIDDEN),
    ],
)
async def test_what_is_not_shown_is_there_for_its_children_only(
    database: Database, facts: dict[str, Any], sight: Sight
) -> None:
    def family(c: Connection) -> list[int]:
        first = put(c)
        middle = put(c, first, **facts)
        last = put(c, middle)
        put(c, first, **facts)
        put(c, last, **facts)
        return [first, middle, last]

    first, middle, last = await database.run(family)
    for asked in (first, last):
        assert tree(await database.run(read_family, REACH, asked)) == {
            first: ("shown", None),
            middle: (sight.value, first),
            last: ("shown", middle),
        }
    assert await database.run(read_family, REACH, middle) is None


async def test_failed_tries_are_passed_over(database: Database) -> None:
    def family(c: Connection) -> list[int]:
        first = put(c)
        failed = put(c, first, state="failed")
        # A Retry comes from what the failed one came from.
        again = put(c, first, state="unknown", parent_id=failed)
        third = put(c, first, parent_id=again)
        put(c, first, state="failed")
        # A plain order that failed, and its Retry, came from nothing.
        lost = put(c, state="failed")
        retried = put(c, action="retry", parent_id=lost)
        return [first, third, retried]

    first, third, retried = await database.run(family)
    for asked in (first, third):
        assert tree(await database.run(read_family, REACH, asked)) == {first: ("shown", None), third: ("shown", first)}
    assert tree(await database.run(read_family, REACH, retried)) == {retried: ("shown", None)}


async def test_what_is_on_its_way_is_not_shown(database: Database) -> None:
    def family(c: Connection) -> int:
        first = put(c)
        put(c, first, state="queued", submitted_at=None, generated_at=None, ended_at=None)
        put(c, first, state="cancelled")
        put(c, first, state="dropped")
        return first

    first = await database.run(family)
    assert tree(await database.run(read_family, REACH, first)) == {first: ("shown", None)}


async def test_of_a_large_family_the_nearest(database: Database) -> None:
    def family(c: Connection) -> list[int]:
        line = [put(c)]
        for _ in range(40):
            line.append(put(c, line[-1]))
        return line

    line = await database.run(family)
    found = await database.run(read_family, REACH, line[20])
    assert found is not None
    assert len(found.relatives) == MOST
    assert set(found.relatives) == set(line[20 - MOST // 2 : 20 + MOST // 2]) or set(found.relatives) == set(
        line[21 - MOST // 2 : 21 + MOST // 2]
    )
    assert [each.parent for each in found.relatives.values()].count(None) == 1
    assert (len(found.left_out), found.at_least) == (41 - MOST, False)


async def test_an_endless_family_is_counted_to_a_bound(database: Database) -> None:
    last = EXPLORED + 22
    family = {1: None, **dict.fromkeys(range(2, last + 1), 1), last + 1: last}
    no_facts: dict[str, Any] = {}
    pictures = {id_: ([] if parent is None else [Parent(parent)], no_facts) for id_, parent in family.items()}
    await database.run(put_all, pictures)
    found = await database.run(read_family, REACH, 1)
    assert found is not None
    assert len(found.relatives) == MOST
    assert len(found.left_out) >= EXPLORED - MOST
    assert found.at_least
