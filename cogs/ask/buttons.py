"""Stop, under an answer that grows; New topic, under one in direct messages."""

from __future__ import annotations

import time

from bot.errors import NotAllowed
from bot.i18n import locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import KeyButton
from bot.kit.responses import answer
from bot.kit.short_cards import note
from cogs.ask.answers import Answers
from cogs.ask.chat_rows import Chat
from cogs.ask.chats import Chats


class StopButton(KeyButton, template=r"ask:(?P<key>\d{1,20}):stop"):
    """Ends an answer, for who asked and for moderators. After a restart it mends the message that was left."""

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.client.the(Answers).stop(interaction, self.key)


class NewTopicButton(KeyButton, template=r"ask:(?P<key>\d{1,20}):topic"):
    """What was said before is not gone on from, in direct messages."""

    async def pressed(self, interaction: Interaction) -> None:
        if interaction.guild_id is not None or interaction.channel_id is None:
            raise NotAllowed("error.gone")
        chat = Chat(
            channel_id=interaction.channel_id,
            person_id=interaction.user.id,
            guild_id=None,
            persona=None,
            since=interaction.id,
            several=False,
            opened_at=time.time(),
        )
        await interaction.client.the(Chats).open(chat)
        await answer(interaction, note(text(locale_of(interaction.locale), "ask.new_topic")))
