"""Walks an answer of any shape: every text in it with the keys that lead there, in the order in which it stands.

Without recursion, and within bounds: what is hostile or merely huge costs milliseconds and finds nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from html import unescape
from itertools import islice
from typing import Final, NamedTuple

import orjson
from yarl import URL

from bot.api.addresses import joined
from bot.api.shapes import JsonObject, mapping, sequence

MOST_VALUES: Final = 5_000
MOST_DEPTH: Final = 64
_KEY_LIMIT: Final = 64
_MOST_FIELDS: Final = 200
_MOST_INNER: Final = 16
_INNER_LIMIT: Final = 256 * 1024
_OPENS: Final = frozenset("{[")
_ECHOED: Final = frozenset(
    {
        *("input", "inputs", "prompt", "negativeprompt", "revisedprompt", "actualprompt", "origprompt", "properties"),
        *("parameters", "params", "request", "requestbody", "originalrequest", "config", "options"),
    }
)
"""Keys under which a service repeats what it was sent: whatever link stands there is no result."""
_LINK_LIMIT: Final = 8192
_NO_LINK: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_WRAPPED: Final = re.compile(r"""[`'"<(]\s*(https?://[^\s`'"<>]+?)\s*[`'">)]|\[[^\]]{0,200}\]\((https?://[^\s()]+)\)""")
_TAG: Final = re.compile(
    r"""<(img|video|source)\s(?:[^<>]{0,500}\s)?src=["'](https?://[^\s"'<>]{1,4000})["']""", re.IGNORECASE
)
_NEXT_LINK: Final = re.compile(r"(?<=[\s,;|])(?=https?://)")
_PAGE_LIMIT: Final = 16 * 1024
_ESCAPED: Final = re.compile(r"https?:\\/\\/", re.IGNORECASE)
_RELATIVE: Final = re.compile(r"(?:v1/)?(?:videos?|images?|files?|content|outputs?|results?|static|media)/[^\s:]+$")
_KEY_SEPARATORS: Final = re.compile(r"[_\-\s.]+")


class Leaf(NamedTuple):
    """A text, and the keys that lead to it: in lower case and without `_`; an index of a list is none.

    `parent`: the object that it stands in.
    """

    keys: tuple[str, ...]
    text: str
    parent: JsonObject

    @property
    def key(self) -> str:
        return self.keys[-1] if self.keys else ""


def plain(key: str) -> str:
    """A key without its spelling: `video_url`, `videoUrl` and `VideoURL` are one."""
    return _plain(key[:_KEY_LIMIT])


@lru_cache(maxsize=2000)
def _plain(key: str) -> str:
    # The same few stand in nearly all answers: in each poll's, and where a stream has `error` in all of its blocks.
    return _KEY_SEPARATORS.sub("", key.lower())


def spelled(document: JsonObject) -> JsonObject:
    """Its fields, their keys without spelling; the first of them, where it has more than any answer."""
    return {plain(key): value for key, value in islice(document.items(), _MOST_FIELDS)}


def inner_json(found: str) -> object:
    """What a text is in JSON, where it is an object or a list; else None."""
    if found[:1] not in _OPENS or len(found) >= _INNER_LIMIT:
        return None
    try:
        return orjson.loads(found)
    except orjson.JSONDecodeError:
        return None


def leaves(value: object, keys: tuple[str, ...] = (), *, sent: Collection[str] = ()) -> Iterator[Leaf]:
    """Every text below `value`, but for what was sent: under a key for that, equal to one of `sent`, or inside one.

    A text that is an object or a list in JSON is looked into.
    """
    stack: list[tuple[tuple[str, ...], int, object, JsonObject]] = [(keys, 0, value, {})]
    inner = 0
    for _ in range(MOST_VALUES):
        if not stack:
            return
        keys, depth, value, parent = stack.pop()
        if isinstance(value, str):
            found = value.strip()
            if not found or (len(found) < _INNER_LIMIT and any(found in one for one in sent)):
                continue
            below = None
            if found[0] in _OPENS and inner < _MOST_INNER:
                inner += 1
                below = inner_json(found)
            if below is not None:
                stack.append((keys, depth, below, parent))
            else:
                yield Leaf(keys, found, parent)
        elif depth < MOST_DEPTH:
            below = [(plain(key), one) for key, one in islice(mapping(value).items(), MOST_VALUES)]
            stack += (
                ((*keys, key), depth + 1, one, mapping(value)) for key, one in reversed(below) if key not in _ECHOED
            )
            stack += ((keys, depth + 1, one, parent) for one in reversed(sequence(value)[:MOST_VALUES]))


def links_inside(leaf: Leaf) -> list[Leaf]:
    """The text, or the links that it holds instead of being one: of tags in a page, or several in a row."""
    if "<" in leaf.text[:_PAGE_LIMIT]:
        tags = _TAG.findall(leaf.text[:_PAGE_LIMIT])
        inside = [(unescape(link), "image" if tag.lower() == "img" else "video") for tag, link in tags]
        return [leaf._replace(text=link, keys=(*leaf.keys, key), parent={}) for link, key in inside] or [leaf]
    if leaf.text.startswith("http"):
        *links, last = _NEXT_LINK.split(leaf.text, maxsplit=_MOST_INNER)
        links = [link.rstrip(" \t\r\n,;|") for link in links]
        return [leaf._replace(text=link, parent={}) for link in (*links, last)] if links else [leaf]
    return [leaf]


def absolute(words: str, base: URL) -> str | None:
    """The link that a text is, byte for byte, without quotes or brackets around it and escapes of JSON in it; one
    without a host leads to the API's, whose `base` ends in a slash.

    Of a path without a slash before it only what can be nothing else.
    """
    if len(words) > _LINK_LIMIT or _NO_LINK.search(words):
        return None
    if words[:8].lower().startswith(("http://", "https://")):
        return words
    if _ESCAPED.match(words):
        return words.replace("\\/", "/").replace("\\u0026", "&")
    if wrapped := _WRAPPED.fullmatch(words):
        return wrapped[1] or wrapped[2]
    if words.startswith("/"):
        return joined(base, words)
    if _RELATIVE.match(words):
        return joined(base, f"/{words}" if words.startswith("v1/") else words)
    return None
