"""What stands in a line of Discord's Markdown: emphasis, spoilers, code and escapes; links by markdown_links.

Each mark looks for its nearest end, what lies between is read in turn. An end that was looked for in vain is not
looked for again, and brackets are paired once for a text: the work grows with the text's length alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sandbox.browser.markdown_links import angle, bare_link, everyone, masked_link
from sandbox.browser.markdown_reading import inside, reading

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

_PLAIN: Final = re.compile(r"(?:[^\\*_~|`<\[\n@h]|h(?!ttps?://)|@(?!everyone\b|here\b))+")
_BOLD: Final = re.compile(r"\*\*((?:\\.|[^\\])+?)\*\*(?!\*)", re.DOTALL)
_UNDERLINED: Final = re.compile(r"__((?:\\.|[^\\])+?)__(?!_)", re.DOTALL)
_STRUCK: Final = re.compile(r"~~((?:\\.|[^\\])+?)~~(?!_)", re.DOTALL)
_SPOILER: Final = re.compile(r"\|\|((?:\\.|[^\\])+?)\|\|", re.DOTALL)
_STARRED: Final = re.compile(r"\*(?=[^\s*]|\*\*[^*])((?:\\.|\*\*|\s+(?!\s|\*(?!\*))|[^\s\\*])+?)\*(?!\*)", re.DOTALL)
_LOW_LINED: Final = re.compile(r"(?<![0-9A-Za-z_])_((?:\\.|__|[^\\_])+?)_(?![0-9A-Za-z_])", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\([^0-9A-Za-z\s])")
_TICKS: Final = re.compile("`+")
_LANGUAGE: Final = re.compile(r"([\w+.#-]+)\n(?=.*\S)", re.DOTALL | re.ASCII)


def plain_rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    """markdown-it's rule "text": all letters up to the next that could mean something."""
    del silent
    found = _PLAIN.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    state.append_pending(found[0])
    state.pos = found.end()
    return True


def marked_rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - likewise
    """A sign that means something, or False: then it is a letter."""
    del silent  # nothing asks for it: brackets are paired by us
    rule = _RULES.get(state.src[state.pos])
    return rule is not None and rule(state)


# emphasis


def _star(state: StateInline) -> bool:
    return _longest(state, _search(state, "**", _BOLD), _STARRED, "strong")


def _low_line(state: StateInline) -> bool:
    return _longest(state, _search(state, "__", _UNDERLINED), _LOW_LINED, "u")


def _longest(state: StateInline, double: re.Match[str] | None, single: re.Pattern[str], tag: str) -> bool:
    """Of two readings the longer one: `***a** b*` is italics with bold in it."""
    found = single.match(state.src, state.pos, state.posMax)
    if found is None or (double is not None and double.end() > found.end()):
        return _enclosed(state, double, tag)
    return _enclosed(state, found, "em")


def _strike(state: StateInline) -> bool:
    return _enclosed(state, _search(state, "~~", _STRUCK), "s")


def _spoiler(state: StateInline) -> bool:
    found = _search(state, "||", _SPOILER)
    if found is None:
        return False
    label = "剧透" if reading(state).chinese else "Spoiler"
    outer = state.push("spoiler_open", "span", 1)
    outer.attrs = {"class": "spoiler", "role": "button", "tabindex": "0", "aria-label": label}
    state.push("hidden_open", "span", 1).attrs = {"inert": "", "dir": "auto"}
    inside(state, found.start(1), found.end(1))
    state.push("hidden_close", "span", -1)
    state.push("spoiler_close", "span", -1)
    state.pos = found.end()
    return True


def _search(state: StateInline, mark: str, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """The mark at this place with its nearest end, or None."""
    key = (state.src, mark, state.posMax)
    in_vain = reading(state).in_vain
    if key in in_vain or not state.src.startswith(mark, state.pos, state.posMax):
        return None
    found = pattern.match(state.src, state.pos, state.posMax)
    if found is None:
        in_vain.add(key)
    return found


def _enclosed(state: StateInline, found: re.Match[str] | None, tag: str) -> bool:
    if found is None:
        return False
    state.push(f"{tag}_open", tag, 1)
    inside(state, found.start(1), found.end(1))
    state.push(f"{tag}_close", tag, -1)
    state.pos = found.end()
    return True


# letters and code


def _escape(state: StateInline) -> bool:
    found = _ESCAPED.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    state.append_pending(found[1])
    state.pos = found.end()
    return True


def _newline(state: StateInline) -> bool:
    state.push("break", "br", 0)
    state.pos += 1
    return True


def _code(state: StateInline) -> bool:
    source, start = state.src, state.pos
    if source.startswith("```", start, state.posMax) and _fence(state):
        return True
    run = _TICKS.match(source, start, state.posMax)
    ticks = run[0] if run is not None else "`"
    count = len(ticks)
    key = (source, ticks, state.posMax)
    in_vain = reading(state).in_vain
    if key not in in_vain:
        ending = re.compile(rf"(?<!`){ticks}(?!`)").search(source, start + count, state.posMax)
        if ending is not None:
            text = source[start + count : ending.start()]
            if text[0] == text[-1] == " " and text.strip():
                text = text[1:-1]
            state.push("code_inline", "code", 0).content = text
            state.pos = ending.end()
            return True
        in_vain.add(key)
    state.append_pending(ticks)
    state.pos += count
    return True


def _fence(state: StateInline) -> bool:
    source, start = state.src, state.pos + 3
    close = source.find("```", start, state.posMax)
    # "````" ends with its last three.
    while close >= 0 and source.startswith("`", close + 3, state.posMax):
        close += 1
    if close < 0 or not source[start:close].strip("\n`"):
        return False
    language = _LANGUAGE.match(source, start, close)
    code = source[language.end() if language else start : close].strip("\n")
    # It is a block of its own: the newlines around it are no empty lines.
    if not state.pending and state.tokens and state.tokens[-1].type == "break":
        state.tokens.pop()
    token = state.push("fence", "code", 0)
    token.content, token.info = code, language[1] if language else ""
    state.pos = close + 3
    if source.startswith("\n", state.pos, state.posMax):
        state.pos += 1
    return True


_RULES: Final[dict[str, Callable[[StateInline], bool]]] = {
    "\\": _escape,
    "\n": _newline,
    "*": _star,
    "_": _low_line,
    "~": _strike,
    "|": _spoiler,
    "`": _code,
    "[": masked_link,
    "h": bare_link,
    "<": angle,
    "@": everyone,
}
