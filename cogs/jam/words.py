"""What people and models write, as lines: cleaned, cut, joined. All of it is pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from bot.text import is_blank, normalised

_JOINERS: Final = "\u200c\u200d"
"""They hold an emoji, and the letters of some scripts, together."""
_CJK: Final = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
"""Chinese and Japanese, whose marks are wide. Korean has the narrow ones."""


def plain(said: str) -> str:
    """`said` as one line without what can't be seen: no controls, no marks that turn the direction of reading."""
    letters = "".join(normalised("NFC", said))
    kept = (
        sign if sign in _JOINERS or unicodedata.category(sign) not in {"Cc", "Cf", "Cs"} else _space(sign)
        for sign in letters
    )
    # Normalised again: what was between two signs that make one is gone now.
    line = "".join(normalised("NFC", " ".join("".join(kept).split())))
    # No word of these letters has them: they would only hide it.
    line = re.sub(rf"(?<=[ -~])[{_JOINERS}]+(?=[ -~])", "", line)
    return "" if is_blank(line) else line


def cut(line: str, limit: int) -> str:
    """At most `limit` characters of a line, at least one: between words, where that loses less than half of them."""
    if len(line) <= limit:
        return line
    kept = line[: max(1, limit)]
    space = kept.rfind(" ")
    if space > limit // 2 and line[limit] != " ":
        kept = kept[:space]
    return kept.rstrip()


def joined(lines: Sequence[str], mark: str) -> str:
    """The lines that aren't empty with `mark`, "," or ";", between them: wide between Chinese or Japanese ones.

    After a line that ends a sentence itself there is none: every line stays as it is.
    """
    text = ""
    for line in filter(None, lines):
        if text:
            both = _is_wide(next(filter(str.isalnum, reversed(text)), "")) and _is_wide(
                next(filter(str.isalnum, line), "")
            )
            if text.endswith(_WIDE_ENDS):
                pass
            elif text.endswith(_ENDS):
                text += " "
            else:
                text += _WIDE[mark] if both else f"{mark} "
        text += line
    return text


_WIDE: Final = {",": "，", ";": "；"}
_ENDS: Final = (".", "!", "?", ";")
_WIDE_ENDS: Final = ("。", "！", "？", "；")


def _is_wide(sign: str) -> bool:
    return _CJK.match(sign) is not None


def _space(sign: str) -> str:
    return " " if unicodedata.category(sign) == "Cc" else ""
