"""Replies, as far as Discord lets the bot reply: without Read Message History a message stands by itself.

https://discord.com/developers/docs/resources/message#create-message-limitations
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import discord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord import ui

    from bot.kit.bot import Bot

NO_HISTORY: Final = 160002
"""Discord's answer to a reply where the bot may not read what was written before."""


async def send_reply(
    place: discord.abc.Messageable,
    to: discord.MessageReference | None,
    view: ui.LayoutView,
    *,
    files: Sequence[discord.File] = (),
    **options: Any,  # noqa: ANN401 - the library's own
) -> discord.Message:
    """Post `view` as a reply that pings nobody, or by itself where no reply is allowed. No link unfurls.
    Raises what Discord says.
    """
    send: Any = place.send  # its overloads know no None
    said = {"view": view, "files": list(files), "suppress_embeds": True, **options}
    try:
        return await send(reference=to, mention_author=False, **said)
    except discord.HTTPException as error:
        if error.code != NO_HISTORY:
            raise
    for file in files:
        file.reset()
    return await send(**said)


def may_reply(bot: Bot, channel_id: int, guild_id: int | None) -> bool:
    """As far as is known; outside servers the bot reads all that was written to it."""
    guild = None if guild_id is None else bot.get_guild(guild_id)
    channel = None if guild is None else guild.get_channel_or_thread(channel_id)
    if guild is None or channel is None:
        return True
    with suppress(discord.ClientException):  # a thread whose channel is gone
        return channel.permissions_for(guild.me).read_message_history
    return True


def reply_to(message_id: int, channel_id: int, guild_id: int | None = None) -> discord.MessageReference:
    """To a message that may be gone by now: then it is none."""
    return discord.MessageReference(
        message_id=message_id, channel_id=channel_id, guild_id=guild_id, fail_if_not_exists=False
    )
