"""What people write in a jam: an idea, and another prompt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import discord
from discord import ui

from bot.i18n import DEFAULT_LOCALE, text
from bot.jam.merge import IDEA_MOST
from bot.jam.merge import MOST as PROMPT_MOST
from bot.ui.callers import caller_of
from bot.ui.components import SafeForm
from bot.ui.jam.reading import acknowledged, jam_here
from bot.ui.typing import Interaction


class IdeaForm(SafeForm):
    """One idea for the round under way."""

    template: ClassVar[re.Pattern[str]] = re.compile(r"jam:(?P<id>\d{1,80}):idea")

    def __init__(self, jam_id: int, *, locale: str = DEFAULT_LOCALE) -> None:
        super().__init__(title=text(locale, "button.jam_add"), custom_id=f"jam:{jam_id}:idea")
        entry: ui.TextInput[Any] = ui.TextInput(
            custom_id="idea", style=discord.TextStyle.paragraph, max_length=IDEA_MOST
        )
        self.add_item(
            ui.Label(
                text=text(locale, "jam.form_idea"), description=text(locale, "jam.form_idea_help"), component=entry
            )
        )
        self.jam_id = jam_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]))

    async def submitted(self, interaction: Interaction, values: Mapping[str, str]) -> None:
        jam = await jam_here(interaction, self.jam_id)
        await acknowledged(interaction)
        await interaction.client.resources.jams.add_idea(
            caller_of(interaction, private=False), jam.id, values.get("idea", "")
        )


class EditForm(SafeForm):
    """The merged prompt, to be changed before it is spent."""

    template: ClassVar[re.Pattern[str]] = re.compile(r"jam:(?P<id>\d{1,80}):prompt")

    def __init__(self, jam_id: int, *, prompt: str = "", locale: str = DEFAULT_LOCALE) -> None:
        super().__init__(title=text(locale, "button.jam_edit"), custom_id=f"jam:{jam_id}:prompt")
        entry: ui.TextInput[Any] = ui.TextInput(
            custom_id="prompt",
            style=discord.TextStyle.paragraph,
            default=prompt[:PROMPT_MOST] or None,
            max_length=PROMPT_MOST,
        )
        self.add_item(
            ui.Label(
                text=text(locale, "jam.form_prompt"), description=text(locale, "jam.form_prompt_help"), component=entry
            )
        )
        self.jam_id = jam_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]))

    async def submitted(self, interaction: Interaction, values: Mapping[str, str]) -> None:
        jam = await jam_here(interaction, self.jam_id)
        await acknowledged(interaction)
        await interaction.client.resources.jams.edit(
            caller_of(interaction, private=False), jam.id, values.get("prompt", "")
        )


JAM_FORMS: tuple[type[SafeForm], ...] = (IdeaForm, EditForm)
