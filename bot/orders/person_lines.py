"""Lines of the history of settings that are about a person: what moderators gave them, and that they were barred.

A line has a key that no setting has, the server's scope, and what is said of the person as its values, so that the
history, its pages and undoing treat it like any other change. It is never exported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import insert, or_, select, update

from bot.settings.changes import Changed
from bot.store.schema import setting_changes as h

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

GRANT: Final = "grant"
BAR: Final = "bar"
KEYS: Final = frozenset({GRANT, BAR})


def note(
    c: Connection,
    key: str,
    *,
    guild_id: int,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    by: int,
    now: float,
    undoes: int | None,
) -> Changed:
    """A line, a batch of its own. A value has the person's id as text: some JSON readers round large numbers."""
    line = insert(h).values(
        undoes=undoes,
        guild_id=guild_id,
        scope="server",
        scope_id=guild_id,
        key=key,
        before=before,
        after=after,
        changed_by=by,
        changed_at=now,
    )
    line_id = c.execute(line.returning(h.c.id)).scalar_one()
    numbered = update(h).where(h.c.id == line_id).values(batch=line_id)
    return Changed(*c.execute(numbered.returning(h)).one())


def of_person(c: Connection, key: str, person_id: int) -> list[Changed]:
    """What is said of a person under a key, oldest first."""
    # Looked at here: PostgreSQL refuses to look into a JSON value of which any text holds a NUL.
    lines = (Changed(*row) for row in c.execute(select(h).where(h.c.key == key).order_by(h.c.id)))
    return [line for line in lines if str(person_id) in {_person(line.before), _person(line.after)}]


def forget_person(c: Connection, person_id: int) -> None:
    """Take names and reasons from what is said of a person, and the reasons from what they said of others."""
    about = or_(*(h.c.key == key for key in sorted(KEYS)))
    for id_, by, before, after in c.execute(select(h.c.id, h.c.changed_by, h.c.before, h.c.after).where(about)).all():
        left = {"before": _without(before, by, person_id), "after": _without(after, by, person_id)}
        if left != {"before": before, "after": after}:
            c.execute(update(h).where(h.c.id == id_).values(left))


def _without(value: dict[str, Any] | None, by: int | None, person_id: int) -> dict[str, Any] | None:
    name = str(person_id)
    if value is None or (by != person_id and value.get("person") != name):
        return value
    return {fact: said for fact, said in value.items() if fact != "reason" and (fact != "person" or said != name)}


def _person(value: object) -> str | None:
    return cast("dict[str, str]", value).get("person") if isinstance(value, dict) else None
