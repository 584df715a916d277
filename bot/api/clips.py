"""Which of all that stands in a poll's answer is the clip: links and files, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from yarl import URL

from bot.api import encoded
from bot.api.filetypes import PICTURE_ENDINGS
from bot.api.shapes import JsonObject, mapping
from bot.api.walk import Leaf, absolute, leaves, links_inside

_KNOWN: Final = 0
_NAMED: Final = 1
_BY_ENDING: Final = 2
_LESSER: Final = 3
_OTHER: Final = 4
_PICTURE: Final = 5
"""Ranks. By its ending it may be a picture: the content has the last word, but it is asked last."""
_MOST_LINKS: Final = 8
"""Links that are worth a try."""

_CLIP_ENDINGS: Final = frozenset({".mp4", ".mov", ".webm", ".m4v", ".mkv"})
_NO_CLIP_ENDINGS: Final = PICTURE_ENDINGS.keys() | frozenset(
    {".svg", ".ico", ".mp3", ".wav", ".aac", ".json", ".txt", ".srt", ".vtt", ".zip", ".html", ".pdf"}
)
_NEVER: Final = re.compile(
    r"cover|thumb|poster|snapshot|screenshot|avatar|logo|subtitle|caption"
    r"|^(?:input|source(?!s)|reference|(?:first|last|tail)(?:frame|clip|image|pic))"
    r"|^(?:task|job)?(?:cancel|get|poll|polling|query|callback|webhook|docs?|help|self|next|prev|web)(?:url|uri)?$"
    r"|^(?:task|job)?(?:status|response)ur[li]$"
    r"|^(?:stream|logs?|error|usage|warnings?|links)$"
)
"""Keys of what is no clip, nor has one below it; as `walk.plain` spells them."""
_WORDS: Final = re.compile(
    r"^(?:message|msg|detail|details|reason|failreason|taskstatusmsg|model|provider|id|taskid|requestid|name|title"
    r"|description|text)$"
)
"""Keys of what people read."""
_STILL: Final = re.compile(r"image|img|picture|photo|frame|still|icon|audio|music|sound|voice")
"""Keys of other media, where they don't name a video too."""
_LESSER_KEYS: Final = re.compile(r"watermark|preview|lowres|gif")
_RESULT_KEYS: Final = re.compile(
    r"^(?:url|uri|gcsuri|src|href|link|file|fileurl|output|outputs|result|results|content|creations|works|assets|mp4|b64json"
    r"|base64|data|resources?|media|mediaurl|signedurl)$"
    r"|(?:result|output|download|play|origin|original|final|hd|sd)s?(?:file)?(?:url|uri|link|src)s?$"
    r"|video|bytesbase64encoded"
)


@dataclass(frozen=True, slots=True)
class Clip:
    """`links`: absolute, the likeliest first. `file`: base64, not decoded yet.

    `likely`: one of them may well be it. `known`: one of them stands under a key that means it, or ends as a clip does.
    """

    links: tuple[str, ...]
    file: str | None
    likely: bool
    known: bool


def find(document: JsonObject, *, base: URL, sent: Collection[str] = ()) -> Clip:
    """The clip in an answer. `base`: the API's, ending in a slash, for links without a host.

    `sent`: texts of the request, which are no result wherever they stand.
    """
    ranked: dict[str, int] = {}
    file: str | None = None
    for rank, leaf in _ranked(document, sent):
        if encoded.is_data_url(leaf.text) or (len(leaf.text) >= 64 and "://" not in leaf.text[:16]):
            content_type = encoded.content_type(leaf.text)
            if file is None and content_type is not None and content_type.startswith("video/"):
                file = leaf.text
            if content_type is not None or encoded.is_data_url(leaf.text):
                continue
        link = _link(leaf, base)
        if link is not None:
            final = _rank(link, rank)
            ranked[link] = min(final, ranked.get(link, final))
    links = sorted(ranked, key=ranked.__getitem__)[:_MOST_LINKS]
    best = _KNOWN if file is not None else min(ranked.values(), default=_PICTURE)
    return Clip(tuple(links), file, likely=best <= _LESSER, known=best <= _BY_ENDING)


def _ranked(document: JsonObject, sent: Collection[str]) -> Iterator[tuple[int, Leaf]]:
    for keys, value in _places(document):
        yield from ((_KNOWN, leaf) for leaf in _leaves(value, keys, sent) if not _is_other(leaf, beside=len(keys)))
    yield from ((_rank_of_keys(leaf), leaf) for leaf in _leaves(document, (), sent) if not _is_other(leaf))


def _leaves(value: object, keys: tuple[str, ...], sent: Collection[str]) -> Iterator[Leaf]:
    return (one for leaf in leaves(value, keys, sent=sent) for one in links_inside(leaf))


def _places(document: JsonObject) -> Iterator[tuple[tuple[str, ...], object]]:
    """Where gateways of this family put it, the best first."""
    both = (document, mapping(document.get("data")))
    for layer in both:
        yield ("videourl",), layer.get("video_url")
        yield ("url",), layer.get("url")
        yield ("resulturl",), layer.get("result_url")
        yield ("metadata", "url"), mapping(layer.get("metadata")).get("url")
    inner = mapping(mapping(document.get("data")).get("data"))
    yield ("output", "videourl"), mapping(inner.get("output")).get("video_url")
    for layer in both:
        yield ("content", "videourl"), mapping(layer.get("content")).get("video_url")
    for layer in both:
        yield ("url",), layer.get("fail_reason")


def _is_other(leaf: Leaf, *, beside: int = 0) -> bool:
    """Whether its keys say that it is no clip; the first `beside` of them are known to say nothing of that."""
    keys = leaf.keys[beside:]
    if keys and _WORDS.search(keys[-1]):
        return True
    return any(_NEVER.search(key) or (_STILL.search(key) and "video" not in key) for key in keys)


def _rank_of_keys(leaf: Leaf) -> int:
    if any(map(_LESSER_KEYS.search, leaf.keys)):
        return _LESSER
    return _NAMED if _RESULT_KEYS.search(leaf.key) else _OTHER


def _rank(link: str, by_keys: int) -> int:
    try:
        ending = PurePosixPath(unquote(urlsplit(link).path)).suffix.lower()
    except ValueError:
        return _OTHER
    if ending in _NO_CLIP_ENDINGS:
        return _PICTURE
    return _BY_ENDING if by_keys == _OTHER and ending in _CLIP_ENDINGS else by_keys


def _link(leaf: Leaf, base: URL) -> str | None:
    link = absolute(leaf.text, base)
    if link is None or link is leaf.text:
        return link
    telling = _RESULT_KEYS.search(leaf.key) or leaf.key.endswith(("url", "uri"))
    return link if telling and " " not in link else None
