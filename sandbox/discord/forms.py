"""A form as a person fills it in and sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sandbox.discord.choosing import ClientRefusal

if TYPE_CHECKING:
    from sandbox.discord.models import Json, JsonValue


def option_value(options: list[Json], value: str) -> str:
    for option in options:
        if value in (option["value"], option["label"]):
            return option["value"]
    msg = f"the menu has no {value}"
    raise ClientRefusal(msg)


def filled(part: Json, given: dict[str, JsonValue]) -> Json:
    """A row or label of a form as submitted."""
    if part["type"] == 1:
        children: list[Json] = part["components"]
        return {"type": 1, "id": 0, "components": [_input(child, given) for child in children]}
    return {"type": part["type"], "id": 0, "component": _input(part["component"], given)}


def _input(part: Json, given: dict[str, JsonValue]) -> Json:
    custom_id, kind = part["custom_id"], part["type"]
    made: Json = {"type": kind, "id": part.get("id") or 0, "custom_id": custom_id}
    required = part.get("required", True) is not False
    if kind == 4:
        text = str(given.pop(custom_id, part.get("value") or ""))
        if required and not text:
            msg = f"{custom_id} is required"
            raise ClientRefusal(msg)
        if text and not (part.get("min_length") or 0) <= len(text) <= (part.get("max_length") or 4000):
            msg = f"{custom_id} is too short or too long"
            raise ClientRefusal(msg)
        made["value"] = text
        return made
    picked = given.pop(custom_id, None)
    if kind == 23:
        made["value"] = bool(picked)
    elif kind == 21:
        made["value"] = picked
    else:
        options: list[Json] = part.get("options") or []
        defaults = [option["value"] for option in options if option.get("default")]
        chosen = (
            defaults if picked is None else cast("list[JsonValue]", picked if isinstance(picked, list) else [picked])
        )
        if required and not chosen:
            msg = f"{custom_id} is required"
            raise ClientRefusal(msg)
        made["values"] = [option_value(options, value) if options else str(value) for value in chosen]
    return made
