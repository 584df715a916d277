"""Stop pinging me, under what the bot mentions somebody in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from bot.cards.notices import STOP
from bot.i18n import locale_of, text
from bot.kit.components import SafeButton, button
from bot.kit.own_choices import Choices
from bot.kit.responses import tell

if TYPE_CHECKING:
    from bot.kit.bot import Interaction


class StopButton(SafeButton, template=re.escape(STOP)):
    """Chooses, as in /settings, that whoever presses is not mentioned any more."""

    def __init__(self) -> None:
        super().__init__(button("–", STOP))

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        del match
        return cls()

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.client.the(Choices).choose(interaction.user.id, "notify", "never")
        await tell(interaction, text(locale_of(interaction.locale), "notice.stopped"))
