"""What the buttons under a generation's card look like. Their presses are the features': here are only ids and labels.

`<kind>:<id>:<action>` for what concerns all of a card, `image:<id>:<action>:<number>` for one of its images.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import discord
from discord import ui

from bot.generation.card_facts import CardFacts
from bot.generation.orders import Orders
from bot.generation.pauses import place_of
from bot.generation.records import Generation
from bot.generation.requests import MADE_FROM, chooses_model
from bot.i18n import text
from bot.kinds import Kind
from bot.kit.again import again_looks
from bot.kit.components import button
from bot.kit.components import row as row_of
from bot.reasons import Step, steps_after
from bot.states import RETRYABLE

NEVER_AGAIN: Final = frozenset({"upscale", "round"})
"""What is had once, or ordered by a jam's own card: it has no Reroll."""
# As long as a custom_id may be: a press on a number that no row can have gets its sentence too.
CARD: Final = r"(?:image|video):(?P<key>\d{1,80})"
"""The beginning of a custom_id under a row's card."""
LOOKS: Final[Mapping[str, tuple[str, discord.ButtonStyle]]] = {
    "cancel": ("button.cancel", discord.ButtonStyle.danger),
    "retry": ("button.retry", discord.ButtonStyle.primary),
    "edit": ("button.edit_retry", discord.ButtonStyle.primary),
    "fetch": ("button.fetch", discord.ButtonStyle.primary),
    "reroll": ("button.reroll", discord.ButtonStyle.secondary),
    "remix": ("button.remix", discord.ButtonStyle.secondary),
    "prompt": ("button.prompt", discord.ButtonStyle.secondary),
    "extend": ("button.extend", discord.ButtonStyle.secondary),
    "change": ("button.edit_prompt", discord.ButtonStyle.secondary),
}
"""The label's key and the style of each action of a whole card."""
OF_ONE: Final[Mapping[str, str]] = {
    "vote": "button.vote",
    "vary": "button.vary",
    "upscale": "button.upscale",
    "animate": "button.animate",
}
"""The label's key of each action for one image."""


def card_button(kind: str, generation_id: int, action: str, locale: str) -> ui.Button[Any]:
    key, style = LOOKS[action]
    return button(text(locale, key), f"{kind}:{generation_id}:{action}", style=style)


def picture_button(
    generation_id: int, number: int, action: str, locale: str, *, alone: bool = False, votes: int = 0
) -> ui.Button[Any]:
    """For one image. `number` from 1; the only one of a card (`alone`) shows none."""
    name = text(locale, OF_ONE[action])
    label = name if alone else f"{name} {number}"
    label += f" · {votes}" if votes else ""
    return button(label, f"image:{generation_id}:{action}:{number}")


def kind_of(order: Generation) -> Kind:
    return Kind(order.kind)


def steps_of(order: Generation) -> frozenset[Step]:
    """What may help a failed order, by what its card offers. A jam's own card orders a round again."""
    if order.state not in RETRYABLE or order.action == "round" or not order.prompt:
        return frozenset()
    steps = steps_after(order.reason)
    # The model of what is made of a picture is chosen by moderators.
    return steps if chooses_model(order.parameters) else steps - {Step.MODEL}


async def other_models(orders: Orders, order: Generation) -> tuple[str, ...]:
    """The models that may be asked for instead of the one of `order`, where that may help."""
    if Step.MODEL not in steps_of(order):
        return ()
    offered = await orders.offered(place_of(order), kind_of(order))
    return tuple(name for name in offered if name != order.model)


def again_rows(facts: CardFacts) -> tuple[list[ui.Item[Any]], list[ui.ActionRow[Any]]]:
    """The buttons for what may help, and the menu in a row of its own."""
    order = facts.row
    if facts.ordered_again:
        return [], []
    return again_looks(f"{order.kind}:{order.id}", steps_of(order), facts.models, order.locale)


def picture_rows(
    facts: CardFacts, positions: Collection[int], *, whole_prompt: bool, fetch: bool
) -> list[ui.ActionRow[Any]]:
    """The buttons of a delivered card: what concerns all of it, then a row for each thing to do with one picture.

    `positions`: of the pictures that can be got at. `whole_prompt`: the card shows it shortened. `fetch`: the others
    may still be had.
    """
    row = facts.row
    of_all: list[ui.Item[Any]] = [card_button(row.kind, row.id, "fetch", row.locale)] if fetch else []
    if row.action not in NEVER_AGAIN:
        of_all.append(card_button(row.kind, row.id, "reroll", row.locale))
    if row.action != "round":
        of_all.append(card_button(row.kind, row.id, "remix", row.locale))
    if whole_prompt:
        of_all.append(card_button(row.kind, row.id, "prompt", row.locale))
    alone = row.count == 1
    of_one = [
        [
            picture_button(row.id, position + 1, action, row.locale, alone=alone, votes=votes.get(position, 0))
            for position in sorted(positions)
        ]
        for action, votes in _of_one(facts)
    ]
    if alone:
        of_one = [[button for buttons in of_one for button in buttons]]
    return [row_of(*buttons) for buttons in (of_all, *of_one) if buttons]


def video_buttons(facts: CardFacts, *, whole_prompt: bool) -> list[ui.Item[Any]]:
    """The buttons of a delivered video. `whole_prompt`: the card shows it shortened."""
    row = facts.row
    actions = ["extend"] if "animate" in facts.offers or MADE_FROM in row.parameters else []
    actions += ["change"] if row.prompt else []
    actions += ["prompt"] if whole_prompt else []
    return [card_button(row.kind, row.id, action, row.locale) for action in actions]


def _of_one(facts: CardFacts) -> list[tuple[str, dict[int, int]]]:
    """The buttons that each picture has, with the votes that stand on them."""
    row = facts.row
    kinds: list[tuple[str, dict[int, int]]] = []
    if row.guild_id is not None and not row.private:
        kinds.append(("vote", dict(facts.votes)))
    if row.action == "round":
        return kinds
    if "edit" in facts.offers:
        kinds.append(("vary", {}))
        if row.action != "upscale":
            kinds.append(("upscale", {}))
    if "animate" in facts.offers:
        kinds.append(("animate", {}))
    return kinds
