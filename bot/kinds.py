"""What can be ordered."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    ASK = "ask"
    IMAGE = "image"
    VIDEO = "video"

    @property
    def command(self) -> str:
        """Its command's name: what people read and write (settings and their file, DAILY_LIMIT_PER_USER, prices), and
        so what days' counts and reservations are stored with.
        """
        return "imagine" if self is Kind.IMAGE else self.value


BY_COMMAND: Final[Mapping[str, Kind]] = {kind.command: kind for kind in Kind}
"""What people wrote → what is meant."""
