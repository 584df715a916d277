"""Shapes to choose from, each with what it means: while a command is typed, and in a form."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import discord
from discord import app_commands, ui

from bot.i18n import text
from bot.kit.commands import CHOICES
from bot.shapes import Shape, shown


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
    otherwise: str,
    more: Sequence[discord.SelectOption] = (),
) -> ui.Label[Any]:
    """A form's menu of shapes; none need be chosen. `present`: chosen now, a name or a size; `otherwise`: what is said
    of where none is. `more`: styles, of which one can be chosen here too: a form has five inputs.
    """
    options = [
        discord.SelectOption(label=_label(locale, shape, sizes), value=shape.value, default=present == shape.value)
        for shape in Shape
    ]
    if present is not None and present not in set(Shape):
        options.append(discord.SelectOption(label=shown(present), value=present, default=True))
    menu: ui.Select[Any] = ui.Select(
        custom_id=name,
        options=[*options, *more][:CHOICES],
        min_values=0,
        max_values=1 + bool(more),
        required=False,
    )
    label = text(locale, "form.shape_and_style" if more else "form.shape")
    return ui.Label(text=label, description=otherwise, component=menu)


def _label(locale: str, shape: Shape, sizes: Mapping[Shape, str]) -> str:
    return " · ".join((shape.name_in(locale), shape.ratio, shown(sizes[shape])))
