"""A list of blocked words as one tree of letters, made once for a list."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bot.orders.blocked.readings import LETTER, SPACELESS, as_basic_letters, literal, read, readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Tree: TypeAlias = dict[str, Any]
"""Letter → tree; `_WHOLE` and `_OPEN` → the word that ends here, or goes on as it likes."""
_WHOLE, _OPEN = "whole", "open"

KEPT: Final = 16
"""Lists; the largest takes some megabytes."""
WINDOW: Final = 16_384
OVERLAP: Final = 2048
"""Characters that are looked through at a time, and those of them that are looked through twice."""
_JOINED_FROM: Final = 4
"""Letters of a word with marks in it that is found without them, too: e-girl, but not s&m."""
_IS_SPACELESS: Final = re.compile(f"[{SPACELESS}]")
# Between signs of such scripts a space separates no words, but a comma does.
_NEAR: Final = re.compile(rf"(?<=[{SPACELESS}])[. ]|[. ](?=[{SPACELESS}])")
_APART: Final = re.compile(rf"(?<=[{SPACELESS}])[,;]|[,;](?=[{SPACELESS}])")
_NUMBERS: Final = re.compile(r"(?<=\d)\.(?=\d)")
"""1.8 is not 18."""
_HAS_PLURAL_FROM: Final = 5
"""Letters of a word whose plural in -s is blocked with it; of shorter ones it is too often another word."""
_ELSEWHERE: Final = str.maketrans(",;", ". ")


@lru_cache(KEPT)
def matcher(words: tuple[str, ...]) -> Matcher:
    """The tree of a list."""
    return Matcher(words)


class Matcher:
    """Whole words, beginnings of words (`casino*`) and phrases; in scripts without spaces anywhere.

    A word may be taken apart by marks (c.a.s.i.n.o, ca-si-no), but not by spaces, unless each letter stands alone. The
    tree is followed from the beginnings of words alone, each time for at most as long as the longest word is: the time
    grows as the text does, whatever the list.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words: _Tree = {}
        self._marked: _Tree = {}
        self._phrases = False
        for word in words:
            self._add(word)
        self._starts = _starts(self._words)

    def find(self, said: str) -> str | None:
        """A word of the list that stands in what was said; None: there is none."""
        return next(filter(None, map(self._find, _windows(said))), None)

    def _find(self, said: str) -> str | None:
        if self._marked and (word := self._find_marked(literal(said))):
            return word
        if self._starts is None:
            return None
        for reading in readings(said):
            # Once with words that marks take apart, once with phrases that marks hold together: dark_magic.
            joined = _APART.sub(" ", _NEAR.sub(".", reading)).translate(_ELSEWHERE)
            joined = _NUMBERS.sub(" ", joined)
            spaced = re.sub("[.,;]", " ", reading) if self._phrases else joined
            for text in (joined,) if spaced == joined else (joined, spaced):
                for start in self._starts.finditer(text):
                    if word := _follow(self._words, text, start.start(), passed="."):
                        return word
        return None

    def _add(self, word: str) -> None:
        open_ = len(word) > 1 and word.endswith("*")
        stem = word[:-1] if open_ else word
        marked = literal(stem)
        if not marked:
            return  # nothing that can be seen
        form, alike = _form(stem), _form(as_basic_letters(stem, wholly=True))
        # A word wholly of another script is that, and not the English one that it may look like.
        forms = {form, alike} if not alike.isascii() or re.search("[A-Za-z]", stem) else {form}
        if _has_marks(marked):
            _put(self._marked, marked, word, open_=open_)
            letters = sum(_kind(sign) in "as" for sign in marked)
            if not (_kind(marked[0]) and _kind(marked[-1]) and letters >= _JOINED_FROM):
                return
        for form in forms:
            _put(self._words, form, word, open_=open_)
            if not open_ and len(form) >= _HAS_PLURAL_FROM and re.fullmatch("[a-z]+", form):
                _put(self._words, f"{form}s", word, open_=False)
            if " " in form:
                self._phrases = True
                if _IS_SPACELESS.search(form):
                    _put(self._words, form.replace(" ", ""), word, open_=open_)

    def _find_marked(self, text: str) -> str | None:
        for start, sign in enumerate(text):
            begins = sign in self._marked and not (start and _kind(sign) == _kind(text[start - 1]) == "a")
            if begins and (word := _follow(self._marked, text, start, passed="")):
                return word
        return None


def _windows(said: str) -> Iterator[str]:
    """A long text in parts: each pattern goes over a short one at a time, and lets others have the interpreter between.

    They overlap, and begin and end between words.
    """
    step = WINDOW - OVERLAP
    for start in range(0, max(1, len(said) - OVERLAP), step):
        part = said[start : start + WINDOW]
        if start:
            part = re.sub(rf"^\S{{0,{OVERLAP // 4}}}", "", part)
        if start + WINDOW < len(said):
            space = max(part.rfind(" ", -OVERLAP // 4), part.rfind("\n", -OVERLAP // 4))
            part = part[: space if space > 0 else -OVERLAP // 4]
        yield part


def _form(stem: str) -> str:
    """Its letters, with a space between the words of a phrase."""
    return re.sub("[.,;]", "", " ".join(map(read, stem.split()))).strip()


def _has_marks(marked: str) -> bool:
    return not all(_kind(sign) or sign == " " for sign in marked)


def _starts(tree: _Tree) -> re.Pattern[str] | None:
    """Where a word of the tree may begin. None: it has none."""
    by_kind: dict[str, str] = {"a": "", "d": "", "s": ""}
    for sign in tree:
        by_kind[_kind(sign) or "a"] += re.escape(sign)
    before = {"a": f"(?<!{LETTER})", "d": rf"(?<![^., ;{SPACELESS}])", "s": ""}
    return (
        re.compile("|".join(f"{before[kind]}[{signs}]" for kind, signs in by_kind.items() if signs)) if tree else None
    )


def _put(tree: _Tree, form: str, word: str, *, open_: bool) -> None:
    for sign in form:
        tree = tree.setdefault(sign, {})
    tree.setdefault(_OPEN if open_ else _WHOLE, word)


def _follow(tree: _Tree, text: str, start: int, *, passed: str) -> str | None:
    """The first word that stands at `start`, whatever `passed` is between its letters."""
    for at in range(start, len(text)):
        sign = text[at]
        if sign == passed:
            continue
        deeper: _Tree | None = tree.get(sign)
        if deeper is None:
            return None
        tree = deeper
        if _OPEN in tree:
            return str(tree[_OPEN])
        if _WHOLE in tree and _ends(text, at):
            return str(tree[_WHOLE])
    return None


def _ends(text: str, at: int) -> bool:
    """Whether a word may end with the sign at `at`: digits and scripts without spaces end one, and not the reverse."""
    kind, after = _kind(text[at]), _kind(text[at + 1 : at + 2])
    return not ((kind == "a" and after == "a") or (kind == "d" and after in {"a", "d"}))


def _kind(sign: str) -> str:
    """`s`: of a script without spaces; `d`: a digit; `a`: another letter; nothing: neither."""
    if not sign or sign in " .,;":
        return ""
    if _IS_SPACELESS.match(sign) and sign.isalnum():
        return "s"
    if sign.isdigit():
        return "d"
    return "a" if sign.isalnum() or unicodedata.category(sign) in {"Mc", "Co"} else ""
