"""Application commands: what Discord accepts, and what it stores. Limits: its "Application Commands" page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.discord.errors import FormErrors, too_many_commands
from sandbox.discord.models import CHANNEL_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.errors import Path
    from sandbox.discord.models import Application, Json, JsonValue

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
SUB_COMMAND, SUB_COMMAND_GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
NUMBER = 10
LIMITS = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}
MAX_SIZE = 8000
# Discord's is ^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$: \w is \p{L}, \p{N} and _, the scripts' vowel signs follow.
NAME = re.compile(r"[-_'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}")
_LANGUAGES = (
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th zh-CN ja"
    " zh-TW ko"
)
LOCALES = frozenset(_LANGUAGES.split(" "))


def check(forms: list[Json]) -> None:
    """A bulk overwrite. Raises: DiscordError 50035 with errors under each index, 30032 over the limit."""
    errors = FormErrors()
    seen: set[tuple[int, str]] = set()
    counts = dict.fromkeys(LIMITS, 0)
    for index, form in enumerate(forms):
        kind = _check(errors, form, (index,))
        counts[kind] += 1
        key = (kind, str(form.get("name")))
        if key in seen:
            text = "Application command names must be unique"
            errors.add((index,), "APPLICATION_COMMANDS_DUPLICATE_NAME", text)
        seen.add(key)
    for kind, count in counts.items():
        if count > LIMITS[kind]:
            raise too_many_commands(LIMITS[kind])
    errors.raise_if_any()


def _check(errors: FormErrors, form: Json, path: Path) -> int:
    kind = form.get("type") or CHAT_INPUT
    if not errors.choice((*path, "type"), kind, (CHAT_INPUT, USER, MESSAGE)):
        return CHAT_INPUT
    if kind == CHAT_INPUT:
        _name(errors, form.get("name"), (*path, "name"))
        errors.length((*path, "description"), form.get("description"), 1, 100)
        _localized(errors, form, path)
        options: list[JsonValue] = form.get("options") or []
        _options(errors, options, (*path, "options"), depth=0)
        if _size(form) > MAX_SIZE:
            text = f"Command exceeds maximum size ({MAX_SIZE})"
            errors.add(path, "APPLICATION_COMMAND_TOO_LARGE", text)
    else:
        _context_menu(errors, form, path)
    for key, choices in (("contexts", (0, 1, 2)), ("integration_types", (0, 1))):
        values: list[JsonValue] | None = form.get(key)
        if values is not None:
            _places(errors, values, (*path, key), choices)
    granted = form.get("default_member_permissions")
    if granted is not None and not str(granted).isdigit():
        errors.add((*path, "default_member_permissions"), "NUMBER_TYPE_COERCE", f'Value "{granted}" is not int.')
    return kind


def _context_menu(errors: FormErrors, form: Json, path: Path) -> None:
    _menu_name(errors, form.get("name"), (*path, "name"))
    _localized(errors, form, path, check=_menu_name)
    if form.get("description"):
        text = "Context menu commands cannot have description"
        errors.add((*path, "description"), "APPLICATION_COMMAND_INVALID_DESCRIPTION", text)
    if form.get("options"):
        text = "Context menu commands cannot have options"
        errors.add((*path, "options"), "APPLICATION_COMMAND_INVALID_OPTIONS", text)


def _places(errors: FormErrors, values: list[JsonValue], path: Path, choices: tuple[int, ...]) -> None:
    for index, value in enumerate(values):
        errors.choice((*path, index), value, choices)
    if len(set(values)) != len(values):
        errors.add(path, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")


def _name(errors: FormErrors, name: JsonValue, path: Path) -> None:
    if not errors.length(path, name, 1, 32):
        return
    if NAME.fullmatch(name) is None:
        errors.add(path, "STRING_TYPE_REGEX", "String value did not match validation regex.")
    elif name != name.lower():
        errors.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _menu_name(errors: FormErrors, name: JsonValue, path: Path) -> None:
    """A name in a context menu: capitals and spaces are welcome."""
    if errors.length(path, name, 1, 32) and not str(name).strip():
        errors.required(path)


def _localized(
    errors: FormErrors, form: Json, path: Path, *, check: Callable[[FormErrors, JsonValue, Path], None] = _name
) -> None:
    for key in ("name_localizations", "description_localizations"):
        texts: Json = form.get(key) or {}
        for locale, text in texts.items():
            where: Path = (*path, key, locale)
            if locale not in LOCALES:
                errors.add(
                    (*path, key), "DICT_TYPE_INVALID_KEY", f'Locale "{locale}" is not one of the available ones.'
                )
            elif key == "name_localizations":
                check(errors, text, where)
            else:
                errors.length(where, text, 1, 100)


def _options(errors: FormErrors, options: list[JsonValue], path: Path, *, depth: int) -> None:
    if not errors.count(path, len(options), 0, 25):
        return
    kinds = {option.get("type") for option in options}
    if kinds & {SUB_COMMAND, SUB_COMMAND_GROUP} and not kinds <= {SUB_COMMAND, SUB_COMMAND_GROUP}:
        text = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        errors.add(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text)
    names: set[str] = set()
    optional = False
    for index, option in enumerate(options):
        where: Path = (*path, index)
        if option.get("name") in names:
            text = "Option name already exists"
            errors.add((*where, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", text)
        names.add(str(option.get("name")))
        if option.get("required") and optional:
            text = "Required options must be placed before non-required options"
            errors.add(where, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
        optional = optional or not option.get("required")
        _option(errors, option, where, depth=depth)


def _option(errors: FormErrors, option: Json, path: Path, *, depth: int) -> None:
    kind = option.get("type")
    # Groups stand at the top only and hold nothing but sub-commands.
    allowed = (tuple(range(1, 12)), (SUB_COMMAND,), tuple(range(3, 12)))[depth]
    if not errors.choice((*path, "type"), kind, allowed):
        return
    _name(errors, option.get("name"), (*path, "name"))
    errors.length((*path, "description"), option.get("description"), 1, 100)
    _localized(errors, option, path)
    children: list[JsonValue] = option.get("options") or []
    if kind == SUB_COMMAND_GROUP:
        _options(errors, children, (*path, "options"), depth=1)
    elif kind == SUB_COMMAND:
        _options(errors, children, (*path, "options"), depth=2)
    elif children:
        text = "Only sub-commands and groups may have options"
        errors.add((*path, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text)
    _values(errors, option, path)


def _values(errors: FormErrors, option: Json, path: Path) -> None:
    """Choices, suggestions and bounds of an option."""
    kind = option["type"]
    choices: list[JsonValue] = option.get("choices") or []
    errors.count((*path, "choices"), len(choices), 0, 25)
    for index, choice in enumerate(choices):
        errors.length((*path, "choices", index, "name"), choice.get("name"), 1, 100)
        if kind == STRING:
            errors.length((*path, "choices", index, "value"), choice.get("value"), 1, 100)
    if choices and option.get("autocomplete"):
        text = "autocomplete may not be set to true if choices are present"
        errors.add((*path, "autocomplete"), "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID", text)
    if option.get("autocomplete") and kind not in (STRING, INTEGER, NUMBER):
        text = "autocomplete is only available for string, integer and number options"
        errors.add((*path, "autocomplete"), "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID", text)
    for key, low in (("min_length", 0), ("max_length", 1)):
        value = option.get(key)
        if value is not None and not low <= value <= 6000:
            text = f"int value should be between {low} and 6000."
            errors.add((*path, key), "NUMBER_TYPE_MAX", text)
    channel_types: list[JsonValue] = option.get("channel_types") or []
    for index, value in enumerate(channel_types):
        errors.choice((*path, "channel_types", index), value, CHANNEL_TYPES)


def _size(form: Json) -> int:
    """Names, descriptions and values of a command, its options and choices (each with its longest localization)."""
    own = 0
    for key in ("name", "description"):
        texts: Json = form.get(f"{key}_localizations") or {}
        own += max(len(str(text)) for text in (form.get(key) or "", *texts.values()))
    children: list[Json] = form.get("options") or []
    choices: list[Json] = form.get("choices") or []
    own += sum(_size(child) for child in children)
    return own + sum(len(str(choice.get("name", ""))) + len(str(choice.get("value", ""))) for choice in choices)


def _stored(form: Json, old: Json | None, *, application_id: int, new_id: Callable[[], int]) -> Json:
    """A checked command as Discord returns it, with the id of the one it replaces."""
    contexts: list[int] | None = form.get("contexts")
    in_dms = form.get("dm_permission", True) if contexts is None else 1 in contexts
    granted = form.get("default_member_permissions")
    command_id = str(new_id()) if old is None else old["id"]
    made: Json = {
        "id": command_id,
        "application_id": str(application_id),
        "version": command_id if old is None else old["version"],
        "type": form.get("type") or CHAT_INPUT,
        "name": form["name"],
        "name_localizations": form.get("name_localizations"),
        "description": form.get("description") or "",
        "description_localizations": form.get("description_localizations"),
        "default_member_permissions": None if granted is None else str(granted),
        "default_permission": True,
        "nsfw": bool(form.get("nsfw")),
        "options": form.get("options") or [],
        "contexts": contexts,
        "dm_permission": in_dms is not False,
        "integration_types": form.get("integration_types") or [0],
    }
    if old is not None and made != old:
        made["version"] = str(new_id())
    return made


def local_name(command: Json, locale: str) -> str:
    """What a command is called in somebody's language."""
    names: Json = command.get("name_localizations") or {}
    return names.get(locale) or command["name"]


def overwrite(app: Application, forms: list[Json], *, new_id: Callable[[], int]) -> list[Json]:
    """Replace every command; one that keeps its name keeps its id (and its version if nothing changed)."""
    before = {(command["type"], command["name"]): command for command in app.commands.values()}
    made = [
        _stored(form, before.get((form.get("type") or CHAT_INPUT, form["name"])), application_id=app.id, new_id=new_id)
        for form in forms
    ]
    app.commands = {int(command["id"]): command for command in made}
    return made
