"""Credits that moderators give to a person: an account in the ledger, and a line in the history of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Required, TypedDict, cast

from bot.orders import ledger, person_lines
from bot.orders.person_lines import GRANT

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.settings.changes import Changed


class Granted(TypedDict, total=False):
    """The value of a line. `person` and `reason` are missing where that person's data was deleted."""

    credits: Required[int]
    person: str
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
    value = {"credits": given, "person": str(person_id), "reason": reason}
    return person_lines.note(c, GRANT, guild_id=guild_id, before=None, after=value, by=by, now=now, undoes=undoes)


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
