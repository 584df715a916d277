"""Where a generation's card is shown, as its worker knows it; the real one is `bot.cards.deliverer.CardDeliverer`."""

from __future__ import annotations

from typing import Protocol

from bot.generation.card_facts import CardFacts
from bot.generation.rows.records import Generation
from bot.states import State


class DeliveryFailed(Exception):
    """The results could not be shown this time; trying again later may help. Nothing is lost."""


class Deliverer(Protocol):
    """Where cards are shown. All calls may be repeated: they edit the one message of the row."""

    async def find(self, row: Generation) -> int | None:
        """The id of the row's message, asked for by its token; None: there is none. DeliveryFailed: not known now."""
        ...

    async def show(self, facts: CardFacts) -> bool:
        """Show the card. False: it did not work this time, and may later."""
        ...

    async def deliver(self, facts: CardFacts) -> State:
        """Show the results. DELIVERED, or DROPPED when there is nowhere left. DeliveryFailed: try again later."""
        ...
