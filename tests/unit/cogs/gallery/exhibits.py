"""What the tests of the gallery share: pictures in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, update

from bot.generation.rows import generations, parents
from bot.generation.rows.parents import Parent
from bot.generation.rows.records import NewGeneration
from bot.store.schema import generations as table
from bot.store.schema import parents as parents_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

HERE: Final = 20
"""The channel."""


def put(c: Connection, *made_of: int | Parent | None, **facts: Any) -> int:
    """A delivered picture, a remix of the first of `made_of`; keywords are columns."""
    of = [Parent(one) if isinstance(one, int) else one for one in made_of if one is not None]
    row = generations.insert(c, NewGeneration(**_new(of)), now=1.0)
    c.execute(update(table).where(table.c.id == row.id).values(_DONE | facts))
    parents.put(c, row.id, of)
    return row.id


def put_all(c: Connection, pictures: Mapping[int, tuple[Sequence[Parent], Mapping[str, Any]]]) -> None:
    """Many at once, by the ids that they are to have: what each is made of, and its columns."""
    begun: dict[str, Any] = {"epoch": 0, "created_at": 1.0, "parameters": {}, "private": False, "token_only": False}
    c.execute(
        insert(table), [_new(of) | begun | _DONE | {"id": id_} | dict(facts) for id_, (of, facts) in pictures.items()]
    )
    links = [
        {"generation_id": id_, "position": number, "parent_id": one.id, "source_position": one.position}
        for id_, (of, _) in pictures.items()
        for number, one in enumerate(of)
    ]
    c.execute(insert(parents_table), links)


_DONE: Final = {"state": "delivered", "submitted_at": 2.0, "generated_at": 3.0, "ended_at": 4.0}


def _new(of: Sequence[Parent]) -> dict[str, Any]:
    parent = of[0].id if of else None
    return {
        "kind": "image",
        "person_id": 1,
        "guild_id": 9,
        "channel_id": HERE,
        "message_id": 30,
        "context": "guild",
        "application_id": 40,
        "locale": "en",
        "prompt": "a red fox",
        "model": "wan",
        "parent_id": parent,
        "action": None if parent is None else "remix",
    }
