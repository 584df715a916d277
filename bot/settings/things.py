"""What settings name of a server beside values: roles, channels and categories, by their ids."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias


class What(StrEnum):
    """A thread is a channel."""

    ROLE = "role"
    CHANNEL = "channel"
    CATEGORY = "category"


Thing: TypeAlias = "tuple[What, int]"
