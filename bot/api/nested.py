"""What an error says inside its own words: gateways put their supplier's whole answer into a message, as JSON or as
Python writes a dict, several times over.

    >>> unwrap("Error code: 400 - {'error': {'message': 'n must be 1', 'code': 'invalid_value'}}")
    Unwrapped(message='n must be 1', codes=('invalid_value',))
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import orjson

from bot.api.shapes import JsonObject, label, mapping, sequence, text

LIMIT: Final = 8000
"""Characters that are looked at: an error that needs more is no sentence."""
_LITERAL_LIMIT: Final = 4000
_DEPTH: Final = 4
_MESSAGES: Final = ("message", "msg", "error_msg", "error_message", "errorMessage", "status_msg", "detail", "reason")
_CODES: Final = ("code", "type", "status_code", "error_code", "status", "reason")
_INNER: Final = ("error", "base_resp", "Error", "errors", "data", "response", "body", "output")
# Of JSON that was cut short on its way, which no parser takes.
_CUT_MESSAGE: Final = re.compile(r"""["']message["']\s*:\s*"((?:[^"\\]|\\.){1,2000})""")
_CUT_CODE: Final = re.compile(r"""["'](?:code|type)["']\s*:\s*["']([\w.\-]{1,80})""")


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """`message`: the innermost words; `codes`: what stood under `code` and `type` on the way there, outermost first."""

    message: str
    codes: tuple[str, ...] = ()


def unwrap(words: str) -> Unwrapped:
    """The words inside the words. Bounded, whatever they hold; what can't be read stays as it is."""
    return _unwrap(words[:LIMIT], _DEPTH)


def codes_in(document: JsonObject) -> Iterator[str]:
    """The codes and types of an error's object, whatever shape it has."""
    return _codes(document, _DEPTH)


def _unwrap(words: str, depth: int) -> Unwrapped:
    start = min((at for sign in "{[" if (at := words.find(sign)) >= 0), default=-1)
    end = max(words.rfind("}"), words.rfind("]")) + 1
    if start < 0 or depth == 0:
        return Unwrapped(words)
    document = _parsed(words[start:end]) if end > start else None
    if document is None:
        codes = tuple(_CUT_CODE.findall(words))[:8]
        inner = _CUT_MESSAGE.search(words)
        return Unwrapped(_unescaped(inner[1]) if inner else words, codes)
    codes = tuple(_codes(document, depth))
    message = _message(document, depth)
    if not message:
        return Unwrapped(words, codes)
    below = _unwrap(message, depth - 1)
    return Unwrapped(below.message, (*codes, *below.codes))


def _parsed(words: str) -> JsonObject | None:
    """An object, or the first of a list of them."""
    try:
        found: object = orjson.loads(words)
    except orjson.JSONDecodeError:
        if len(words) > _LITERAL_LIMIT:
            return None
        try:
            found = ast.literal_eval(words)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            return None
    found = sequence(found)[0] if sequence(found) else found
    return mapping(found) or None


def _message(document: JsonObject, depth: int) -> str:
    """The words of an object: its own, else those of what it wraps."""
    if depth == 0:
        return ""
    inner = [mapping(document.get(key)) for key in _INNER]
    inner += [mapping(one) for key in ("detail", "errors") for one in sequence(document.get(key))[:1]]
    for one in inner:
        if one and (message := _message(one, depth - 1)):
            return message
    said = next((said for key in _MESSAGES if (said := text(document.get(key)))), "") or text(document.get("error"))
    # Validators name the field beside their words.
    field = label(document.get("param")) or label(document.get("field"))
    field = field or ".".join(map(label, sequence(document.get("loc"))))
    return f"{said} (param: {field})" if said and field and field not in said else said


def _codes(document: JsonObject, depth: int) -> Iterator[str]:
    for key in _CODES:
        code = label(document.get(key))
        if code and " " not in code:
            yield code[:200]
    if depth:
        for key in (*_INNER, "detail"):
            value = document.get(key)
            for one in (value, *sequence(value)[:1]):
                if inner := mapping(one):
                    yield from _codes(inner, depth - 1)


def _unescaped(words: str) -> str:
    try:
        return text(orjson.loads(f'"{words}"')) or words
    except orjson.JSONDecodeError:
        return words
