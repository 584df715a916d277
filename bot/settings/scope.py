"""Where a value is stored."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """Where a value is stored. A thread is a channel of its own."""

    SERVER = "server"
    CATEGORY = "category"
    CHANNEL = "channel"
