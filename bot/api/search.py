"""Searching the web, where the model can: the fields that ask for it, and the sources that an answer names.

Qwen's family reads `enable_search` (https://help.aliyun.com/zh/model-studio/web-search), OpenAI's and those that follow
it `web_search_options` (https://platform.openai.com/docs/guides/tools-web-search); a name that says neither gets both,
and what a gateway refuses by name is left out from then on.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bot.api.shapes import JsonObject, mapping, number, sequence, text

if TYPE_CHECKING:
    from bot.api.memory import Memory

_QWEN, _OPENAI = _FIELDS = ("enable_search", "web_search_options")
_NONE: Final = "none"
_REFUSED_SECONDS: Final = 7 * 86400
"""For so long it is not tried again; gateways learn."""
_MOST: Final = 40
_URL_LIMIT: Final = 1000
_TITLE_LIMIT: Final = 300


@dataclass(frozen=True, slots=True)
class Source:
    """A page that an answer rests on. `number`: what the answer's marks call it, where the service says so."""

    url: str
    title: str
    number: int | None


async def fields_for(memory: Memory, base_url: str, model: str) -> tuple[str, ...]:
    """The names of the fields that ask this model to search; none, where it was refused."""
    known = await memory.recall(_key(base_url, model))
    if known is None:
        return _likely(model)
    name, _, until = known.partition(" ")
    if name == _NONE:
        return () if float(until or 0) > time.time() else _likely(model)
    return tuple(field for field in known.split(" ") if field in _FIELDS)


async def note(memory: Memory, base_url: str, model: str, fields: tuple[str, ...]) -> None:
    """These were taken, after others had been refused."""
    value = " ".join(fields) or f"{_NONE} {int(time.time()) + _REFUSED_SECONDS}"
    await memory.note(_key(base_url, model), value)


def without_refused(fields: tuple[str, ...], said: str) -> tuple[str, ...]:
    """The fields that are left after a refusal in these words; all of them, if it is about something else."""
    left = tuple(field for field in fields if field not in said)
    if left == fields and _ABOUT_SEARCH.search(said):
        return ()
    return left


def values(fields: tuple[str, ...]) -> JsonObject:
    """What is sent."""
    return {name: True if name == _QWEN else {} for name in fields}


class Sources:
    """Those of one answer, as its blocks name them."""

    def __init__(self) -> None:
        self._found: dict[str, Source] = {}
        self._last: JsonObject = {}

    def take(self, *places: JsonObject) -> None:
        """What these parts of a block name; each page once, by its first number."""
        for place in places:
            if _NAMES.isdisjoint(place):
                continue
            named = {name: place[name] for name in _LISTS if name in place}
            if named != self._last:  # some send all of them with every word
                self._last = named
                for source in _named(named):
                    self._add(source)

    def all(self) -> tuple[Source, ...]:
        return tuple(self._found.values())

    def _add(self, source: Source) -> None:
        known = self._found.get(source.url)
        if known is None:
            if len(self._found) < _MOST:
                self._found[source.url] = source
        elif (source.title and not known.title) or (known.number is None and source.number is not None):
            title, number_ = source.title or known.title, known.number if known.number is not None else source.number
            self._found[source.url] = Source(source.url, title, number_)


def _named(place: JsonObject) -> Iterator[Source]:
    for name, counts in _LISTS.items():
        listed: object = place.get(name)
        if inner := mapping(listed):
            yield from _named(inner)
            continue
        for position, item in enumerate((sequence(listed) or [])[:_MOST], 1):
            found = _source(item, position if counts else None)
            if found is not None:
                yield found


def _source(item: object, position: int | None) -> Source | None:
    fields = mapping(item)
    for inner in ("url_citation", "web", "source"):
        fields = mapping(fields.get(inner)) or fields
    url = item if isinstance(item, str) else next(filter(None, (text(fields.get(key)) for key in _URLS)), "")
    if not url or len(url) > _URL_LIMIT or not _ADDRESS.fullmatch(url):
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    if not host:
        return None
    title = next(filter(None, (text(fields.get(key)) for key in _TITLES)), "") or ""
    title = title[:_TITLE_LIMIT].encode("utf-8", "replace").decode()  # half a character is none
    return Source(url, " ".join(title.split()), _number_of(fields, position))


def _number_of(fields: Mapping[str, object], position: int | None) -> int | None:
    for key in ("index", "refer", "ref", "id"):
        given = fields.get(key)
        told = number(given)
        if told is None and isinstance(given, str):
            digits = _DIGITS.fullmatch(given)
            told = int(digits[1]) if digits else None
        if told is not None and 0 < told < 1000:
            return int(told)
    return position


def _likely(model: str) -> tuple[str, ...]:
    if _QWENS.search(model):
        return (_QWEN,)
    return (_OPENAI,) if _OPENAIS.search(model) else _FIELDS


def _key(base_url: str, model: str) -> str:
    return f"web_search {base_url} {model}"


_LISTS: Final = {
    "search_info": False,
    "search_results": True,
    "citations": True,
    "references": True,
    "web_search": True,
    "annotations": False,
    "grounding_metadata": False,
    "groundingMetadata": False,
    "groundingChunks": True,
    "grounding_chunks": True,
}
"""Where sources stand, and whether a list's order is its numbers."""
_NAMES: Final = frozenset(_LISTS)
_URLS: Final = ("url", "link", "uri", "href")
_TITLES: Final = ("title", "name", "site_name", "media")
_ADDRESS: Final = re.compile(r"https?://[^\s<>\x00-\x20\ud800-\udfff]+", re.IGNORECASE)
_DIGITS: Final = re.compile(r"(?:\D{0,10}_)?(\d{1,3})")
_QWENS: Final = re.compile(r"qwen|qwq|tongyi|hunyuan", re.IGNORECASE)
_OPENAIS: Final = re.compile(r"\bgpt|chatgpt|\bo[1-9]\b|search-preview|sonar|grok|gemini|claude", re.IGNORECASE)
_ABOUT_SEARCH: Final = re.compile(r"web[_ -]?search|enable[_ ]?search|联网搜索", re.IGNORECASE)
