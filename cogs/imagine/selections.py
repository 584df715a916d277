"""Images that people chose in a message's menu, while their forms are open.

The menu's own interaction brings the message with its files; later Discord hides the files of other people's messages
from a bot (the message content intent). So they are kept in memory; after a restart the message is asked for, which
still helps with the bot's own cards and in direct messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cards.behind import order_behind
from bot.cards.row_pressed import may_bring
from bot.cards.sources import ATTACHMENT_SECONDS, pictures_in
from bot.cards.uploads import numbered
from bot.errors import NotAllowed
from bot.generation.rows.parents import Parent
from bot.kinds import Kind
from bot.kit.responses import PASSING
from bot.recent import Recent
from bot.store.database import Database
from cogs.imagine.wanted import Given

if TYPE_CHECKING:
    import discord

    from bot.kit.bot import Interaction

MOST_PICKED = 1000
"""Of all people together; the oldest is forgotten first."""
MOST_OF_ONE = 10
"""Images of one message that one may choose from."""


@dataclass(frozen=True, slots=True)
class Picked(Given):
    """`parent`: the order whose image it is, and which, if it stands on a card."""

    parent: Parent | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """The images of a message. `channel_id`: where it was picked."""

    pictures: Sequence[Picked]
    channel_id: int


class Selections(Recent[tuple[int, int], Pick]):
    """The newest choice of each person and message, until its address ends."""

    def __init__(self) -> None:
        super().__init__(MOST_PICKED, seconds=ATTACHMENT_SECONDS)


async def pick(interaction: Interaction, message: discord.Message) -> Pick | None:
    """The images of a message. None: there is none. NotAllowed: it was forwarded from an age-restricted channel, and
    here is none.
    """
    found = pictures_in(message)[:MOST_OF_ONE]
    if not found:
        return None
    channel_id = interaction.channel_id or message.channel.id
    where = (channel_id, message.id)
    if message.message_snapshots and message.reference is not None and message.reference.message_id is not None:
        where = (message.reference.channel_id, message.reference.message_id)
    database = interaction.client.the(Database)
    row = await database.run(order_behind, interaction.client, channel_id=where[0], message_id=where[1])
    if row is not None:
        may_bring(interaction, row)
    positions: dict[str, int] = {}
    if row is not None and row.kind == Kind.IMAGE:
        # What another feature shows of an order is named otherwise: only its words are what that came from.
        positions = {name: position for position, name in numbered(name for name, _ in found).items()}
    parents = {
        name: Parent(row.id, positions.get(name)) if row is not None and row.kind == Kind.IMAGE else None
        for name, _ in found
    }
    return Pick([Picked(name, file, parents[name]) for name, file in found], channel_id)


async def chosen_again(interaction: Interaction, *, channel_id: int, message_id: int) -> Pick:
    """What was picked when the form was opened. NotAllowed: it is not to be had any more."""
    known = interaction.client.the(Selections).get((interaction.user.id, message_id))
    # What a form names may be forged: a picture is had where it was picked.
    if known is not None and known.channel_id == interaction.channel_id:
        return known
    # What a form names may be forged: only where it was sent from.
    if channel_id == interaction.channel_id:
        try:
            message = await interaction.client.get_partial_messageable(channel_id).fetch_message(message_id)
        except PASSING:
            pass
        else:
            found = await pick(interaction, message)
            if found is not None:
                return found
    raise NotAllowed("error.picture_forgotten")
