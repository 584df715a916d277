"""What the tests of the gallery share: delivered pictures, and channels that not everybody sees."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sandbox.discord.permissions import Permission
from tests.e2e import picturing
from tests.e2e.picturing import PATIENCE

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Guild, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage


async def painted(who: Person, where: Channel, prompt: str, *, count: int = 1) -> Message:
    """The card of a finished /imagine, once the row says so, too."""
    card = await picturing.painted(who, where, prompt, count=count)
    async with asyncio.timeout(PATIENCE):
        while True:
            newest = (await (await who.command(where, "jobs")).message()).text.split("\n")[2]
            if " · delivered · " in newest or " · 已发送 · " in newest:
                return card


def guild_of(stage: Stage, channel: Channel) -> Guild:
    guild = stage.world.guild_of(channel)
    assert guild is not None
    return guild


def hidden(stage: Stage, channel: Channel, name: str, *readers: Person, deny: int = Permission.VIEW_CHANNEL) -> Channel:
    """A channel that only the bot and `readers` see (or read back, by `deny`)."""
    guild = guild_of(stage, channel)
    made = stage.world.text_channel(guild, name)
    for target in (stage.world.application.bot, *(reader.user for reader in readers)):
        stage.world.overwrite(made, target, allow=deny)
    stage.world.overwrite(made, guild.roles[guild.id], deny=deny)
    return made
