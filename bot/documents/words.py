"""What was left out of files, said to people."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.documents.material import LeftOut
from bot.i18n import listed, text
from bot.text import escape, shorten

NAMED = 3
"""Files that are named in a line; of the others it says how many they are."""
_NAME = 30
LINE_LIMIT = 420
"""Characters of the longest line: all of a name may have to be escaped."""


def left_out_line(left_out: Sequence[LeftOut], locale: str) -> str | None:
    """One line that names each file and the reason. None: nothing was left out."""
    if not left_out:
        return None
    return text(locale, "file.left_out", files=_named(left_out, locale))


def named(left_out: Sequence[LeftOut]) -> Callable[[str], str]:
    """The files and reasons, as a fact of a sentence."""
    return lambda locale: _named(left_out, locale)


def _named(left_out: Sequence[LeftOut], locale: str) -> str:
    names = [
        text(
            locale,
            "file.with_reason",
            name=escape(shorten(one.name, _NAME)),
            reason=text(locale, one.reason, **one.facts),
        )
        for one in left_out[:NAMED]
    ]
    if len(left_out) > NAMED:
        names.append(text(locale, "file.and_more", count=len(left_out) - NAMED))
    return listed(locale, names)
