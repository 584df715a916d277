"""/jam: a group makes one picture together."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import discord
from discord import app_commands
from discord.ext import commands
from sqlalchemy import Connection

from bot.api.client import OneKeyClient
from bot.background import Work
from bot.cards.caller import caller_of
from bot.environment import Environment
from bot.errors import NotAllowed
from bot.generation.files.result_files import ResultFiles
from bot.generation.ordering.orders import Orders
from bot.generation.work.claims import Claims
from bot.kinds import Kind
from bot.kit.bot import Bot, Interaction
from bot.kit.coalesced_edits import CoalescedEdits
from bot.kit.cog import FeatureCog, Settings
from bot.kit.commands import localised
from bot.kit.own_token import OwnToken
from bot.orders.moderation import Moderation
from bot.store.database import Database
from bot.store.writes import until_committed
from cogs.jam import round_rows, rows
from cogs.jam.buttons import JAM_BUTTONS
from cogs.jam.closing import CLOSING_BUTTONS
from cogs.jam.facts import shown_in
from cogs.jam.merge import IDEA_MOST, STYLE_MOST, THEME_MOST
from cogs.jam.modals import JAM_FORMS
from cogs.jam.new_jam import MINUTES, Asked
from cogs.jam.pressed import give_idea
from cogs.jam.removing import RemoveIdeaMenu
from cogs.jam.rights import may_start
from cogs.jam.scheduler import Scheduler
from cogs.jam.service import Jams
from cogs.jam.starting import open_jam
from cogs.jam.thread.host import JamHost
from cogs.jam.thread.pictures import Gatherer
from cogs.jam.written import WrittenIdeas

_ROUNDS = [
    app_commands.Choice(name=localised("config.round_none"), value=0),
    app_commands.Choice(name=localised("config.round_one"), value=1),
    app_commands.Choice(name=localised("config.round_two"), value=2),
    app_commands.Choice(name=localised("config.round_five"), value=5),
]
"""After how many minutes a round is made by itself."""


@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
class Jam(FeatureCog, commands.GroupCog, group_name="jam", group_description=localised("command.jam")):
    items = (*JAM_BUTTONS, *CLOSING_BUTTONS, RemoveIdeaMenu)
    modals = JAM_FORMS
    orders = Kind.IMAGE
    in_help = ("start", "idea")

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        the = bot.the
        database, orders, environment = the(Database), the(Orders), the(Environment)
        gatherer = Gatherer(database, the(ResultFiles))
        host = bot.keep(JamHost(bot, database, environment, the(CoalescedEdits), the(OwnToken), gatherer))
        moderation, share = the(Moderation), bot.share
        self.scheduler = bot.keep(
            Scheduler(database, the(OneKeyClient), orders, environment, host, share=share, moderation=moderation)
        )
        host.on_lost = self.scheduler.nudge
        self.jams = bot.keep(Jams(database, orders, environment, self.scheduler))
        self.written = WrittenIdeas(bot, self.jams)
        the(Claims).removing.append(rows.end_without)
        the(Claims).going_on.append(rows.wait_again)

    def may_use(self, interaction: Interaction, settings: Settings) -> bool:
        return may_start(caller_of(interaction), settings)

    async def takes(self, message: discord.Message) -> bool:
        return await self.written.takes(message)

    async def hears_in(self) -> Collection[int]:
        return await self.bot.the(Database).run(rows.places)

    def background(self) -> Sequence[Work]:
        return (self.scheduler.run,)

    def on_gained(self, shard_id: int) -> None:
        del shard_id
        self.scheduler.gained()

    async def on_giving(self, shard_id: int) -> None:
        del shard_id
        await self.scheduler.let_go()

    @commands.Cog.listener()
    async def on_guild_channel_update(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        if before.category_id != after.category_id:
            await until_committed(self.bot.the(Database), rows.moved, after.id, after.category_id)

    def on_going_on(self, generation_id: int) -> None:
        del generation_id
        self.scheduler.nudge()

    async def on_removed(self, ids: Sequence[int]) -> None:
        await self.jams.pictures_removed(ids)

    async def on_message_removed(self, message_id: int) -> None:
        await self.jams.message_removed(message_id)

    async def on_forgotten(self, person_id: int) -> None:
        del person_id
        await self.jams.person_forgotten()

    def asker_of(self, connection: Connection, message_id: int) -> int | None:
        jam = rows.of_message(connection, message_id)
        return None if jam is None else jam.started_by

    def shown_by(self, connection: Connection, message_id: int) -> int | None:
        return shown_in(connection, message_id)

    def words_of(self, connection: Connection, message_id: int) -> str | None:
        jam = rows.of_message(connection, message_id)
        return None if jam is None else jam.theme

    def may_vote(self, connection: Connection, generation_id: int, person_id: int) -> bool:
        is_open, has_left = round_rows.ballot(connection, generation_id, person_id) or (True, False)
        if is_open and has_left:
            raise NotAllowed("jam.no_vote")
        return is_open

    @app_commands.command(description=localised("command.jam.start"))
    @app_commands.describe(
        theme=localised("command.jam.theme"),
        minutes=localised("command.jam.minutes"),
        round=localised("command.jam.round"),
        style=localised("command.jam.style"),
    )
    @app_commands.choices(round=_ROUNDS)
    async def start(
        self,
        interaction: Interaction,
        theme: app_commands.Range[str, 1, THEME_MOST],
        minutes: app_commands.Range[int, 5, 180] = MINUTES,
        round: int | None = None,  # noqa: A002 - what the option is called
        style: app_commands.Range[str, 1, STYLE_MOST] | None = None,
    ) -> None:
        await open_jam(interaction, Asked(theme, style, minutes, round))

    @app_commands.command(description=localised("command.jam.idea"))
    @app_commands.describe(idea=localised("command.jam.idea_said"))
    async def idea(self, interaction: Interaction, idea: app_commands.Range[str, 1, IDEA_MOST]) -> None:
        jam = await self.bot.the(Database).run(rows.in_channel, interaction.channel_id or 0)
        if jam is None:
            raise NotAllowed("jam.none_here")
        await give_idea(interaction, jam, idea)
