"""What the buttons under a generation's card look like. Their presses are the features': here are only ids and labels.

`<kind>:<id>:<action>` for what concerns all of a card, `image:<id>:<action>:<number>` for one of its images.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

import discord
from discord import ui

from bot.api.images import is_about_size
from bot.generation.card_facts import CardFacts
from bot.generation.ordering.orders import Orders
from bot.generation.ordering.video import can_be_extended
from bot.generation.pauses import place_of
from bot.generation.requests import REFUSED, chooses_model, seconds_among, takes_shape
from bot.generation.rows.records import Generation
from bot.i18n import text
from bot.kinds import Kind
from bot.kit.again import again_looks
from bot.kit.components import CHOSEN, button
from bot.kit.components import row as row_of
from bot.reasons import Reason, Step, steps_after
from bot.shapes import KNOWN_IMAGE_SIZES, nearest, shown, sizes_in
from bot.states import RETRYABLE

NEVER_AGAIN: Final = frozenset({"upscale", "round"})
"""What is had once, or ordered by a jam's own card: it has no Reroll."""
# As long as a custom_id may be: a press on a number that no row can have gets its sentence too.
CARD: Final = r"(?:image|video):(?P<key>\d{1,80})"
"""The beginning of a custom_id under a row's card."""
_BOUNDS: Final = re.compile(
    r"between|at least|at most|minimum|maximum|pixels|total|像素|范围|之间|至少|最", re.IGNORECASE
)
LOOKS: Final[Mapping[str, tuple[str, discord.ButtonStyle]]] = {
    "cancel": ("button.cancel", discord.ButtonStyle.danger),
    "retry": ("button.retry", discord.ButtonStyle.primary),
    "edit": ("button.edit_retry", discord.ButtonStyle.primary),
    "fetch": ("button.fetch", discord.ButtonStyle.primary),
    "reroll": ("button.reroll", discord.ButtonStyle.secondary),
    "remix": ("button.edit_prompt", discord.ButtonStyle.secondary),
    "prompt": ("button.prompt", discord.ButtonStyle.secondary),
    "extend": ("button.extend", discord.ButtonStyle.secondary),
    "change": ("button.edit_prompt", discord.ButtonStyle.secondary),
}
"""The label's key and the style of each action of a whole card."""
OF_ONE: Final[Mapping[str, tuple[str | None, str]]] = {
    "upscale": ("edit", "button.upscale"),
    "vary": ("edit", "button.vary"),
    "change": ("edit", "button.change"),
    "animate": ("animate", "button.animate"),
    "jam": (None, "button.jam"),
}
"""What a place must have a model for, and the label's key, of each action for one image, in the order of the menu."""


def card_button(kind: str, generation_id: int, action: str, locale: str) -> ui.Button[Any]:
    key, style = LOOKS[action]
    return button(text(locale, key), f"{kind}:{generation_id}:{action}", style=style)


def picture_button(
    generation_id: int, number: int, action: str, locale: str, *, alone: bool = False, votes: int = 0
) -> ui.Button[Any]:
    """For one image: its vote, or one of `OF_ONE`. `number` from 1; the only one of a card (`alone`) shows none."""
    vote = "button.like" if alone else "button.vote"  # of one image there is nothing to choose
    name = text(locale, vote if action == "vote" else OF_ONE[action][1])
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
    steps = steps_of(order)
    size = offered_size(order) if Step.EDIT in steps else None
    key = f"{order.kind}:{order.id}"
    buttons, menus = again_looks(key, steps, facts.models, order.locale, stands_out=size is None)
    if size is not None:
        label = text(order.locale, "button.size", size=shown(size))
        buttons.insert(0, button(label, f"image:{order.id}:size:{size}", style=discord.ButtonStyle.primary))
    return buttons, menus


def offered_size(order: Generation) -> str | None:
    """The nearest to the size that was asked for, where the model refused that; None: it is not about the size."""
    detail, size = order.detail or "", str(order.parameters.get("size") or "")
    if order.kind != Kind.IMAGE or order.reason != Reason.INVALID or not size or not is_about_size(detail):
        return None
    refused = {size, *order.parameters.get(REFUSED, ())}
    # Two sizes may as well be the bounds of what it takes.
    said = [] if _BOUNDS.search(detail) else [one for one in sizes_in(detail) if one not in refused]
    return nearest(size, said or [one for one in KNOWN_IMAGE_SIZES if one not in refused])


def picture_rows(
    facts: CardFacts, positions: Collection[int], *, whole_prompt: bool, fetch: bool
) -> list[ui.ActionRow[Any]]:
    """What stands under a delivered card: the votes, one menu of what may be done with each image, and what concerns
    all of it.

    `positions`: of the images that can be got at. `whole_prompt`: the card shows it shortened. `fetch`: the others may
    still be had.
    """
    row = facts.row
    alone = row.count == 1
    is_public = row.guild_id is not None and not row.private
    may_vote = is_public and not facts.decided and not (alone and row.action == "round")
    votes = [
        picture_button(row.id, position + 1, "vote", row.locale, alone=alone, votes=facts.votes.get(position, 0))
        for position in sorted(positions)
        if may_vote
    ]
    waits = row.action == "round" and not facts.decided  # first of all people vote
    menu = None if waits else picture_menu(row, facts.offers, positions, row.locale)
    of_all = ["fetch"] if fetch else []
    if row.action not in NEVER_AGAIN:
        of_all.append("reroll")
    if row.action != "round":
        of_all.append("remix")
    if whole_prompt:
        of_all.append("prompt")
    buttons = [card_button(row.kind, row.id, action, row.locale) for action in of_all]
    return [row_of(*parts) for parts in (votes, [menu] if menu is not None else [], buttons) if parts]


def video_buttons(facts: CardFacts, *, whole_prompt: bool) -> list[ui.Item[Any]]:
    """The buttons of a delivered video. `whole_prompt`: the card shows it shortened."""
    row = facts.row
    may_go_on = "animate" in facts.offers or not takes_shape(row.parameters)  # then its own model takes such things
    actions = ["extend"] if may_go_on and can_be_extended(seconds_among(facts.results, row)) else []
    actions += ["change"] if row.prompt else []
    actions += ["prompt"] if whole_prompt else []
    return [card_button(row.kind, row.id, action, row.locale) for action in actions]


def picture_menu(
    row: Generation, offers: Collection[str], positions: Collection[int], locale: str
) -> ui.Select[Any] | None:
    """A menu of what may be done with each of these images of a card; what no feature answers to is left out of it
    (`only_answered`). None: nothing.
    """
    actions = [action for action, (needs, _) in OF_ONE.items() if needs is None or needs in offers]
    if row.action == "upscale":
        actions.remove("upscale")
    if row.guild_id is None or row.private:
        actions.remove("jam")
    options = [
        discord.SelectOption(
            label=_option(locale, action, position, alone=row.count == 1), value=f"{action}:{position + 1}"
        )
        for position in sorted(positions)
        for action in actions
    ]
    if not options:
        return None
    return ui.Select(custom_id=f"image:{row.id}{CHOSEN}", placeholder=text(locale, "menu.picture"), options=options)


def _option(locale: str, action: str, position: int, *, alone: bool) -> str:
    what = text(locale, OF_ONE[action][1])
    return what if alone else text(locale, "menu.of_image", number=position + 1, what=what)
