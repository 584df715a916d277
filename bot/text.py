"""Pure functions over what people and models write: shorten, escape, cut.

discord.py's `escape_markdown` leaves mentions, timestamps, subtext, masked links and invites alive; a prompt is
untrusted text everywhere it is shown, so `escape` is our own. Discord's client takes a backslash before any
character that is neither a letter, a digit nor a space as "show this as it is".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

# Control characters but the newline, zero-width joins of words, and the marks that turn the reading direction.
_INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SPECIAL = re.compile(r"[\\*_~`|<>\[\]#@:]")
# Not over the ends of lines: each of many empty ones would be gone through again for every one before it.
_LINE_START = re.compile(r"(?m)^([^\S\n]*)([-+]|\d+(?=\.))")
_INVITE = re.compile(r"(?i)\b(discord(?:app)?|dsc)\.(?=(?:gg|com|me|io|li|new)\b)")

_MARKS = re.compile(r"-#|[*_~|`>#]")
"""What Markdown takes for itself."""
_EMPTY_SIGNS = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc\U0001d159")
"""Letters and symbols that look like nothing at all: fillers, the empty Braille pattern, a note's missing head."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Mc", "Me"})
"""Categories of signs that are not seen where they stand alone: controls, formats, spaces, marks on other letters."""
_IGNORABLE = re.compile("[\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]")
"""Not assigned, and to be drawn as nothing (Unicode's Default_Ignorable_Code_Point). Others are newer signs."""

_NORMALISED_AT_ONCE = 2048

_PIECE_LIMIT = 1900
"""Of a prompt in one message: escaping at most doubles it, and a layout holds 4,000 characters."""


def escape(text: str) -> str:
    """`text` as Discord shows it letter by letter: no Markdown, mention, timestamp, link or invite takes effect."""
    text = _INVISIBLE.sub(lambda match: " " if match[0] in "\t\u2028\u2029" else "", text)
    text = _SPECIAL.sub(lambda match: "\\" + match[0], text)  # up to Python 3.11 a template takes thrice the time
    text = _LINE_START.sub(lambda match: f"{match[1]}\\{match[2]}" if match[2] in "-+" else match[0] + "\\", text)
    return _INVITE.sub(r"\1\\.", text)


def normalised(form: Literal["NFC", "NFKC"], text: str) -> Iterator[str]:
    """`text` in a normal form, in pieces: what takes it sorts the marks of a letter by exchanging neighbours, so that a
    long text of nothing else would take seconds, and hold the interpreter.
    """
    start = 0
    while start < len(text):
        end = start + _NORMALISED_AT_ONCE
        # Not between a letter and its marks, where there are few of them.
        while end < min(len(text), start + _NORMALISED_AT_ONCE + 8) and unicodedata.combining(text[end]):
            end += 1
        yield unicodedata.normalize(form, text[start:end])
        start = end


def shorten(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, cut between words where that loses under a fifth, with “…” at the end."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    space = kept.rfind(" ")
    if space > limit * 4 // 5:
        kept = kept[:space]
    return kept.rstrip() + "…"


def one_line(text: str) -> str:
    """`text` with every run of white space as one space."""
    return " ".join(text.split())


def is_blank(text: str) -> bool:
    """Whether it says nothing: nobody would see a sign of it but Markdown's own. An emoji or a “?” says something."""
    return _first_seen(_MARKS.sub("", text)) is None


def title(prompt: str, limit: int = 200) -> str:
    """A prompt as one safe line: the title of a card or the quoted question. Empty where nobody would see any of it."""
    line = one_line(prompt)
    start = _first_seen(line)
    return "" if start is None else escape(shorten(line[start:], limit))


def ordinal(number: int) -> str:
    """1 → 1st, 2 → 2nd, 11 → 11th (English)."""
    suffix = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def prompt_pieces(prompt: str) -> list[str]:
    """All of a prompt, escaped, in pieces for a message each. A piece that nobody would see is empty."""
    pieces: list[str] = []
    rest = prompt.strip()
    while len(rest) > _PIECE_LIMIT:
        cut = _cut(rest, _PIECE_LIMIT)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip("\n")
    return [escape(piece) if _first_seen(piece) is not None else "" for piece in (*pieces, rest)]


def _first_seen(text: str) -> int | None:
    return next((at for at, sign in enumerate(text) if _is_seen(sign)), None)


def _is_seen(sign: str) -> bool:
    return not (unicodedata.category(sign) in _UNSEEN or sign in _EMPTY_SIGNS or _IGNORABLE.match(sign) is not None)


def _cut(text: str, room: int) -> int:
    """Where to cut: behind an empty line, a line or a word, in this order, within the last third."""
    floor = room * 2 // 3
    for separator in ("\n\n", "\n", " "):
        position = text.rfind(separator, floor, room)
        if position > 0:
            return position + len(separator)
    return room
