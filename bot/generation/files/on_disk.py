"""A result's file in DATA_DIR: half-written under another name, whole under its own. All of it blocks: for a thread."""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.api.filetypes import HEAD, content_type_of
from bot.generation.files.filetypes import EXTENSIONS, must_be_converted


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file that is whole and on the disk; `size` in bytes, `content_type` by its content."""

    path: Path
    content_type: str
    size: int


def remove_unfinished(directory: Path) -> int:
    """Remove what fetches of a process that died left in `directory` and below; how many files. Blocks."""
    count = 0
    for path in directory.rglob("*.part"):
        path.unlink(missing_ok=True)
        count += 1
    return count


def part_of(directory: Path, name: str) -> Path:
    if not name or name != Path(name).name or name.startswith("."):
        message = f"{name!r} is no file name"
        raise ValueError(message)
    return directory / f"{name}.{secrets.token_hex(4)}.part"


def create(part: Path) -> BinaryIO:
    part.parent.mkdir(parents=True, exist_ok=True)
    return part.open("xb")


def complete(file: BinaryIO, part: Path, path: Path) -> None:
    """On the disk before it has its name, so that a file with its name is whole, after a power cut too."""
    file.flush()
    os.fsync(file.fileno())
    file.close()
    part.replace(path)


def discard(file: BinaryIO, part: Path) -> None:
    with contextlib.suppress(OSError):  # closing writes what is buffered, which a full disk refuses once more
        file.close()
    part.unlink(missing_ok=True)


def write_whole(data: bytes, part: Path, path: Path) -> None:
    file = create(part)
    try:
        file.write(data)
        complete(file, part, path)
    finally:
        discard(file, part)


def is_odd(file: ResultFile) -> bool:
    with file.path.open("rb") as opened:
        return must_be_converted(opened, file.content_type)


def put_in_place(file: ResultFile, made: Path) -> ResultFile:
    """`made` under the name of `file`, which goes."""
    with made.open("rb") as opened:
        content_type = content_type_of(opened.read(HEAD)) or "image/png"
    path = file.path.with_suffix(f".{EXTENSIONS[content_type]}")
    made.replace(path)
    if path != file.path:
        file.path.unlink(missing_ok=True)
    return ResultFile(path, content_type, path.stat().st_size)
