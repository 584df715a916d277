"""The menus of /settings: what is chosen holds at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self, cast

from discord import ui

from bot.errors import NotAllowed
from bot.i18n import locale_of
from bot.kit.components import SafeSelect
from bot.kit.own_choices import Choices
from bot.kit.responses import replace_message
from cogs.settings.cards import AUTO, OPTIONS, overview

if TYPE_CHECKING:
    from bot.kit.bot import Interaction
    from bot.store.own_choices import Choice


class ChoiceMenu(SafeSelect[ui.Select[Any]], template=r"own:(?P<choice>language|private|notify)"):
    """One choice of whoever presses."""

    def __init__(self, choice: Choice) -> None:
        super().__init__(ui.Select(custom_id=f"own:{choice}"))
        self.choice: Choice = choice

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        # The template lets nothing else through.
        return cls(cast("Choice", match["choice"]))

    async def pressed(self, interaction: Interaction) -> None:
        chosen = self.chosen(interaction)
        if len(chosen) != 1 or chosen[0] not in OPTIONS[self.choice]:
            raise NotAllowed("error.gone")
        value: object = chosen[0]
        if self.choice == "private":
            value = chosen[0] == "on"
        elif chosen[0] == AUTO:
            value = None
        choices = interaction.client.the(Choices)
        now = await choices.choose(interaction.user.id, self.choice, value)
        choices.speak(interaction)
        await replace_message(interaction, overview(locale_of(interaction.locale), now))
