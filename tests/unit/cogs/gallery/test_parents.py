"""Images made of several others: in random families the lineage, and what is left when one is taken away.

The bench `tests/bench/families.py` looks at a thousand.
"""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.generation.rows import generations
from bot.generation.rows.lineage import children_of
from bot.generation.rows.parents import Parent
from bot.store.schema import generations as table
from bot.store.schema import parents as links
from cogs.gallery.family import Sight, read_family
from cogs.gallery.rows import Reach
from cogs.privacy import rows as privacy
from tests.unit.cogs.gallery.exhibits import HERE, put_all

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database

FAMILIES = 40
REACH = Reach(guild_id=9, channels=frozenset({HERE}))


def grown(chance: random.Random, first: int) -> dict[int, list[Parent]]:
    """A family, whose ids begin at `first`: each made of none to three of those before it, which may be two images of
    one.
    """
    made: dict[int, list[Parent]] = {}
    for id_ in range(first, first + chance.randint(2, 9)):
        of = [
            Parent(chance.choice(list(made)), chance.choice([None, 0, 1, 3]))
            for _ in range(chance.choice([0, 1, 1, 2, 3]) if made else 0)
        ]
        made[id_] = list(dict.fromkeys(of))
    return made


def connected(made: dict[int, list[Parent]], start: int) -> set[int]:
    """All that leads to it, or from it, by any way."""
    found, open_ = {start}, [start]
    while open_:
        one = open_.pop()
        near = {parent.id for parent in made[one]} | {id_ for id_, of in made.items() if one in {p.id for p in of}}
        open_ += near - found
        found |= near
    return found


async def test_random_families(database: Database) -> None:
    await database.run(partial(look_at, count=FAMILIES, seed=17))


def look_at(c: Connection, *, count: int, seed: int) -> int:
    """In an empty database; how many images they are."""
    chance = random.Random(seed)
    families: list[dict[int, list[Parent]]] = []
    whole: dict[int, list[Parent]] = {}
    for _ in range(count):
        families.append(grown(chance, len(whole) + 1))
        whole |= families[-1]
    put_all(c, {id_: (of, {"count": 4, "person_id": chance.choice([1, 2])}) for id_, of in whole.items()})
    for made in families:
        asked = chance.choice(list(made))
        family = read_family(c, REACH, asked)
        assert family is not None
        assert {id_: list(each.parents) for id_, each in family.relatives.items()} == {
            id_: made[id_] for id_ in connected(made, asked)
        }
        assert next(iter(family.relatives)) == asked
        # One is removed: it is a gap for what came of it, and every other link stands.
        removed = chance.choice(list(made))
        generations.remove(c, removed, by=1, now=9.0)
        came_of_it = {row.id for row in children_of(c, [removed], limit=99)}
        assert came_of_it == {id_ for id_, of in made.items() if removed in {parent.id for parent in of}}
        rest = made.keys() - {removed}
        while rest:
            id_ = min(rest)
            left = read_family(c, REACH, id_)
            assert left is not None
            assert {each for each in left.relatives if left.relatives[each].sight is Sight.REMOVED} <= {removed}
            together = connected(made, id_) - {removed}
            assert left.relatives.keys() - {removed} == together
            assert all(list(left.relatives[each].parents) == made[each] for each in together)
            rest -= together
    # A person's rows are deleted: what they were goes, and nothing else.
    gone = set(privacy.delete_of(c, table.c.person_id, 2, now=9.0, limit=len(whole)))
    kept = {id_: [p for p in of if p.id not in gone] for id_, of in whole.items() if id_ not in gone}
    stored: dict[int, list[Parent]] = {id_: [] for id_ in c.execute(select(table.c.id)).scalars()}
    for row in c.execute(select(links).order_by(*links.primary_key)):
        stored[row.generation_id].append(Parent(row.parent_id, row.source_position))
    assert stored == kept
    return len(whole)
