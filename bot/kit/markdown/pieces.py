"""Cutting a text into messages, so that each reads well by itself: no list item, code, link or bold run falls apart
where that can be helped; what must be cut is closed there and opened again.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from bot.kit.markdown.blocks import FENCE_LINE

LEAST: Final = 200
_RESERVED: Final = 24
"""Characters kept free in a piece for closing what is open at its end."""
_LOOKED_BACK: Final = 2400


def pieces(text: str, limit: int) -> list[str]:
    """`text` in pieces of at most `limit` characters (at least LEAST).

    Every piece but the last depends only on the text up to its own end, so a growing text keeps the pieces it has.
    """
    if limit < LEAST:
        raise ValueError("limit must be at least 200")
    found: list[str] = []
    while len(text) > limit:
        piece, text = first(text, limit)
        found += [piece] if piece else []  # a run of spaces longer than a message is no message
    if text.strip() or not found:
        found.append(text)
    return found


def first(text: str, limit: int) -> tuple[str, str]:
    """The first piece of a text that is longer than `limit`, and what is left. Empty: it was nothing but space."""
    cut = _cut(text, limit - _RESERVED)
    head, rest = text[:cut], text[cut:]
    open_ = _open_at_end(head)
    if open_.fence:
        return _closed(head.rstrip("\n"), open_), f"{open_.fence}\n{rest.removeprefix(chr(10))}"
    if not head.strip():
        return "", rest.lstrip("\n")
    if open_.marks:
        return _closed(head.rstrip(), open_), "".join(open_.marks) + rest.lstrip()
    return head.rstrip(), _numbered(head, rest.lstrip("\n"))


def closed(text: str) -> str:
    """`text` that ends in the middle, with what is open at its end closed: no stray `**` is seen, and code is code."""
    text = text.rstrip()
    return _closed(text, _open_at_end(text))


@dataclass(frozen=True, slots=True)
class _Open:
    """What is open at a text's end: a fence, by its first line, or marks from the outer to the inner."""

    fence: str = ""
    marks: tuple[str, ...] = ()
    since: int = 0
    """Where the outermost of it begins."""
    bare: int | None = None
    """Where marks begin that have nothing in them yet."""


def _closed(text: str, open_: _Open) -> str:
    if open_.fence:
        mark = open_.fence[: len(open_.fence) - len(open_.fence.lstrip(open_.fence[0]))]
        return f"{text}\n{mark}"
    if open_.bare is not None:
        text = text[: open_.bare].rstrip()
        open_ = _open_at_end(text)
    return text + "".join(reversed(open_.marks))


def _open_at_end(text: str) -> _Open:
    fence, mark, at = "", "", 0
    for found in FENCE_LINE.finditer(text):
        if not fence:
            mark, at = found[2], found.start()
            fence = mark + found[3].strip()[:20]
        elif found[2].startswith(mark) and not found[3].strip():
            fence, at = "", found.end()
    if fence:
        return _Open(fence=fence, since=at)
    return _open_marks(text, max(at, text.rfind("\n\n")))


def _open_marks(text: str, at: int) -> _Open:
    """Of the paragraph that begins at `at`, and is the last."""
    stack: dict[str, int] = {}
    in_vain: set[str] = set()
    while (found := _MARK.search(text, at)) is not None:
        run, start, at = found[0], found.start(), found.end()
        if run[0] == "`":
            end = -1 if run in in_vain else _end_of_code(text, run, at)
            if end >= 0:
                at = end
            elif len(run) <= 3 and not in_vain:
                stack[run] = start
                break
            else:
                in_vain.add(run)
        elif run[0] in "*_~|" and run[-1] != " ":
            _take(stack, text, run, start)
    last = next(reversed(stack.items()), None)
    bare = last[1] if last is not None and last[1] + len(last[0]) >= len(text) else None
    return _Open(marks=tuple(stack), since=min(stack.values(), default=0), bare=bare)


def _end_of_code(text: str, ticks: str, at: int) -> int:
    while (end := text.find(ticks, at)) >= 0:
        at = end + len(ticks)
        if not text.startswith("`", at):
            return at
        while text.startswith("`", at):
            at += 1
    return -1


def _take(stack: dict[str, int], text: str, run: str, at: int) -> None:
    """One run of marks: what it closes, and else what it opens."""
    before, after = text[at - 1 : at], text[at + len(run) : at + len(run) + 1]
    word_before = before.isalnum() and (before.isascii() or run[0] == "_")
    within = word_before and after.isalnum() and (after.isascii() or run[0] == "_")
    if within and run[0] == "_":
        return
    closes = bool(before) and not before.isspace()
    opens = not within and not after.isspace() and not (word_before and not after) and len(run) <= 3
    while run:
        mark = next((mark for mark in ("**", "*", "__", "_", "~~", "||") if run.startswith(mark) and mark in stack), "")
        if closes and mark:
            del stack[mark]
        elif closes and not after and run * 2 in stack:
            mark = run  # half of what closes, the other half is to come: as if it had just begun
            stack[run] = at
        else:
            mark = run[: 2 - len(run) % 2]
            if opens and mark not in stack and mark not in ("~", "|"):
                stack[mark] = at
        run, at = run[len(mark) :], at + len(mark)


def _cut(text: str, room: int) -> int:
    """Where to cut a text of more than `room` characters; nothing behind `room` is looked at."""
    head, floor = text[:room], room * 2 // 3
    open_ = _open_at_end(head)
    if open_.fence:
        # Code that begins in the later half goes to the next message whole.
        if open_.since >= room // 2:
            return open_.since
        line = head.rfind("\n", max(floor, open_.since + len(open_.fence) + 1))
        return line + 1 if line >= 0 else _between_signs(text, room)
    border = _border(head, floor)
    if border is not None:
        return border
    cut = max((match.end() for match in _SENTENCE.finditer(head, floor)), default=0)
    cut = cut or head.rfind(" ", floor) + 1 or _between_signs(text, room)
    atom = _ATOM.search(head[:cut], max(0, cut - _LOOKED_BACK))
    if atom is not None and atom.start() > room // 3:
        cut = atom.start()
    marked = _open_at_end(head[:cut])
    return marked.since if marked.marks and marked.since > room // 2 else cut


def _border(head: str, floor: int) -> int | None:
    """The best end of a line in the last third: between paragraphs, before an item of a list, anywhere."""
    for kind in (_PARAGRAPH, _ITEM, _LINE):
        for found in reversed(list(kind.finditer(head, floor))):
            line = head[head.rfind("\n", 0, found.start()) + 1 : found.start()]
            if _HEADING.fullmatch(line) is None:  # which stays with what stands under it
                return found.end()
    return None


def _between_signs(text: str, at: int) -> int:
    """The place next before `at` that is not within a letter with marks, or an emoji made of several signs."""
    for here in range(at, max(0, at - 16), -1):
        sign, before = text[here], text[here - 1]
        joined = unicodedata.combining(sign) or sign in _JOINED or before == "\u200d"
        if not joined and not (sign in _FLAGS and _flags_before(text, here) % 2):
            return here
    return at


def _flags_before(text: str, at: int) -> int:
    start = at
    while start > 0 and text[start - 1] in _FLAGS:
        start -= 1
    return at - start


def _numbered(head: str, rest: str) -> str:
    """`rest` with the number that its first item has in its list: Discord counts from the first of a message on."""
    found = _NUMBER.match(rest)
    if found is None:
        return rest
    numbers: list[int] = []
    for line in reversed(head.split("\n")):
        item = _NUMBER.match(line)
        if item is not None and item[1] == found[1]:
            numbers.append(int(item[2]))
        elif line.strip() and not line.startswith((" ", "\t")):
            break
    shown = numbers[-1] + len(numbers) if numbers else 0
    return rest if int(found[2]) >= shown else f"{found[1]}{shown}{rest[found.end(2) :]}"


_MARK: Final = re.compile(
    r"\\.|`+"
    r"|\[[^\[\]\n]{0,300}\]\([^\s()]{0,2000}\)|<[^<>\s]{1,300}>|https?://[^\s<>*]+"
    r"|^[ \t]*[*-] "  # an item of a list
    r"|\*+|_+|~~|\|\|",
    re.DOTALL | re.MULTILINE,
)
_ATOM: Final = re.compile(
    r"(?:!?\[[^\[\]\n]{0,300}(?:\]\([^\s()]{0,2000})?|<[@#:/a-z][^<>\s]{0,300}|https?://[^\s]{0,2000}|:\w{2,32})$"
)
_SENTENCE: Final = re.compile(r"[.!?…][\"”’)*_]{0,3}\s|[。！？][”’）」』*_]{0,3}")
_PARAGRAPH: Final = re.compile(r"\n[ \t]*\n\s*")
_ITEM: Final = re.compile(r"\n(?=[ \t]{0,12}(?:[-*] |\d{1,9}\. |#{1,3} |> ))")
_LINE: Final = re.compile(r"\n")
_HEADING: Final = re.compile(r"#{1,3} .*|\*\*[^*]{1,200}\*\*[:：]?\s*")
_NUMBER: Final = re.compile(r"([ \t]{0,12})(\d{1,9})\. ")
_JOINED: Final = frozenset("\ufe0e\ufe0f\u200d\u20e3\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_FLAGS: Final = frozenset(map(chr, range(0x1F1E6, 0x1F200)))
