"""Whether a text speaks against something: "a cat, no dragon", 不要画龙, "un chat sans dragon".

No grammar, only the words by which people and models say what shall not be seen, and how far they reach. Two kinds:
orders to who draws ("do not draw", 不要), which no description of a picture has, reach to the end of the sentence; what
describes ("no", "without", 没有) reaches to the next comma, and on where a list goes on. Where people say so themselves
(`by`), it reaches as far as with them. What it can't see: irony, "hidden behind the cat", scripts not in it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from bot.jam.negators import NEGATORS, OR, PORTUGUESE, TURN, WITH
from bot.jam.words import Token, fine_tokens, folded, is_cjk, places

_SENTENCE: Final = re.compile(r"[.!?](?=\s|$|[\"'”’)])|[;。；！？\n]")
_CLAUSE: Final = re.compile(r"[,:()\[\]、，：—–…]|\s-\s")
_ENDING: Final = 3
"""Letters at their ends by which two forms of a word may differ."""
_LIST_WORDS: Final = 3
_LIST_WORDS_AFTER_NO: Final = 1
_LIST_SIGNS: Final = 2
"""A piece between commas that is no longer goes on with a list: "without a dog, a dragon, red flags", "no dogs,
dragons"; not "no rain, paper lanterns".
"""
_NEXT_WORDS: Final = re.compile(r"(?:\W*\w+){1,4}")
"""How far a verb that is denied reaches: "does not show any dragon", not "never sleeps on the roof of the castle"."""
_BACK: Final = 12
"""Characters that describing words reach back, in languages that have them after what they deny."""


@dataclass(frozen=True, slots=True)
class Denial:
    """From `start` to `end` of a text something is said not to be there, by a word at `word`.

    `order`: it is said to who draws.
    """

    word: int
    start: int
    end: int
    order: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with what it denies. `blunt`: somewhere it orders that something be left out, and names nothing.

    `affirmed`: the names of the tokens that stand somewhere without being denied there; `denied`: with.
    """

    text: str
    tokens: tuple[Token, ...]
    denials: tuple[Denial, ...]
    blunt: bool
    marks: bytes
    affirmed: frozenset[str]
    denied: frozenset[str]

    @property
    def orders(self) -> bool:
        """Whether it says what is to be drawn, or left out, rather than what is seen."""
        return self.blunt or any(one.order for one in self.denials)

    def denies(self, at: int) -> bool:
        return self.marks[at] != _SEEN

    def orders_away(self, at: int) -> bool:
        return self.marks[at] == _ORDERED


_SEEN, _DENIED, _ORDERED = 0, 1, 2
"""`Reading.marks`, of each character."""


def read(text: str, *, by: Sequence[Reading] = ()) -> Reading:
    """What a text denies. `by`: what people said of it themselves: what they deny may be denied, but no more."""
    small = folded(text)
    found = tuple(fine_tokens(text))
    granted = {name for one in by for name in one.denied}
    said = [folded(one.text) for one in by]
    portuguese = len(set(PORTUGUESE.findall(small))) >= 2
    whole = len(small.rstrip(" .!?。！？"))
    denials: list[Denial] = []
    blunt = False
    for match in NEGATORS.finditer(small):
        kind = match.lastgroup or ""
        if kind == "harmless" or (portuguese and match.group() == "no"):
            continue
        if kind == "blunt":
            blunt = blunt or not any(match.group() in one for one in said)
            continue
        order = kind.startswith("order")
        start, end = _reach_back(small, match.start(), kind) if kind.endswith("after") else _reach(small, match, kind)
        reached = [token for token in found if start <= token.start < end]
        if reached and reached[0].name in granted:
            # They say so themselves: as far as with them, and whatever goes on with "or".
            order, end = False, _granted_end(small, reached, granted)
        elif not reached and (order or end == whole):
            # It would be said of what comes after it here.
            piece = small[match.start() : max(end, match.end())].strip()
            blunt = blunt or not any(piece in one for one in said)
        if end > start:
            denials.append(Denial(match.start(), start, end, order))
    marks = bytearray(len(text))
    for one in sorted(denials, key=lambda denial: denial.order):  # orders last: they count for more
        marks[one.start : one.end] = bytes([_ORDERED if one.order else _DENIED]) * (one.end - one.start)
    affirmed = frozenset(token.name for token in found if not marks[token.start])
    denied = frozenset(token.name for token in found if marks[token.start])
    return Reading(text, found, tuple(denials), blunt, bytes(marks), affirmed, denied)


def turns_against(draft: Reading, said: Reading, *, orders_only: bool = False) -> bool:
    """Whether a draft denies what `said` wants to be seen: nowhere without denying it, or by an order of its own."""
    if not said.affirmed & draft.denied:
        return False
    wanted: dict[str, list[Token]] = {}
    for token in said.tokens:
        if not said.denies(token.start):
            wanted.setdefault(token.name, []).append(token)
    return any(
        draft.orders_away(token.start) or (token.name not in draft.affirmed and not orders_only)
        for token in draft.tokens
        if draft.denies(token.start)
        and any(_is_same(draft, token, said, other) for other in wanted.get(token.name, ()))
    )


def stands(words: str, said: Reading, body: Reading) -> bool:
    """Whether `words` stand in a body somewhere as `said` means them: what it wants wanted, what it denies denied."""
    return any(_means(said, body, at, at + len(words)) for at in places(words, body.text))


def sentences(text: str) -> list[tuple[int, int]]:
    """Where each sentence of a text begins and ends."""
    marks = [match.end() for match in _SENTENCE.finditer(folded(text))]
    return list(zip([0, *marks], [*marks, len(text)], strict=True))


def _means(said: Reading, body: Reading, start: int, end: int) -> bool:
    wanted, unwanted = said.affirmed, said.denied
    first, last = (bisect_left(body.tokens, at, key=lambda token: token.start) for at in (start, end))
    within = [token for token in body.tokens[first:last] if token.name in wanted or token.name in unwanted]
    if not within:
        return bool(said.denials) or not body.denies(start)
    return all(token.name in (unwanted if body.denies(token.start) else wanted) for token in within)


def _is_same(draft: Reading, token: Token, said: Reading, other: Token) -> bool:
    """Whether two tokens of one name are: dragons and dragon, drinks and drinking; not watermark and watercolour."""
    one, two = folded(draft.text[token.start : token.end]), folded(said.text[other.start : other.end])
    same = sum(1 for _ in takewhile(lambda signs: signs[0] == signs[1], zip(one, two, strict=False)))
    return max(len(one), len(two)) - same <= _ENDING


def _reach(small: str, match: re.Match[str], kind: str) -> tuple[int, int]:
    start = match.end()
    stop = _SENTENCE.search(small, start)
    end = stop.start() if stop else len(small)
    if turn := TURN.search(small, start, end):
        end = turn.start()
    if kind == "order":
        return start, end
    if kind == "verb" and (words := _NEXT_WORDS.match(small, start, end)):
        end = words.end()
    if (whose := small.find("的", start, end)) > start:
        end = whose  # 没有尽头的长廊: the corridor is there
    # Not a dog, a dragon: it is there. Without a dog, a dragon, a cat: it is not.
    comma = _CLAUSE.search(small, start, end) if kind == "verb" else None
    most = _LIST_WORDS_AFTER_NO if match.group() == "no" else _LIST_WORDS
    return start, comma.start() if comma else _end_of_list(small, start, end, most=most)


def _end_of_list(small: str, start: int, end: int, *, most: int) -> int:
    """Of the pieces between commas the first, and those after it that are as short as a list's, or come before "or"."""
    comma = _CLAUSE.search(small, start, end)
    while comma is not None:
        after = _CLAUSE.search(small, comma.end(), end)
        piece = small[comma.end() : after.start() if after else end]
        if comma.group() != "、" and not _is_listed(piece, most=most):
            return comma.start()
        comma = after
    return end


def _is_listed(piece: str, *, most: int) -> bool:
    if WITH.match(piece):
        return False
    first, *others = OR.split(piece)
    words = first.split()
    is_long = len(words) > (_LIST_WORDS if others else most) or any(
        is_cjk(word[0]) and len(word) > _LIST_SIGNS for word in words
    )
    return not is_long


def _granted_end(small: str, reached: Sequence[Token], granted: set[str]) -> int:
    end = reached[0].start + 1
    for token in reached[1:]:
        if token.name not in granted and not OR.search(small, end, token.start):
            break
        end = token.start + 1
    return end


def _reach_back(small: str, end: int, kind: str) -> tuple[int, int]:
    if kind == "word_after":
        start = end
        while start and small[start - 1].isalnum():
            start -= 1
        return start, end
    if kind == "order_weight_after" and (opened := max(small.rfind(sign, 0, end) for sign in "([{<")) >= 0:
        return opened + 1, end
    start = max(0, end - _BACK) if kind == "describes_after" else 0
    for mark in (_SENTENCE, _CLAUSE):
        for match in mark.finditer(small, start, end):
            start = match.end()
    return start, end
