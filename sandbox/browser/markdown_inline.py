"""What stands in a line of Discord's Markdown: emphasis, spoilers, code, links, mentions, times and escapes.

Each mark looks for its nearest end, what lies between is read in turn. An end that was looked for in vain is not
looked for again, and brackets are paired once for a text: the work grows with the text's length alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast

from sandbox.discord.render import when

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

    from sandbox.discord.render import NameOf

READING: Final = "reading"
"""The key of the Reading in markdown-it's `env`."""

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
_BRACKET: Final = re.compile(r"\\.|[\[\]]", re.DOTALL)
_TARGET: Final = re.compile(
    r"\(\s*+(?:<(https?://[^\s<>]++)>|(https?://(?:\([^\s()<>]*+\)|[^\s()<>])++))"
    r"""(?:\s++(?:"[^"\n]*+"|'[^'\n]*+'))?\s*+\)"""
)
_BARE: Final = re.compile(r"""https?://[^\s<]*[^\s<.,:;"'\]]""")
_ANGLE: Final = re.compile(
    r"<(?:(?P<sign>@[!&]?|#)(?P<id>\d{1,20})"
    r"|/(?P<command>[^\s:<>/]{1,32}(?: [^\s:<>/]{1,32}){0,2}):\d{1,20}"
    r"|a?(?P<emoji>:\w{2,32}:)\d{1,20}"
    r"|t:(?P<moment>-?\d{1,13})(?::(?P<style>[tTdDfFsSR]))?"
    r"|id:(?P<guide>browse|customize|guide|home|linked-roles)"
    r"|(?P<link>https?://[^\s<>]+))>"
)

_UNKNOWN: Final = {"@": "@unknown-user", "@!": "@unknown-user", "@&": "@unknown-role", "#": "#unknown"}
_GUIDES: Final = {
    "browse": ("Browse Channels", "浏览频道"),
    "customize": ("Channels & Roles", "频道和身份组"),
    "guide": ("Server Guide", "服务器指南"),
    "home": ("Server Guide", "服务器指南"),
    "linked-roles": ("Linked Roles", "关联身份组"),
}


@dataclass(slots=True)
class Reading:
    """One message while it is read."""

    name_of: NameOf
    locale: str
    in_vain: set[tuple[str, str, int]] = field(default_factory=set[tuple[str, str, int]])
    """(text, mark, where it ends): no end of this mark stands between here and there."""
    brackets: dict[str, dict[int, int]] = field(default_factory=dict[str, dict[int, int]])
    """Where each `[` of a text is closed."""

    @property
    def chinese(self) -> bool:
        return self.locale == "zh-CN"


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
    label = "剧透" if _reading(state).chinese else "Spoiler"
    outer = state.push("spoiler_open", "span", 1)
    outer.attrs = {"class": "spoiler", "role": "button", "tabindex": "0", "aria-label": label}
    state.push("hidden_open", "span", 1).attrs = {"inert": "", "dir": "auto"}
    _inside(state, found.start(1), found.end(1))
    state.push("hidden_close", "span", -1)
    state.push("spoiler_close", "span", -1)
    state.pos = found.end()
    return True


def _search(state: StateInline, mark: str, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """The mark at this place with its nearest end, or None."""
    key = (state.src, mark, state.posMax)
    in_vain = _reading(state).in_vain
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
    _inside(state, found.start(1), found.end(1))
    state.push(f"{tag}_close", tag, -1)
    state.pos = found.end()
    return True


def _inside(state: StateInline, start: int, end: int) -> None:
    outer = state.posMax
    state.pos, state.posMax = start, end
    state.md.inline.tokenize(state)
    state.posMax = outer


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
    in_vain = _reading(state).in_vain
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


# links, mentions, times


def _masked_link(state: StateInline) -> bool:
    source, start = state.src, state.pos
    closed = _pairs(state).get(start, -1)
    target = _TARGET.match(source, closed + 1, state.posMax) if closed >= 0 else None
    label = source[start + 1 : closed]
    # A label that is an address itself could say another one than it leads to; Discord shows both.
    if target is None or state.linkLevel or not label.strip() or "http://" in label or "https://" in label:
        return False
    url = target[1] or target[2]
    if not _link_open(state, url, title=url):
        return False
    state.linkLevel += 1
    _inside(state, start + 1, closed)
    state.linkLevel -= 1
    state.push("link_close", "a", -1)
    state.pos = target.end()
    return True


def _pairs(state: StateInline) -> dict[int, int]:
    known = _reading(state).brackets
    if state.src not in known:
        pairs: dict[int, int] = {}
        opened: list[int] = []
        for found in _BRACKET.finditer(state.src):
            if found[0] == "[":
                opened.append(found.start())
            elif found[0] == "]" and opened:
                pairs[opened.pop()] = found.start()
        known[state.src] = pairs
    return known[state.src]


def _bare_link(state: StateInline) -> bool:
    found = _BARE.match(state.src, state.pos, state.posMax)
    if found is None or state.linkLevel:
        return False
    url = found[0]
    surplus = url.count(")") - url.count("(")
    closing = len(url) - len(url.rstrip(")"))
    url = url[: len(url) - max(0, min(surplus, closing))]
    return not url.endswith("//") and _link(state, url, state.pos + len(url))


def _link(state: StateInline, url: str, end: int) -> bool:
    if not _link_open(state, url):
        return False
    _say(state, url)
    state.push("link_close", "a", -1)
    state.pos = end
    return True


def _link_open(state: StateInline, url: str, *, title: str = "") -> bool:
    """False for what is no address of the web once it is written as one."""
    href = state.md.normalizeLink(url)
    if not href.startswith(("http://", "https://")):
        return False
    token = state.push("link_open", "a", 1)
    token.attrs = {"href": href, "target": "_blank", "rel": "noopener noreferrer nofollow", "dir": "auto"}
    if title:
        token.attrs["title"] = title
    return True


def _angle(state: StateInline) -> bool:
    found = _ANGLE.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    reading, end = _reading(state), found.end()
    if found["link"]:
        return not state.linkLevel and _link(state, found["link"], end)
    if found["moment"]:
        return _time(state, int(found["moment"]), found["style"] or "f", end)
    if found["id"]:
        name = reading.name_of(int(found["id"]))
        known = name is not None and name.startswith(found["sign"][0])
        channel = {"data-channel": found["id"]} if known and found["sign"] == "#" else {}
        return _mention(state, name if name and known else _UNKNOWN[found["sign"]], end, **channel)
    if found["command"]:
        return _mention(state, f"/{found['command']}", end, **{"data-command": found["command"]})
    if found["guide"]:
        return _mention(state, _GUIDES[found["guide"]][reading.chinese], end)
    state.push("emoji_open", "span", 1).attrs = {"class": "emoji"}
    _say(state, found["emoji"])
    state.push("emoji_close", "span", -1)
    state.pos = end
    return True


def _everyone(state: StateInline) -> bool:
    # The plain rule has stopped at an "@" of these two only.
    for name in ("@everyone", "@here"):
        if state.src.startswith(name, state.pos, state.posMax):
            return _mention(state, name, state.pos + len(name))
    return False


def _mention(state: StateInline, name: str, end: int, **data: str) -> bool:
    """A name in a box; one that leads somewhere is a button, but not within a link."""
    tag = "button" if data and not state.linkLevel else "span"
    token = state.push("mention_open", tag, 1)
    token.attrs = {"class": "mention", "dir": "auto"}
    if tag == "button":
        token.attrs |= {"type": "button", **data}
    _say(state, name)
    state.push("mention_close", tag, -1)
    state.pos = end
    return True


def _time(state: StateInline, moment: int, style: str, end: int) -> bool:
    try:
        at = datetime.fromtimestamp(moment, UTC)
    except (ValueError, OverflowError, OSError):
        return False
    token = state.push("time_open", "time", 1)
    token.attrs = {"datetime": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "data-style": style}
    _say(state, when(moment, "f" if style == "R" else style, 0, _reading(state).locale))
    state.push("time_close", "time", -1)
    state.pos = end
    return True


def _say(state: StateInline, text: str) -> None:
    state.push("text", "", 0).content = text


def _reading(state: StateInline) -> Reading:
    return cast("Reading", state.env[READING])


_RULES: Final[dict[str, Callable[[StateInline], bool]]] = {
    "\\": _escape,
    "\n": _newline,
    "*": _star,
    "_": _low_line,
    "~": _strike,
    "|": _spoiler,
    "`": _code,
    "[": _masked_link,
    "h": _bare_link,
    "<": _angle,
    "@": _everyone,
}
