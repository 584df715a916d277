"""The pictures in an answer: links and files wherever they stand, judged by their content."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from yarl import URL

from bot.api import encoded
from bot.api.filetypes import PICTURE_ENDINGS
from bot.api.shapes import JsonObject, mapping, sequence
from bot.api.walk import Leaf, absolute, leaves, links_inside

_NEVER: Final = re.compile(
    r"thumb|preview|poster|avatar|logo|^(?:input|source(?!s)|reference|original(?:image|url)|mask|logs?|error|usage)"
    r"|^(?:task|job)?(?:cancel|get|poll|polling|query|callback|webhook|docs?|help|self|next|prev|web)(?:url|uri)?$"
    r"|^(?:status|response)ur[li]$"
)
"""Keys of what is none of the pictures asked for, nor has one below it; as `walk.plain` spells them."""
_FILES: Final = re.compile(r"b64|base64|bytes|binary|^images?(?:data)?$")
"""Keys under which base64 is a picture, whatever it holds."""
_LINKS: Final = re.compile(
    r"ur[li]s?$|^(?:image|img|picture|photo|src|href|link|output|file|sample|result|content)s?$|b64|base64"
)
_OTHER_ENDINGS: Final = frozenset({".mp4", ".mov", ".webm", ".mp3", ".wav", ".json", ".txt", ".html", ".zip", ".pdf"})
_MARKDOWN: Final = re.compile(
    r"!\[[^\]]{0,1000}\]\((https?://[^\s()]{1,4000}|data:image/[\w.+-]{1,40};base64,[^\s()]+)\)"
)
_SHORTEST: Final = 16
"""Characters of a file that stands there as base64."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Where the picture is (`url`, which expires), or the picture itself (`data`, type unchecked): at least one."""

    url: str | None
    data: bytes | None = field(repr=False)


async def find(
    document: JsonObject, *, base: URL, most: int, sent: Collection[str] = (), not_these: Collection[bytes] = ()
) -> list[Picture]:
    """At most `most` pictures of an answer, in its order; those of `data` where there are some.

    `base`: the API's, ending in a slash, for links without a host. `sent` and `not_these`: texts and pictures of the
    request, which are no result wherever they stand.
    """
    data = document.get("data")
    found = [one for entry in sequence(data) or [data] for one in await _of_entry(entry, base, sent, not_these, most)]
    return (found or await _of_entry(document, base, sent, not_these, most))[:most]


async def _of_entry(
    entry: object, base: URL, sent: Collection[str], not_these: Collection[bytes], most: int
) -> list[Picture]:
    """The pictures below `entry`: a link and a file in one object are one picture."""
    found: list[Picture] = []
    links: set[str] = set()
    places: dict[int, tuple[int, str]] = {}
    for leaf in _candidates(entry, sent):
        at, key = places.get(id(leaf.parent), (-1, leaf.key)) if leaf.parent else (-1, leaf.key)
        if len(found) >= most and at < 0:
            break
        link = _link(leaf, base)
        data = None if link else await _file(leaf)
        if (link is None and data is None) or link in links or data in not_these:
            continue
        links |= {link} if link else set()
        before = found[at] if at >= 0 and key != leaf.key else None
        if before is not None and ((before.url is None) if link else (before.data is None)):
            found[at] = replace(before, url=before.url or link, data=before.data or data)
            continue
        if leaf.parent:
            places.setdefault(id(leaf.parent), (len(found), leaf.key))
        found.append(Picture(link, data))
    return found


def _candidates(entry: object, sent: Collection[str]) -> Iterator[Leaf]:
    # An entry of a list is as if it stood under a key that says what it is.
    keys = () if mapping(entry) else ("image",)
    for leaf in leaves(entry, keys, sent=sent):
        if any(map(_NEVER.search, leaf.keys)):
            continue
        shown: list[str] = _MARKDOWN.findall(leaf.text) if "![" in leaf.text[:4000] else []
        inside = [leaf._replace(text=one, keys=(*leaf.keys, "image")) for one in shown]
        yield from inside or links_inside(leaf)


def _link(leaf: Leaf, base: URL) -> str | None:
    link = absolute(leaf.text, base)
    if link is None or encoded.content_type(leaf.text) is not None:
        return None  # base64 of a JPEG begins with a slash, too
    try:
        ending = PurePosixPath(unquote(urlsplit(link).path)).suffix.lower()
    except ValueError:
        return None
    if ending in _OTHER_ENDINGS or (link is not leaf.text and " " in link):
        return None
    return link if ending in PICTURE_ENDINGS or _LINKS.search(leaf.key) else None


async def _file(leaf: Leaf) -> bytes | None:
    """The file that stands in a text: a known picture under any key, whatever can be decoded under a telling one."""
    kind = encoded.content_type(leaf.text)
    if kind is not None:
        return await encoded.decoded(leaf.text) if kind.startswith("image/") else None
    telling = _FILES.search(leaf.key) is not None and len(leaf.text) >= _SHORTEST
    return await encoded.decoded(leaf.text) if telling or encoded.is_data_url(leaf.text) else None
