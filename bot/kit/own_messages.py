"""Finding a message of the bot's own whose id is not known: the acknowledgement was lost, or the process ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from bot.kit.bot import Bot

LOOK_THROUGH = 100
"""Messages among which it is looked for."""


def is_own(bot: Bot, message: discord.Message) -> bool:
    return bot.user is not None and message.author.id == bot.user.id


async def own_messages(
    bot: Bot, channel_id: int, is_it: Callable[[discord.Message], bool], *, after: int | None = None
) -> list[int]:
    """The ids of those among a channel's newest messages, newest first, or of the first `after` a message, in order.

    With the bot's own token, so only where it may read; ephemeral ones are never seen. PASSING: Discord did not tell.
    NotFound, Forbidden: there is no such channel for the bot.
    """
    channel = bot.get_partial_messageable(channel_id)
    since = None if after is None else discord.Object(after)
    found = channel.history(limit=LOOK_THROUGH, after=since)
    return [message.id async for message in found if is_own(bot, message) and is_it(message)]


async def own_message(bot: Bot, channel_id: int, is_it: Callable[[discord.Message], bool]) -> int | None:
    """The newest one. None: there is none, or it can't be seen."""
    try:
        return next(iter(await own_messages(bot, channel_id, is_it)), None)
    except (discord.NotFound, discord.Forbidden):
        return None


def answers(interaction_id: int) -> Callable[[discord.Message], bool]:
    """Whether a message is of the answer to this interaction: the first, or a follow-up."""

    def is_it(message: discord.Message) -> bool:
        made_by = message.interaction_metadata
        return made_by is not None and made_by.id == interaction_id

    return is_it
