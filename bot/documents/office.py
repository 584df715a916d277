"""DOCX and PPTX: their words, in order, with headings, lists and tables as Markdown has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.documents.answer import Answer
from bot.documents.archives import Archive, parse
from bot.documents.limits import TEXT_LIMIT
from bot.documents.tables import Tables

_HEADING: Final = re.compile(r"heading\s*([1-6])$", re.IGNORECASE)
_SKIPPED: Final = frozenset({"Fallback", "rt", "tabs"})
"""The same again for older programs; the sound of a word above it; where tabs stop."""
_BESIDE: Final = {"footnotes": "Footnotes", "endnotes": "Endnotes", "comments": "Comments"}


def read(data: bytes, answer: Answer) -> None:
    """Write the words of the document or the slides."""
    archive = Archive(data)
    main = archive.main_part()
    related = archive.related(main)
    if main.startswith("word/"):
        Body(answer).read(archive, main)
        for kind, path in related.values():
            if kind in _BESIDE and path in archive.names:
                Body(answer, title=f"\n## {_BESIDE[kind]}\n").read(archive, path)
        return
    for number, path in enumerate(_slides(archive, main, related), 1):
        answer.write(f"\n## Slide {number}\n")
        Body(answer).read(archive, path)
        for kind, notes in archive.related(path).values():
            if kind == "notesSlide" and notes in archive.names:
                Body(answer, title="\nNotes:\n").read(archive, notes)


def _slides(archive: Archive, main: str, related: Mapping[str, tuple[str, str]]) -> list[str]:
    """In the order in which they are shown."""
    order: list[str] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if name.endswith(" sldId"):
            order.extend(value for key, value in attributes.items() if key.endswith(" id"))

    parse(archive.pieces(main), begin=begin)
    paths = [related[one][1] for one in order if one in related]
    return [path for path in paths if path in archive.names]


class Body:
    """Takes in one part of a document; both formats call a paragraph, a word and a cell the same.

    `title`: stands before it, if it has any words.
    """

    def __init__(self, answer: Answer, *, title: str = "") -> None:
        self._answer = answer
        self._title = title
        self._line: list[str] = []
        self._length = 0
        self._prefix = ""
        self._words = 0  # within how many elements that hold words
        self._skipped = 0  # likewise, of what is left out
        self._tables = Tables(answer)

    def read(self, archive: Archive, part: str) -> None:
        """Write the words of this part."""
        parse(archive.pieces(part), begin=self._begin, end=self._end, words=self._take)
        self._flush()

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(" ")[2]
        if self._skipped or name in _SKIPPED:
            self._skipped += 1
            return
        match name:
            case "t":
                self._words += 1
            case "tab":
                self._put("\t")
            case "br" | "cr":
                self._put(" " if self._tables.in_cell else "\n")
            case "pStyle":
                self._prefix = _prefix(_value(attributes, "val")) or self._prefix
            case "numPr":
                self._prefix = self._prefix or "- "
            case "ph" if _value(attributes, "type") in {"title", "ctrTitle"}:
                self._prefix = "### "
            case "tr":
                self._tables.begin_row()
            case "tc":
                self._tables.begin_cell()
            case _:
                pass

    def _end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        match name.rpartition(" ")[2]:
            case "t":
                self._words -= 1
            case "p" if self._tables.in_cell:
                self._put(" ")
            case "p":
                self._flush()
            case "tc":
                self._tables.end_cell()
            case "tr" if row := self._tables.end_row():
                self._put(row)
                self._flush()
            case _:
                pass

    def _take(self, words: str) -> None:
        if not self._words or self._skipped:
            return
        self._put(words)

    def _put(self, words: str) -> None:
        if self._tables.in_cell:
            self._tables.take(words)
            return
        self._line.append(words)
        self._length += len(words)
        if self._length > TEXT_LIMIT:
            self._flush()

    def _flush(self) -> None:
        line, self._line = "".join(self._line).strip(), []
        prefix, self._prefix = self._prefix, ""
        self._length = 0
        if line:
            title, self._title = self._title, ""
            self._answer.write(f"{title}{prefix}{line}\n")


def _value(attributes: Mapping[str, str], name: str) -> str:
    return next((value for key, value in attributes.items() if key.rpartition(" ")[2] == name), "")


def _prefix(style: str) -> str:
    if found := _HEADING.match(style):
        return "#" * int(found[1]) + " "
    return "# " if style == "Title" else ""
