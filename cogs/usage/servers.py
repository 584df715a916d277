"""/usage of a server, for its managers: who and what its credits go to, with a chart. And of all, for the owner."""

from __future__ import annotations

import asyncio
import csv
import io
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.api.client import OneKeyClient
from bot.cards.caller import caller_of
from bot.errors import ApiError, NotAllowed
from bot.generation.orders import Orders
from bot.i18n import locale_of, text
from bot.kinds import Kind
from bot.kit.components import Card
from bot.kit.short_cards import note
from bot.orders import costs
from bot.orders.ledger import DAY_SECONDS, Ceiling
from bot.store.database import Database
from bot.text import escape, one_line, shorten
from cogs.usage import chart as charts
from cogs.usage import rows as usage
from cogs.usage.chart import Chart
from cogs.usage.mine import Left, first_day_of_month, left, pool_lines, spent_line
from cogs.usage.rows import ServerSum, Sum

if TYPE_CHECKING:
    from bot.kit.bot import Interaction

CHART_DAYS = 30
MOST = 10
"""People, models and channels that are named."""
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
    if charged is None and not found.by_day:
        return note(text(locale, "usage.off")), []
    chart = _chart(found.by_day, int(now // DAY_SECONDS))
    picture = await asyncio.to_thread(charts.draw, chart, locale)
    file = discord.File(io.BytesIO(picture), CHART_NAME, description=charts.describe(chart, locale))
    lines = [f"### {text(locale, 'usage.server')}", spent_line(locale, "usage.month", found.month)]
    lines += pool_lines(locale, found.pools)

    def person(id_: int | None) -> str:
        return text(locale, "usage.forgotten") if id_ is None else f"<@{id_}>"

    texts = [
        "\n".join(lines),
        *_named(locale, "usage.people", found.people, person),
        *_named(locale, "usage.models", found.models, lambda model: escape(shorten(str(model), 60))),
        *_named(locale, "usage.channels", found.channels, lambda id_: f"<#{id_}>"),
    ]
    gallery: ui.MediaGallery[Any] = ui.MediaGallery(
        discord.MediaGalleryItem(f"attachment://{CHART_NAME}", description=file.description)
    )
    displays: list[ui.Item[Any]] = [ui.TextDisplay(each) for each in texts]
    return Card(*displays, gallery), [file]


async def of_all_servers(interaction: Interaction) -> tuple[ui.LayoutView, list[discord.File]]:
    """All servers' credits of this month. NotAllowed: it is for the application's owner, or its team."""
    bot = interaction.client
    if not await bot.is_owner(interaction.user):
        raise NotAllowed("usage.not_owner")
    locale = locale_of(interaction.locale)
    found = await bot.the(Database).run(usage.servers, since=first_day_of_month(time.time()))
    total = sum((server.sum for server in found), Sum())
    lines = [f"### {text(locale, 'usage.everywhere')}", spent_line(locale, "usage.month", total)]
    lines += await _balance(bot.the(OneKeyClient), locale)
    names = {server.guild_id: guild.name if (guild := bot.get_guild(server.guild_id)) else "" for server in found}
    for server in found[:SERVERS]:
        name = escape(shorten(one_line(names[server.guild_id]), 60)) or str(server.guild_id)
        lines.append(f"{name} · {text(locale, 'card.credits', count=server.sum.all)}")
    if not found:
        lines.append(text(locale, "usage.none"))
    if len(found) <= SERVERS:
        return note("\n".join(lines)), []
    lines.append(f"-# {text(locale, 'usage.in_file', count=len(found))}")
    display: ui.TextDisplay[Any] = ui.TextDisplay("\n".join(lines))
    table = discord.File(io.BytesIO(_table(found, names)), FILE_NAME)
    return Card(display, ui.File(f"attachment://{FILE_NAME}")), [table]


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


def _named(locale: str, key: str, found: Sequence[tuple[Any, Sum]], name: Callable[[Any], str]) -> list[str]:
    if not found:
        return []
    lines = [f"{name(of)} · {text(locale, 'card.credits', count=total.all)}" for of, total in found]
    return ["\n".join([text(locale, key), *lines])]


def _chart(by_day: Mapping[tuple[int, str], int], today: int) -> Chart:
    days = range(today - CHART_DAYS + 1, today + 1)
    first = datetime(1970, 1, 1, tzinfo=UTC).date()
    return Chart(
        days=[first + timedelta(days=day) for day in days],
        credits={kind: [by_day.get((day, kind.command), 0) for day in days] for kind in Kind},
    )


def _table(found: Sequence[ServerSum], names: Mapping[int, str]) -> bytes:
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(("server", "name", "spent", "reserved", "orders", "people"))
    for one in found:
        # A leading sign would make a spreadsheet take a server's name for a formula.
        name = names[one.guild_id]
        safe = f"'{name}" if name[:1] in {"=", "+", "-", "@", "\t", "\r"} else name
        table.writerow((one.guild_id, safe, one.sum.spent, one.sum.reserved, one.sum.orders, one.people))
    return written.getvalue().encode("utf-8-sig")
