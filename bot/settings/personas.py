"""Personas: instructions for the chat model under a name, with a model and a temperature of their own where they want.

Beside those that a server has there is always Default: the place's own `system_prompt` and `temperature`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from bot.errors import BadValue
from bot.kinds import Kind
from bot.settings.values import Decimal, Model, Text, Value
from bot.text import is_blank, one_line

MOST = 24
"""Of a server, beside Default: a menu holds 25 (Discord)."""
NAME_LIMIT = 40
INSTRUCTIONS_LIMIT = 4000
DEFAULT = "Default"

_INSTRUCTIONS, _MODEL, _TEMPERATURE = Text(INSTRUCTIONS_LIMIT), Model(Kind.ASK, optional=True), Decimal(0.0, 2.0)
_FIELDS = frozenset({"name", "instructions", "model", "temperature"})


@dataclass(frozen=True, slots=True)
class Persona:
    """`name` None: Default. `model` None: the place's. `temperature` None: the model's own."""

    name: str | None
    instructions: str | None
    model: str | None = None
    temperature: float | None = None


class Holds(Protocol):
    """The settings that hold at a place (`bot.orders.policy.Rules`)."""

    def value(self, key: str) -> Any: ...  # noqa: ANN401 - of the type that the setting's kind stores


@dataclass(frozen=True, slots=True)
class Personas:
    """A list of mappings; it is not typed, but made one by one."""

    def parse(self, typed: str) -> Value:
        del typed
        raise BadValue("personas.not_typed")

    def show(self, value: object) -> str:
        return ", ".join(str(one["name"]) for one in cast("Sequence[Mapping[str, object]]", value)) or "none"

    def of(self, entries: Sequence[object]) -> Value:
        """The list to store. BadValue: why it can't be used."""
        if len(entries) > MOST:
            raise BadValue("personas.too_many", most=MOST)
        found = {str(one["name"]).casefold(): one for one in map(self.entry, entries)}
        if len(found) != len(entries):
            raise BadValue("personas.twice")
        return list(found.values())

    @staticmethod
    def entry(entry: object) -> dict[str, Any]:
        """One of them to store. BadValue: why it can't be used."""
        if not isinstance(entry, Mapping):
            raise BadValue("personas.bad_entry")
        said = {
            str(key): str(value) for key, value in cast("Mapping[object, object]", entry).items() if value is not None
        }
        if not said.keys() <= _FIELDS:
            raise BadValue("personas.bad_entry")
        name = one_line(said.get("name", ""))
        if is_blank(name) or len(name) > NAME_LIMIT:
            raise BadValue("personas.bad_name", most=NAME_LIMIT)
        if name.casefold() in {DEFAULT.casefold(), "默认"}:
            raise BadValue("personas.default_taken")
        made: dict[str, Any] = {"name": name, "instructions": _INSTRUCTIONS.parse(said.get("instructions", ""))}
        if model := _MODEL.parse(said.get("model") or "none"):
            made["model"] = model
        if said.get("temperature", "").strip():
            made["temperature"] = _TEMPERATURE.parse(said["temperature"])
        return made


def personas_of(value: object) -> list[Persona]:
    """Those of a stored list."""
    return [
        Persona(one["name"], one["instructions"], one.get("model"), one.get("temperature"))
        for one in cast("Sequence[Mapping[str, Any]]", value or ())
    ]


def personas_at(rules: Holds) -> list[Persona]:
    """Those of the place, beside Default."""
    return personas_of(rules.value("personas"))


def named(known: Sequence[Persona], wanted: str) -> Persona | None:
    """The one of this name; None: Default. BadValue: there is none."""
    if is_default(wanted):
        return None
    for one in known:
        if one.name is not None and one.name.casefold() == wanted.strip().casefold():
            return one
    if not known:
        raise BadValue("personas.none")
    raise BadValue("personas.unknown", personas=", ".join([DEFAULT, *(str(one.name) for one in known)]))


def persona_at(rules: Holds, wanted: str | None = None) -> Persona:
    """The persona that is meant, else the place's own; BadValue: there is none by the name that is `wanted`."""
    name = (wanted or "").strip()
    known = personas_at(rules)
    if name and (found := named(known, name)) is not None:
        return found
    usual = "" if name else str(rules.value("persona") or "").casefold()
    found = next((one for one in known if one.name is not None and one.name.casefold() == usual), None)
    return found or Persona(None, rules.value("system_prompt"), None, rules.value("temperature"))


def is_default(name: str) -> bool:
    return name.strip().casefold() in {DEFAULT.casefold(), "默认"}
