"""What moderators are to know of what they set: it holds, and may do more than they meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import discord

from bot.i18n import listed, text
from bot.kinds import Kind
from bot.settings import MODEL_SETTING, SETTINGS, Origin
from bot.settings.credits import DEFAULT_PRICES, allowance_of, ceiling_of, price_of, roles_of
from bot.text import escape
from cogs.config import changes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bot.kinds import Kind
    from bot.kit.audience import Reader
    from bot.kit.bot import Interaction
    from bot.settings.changes import Changed
    from cogs.config.changes import Look

READERS_SHOWN = 4
SPENT_KEYS = ("daily_credits", "server_pool", "channel_pool")
_JAMS_PAID_BY = frozenset({"jam_paid_by", "server_pool", "channel_pool"})
"""The settings that decide who pays for a jam."""


async def of_lines(interaction: Interaction, locale: str, lines: Sequence[Changed]) -> list[str]:
    """Of changes that were taken back or taken in."""
    said = warnings(locale, await changes.not_covered(interaction, lines))
    for channel_id, readers in changes.open_logs(interaction, lines).items():
        said.append(f"-# {open_log(locale, channel_id, readers)}")
    now = {line.key for line in lines if line.after is not None}
    if now:
        look = await changes.look_at(interaction)
        said += [line for key in SETTINGS if key in now for line in of_setting(locale, look, key)]
        if now & changes.SEARCHED and (model := await changes.no_search(interaction, look)):
            said.append(f"-# {text(locale, 'config.no_search', model=escape(model))}")
    return list(dict.fromkeys(said))


def of_setting(locale: str, look: Look, key: str) -> list[str]:
    """Of one that was set or reset, as it now holds."""
    if key == "moderation" and look.moderates is False and look.rules.value(key) != "off":
        return [f"-# {text(locale, 'config.no_moderation')}"]
    if key not in _JAMS_PAID_BY | set(SPENT_KEYS):
        return []
    no_pool = look.rules.value("jam_paid_by") == "pool" and not (
        look.rules.value("server_pool") or look.rules.value("channel_pool")
    )
    said = [f"-# {text(locale, 'config.no_pool')}"] if key in _JAMS_PAID_BY and no_pool else []
    return said + (_affords(locale, look, key) if key in SPENT_KEYS else [])


def warnings(locale: str, not_covered: Mapping[Kind, str]) -> list[str]:
    """A line for each command whose model in use is not among the allowed ones."""
    return [
        f"-# {text(locale, 'config.not_covered', command=f'/{kind.command}', model=escape(model))}"
        for kind, model in not_covered.items()
    ]


def open_log(locale: str, channel_id: int, readers: Sequence[Reader]) -> str:
    """Who reads a log channel beside moderators, and what they read there."""
    named = [_named(locale, one) for one in readers[:READERS_SHOWN]]
    more = len(readers) - READERS_SHOWN
    who = listed(locale, named) + (f" +{more}" if more > 0 else "")
    return text(locale, "config.open_log", who=who, channel=f"<#{channel_id}>")


def _named(locale: str, reader: Reader) -> str:
    if isinstance(reader, discord.Role):
        return text(locale, "config.everyone_here") if reader.is_default() else reader.mention
    return f"<@{reader.id}>"


def _affords(locale: str, look: Look, key: str) -> list[str]:
    """Where nobody set prices: that there are some now, and how many orders what was set is enough for."""
    value = look.rules.value(key)
    if value is None or look.rules.effective["prices"].origin is not Origin.DEFAULT:
        return []
    amount = _most(cast("Sequence[str]", value)) if key == "daily_credits" else ceiling_of(str(value)).credits
    if not amount:
        return []  # nobody can order anything, whatever it costs
    usual = listed(locale, [f"/{entry.replace('=', ' ')}" for entry in DEFAULT_PRICES])
    said = [f"-# {text(locale, 'config.usual_prices', prices=usual)}"]
    on: Collection[Kind] = [kind for kind in Kind if kind.command in look.rules.value("commands")]
    each = {kind: price_of((), kind, str(look.rules.value(MODEL_SETTING[kind]))).of() for kind in on}
    uses = [
        text(locale, "config.uses", count=f"{amount // cost:,}", command=f"/{kind.command}")
        for kind, cost in each.items()
        if cost and amount >= cost
    ]
    if uses:
        credits = text(locale, "card.credits", count=amount)  # noqa: A001 - the word for them
        said.append(f"-# {text(locale, 'config.affords', credits=credits, uses=text(locale, 'config.or').join(uses))}")
    return said


def _most(entries: Sequence[str]) -> int:
    """Everybody's share, or where they have none the largest of a role."""
    return allowance_of(entries, ()) or allowance_of(entries, roles_of(entries))
