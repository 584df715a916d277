"""What was made of a picture before: whether its message still stands, and where."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import discord

from bot.cards.confirm import submit
from bot.cards.deliverer import CardDeliverer
from bot.errors import AlreadyMade
from bot.generation.rows import generations
from bot.kit.edits import UNKNOWN_CHANNEL, UNKNOWN_MESSAGE
from bot.kit.responses import PASSING, acknowledge
from bot.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.generation.rows.records import Generation
    from bot.kit.bot import Interaction
    from bot.orders.callers import Caller

PLACED_WITHIN = 2.0
"""Seconds that the placeholder of a simultaneous press is waited for."""
ASK_WITHIN = 1.0
"""Seconds for Discord to say whether a message stands."""
_LOOK = 0.1


async def is_deleted(interaction: Interaction, already: AlreadyMade) -> bool:
    """Whether somebody deleted the message without Remove: then it may be made again. Not while it is being made."""
    if not already.done or already.message_id is None:
        return False
    channel = interaction.client.get_partial_messageable(already.channel_id)
    try:
        # The press has no answer yet, and many may ask at once.
        async with asyncio.timeout(ASK_WITHIN):
            await channel.fetch_message(already.message_id)
    except discord.NotFound as error:
        return error.code in {UNKNOWN_MESSAGE, UNKNOWN_CHANNEL}
    except PASSING:
        pass  # nothing is known of it: it stands
    return False


async def place_once(
    interaction: Interaction,
    order: Callable[[Caller], Awaitable[Generation]],
    *,
    private: bool | None = None,
) -> None:
    """Submit an order and show its card. AlreadyMade, with where it is: the same person submitted it a moment ago."""
    try:
        await submit(interaction, order, interaction.client.the(CardDeliverer).post, private=private)
    except AlreadyMade as already:
        raise await with_message(interaction, already) from None


async def with_message(interaction: Interaction, already: AlreadyMade) -> AlreadyMade:
    """With its message, which another press may be about to post; a private one's is nowhere to go to."""
    if already.message_id is not None:
        return already
    await acknowledge(interaction)
    until = time.monotonic() + PLACED_WITHIN
    while time.monotonic() < until:
        row = await interaction.client.the(Database).run(generations.get, already.generation_id)
        if row is None or row.private:
            break
        if row.message_id is not None:
            return AlreadyMade(
                row.id,
                done=False,
                guild_id=row.guild_id,
                channel_id=row.channel_id,
                message_id=row.message_id,
                by_asker=already.by_asker,
            )
        await asyncio.sleep(_LOOK)
    return already
