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

from bot.api.shapes import JsonObject, first_of, label, mapping, sequence, text
from bot.api.walk import spelled

LIMIT: Final = 8000
"""Characters that are looked at: an error that needs more is no sentence."""
_LITERAL_LIMIT: Final = 4000
_DEPTH: Final = 4
_MESSAGES: Final = (
    *("message", "msg", "errormsg", "errormessage", "errmsg", "statusmsg", "errordescription", "detail", "reason"),
    *("description", "error", "errors", "err", "raw", "faultstring", "title"),
)
_CODES: Final = ("code", "type", "statuscode", "errorcode", "status", "reason", "finishreason", "blockreason")
_INNER: Final = (
    *("error", "baseresp", "errors", "data", "response", "body", "output", "metadata", "responsemetadata", "result"),
    *("err", "fault", "results", "choices", "candidates", "promptfeedback"),
)
"""All of them as `walk.plain` spells them."""
NOTHING_WRONG: Final = frozenset(
    {
        *("", "null", "none", "nil", "false", "0", "200", "ok", "success", "succeed", "succeeded", "done", "complete"),
        *("completed", "finished", "ready"),
    }
)
"""What stands in an error's fields where there is none."""
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


def is_wrong(error: object, depth: int = _DEPTH) -> bool:
    """Whether what stands under `error` tells of one."""
    if depth and (fields := [*mapping(error).values(), *sequence(error)]):
        return any(is_wrong(one, depth - 1) for one in fields)
    return error is True or label(error).lower() not in NOTHING_WRONG


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
    codes = tuple(codes_in(document, depth))
    message = message_in(document, depth)
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
    return mapping(first_of(found)) or None


def message_in(document: JsonObject, depth: int = _DEPTH) -> str:
    """The words of an error's object: those of what it wraps, else its own."""
    if depth == 0:
        return ""
    fields = spelled(document)
    for key in (*_INNER, "detail", "message"):
        inner = mapping(first_of(fields.get(key)))
        if inner and (message := message_in(inner, depth - 1) or (_of_field(inner) if key == "errors" else "")):
            return message
    said = next((said for key in _MESSAGES if (said := label(first_of(fields.get(key))))), "")
    # Validators name the field beside their words.
    field = label(fields.get("param")) or label(fields.get("field"))
    field = field or ".".join(map(label, sequence(fields.get("loc"))))
    return _naming(field, said)


def _of_field(errors: JsonObject) -> str:
    """Of `{"size": ["must be smaller"]}`."""
    found = ((name, text(first_of(value))) for name, value in errors.items())
    return next((_naming(name, said) for name, said in found if said), "")


def _naming(field: str, said: str) -> str:
    return f"{said} (param: {field})" if said and field and field not in said else said


def codes_in(document: JsonObject, depth: int = _DEPTH) -> Iterator[str]:
    """The codes and types of an error's object, whatever shape it has."""
    fields = spelled(document)
    for key in _CODES:
        code = label(first_of(fields.get(key)))
        if code and " " not in code:
            yield code[:200]
    if depth:
        for key in (*_INNER, "detail"):
            if inner := mapping(first_of(fields.get(key))):
                yield from codes_in(inner, depth - 1)


def _unescaped(words: str) -> str:
    try:
        return text(orjson.loads(f'"{words}"')) or words
    except orjson.JSONDecodeError:
        return words
