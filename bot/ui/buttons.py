"""The buttons under cards. Each holds only its row's id; the row holds the truth, so they work after a restart."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import ui

from bot.errors import NotAllowed
from bot.generation.states import CANCELLABLE, RETRYABLE
from bot.i18n import DEFAULT_LOCALE, text
from bot.text import escape, shorten
from bot.ui.callers import caller_of
from bot.ui.components import SafeButton
from bot.ui.failures import tell
from bot.ui.rows import may_act, row_of_card
from bot.ui.typing import Interaction

PROMPT_LIMIT = 1900
"""Escaping at most doubles it, and a message of layout holds 4,000 characters."""

# As long as a custom_id may be: a press on a number that no row can have gets its sentence too.
_ID = r"(?P<id>\d{1,90})"
_KIND = r"(?P<kind>image|video)"


class CancelButton(SafeButton, template=rf"video:{_ID}:cancel"):
    """Ends a waiting or running video, for who asked and for moderators."""

    def __init__(self, generation_id: int, *, locale: str = DEFAULT_LOCALE) -> None:
        label = text(locale, "button.cancel")
        super().__init__(
            ui.Button(label=label, style=discord.ButtonStyle.danger, custom_id=f"video:{generation_id}:cancel")
        )
        self.generation_id = generation_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]))

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_of_card(interaction, self.generation_id)
        may_act(interaction, row, "error.not_your_cancel")
        if row.state not in CANCELLABLE:
            raise NotAllowed("error.too_late_to_cancel")
        await interaction.response.defer()
        ended = await interaction.client.resources.claims.cancel(row.id, by=interaction.user.id)
        if ended is None:
            raise NotAllowed("error.too_late_to_cancel")


class RetryButton(SafeButton, template=rf"{_KIND}:{_ID}:retry"):
    """Orders a failed one again, in the same message; for who asked and for moderators."""

    def __init__(self, kind: str, generation_id: int, *, locale: str = DEFAULT_LOCALE) -> None:
        label = text(locale, "button.retry")
        custom_id = f"{kind}:{generation_id}:retry"
        super().__init__(ui.Button(label=label, style=discord.ButtonStyle.primary, custom_id=custom_id))
        self.generation_id = generation_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["kind"], int(match["id"]))

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_of_card(interaction, self.generation_id)
        may_act(interaction, row, "error.not_your_retry")
        if row.state not in RETRYABLE or interaction.message is None:
            raise NotAllowed("error.already_retried")
        orders = interaction.client.resources.orders
        again = await orders.retry(
            caller_of(interaction, private=row.private), row.id, message_id=interaction.message.id
        )
        await interaction.client.resources.deliverer.replace(interaction, again)


class RerollButton(SafeButton, template=rf"image:{_ID}:reroll"):
    """The same prompt again, as a new message, by and for whoever presses."""

    def __init__(self, generation_id: int, *, locale: str = DEFAULT_LOCALE) -> None:
        label = text(locale, "button.reroll")
        super().__init__(
            ui.Button(label=label, style=discord.ButtonStyle.secondary, custom_id=f"image:{generation_id}:reroll")
        )
        self.generation_id = generation_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]))

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_of_card(interaction, self.generation_id)
        child = await interaction.client.resources.orders.reroll(caller_of(interaction, private=row.private), row.id)
        await interaction.client.resources.deliverer.post(interaction, child)


class PromptButton(SafeButton, template=rf"{_KIND}:{_ID}:prompt"):
    """Shows the whole of a long prompt to whoever presses."""

    def __init__(self, kind: str, generation_id: int, *, locale: str = DEFAULT_LOCALE) -> None:
        label = text(locale, "button.prompt")
        custom_id = f"{kind}:{generation_id}:prompt"
        super().__init__(ui.Button(label=label, style=discord.ButtonStyle.secondary, custom_id=custom_id))
        self.generation_id = generation_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["kind"], int(match["id"]))

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_of_card(interaction, self.generation_id)
        await tell(interaction, escape(shorten(row.prompt, PROMPT_LIMIT)))


BUTTONS: tuple[type[ui.DynamicItem[Any]], ...] = (CancelButton, RetryButton, RerollButton, PromptButton)
