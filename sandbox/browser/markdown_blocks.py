"""What begins a line in Discord's Markdown: headings, subtext, quotes and lists; everything between them is text.

Text runs over empty lines (so does bold), and a block of code may begin in the middle of a line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from markdown_it.token import Token

if TYPE_CHECKING:
    from markdown_it.rules_core.state_core import StateCore

# All of them are tried at a line's beginning.
_QUOTED_REST: Final = re.compile(r" {0,3}>>> ")
_QUOTED: Final = re.compile(r"(?: {0,3}> [^\n]*(?:\n|$))+")
_QUOTE_MARK: Final = re.compile(r"(?m)^ {0,3}> ")
_HEADING: Final = re.compile(r" {0,3}(#{1,3}) +(?=[^\s#])([^\n]*)\s*")
_SUBTEXT: Final = re.compile(r" {0,3}-# +(?=\S)([^\n]*)\n?")
_ITEM: Final = re.compile(r"( *)(?:[-*]|(\d{1,9})\.) +(?=\S)")
_CONTINUED: Final = re.compile(r"\n?(?= {2,}\S)")
_DEEPEST: Final = 10
_HEADINGS: Final = {1: "h3", 2: "h4", 3: "h5"}
"""The page has its own h1 and h2."""


def core_rule(state: StateCore) -> None:
    """markdown-it's step "block": the tokens of a whole message."""
    _blocks(state.src.strip("\n").rstrip(), state.tokens, quoted=False)


def _blocks(source: str, tokens: list[Token], *, quoted: bool) -> None:
    pos = began = 0
    while pos < len(source):
        end = None
        # Blocks are tried after what stands before them is known to be text.
        block = _block_at(source, pos, quoted=quoted)
        if block is not None:
            _text(source[began:pos], tokens)
            end = block.write(tokens)
            began = end
        pos = end if end is not None else _line_end(source, pos) + 1
    _text(source[began:], tokens)


@dataclass(frozen=True, slots=True)
class _Block:
    kind: str
    source: str
    found: re.Match[str]

    def write(self, tokens: list[Token]) -> int:
        """Its tokens; the position after it."""
        found = self.found
        match self.kind:
            case "rest":
                _quote(self.source[found.end() :], tokens)
                return len(self.source)
            case "quote":
                _quote(_QUOTE_MARK.sub("", found[0]).removesuffix("\n"), tokens)
            case "heading":
                text = found[2].rstrip()
                _element(_HEADINGS[len(found[1])], text.rstrip("#").rstrip() or text, tokens)
            case "subtext":
                _element("div", found[1].rstrip(), tokens, kind="subtext")
            case _:
                return _list(self.source, found.start(), tokens)
        return found.end()


def _block_at(source: str, pos: int, *, quoted: bool) -> _Block | None:
    kinds = {"heading": _HEADING, "subtext": _SUBTEXT, "list": _ITEM}
    if not quoted:
        kinds = {"rest": _QUOTED_REST, "quote": _QUOTED, **kinds}
    for kind, pattern in kinds.items():
        found = pattern.match(source, pos)
        if found is not None:
            return _Block(kind, source, found)
    return None


def _line_end(source: str, pos: int) -> int:
    """The end of the line at `pos`; a block of code that begins in it belongs to it, with all its lines."""
    while True:
        end = source.find("\n", pos)
        end = len(source) if end < 0 else end
        fence = source.find("```", pos, end)
        close = source.find("```", fence + 3) if fence >= 0 and source[fence - 1 : fence] != "\\" else -1
        if close < 0:
            return end
        pos = close + 3


def _text(source: str, tokens: list[Token]) -> None:
    if not source:
        return
    text = source.removesuffix("\n")
    # One newline ends the last line; another is an empty line, of which a browser shows no last one.
    _element("div", text + "\n" if text.endswith("\n") or not text else text, tokens, kind="text")


def _quote(source: str, tokens: list[Token]) -> None:
    tokens.append(Token("blockquote_open", "blockquote", 1, attrs={"dir": "auto"}))
    _blocks(source.strip("\n").rstrip(), tokens, quoted=True)
    tokens.append(Token("blockquote_close", "blockquote", -1))


def _element(tag: str, text: str, tokens: list[Token], *, kind: str = "") -> None:
    attrs: dict[str, str | int | float] = {"class": kind, "dir": "auto"} if kind else {"dir": "auto"}
    tokens += [
        Token(f"{kind or tag}_open", tag, 1, attrs=attrs),
        Token("inline", "", 0, content=text, children=[]),
        Token(f"{kind or tag}_close", tag, -1),
    ]


def _list(source: str, pos: int, tokens: list[Token]) -> int:
    """The items from `pos` on, those below them by their indent; the position after the list."""
    open_lists: list[tuple[int, str]] = []
    while (found := _ITEM.match(source, pos)) is not None:
        indent, tag = len(found[1]), "ul" if found[2] is None else "ol"
        while len(open_lists) > 1 and open_lists[-1][0] > indent:
            _close(open_lists.pop()[1], tokens)
        deeper = bool(open_lists) and indent >= open_lists[-1][0] + 2 and len(open_lists) < _DEEPEST
        if open_lists and not deeper:
            if open_lists[-1][1] == tag:
                tokens.append(Token("item_close", "li", -1))
            else:
                _close(open_lists.pop()[1], tokens)
                deeper = True
        if not open_lists or deeper:
            open_lists.append((indent, tag))
            number = int(found[2] or 1)
            tokens.append(Token("list_open", tag, 1, attrs={} if number == 1 else {"start": number}))
        text, pos = _item(source, found.start(), found.end())
        tokens += [
            Token("item_open", "li", 1, attrs={"dir": "auto"}),
            Token("inline", "", 0, content=text, children=[]),
        ]
    for _, tag in reversed(open_lists):
        _close(tag, tokens)
    return pos


def _close(tag: str, tokens: list[Token]) -> None:
    tokens += [Token("item_close", "li", -1), Token("list_close", tag, -1)]


def _item(source: str, line: int, began: int) -> tuple[str, int]:
    """An item's text, with the indented lines that go on with it, and the position after it."""
    end = _line_end(source, began)
    while end < len(source):
        more = _CONTINUED.match(source, end + 1)
        if more is None or _ITEM.match(source, more.end()) is not None:
            break
        end = _line_end(source, more.end())
    # Not "\n +": each of many spaces would be gone through again.
    text = re.sub(rf"(?m)^ {{1,{began - line}}}", "", source[began:end])
    return text, end + 1
