"""Pictures that people chose in a message's menu, while their forms are open.

The menu's own interaction brings the message with its files; later Discord hides the files of other people's messages
from a bot (the message content intent). So they are kept in memory; after a restart the message is asked for, which
still helps with the bot's own cards and in direct messages.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cards.behind import order_behind
from bot.cards.sources import ATTACHMENT_SECONDS, first_picture
from bot.errors import NotAllowed
from bot.kit.responses import PASSING
from bot.store.database import Database

if TYPE_CHECKING:
    import discord

    from bot.generation.records import NewInput
    from bot.kit.bot import Interaction

MOST_PICKED = 1000
"""Of all people together; the oldest is forgotten first."""


@dataclass(frozen=True, slots=True)
class Pick:
    """`parent_id`: the order whose card the picture stands on, if it is one. `picked_at`: of the monotonic clock."""

    picture: NewInput
    parent_id: int | None
    picked_at: float


class Picked:
    """The newest choice of each person and message."""

    def __init__(self) -> None:
        self._picked: dict[tuple[int, int], Pick] = {}

    def keep(self, person_id: int, message_id: int, pick: Pick) -> None:
        self._picked.pop((person_id, message_id), None)
        while len(self._picked) >= MOST_PICKED:
            del self._picked[next(iter(self._picked))]
        self._picked[person_id, message_id] = pick

    def get(self, person_id: int, message_id: int) -> Pick | None:
        """None: it is not known any more, or its address has ended."""
        pick = self._picked.get((person_id, message_id))
        return None if pick is None or time.monotonic() - pick.picked_at > ATTACHMENT_SECONDS else pick


async def pick(interaction: Interaction, message: discord.Message) -> Pick | None:
    """The first picture of a message. None: there is none."""
    picture = first_picture(message)
    if picture is None:
        return None
    channel_id = interaction.channel_id or message.channel.id
    database = interaction.client.the(Database)
    row = await database.run(order_behind, interaction.client, channel_id=channel_id, message_id=message.id)
    return Pick(picture, None if row is None or row.kind != "image" else row.id, time.monotonic())


async def picked_again(interaction: Interaction, *, channel_id: int, message_id: int) -> Pick:
    """What was picked when the form was opened. NotAllowed: it is not to be had any more."""
    known = interaction.client.the(Picked).get(interaction.user.id, message_id)
    if known is not None:
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
