"""What kind of file it is, by what is in it: its name and the type that was told with it are its sender's claims."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from bot.api.filetypes import HEAD, content_type_of
from bot.decoding import decode, is_binary
from bot.documents.answer import Unreadable
from bot.documents.archives import Archive

SOURCE_LIMIT: Final = 16 * 1024
"""Bytes of a web page up to which a model gets its source: who asks about the code sees it, and little is lost."""
_PAGE: Final = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:(?><!--.*?-->)\s*)*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OPEN: Final = "application/vnd.oasis.opendocument."


class Kind(StrEnum):
    """The values are the modules that read them."""

    TEXT = "text"
    PICTURE = "pictures"
    PDF = "pdf"
    OFFICE = "office"
    OPEN = "opendocument"
    SHEETS = "sheets"
    EPUB = "epub"
    PAGE = "html"
    RTF = "rtf"


def is_plain(data: bytes) -> bool:
    """Whether it is text that is read as it stands. Looks at its beginning alone."""
    return _without_signature(data) == Kind.TEXT


def kind_of(data: bytes) -> Kind:
    """Unreadable: it is none that can be read here, or is locked."""
    head = data[:1024]
    if head.startswith(b"PK\x03\x04"):
        return _packed(Archive(data))
    if head.startswith(_OLD_OFFICE):
        return _old_office(data)
    if (kind := _without_signature(data)) is not None:
        return kind
    if head.startswith(b"%PDF-") or b"%PDF-" in head:
        return Kind.PDF
    if (content_type := content_type_of(data[:HEAD])) is not None and content_type.startswith("image/"):
        return Kind.PICTURE
    raise Unreadable("unknown")


def _without_signature(data: bytes) -> Kind | None:
    """Of what is text; None: it is not."""
    if is_binary(data):
        return None
    if data[:64].lstrip().startswith(b"{\\rtf"):
        return Kind.RTF
    if data.startswith(b"%PDF-"):
        return None
    if len(data) > SOURCE_LIMIT and _PAGE.match(decode(data[:4096]) or ""):
        return Kind.PAGE
    return Kind.TEXT


def _packed(archive: Archive) -> Kind:
    names = archive.names
    if "[Content_Types].xml" in names:
        main = archive.main_part()
        if main.startswith("xl/"):
            return Kind.SHEETS
        if main.startswith(("word/", "ppt/")):
            return Kind.OFFICE
    elif "mimetype" in names:
        told = archive.read("mimetype", 200).decode("ascii", "replace").strip()
        if told == "application/epub+zip":
            return Kind.EPUB
        if told.startswith(_OPEN):
            return Kind.SHEETS if told.startswith(f"{_OPEN}spreadsheet") else Kind.OPEN
    raise Unreadable("unknown")


def _old_office(data: bytes) -> Kind:
    """Formats of before 2007, and what a password locks: its parts are named in UTF-16."""
    if _named("EncryptedPackage") in data:
        raise Unreadable("encrypted")
    if _named("Workbook") in data or _named("Book") in data:
        return Kind.SHEETS
    old = any(_named(name) in data for name in ("WordDocument", "PowerPoint Document"))
    raise Unreadable("old_format" if old else "unknown")


def _named(name: str) -> bytes:
    return name.encode("utf-16-le")
