"""/jobs: pictures and videos, what became of them, and what can be done."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.environment import Environment
from bot.errors import BadValue
from bot.generation.ordering.orders import Orders
from bot.kit.bot import Bot, Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.periods import PERIODS, Period
from bot.kit.responses import answer
from bot.store.database import Database
from cogs.jobs.again import EditButton, EditForm, ModelMenu, SizeButton
from cogs.jobs.buttons import CARD_BUTTONS
from cogs.jobs.pages import JobButton, JobsPageButton, Search, Whose, jobs_card
from cogs.jobs.redelivery import Redelivery

CHOICES = [
    app_commands.Choice(name=localised("command.jobs.mine"), value=Whose.MINE.value),
    app_commands.Choice(name=localised("command.jobs.channel"), value=Whose.CHANNEL.value),
    app_commands.Choice(name=localised("command.jobs.server"), value=Whose.SERVER.value),
]


class Jobs(FeatureCog):
    items = (*CARD_BUTTONS, EditButton, ModelMenu, SizeButton, JobButton, JobsPageButton)
    modals = (EditForm,)

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        bot.keep(Redelivery(bot.the(Database), bot.the(Orders), bot.the(Environment).data_dir))

    @app_commands.command(description=localised("command.jobs"))
    @app_commands.describe(
        whose=localised("command.jobs.whose"),
        by=localised("command.jobs.by"),
        period=localised("command.gallery.period"),
    )
    @app_commands.choices(whose=CHOICES, period=PERIODS)
    async def jobs(
        self,
        interaction: Interaction,
        whose: str | None = None,
        by: discord.User | None = None,
        period: str | None = None,
    ) -> None:
        others = by is not None and by != interaction.user
        chosen = Whose(whose) if whose is not None else Whose.CHANNEL if others else Whose.MINE
        if others and chosen is Whose.MINE:
            raise BadValue("jobs.mine_by")
        person = None if by is None or chosen is Whose.MINE else by.id
        search = Search(chosen, person, None if period is None else Period(period))
        view = await jobs_card(interaction, search)
        await answer(interaction, view, ephemeral=True)
