"""What people and models write, as lines and as words: cleaning, cutting, telling the words of a text apart.

All of it is pure, and every position is one of the given text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

from bot.text import is_blank, normalised

_JOINERS: Final = "\u200c\u200d"
"""They hold an emoji, and the letters of some scripts, together."""
_HAN: Final = r"\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CJK: Final = rf"\u3040-\u30ff\uac00-\ud7af{_HAN}"
_RUNS: Final = re.compile(rf"[{_CJK}]+|(?:(?![{_CJK}])[^\W_])+")
_IS_CJK: Final = re.compile(rf"[{_CJK}]")
_IS_HAN: Final = re.compile(rf"[{_HAN}]")
_STEM: Final = 5
"""Letters by which words are told apart: dragon, dragons; drink, drinking."""
_STOP: Final = frozenset(
    "about all also and any anyone anything are back but can draw else everyone everything following for from has "  # noqa: SIM905 - a list of them would fill a page
    "have idea ideas ignore image into its just like make more near not now one ones only other others our out over "
    "picture prompt put show some something such than that the their them then there these they this those too under "
    "very was what when where which will with you your".split()
)
"""Words that are in every second idea, and so say nothing of whose it is."""
_STOP_HAN: Final = frozenset(
    "的一是在有和了个個只条條张張着著里裡上下中大小多很两兩三与與及或也都还還就而把被让讓给給对對从從到向往这這那"
    "其之所以为為于於要会會能可想画畫图圖片请請出现現任何东東西其他它内容色不没沒无無别別勿"
)
"""Signs that say as little, where one stands for itself."""


class Token(NamedTuple):
    """What a word is told apart by, and where in its text it begins and ends."""

    name: str
    start: int
    end: int


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


def folded(text: str) -> str:
    """As long as `text`: small letters, narrow forms, plain apostrophes and dashes."""
    return "".join(_fold(sign) for sign in text).translate(_PLAIN_MARKS)


def tokens(text: str) -> list[Token]:
    """What is meant by it: words by their beginnings, and pairs of neighbours in scripts without spaces."""
    found: list[Token] = []
    for run in _RUNS.finditer(folded(text)):
        word, start = run.group(), run.start()
        if is_cjk(word[0]):
            pairs = range(max(1, len(word) - 1))
            found += [Token(word[at : at + 2], start + at, start + min(at + 2, len(word))) for at in pairs]
        elif len(word) >= 3 and word not in _STOP:
            found.append(Token(word[:_STEM], start, run.end()))
    return found


def fine_tokens(text: str) -> list[Token]:
    """As `tokens`, and each Chinese sign by itself, too: most things have a name of one of them."""
    signs = [Token(sign, at, at + 1) for at, sign in enumerate(text) if _IS_HAN.match(sign) and sign not in _STOP_HAN]
    return sorted([*tokens(text), *signs], key=lambda token: token.start)


def names(text: str) -> set[str]:
    """The tokens of a text, wherever they stand."""
    return {token.name for token in tokens(text)}


def places(words: str, text: str) -> list[int]:
    """Where `words` stand literally in `text`, and not as a piece of other words."""
    if not words:
        return []
    start = r"(?<!\w)" if is_letter(words[0]) else ""
    end = r"(?!\w)" if is_letter(words[-1]) else ""
    return [match.start() for match in re.finditer(f"{start}{re.escape(words)}{end}", text)]


def is_letter(sign: str) -> bool:
    """Whether it is one of a script that puts spaces between words."""
    return sign.isalnum() and not is_cjk(sign)


def is_cjk(sign: str) -> bool:
    """Whether it is Chinese, Japanese or Korean."""
    return _IS_CJK.match(sign) is not None


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
    """Korean has the narrow marks."""
    return is_cjk(sign) and not "\uac00" <= sign <= "\ud7af"


def _fold(sign: str) -> str:
    for form in (unicodedata.normalize("NFKC", sign).casefold(), sign.casefold()):
        if len(form) == 1:
            return form
    return sign


def _space(sign: str) -> str:
    return " " if unicodedata.category(sign) == "Cc" else ""


_PLAIN_MARKS: Final = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u00b4\u0060\u2032", "'"))
