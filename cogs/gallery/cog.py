"""/gallery: the pictures made here, in pages, and the family of one of them as a tree. Always private."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.kit.bot import Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.responses import acknowledge, answer
from cogs.gallery.lineage import lineage, suggestions
from cogs.gallery.pages import Period, TurnButton, View, show
from cogs.gallery.rows import Sort

SORTS = [
    app_commands.Choice(name=localised("command.gallery.newest"), value=Sort.NEWEST.value),
    app_commands.Choice(name=localised("command.gallery.voted"), value=Sort.VOTED.value),
]
PERIODS = [
    app_commands.Choice(name=localised("command.gallery.day"), value=Period.DAY.value),
    app_commands.Choice(name=localised("command.gallery.week"), value=Period.WEEK.value),
    app_commands.Choice(name=localised("command.gallery.month"), value=Period.MONTH.value),
    app_commands.Choice(name=localised("command.gallery.all"), value=Period.ALL.value),
]


@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
class Gallery(FeatureCog, commands.GroupCog, group_name="gallery", group_description=localised("command.gallery")):
    in_help = ("show",)
    items = (TurnButton,)

    @app_commands.command(name="show", description=localised("command.gallery.show"))
    @app_commands.describe(
        channel=localised("command.gallery.channel"),
        by=localised("command.gallery.by"),
        sort=localised("command.gallery.sort"),
        period=localised("command.gallery.period"),
    )
    @app_commands.choices(sort=SORTS, period=PERIODS)
    async def show_pages(
        self,
        interaction: Interaction,
        channel: app_commands.AppCommandChannel | app_commands.AppCommandThread | None = None,
        by: discord.User | None = None,
        sort: str = Sort.NEWEST.value,
        period: str = Period.ALL.value,
    ) -> None:
        await acknowledge(interaction, thinking=True, ephemeral=True)
        view = View(
            sort=Sort(sort),
            period=Period(period),
            by=None if by is None else by.id,
            channel=None if channel is None else channel.id,
        )
        await answer(interaction, await show(interaction, view), ephemeral=True)

    @app_commands.command(name="lineage", description=localised("command.gallery.lineage"))
    @app_commands.describe(image=localised("command.gallery.picture"))
    async def show_lineage(self, interaction: Interaction, image: app_commands.Range[str, 1, 200]) -> None:
        await acknowledge(interaction, thinking=True, ephemeral=True)
        view, files = await lineage(interaction, image)
        await answer(interaction, view, ephemeral=True, files=files)

    @show_lineage.autocomplete("image")
    async def pictures(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await suggestions(interaction, typed)
