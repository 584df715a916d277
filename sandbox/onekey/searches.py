"""A search of the web, as models that have one tell of it: always the same pages, in each shape of naming them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

FIELDS: Final = ("enable_search", "web_search_options")
SHAPES: Final = {
    "search_info": "a search: search_info.search_results in the first block (the default of Qwen)",
    "annotations": "a search: annotations with url_citation in the last block (the default of the others)",
    "citations": "a search: citations and search_results beside the choices of every block",
    "web_search": "a search: web_search with refer in the first block",
}
_PAGES: Final = (
    ("The red fox – an encyclopedia", "https://en.example.org/wiki/Red_fox?section=diet#food"),
    ("赤狐的习性", "https://zh.example.org/wiki/赤狐"),
    ("Foxes **eat** [almost](https://evil.example) @everyone", "https://news.example.com/2026/foxes_eat"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer that searched has more than others: words at its end, and fields beside and in its blocks."""

    words: str = ""
    first: dict[str, object] = field(default_factory=dict)
    every: dict[str, object] = field(default_factory=dict)
    last_delta: dict[str, object] = field(default_factory=dict)


def found(body: dict[str, object], shape: str) -> Found:
    """What is found for a request; nothing where none was asked for."""
    asked = [name for name in FIELDS if body.get(name) not in (None, False)]
    if not asked:
        return Found()
    if shape not in SHAPES:
        shape = "search_info" if "qwen" in str(body.get("model", "")).lower() else "annotations"
    titled = [{"title": title, "url": url} for title, url in _PAGES]
    match shape:
        case "search_info":
            results = [page | {"index": number, "site_name": "Example"} for number, page in enumerate(titled, 1)]
            return Found("[ref_1][ref_3]", first={"search_info": {"search_results": results}})
        case "web_search":
            refers = [
                {"title": title, "link": url, "refer": f"ref_{number}"} for number, (title, url) in enumerate(_PAGES, 1)
            ]
            return Found("【1†source】【2†source】", first={"web_search": refers})
        case "citations":
            return Found("[1][2]", every={"citations": [url for _, url in _PAGES], "search_results": titled})
        case _:
            cited = [
                {"type": "url_citation", "url_citation": page | {"start_index": 0, "end_index": 9}} for page in titled
            ]
            return Found(f" ([example.org]({_PAGES[0][1]}))", last_delta={"annotations": cited})
