"""What the buttons of a jam's cards look like, `jam:<id>:<action>`; their presses are in `buttons`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord
from discord import ui

from bot.i18n import text
from bot.kit.components import button
from cogs.jam.places import pictures_link
from cogs.jam.reasons import LISTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cogs.jam.facts import JamFacts

LOOKS: Final[Mapping[str, tuple[str, discord.ButtonStyle]]] = {
    "join": ("button.jam_join", discord.ButtonStyle.secondary),
    "leave": ("button.jam_leave", discord.ButtonStyle.secondary),
    "add": ("button.jam_add", discord.ButtonStyle.primary),
    "make": ("button.jam_make", discord.ButtonStyle.secondary),
    "go": ("button.jam_make", discord.ButtonStyle.primary),
    "edit": ("button.jam_edit", discord.ButtonStyle.secondary),
    "asis": ("button.jam_as_they_are", discord.ButtonStyle.secondary),
    "back": ("button.jam_back", discord.ButtonStyle.secondary),
    "endvote": ("button.jam_end_vote", discord.ButtonStyle.primary),
    "close": ("button.jam_close", discord.ButtonStyle.danger),
}
"""The label's key and the style of each action."""


def jam_button(jam_id: int, action: str, locale: str, *, label: str | None = None) -> ui.Button[Any]:
    key, style = LOOKS[action]
    return button(label or text(locale, key), f"jam:{jam_id}:{action}", style=style)


def round_buttons(facts: JamFacts) -> list[ui.Item[Any]]:
    """What can be pressed under a round's card: at most five, which is one row."""
    jam, locale = facts.jam, facts.jam.locale
    if facts.has_ended or not facts.is_current:
        return []
    close = [] if jam.closing else [jam_button(jam.id, "close", locale)]
    match jam.state:
        case "opening" | "open":
            people = [jam_button(jam.id, "join", locale), jam_button(jam.id, "leave", locale)]
            return [*people, jam_button(jam.id, "add", locale), jam_button(jam.id, "make", locale), *close]
        case "review":
            go = jam_button(jam.id, "go", locale, label=_go_label(facts))
            others = facts.ideas and facts.round.reason not in LISTED
            as_they_are = [jam_button(jam.id, "asis", locale)] if others else []
            return [go, jam_button(jam.id, "edit", locale), *as_they_are, jam_button(jam.id, "back", locale), *close]
        case "voting":
            link = pictures_link(facts)
            label = text(locale, "button.jam_pictures")
            look: list[ui.Item[Any]] = [ui.Button(label=label, url=link)] if link else []
            return [jam_button(jam.id, "endvote", locale), *look, *close]
        case "merging" | "making":
            return [*close]
        case _:
            return []


def _go_label(facts: JamFacts) -> str:
    locale = facts.jam.locale
    label = text(locale, "button.jam_go", count=facts.pictures)
    if not facts.price:
        return label
    return f"{label} · {text(locale, 'card.credits', count=facts.price)}"
