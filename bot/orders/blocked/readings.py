"""What a person reads in a text, however it is written: letters and digits, and between them one sign for all that
separates two of them.

    " "  a space or the end of a line, with other marks or without
    ","  a mark that ends a part of a sentence, or a bracket
    ";"  such a mark and a space
    "."  any other mark: Markdown, symbols, emoji

Case, width, style, decoration and invisible signs make no difference. Accents do: é is not e.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from bot.orders.blocked.lookalikes import LOOKALIKES
from bot.text import normalised

if TYPE_CHECKING:
    from collections.abc import Iterator

SPACELESS: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uf900-\ufaff\U00020000-\U0003ffff"
"""Thai, Lao, Burmese, Khmer, Chinese and Japanese: words stand without spaces. For a class in a pattern."""
LETTER: Final = rf"[^., ;\d{SPACELESS}]"
"""In a reading: one of a script that puts spaces between words."""

_REMEMBERED: Final = 20_000
"""Different signs; there are a million, and each takes a hundred bytes."""
_ENDING: Final = frozenset(',!?;:\u2026\u2014\u2015()"\u3001\u3002\u201c\u201d\u2018\u2019\u301c')
_BLANKS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that look like nothing at all."""
# Two words of a sentence that NFKC makes of one sign, 18 letters and 8: nobody writes a word with them.
_LIGATURES: Final = str.maketrans({"\ufdfa": "\ue000", "\ufdfb": "\ue001"})
# No language puts three on a letter. Of the general ones, not of those that a script has of its own.
_PILED: Final = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3,}")
_DOTS: Final = re.compile(r"\.{2,}")
_CONTRACTION: Final = re.compile(r"(?<=[^\W\d_])['\u2019](?=(?:ll|[stdm]|re|ve)(?![\w'\u2019]))", re.IGNORECASE)
"""he'll is not hell."""
_LINK: Final = re.compile(r"\[([^\[\]\n]{0,200})\]\((?:[^()\n]|\([^()\n]{0,100}\)){0,400}\)")
_ANGLES: Final = re.compile(r"<[^<>\n]{1,100}>")
"""A mention, a custom emoji, a time, a tag."""
# Discord draws two side by side as a flag, and one by itself as a letter.
_REGIONAL: Final = re.compile("(?<![\U0001f1e6-\U0001f1ff])[\U0001f1e6-\U0001f1ff](?![\U0001f1e6-\U0001f1ff])")
_REGIONAL_SIGNS: Final = frozenset(map(chr, range(0x1F1E6, 0x1F200)))
_ALIKE: Final = frozenset(map(chr, LOOKALIKES))
_BASIC: Final = re.compile("[A-Za-z]")
_DIGITS_IN_WORDS: Final = re.compile("(?<=[a-z])[01]+|[01]+(?=[a-z])")
_CAPITALS: Final = re.compile("(?<=[a-z])I+")
_RUN: Final = re.compile("[., ;]{2,}")
_ALONE: Final = re.compile(
    rf"(?<![^., ;]){LETTER}(?:[., ;]{LETTER}(?=[., ;]|$)){{2,}}"
    rf"|(?<![^., ;])[{SPACELESS}](?:[., ;][{SPACELESS}](?=[., ;]|$))+"
)
"""Letters that each stand by themselves. Two of them are no word: "section A B"."""


def readings(said: str) -> Iterator[str]:
    """Every way to read a text: as it is, with what looks like other letters, as Discord shows it."""
    seen: set[str] = set()
    for text in _written(said):
        reading = read(text)
        # What Unicode calls confusable with a letter, of the digits.
        for one in (reading, _DIGITS_IN_WORDS.sub(lambda digits: digits[0].translate(_DIGITS), reading)):
            if one not in seen:
                seen.add(one)
                yield one


def read(said: str) -> str:
    """The text as letters, digits and separating signs."""
    said = _CONTRACTION.sub(" ", _DOTS.sub("\u2026", said))
    reading = _RUN.sub(_one_sign, "".join(piece.translate(_SIGNS) for piece in _normal(said)))
    return _ALONE.sub(lambda run: re.sub("[, ;]", ".", run[0]), reading)


def literal(said: str) -> str:
    """The text with its marks, for words that have some: c++."""
    return " ".join("".join(piece.translate(_MARKED) for piece in _normal(said)).split())


def as_basic_letters(said: str, *, wholly: bool = False) -> str:
    """With the letters a to z for what looks like them: in words that mix scripts, and in those wholly of another one,
    unless the text is written in that: "рот" is Russian, and not "pot". `wholly`: in those, too.
    """
    signs = set(said)
    if not _REGIONAL_SIGNS.isdisjoint(signs):
        said = _REGIONAL.sub(lambda sign: chr(ord(sign[0]) - 0x1F1E6 + ord("a")), said)
    if _ALIKE.isdisjoint(signs):
        return said
    foreign = not wholly and any(map(_is_foreign, signs))
    return "".join(
        word.translate(LOOKALIKES) if not _ALIKE.isdisjoint(word) and (not foreign or _BASIC.search(word)) else word
        for word in re.split(r"(\s+)", said)
    )


def _written(said: str) -> Iterator[str]:
    yield said
    yield as_basic_letters(said)
    # Not a space in its place: "[ca](link)sino" is one word.
    without = _ANGLES.sub("*", _LINK.sub(r"\1*", said))
    if without != said:
        yield as_basic_letters(without)
    capitals = _CAPITALS.sub(lambda found: "l" * len(found[0]), said)
    if capitals != said:
        yield as_basic_letters(capitals)


def _normal(said: str) -> Iterator[str]:
    """Composed: an accent on its letter is a letter of its own, one over any other is decoration."""
    return normalised("NFKC", _PILED.sub("", said.translate(_LIGATURES)))


class _Signs(dict[int, str]):
    """Sign → what is read of it, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        found = self.read(sign)
        if len(self) < _REMEMBERED:
            self[code] = found
        return found

    def read(self, sign: str) -> str:
        if sign.isspace():
            return " "
        category = unicodedata.category(sign)
        if category in {"Cf", "Mn", "Me", "Cc", "Cs"} or sign in _BLANKS:
            return ""
        if category[0] in "LN" or category in {"Mc", "Co"}:
            return _letter(sign)
        return self.mark(sign, category)

    def mark(self, sign: str, category: str) -> str:
        return "," if sign in _ENDING or (category in {"Ps", "Pe"} and sign not in "[]{}") else "."


class _Marked(_Signs):
    def mark(self, sign: str, category: str) -> str:
        del category
        return sign


def _letter(sign: str) -> str:
    return "".join(part for part in sign.casefold() if unicodedata.category(part) != "Mn")


def _one_sign(run: re.Match[str]) -> str:
    ends = "," in run[0] or ";" in run[0]
    if " " in run[0]:
        return ";" if ends else " "
    return "," if ends else "."


def _is_foreign(sign: str) -> bool:
    """Whether it is a letter of a script that nobody would write the letters a to z with."""
    if sign < "\u0370" or not sign.isalpha() or sign in _ALIKE or re.match(f"[{SPACELESS}\uac00-\ud7af]", sign):
        return False
    phonetic = "\u1d00" <= sign <= "\u1fff" or "\u2c60" <= sign <= "\u2c7f" or "\ua720" <= sign <= "\uab6f"
    return not phonetic and not unicodedata.normalize("NFKC", sign).isascii()


_DIGITS: Final = str.maketrans("01", "ol")
_SIGNS: Final = _Signs()
_MARKED: Final = _Marked()
