"""What leads somewhere or stands for something in Discord's Markdown: links, mentions, custom emoji and times."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sandbox.browser.markdown_reading import inside, reading, say
from sandbox.discord.render import when

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

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


def masked_link(state: StateInline) -> bool:
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
    inside(state, start + 1, closed)
    state.linkLevel -= 1
    state.push("link_close", "a", -1)
    state.pos = target.end()
    return True


def _pairs(state: StateInline) -> dict[int, int]:
    known = reading(state).brackets
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


def bare_link(state: StateInline) -> bool:
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
    say(state, url)
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


def angle(state: StateInline) -> bool:
    found = _ANGLE.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    message, end = reading(state), found.end()
    if found["link"]:
        return not state.linkLevel and _link(state, found["link"], end)
    if found["moment"]:
        return _time(state, int(found["moment"]), found["style"] or "f", end)
    if found["id"]:
        name = message.name_of(int(found["id"]))
        known = name is not None and name.startswith(found["sign"][0])
        channel = {"data-channel": found["id"]} if known and found["sign"] == "#" else {}
        return _mention(state, name if name and known else _UNKNOWN[found["sign"]], end, **channel)
    if found["command"]:
        return _mention(state, f"/{found['command']}", end, **{"data-command": found["command"]})
    if found["guide"]:
        return _mention(state, _GUIDES[found["guide"]][message.chinese], end)
    state.push("emoji_open", "span", 1).attrs = {"class": "emoji"}
    say(state, found["emoji"])
    state.push("emoji_close", "span", -1)
    state.pos = end
    return True


def everyone(state: StateInline) -> bool:
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
    say(state, name)
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
    say(state, when(moment, "f" if style == "R" else style, 0, reading(state).locale))
    state.push("time_close", "time", -1)
    state.pos = end
    return True
