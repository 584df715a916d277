"""Server-sent events, bytes → JSON blocks: tolerant of what gateways make of the format.

Framing by the HTML standard (§ 9.2 "Server-sent events"), and beyond it: a block need not end in an empty line, and a
bare JSON object without `data:` in front is a block too (an error that a gateway writes into a stream it has begun).
"""

from __future__ import annotations

from typing import Final

import orjson

from bot.api.shapes import JsonObject, mapping
from bot.errors import BadAnswer

_LIMIT: Final = 4 * 1024 * 1024
# A block over several lines is tried again with each: bounded, or a hostile stream could keep the processor busy.
_HELD_LINES: Final = 1000
_HELD_LIMIT: Final = 256 * 1024
_BOM: Final = b"\xef\xbb\xbf"


class SSEDecoder:
    """Feed it bytes as they come; it gives back the JSON objects that they complete.

    `done` turns true at `data: [DONE]`, and what follows is dropped. `unreadable` counts blocks that are no JSON
    object. A block over 4 MiB in one line, or 256 KiB in several, raises BadAnswer.
    """

    __slots__ = ("_held", "_rest", "_started", "done", "unreadable")

    def __init__(self) -> None:
        self.done = False
        self.unreadable = 0
        self._rest = b""  # the line that is not complete yet
        self._held: list[bytes] = []  # lines of a block that are no JSON by themselves
        self._started = False

    def feed(self, chunk: bytes) -> list[JsonObject]:
        """The blocks completed by `chunk`."""
        if self.done:
            return []
        data = self._rest + chunk if self._rest else chunk
        if not self._started:
            if len(data) < 3 and _BOM.startswith(data):
                self._rest = data
                return []
            self._started = True
            data = data.removeprefix(_BOM)
        if b"\r" in data:
            # A CR at the very end may be the first half of a CRLF.
            tail = b"\r" if data.endswith(b"\r") else b""
            data = data[: len(data) - len(tail)].replace(b"\r\n", b"\n").replace(b"\r", b"\n") + tail
        lines = data.split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > _LIMIT:
            raise _endless()
        blocks: list[JsonObject] = []
        for line in lines:
            self._line(line, blocks)
            if self.done:
                break
        return blocks

    def close(self) -> list[JsonObject]:
        """The blocks completed by the end of the stream."""
        blocks: list[JsonObject] = []
        if not self.done:
            self._line(self._rest.rstrip(b"\r"), blocks)
            self._line(b"", blocks)
        self._rest = b""
        return blocks

    def _line(self, line: bytes, blocks: list[JsonObject]) -> None:
        if line.startswith(b"data:"):
            payload = line[6:] if line.startswith(b"data: ") else line[5:]
            if payload.startswith(b"[DONE]"):
                self._let_go()
                self.done = True
                return
        elif not line:
            self._let_go()
            return
        elif line[:1] in b'{}[]" \t' or (self._held and not line.startswith((b":", b"event:", b"id:", b"retry:"))):
            payload = line
        else:
            return  # a comment (": PING"), or a field that says nothing here
        if self._held:
            self._held.append(payload)
            payload = b"\n".join(self._held)
        block = _parse(payload)
        if block is not None:
            self._held.clear()
            blocks.append(block)
        elif not self._held and payload.strip():
            self._held.append(payload)
        if self._held and (len(self._held) > _HELD_LINES or len(payload) > _HELD_LIMIT):
            raise _endless()

    def _let_go(self) -> None:
        if self._held:
            self.unreadable += 1
            self._held.clear()


def _endless() -> BadAnswer:
    return BadAnswer("a block without end in the stream")


def _parse(payload: bytes) -> JsonObject | None:
    if not payload.rstrip().endswith(b"}"):
        return None
    try:
        value: object = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    return mapping(value) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownArgumentType] - any JSON object
