"""The jam behind a pressed button or a sent form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards.row_pressed import LARGEST_ID
from bot.environment import Environment
from bot.errors import NotAllowed
from bot.kit.responses import acknowledge
from bot.store.database import Database
from cogs.jam import rows as jams
from cogs.jam.facts import JamFacts, read_facts
from cogs.jam.thread.host import JamHost

if TYPE_CHECKING:
    from bot.kit.bot import Interaction
    from cogs.jam.records import Jam


async def jam_here(interaction: Interaction, jam_id: int) -> Jam:
    """The jam of an id that came in a custom_id, which anybody can forge. NotAllowed: none, or it is elsewhere."""
    jam = None
    if jam_id <= LARGEST_ID:
        jam = await interaction.client.the(Database).run(jams.get, jam_id)
    if jam is None or interaction.channel_id not in {jam.thread_id, jam.channel_id}:
        raise NotAllowed("error.gone")
    return jam


async def facts_here(interaction: Interaction, jam_id: int) -> JamFacts:
    """All that the card of its round shows. NotAllowed as above."""
    jam = await jam_here(interaction, jam_id)
    the = interaction.client.the
    facts = await the(Database).run(read_facts, jam.id, the(Environment))
    if facts is None:
        raise NotAllowed("error.gone")
    return facts


async def acknowledged(interaction: Interaction) -> None:
    """Answer a press of a card, or a form that it opened, at once; the card is then edited through it."""
    await acknowledge(interaction)
    interaction.client.the(JamHost).pressed(interaction)
