"""Menus and forms in words: what a typed line chooses in a menu, or writes into the fields of a form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.terminal.command_lines import Unclear, file_at, flag, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.discord.models import Json

_TEXT_INPUT, _TEXT_DISPLAY, _FILES, _CHECKBOX = 4, 10, 19, 23
_ENTITIES = {5: ("people",), 6: ("roles",), 7: ("people", "roles"), 8: ("channels",)}


@dataclass(frozen=True, slots=True)
class Names:
    """What a name in a line stands for: "@bob", "#general", "@Moderators" (the signs may be left out)."""

    people: Mapping[str, object]
    channels: Mapping[str, object]
    roles: Mapping[str, object]

    def of(self, part: Json) -> dict[str, object]:
        """The names that a menu takes."""
        return {name: each for kind in _ENTITIES[part["type"]] for name, each in getattr(self, kind).items()}


def offered(part: Json, names: Names) -> str:
    """What can be chosen in a menu, on one line."""
    if part["type"] in _ENTITIES:
        return ", ".join(names.of(part))
    options: list[Json] = part.get("options") or []
    return ", ".join(str(option["label"]) for option in options)


def chosen(part: Json, text: str, names: Names) -> list[Any]:
    """What `text` chooses in a menu: one label, or several values with commas or spaces between them.

    Raises:
        Unclear: the menu has no such value.
    """
    known: dict[str, Any] = names.of(part) if part["type"] in _ENTITIES else _options(part)
    if text in known:
        return [known[text]]
    words = [word.strip() for word in (text.split(",") if "," in text else text.split())]
    found: list[Any] = []
    for word in filter(None, words):
        bare = word if word in known else word.lstrip("@#")
        if bare not in known:
            raise Unclear(f"there is no {word!r} to choose, only {offered(part, names)}")
        found.append(known[bare])
    return found


def _options(part: Json) -> dict[str, Any]:
    options: list[Json] = part.get("options") or []
    return {str(name): option["value"] for option in options for name in (option["value"], option["label"])}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `part` is its component."""

    label: str
    part: Json

    @property
    def custom_id(self) -> str:
        return str(self.part["custom_id"])


def fields(modal: Json) -> list[Field]:
    """The fields of a form, in order."""
    found: list[Field] = []
    parts: list[Json] = modal["components"]
    for part in parts:
        inside: list[Json] = [part["component"]] if "component" in part else part.get("components") or []
        found += [Field(str(child.get("label") or part.get("label") or ""), child) for child in inside]
    return found


def described(modal: Json, names: Names) -> list[str]:
    """The form as lines: its texts; of each field number, label, what stands in it, what can be chosen, its help."""
    lines: list[str] = []
    numbers = {field.custom_id: number for number, field in enumerate(fields(modal), 1)}
    parts: list[Json] = modal["components"]
    for part in parts:
        lines += str(part["content"]).splitlines() if part["type"] == _TEXT_DISPLAY else []
        for field in fields({"components": [part]}):
            lines.append(f"{numbers[field.custom_id]} {field.label}: {_offer(field.part, names)}".rstrip())
        if part.get("description"):
            lines.append(f"  -# {part['description']}")
    return lines


def _offer(part: Json, names: Names) -> str:
    """What stands in a field, and what it takes."""
    kind = part["type"]
    if kind == _TEXT_INPUT:
        return str(part.get("value") or "")
    if kind == _CHECKBOX:
        return "yes or no"
    if kind == _FILES:
        return "a file"
    options: list[Json] = part.get("options") or []
    chosen_now = ", ".join(str(option["label"]) for option in options if option.get("default"))
    return f"{chosen_now} ({offered(part, names)})".lstrip()


def written(modal: Json, text: str, names: Names) -> dict[str, Any]:
    """`1=text 2=value`: what goes into each field, by custom_id. Without a number it is for the first field.

    Raises:
        Unclear: a field does not take that.
        OSError: a file can't be read.
    """
    by_number = {str(number): field for number, field in enumerate(fields(modal), 1)}
    known = by_number | {field.custom_id: field for field in by_number.values()}
    given = named(text, list(known)) or ({"1": text} if text else {})
    return {known[name].custom_id: _value(known[name].part, value, names) for name, value in given.items()}


def _value(part: Json, text: str, names: Names) -> Any:  # noqa: ANN401 - a field's kind decides
    kind = part["type"]
    if kind == _TEXT_INPUT:
        return text
    if kind == _CHECKBOX:
        return flag(text)
    if kind == _FILES:
        return [file_at(path) for path in text.split()]
    return chosen(part, text, names)


def target(word: str, ids: Sequence[int]) -> int | None:
    """The message whose number ends as `word` does, the newest of several; None for a word that is no number."""
    if not re.fullmatch(r"\d{3,20}", word):
        return None
    for message_id in reversed(ids):
        if str(message_id).endswith(word):
            return message_id
    raise Unclear(f"there is no message {word}; numbers are shown above the messages")
