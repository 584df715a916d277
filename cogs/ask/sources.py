"""The pages that an answer rests on, as numbered plain links under it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.api.search import Source
from bot.i18n import text
from bot.kit.markdown.links import visible
from bot.text import title

MOST: Final = 8
_TITLE_LIMIT: Final = 80
_URL_LIMIT: Final = 400
_MARK: Final = re.compile(r"(?:\[(?:ref_|citation:|\^)?|【)(\d{1,3})(?=[\]^†])")


def listed(locale: str, sources: Sequence[Source], said: str) -> str:
    """Those that the answer's marks name, before the others; each by the number that the marks have. Empty: none."""
    numbered = _numbered(sources)
    cited = {int(mark[1]) for mark in _MARK.finditer(said)}
    first = sorted(numbered, key=lambda number: number not in cited)[:MOST]
    lines = [f"-# [{number}] {_line(numbered[number])}" for number in sorted(first)]
    return "\n".join([f"-# **{text(locale, 'ask.sources')}**", *lines]) if lines else ""


def _numbered(sources: Sequence[Source]) -> dict[int, Source]:
    """By number, those without one behind the others; no two have the same."""
    numbered: dict[int, Source] = {}
    without: list[Source] = []
    for source in sources:
        url = visible(source.url)
        if url is None or len(url) > _URL_LIMIT:
            continue
        shown = Source(url, source.title, source.number)
        if source.number is None or source.number in numbered:
            without.append(shown)
        else:
            numbered[source.number] = shown
    free = max(numbered, default=0)
    return numbered | dict(enumerate(without, free + 1))


def _line(source: Source) -> str:
    name = title(source.title, _TITLE_LIMIT)
    return f"{name} <{source.url}>" if name else f"<{source.url}>"
