"""The buttons under cards. Each holds only its row's id; the row holds the truth, so they work after a restart."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Any, ClassVar, Self

import discord
from discord import ui

from bot.errors import NotAllowed
from bot.generation.callers import Caller
from bot.generation.states import CANCELLABLE, KEPT, SHOWN
from bot.i18n import DEFAULT_LOCALE, text
from bot.store import generations
from bot.store.generations import Generation
from bot.text import prompt_pieces
from bot.ui.callers import token_of
from bot.ui.components import SafeButton
from bot.ui.mending import mend, mended_unless_allowed, row_of_card
from bot.ui.pictures.repeats import place_once
from bot.ui.responses import acknowledge, tell
from bot.ui.retries import failed_order, retry_here
from bot.ui.rows import may_act, row_in_view, too_late
from bot.ui.typing import Interaction

NEVER_AGAIN = frozenset({"upscale", "round"})
"""What is had once, or ordered by a jam's own card: it has no Reroll."""

# As long as a custom_id may be: a press on a number that no row can have gets its sentence too.
CARD = r"(?P<kind>image|video):(?P<id>\d{1,80})"


class CardButton(SafeButton, template=r"(?!)"):
    """A button of a row's card, `<kind>:<id>:<action>`. Subclasses name the action, the label's key and the style."""

    action: ClassVar[str]
    label_key: ClassVar[str]
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary

    def __init__(self, kind: str, generation_id: int, *, locale: str = DEFAULT_LOCALE) -> None:
        custom_id = f"{kind}:{generation_id}:{self.action}"
        super().__init__(ui.Button(label=text(locale, self.label_key), style=self.style, custom_id=custom_id))
        self.generation_id = generation_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["kind"], int(match["id"]))


class CancelButton(CardButton, template=rf"{CARD}:cancel"):
    """Ends a waiting or running video, for who asked and for moderators."""

    action = "cancel"
    label_key = "button.cancel"
    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_of_card(interaction, self.generation_id)
        async with mended_unless_allowed(interaction, row):
            may_act(interaction, row, "error.not_your_cancel")
            if row.kind != "video" or row.state not in CANCELLABLE:
                raise too_late(row)
        await acknowledge(interaction)
        ended = await interaction.client.resources.claims.cancel(
            row.id, by=interaction.user.id, **token_of(interaction)
        )
        if ended is None:
            raise too_late(await row_of_card(interaction, row.id))


class RetryButton(CardButton, template=rf"{CARD}:retry"):
    """Orders a failed one again, in the same message; for who asked and for moderators."""

    action = "retry"
    label_key = "button.retry"
    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: Interaction) -> None:
        row = await failed_order(interaction, self.generation_id)
        if interaction.message is not None:
            await retry_here(interaction, row, message_id=interaction.message.id)


class FetchButton(CardButton, template=rf"{CARD}:fetch"):
    """Fetches what was made and could not be had before; for who asked and for moderators."""

    action = "fetch"
    label_key = "button.fetch"
    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_of_card(interaction, self.generation_id)
        may_act(interaction, row, "error.not_your_fetch")
        if row.private and row.person_id != interaction.user.id:
            raise NotAllowed("error.gone")  # forged: nobody else sees the card
        await acknowledge(interaction)
        # The press edits the card it is on, which is the row's unless its custom_id was forged.
        on_card = interaction.message is not None and interaction.message.id == row.message_id
        await fetch_again(interaction, row, **(token_of(interaction) if on_card else {}))


async def fetch_again(interaction: Interaction, row: Generation, **through: Any) -> None:  # noqa: ANN401 - columns of the row
    """Have a made row's files fetched once more; the card follows. NotAllowed: it is under way, or nothing is kept."""
    resources = interaction.client.resources
    if row.state not in KEPT or await resources.claims.deliver_again(row.id, **through) is None:
        fresh = await resources.database.run(generations.get, row.id)
        moved_on = fresh is not None and fresh.state in SHOWN and fresh.removed_at is None
        raise NotAllowed("error.already_fetching" if moved_on else "error.gone")
    resources.desk.nudge()  # of a jam's round: the jam waits for it again


class RerollButton(CardButton, template=rf"{CARD}:reroll"):
    """The same prompt again, as a new message, by and for whoever presses."""

    action = "reroll"
    label_key = "button.reroll"

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_in_view(interaction, self.generation_id)
        if row.kind != "image" or row.state not in SHOWN or row.action in NEVER_AGAIN:
            raise NotAllowed("error.gone")
        resources = interaction.client.resources

        def order(caller: Caller) -> Awaitable[Generation]:
            return resources.orders.reroll(caller, row.id)

        await place_once(interaction, order, private=row.private)


class PromptButton(CardButton, template=rf"{CARD}:prompt"):
    """Shows the whole of a long prompt to whoever presses."""

    action = "prompt"
    label_key = "button.prompt"

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_in_view(interaction, self.generation_id)
        if not row.prompt:
            raise NotAllowed("error.prompt_not_kept")
        await mend(interaction, row)
        for piece in prompt_pieces(row.prompt):
            await tell(interaction, piece or "–")


BUTTONS: tuple[type[ui.DynamicItem[Any]], ...] = (CancelButton, RetryButton, FetchButton, RerollButton, PromptButton)
