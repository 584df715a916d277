"""/privacy: what is stored of a person, shown to them and removed for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from discord import app_commands
from discord.ext import commands

from bot.background import Work
from bot.generation.files.result_files import ResultFiles
from bot.kit.bot import Interaction, led
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.responses import answer
from bot.store.database import Database
from cogs.privacy.buttons import DeleteButton, DeleteHereButton, confirmation
from cogs.privacy.file import send_all
from cogs.privacy.forgetting import forget_again
from cogs.privacy.janitor import Janitor


class Privacy(FeatureCog, commands.GroupCog, group_name="privacy", group_description=localised("command.privacy")):
    in_help = ("show", "delete")
    items = (DeleteButton, DeleteHereButton)

    def background(self) -> Sequence[Work]:
        janitor = Janitor(self.bot.the(Database), self.bot.the(ResultFiles))
        return (led(self.bot, partial(forget_again, self.bot)), led(self.bot, janitor.run))

    @app_commands.command(description=localised("command.privacy.show"))
    async def show(self, interaction: Interaction) -> None:
        await send_all(interaction)

    @app_commands.command(description=localised("command.privacy.delete"))
    async def delete(self, interaction: Interaction) -> None:
        await answer(interaction, confirmation(interaction), ephemeral=True)
