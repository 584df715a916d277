"""ODT and ODP: their words, in order, with headings and tables as Markdown has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.documents.answer import Answer, Unreadable
from bot.documents.archives import Archive, parse
from bot.documents.limits import TEXT_LIMIT
from bot.documents.tables import Tables

_SKIPPED: Final = frozenset({"tracked-changes", "scripts", "automatic-styles", "font-face-decls", "ruby-text"})


def read(data: bytes, answer: Answer) -> None:
    """Write the words. Unreadable: a password locks them."""
    archive = Archive(data)
    manifest = "META-INF/manifest.xml"
    if manifest in archive.names and b"encryption-data" in archive.read(manifest):
        raise Unreadable("encrypted")
    Content(answer).read(archive)


class Content:
    """Takes in content.xml."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._line: list[str] = []
        self._length = 0
        self._open = 0  # paragraphs
        self._skipped = 0
        self._slides = 0
        self._tables = Tables(answer)

    def read(self, archive: Archive) -> None:
        """Write its words."""
        parse(archive.pieces("content.xml"), begin=self._begin, end=self._end, words=self._take)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(" ")[2]
        if self._skipped or name in _SKIPPED:
            self._skipped += 1
            return
        match name:
            case "p":
                self._open += 1
            case "h":
                self._open += 1
                self._line.append("#" * min(6, _number(attributes, "outline-level")) + " ")
            case "list-item" if not self._tables.in_cell:
                self._line.append("- ")
            case "s":
                self._take(" " * min(100, _number(attributes, "c")))
            case "tab":
                self._take("\t")
            case "line-break":
                self._take(" " if self._tables.in_cell else "\n")
            case "page":
                self._slides += 1
                self._answer.write(f"\n## Slide {self._slides}\n")
            case "table-row":
                self._tables.begin_row()
            case "table-cell":
                self._tables.begin_cell()
            case _:
                pass

    def _end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        match name.rpartition(" ")[2]:
            case "p" | "h":
                self._open -= 1
                line, self._line, self._length = "".join(self._line).strip(), [], 0
                if self._tables.in_cell:
                    self._tables.take(f"{line} ")
                elif line:
                    self._answer.write(f"{line}\n")
            case "table-cell":
                self._tables.end_cell()
            case "table-row" if row := self._tables.end_row():
                self._answer.write(f"{row}\n")
            case _:
                pass

    def _take(self, words: str) -> None:
        if not self._open or self._skipped:
            return
        self._line.append(words)
        self._length += len(words)
        if self._length > TEXT_LIMIT:
            self._answer.write("".join(self._line))


def _number(attributes: Mapping[str, str], name: str) -> int:
    value = next((value for key, value in attributes.items() if key.rpartition(" ")[2] == name), "1")
    return int(value) if value.isdecimal() and len(value) < 6 else 1
