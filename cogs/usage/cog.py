"""/usage: credits, one's own, a server's for its managers, all servers' for the bot's owner. Always private."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from discord import app_commands

from bot.api.client import OneKeyClient
from bot.background import Work
from bot.environment import Environment
from bot.kit.bot import Bot, Interaction, led
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.own_token import OwnToken
from bot.kit.owner_alerts import OwnerAlerts
from bot.kit.posting import Posting
from bot.kit.responses import acknowledge, answer
from bot.orders.money import Money
from bot.store.database import Database
from cogs.usage.budget_alerts import BudgetAlerts
from cogs.usage.low_balance import BalanceWatch
from cogs.usage.mine import mine
from cogs.usage.pool_alerts import PoolAlerts
from cogs.usage.servers import of_all_servers, of_this_server
from cogs.usage.table import send_table
from cogs.usage.totals import keep

CHOICES = [
    app_commands.Choice(name=localised("command.usage.mine"), value="mine"),
    app_commands.Choice(name=localised("command.usage.server"), value="server"),
    app_commands.Choice(name=localised("command.usage.table"), value="table"),
    app_commands.Choice(name=localised("command.usage.everywhere"), value="everywhere"),
]


class Usage(FeatureCog):
    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        the = bot.the
        database, threshold = the(Database), the(Environment).low_balance
        self.pool_alerts = PoolAlerts(bot, database, Posting(bot, the(OwnToken)))
        self.budget = BudgetAlerts(bot, database, the(OwnerAlerts), the(Money))
        self.balance = BalanceWatch(the(OneKeyClient), database, the(OwnerAlerts), threshold)

    def background(self) -> Sequence[Work]:
        totals = partial(keep, self.bot.the(Database))
        once = (self.balance.run, self.budget.run, totals)
        return (self.pool_alerts.run, *(led(self.bot, work) for work in once))

    @app_commands.command(description=localised("command.usage"))
    @app_commands.describe(whose=localised("command.usage.whose"))
    @app_commands.choices(whose=CHOICES)
    async def usage(self, interaction: Interaction, whose: str = "mine") -> None:
        match whose:
            case "server" | "everywhere":
                # A chart is drawn in another process, which a busy machine may keep waiting.
                await acknowledge(interaction, thinking=True, ephemeral=True)
                view, files = await (of_this_server if whose == "server" else of_all_servers)(interaction)
                await answer(interaction, view, ephemeral=True, files=files)
            case "table":
                await send_table(interaction)
            case _:
                await answer(interaction, await mine(interaction), ephemeral=True)
