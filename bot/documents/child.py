"""The process that reads one file: it gets it on standard input and writes what is in it on standard output.

It opens nothing else: `doors.py`.
"""

from __future__ import annotations

import codecs
import json
import sys
from importlib import import_module

from bot.documents import doors
from bot.documents.answer import Answer, Enough, Unreadable
from bot.documents.kinds import kind_of

_CODECS = ("utf-16-le", "utf-16-be", "utf-16", "latin-1", "ascii", "cp437")
"""What libraries decode with: each is a file of its own, and none is opened later."""


def main(memory: int, seconds: int, alarm: float) -> None:
    """Bytes of memory, seconds of work, seconds on the clock."""
    doors.bound(memory=memory, seconds=seconds, alarm=alarm)
    data = sys.stdin.buffer.read()
    answer = Answer()
    reason = ""
    try:
        reader = import_module(f"bot.documents.{kind_of(data)}")
        for name in _CODECS:
            codecs.lookup(name)
        doors.close()
        reader.read(data, answer)
    except (Enough, MemoryError, RecursionError):
        reason = "too_much"
    except Unreadable as error:
        reason = error.reason
    except BaseException as error:  # noqa: BLE001 - whatever a file does to a library, its sender is told
        print(type(error).__name__, file=sys.stderr)  # noqa: T201
        reason = "damaged"
    text = answer.text if answer.text.strip() else ""
    if not (text or answer.pictures):
        _answer({"reason": reason or "no_text"})
        return
    if reason:
        answer.left_out.append(("beginning", {}))
    sizes = [(kind, None if one is None else len(one)) for kind, one in answer.pictures]
    pictures = (one for _, one in answer.pictures if one is not None)
    _answer({"text": text, "pictures": sizes, "left_out": answer.left_out}, *pictures)


def _answer(said: dict[str, object], *pictures: bytes) -> None:
    """A line of JSON, and the pictures as they are."""
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n")
    for one in pictures:
        sys.stdout.buffer.write(one)
