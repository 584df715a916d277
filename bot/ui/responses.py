"""The first answer to an interaction, made sure of: a broken connection or a repeated try may have posted it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import aiohttp
import discord
from discord import ui

if TYPE_CHECKING:
    from bot.ui.typing import Bot, Interaction

ALREADY_ACKNOWLEDGED = 40060
"""Discord's answer to a second callback: the library's own repetition after a 5xx that had been applied."""


async def answer(interaction: Interaction, view: ui.LayoutView, *, ephemeral: bool = False) -> int:
    """Post the answer; return its message's id. Raises what Discord said when nothing was posted."""
    return await _surely(interaction, lambda: interaction.response.send_message(view=view, ephemeral=ephemeral))


async def replace_message(interaction: Interaction, view: ui.LayoutView) -> int:
    """Turn the pressed message into `view`, without attachments; return its id."""
    return await _surely(interaction, lambda: interaction.response.edit_message(view=view, attachments=[]))


async def _surely(
    interaction: Interaction, send: Callable[[], Awaitable[discord.InteractionCallbackResponse[Bot] | None]]
) -> int:
    try:
        callback = await send()
    except (KeyError, TypeError):
        # Posted, and answered without the body that the library asked for and reads: the message can be asked for.
        return (await interaction.original_response()).id
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError) as error:
        if isinstance(error, discord.HTTPException) and error.status < 500 and error.code != ALREADY_ACKNOWLEDGED:
            raise
        try:
            return (await interaction.original_response()).id
        except (discord.HTTPException, discord.ClientException, aiohttp.ClientError, TimeoutError, OSError):
            raise error from None
    if callback is not None and callback.message_id is not None:
        return callback.message_id
    return (await interaction.original_response()).id
