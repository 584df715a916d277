"""Personas: instructions for the chat model under a name, with a model and a temperature of their own where they want.

Beside those that a server has there is always Default: the place's own `system_prompt` and `temperature`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Protocol, cast

from bot.errors import BadValue
from bot.i18n import listed
from bot.kinds import Kind
from bot.settings.entries import Entries
from bot.settings.values import Decimal, Model, Text

INSTRUCTIONS_LIMIT = 4000
DEFAULT = "Default"

_INSTRUCTIONS, _MODEL, _TEMPERATURE = Text(INSTRUCTIONS_LIMIT), Model(Kind.ASK, optional=True), Decimal(0.0, 2.0)


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
class Personas(Entries):
    fields: ClassVar = frozenset({"name", "instructions", "model", "temperature"})
    usual: ClassVar = frozenset({DEFAULT.casefold(), "默认"})
    not_typed: ClassVar = "personas.not_typed"
    too_many: ClassVar = "personas.too_many"
    twice: ClassVar = "personas.twice"
    bad_entry: ClassVar = "personas.bad_entry"
    bad_name: ClassVar = "personas.bad_name"
    usual_taken: ClassVar = "personas.default_taken"

    def parts(self, said: Mapping[str, str]) -> dict[str, Any]:
        made: dict[str, Any] = {"instructions": _INSTRUCTIONS.parse(said.get("instructions", ""))}
        if model := _MODEL.parse(said.get("model") or "none"):
            made["model"] = model
        if said.get("temperature", "").strip():
            try:
                made["temperature"] = _TEMPERATURE.parse(said["temperature"])
            except BadValue as why:
                raise BadValue("personas.bad_temperature", **why.facts) from None
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
    names = [DEFAULT, *(str(one.name) for one in known)]
    raise BadValue("personas.unknown", personas=partial(listed, parts=names))


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
    return name.strip().casefold() in Personas.usual
