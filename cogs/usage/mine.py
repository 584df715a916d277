"""/usage: what one spent; what is left of one's share, of what one was granted, of the pools, of limits by count."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from discord import ui

from bot.cards.caller import caller_of
from bot.environment import Environment
from bot.generation.ordering.orders import Orders
from bot.i18n import locale_of, text
from bot.kinds import Kind
from bot.kit.components import Card
from bot.kit.short_cards import note
from bot.orders import costs, ledger
from bot.orders import daily_rows as daily
from bot.orders.daily_limits import FORGIVEN_A_DAY
from bot.orders.ledger import Ceiling
from bot.orders.limits import left_of
from bot.periods import DAY_SECONDS, first_day, period_end, period_start
from bot.store.database import Database
from cogs.usage import money_rows as money
from cogs.usage import rows as usage
from cogs.usage.limits import is_limited, limit_lines, place_lines
from cogs.usage.money_lines import cost_lines, symbol
from cogs.usage.rows import Sum

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.kit.bot import Interaction
    from bot.orders.callers import Caller

_SHARE = ("usage.share", "usage.share_full", "usage.share_none")
_POOLS = {
    "server": ("usage.pool_server", "usage.pool_server_full", "usage.pool_server_none"),
    "channel": ("usage.pool_channel", "usage.pool_channel_full", "usage.pool_channel_none"),
}
"""Where some of it is used, where all of it is left, and where there is none."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a ceiling still allows, in credits."""

    ceiling: Ceiling
    credits: int


@dataclass(frozen=True, slots=True)
class _Mine:
    """`today` and `month`: by command."""

    today: Mapping[str, Sum]
    month: Mapping[str, Sum]
    pools: Sequence[Left]
    share: Left | None
    granted: int


async def mine(interaction: Interaction) -> ui.LayoutView:
    """One's own credits where one is, and what is left of the daily limits."""
    the = interaction.client.the
    locale = locale_of(interaction.locale)
    caller = caller_of(interaction)
    now = time.time()
    rules = await the(Orders).rules(caller.place)
    charged = costs.ceilings(caller, rules, now)
    day = int(now // DAY_SECONDS)
    used = await the(Database).run(daily.of_day, person_id=caller.person_id, day=day)
    here = await the(Database).run(left_of, rules, caller.place, caller.person_id, caller.roles, now)
    limits = limit_lines(locale, the(Environment), used, day)
    whose: tuple[int | None, int] = (caller.place.guild_id, caller.person_id)
    spent = await the(Database).run(money.of_person, *whose, since=first_day_of_month(now))
    cost = cost_lines(locale, spent, await symbol(interaction.client)) if spent.told else []
    if charged is None:
        # Where there is no server there is none that could have credits.
        off = [] if caller.place.guild_id is None else [text(locale, "usage.off")]
        return note("\n".join([*off, *cost, *place_lines(locale, here), *limits]))
    found = await the(Database).run(_mine, caller, *charged, now)
    lines = [
        f"### {text(locale, 'usage.mine')}",
        *_spent(locale, "usage.today", found.today),
        *_spent(locale, "usage.month", found.month),
    ]
    if found.share is not None:
        lines.append(left_line(locale, _SHARE, found.share))
    if found.granted:
        lines.append(text(locale, "usage.granted", credits=text(locale, "card.credits", count=found.granted)))
    lines += [*pool_lines(locale, found.pools), *cost]
    if refunded := used.get("perhaps_made"):
        lines.append(f"-# {text(locale, 'usage.refunded', count=refunded, most=FORGIVEN_A_DAY)}")
    lines += place_lines(locale, here)
    if is_limited(the(Environment)):
        lines += limits
    shown: ui.TextDisplay[Any] = ui.TextDisplay("\n".join(lines))
    return Card(shown)


def first_day_of_month(now: float) -> int:
    """The number of the day (from 1970-01-01 UTC) that the month of `now` (Unix seconds) began with."""
    return first_day("month", period_start("month", now))


def left(connection: Connection, guild_id: int, ceiling: Ceiling) -> Left:
    used = ledger.balance(connection, guild_id=guild_id, account=ceiling.account).used
    return Left(ceiling, max(0, ceiling.limit - used))


def pool_lines(locale: str, pools: Sequence[Left]) -> list[str]:
    return [left_line(locale, _POOLS[pool.ceiling.account.kind], pool) for pool in pools]


def left_line(locale: str, keys: tuple[str, str, str], one: Left) -> str:
    """`keys`: of the lines where some of it is used, where all of it is left, and where there never is any."""
    account, limit = one.ceiling.account, one.ceiling.limit
    used, full, none = keys
    if not limit:
        return text(locale, none)
    if one.credits == limit:
        return text(locale, full, left=one.credits, limit=limit)
    full_at = period_end(account.period, account.starts) or 0
    return text(locale, used, left=one.credits, limit=limit, when=f"<t:{int(full_at)}:R>")


def spent_line(locale: str, key: str, total: Sum) -> str:
    """What was spent, and what is reserved, if anything is."""
    line = text(locale, key, credits=text(locale, "card.credits", count=total.spent))
    if not total.reserved:
        return line
    reserved = text(locale, "card.credits", count=total.reserved)
    return f"{line} · {text(locale, 'usage.reserved', credits=reserved)}"


def _mine(
    connection: Connection, caller: Caller, pools: tuple[Ceiling, ...], share: Ceiling | None, now: float
) -> _Mine:
    whose = {"guild_id": caller.place.guild_id or 0, "person_id": caller.person_id}
    guild_id = whose["guild_id"]
    return _Mine(
        today=usage.of_person(connection, **whose, since=int(now // DAY_SECONDS)),
        month=usage.of_person(connection, **whose, since=first_day_of_month(now)),
        pools=[left(connection, guild_id, pool) for pool in pools],
        share=None if share is None else left(connection, guild_id, share),
        granted=ledger.granted_left(connection, guild_id=guild_id, person_id=caller.person_id),
    )


def _spent(locale: str, key: str, by_kind: Mapping[str, Sum]) -> list[str]:
    lines = [spent_line(locale, key, sum(by_kind.values(), Sum()))]
    parts = [f"/{kind.command} {by_kind[kind.command].all}" for kind in Kind if kind.command in by_kind]
    return [*lines, f"-# {' · '.join(parts)}"] if parts else lines
