"""A form as a person fills it in and sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sandbox.discord.components import CHECKBOX, CHECKBOXES, LABEL, RADIOS, ROW, TEXT_INPUT
from sandbox.discord.resolving import MENU_TAKES, ClientRefusal, Resolver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.discord.models import Json, JsonValue


def option_value(options: list[Json], value: JsonValue) -> str:
    """The value of an option, named by it or by its label. Raises: ClientRefusal."""
    for option in options:
        if value in (option["value"], option["label"]):
            return option["value"]
    msg = f"the menu has no {value}"
    raise ClientRefusal(msg)


def menu_values(part: Json, picked: Iterable[JsonValue], resolver: Resolver, *, optional: bool = False) -> list[str]:
    """What a menu sends: values of a string menu, ids in the others. `optional`: nothing at all is right too.

    Raises: ClientRefusal for what the menu does not have or does not take, for too few or too many, for one twice.
    """
    if part["type"] in MENU_TAKES:
        what = str(part["custom_id"])
        takes = MENU_TAKES[part["type"]]
        made = [resolver.pick(each, takes, part.get("channel_types"), what) for each in picked]
    else:
        made = [option_value(part["options"], each) for each in picked]
    low = 1 if part.get("min_values") is None else part["min_values"]
    high = part.get("max_values") or (len(part["options"]) if part["type"] == CHECKBOXES else 1)
    if not low <= len(made) <= high and not (optional and not made):
        msg = f"this menu takes {low} to {high} values"
        raise ClientRefusal(msg)
    if len(set(made)) != len(made):
        msg = "a menu takes each value once"
        raise ClientRefusal(msg)
    return made


@dataclass(slots=True)
class Filling:
    """A form being filled in: `given` by custom_id, taken out as they are used."""

    given: dict[str, JsonValue]
    resolver: Resolver

    def filled(self, part: Json) -> Json:
        """A row, label or text of the form as submitted. Raises: ClientRefusal."""
        made: Json = {"type": part["type"], "id": part["id"]}
        if part["type"] == ROW:
            made["components"] = [self._input(child) for child in part["components"]]
        elif part["type"] == LABEL:
            made["component"] = self._input(part["component"])
        return made

    def _input(self, part: Json) -> Json:
        custom_id, kind = part["custom_id"], part["type"]
        made: Json = {"type": kind, "id": part["id"], "custom_id": custom_id}
        required = part.get("required", True) is not False
        if kind == TEXT_INPUT:
            made["value"] = self._text(part, required=required)
        elif kind == CHECKBOX:
            made["value"] = bool(self.given.pop(custom_id, part.get("default")))
        else:
            picked = self._picked(part)
            if required and not picked:
                msg = f"{custom_id} is required"
                raise ClientRefusal(msg)
            values = menu_values(part, picked, self.resolver, optional=not required)
            made |= {"value": values[0] if values else None} if kind == RADIOS else {"values": values}
        return made

    def _text(self, part: Json, *, required: bool) -> str:
        custom_id = part["custom_id"]
        text = str(self.given.pop(custom_id, part.get("value") or ""))
        if required and not text:
            msg = f"{custom_id} is required"
            raise ClientRefusal(msg)
        if text and not (part.get("min_length") or 0) <= len(text) <= (part.get("max_length") or 4000):
            msg = f"{custom_id} is too short or too long"
            raise ClientRefusal(msg)
        return text

    def _picked(self, part: Json) -> list[JsonValue]:
        """What the person chose; without a choice what was chosen from the start."""
        if part["custom_id"] in self.given:
            picked = self.given.pop(part["custom_id"])
            return cast("list[JsonValue]", list(picked) if isinstance(picked, (list, tuple)) else [picked])  # pyright: ignore[reportUnknownArgumentType] -- whatever a test gives
        if part["type"] in MENU_TAKES:
            defaults: list[Json] = part.get("default_values") or []
            return [each for each in map(self.resolver.by_id, defaults) if each is not None]
        return [option["value"] for option in part["options"] if option.get("default")]
