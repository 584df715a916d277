"""What orders really cost, in words, beside their credits."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from bot.api.client import OneKeyClient
from bot.i18n import text
from bot.money import shown
from bot.orders import cost_rows
from bot.orders.money import Money
from bot.periods import DAY_SECONDS
from bot.store.database import Database
from cogs.usage.money_rows import Spent

if TYPE_CHECKING:
    from bot.kit.bot import Bot
    from bot.money import Budget
    from bot.orders.cost_rows import Spending

UNIT_SECONDS: Final = 1.0
"""Discord waits 3 s for the whole answer."""
NOON: Final = DAY_SECONDS // 2


async def symbol(bot: Bot) -> str:
    """What the service's currency is written with, if that can be had in time."""
    book = bot.the(Money).book
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(UNIT_SECONDS):
            await book.refresh(bot.the(OneKeyClient))
    return book.unit.symbol


def cost_lines(locale: str, spent: Spent, symbol_: str) -> list[str]:
    """Of this month. Nothing, where the service tells no costs."""
    if not spent.told:
        return []
    lines = [text(locale, "usage.real_cost", amount=shown(spent.amount, symbol_))]
    if spent.untold > 0:
        lines.append(f"-# {text(locale, 'usage.untold', count=spent.untold)}")
    return lines


def both(
    locale: str,
    key: str,
    credits: Mapping[Any, int],  # noqa: A002 - the word for them
    costs: Mapping[Any, Spent],
    name: Callable[[Any], str],
    *,
    symbol_: str,
    most: int,
    in_order: bool = False,
    uses: bool = False,
) -> list[str]:
    """A heading, and a line for each with its credits and its real cost, as far as there are any; or nothing.

    The most credits first, then the dearest; `in_order`: as the keys are. `uses`: with how many there were, where no
    credits are counted.
    """
    keys: Iterable[Any] = dict.fromkeys(
        [*credits, *(of for of, spent in costs.items() if spent.told or (uses and spent.ended))]
    )
    if in_order:
        keys = sorted(keys, reverse=True)
    lines = [
        " · ".join([name(of), *_amounts(locale, credits.get(of), costs.get(of), symbol_, uses=uses)])
        for of in list(keys)[:most]
    ]
    return ["\n".join([text(locale, key), *lines])] if lines else []


def _amounts(
    locale: str,
    credits: int | None,  # noqa: A002
    spent: Spent | None,
    symbol_: str,
    *,
    uses: bool,
) -> Sequence[str]:
    said = [text(locale, "usage.uses", count=spent.ended)] if uses and spent is not None else list[str]()
    if credits:
        said.append(text(locale, "card.credits", count=credits))
    if spent is not None and spent.told:
        said.append(shown(spent.amount, symbol_))
    return said or [text(locale, "card.credits", count=0)]


def day_name(day: int) -> str:
    """In the reader's own way of writing dates; noon, so that it is that day nearly everywhere."""
    return f"<t:{day * DAY_SECONDS + NOON}:d>"


async def budget_lines(bot: Bot, locale: str, symbol_: str) -> list[str]:
    """How the owner's budget stands."""
    budget = bot.the(Money).budget
    if budget is None:
        return []
    now = time.time()
    spending = await bot.the(Database).run(cost_rows.spending, budget, now=now)
    return [budget_line(locale, budget, spending, symbol_, now)]


def budget_line(locale: str, budget: Budget, spending: Spending, symbol_: str, now: float) -> str:
    line = text(
        locale,
        "usage.budget",
        used=shown(spending.spent, symbol_),
        limit=shown(budget.limit, symbol_),
        when=f"<t:{int(budget.end(budget.start(now)))}:R>",
    )
    if not spending.reserved:
        return line
    return f"{line} · {text(locale, 'usage.reserved', credits=shown(spending.reserved, symbol_))}"
