"""Orders whose price is to be seen first: asked about privately, and placed by a press.

The press places the order through its own interaction, so that the card is its answer, public where it would have
been; the private question becomes a word. What is asked about stands in memory: a restart forgets it, and the button
then asks to order again.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

import discord
from discord import ui

from bot.errors import ConfirmationNeeded, Refusal
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.ui.callers import TOKEN_SECONDS, caller_of
from bot.ui.components import Card, SafeButton, row
from bot.ui.failures import sentence
from bot.ui.notes import note
from bot.ui.responses import PASSING, acknowledge, answer, replace_message, tell

if TYPE_CHECKING:
    from bot.generation.orders import Caller
    from bot.ui.typing import Interaction

log = logging.getLogger(__name__)

DraftOrder: TypeAlias = "Callable[[Interaction, int], Awaitable[Callable[[], Awaitable[None]]]]"
Placed = TypeVar("Placed")

MOST_DRAFTS = 1000
"""Of all servers together; the oldest is forgotten first."""


async def place(
    interaction: Interaction,
    order: Callable[[Caller], Awaitable[Placed]],
    show: Callable[[Interaction, Placed], Awaitable[None]],
    *,
    private: bool | None = None,
) -> None:
    """Place an order for who typed or pressed, and show it; ask them first, where its price is to be seen.

    `order` may be called twice, the second time with a confirmed caller; `show` once, with the interaction that placed
    it: this one, or the press that confirmed.
    """

    async def confirmed(press: Interaction, price: int) -> Callable[[], Awaitable[None]]:
        return partial(show, press, await order(replace(caller_of(press, private=private), confirmed=price)))

    try:
        placed = await order(caller_of(interaction, private=private))
    except ConfirmationNeeded as needed:
        await interaction.client.resources.drafts.ask(interaction, needed, confirmed)
    else:
        await show(interaction, placed)


@dataclass(slots=True)
class _Draft:
    """`asked`: the interaction whose answer is the question. `taken`: it was pressed, and is placed or about to be."""

    asked: Interaction
    order: DraftOrder
    price: int
    expires_at: float
    taken: bool = False

    async def say(self, key: str) -> None:
        """Put a word in place of the question. Never raises."""
        try:
            await self.asked.edit_original_response(view=note(text(locale_of(self.asked.locale), key)))
        except PASSING as error:
            log.info("a question about a price stays as it is: %s", error)


class Drafts:
    """Orders that wait for a press, each for as long as its question can be edited."""

    def __init__(self) -> None:
        self._drafts: dict[int, _Draft] = {}

    async def ask(self, interaction: Interaction, needed: ConfirmationNeeded, order: DraftOrder) -> None:
        """Ask privately whether the price is all right."""
        self._forget()
        self._drafts[interaction.id] = _Draft(interaction, order, needed.price, time.monotonic() + TOKEN_SECONDS)
        locale = locale_of(interaction.locale)
        question: ui.TextDisplay[Any] = ui.TextDisplay(sentence(needed, locale) or "")
        button = OrderButton(interaction.id, price=needed.price, locale=locale)
        try:
            await answer(interaction, Card(question, row(button)), ephemeral=True)
        except BaseException:
            self._drafts.pop(interaction.id, None)
            raise

    async def place(self, press: Interaction, key: int) -> None:
        """Place the order that `key` stands for, once however often it is pressed."""
        self._forget()
        draft = self._drafts.get(key)
        if draft is None or draft.asked.user.id != press.user.id:
            said = text(locale_of(press.locale), "confirm.over")
            # A forged press may come from any message: only the private question is turned into a word.
            private = press.message is not None and press.message.flags.ephemeral
            await (replace_message(press, note(said)) if private else tell(press, said))
            return
        if draft.taken:
            await acknowledge(press)
            return
        draft.taken = True
        try:
            show = await draft.order(press, draft.price)
        except ConfirmationNeeded as needed:
            # Dearer than it was when it was asked about: asked anew.
            self._drafts.pop(key, None)
            await draft.say("confirm.over")
            await self.ask(press, needed, draft.order)
            return
        except Refusal:
            draft.taken = False  # nothing was ordered: it may be pressed again, when there are credits
            raise
        except BaseException:
            self._drafts.pop(key, None)  # whether it was is not known
            raise
        # Beside the card, which may grow for minutes.
        word = asyncio.create_task(draft.say("confirm.ordered"))
        try:
            await show()
        except Exception:
            await word
            await draft.say("confirm.not_shown")
            raise
        await word

    def _forget(self) -> None:
        now = time.monotonic()
        for key, draft in list(self._drafts.items()):
            if draft.expires_at > now and len(self._drafts) < MOST_DRAFTS:
                break
            del self._drafts[key]


class OrderButton(SafeButton, template=r"order:(?P<key>\d{1,20})"):
    """Places what it was asked about, at the price that stands on it."""

    def __init__(self, key: int, *, price: int = 0, locale: str = DEFAULT_LOCALE) -> None:
        label = text(locale, "button.order", credits=text(locale, "card.credits", count=price))
        super().__init__(ui.Button(label=label, style=discord.ButtonStyle.primary, custom_id=f"order:{key}"))
        self.key = key

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["key"]))

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.client.resources.drafts.place(interaction, self.key)
