"""When a member of a server last could not report a message, since it has no log channel: for who manages it, nobody's
name with it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bot.store import key_values

if TYPE_CHECKING:
    from sqlalchemy import Connection


def note(c: Connection, guild_id: int) -> None:
    key_values.put(c, _key(guild_id), str(int(time.time())))


def last(c: Connection, guild_id: int) -> int | None:
    """In Unix seconds; None: never."""
    value = key_values.get(c, _key(guild_id))
    return None if value is None else int(value)


def _key(guild_id: int) -> str:
    return f"report_missed:{guild_id}"
