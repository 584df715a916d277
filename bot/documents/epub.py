"""EPUB: its chapters in their order, each a web page."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote

from bot.documents.answer import Answer, Unreadable
from bot.documents.archives import Archive, parse
from bot.documents.html import read_page, written


def read(data: bytes, answer: Answer) -> None:
    """Write the chapters. Unreadable: they are locked, or none is found."""
    archive = Archive(data)
    chapters = _chapters(archive)
    locked = "META-INF/encryption.xml"
    if locked in archive.names:
        listed = archive.read(locked).decode("utf-8", "replace")
        if any(f'"{path}"' in unquote(listed) for path in chapters):
            raise Unreadable("encrypted")
    for path in chapters:
        read_page(written(archive.read(path)), answer)
        answer.write("\n")


def _chapters(archive: Archive) -> list[str]:
    """Each once, however often it is named."""
    packages: list[str] = []
    files: dict[str, str] = {}
    order: list[str] = []

    def container(name: str, attributes: dict[str, str]) -> None:
        if name.endswith(" rootfile"):
            packages.append(posixpath.normpath(attributes.get("full-path", "")))

    def package(name: str, attributes: dict[str, str]) -> None:
        if name.endswith(" item"):
            files[attributes.get("id", "")] = attributes.get("href", "")
        elif name.endswith(" itemref"):
            order.append(attributes.get("idref", ""))

    parse(archive.pieces("META-INF/container.xml"), begin=container)
    if not packages:
        raise Unreadable("damaged")
    parse(archive.pieces(packages[0]), begin=package)
    folder = posixpath.dirname(packages[0])
    paths = (posixpath.normpath(posixpath.join(folder, unquote(files.get(one, "")))) for one in order)
    return [path for path in dict.fromkeys(paths) if path in archive.names]
