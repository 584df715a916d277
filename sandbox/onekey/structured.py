"""Answers in JSON: valid for the schema that was asked for, and made of what the user's message says.

A list in the answer follows the items of the message (JSON objects, tagged pieces, bulleted or plain lines): an item's
own keys are copied where the schema has them, the other strings get the item's text. So a request to merge ideas gets
all of them back, each with its number and its author, after what the message's document has so far, or is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

import orjson

from .plans import without_words

if TYPE_CHECKING:
    from collections.abc import Sequence

Json = dict[str, object]

FORMATS: Final = ("text", "json_object", "json_schema")
_TAGGED: Final = re.compile(r"<([A-Za-z]\w*)((?:\s+\w+=\"[^\"]*\")*)\s*>(.*?)</\1>", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r"(\w+)=\"([^\"]*)\"")
_BULLET: Final = re.compile(r"^\s*(?:[-*•]|#?(\d+)[.):])\s+(.+)$", re.MULTILINE)
_AUTHOR: Final = re.compile(r"^([^\s:：][^:：\n]{0,39})[:：]\s*(.+)$", re.DOTALL)
_TEXT_KEYS: Final = ("text", "idea", "content", "prompt", "part", "contribution")
_BY_KEYS: Final = frozenset({"by", "author", "user", "name", "person", "who", "from", "contributor"})
_SHORT_KEYS: Final = frozenset({"title", "name", "theme", "subject"})
_SO_FAR_KEYS: Final = ("so_far", "base", "current", "previous")
_ABOUT_KEYS: Final = ("theme", "style")
_SHORT, _LONG, _MANY = 48, 900, 64


class WrongFormat(ValueError):
    """`response_format` is not as documented; the text is for the answer."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the user's message lists. `known`: its own keys and values."""

    number: int
    text: str
    known: Json = field(default_factory=dict[str, object])


def wanted(body: Json) -> Json | None:
    """The schema that an answer must be valid for; None: prose is right.

    Without a schema (`json_object`, or none but a system message that speaks of JSON), the first JSON object in the
    system messages is taken for an example of what is wanted.

    Raises:
        WrongFormat: `response_format` is none of the documented ones.
    """
    asked = body.get("response_format")
    kind: object = None
    if asked is not None:
        kind = cast("Json", asked).get("type") if isinstance(asked, dict) else asked
        if kind not in FORMATS:
            raise WrongFormat(
                f"Invalid value: {kind!r}. Supported values are: 'json_object', 'json_schema' and 'text'."
            )
    if kind == "json_schema":
        form = cast("Json", asked).get("json_schema")
        schema = cast("Json", form).get("schema") if isinstance(form, dict) else None
        if not isinstance(schema, dict) or not isinstance(cast("Json", form).get("name"), str):
            raise WrongFormat("Missing required parameter: 'response_format.json_schema'.")
        return cast("Json", schema)
    messages = cast("list[Json]", body["messages"])
    spoken = str([message.get("content") for message in messages]).lower()
    if kind == "json_object" and "json" not in spoken:
        raise WrongFormat(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
        )
    system = "\n".join(str(message.get("content")) for message in messages if message.get("role") == "system")
    example = _first_object(system) if kind == "json_object" or "json" in system.lower() else None
    if example is not None:
        return _schema_of(example)
    return _schema_of({"answer": ""}) if kind == "json_object" else None


def answered(schema: Json, text: str) -> str:
    """A JSON text that is valid for the schema, made of the user's `text`."""
    plain = without_words(text)
    value = _Filler(schema, items_in(plain), _so_far(plain)).value(schema, "", None)
    return orjson.dumps(value).decode()


def items_in(text: str) -> list[Item]:
    """What a message lists: never empty."""
    data = _first_list(text)
    if data:
        return [_from_json(number, each) for number, each in enumerate(data, 1)][:_MANY]
    tagged = [match for match in _TAGGED.finditer(text) if match[3].strip() and not _TAGGED.search(match[3])]
    if tagged:
        return [
            Item(number, match[3].strip(), dict(cast("list[tuple[str, object]]", _ATTRIBUTE.findall(match[2]))))
            for number, match in enumerate(tagged, 1)
        ][:_MANY]
    bullets = [(match[1], match[2]) for match in _BULLET.finditer(text)]
    lines = bullets or [("", line) for line in text.splitlines() if line.strip()] or [("", text)]
    return [_from_line(int(own or number), line.strip()) for number, (own, line) in enumerate(lines, 1)][:_MANY]


def _so_far(text: str) -> str:
    """What the message's JSON document says there is already, else what it is about; "": nothing."""
    document = _first_object(text) or {}
    about = ", ".join(str(document[key]) for key in _ABOUT_KEYS if document.get(key))
    return next((str(document[key]) for key in _SO_FAR_KEYS if document.get(key)), about)


def _from_line(number: int, line: str) -> Item:
    """`alice: a fox` has an author."""
    found = _AUTHOR.match(line)
    if found is None:
        return Item(number, line)
    return Item(number, found[2].strip(), dict.fromkeys(_BY_KEYS, found[1].strip()))


def _from_json(number: int, each: object) -> Item:
    if not isinstance(each, dict):
        return Item(number, str(each))
    known = cast("Json", each)
    texts = [value for value in known.values() if isinstance(value, str)]
    named = next((str(known[key]) for key in _TEXT_KEYS if isinstance(known.get(key), str)), None)
    return Item(number, named if named is not None else max(texts, key=len, default=""), known)


@dataclass(slots=True)
class _Filler:
    """Fills a schema. `root`: where `$ref` points; `so_far`: what whole texts begin with."""

    root: Json
    items: Sequence[Item]
    so_far: str

    def value(self, schema: Json, name: str, item: Item | None) -> object:
        """`name`: the property it is for; `item`: the one it is about, inside a list."""
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        known = None if item is None else item.known.get(name)
        choices = schema.get("enum")
        if isinstance(choices, list) and choices:
            listed = cast("list[object]", choices)
            return next((choice for choice in listed if str(choice) == str(known)), listed[0])
        match self._kind(schema):
            case "object":
                properties = cast("dict[str, Json]", schema.get("properties") or {})
                return {key: self.value(part, key, item) for key, part in properties.items()}
            case "array":
                return self._list(schema, name, item)
            case "integer" | "number":
                return self._number(schema, known, item)
            case "boolean":
                return bool(known)
            case "string":
                return self._string(schema, name, item)
            case _:
                return None

    def _resolved(self, schema: Json) -> Json:
        for _ in range(16):
            if "$ref" in schema:
                found = self.root
                for step in str(schema["$ref"]).removeprefix("#/").split("/"):
                    found = cast("Json", found.get(step) or {})
                schema = found
            elif not schema.get("type") and (
                choice := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
            ):
                schema = cast("list[Json]", choice)[0]
            else:
                break
        return schema

    def _kind(self, schema: Json) -> object:
        kind = schema.get("type")
        if isinstance(kind, list):
            return next((each for each in cast("list[object]", kind) if each != "null"), "null")
        return kind or ("object" if "properties" in schema else "array" if "items" in schema else "string")

    def _list(self, schema: Json, name: str, item: Item | None) -> list[object]:
        """As long as what the message lists, within the schema's limits; inside an item's own object just as long."""
        inner = cast("Json", schema.get("items") or {"type": "string"})
        about: Sequence[Item] = self.items if item is None else (item,)
        low, high = _bound(schema, "minItems", 0), _bound(schema, "maxItems", _MANY)
        count = int(max(low, min(len(about), high)))
        return [self.value(inner, name, about[number % len(about)]) for number in range(count)]

    def _number(self, schema: Json, known: object, item: Item | None) -> int | float:
        value: float = 1 if item is None else item.number
        if known is not None and re.fullmatch(r"-?\d+(\.\d+)?", str(known)):
            value = float(str(known))
        value = max(_bound(schema, "minimum", value), min(value, _bound(schema, "maximum", value)))
        return int(value) if self._kind(schema) == "integer" or value == int(value) else value

    def _string(self, schema: Json, name: str, item: Item | None) -> str:
        longest = _bound(schema, "maxLength", _LONG)
        if item is None:
            text = ", ".join(each for each in (self.so_far, *(item.text for item in self.items)) if each)
            if name.lower() in _SHORT_KEYS:
                text = self.items[0].text[:_SHORT]
        elif name in item.known:
            text = str(item.known[name])
        else:
            text = item.text
        return text[: int(longest)]


def _bound(schema: Json, key: str, default: float) -> float:
    value = schema.get(key)
    return value if isinstance(value, (int, float)) else default


def _schema_of(example: object) -> Json:
    """A schema that the example is valid for."""
    if isinstance(example, dict):
        properties = {key: _schema_of(value) for key, value in cast("Json", example).items()}
        return {"type": "object", "properties": properties}
    if isinstance(example, list):
        inner = cast("list[object]", example)
        return {"type": "array", "items": _schema_of(inner[0]) if inner else {"type": "string"}}
    kinds = {"bool": "boolean", "int": "integer", "float": "number", "str": "string"}
    return {"type": kinds.get(type(example).__name__, "null")}


def _first_object(text: str) -> Json | None:
    """The first JSON object in a text."""
    return next((cast("Json", each) for each in _values(text, "{") if isinstance(each, dict)), None)


def _first_list(text: str) -> list[object]:
    """The first list in a text's JSON, or in its objects; [] for none."""
    for each in _values(text, "[{"):
        if isinstance(each, list) and each:
            return cast("list[object]", each)
        if isinstance(each, dict):
            for value in cast("Json", each).values():
                if isinstance(value, list) and value:
                    return cast("list[object]", value)
            return [cast("Json", each)]
    return []


def _values(text: str, openings: str) -> list[object]:
    """Every JSON value in a text that begins with one of these signs, outermost ones only."""
    found: list[object] = []
    at = 0
    while at < len(text):
        if text[at] not in openings or (end := _closing(text, at)) is None:
            at += 1
            continue
        try:
            found.append(orjson.loads(text[at:end]))
            at = end
        except orjson.JSONDecodeError:
            at += 1
    return found


def _closing(text: str, start: int) -> int | None:
    """The index behind the bracket that closes the one at `start`; brackets in strings don't count."""
    depth, quoted, at = 0, False, start
    while at < len(text):
        sign = text[at]
        if quoted and sign == "\\":
            at += 1
        elif sign == '"':
            quoted = not quoted
        elif not quoted and sign in "{[":
            depth += 1
        elif not quoted and sign in "}]":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return None
