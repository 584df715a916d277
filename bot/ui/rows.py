"""The row behind a pressed button, and who may act on it."""

from __future__ import annotations

from bot.errors import NotAllowed
from bot.store import generations
from bot.store.generations import Generation
from bot.ui.callers import caller_of, is_moderator
from bot.ui.typing import Interaction

LARGEST_ID = 2**63 - 1
"""Of a row, and of all that Discord numbers: what a column holds."""


async def row_by_id(interaction: Interaction, generation_id: int) -> Generation:
    """The row of an id that came in a custom_id, which anybody can forge. NotAllowed: none, or a removed one."""
    row = None
    if generation_id <= LARGEST_ID:
        row = await interaction.client.resources.database.run(generations.get, generation_id)
    if row is None or row.removed_at is not None:
        raise NotAllowed("error.gone")
    return row


async def row_of_card(interaction: Interaction, generation_id: int) -> Generation:
    """The row of the pressed card. A custom_id that names another channel's row was forged."""
    row = await row_by_id(interaction, generation_id)
    if row.channel_id != interaction.channel_id:
        raise NotAllowed("error.gone")
    return row


async def row_in_view(interaction: Interaction, generation_id: int) -> Generation:
    """The row of a card that may also stand elsewhere, delivered again: one's own, or a public one of this server."""
    row = await row_by_id(interaction, generation_id)
    same_server = row.guild_id is not None and row.guild_id == interaction.guild_id
    here = row.channel_id == interaction.channel_id
    if row.person_id != interaction.user.id and (row.private or not (same_server or here)):
        raise NotAllowed("error.gone")
    return row


def may_act(interaction: Interaction, row: Generation, key: str) -> None:
    """NotAllowed with the sentence `key`, unless who pressed asked for it, or moderates the place it is in."""
    moderates = is_moderator(interaction) and row.guild_id == interaction.guild_id
    if interaction.user.id != row.person_id and not moderates:
        raise NotAllowed(key)


async def may_order(interaction: Interaction, row: Generation) -> None:
    """NotAllowed, where moderators decided that not everybody orders by the buttons under others' cards.

    Before a form opens, so that nothing is typed in vain; what it orders is checked once more.
    """
    caller = caller_of(interaction)
    caller.check_press(await interaction.client.resources.orders.rules(caller.place), row)
