"""What moderators are to know of what they set: it holds, and may do more than they meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import discord

from bot.api.models import is_of_another, is_of_images, is_of_words
from bot.api.rungs import tier_of
from bot.i18n import listed, text
from bot.kinds import Kind
from bot.orders.costs import has_credits, has_pool
from bot.settings import MODEL_SETTING, SETTINGS, Origin
from bot.settings.credits import (
    DEFAULT_PRICES,
    PER_SECOND,
    PER_TOKENS,
    USUAL_SECONDS,
    Price,
    allowance_of,
    ceiling_of,
    price_of,
    roles_of,
)
from bot.settings.personas import Personas, personas_of
from bot.text import escape
from cogs.config import changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.kinds import Kind
    from bot.kit.audience import Reader
    from bot.kit.bot import Interaction
    from bot.orders.policy import Rules
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
    if said := of_another_kind(locale, key, look.rules.value(key)):
        return said
    if key == "prices":
        return _under_prices(locale, look)
    if key not in _JAMS_PAID_BY | set(SPENT_KEYS):
        return []
    said = no_pool(locale, look.rules) if key in _JAMS_PAID_BY else []
    return said + (_affords(locale, look, key) if key in SPENT_KEYS else [])


def no_pool(locale: str, rules: Rules) -> list[str]:
    """Who pays for a jam where a pool is to, and there is none."""
    if rules.value("jam_paid_by") != "pool" or has_pool(rules):
        return []
    return [f"-# {text(locale, 'config.no_pool' if has_credits(rules) else 'config.no_pool_free')}"]


def of_another_kind(locale: str, key: str, value: object) -> list[str]:
    """Of a setting's value: the models that by their names are of another kind than they are chosen for, or are given
    something else than they take.
    """
    setting = SETTINGS.get(key)
    chosen: list[tuple[Kind, str]] = []
    if setting is not None and setting.command is not None and value:
        chosen = [(setting.command, str(value))]
    elif setting is not None and isinstance(setting.kind, Personas):
        models = (one.model for one in personas_of(value))
        chosen = [(Kind.ASK, model) for model in models if model is not None]
    said = [
        text(locale, "config.another_kind", model=escape(model), command=f"/{kind.command}")
        for kind, model in dict.fromkeys(chosen)
        if is_of_another(kind, model)
    ]
    if key == "video_model" and value and is_of_images(str(value)):
        animate = SETTINGS["animate_model"].name(locale)
        said.append(text(locale, "config.needs_image", model=escape(str(value)), setting=animate))
    if key == "animate_model" and value and is_of_words(str(value)):
        said.append(text(locale, "config.takes_no_image", model=escape(str(value))))
    return [f"-# {one}" for one in said]


def _under_prices(locale: str, look: Look) -> list[str]:
    """What the shares and pools are enough for now; without any, nothing limits what is spent."""
    if not has_credits(look.rules):
        return []
    set_ = [key for key in SPENT_KEYS if look.rules.value(key) is not None]
    said = [line for key in set_ for line in _affords(locale, look, key)]
    if set_ or look.rules.value("limits"):
        return list(dict.fromkeys(said))
    return [f"-# {text(locale, 'config.no_ceiling')}"]


def warnings(locale: str, not_covered: Mapping[str, str]) -> list[str]:
    """A line for each model in use that is not among the allowed ones."""

    def warning(key: str, model: str) -> str:
        if (kind := left_without(key)) is not None:
            return text(locale, "config.not_covered", command=f"/{kind.command}", model=escape(model))
        return text(locale, "config.not_used", setting=SETTINGS[key].name(locale), model=escape(model))

    return [f"-# {warning(key, model)}" for key, model in not_covered.items()]


def left_without(key: str) -> Kind | None:
    """The kind of order that has no model but that of this setting; of others some have one."""
    kind = SETTINGS[key].command
    return kind if kind is not None and MODEL_SETTING[kind] == key else None


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
    """How many orders a share or a pool is enough for, by the prices that hold, and for which it is not."""
    value = look.rules.value(key)
    if value is None:
        return []
    pool = None if key == "daily_credits" else ceiling_of(str(value))
    entries = cast("Sequence[str]", value if pool is None else ())
    amount = _most(entries) if pool is None else pool.credits
    if not amount:
        return []  # nobody can order anything, whatever it costs
    on = [kind for kind in Kind if kind.command in look.rules.value("commands")]
    prices = cast("Sequence[str]", look.rules.value("prices"))
    quality = tier_of(str(look.rules.value("video_resolution")))
    each = {kind: price_of(prices, kind, str(look.rules.value(MODEL_SETTING[kind])), quality) for kind in on}
    credits = text(locale, "card.credits", count=amount)  # noqa: A001 - the word for them
    per = "config.affords_month" if pool is not None and pool.period == "month" else "config.affords_day"
    uses = [
        text(locale, _uses(kind, price), count=amount // price.of(), seconds=USUAL_SECONDS)
        for kind, price in each.items()
        if 0 < price.of() <= amount
    ]
    said = [_usual_prices(locale)] if look.rules.effective["prices"].origin is Origin.DEFAULT else []
    if uses:
        said.append(f"-# {text(locale, per, credits=credits, uses=text(locale, 'config.or').join(uses))}")
    for kind, price in each.items():
        if price.of() > amount:
            roles = allowance_of(entries, roles_of(entries)) >= price.of()
            cost = text(locale, "card.credits", count=price.of())
            dear = "config.too_dear_roles" if roles else "config.too_dear"
            said.append(f"-# {text(locale, dear, command=f'/{kind.command}', price=cost, credits=credits)}")
    return said


def _usual_prices(locale: str) -> str:
    usual = listed(locale, [f"/{entry.replace('=', ' ')}" for entry in DEFAULT_PRICES])
    return f"-# {text(locale, 'config.usual_prices', prices=usual)}"


def _uses(kind: Kind, price: Price) -> str:
    match kind:
        case Kind.ASK:
            return "config.uses_ask_tokens" if price.per == PER_TOKENS else "config.uses_ask"
        case Kind.IMAGE:
            return "config.uses_images"
        case Kind.VIDEO:
            return "config.uses_videos_usual" if price.per == PER_SECOND else "config.uses_videos"


def _most(entries: Sequence[str]) -> int:
    """Everybody's share, or where they have none the largest of a role."""
    return allowance_of(entries, ()) or allowance_of(entries, roles_of(entries))
