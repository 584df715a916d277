"""Tells the bot's owner when the budget is used to 50, 75, 90 and 100 %, once each a day, week or month."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, NamedTuple

from bot.background import happens
from bot.i18n import DEFAULT_LOCALE, text
from bot.money import Budget, shown
from bot.orders import cost_rows
from bot.orders.pool_steps import STEPS
from bot.store.failures import StoreUnavailable

if TYPE_CHECKING:
    from bot.kit.bot import Bot
    from bot.kit.owner_alerts import OwnerAlerts
    from bot.orders.cost_rows import Spending
    from bot.orders.money import Money
    from bot.store.database import Database

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
"""Between two looks where nothing of this process wakes it: another may spend, and an alert may be told later."""


class Step(NamedTuple):
    """A share of the budget that was reached: `amount` is so many per cent of it."""

    percent: int
    amount: int


class BudgetAlerts:
    """`run()` for as long as the process lives. Without a budget it does nothing."""

    def __init__(self, bot: Bot, database: Database, alerts: OwnerAlerts, money: Money) -> None:
        self._bot = bot
        self._database = database
        self._alerts = alerts
        self._money = money

    async def run(self) -> None:
        budget = self._money.budget
        if budget is None:
            return
        await self._bot.wait_until_ready()
        spent = self._database.waking(cost_rows.SPENT)
        while True:
            spent.clear()
            try:
                await self.look(budget)
            except StoreUnavailable as error:
                log.warning("alerts of the budget wait for the database: %s", error)
            except Exception:
                log.exception("looking at the budget failed")
            await happens(spent, within=LOOK_SECONDS)

    async def look(self, budget: Budget) -> None:
        now = time.time()
        spending = await self._database.run(cost_rows.spending, budget, now=now)
        step = due(budget, spending)
        if step is None:
            return
        start = budget.start(now)
        symbol = self._money.book.unit.symbol
        facts = {
            "percent": step.percent,
            "used": shown(spending.spent, symbol),
            "limit": shown(budget.limit, symbol),
            "when": f"<t:{int(budget.end(start))}:R>",
        }
        key = "owner.budget_used_up" if step.percent >= STEPS[-1] else "owner.budget_reached"
        if await self._alerts.tell(f"budget {budget} {start} {step.percent}", text(DEFAULT_LOCALE, key, **facts)):
            await self._database.run(cost_rows.note_alerted, budget, amount=step.amount, now=now)


def due(budget: Budget, spending: Spending) -> Step | None:
    """The highest step that was reached and not told. Of what is settled; the last one too when an order was refused.

    Kept as an amount: when the budget is raised, the same share of it is more, and told anew.
    """
    amounts = {-(-step * budget.limit // 100): step for step in STEPS}
    full = spending.refused_at is not None and spending.alerted < budget.limit
    reached = [amount for amount in amounts if spending.alerted < amount and (full or amount <= spending.spent)]
    return Step(amounts[max(reached)], max(reached)) if reached else None
