"""What is read of one file, as it is read."""

from __future__ import annotations

import re
import time
from typing import Literal, TypeAlias

from bot.documents.limits import PATIENCE, TEXT_LIMIT

_UNWRITTEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
Why: TypeAlias = Literal["unknown", "old_format", "encrypted", "damaged", "no_text", "too_much", "too_many_pixels"]


class Enough(Exception):
    """Nothing more is read of the file: there is as much text as is kept, or it took as long as it may."""


class Unreadable(Exception):
    """There is nothing more to be had of the file."""

    def __init__(self, reason: Why) -> None:
        super().__init__(reason)
        self.reason: Why = reason


class Answer:
    """`pictures`: their types and contents; None for one that goes along as it came."""

    def __init__(self) -> None:
        self.pictures: list[tuple[str, bytes | None]] = []
        self.left_out: list[tuple[str, dict[str, int]]] = []
        self._parts: list[str] = []
        self._left = TEXT_LIMIT

    def write(self, text: str) -> None:
        """Take in text. Enough: this is where it ends."""
        self._parts.append(text[: self._left])
        self._left -= len(text)
        if self._left < 0:
            raise Enough

    @property
    def text(self) -> str:
        """Without what no store and no service takes."""
        return _UNWRITTEN.sub("", "".join(self._parts))


def check_time() -> None:
    """Enough: this process, which is there for one file, took as long as it may."""
    if time.process_time() > PATIENCE:
        raise Enough
