"""The question before a person's data is removed, and the button that does it."""

from __future__ import annotations

import re
from typing import ClassVar, Self

import discord
from discord import ui

from bot.errors import NotAllowed
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kit.bot import Interaction
from bot.kit.cog import features
from bot.kit.components import Card, SafeButton, row
from bot.kit.responses import replace_message
from bot.kit.short_cards import note
from bot.store import deletions
from bot.store.database import Database
from cogs.privacy.forgetting import forget


def confirmation(interaction: Interaction) -> Card:
    """What would be removed and what would not, and the button that does it."""
    locale = locale_of(interaction.locale)
    question = f"{text(locale, 'privacy.question')}\n-# {text(locale, 'privacy.not_covered')}"
    mine = interaction.user.id
    return Card(ui.TextDisplay(question), row(DeleteHereButton(mine, locale=locale), DeleteButton(mine, locale=locale)))


class _Deletes(SafeButton, template=r"(?!)"):
    """A button of the person who was asked; `name` stands in its custom_id, `key` names its label."""

    name: ClassVar[str]
    key: ClassVar[str]

    def __init__(self, person_id: int, *, locale: str = DEFAULT_LOCALE) -> None:
        super().__init__(
            ui.Button(
                label=text(locale, self.key),
                style=discord.ButtonStyle.danger,
                custom_id=f"privacy:{self.name}:{person_id}",
            )
        )
        self.person_id = person_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]))

    async def pressed(self, interaction: Interaction) -> None:
        # Anybody can forge a custom_id: only one's own id does anything.
        if interaction.user.id != self.person_id:
            raise NotAllowed("privacy.not_yours")
        locale = locale_of(interaction.locale)
        await replace_message(interaction, note(text(locale, "privacy.deleting")))
        await replace_message(interaction, note(await self.delete(interaction, locale)))

    async def delete(self, interaction: Interaction, locale: str) -> str:
        """Do so; what is to be said of it."""
        raise NotImplementedError


class DeleteButton(_Deletes, template=r"privacy:delete:(?P<id>\d{1,20})"):
    """Removes all that is stored of the person who was asked, and of nobody else."""

    name, key = "delete", "button.delete_mine"

    async def delete(self, interaction: Interaction, locale: str) -> str:
        count = await forget(interaction.client, interaction.user.id)
        said = text(locale, "privacy.deleted", count=count) if count else text(locale, "privacy.deleted_rest")
        return f"{said}\n-# {text(locale, 'privacy.not_covered')}"


class DeleteHereButton(_Deletes, template=r"privacy:here:(?P<id>\d{1,20})"):
    """Removes what the person who was asked said to the bot in this channel, with the answers."""

    name, key = "here", "button.delete_here"

    async def delete(self, interaction: Interaction, locale: str) -> str:
        mine, here = interaction.user.id, interaction.channel_id or 0
        await interaction.client.the(Database).run(deletions.note, person_id=mine, channel_id=here)
        count = 0
        for feature in features(interaction.client):
            count += await feature.forget_here(mine, here)
        return text(locale, "privacy.deleted_here", count=count) if count else text(locale, "privacy.nothing_here")
