"""Reports, and the line that stands for each reported message in a log channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, insert, select, update

from bot.errors import NotAllowed
from bot.store.schema import report_lines as lines
from bot.store.schema import reports
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST: Final = 5
WITHIN: Final = 3600.0
"""Reports of one person in so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A message, and the log channel that is told of it. `asked_by`: whom it is for, as far as that is known."""

    message_id: int
    guild_id: int
    channel_id: int
    asked_by: int | None
    log_channel_id: int


@dataclass(frozen=True, slots=True)
class Line:
    """The columns' order is `schema.report_lines`'s. Times are Unix seconds."""

    message_id: int
    guild_id: int
    channel_id: int
    asked_by: int | None
    log_channel_id: int
    log_message_id: int | None
    """None: it is about to be posted."""
    count: int
    reported_by: int | None
    """Who was first."""
    reported_at: float
    removed_by: int | None
    removed_at: float | None
    closed_by: int | None
    """Who found nothing wrong with it."""
    closed_at: float | None


def note(c: Connection, what: Reported, *, by: int, now: float) -> Line:
    """Note that somebody reports a message. NotAllowed: they did before, or they report too much."""
    if c.dialect.name == "postgresql":  # of two at once of one person the second sees the first
        c.execute(select(func.pg_advisory_xact_lock(by)))
    mine = reports.c.person_id == by
    if c.execute(select(reports.c.person_id).where(mine, reports.c.message_id == what.message_id)).first():
        raise NotAllowed("report.already")
    lately = select(func.count()).select_from(reports).where(mine, reports.c.reported_at > now - WITHIN)
    if c.execute(lately).scalar_one() >= MOST:
        raise NotAllowed("report.too_many", count=MOST)
    c.execute(insert(reports).values(message_id=what.message_id, person_id=by, reported_at=now))
    values = {name: getattr(what, name) for name in Reported.__slots__}
    made = insert_for(c, lines).values(**values, reported_by=by, reported_at=now)
    # Whoever found nothing wrong with it did not know what is said now.
    again = {"count": lines.c.count + 1, "closed_by": None, "closed_at": None}
    more = made.on_conflict_do_update(index_elements=[lines.c.message_id], set_=again)
    return Line(*c.execute(more.returning(lines)).one())


def posted(c: Connection, message_id: int, *, log_message_id: int) -> Line | None:
    """Note where the line stands; as it is now. None: it was forgotten meanwhile."""
    return _changed(c, message_id, log_message_id=log_message_id)


def withdraw(c: Connection, message_id: int) -> None:
    """Nobody can be told: it is as if nobody had reported it."""
    c.execute(delete(reports).where(reports.c.message_id == message_id))
    c.execute(delete(lines).where(lines.c.message_id == message_id))


def get(c: Connection, message_id: int) -> Line | None:
    found = c.execute(select(lines).where(lines.c.message_id == message_id)).first()
    return None if found is None else Line(*found)


def take(c: Connection, message_id: int, *, by: int, now: float) -> Line | None:
    """Take it on oneself to remove the message. None: somebody did before."""
    where = (lines.c.message_id == message_id) & lines.c.removed_at.is_(None)
    taken = update(lines).where(where).values(removed_by=by, removed_at=now).returning(lines)
    found = c.execute(taken).first()
    return None if found is None else Line(*found)


def close(c: Connection, message_id: int, *, by: int, now: float) -> Line | None:
    """Note that nothing is wrong with the message. None: somebody did before, or removed it."""
    where = (lines.c.message_id == message_id) & lines.c.removed_at.is_(None) & lines.c.closed_at.is_(None)
    found = c.execute(update(lines).where(where).values(closed_by=by, closed_at=now).returning(lines)).first()
    return None if found is None else Line(*found)


def give_back(c: Connection, message_id: int) -> None:
    """It could not be removed."""
    _changed(c, message_id, removed_by=None, removed_at=None)


def _changed(c: Connection, message_id: int, **values: object) -> Line | None:
    changed = update(lines).where(lines.c.message_id == message_id).values(values).returning(lines)
    found = c.execute(changed).first()
    return None if found is None else Line(*found)
