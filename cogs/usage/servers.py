"""/usage of a server, for its managers: who and what its credits go to, with a chart. And of all, for the owner."""

from __future__ import annotations

import asyncio
import csv
import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.api.client import OneKeyClient
from bot.cards.caller import caller_of
from bot.errors import ApiError, NotAllowed
from bot.generation.ordering.orders import Orders
from bot.i18n import locale_of, text
from bot.kinds import Kind
from bot.kit.components import Card
from bot.kit.short_cards import note
from bot.money import MICRO, shown
from bot.orders import costs
from bot.orders.ledger import Ceiling
from bot.periods import DAY_SECONDS
from bot.store.database import Database
from bot.text import escape, one_line, shorten
from cogs.usage import chart as charts
from cogs.usage import money_rows as money
from cogs.usage import rows as usage
from cogs.usage import total_rows
from cogs.usage.chart import Chart
from cogs.usage.mine import Left, first_day_of_month, left, pool_lines, spent_line
from cogs.usage.money_lines import both, budget_lines, cost_lines, day_name, symbol
from cogs.usage.money_rows import Spent
from cogs.usage.rows import ServerSum, Sum
from cogs.usage.table import safe

if TYPE_CHECKING:
    from bot.kit.bot import Interaction

CHART_DAYS = 30
MOST = 10
"""People, models and channels that are named."""
EACH = 5
"""People, models, channels and days that the owner's answer names."""
DAYS = 7
SERVERS = 20
"""That stand in the answer of the owner; all of them are in its file, where there are more."""
BALANCE_SECONDS = 1.5
"""Discord waits 3 s for the whole answer."""
CHART_NAME, FILE_NAME = "credits-30-days.png", "credits-by-server.csv"


@dataclass(frozen=True, slots=True)
class _Server:
    month: Sum
    pools: Sequence[Left]
    people: Sequence[tuple[Any, Sum]]
    models: Sequence[tuple[Any, Sum]]
    channels: Sequence[tuple[Any, Sum]]
    by_day: Mapping[tuple[int, str], int]
    costs: _Costs


@dataclass(frozen=True, slots=True)
class _Costs:
    """What orders really cost, this month and on the last days."""

    month: Spent
    people: Mapping[Any, Spent]
    models: Mapping[Any, Spent]
    channels: Mapping[Any, Spent]
    days: Mapping[int, Spent]

    @property
    def told(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.month.told) or any(spent.told for spent in self.days.values())


async def of_this_server(interaction: Interaction) -> tuple[ui.LayoutView, list[discord.File]]:
    """The server's credits of this month, and the chart. NotAllowed: it is for who may manage the server."""
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        raise NotAllowed("usage.not_manager")
    the = interaction.client.the
    locale = locale_of(interaction.locale)
    caller = caller_of(interaction)
    now = time.time()
    charged = costs.ceilings(caller, await the(Orders).rules(caller.place), now)
    pools = () if charged is None else charged[0]
    found = await _of_server(the(Database), interaction.guild_id, pools, now)
    has_credits = charged is not None or bool(found.by_day)
    costs_ = found.costs
    if not has_credits and not costs_.month.ended:
        return note(text(locale, "usage.off")), []
    symbol_ = await symbol(interaction.client) if costs_.told else ""
    lines = [f"### {text(locale, 'usage.server')}", *([] if has_credits else [text(locale, "usage.off")])]
    if has_credits:
        lines += [spent_line(locale, "usage.month", found.month), *pool_lines(locale, found.pools)]
    lines += cost_lines(locale, costs_.month, symbol_)
    texts = ["\n".join(lines), *_lists(locale, found, symbol_, today=int(now // DAY_SECONDS))]
    displays: list[ui.Item[Any]] = [ui.TextDisplay(each) for each in texts]
    if not has_credits:
        return Card(*displays), []
    chart = _chart(found.by_day, int(now // DAY_SECONDS))
    picture = await asyncio.to_thread(charts.draw, chart, locale)
    file = discord.File(io.BytesIO(picture), CHART_NAME, description=charts.describe(chart, locale))
    gallery: ui.MediaGallery[Any] = ui.MediaGallery(
        discord.MediaGalleryItem(f"attachment://{CHART_NAME}", description=file.description)
    )
    return Card(*displays, gallery), [file]


def _lists(locale: str, found: _Server, symbol_: str, *, today: int) -> list[str]:
    """By member, model, channel and day, each with its credits and what it really cost."""
    costs_ = found.costs
    of_days: dict[int, int] = {}
    for (day, _), amount in found.by_day.items():
        if day > today - DAYS and costs_.told:
            of_days[day] = of_days.get(day, 0) + amount
    uses = not found.by_day
    shown_ = partial(both, locale, symbol_=symbol_, most=MOST, uses=uses)

    def credits_of(sums: Sequence[tuple[Any, Sum]]) -> dict[Any, int]:
        return {of: total.all for of, total in sums}

    return [
        *shown_("usage.people", credits_of(found.people), costs_.people, partial(_person, locale)),
        *shown_("usage.models", credits_of(found.models), costs_.models, _model),
        *shown_("usage.channels", credits_of(found.channels), costs_.channels, _channel),
        *shown_("usage.days", of_days, costs_.days, day_name, in_order=True),
    ]


def _person(locale: str, id_: int | None) -> str:
    return text(locale, "usage.forgotten") if id_ is None else f"<@{id_}>"


def _model(model: object) -> str:
    return escape(shorten(str(model), 60))


def _channel(id_: int) -> str:
    return f"<#{id_}>"


async def of_all_servers(interaction: Interaction) -> tuple[ui.LayoutView, list[discord.File]]:
    """All servers' credits of this month. NotAllowed: it is for the application's owner, or its team."""
    bot = interaction.client
    if not await bot.is_owner(interaction.user):
        raise NotAllowed("usage.not_owner")
    locale = locale_of(interaction.locale)
    now = time.time()
    month = first_day_of_month(now)
    database = bot.the(Database)
    by_server = await database.run(total_rows.spent, "server", since=month)
    found = _with_costs(await database.run(total_rows.servers, since=month), by_server)
    costs_ = await _costs_everywhere(database, by_server, now)
    symbol_ = await symbol(bot)
    total = sum((server.sum for server in found), Sum())
    lines = [f"### {text(locale, 'usage.everywhere')}", spent_line(locale, "usage.month", total)]
    lines += cost_lines(locale, costs_.month, symbol_)
    lines += await budget_lines(bot, locale, symbol_)
    lines += await _balance(bot.the(OneKeyClient), locale)
    names = {server.guild_id: guild.name if (guild := bot.get_guild(server.guild_id)) else "" for server in found}
    for server in found[:SERVERS]:
        name = escape(shorten(one_line(names[server.guild_id]), 60)) or str(server.guild_id)
        cost = by_server.get(server.guild_id, Spent())
        real = [shown(cost.amount, symbol_)] if cost.told else []
        lines.append(" · ".join([name, text(locale, "card.credits", count=server.sum.all), *real]))
    if (direct := by_server.get(None, Spent())).told:
        lines.append(f"{text(locale, 'usage.direct')} · {shown(direct.amount, symbol_)}")
    if not found:
        lines.append(text(locale, "usage.none"))
    shown_ = partial(both, locale, symbol_=symbol_, most=EACH)
    texts = [
        "\n".join(lines),
        *shown_("usage.people", {}, costs_.people, partial(_person, locale)),
        *shown_("usage.models", {}, costs_.models, _model),
        *shown_("usage.channels", {}, costs_.channels, _channel),
        *shown_("usage.days", {}, costs_.days, day_name, in_order=True),
    ]
    if len(found) <= SERVERS:
        return Card(*(ui.TextDisplay[Any](each) for each in texts)), []
    texts[0] += f"\n-# {text(locale, 'usage.in_file', count=len(found))}"
    table = discord.File(io.BytesIO(_table(found, names, by_server)), FILE_NAME)
    return Card(*(ui.TextDisplay[Any](each) for each in texts), ui.File(f"attachment://{FILE_NAME}")), [table]


def _with_costs(found: Sequence[ServerSum], by_server: Mapping[int | None, Spent]) -> list[ServerSum]:
    """And the servers that use no credits, but cost something."""
    known = {server.guild_id for server in found}
    others = [id_ for id_, spent in by_server.items() if id_ is not None and id_ not in known and spent.told]
    return [*found, *(ServerSum(id_, Sum(), 0) for id_ in others)]


async def _costs(database: Database, guild_id: int, now: float) -> _Costs:
    where = {"guild_id": guild_id}
    month = {**where, "since": first_day_of_month(now)}
    return _Costs(
        month=await database.run(money.total, **month),
        people=await database.run(money.by, "person", **month),
        models=await database.run(money.by, "model", **month),
        channels=await database.run(money.by, "channel", **month),
        days=await database.run(money.by_day, **where, since=int(now // DAY_SECONDS) - DAYS + 1),
    )


async def _costs_everywhere(database: Database, by_server: Mapping[int | None, Spent], now: float) -> _Costs:
    month: dict[str, int] = {"since": first_day_of_month(now), "most": EACH}
    return _Costs(
        month=sum(by_server.values(), Spent()),
        people=await database.run(total_rows.spent, "person", **month),
        models=await database.run(total_rows.spent, "model", **month),
        channels=await database.run(total_rows.spent, "channel", **month),
        days=await database.run(total_rows.spent, "day", since=int(now // DAY_SECONDS) - DAYS + 1),
    )


async def _of_server(database: Database, guild_id: int, pools: Sequence[Ceiling], now: float) -> _Server:
    """One sum a transaction: each takes 0.1 s of the database's time where 100,000 orders were made this month."""
    month: dict[str, int] = {"guild_id": guild_id, "since": first_day_of_month(now)}
    return _Server(
        month=await database.run(usage.of_server, **month),
        pools=[await database.run(left, guild_id, pool) for pool in pools],
        people=await database.run(usage.most, "person", **month, limit=MOST),
        models=await database.run(usage.most, "model", **month, limit=MOST),
        channels=await database.run(usage.most, "channel", **month, limit=MOST),
        by_day=await database.run(usage.by_day, guild_id=guild_id, since=int(now // DAY_SECONDS) - CHART_DAYS + 1),
        costs=await _costs(database, guild_id, now),
    )


async def _balance(api: OneKeyClient, locale: str) -> list[str]:
    """What the service's own account holds, where it tells that in time."""
    try:
        async with asyncio.timeout(BALANCE_SECONDS):
            balance = await api.balance()
    except (ApiError, TimeoutError):
        return []
    if balance is None:
        return []
    if balance.left is None:
        return [text(locale, "usage.no_limit", used=f"{balance.used:,.2f}")]
    return [text(locale, "usage.balance", left=f"{balance.left:,.2f}")]


def _chart(by_day: Mapping[tuple[int, str], int], today: int) -> Chart:
    days = range(today - CHART_DAYS + 1, today + 1)
    first = datetime(1970, 1, 1, tzinfo=UTC).date()
    return Chart(
        days=[first + timedelta(days=day) for day in days],
        credits={kind: [by_day.get((day, kind.command), 0) for day in days] for kind in Kind},
    )


def _table(found: Sequence[ServerSum], names: Mapping[int, str], by_server: Mapping[int | None, Spent]) -> bytes:
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(("server", "name", "spent", "reserved", "orders", "people", "real_cost"))
    for one in found:
        name = safe(names[one.guild_id])
        cost = by_server.get(one.guild_id, Spent())
        real = f"{cost.amount / MICRO:.6f}" if cost.told else ""
        table.writerow((one.guild_id, name, one.sum.spent, one.sum.reserved, one.sum.orders, one.people, real))
    return written.getvalue().encode("utf-8-sig")
