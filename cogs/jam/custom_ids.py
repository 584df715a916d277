"""What the buttons of a jam's cards look like, `jam:<id>:<action>`; their presses are in `buttons`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord
from discord import ui

from bot.i18n import text
from bot.kit.components import button
from cogs.jam.places import pictures_link
from cogs.jam.reasons import LISTED, RoundReason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cogs.jam.facts import JamFacts

LOOKS: Final[Mapping[str, tuple[str, discord.ButtonStyle]]] = {
    "join": ("button.jam_join", discord.ButtonStyle.secondary),
    "enter": ("button.jam_add", discord.ButtonStyle.primary),
    "leave": ("button.jam_leave", discord.ButtonStyle.secondary),
    "add": ("button.jam_add", discord.ButtonStyle.primary),
    "ideas": ("button.jam_ideas", discord.ButtonStyle.secondary),
    "own": ("button.jam_own", discord.ButtonStyle.secondary),
    "make": ("button.jam_make", discord.ButtonStyle.secondary),
    "takeover": ("button.jam_take_over", discord.ButtonStyle.secondary),
    "lead": ("button.jam_take_over", discord.ButtonStyle.primary),
    "go": ("button.jam_make", discord.ButtonStyle.primary),
    "edit": ("button.jam_edit", discord.ButtonStyle.secondary),
    "asis": ("button.jam_as_they_are", discord.ButtonStyle.secondary),
    "back": ("button.jam_back", discord.ButtonStyle.secondary),
    "endvote": ("button.jam_end_vote", discord.ButtonStyle.primary),
    "close": ("button.jam_close", discord.ButtonStyle.danger),
    "end": ("button.jam_close", discord.ButtonStyle.danger),
    "again": ("button.jam_again", discord.ButtonStyle.primary),
}
"""The label's key and the style of each action."""


def jam_button(
    jam_id: int, action: str, locale: str, *, label: str | None = None, disabled: bool = False
) -> ui.Button[Any]:
    key, style = LOOKS[action]
    return button(label or text(locale, key), f"jam:{jam_id}:{action}", style=style, disabled=disabled)


def round_rows(facts: JamFacts) -> Sequence[Sequence[ui.Item[Any]]]:
    """What can be pressed under a round's card, in rows of at most five."""
    jam, locale = facts.jam, facts.jam.locale
    if facts.has_ended or not facts.is_current:
        return []
    close = [] if jam.closing else [jam_button(jam.id, "close", locale)]
    over = [[jam_button(jam.id, "takeover", locale)]] if jam.away and facts.present else []
    match jam.state:
        case "opening" | "open":
            given: list[ui.Item[Any]] = [jam_button(jam.id, "ideas", locale)] if facts.ideas else []
            make = jam_button(jam.id, "make", locale, label=_make_label(facts), disabled=not facts.ideas)
            leave = [jam_button(jam.id, "leave", locale)] if facts.present else []
            return [*over, [jam_button(jam.id, "add", locale), *given, make, *leave, *close]]
        case "review" if not facts.makes_itself:
            go = jam_button(jam.id, "go", locale, label=_priced(facts, facts.price))
            others = facts.ideas and facts.round.reason not in LISTED
            as_they_are = [jam_button(jam.id, "asis", locale)] if others else []
            edit = jam_button(jam.id, "edit", locale)
            if facts.round.reason == RoundReason.ROUND_DECLINED:  # the same words would be declined once more
                go.style, edit.style = edit.style, go.style
            shown = [go, edit, *as_they_are, jam_button(jam.id, "back", locale), *close]
            return [*over, shown]
        case "voting":
            link = pictures_link(facts)
            label = text(locale, "button.jam_pictures")
            look: list[ui.Item[Any]] = [ui.Button(label=label, url=link)] if link else []
            return [*over, [jam_button(jam.id, "endvote", locale), *look, *close]]
        case "merging" | "making" | "review":
            return [*over, close] if close else over
        case _:
            return []


def round_price(facts: JamFacts) -> str:
    """What a round's images cost, in words; "": nothing."""
    locale = facts.jam.locale
    if not facts.price:
        return ""
    made = text(locale, "card.pictures", count=facts.pictures)
    return text(locale, "jam.costs", pictures=made, credits=text(locale, "card.credits", count=facts.price))


def _make_label(facts: JamFacts) -> str:
    if facts.is_reviewed:
        return text(facts.jam.locale, "button.jam_merge")
    price = facts.price
    if price is not None and facts.merge_price:
        return _priced(facts, price + facts.merge_price, at_most=True)
    return _priced(facts, price)


def _priced(facts: JamFacts, price: int | None, *, at_most: bool = False) -> str:
    locale = facts.jam.locale
    label = text(locale, "button.jam_go", count=facts.pictures)
    if not price:
        return label
    costs = text(locale, "card.credits", count=price)
    return f"{label} · {text(locale, 'jam.up_to', credits=costs) if at_most else costs}"
