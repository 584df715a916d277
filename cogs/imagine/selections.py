"""Pictures that people chose in a message's menu, while their forms are open.

The menu's own interaction brings the message with its files; later Discord hides the files of other people's messages
from a bot (the message content intent). So they are kept in memory; after a restart the message is asked for, which
still helps with the bot's own cards and in direct messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cards.behind import order_behind
from bot.cards.row_pressed import may_bring
from bot.cards.sources import ATTACHMENT_SECONDS, first_picture
from bot.errors import NotAllowed
from bot.kinds import Kind
from bot.kit.responses import PASSING
from bot.recent import Recent
from bot.store.database import Database

if TYPE_CHECKING:
    import discord

    from bot.generation.records import NewInput
    from bot.kit.bot import Interaction

MOST_PICKED = 1000
"""Of all people together; the oldest is forgotten first."""


@dataclass(frozen=True, slots=True)
class Pick:
    """`parent_id`: the order whose card the picture stands on, if it is one. `channel_id`: where it was picked."""

    picture: NewInput
    parent_id: int | None
    channel_id: int


class Selections(Recent[tuple[int, int], Pick]):
    """The newest choice of each person and message, until its address ends."""

    def __init__(self) -> None:
        super().__init__(MOST_PICKED, seconds=ATTACHMENT_SECONDS)


async def pick(interaction: Interaction, message: discord.Message) -> Pick | None:
    """The first picture of a message. None: there is none. NotAllowed: it was forwarded from an age-restricted
    channel, and here is none.
    """
    picture = first_picture(message)
    if picture is None:
        return None
    channel_id = interaction.channel_id or message.channel.id
    where = (channel_id, message.id)
    if message.message_snapshots and message.reference is not None and message.reference.message_id is not None:
        where = (message.reference.channel_id, message.reference.message_id)
    database = interaction.client.the(Database)
    row = await database.run(order_behind, interaction.client, channel_id=where[0], message_id=where[1])
    if row is not None:
        may_bring(interaction, row)
    return Pick(picture, None if row is None or row.kind != Kind.IMAGE else row.id, channel_id)


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
