"""/chat: a thread of its own for a talk with the bot, where who asks may open threads."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import discord
from sqlalchemy import Connection

from bot.cards.caller import caller_of
from bot.errors import NotAllowed
from bot.generation.ordering.orders import Orders
from bot.i18n import text
from bot.kinds import Kind
from bot.kit.bot import Interaction
from bot.kit.responses import acknowledge, answer
from bot.kit.short_cards import note
from bot.kit.threads import TOO_MANY_THREADS
from bot.settings.personas import persona_at
from bot.store import events
from bot.text import one_line, shorten
from cogs.ask.chat_rows import Chat

if TYPE_CHECKING:
    from cogs.ask.chats import Chats

MOST_OPEN: Final = 3
"""Chats of one person in a server that are not archived."""
NAME_LIMIT: Final = 100
"""Characters of a thread's name (Discord)."""
ARCHIVE_MINUTES: Final = 1440


async def open_chat(interaction: Interaction, chats: Chats, *, topic: str | None, persona: str | None) -> None:
    """Open the thread, add who asked, and say how to go on. NotAllowed: they, or the bot, may not open one here."""
    channel, guild = interaction.channel, interaction.guild
    if not isinstance(channel, discord.TextChannel) or guild is None:
        raise NotAllowed("chat.not_here")
    if not _may(interaction.permissions):
        raise NotAllowed("chat.not_yours")
    if not _may(interaction.app_permissions):
        raise NotAllowed("chat.not_mine")
    with chats.opening(interaction.user.id, guild.id) as opening:
        opened = await chats.opened_by(interaction.user.id, guild.id)
        alive = [thread for id_ in opened if (thread := guild.get_thread(id_)) is not None and not thread.archived]
        if len(alive) + opening > MOST_OPEN:
            raise NotAllowed("chat.too_many", count=MOST_OPEN, threads=" ".join(thread.mention for thread in alive))
        await _open(interaction, channel, chats, topic=topic, persona=persona)


async def _open(
    interaction: Interaction, channel: discord.TextChannel, chats: Chats, *, topic: str | None, persona: str | None
) -> None:
    orders, caller = interaction.client.the(Orders), caller_of(interaction)

    def check(connection: Connection) -> tuple[str | None, str]:
        rules = orders.checked(connection, caller, Kind.ASK, topic or "")
        return persona_at(rules, persona).name, str(rules.value("threads"))

    chosen, threads = await orders.run(caller, events.once(caller.event_id, check))
    await acknowledge(interaction, thinking=True, ephemeral=True)
    locale = caller.locale
    name = one_line(topic or "") or text(locale, "chat.name", who=interaction.user.display_name)
    kind = discord.ChannelType.news_thread if channel.is_news() else discord.ChannelType.public_thread
    try:
        thread = await channel.create_thread(
            name=shorten(name, NAME_LIMIT), type=kind, auto_archive_duration=ARCHIVE_MINUTES
        )
    except discord.HTTPException as error:
        if error.code in TOO_MANY_THREADS:
            raise NotAllowed("chat.too_many_threads") from None
        raise
    await chats.open(
        Chat(
            channel_id=thread.id,
            person_id=interaction.user.id,
            guild_id=channel.guild.id,
            persona=chosen if persona else None,
            since=interaction.id,
            several=False,
            opened_at=time.time(),
        )
    )
    await thread.add_user(interaction.user)
    listens = interaction.client.intents.message_content and threads != "mentions"
    key = ("chat.hello" if threads == "alone" else "chat.hello_always") if listens else "chat.hello_mention"
    me = interaction.client.user
    await thread.send(view=note(text(locale, key, me="" if me is None else me.mention)))
    await answer(interaction, note(text(locale, "chat.opened", thread=thread.mention)), ephemeral=True)


def _may(granted: discord.Permissions) -> bool:
    return granted.create_public_threads and granted.send_messages_in_threads
