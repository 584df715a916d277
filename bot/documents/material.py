"""What came of files: text and pictures for a model, and what was left out, with the reason."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.api.chat_request import ImagePart, Part, TextPart
from bot.documents.quoting import label, quoted

_A_FEW_WORDS = 200
"""Characters; a scan may have its pages' numbers and a stamp beside its pictures."""


class Reason(StrEnum):
    """Why a file was not read, or what of it was not: the key of the words for it."""

    TOO_LARGE = "file.why_too_large"
    TOO_MANY = "file.why_too_many"
    TOGETHER = "file.why_together"
    LINK_ENDED = "file.why_link_ended"
    NOT_FETCHED = "file.why_not_fetched"
    UNKNOWN = "file.why_unknown"
    OLD_FORMAT = "file.why_old_format"
    ENCRYPTED = "file.why_encrypted"
    DAMAGED = "file.why_damaged"
    NO_TEXT = "file.why_no_text"
    TOO_MUCH = "file.why_too_much"
    TOO_MANY_PIXELS = "file.why_too_many_pixels"
    # Something of the file was read all the same:
    BEGINNING = "file.why_beginning"
    PAGES = "file.why_pages"
    SCANS = "file.why_scans"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`facts` fill the reason's sentence."""

    name: str
    reason: Reason
    facts: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Picture:
    content_type: str
    data: bytes = field(repr=False)

    def part(self) -> ImagePart:
        return ImagePart(f"data:{self.content_type};base64,{base64.b64encode(self.data).decode('ascii')}")


@dataclass(frozen=True, slots=True)
class Document:
    """What one file holds; of a scan it is the pages as pictures. `left_out`: what of it was not read."""

    name: str
    text: str = field(default="", repr=False)
    pictures: tuple[Picture, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """What the files of one message hold, in their order; `unread`: those of which there is nothing."""

    documents: tuple[Document, ...] = ()
    unread: tuple[LeftOut, ...] = ()

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """All that a model does not get of the files."""
        return (*self.unread, *(one for each in self.documents for one in each.left_out))

    @property
    def text(self) -> str:
        """What a model reads of them, marked as somebody's files."""
        quotes = [quoted(f"File {label(each.name)}", each.text) for each in self.documents if each.text]
        if self.unread:
            quotes.append(f"(Attached, but not readable: {', '.join(label(one.name) for one in self.unread)})")
        return "\n\n".join(quotes)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(picture for each in self.documents for picture in each.pictures)

    def content(self, prompt: str) -> str | tuple[Part, ...]:
        """A message of `prompt` and the files. Encoding the pictures takes 1 ms a megabyte and more."""
        words = "\n\n".join(part for part in (prompt, self.text) if part)
        if not self.pictures:
            return words
        return (TextPart(words), *(picture.part() for picture in self.pictures))

    def without_scans(self) -> Material:
        """For a model that does not see: a text goes without its scanned pages, and that is said of it."""
        return replace(self, documents=tuple(_without_scans(each) for each in self.documents))

    def within(self, most: int) -> Material:
        """With at most `most` bytes of text in all: the longest files are cut, and that is said of them."""
        share = _share([len(each.text.encode()) for each in self.documents], most)
        return replace(self, documents=tuple(_cut(each, share) for each in self.documents))


def _share(lengths: Sequence[int], most: int) -> int:
    """How many bytes each may have, so that what shorter ones leave is the longer ones'."""
    left = most
    for count, length in zip(range(len(lengths), 0, -1), sorted(lengths), strict=True):
        if length * count > left:
            return left // count
        left -= length
    return max(lengths, default=0)


def _without_scans(document: Document) -> Document:
    if not document.pictures or len(document.text.strip()) < _A_FEW_WORDS:
        return document
    others = [one for one in document.left_out if one.reason != Reason.SCANS]
    more = sum(one.facts["count"] for one in document.left_out if one.reason == Reason.SCANS)
    told = LeftOut(document.name, Reason.SCANS, {"count": len(document.pictures) + more})
    return replace(document, pictures=(), left_out=(*others, told))


def _cut(document: Document, most: int) -> Document:
    written = document.text.encode()
    if len(written) <= most:
        return document
    others = [one for one in document.left_out if one.reason != Reason.BEGINNING]
    text = written[:most].decode(errors="ignore")
    return replace(document, text=text, left_out=(*others, LeftOut(document.name, Reason.BEGINNING)))
