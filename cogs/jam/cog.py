"""/jam: a group makes one picture together."""

from __future__ import annotations

from collections.abc import Sequence

from discord import app_commands
from discord.ext import commands
from sqlalchemy import Connection

from bot.api.client import OneKeyClient
from bot.background import Work
from bot.cards.caller import caller_of
from bot.environment import Environment
from bot.generation.claims import Claims
from bot.generation.orders import Orders
from bot.generation.result_files import ResultFiles
from bot.kinds import Kind
from bot.kit.bot import Bot, Interaction
from bot.kit.coalesced_edits import CoalescedEdits
from bot.kit.cog import FeatureCog, Settings
from bot.kit.commands import localised
from bot.kit.own_token import OwnToken
from bot.store.database import Database
from cogs.jam import rows
from cogs.jam.buttons import JAM_BUTTONS
from cogs.jam.facts import shown_at_the_end
from cogs.jam.merge import STYLE_MOST, THEME_MOST
from cogs.jam.modals import JAM_FORMS
from cogs.jam.rights import may_start
from cogs.jam.scheduler import Scheduler
from cogs.jam.service import Jams
from cogs.jam.starting import open_jam
from cogs.jam.thread.host import JamHost
from cogs.jam.thread.pictures import Gatherer

MINUTES = 30
"""How long a jam goes on where nobody says otherwise."""


@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
class Jam(FeatureCog, commands.GroupCog, group_name="jam", group_description=localised("command.jam")):
    items = JAM_BUTTONS
    modals = JAM_FORMS
    orders = Kind.IMAGE
    in_help = ("start",)

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        the = bot.the
        database, orders, environment = the(Database), the(Orders), the(Environment)
        gatherer = Gatherer(database, the(ResultFiles))
        host = bot.keep(JamHost(bot, database, environment, the(CoalescedEdits), the(OwnToken), gatherer))
        self.scheduler = bot.keep(Scheduler(database, the(OneKeyClient), orders, environment, host))
        host.on_lost = self.scheduler.nudge
        self.jams = bot.keep(Jams(database, orders, environment, self.scheduler))
        the(Claims).removing.append(rows.end_without)
        the(Claims).going_on.append(rows.wait_again)

    def may_use(self, interaction: Interaction, settings: Settings) -> bool:
        return may_start(caller_of(interaction), settings)

    def background(self) -> Sequence[Work]:
        return (self.scheduler.run,)

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
        return shown_at_the_end(connection, message_id)

    def words_of(self, connection: Connection, message_id: int) -> str | None:
        jam = rows.of_message(connection, message_id)
        return None if jam is None else jam.theme

    def may_vote(self, connection: Connection, generation_id: int) -> bool:
        return not rows.rounds_with(connection, [generation_id]) or rows.voting_open(connection, generation_id)

    @app_commands.command(description=localised("command.jam.start"))
    @app_commands.describe(
        theme=localised("command.jam.theme"),
        minutes=localised("command.jam.minutes"),
        style=localised("command.jam.style"),
    )
    async def start(
        self,
        interaction: Interaction,
        theme: app_commands.Range[str, 1, THEME_MOST],
        minutes: app_commands.Range[int, 5, 180] = MINUTES,
        style: app_commands.Range[str, 1, STYLE_MOST] | None = None,
    ) -> None:
        await open_jam(interaction, theme=theme, style=style, minutes=minutes)
