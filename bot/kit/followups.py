"""Further messages of an answer, each posted once although its acknowledgement may be lost.

A follow-up knows no nonce, and the library repeats a webhook's POST by itself after every 5xx, which Discord may have
applied: the answer's page would stand twice. So a follow-up is tried once, and looked for before it is tried again
(`bot.kit.own_messages`).
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import aiohttp
import discord
from discord import ui

if TYPE_CHECKING:
    from bot.kit.bot import Interaction
    from bot.kit.token_limits import TokenLimits


async def post(
    interaction: Interaction, view: ui.LayoutView, files: list[discord.File], *, ephemeral: bool, limits: TokenLimits
) -> int:
    """Post a follow-up; return its message's id.

    discord.HTTPException: it was refused. aiohttp.ClientError, TimeoutError or OSError: it may stand all the same.
    """
    # The session decides what the library gets to see: with an error in place of a 5xx it has nothing to repeat.
    async with aiohttp.ClientSession(
        connector=interaction.client.http.connector,
        connector_owner=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        raise_for_status=_raise_for_5xx,
        trace_configs=[limits.trace()],
    ) as session:
        webhook = copy.copy(interaction.followup)
        webhook.session = session
        sent = await webhook.send(view=view, files=files, ephemeral=ephemeral, suppress_embeds=True, wait=True)
        return sent.id


async def _raise_for_5xx(response: aiohttp.ClientResponse) -> None:
    if response.status >= 500:
        response.close()
        raise aiohttp.ClientError(f"HTTP {response.status}")
