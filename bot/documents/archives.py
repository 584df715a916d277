"""ZIP files, as most documents are ones: unpacked in pieces and never more than is allowed, whatever they claim."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias
from xml.parsers import expat

from bot.documents.answer import Enough, Unreadable, check_time
from bot.documents.limits import UNPACKED_LIMIT

_PIECE: Final = 64 * 1024
_PART_LIMIT: Final = 16 * 1024 * 1024
"""Bytes of a part that is read as a whole."""

Begin: TypeAlias = Callable[[str, dict[str, str]], None]
End: TypeAlias = Callable[[str], None]
Words: TypeAlias = Callable[[str], None]


class Archive:
    """Unreadable: it is damaged, or locked."""

    def __init__(self, data: bytes) -> None:
        try:
            self._file = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
            raise Unreadable("damaged") from None
        self.names = frozenset(self._file.namelist())
        self._left = UNPACKED_LIMIT

    def pieces(self, name: str) -> Iterator[bytes]:
        """What a part holds, unpacked as it is asked for. Enough: it is more than is unpacked of one file."""
        if name not in self.names:
            raise Unreadable("damaged")
        if self._file.getinfo(name).flag_bits & 1:
            raise Unreadable("encrypted")
        try:
            with self._file.open(name) as part:
                while piece := part.read(_PIECE):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise Enough
                    check_time()
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError):
            raise Unreadable("damaged") from None

    def read(self, name: str, most: int = _PART_LIMIT) -> bytes:
        """The beginning of a part: at most about `most` bytes."""
        whole = bytearray()
        for piece in self.pieces(name):
            whole += piece
            if len(whole) >= most:
                break
        return bytes(whole[:most])

    def main_part(self) -> str:
        """Of an Office file: which of its parts is the document. Unreadable: none."""
        found = [path for kind, path in self.related("").values() if kind == "officeDocument"]
        if not found:
            raise Unreadable("damaged")
        return found[0]

    def related(self, part: str) -> Mapping[str, tuple[str, str]]:
        """By id: what kind the parts are that this one names, and their names. What lies outside is left alone."""
        folder, _, name = part.rpartition("/")
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, tuple[str, str]] = {}

        def begin(name: str, attributes: dict[str, str]) -> None:
            target = attributes.get("Target", "")
            if name.rpartition(" ")[2] != "Relationship" or attributes.get("TargetMode") == "External":
                return
            path = posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target))
            found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], path)

        if listed in self.names:
            parse(self.pieces(listed), begin=begin)
        return found


def parse(
    pieces: Iterator[bytes],
    *,
    begin: Begin,
    end: End | None = None,
    words: Words | None = None,
) -> None:
    """Walk through XML without keeping it. Names are "namespace local". Nothing is looked up elsewhere.

    Unreadable: it is not well-formed, or declares entities, which honest documents do not.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = words
    parser.EntityDeclHandler = _refuse
    try:
        for piece in pieces:
            parser.Parse(piece, False)  # noqa: FBT003 - expat's own
        parser.Parse(b"", True)  # noqa: FBT003
    except expat.ExpatError:
        raise Unreadable("damaged") from None


def _refuse(*_: object) -> None:
    raise Unreadable("damaged")
