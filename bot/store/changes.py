"""Changes of settings, each with its line in the history: who changed what, when, from what to what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from bot.store import settings
from bot.store.schema import setting_changes as h
from bot.store.settings import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection


@dataclass(frozen=True, slots=True)
class Change:
    """`value` None: nothing is to be set there any more."""

    scope: str
    scope_id: int
    key: str
    value: Json | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A line of the history; the columns' order is `schema.setting_changes`'s. Times are Unix seconds."""

    id: int
    batch: int
    """Changes made in one go share the id of the first of them."""
    undoes: int | None
    """The batch that this one took back."""
    guild_id: int | None
    scope: str
    scope_id: int
    key: str
    before: Json | None
    after: Json | None
    changed_by: int | None
    """None: that person's data was deleted."""
    changed_at: float


def make(
    c: Connection,
    wanted: Sequence[Change],
    *,
    by: int,
    now: float,
    guild_id: int | None,
    undoes: int | None = None,
) -> list[Changed]:
    """Make the changes in one go and return the lines of the history; what is so already leaves none."""
    made: list[Changed] = []
    for change in wanted:
        scope, scope_id, key = str(change.scope), change.scope_id, change.key
        if change.value is None:
            before = settings.remove(c, scope=scope, scope_id=scope_id, key=key)
        else:
            before = settings.put(
                c,
                scope=scope,
                scope_id=scope_id,
                key=key,
                value=change.value,
                changed_by=by,
                now=now,
                guild_id=guild_id,
            )
        if before == change.value and type(before) is type(change.value):
            continue
        line = insert(h).values(
            batch=made[0].id if made else None,
            undoes=undoes,
            guild_id=guild_id,
            scope=scope,
            scope_id=scope_id,
            key=key,
            before=before,
            after=change.value,
            changed_by=by,
            changed_at=now,
        )
        row = c.execute(line.returning(h)).one()
        if row.batch is None:
            c.execute(update(h).where(h.c.id == row.id).values(batch=row.id))
            row = c.execute(select(h).where(h.c.id == row.id)).one()
        made.append(Changed(*row))
    return made


def history(
    c: Connection, *, guild_id: int | None, channel_id: int, before_id: int | None = None, limit: int
) -> list[Changed]:
    """The changes in a server, or outside servers in this channel, newest first."""
    query = select(h).where(_within(guild_id, channel_id)).order_by(h.c.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(h.c.id < before_id)
    return [Changed(*row) for row in c.execute(query)]


def of_batch(c: Connection, batch: int) -> list[Changed]:
    """The changes that were made in one go, oldest first."""
    return [Changed(*row) for row in c.execute(select(h).where(h.c.batch == batch).order_by(h.c.id))]


def newest_to_undo(c: Connection, *, guild_id: int | None, channel_id: int) -> int | None:
    """The newest batch that is no undoing itself and was not taken back yet."""
    undone = select(h.c.undoes).where(h.c.undoes.is_not(None))
    open_ = _within(guild_id, channel_id) & h.c.undoes.is_(None) & h.c.batch.not_in(undone)
    return c.execute(select(h.c.batch).where(open_).order_by(h.c.id.desc()).limit(1)).scalar()


def taking_back(lines: Sequence[Changed]) -> list[Change]:
    """The changes that bring back what was before `lines`, newest first."""
    return [Change(line.scope, line.scope_id, line.key, line.before) for line in reversed(lines)]


def _within(guild_id: int | None, channel_id: int) -> ColumnElement[bool]:
    if guild_id is not None:
        return h.c.guild_id == guild_id
    return h.c.guild_id.is_(None) & (h.c.scope == "channel") & (h.c.scope_id == channel_id)
