"""The commands that somebody may use in a place, as their command bar needs them; and their typed values, read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.browser import entities
from sandbox.browser.words import words
from sandbox.discord.choosing import ClientRefusal, Upload
from sandbox.names import mentioned, mentions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.browser.windows import Window
    from sandbox.discord.models import Json, JsonValue

_BELOW: Final = (1, 2)
_STRING, _INTEGER, _BOOLEAN, _NUMBER, _FILE = 3, 4, 5, 10, 11
_ENTITIES: Final = {6: ("people",), 7: ("channels",), 8: ("roles",), 9: ("people", "roles")}


def listed(window: Window) -> list[dict[str, Any]]:
    """Every command by its whole name ("config set"), with texts in the person's language."""
    found: list[dict[str, Any]] = []
    for command in window.person.commands(window.channel):
        found += _leaves(command, command["name"], _named(command, window.locale), window.locale)
    return found


def known(window: Window) -> dict[str, list[dict[str, Any]]]:
    """What options may take that is not typed: people, roles, channels."""
    every = {
        "people": entities.people(window),
        "roles": entities.roles(window),
        "channels": entities.channels(window),
    }
    about = {"roles": words(window.locale)["role"]}
    return {
        kind: [
            {"value": each.value, "name": each.label, "sign": each.kind[:1], "about": about.get(kind, "")}
            for each in choices
        ]
        for kind, choices in every.items()
    }


def values(window: Window, name: str, given: Mapping[str, str], files: Mapping[str, Upload]) -> dict[str, Any]:
    """What was typed, as the command's options take it.

    Raises:
        ClientRefusal: no such command, or a value of the wrong kind.
    """
    by_name = {str(each["name"]): each for each in _options(window.person.commands(window.channel), name)}
    made: dict[str, Any] = dict(files)
    for option, text in given.items():
        if option in by_name:
            made[option] = _value(window, by_name[option], text)
    return made


def _leaves(command: Json, name: str, shown: str, locale: str) -> list[dict[str, Any]]:
    """A command, or each of its sub-commands."""
    options: list[Json] = command.get("options") or []
    if options and options[0]["type"] in _BELOW:
        return [
            leaf
            for each in options
            for leaf in _leaves(each, f"{name} {each['name']}", f"{shown} {_named(each, locale)}", locale)
        ]
    about = _local(command, "description", locale)
    return [{"name": name, "shown": shown, "about": about, "options": [_option(each, locale) for each in options]}]


def _option(option: Json, locale: str) -> dict[str, Any]:
    choices: list[Json] = option.get("choices") or []
    kind: int = option["type"]
    if kind == _BOOLEAN:
        choices = [{"name": "True", "value": "true"}, {"name": "False", "value": "false"}]
    return {
        "name": option["name"],
        "shown": _named(option, locale),
        "about": _local(option, "description", locale),
        "kind": kind,
        "required": bool(option.get("required")),
        "suggests": bool(option.get("autocomplete")),
        "choices": [{"name": _named(each, locale), "value": str(each["value"])} for each in choices],
        "takes": _ENTITIES.get(kind, ()),
        "types": option.get("channel_types") or [],
        "longest": option.get("max_length") or 6000,
    }


def _named(thing: Json, locale: str) -> str:
    return _local(thing, "name", locale)


def _local(thing: Json, key: str, locale: str) -> str:
    texts: Json = thing.get(f"{key}_localizations") or {}
    return str(texts.get(locale) or thing.get(key) or "")


def _options(commands: Sequence[Json], name: str) -> list[Json]:
    """The options of a command or sub-command; none where there is no such one (using it will say so)."""
    known: Sequence[Json] = commands
    for word in name.split():
        found = next((each for each in known if each["name"] == word), None)
        if found is None:
            return []
        known = found.get("options") or []
    return list(known)


def _value(window: Window, option: Json, text: str) -> JsonValue:
    kind = option["type"]
    try:
        if kind == _INTEGER:
            return int(text)
        if kind == _NUMBER:
            return float(text)
    except ValueError:
        # With suggestions the text of one is taken as it is; the client checks it again.
        if not option.get("choices") and not option.get("autocomplete"):
            msg = f"{option['name']} takes a number"
            refusal = ClientRefusal(msg)
            refusal.option = option["name"]
            raise refusal from None
        return text
    if kind == _BOOLEAN:
        return text.lower() == "true"
    if kind in _ENTITIES:
        return entities.entity(window, text)
    if kind == _STRING and not option.get("choices") and window.guild is not None:
        return mentioned(text, mentions(window.guild, window.person))
    return text
