"""What moderators set, as stored: (scope, id) → key → JSON value. What it means is `bot.settings`'s matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import bindparam, delete, select, tuple_

from bot.store.schema import settings
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

Json: TypeAlias = "str | int | float | bool | list[Any] | dict[str, Any]"
Place: TypeAlias = tuple[str, int]
"""'server', 'category' or 'channel', and the id of that guild, category, channel or thread."""


_AT_ONCE = 500
"""Places in one statement: databases limit its parameters."""


_READ: Final = select(settings.c.scope, settings.c.scope_id, settings.c.key, settings.c.value).where(
    tuple_(settings.c.scope, settings.c.scope_id).in_(bindparam("places", expanding=True))
)
"""Made once: it is run with every order."""


def read(c: Connection, *, scopes: Collection[Place]) -> dict[Place, dict[str, Json]]:
    """What is stored for these places. A place without settings is not in the answer."""
    found: dict[Place, dict[str, Json]] = {}
    wanted = [(str(scope), scope_id) for scope, scope_id in scopes]
    for first in range(0, len(wanted), _AT_ONCE):
        for scope, scope_id, key, value in c.execute(_READ, {"places": wanted[first : first + _AT_ONCE]}):
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


def put_all(
    c: Connection,
    values: Mapping[tuple[str, int, str], Json | None],
    *,
    changed_by: int,
    now: float,
    guild_id: int | None,
) -> None:
    """Store values by scope, id and key (None: nothing is to be set there any more), in two statements however many
    they are.
    """
    by = {"changed_by": changed_by, "changed_at": now, "guild_id": guild_id}
    kept = [{**_named(where), **by, "value": value} for where, value in values.items() if value is not None]
    gone = [_named(where, "gone_") for where, value in values.items() if value is None]
    if kept:
        insert = insert_for(c, settings)
        changed = {name: insert.excluded[name] for name in ("value", *by)}
        key = [settings.c.scope, settings.c.scope_id, settings.c.key]
        c.execute(insert.on_conflict_do_update(index_elements=key, set_=changed), kept)
    if gone:
        matches = (settings.c[name] == bindparam(f"gone_{name}") for name in ("scope", "scope_id", "key"))
        c.execute(delete(settings).where(*matches), gone)


def _named(where: tuple[str, int, str], prefix: str = "") -> dict[str, object]:
    return {f"{prefix}{name}": part for name, part in zip(("scope", "scope_id", "key"), where, strict=True)}
