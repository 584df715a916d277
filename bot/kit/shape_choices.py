"""Shapes to choose from, each with what it means: while a command is typed, and in a form."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import discord
from discord import app_commands, ui

from bot.i18n import listed, text
from bot.kit.commands import CHOICES
from bot.shapes import Shape, shown
from bot.text import shorten

_LABEL_MOST = 100
"""Characters of a choice (Discord)."""
WITHOUT_FILES = "without_files"
"""The value of a form's menu that leaves out the files that went along before."""


def shape_choices(
    locale: str, typed: str, sizes: Mapping[Shape, str], others: Collection[str] = ()
) -> list[app_commands.Choice[str]]:
    """The shapes, and `others` that are sizes, in whose words what was typed stands. `sizes`: the pixels of each."""
    wanted = typed.strip().casefold()
    named = [(_label(locale, shape, sizes), shape.value) for shape in Shape]
    sized = [(shown(size), size) for size in others]
    found = [(name, value) for name, value in named + sized if wanted in f"{name} {value}".casefold()]
    return [app_commands.Choice(name=name, value=value) for name, value in found][:CHOICES]


def shape_input(
    name: str,
    locale: str,
    sizes: Mapping[Shape, str],
    *,
    present: str | None,
    usual: str | None,
    kept: Sequence[str] = (),
) -> ui.Label[Any]:
    """A form's menu of shapes; none need be chosen. `present`: chosen now, a name or a size; `usual`: without one.
    `kept`: the names of files that would go along again, which can be left out here (`WITHOUT_FILES`): a form has five
    inputs.
    """
    options = [
        discord.SelectOption(label=_label(locale, shape, sizes), value=shape.value, default=present == shape.value)
        for shape in Shape
    ]
    if present is not None and present not in set(Shape):
        options.append(discord.SelectOption(label=shown(present), value=present, default=True))
    if kept:
        options.append(discord.SelectOption(label=without_label(locale, kept), value=WITHOUT_FILES))
    menu: ui.Select[Any] = ui.Select(
        custom_id=name,
        options=options,
        placeholder=None if usual is None else shown(usual),
        min_values=0,
        max_values=1 + bool(kept),
        required=False,
    )
    described = text(locale, "form.shape_or_files") if kept else None
    label = text(locale, "form.shape_and_files" if kept else "form.shape")
    return ui.Label(text=label, description=described, component=menu)


def without_label(locale: str, kept: Sequence[str]) -> str:
    """What stands on the choice that leaves these files out."""
    return shorten(text(locale, "form.without_files", files=listed(locale, kept)), _LABEL_MOST)


def _label(locale: str, shape: Shape, sizes: Mapping[Shape, str]) -> str:
    return " · ".join((shape.name_in(locale), shape.ratio, shown(sizes[shape])))
