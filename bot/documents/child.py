"""The process that reads one file: it gets it on standard input and writes what is in it, as JSON, on standard output.

It opens nothing else: `doors.py`.
"""

from __future__ import annotations

import base64
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
    text = answer.text
    if not (text.strip() or answer.pictures):
        json.dump({"reason": reason or "no_text"}, sys.stdout)
        return
    if reason:
        answer.left_out.append(("beginning", {}))
    pictures = [(kind, None if one is None else base64.b64encode(one).decode()) for kind, one in answer.pictures]
    json.dump({"text": text, "pictures": pictures, "left_out": answer.left_out}, sys.stdout)
