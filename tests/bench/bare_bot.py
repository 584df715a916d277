"""The yardstick: the slash bot one writes in an evening. The same API streamed, an edit a second, no database."""

from __future__ import annotations

import os
import time
from typing import Any, cast

import aiohttp
import discord
import orjson
from discord import app_commands
from discord.http import Route


class BareBot(discord.AutoShardedClient):  # the plain client asks nobody where the gateway is
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree[BareBot](self)
        self.session: aiohttp.ClientSession

    async def setup_hook(self) -> None:
        self.session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {os.environ['ONEKEY_API_KEY']}"})
        self.tree.add_command(cast("app_commands.Command[Any, Any, Any]", ask))
        await self.tree.sync()

    async def close(self) -> None:
        await self.session.close()
        await super().close()


@app_commands.command(description="Ask the model")
async def ask(interaction: discord.Interaction[BareBot], prompt: str) -> None:
    await interaction.response.defer()
    text, edited_at = "", 0.0
    choices: list[dict[str, Any]]
    body = {"model": "deepseek-chat", "stream": True, "messages": [{"role": "user", "content": prompt}]}
    url = f"{os.environ['ONEKEY_BASE_URL']}/chat/completions"
    async with interaction.client.session.post(url, json=body) as response:
        async for line in response.content:
            choices = orjson.loads(line[6:])["choices"] if line.startswith(b"data: {") else []
            text += (choices[0]["delta"].get("content") or "") if choices else ""
            if text and time.monotonic() - edited_at >= 1:
                edited_at = time.monotonic()
                await interaction.edit_original_response(content=text)
    await interaction.edit_original_response(content=text)


if __name__ == "__main__":
    Route.BASE = os.environ["DISCORD_API_URL"]
    BareBot().run(os.environ["DISCORD_TOKEN"], log_handler=None)
