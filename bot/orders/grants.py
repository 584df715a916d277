"""Credits that moderators give to a person: an account in the ledger, and a line in the history of settings.

A line has the key `GRANT`, the server's scope, and what was given as its value, so that the history, its pages and
undoing treat it like any other change. No setting has this key: it is never exported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Required, TypedDict, cast

from sqlalchemy import insert, select, update

from bot.orders import ledger
from bot.settings.changes import Changed
from bot.store.schema import setting_changes as h

if TYPE_CHECKING:
    from sqlalchemy import Connection

GRANT: Final = "grant"


class Granted(TypedDict, total=False):
    """The value of a line. `person` and `reason` are missing where that person's data was deleted."""

    credits: Required[int]
    person: str
    """The id as text: some JSON readers round large numbers."""
    reason: str


def value_of(line: Changed) -> Granted:
    """What a line of the history gave."""
    return cast("Granted", line.after)


def give(
    c: Connection,
    *,
    guild_id: int,
    person_id: int,
    credits: int,  # noqa: A002 - the word for them
    reason: str,
    by: int,
    now: float,
    undoes: int | None = None,
) -> Changed | None:
    """Give credits (negative: take unused ones back) and note it in the history. None: there was nothing to take.

    What undoes a batch is noted in any case: it is then known to be taken back.
    """
    given = ledger.grant(c, guild_id=guild_id, person_id=person_id, credits=credits)
    if given == 0 and undoes is None:
        return None
    value: Granted = {"credits": given, "person": str(person_id), "reason": reason}
    line = insert(h).values(
        undoes=undoes,
        guild_id=guild_id,
        scope="server",
        scope_id=guild_id,
        key=GRANT,
        after=value,
        changed_by=by,
        changed_at=now,
    )
    line_id = c.execute(line.returning(h.c.id)).scalar_one()
    numbered = update(h).where(h.c.id == line_id).values(batch=line_id)
    return Changed(*c.execute(numbered.returning(h)).one())


def take_back(c: Connection, line: Changed, *, by: int, now: float) -> Changed | None:
    """Undo a grant as far as it is not used, and note it. None: nobody knows any more whose it was."""
    granted = value_of(line)
    if "person" not in granted:
        return None
    return give(
        c,
        guild_id=line.scope_id,
        person_id=int(granted["person"]),
        credits=-granted["credits"],
        reason=granted.get("reason", ""),
        by=by,
        now=now,
        undoes=line.batch,
    )


def of_person(c: Connection, person_id: int) -> list[Changed]:
    """What a person was ever granted, oldest first."""
    # Looked at here: PostgreSQL refuses to look into a JSON value of which any text holds a NUL.
    lines = (Changed(*row) for row in c.execute(select(h).where(h.c.key == GRANT).order_by(h.c.id)))
    return [line for line in lines if value_of(line).get("person") == str(person_id)]


def forget_person(c: Connection, person_id: int) -> None:
    """Take names and reasons from what a person was granted, and the reasons from what they granted."""
    name = str(person_id)
    for id_, by, after in c.execute(select(h.c.id, h.c.changed_by, h.c.after).where(h.c.key == GRANT)).all():
        if by != person_id and after.get("person") != name:
            continue
        kept: dict[str, Any] = {"credits": after["credits"]}
        if after.get("person", name) != name:
            kept["person"] = after["person"]
        c.execute(update(h).where(h.c.id == id_).values(after=kept))
