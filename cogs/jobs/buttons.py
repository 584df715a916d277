"""The buttons under cards. Each holds only its row's id; the row holds the truth, so they work after a restart."""

from __future__ import annotations

import time
from typing import Any, Final

from discord import ui

from bot.cards.button_looks import CARD
from bot.cards.confirm import Drafts
from bot.cards.mending import mend, mended_unless_allowed, row_of_card
from bot.cards.retries import failed_order, retry_here
from bot.cards.row_pressed import may_act, row_in_view, too_late
from bot.cards.told import told_beside
from bot.errors import NotAllowed
from bot.generation.pauses import Pauses
from bot.generation.rows import generations, result_rows
from bot.generation.rows.records import Generation, not_shown
from bot.generation.work.claims import Claims
from bot.i18n import locale_of, text
from bot.kinds import Kind
from bot.kit.bot import Interaction
from bot.kit.cog import features
from bot.kit.components import KeyButton
from bot.kit.places import token_of
from bot.kit.responses import acknowledge, tell
from bot.reasons import Reason
from bot.states import CANCELLABLE, SHOWN, State
from bot.store.database import Database
from bot.text import prompt_pieces

FETCH_SECONDS: Final = 120.0
"""How long a press waits to say that what was missing did not come this time either."""


class CancelButton(KeyButton, template=rf"{CARD}:cancel"):
    """Ends a waiting or running video, for who asked and for moderators."""

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_of_card(interaction, self.key)
        async with mended_unless_allowed(interaction, row):
            may_act(interaction, row, "error.not_your_cancel")
            if row.kind != Kind.VIDEO or row.state not in CANCELLABLE:
                raise too_late(row)
        await acknowledge(interaction)
        ended = await interaction.client.the(Claims).cancel(row.id, by=interaction.user.id, **token_of(interaction))
        if ended is None:
            raise too_late(await row_of_card(interaction, row.id))


class RetryButton(KeyButton, template=rf"{CARD}:retry"):
    """Orders a failed one again, in the same message; for who asked and for moderators."""

    async def pressed(self, interaction: Interaction) -> None:
        row = await failed_order(interaction, self.key)
        if interaction.message is not None:
            await retry_here(interaction, row, message_id=interaction.message.id)


class FetchButton(KeyButton, template=rf"{CARD}:fetch"):
    """Fetches what was made and could not be had before; for who asked and for moderators."""

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_of_card(interaction, self.key)
        may_act(interaction, row, "error.not_your_fetch")
        if row.private and row.person_id != interaction.user.id:
            raise NotAllowed("error.gone")  # forged: nobody else sees the card
        await acknowledge(interaction)
        # The press edits the card it is on, which is the row's unless its custom_id was forged.
        on_card = interaction.message is not None and interaction.message.id == row.message_id
        await fetch_again(interaction, row, **(token_of(interaction) if on_card else {}))


async def fetch_again(interaction: Interaction, row: Generation, **through: Any) -> None:  # noqa: ANN401 - columns of the row
    """Have a made row's files fetched once more; the card follows. NotAllowed: it is under way, or nothing is kept."""
    the = interaction.client.the
    if row.state == State.DELIVERED and the(Pauses).held(row):
        raise NotAllowed("card.held")
    if await the(Claims).deliver_again(row.id, **through) is None:
        fresh = await the(Database).run(generations.get, row.id)
        moved_on = fresh is not None and fresh.state in SHOWN and fresh.removed_at is None
        raise NotAllowed("error.already_fetching" if moved_on else "error.gone")
    for feature in features(interaction.client):
        feature.on_going_on(row.id)
    if row.state == State.DELIVERED:
        # Its card shows what had arrived all the while, so that nothing tells of a try that brought nothing.
        await the(Claims).finished(row.id, seconds=FETCH_SECONDS)
        results = await the(Database).run(result_rows.of_generation, row.id)
        missing = not_shown(results)
        if missing:
            now = time.time()
            ended = all((one.expires_at or now) < now for one in results if one.position in missing)
            key = "card.not_fetched_ended" if ended else "card.not_fetched"
            await tell(interaction, text(locale_of(interaction.locale), key, count=len(missing)))


class PromptButton(KeyButton, template=rf"{CARD}:prompt"):
    """Shows the whole of a prompt to whoever presses, and what was added to it."""

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_in_view(interaction, self.key)
        if not row.prompt:
            raise NotAllowed("error.prompt_not_kept")
        if row.reason == Reason.MODERATED and row.person_id != interaction.user.id:
            raise NotAllowed("error.gone")  # of no card that others see: what the service flagged is not shown there
        await mend(interaction, row)
        for piece in prompt_pieces(row.prompt):
            await tell(interaction, piece or "–")
        if beside := told_beside(row, locale_of(interaction.locale)):
            await tell(interaction, beside)


class OrderButton(KeyButton, template=r"order:(?P<key>\d{1,20})"):
    """Places what it was asked about, at the price that stands on it."""

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.client.the(Drafts).submit(interaction, self.key)


CARD_BUTTONS: tuple[type[ui.DynamicItem[Any]], ...] = (
    CancelButton,
    RetryButton,
    FetchButton,
    PromptButton,
    OrderButton,
)
