"""Server-sent events, bytes → JSON blocks: tolerant of what gateways and proxies make of the format.

Framing by the HTML standard (§ 9.2 "Server-sent events"), and beyond it: a block need not end in an empty line; a bare
JSON object without `data:` in front is a block too (an error that a gateway writes into a stream it has begun); lines
may be indented; several objects, or several `data:`, may stand on one line, and `data:` behind another field.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from bot.api.shapes import JsonObject, mapping, sequence
from bot.errors import BadAnswer

# A hostile stream must not keep the processor busy: what is tried again, and how often, is bounded everywhere.
_LIMIT: Final = 2 * 1024 * 1024
_HELD_LINES: Final = 1000
_HELD_LIMIT: Final = 256 * 1024
_HELD_TRIES: Final = 32
_OBJECTS: Final = 10_000
_FAULTS: Final = 8
_BOM: Final = b"\xef\xbb\xbf"
_DONE: Final = b"[DONE]"
_USUAL: Final = b"data: {"
_OTHER_FIELDS: Final = (b":", b"event:", b"id:", b"retry:")
_SIGNS_OF_LIFE: Final = frozenset(
    {
        *(b"ping", b"[ping]", b"pong", b"keepalive", b"keep-alive", b"heartbeat", b"null", b'""', b"[]"),
        *(b"done", b"end", b"[end]"),  # what ends a stream is [DONE] alone: of these the close is waited for
    }
)
_EVENT: Final = re.compile(rb"data:[ \t]*(?=[\[{])")
_NEXT: Final = re.compile(r"data:\s*(?=[\[{])")
_BETWEEN: Final = re.compile(r"(?:[\s,]|data:|event:\s*\w+|id:\s*\w+|:\s*ping\b)*", re.IGNORECASE)
_JSON: Final = json.JSONDecoder(strict=False)


class SSEDecoder:
    """Feed it bytes as they come; it gives back the JSON objects that they complete.

    `done` turns true at `data: [DONE]`, and what follows is dropped. `unreadable` counts what is no JSON object, or
    was damaged. A block over 2 MiB in one line, or 256 KiB in several, raises BadAnswer.
    """

    __slots__ = ("_cr", "_held", "_held_size", "_rest", "_rest_size", "_started", "_tries", "done", "unreadable")

    def __init__(self) -> None:
        self.done = False
        self.unreadable = 0
        self._rest: list[bytes] = []  # the line that is not complete yet
        self._rest_size = 0
        self._held: list[bytes] = []  # lines of a block that are no JSON by themselves
        self._held_size = 0
        self._tries = 0
        self._cr = False  # the last byte was a CR: perhaps the first half of a CRLF
        self._started = False

    def feed(self, chunk: bytes) -> list[JsonObject]:
        """The blocks completed by `chunk`."""
        if self.done or not chunk:
            return []
        if not self._started:
            chunk = b"".join(self._rest) + chunk
            if len(chunk) < len(_BOM) and _BOM.startswith(chunk):
                self._rest = [chunk]
                return []
            self._started = True
            self._rest = []
            chunk = chunk.removeprefix(_BOM)
        if self._cr:
            chunk = b"\r" + chunk
        self._cr = chunk.endswith(b"\r")
        if b"\r" in chunk:
            chunk = chunk.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        blocks: list[JsonObject] = []
        first, *others = chunk.split(b"\n")
        self._keep(first)
        for part in others:
            line = self._rest[0] if len(self._rest) == 1 else b"".join(self._rest)
            self._rest.clear()
            self._rest_size = 0
            self._keep(part)
            if not line and not self._held:
                continue
            if self._held or not (line.startswith(_USUAL) and _took(line[len(_USUAL) - 1 :], blocks)):
                self._line(line, blocks)
                if self.done:
                    break
        return blocks

    def close(self) -> list[JsonObject]:
        """The blocks completed by the end of the stream."""
        blocks: list[JsonObject] = []
        if not self.done:
            self._line(b"".join(self._rest), blocks)
            self._let_go(blocks)
        self._rest.clear()
        return blocks

    def _keep(self, part: bytes) -> None:
        if part:
            self._rest.append(part)
            self._rest_size += len(part)
            if self._rest_size > _LIMIT:
                raise _endless()

    def _line(self, line: bytes, blocks: list[JsonObject]) -> None:
        if not line:
            self._let_go(blocks)
            return
        line = line.lstrip(b" \t")
        if line.startswith(b"data:"):
            self._payload(line[5:].lstrip(b" \t"), blocks)
        elif line.startswith(_OTHER_FIELDS):
            event = _EVENT.search(line)  # ": PINGdata: {…}": the line's end was lost
            if event is not None:
                self._payload(line[event.end() :], blocks)
        elif line[:1] in (b"{", b"}", b"[", b"]", b'"') or (self._held and line):
            self._payload(line, blocks)
        else:
            # A field that says nothing here, unless an event stands behind it, or its own "data:" lost a letter.
            event = _EVENT.search(line)
            start = event.end() if event is not None else line.find(b"{")
            if start >= 0:
                self._payload(line[start:], blocks)

    def _payload(self, payload: bytes, blocks: list[JsonObject]) -> None:
        if payload[:7].upper().lstrip(b'"').startswith(_DONE):
            self._let_go(blocks)
            self.done = True
        elif self._held:
            self._hold(payload, blocks)
        elif (block := _parse(payload)) is not None:
            blocks.append(block)
        elif payload and payload.strip().lower() not in _SIGNS_OF_LIFE:
            line = _Line.read(payload)
            blocks += line.blocks
            self.unreadable += line.unreadable
            self.done = self.done or line.done
            if line.rest:
                self._hold(line.rest, blocks)

    def _hold(self, payload: bytes, blocks: list[JsonObject]) -> None:
        """A block over several lines: tried when it may be complete."""
        alone = len(self._held) == 0
        self._held.append(payload)
        self._held_size += len(payload) + 1
        if len(self._held) > _HELD_LINES or self._held_size > _HELD_LIMIT:
            raise _endless()
        if alone or not payload.rstrip().endswith(b"}"):
            return
        self._tries += 1
        block = _parse(b"\n".join(self._held)) if self._tries <= _HELD_TRIES else None
        if block is None:
            block = _parse(payload)
            if block is None or not ("choices" in block or "error" in block):
                return
            self.unreadable += 1  # what was held before it never ended
        self._drop()
        blocks.append(block)

    def _let_go(self, blocks: list[JsonObject]) -> None:
        if self._held:
            block = _parse(b"\n".join(self._held)) if len(self._held) > 1 else None
            if block is None:
                self.unreadable += 1
            else:
                blocks.append(block)
            self._drop()

    def _drop(self) -> None:
        self._held.clear()
        self._held_size = self._tries = 0


@dataclass(slots=True)
class _Line:
    """A line that is not one JSON object: what can be read of it, and `rest` that may go on in the next line."""

    blocks: list[JsonObject] = field(default_factory=list["JsonObject"])
    unreadable: int = 0
    done: bool = False
    rest: bytes = b""

    @classmethod
    def read(cls, payload: bytes) -> _Line:
        line = cls()
        try:
            text = payload.decode()
        except UnicodeDecodeError:
            text = payload.decode(errors="replace")
            line.unreadable += 1
        at = faults = 0
        while True:
            between = _BETWEEN.match(text, at)
            at = between.end() if between is not None else at
            if at == len(text):
                return line
            if text.startswith("[DONE]", at):
                line.done = True
                return line
            if text[at] in "{[" and faults < _FAULTS and len(line.blocks) < _OBJECTS:
                try:
                    value, at = _JSON.raw_decode(text, at)
                except (ValueError, RecursionError):
                    faults += 1
                else:
                    line.take(value)
                    continue
            after = _NEXT.search(text, at + 1) if faults < _FAULTS else None
            if after is None:
                line.rest = text[at:].encode(errors="replace")
                return line
            line.unreadable += 1
            at = after.end()

    def take(self, value: Any) -> None:  # noqa: ANN401 - any JSON value
        for one in sequence(value) or [value]:
            if isinstance(one, dict):
                self.blocks.append(mapping(one))  # pyright: ignore[reportUnknownArgumentType] - any JSON object
            else:
                self.unreadable += 1


def _took(payload: bytes, blocks: list[JsonObject]) -> bool:
    """The short way, which nearly all of a stream goes: of `{…}` that is whole. False: it is not."""
    try:
        blocks.append(orjson.loads(payload))
    except orjson.JSONDecodeError:
        return False
    return True


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
