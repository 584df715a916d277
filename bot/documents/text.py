"""Text, whatever its encoding."""

from __future__ import annotations

from bot.decoding import decode
from bot.documents.answer import Answer, Enough, Unreadable
from bot.documents.limits import TEXT_LIMIT

_LONGEST = 4
"""Bytes of a character at most, in any encoding."""


def read(data: bytes, answer: Answer) -> None:
    """Take in the text. Unreadable: it is none."""
    most = _LONGEST * TEXT_LIMIT
    text = decode(data[:most])
    if text is None:
        raise Unreadable("unknown")
    answer.write(text)
    if len(data) > most:
        raise Enough
