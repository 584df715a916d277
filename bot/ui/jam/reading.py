"""The jam behind a press."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import NotAllowed
from bot.jam.facts import JamFacts, read_facts
from bot.store import jams
from bot.ui.links import message_link
from bot.ui.responses import acknowledge
from bot.ui.rows import LARGEST_ID

if TYPE_CHECKING:
    from bot.store.jams import Jam
    from bot.ui.typing import Interaction


async def jam_here(interaction: Interaction, jam_id: int) -> Jam:
    """The jam of an id that came in a custom_id, which anybody can forge. NotAllowed: none, or it is elsewhere."""
    jam = None
    if jam_id <= LARGEST_ID:
        jam = await interaction.client.resources.database.run(jams.get, jam_id)
    if jam is None or interaction.channel_id not in {jam.thread_id, jam.channel_id}:
        raise NotAllowed("error.gone")
    return jam


async def facts_here(interaction: Interaction, jam_id: int) -> JamFacts:
    """All that the card of its round shows. NotAllowed as above."""
    jam = await jam_here(interaction, jam_id)
    resources = interaction.client.resources
    facts = await resources.database.run(read_facts, jam.id, resources.environment)
    if facts is None:
        raise NotAllowed("error.gone")
    return facts


async def acknowledged(interaction: Interaction) -> None:
    """Answer a press of a card, or a form that it opened, at once; the card is then edited through it."""
    await acknowledge(interaction)
    interaction.client.resources.jam_host.pressed(interaction)


def begun_in_thread(jam: Jam) -> bool:
    """Whether it was started in a thread that was there: the jam's own has the id of the message it was made from."""
    return jam.thread_id is not None and jam.thread_id != jam.message_id


def word_channel(jam: Jam) -> int:
    """Where the jam was started."""
    return jam.thread_id if jam.thread_id is not None and begun_in_thread(jam) else jam.channel_id


def pictures_link(facts: JamFacts) -> str | None:
    """The message of the shown round's pictures; None: there is none, or it was removed."""
    made = facts.generation
    if made is None or made.message_id is None or made.removed_at is not None:
        return None
    return message_link(made.guild_id, made.channel_id, made.message_id)
