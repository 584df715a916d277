"""Reading untrusted JSON: each function gives an empty value instead of raising when the shape is another."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, TypeAlias, cast

import orjson

from bot.decoding import decode

JsonObject: TypeAlias = "dict[str, Any]"

_BEFORE: Final = re.compile(r"(?:\s|:[^\n]*\n|(?:event|id|retry):[^\n]*\n|data:)*")
"""What keeps a connection alive, or frames a stream, before the JSON."""
_LENIENT: Final = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
_LENIENT_LIMIT: Final = 32 * 1024 * 1024


def read_json(body: bytes) -> object:
    """The JSON of a body; where it is none to the letter, its first object or list: after a byte order mark, comments
    or `data:`, before something else, with NaN, line breaks in a text, halves of characters. ValueError: there is none.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        words = (decode(body) or "") if len(body) <= _LENIENT_LIMIT else ""
    start = cast("re.Match[str]", _BEFORE.match(words)).end()
    if not words.startswith(("{", "["), start):  # "404 page not found" begins with JSON, too
        raise ValueError
    try:
        value: object = _LENIENT.raw_decode(words, start)[0]
        # As strict as the others, without the halves of characters that no database takes.
        return orjson.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError from error


def mapping(value: object) -> JsonObject:
    """The object itself, or an empty one."""
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    """The array itself, or an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def first_of(value: object) -> object:
    """The first of an array, or what is none itself: some wrap in a list what is one thing."""
    return (sequence(value) or [value])[0]


def text(value: object) -> str:
    """A string without the space around it; anything else is ``""``."""
    return value.strip() if isinstance(value, str) else ""


def label(value: object) -> str:
    """A code as text: gateways send strings, integers and null for the same field."""
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, int) else text(value)


def number(value: object) -> float | None:
    """A finite number, also from ``"30%"`` or ``"30"``."""
    if isinstance(value, str):
        try:
            value = float(value.strip().removesuffix("%"))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None
