"""Stop, under an answer that grows."""

from __future__ import annotations

from bot.kit.bot import Interaction
from bot.kit.components import KeyButton
from cogs.ask.answers import Answers


class StopButton(KeyButton, template=r"ask:(?P<key>\d{1,20}):stop"):
    """Ends an answer, for who asked and for moderators. After a restart it mends the message that was left."""

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.client.the(Answers).stop(interaction, self.key)
