"""/jobs: pictures and videos, what became of them, and what can be done."""

from __future__ import annotations

from discord import app_commands

from bot.kit.bot import Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.responses import answer
from cogs.jobs.again import EditButton, EditForm, ModelMenu
from cogs.jobs.buttons import CARD_BUTTONS
from cogs.jobs.pages import JobButton, JobsPageButton, Whose, jobs_card

CHOICES = [
    app_commands.Choice(name=localised("command.jobs.mine"), value=Whose.MINE.value),
    app_commands.Choice(name=localised("command.jobs.channel"), value=Whose.CHANNEL.value),
    app_commands.Choice(name=localised("command.jobs.server"), value=Whose.SERVER.value),
]


class Jobs(FeatureCog):
    items = (*CARD_BUTTONS, EditButton, ModelMenu, JobButton, JobsPageButton)
    modals = (EditForm,)

    @app_commands.command(description=localised("command.jobs"))
    @app_commands.describe(whose=localised("command.jobs.whose"))
    @app_commands.choices(whose=CHOICES)
    async def jobs(self, interaction: Interaction, whose: str = Whose.MINE.value) -> None:
        view = await jobs_card(interaction, Whose(whose))
        await answer(interaction, view, ephemeral=True)
