"""What /settings shows: each choice with its menu."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import ui

from bot.i18n import text
from bot.kit.components import Card, row

if TYPE_CHECKING:
    from bot.store.own_choices import Choice, OwnChoices

AUTO: Final = "auto"
OPTIONS: Final[Mapping[Choice, Mapping[str, str]]] = {
    "language": {AUTO: "own.auto", "en": "config.english", "zh_CN": "config.chinese"},
    "private": {"off": "own.public", "on": "own.private"},
    "notify": {"always": "own.always", "long": "own.long", "never": "own.never"},
}
"""What can be chosen, each with the key of its name."""
_ABOUT: Final[Mapping[Choice, str]] = {
    "language": "own.about_language",
    "private": "own.about_private",
    "notify": "own.about_notify",
}


def overview(locale: str, chosen: OwnChoices) -> Card:
    items: list[ui.Item[Any]] = [ui.TextDisplay(f"### {text(locale, 'own.title')}\n{text(locale, 'own.about')}")]
    for choice, options in OPTIONS.items():
        present = _typed(choice, chosen)
        menu: ui.Select[Any] = ui.Select(
            custom_id=f"own:{choice}",
            options=[
                discord.SelectOption(label=text(locale, key), value=value, default=value == present)
                for value, key in options.items()
            ],
        )
        items += [ui.TextDisplay(text(locale, _ABOUT[choice])), row(menu)]
    return Card(*items)


def _typed(choice: Choice, chosen: OwnChoices) -> str:
    match choice:
        case "language":
            return chosen.language or AUTO
        case "private":
            return "on" if chosen.private else "off"
        case "notify":
            return chosen.notify
