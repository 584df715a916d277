"""Reads files: plain text in a thread, anything else in a child process that ends before it can do harm."""

from __future__ import annotations

import asyncio
import logging
import signal
from dataclasses import dataclass, field
from typing import Any, Final, cast

import orjson

from bot.documents import kinds, text
from bot.documents.answer import Answer, Enough, Unreadable
from bot.documents.limits import CPU_SECONDS, MEMORY_BYTES, OUTPUT_LIMIT, SECONDS
from bot.documents.material import Document, LeftOut, Picture, Reason
from bot.subprocesses import TooMuchOutput, pipe_python, program_of

log = logging.getLogger(__name__)

_PROGRAM: Final = """
import sys
from bot.documents.child import main
main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
"""
_BROKEN: Final = frozenset(-getattr(signal, name, 0) for name in ("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL")) - {0}
"""Ends that say that a library met what it could not read; the others, that it ran out of what it may have."""


@dataclass(frozen=True, slots=True)
class File:
    name: str
    data: bytes = field(repr=False)


async def read(file: File) -> Document | LeftOut:
    """What is in a file, or why nothing of it could be read. Never longer than SECONDS once its turn has come."""
    if (plain := await asyncio.to_thread(_plain, file)) is not None:
        return plain
    limits = (str(MEMORY_BYTES), str(CPU_SECONDS), str(SECONDS))
    try:
        ended, answer, said = await pipe_python(
            *program_of(_PROGRAM), *limits, given=file.data, most=OUTPUT_LIMIT, seconds=SECONDS
        )
    except (TimeoutError, TooMuchOutput):
        return LeftOut(file.name, Reason.TOO_MUCH)
    if said or ended:
        log.info("the child process that reads a file ended with %s: %s", ended, said[-300:])
    if ended:
        return LeftOut(file.name, Reason.DAMAGED if ended in _BROKEN else Reason.TOO_MUCH)
    try:
        return await asyncio.to_thread(_answered, file, answer)
    except (ValueError, KeyError, TypeError):
        log.warning("the child process that reads a file answered what can't be read")
        return LeftOut(file.name, Reason.DAMAGED)


def _plain(file: File) -> Document | LeftOut | None:
    """None: it is not plain text."""
    if not kinds.is_plain(file.data):
        return None
    answer = Answer()
    left_out: tuple[LeftOut, ...] = ()
    try:
        text.read(file.data, answer)
    except Enough:
        left_out = (LeftOut(file.name, Reason.BEGINNING),)
    except Unreadable as error:
        return LeftOut(file.name, Reason[error.reason.upper()])
    if not answer.text.strip():
        return LeftOut(file.name, Reason.NO_TEXT)
    return Document(file.name, answer.text, left_out=left_out)


def _answered(file: File, answer: bytes) -> Document | LeftOut:
    """A file may have taken hold of what read it: nothing of its answer is taken on trust."""
    line, _, rest = answer.partition(b"\n")
    told = cast("dict[str, Any]", orjson.loads(line))
    if "reason" in told:
        return LeftOut(file.name, Reason[str(told["reason"]).upper()])
    pictures: list[Picture] = []
    for kind, size in told["pictures"]:
        data = file.data if size is None else rest[: int(size)]
        pictures.append(Picture(_picture_type(kind), data))
        rest = rest[len(data) if size is not None else 0 :]
    left_out = tuple(
        LeftOut(file.name, Reason[str(reason).upper()], {str(name): int(count) for name, count in facts.items()})
        for reason, facts in told["left_out"]
    )
    return Document(file.name, str(told["text"]), tuple(pictures), left_out)


def _picture_type(told: str) -> str:
    if told not in {"image/png", "image/jpeg", "image/gif", "image/webp"}:
        raise ValueError(told)
    return told
