"""What moderators set, as stored: (scope, id) → key → JSON value. What it means is `bot.settings`'s matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import delete, select, tuple_

from bot.store.schema import settings
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Connection

Json: TypeAlias = "str | int | float | bool | list[Any] | dict[str, Any]"
Place: TypeAlias = tuple[str, int]
"""'server', 'category' or 'channel', and the id of that guild, category, channel or thread."""


def read(c: Connection, *, scopes: Sequence[Place]) -> dict[Place, dict[str, Json]]:
    """What is stored for these places. A place without settings is not in the answer."""
    found: dict[Place, dict[str, Json]] = {}
    if not scopes:
        return found
    places = tuple_(settings.c.scope, settings.c.scope_id).in_([(str(scope), scope_id) for scope, scope_id in scopes])
    query = select(settings.c.scope, settings.c.scope_id, settings.c.key, settings.c.value).where(places)
    for scope, scope_id, key, value in c.execute(query):
        found.setdefault((scope, scope_id), {})[key] = value
    return found


def of_servers(c: Connection, *, keys: Collection[str]) -> dict[int, dict[str, Json]]:
    """What servers have set of `keys`, by their ids."""
    found: dict[int, dict[str, Json]] = {}
    query = select(settings.c.scope_id, settings.c.key, settings.c.value).where(
        settings.c.scope == "server", settings.c.key.in_(keys)
    )
    for scope_id, key, value in c.execute(query):
        found.setdefault(scope_id, {})[key] = value
    return found


def places_with(c: Connection, *, key: str) -> list[Place]:
    """Every place for which `key` is set."""
    query = select(settings.c.scope, settings.c.scope_id).where(settings.c.key == key)
    return [(scope, scope_id) for scope, scope_id in c.execute(query)]


def channels_with(c: Connection, *, key: str) -> list[tuple[int, int]]:
    """Every channel and thread of a server for which `key` is set: the server's id, and its own."""
    s = settings.c
    query = select(s.guild_id, s.scope_id).where(s.key == key, s.scope == "channel", s.guild_id.is_not(None))
    return [(guild_id, scope_id) for guild_id, scope_id in c.execute(query)]


def put(
    c: Connection,
    *,
    scope: str,
    scope_id: int,
    key: str,
    value: Json,
    changed_by: int,
    now: float,
    guild_id: int | None = None,
) -> Json | None:
    """Store a value and return the one before it (None: there was none). `value` is anything JSON has but null."""
    where = _row(scope, scope_id, key)
    before = c.execute(select(settings.c.value).where(where).with_for_update()).scalar()
    insert = insert_for(c, settings).values(
        scope=str(scope),
        scope_id=scope_id,
        key=key,
        value=value,
        changed_by=changed_by,
        changed_at=now,
        guild_id=guild_id,
    )
    new = insert.excluded
    c.execute(
        insert.on_conflict_do_update(
            index_elements=[settings.c.scope, settings.c.scope_id, settings.c.key],
            set_={
                "value": new.value,
                "changed_by": new.changed_by,
                "changed_at": new.changed_at,
                "guild_id": new.guild_id,
            },
        )
    )
    return before


def remove(c: Connection, *, scope: str, scope_id: int, key: str) -> Json | None:
    """Remove a value and return it (None: there was none)."""
    return c.execute(delete(settings).where(_row(scope, scope_id, key)).returning(settings.c.value)).scalar()


def _row(scope: str, scope_id: int, key: str) -> ColumnElement[bool]:
    return (settings.c.scope == str(scope)) & (settings.c.scope_id == scope_id) & (settings.c.key == key)
