"""What people chose for themselves, wherever they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from sqlalchemy import select

from bot.store.schema import own_choices as o
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from sqlalchemy import Connection

Choice: TypeAlias = Literal["language", "private", "notify"]


@dataclass(frozen=True, slots=True)
class OwnChoices:
    """`language` None: as their Discord is set. `private`: where neither the command nor the place says otherwise.
    `notify`: one of `schema.NOTIFY`.
    """

    language: str | None = None
    private: bool = False
    notify: str = "always"


def all_of_them(c: Connection) -> dict[int, OwnChoices]:
    query = select(o.c.person_id, o.c.language, o.c.private, o.c.notify)
    return {person_id: OwnChoices(*chosen) for person_id, *chosen in c.execute(query)}


def of(c: Connection, person_id: int) -> OwnChoices | None:
    """None: they chose nothing."""
    query = select(o.c.language, o.c.private, o.c.notify).where(o.c.person_id == person_id)
    row = c.execute(query).first()
    return None if row is None else OwnChoices(*row)


def put(c: Connection, person_id: int, choice: Choice, value: object, *, now: float) -> None:
    """Keep one choice; the others stay as they are."""
    insert = insert_for(c, o).values({"person_id": person_id, choice: value, "changed_at": now})
    changed = {choice: insert.excluded[choice], "changed_at": insert.excluded.changed_at}
    c.execute(insert.on_conflict_do_update(index_elements=[o.c.person_id], set_=changed))
