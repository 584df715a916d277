"""Settings as moderators left them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.settings import stored as settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.settings.stored import Json


def put(
    c: Connection,
    *,
    scope: str,
    scope_id: int,
    key: str,
    value: Json | None,
    changed_by: int,
    now: float,
    guild_id: int | None = None,
) -> None:
    """Store one value; None: nothing is set there any more."""
    settings.put_all(c, {(scope, scope_id, key): value}, changed_by=changed_by, now=now, guild_id=guild_id)
