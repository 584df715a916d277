"""Which modals Discord accepts. Limits: its "Component Reference" and "Modal" structure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.components import (
    CHECKBOX,
    CHECKBOXES,
    LABEL,
    MAX_TEXT,
    RADIOS,
    ROW,
    SELECTS,
    STRING_SELECT,
    TEXT,
    TEXT_INPUT,
    UPLOAD,
    check_custom_id,
    check_select,
    right_kind,
)

if TYPE_CHECKING:
    from sandbox.discord.errors import FormErrors, Path
    from sandbox.discord.models import Json, JsonValue

MODAL_TOP = (ROW, TEXT, LABEL)
IN_LABEL = (STRING_SELECT, TEXT_INPUT, 5, 6, 7, 8, UPLOAD, RADIOS, CHECKBOXES, CHECKBOX)


def check_modal(errors: FormErrors, data: Json) -> None:
    """A modal: title up to 45, custom_id up to 100, one to five rows or labels, each input of its limits."""
    seen: set[str] = set()
    errors.length(("custom_id",), data.get("custom_id"), 1, 100)
    errors.length(("title",), data.get("title"), 1, 45)
    parts: list[JsonValue] = data.get("components") or []
    if not errors.count(("components",), len(parts), 1, 5):
        return
    for index, part in enumerate(parts):
        path: Path = ("components", index)
        if not right_kind(errors, part, path, MODAL_TOP):
            continue
        if part["type"] == TEXT:
            errors.length((*path, "content"), part.get("content"), 1, MAX_TEXT)
        elif part["type"] == ROW:
            _check_row(errors, part, path, seen)
        else:
            _check_label(errors, part, path, seen)


def _check_row(errors: FormErrors, part: Json, path: Path, seen: set[str]) -> None:
    children: list[JsonValue] = part.get("components") or []
    if not errors.count((*path, "components"), len(children), 1, 1):
        return
    where: Path = (*path, "components", 0)
    if right_kind(errors, children[0], where, (TEXT_INPUT,)):
        errors.length((*where, "label"), children[0].get("label"), 1, 45)
        _check_input(errors, children[0], where, seen)


def _check_label(errors: FormErrors, part: Json, path: Path, seen: set[str]) -> None:
    errors.length((*path, "label"), part.get("label"), 1, 45)
    errors.length((*path, "description"), part.get("description"), 0, 100, required=False)
    where: Path = (*path, "component")
    child = part.get("component")
    if child is None:
        errors.required(where)
    elif right_kind(errors, child, where, IN_LABEL):
        if child["type"] == TEXT_INPUT:
            _check_input(errors, child, where, seen)
        elif child["type"] in SELECTS:
            check_select(errors, child, where, seen, modal=True)
        else:
            check_custom_id(errors, child, where, seen)
            _check_choices(errors, child, where)


def _check_choices(errors: FormErrors, part: Json, path: Path) -> None:
    """The options of radio buttons (2 to 10) and checkboxes (1 to 10), and how many of a kind are taken (up to 10)."""
    options: list[JsonValue] = part.get("options") or []
    if part["type"] in (RADIOS, CHECKBOXES):
        errors.count((*path, "options"), len(options), 2 if part["type"] == RADIOS else 1, 10)
    for index, option in enumerate(options):
        where: Path = (*path, "options", index)
        errors.length((*where, "label"), option.get("label"), 1, 100)
        errors.length((*where, "value"), option.get("value"), 1, 100)
        errors.length((*where, "description"), option.get("description"), 0, 100, required=False)
    for key, low in (("min_values", 0), ("max_values", 1)):
        value = part.get(key)
        if value is not None and not low <= value <= 10:
            errors.add((*path, key), "NUMBER_TYPE_MAX", f"int value should be between {low} and 10.")


def _check_input(errors: FormErrors, part: Json, path: Path, seen: set[str]) -> None:
    check_custom_id(errors, part, path, seen)
    errors.choice((*path, "style"), part.get("style"), (1, 2))
    errors.length((*path, "placeholder"), part.get("placeholder"), 0, 100, required=False)
    low, high = part.get("min_length"), part.get("max_length")
    if low is not None and not 0 <= low <= 4000:
        errors.add((*path, "min_length"), "NUMBER_TYPE_MAX", "int value should be less than or equal to 4000.")
    if high is not None and not 1 <= high <= 4000:
        errors.add((*path, "max_length"), "NUMBER_TYPE_MAX", "int value should be less than or equal to 4000.")
    if low is not None and high is not None and low > high:
        text = "min_length must be less than or equal to max_length"
        errors.add((*path, "min_length"), "TEXT_INPUT_COMPONENT_MIN_LENGTH_TOO_LARGE", text)
    value = part.get("value")
    if value:
        # An empty value is the same as none.
        errors.length((*path, "value"), value, low or 0, high or 4000, required=False)
