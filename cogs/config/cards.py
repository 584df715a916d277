"""What /config answers: private messages to who manages the place. What people typed is shown letter by letter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import discord
from discord import ui

from bot.i18n import listed, locale_of, text
from bot.kinds import BY_COMMAND
from bot.kit.bot import Interaction
from bot.kit.components import Card, row
from bot.kit.responses import answer, replace_message
from bot.kit.short_cards import note
from bot.orders.costs import has_credits
from bot.orders.moderation import OFF
from bot.settings import PAUSED, SETTINGS, Effective, Origin, Scope, Setting, is_paused
from bot.settings.credits import Allowance, Pool, ceiling_of, roles_of
from bot.settings.limits import Limits, in_words
from bot.settings.locks import Locks
from bot.settings.places import locked_at
from bot.settings.values import Channel, Choice, Commands, Flag, Roles, Size, patterns_of
from bot.shapes import shown as size_shown
from bot.text import escape, one_line, shorten
from cogs.config import advice
from cogs.config.changes import Look, Outcome
from cogs.config.validity import can_write

VALUE_LIMIT = 60
"""Of a value in a line of its own, in characters. Escaping at most doubles it."""
LIST_LIMIT = 1350
"""Of all values in the list of settings, in characters: with names and origins it stays within a message's 4,000."""
ROLES_SHOWN = 4
ALL = 1_000_000
"""A limit with which nothing is left out."""
_UNSET: Mapping[str, str] = {
    "language": "config.own_language",
    "temperature": "config.own_temperature",
    "context_tokens": "config.own_memory",
    "persona": "personas.default",
    **dict.fromkeys(("daily_credits", "server_pool", "channel_pool"), "config.unlimited"),
    "confirm_above": "config.never",
}
"""What it means that nothing is set, where that is not “none”."""
_WORDS = {"all": "config.all", "none": "config.none", "everyone": "config.everyone", "default": "prices.usual"}

_ORIGINS: Mapping[Origin, str] = {
    Origin.THREAD: "config.from_thread",
    Origin.CHANNEL: "config.from_channel",
    Origin.CATEGORY: "config.from_category",
    Origin.SERVER: "config.from_server",
    Origin.DEFAULT: "config.from_default",
}
_PAUSED: Mapping[Origin, str] = {
    Origin.THREAD: "config.show_paused_thread",
    Origin.CHANNEL: "config.show_paused_channel",
    Origin.CATEGORY: "config.show_paused_category",
    Origin.SERVER: "config.show_paused_server",
}
_ADDS_UP: Mapping[str, str] = {"limits": "config.counts_too", "blocked_words": "config.adds_up"}


async def respond(interaction: Interaction, view: ui.LayoutView) -> None:
    """The private answer."""
    await answer(interaction, view, ephemeral=True)


async def show(interaction: Interaction, view: ui.LayoutView) -> None:
    """In the place of the pressed message; as the private answer where there is none."""
    if interaction.message is None:
        await respond(interaction, view)
    else:
        await replace_message(interaction, view)


def where(locale: str, scope: str, id_: int, *, guild_id: int | None) -> str:
    """A place in a sentence. A category's mention reads as its name, too; one of direct messages does not."""
    if guild_id is None:
        return text(locale, "config.direct")
    return text(locale, "config.this_server") if scope == Scope.SERVER else f"<#{id_}>"


def shown(locale: str, key: str, value: object, limit: int = VALUE_LIMIT, *, guild: discord.Guild | None = None) -> str:
    """A value for people, safe and in one line; `limit`: characters before escaping. With `guild`, roles and channels
    of it that are of no use any more are marked.
    """
    if value is None:
        return text(locale, _UNSET.get(key, "config.none"))
    if key == PAUSED:
        return text(locale, "config.paused")
    setting = SETTINGS.get(key)
    most = limit if limit == ALL else ROLES_SHOWN
    match setting.kind if setting else None:
        case Roles() if value:
            roles = [_role(locale, role, guild) for role in cast("list[int]", value)]
            more = len(roles) - most
            return " ".join(roles[:most]) + (f" +{more}" if more > 0 else "")
        case Allowance() if value:
            entries = cast("list[str]", value)
            more = len(entries) - most
            # Ids and numbers alone: mentions are to be read as names.
            typed = _typed(locale, setting, entries[:most])
            for role in roles_of(entries[:most]):
                typed = typed.replace(f"<@&{role}>", _role(locale, role, guild))
            return f"{typed}{f' +{more}' if more > 0 else ''}"
        case Allowance():
            return text(locale, "config.no_credits")
        case Commands() if value:
            return listed(locale, cast("list[str]", value))
        case Limits() if value:
            return _limits(locale, cast("list[str]", value), limit, guild)
        case Locks() if value:
            keys = (entry.partition(":")[0] for entry in cast("list[str]", value))
            return shorten(listed(locale, (setting_name(locale, key) for key in keys)), limit)
        case Channel() if value:
            return f"<#{value}>{_trouble(locale, int(str(value)), guild)}"
        case Choice(options=options) if value in options:
            return text(locale, options[str(value)])
        case Flag():
            return text(locale, "config.on" if value else "config.off")
        case Size():
            return size_shown(str(value))
        case Pool():
            pool = ceiling_of(str(value))
            return text(locale, "config.a_day" if pool.period == "day" else "config.a_month", credits=pool.credits)
        case _:
            return escape(shorten(one_line(_typed(locale, setting, value)), limit))


def _limits(locale: str, entries: Sequence[str], limit: int, guild: discord.Guild | None) -> str:
    """As many as there is room for, and how many more there are. A role is read as its name, whatever its id."""
    words = [in_words(locale, entry) for entry in entries]
    mention = re.compile(r"<@&(\d+)>")
    while len(words) > 1 and len(mention.sub("@Artists", listed(locale, words))) > max(limit, VALUE_LIMIT):
        words.pop()
    shown_ = mention.sub(lambda role: _role(locale, int(role[1]), guild), listed(locale, words))
    more = len(entries) - len(words)
    return f"{shown_}{f' +{more}' if more else ''}"


def setting_name(locale: str, key: str) -> str:
    """What people call a setting, or what else is noted under `key`; a setting that is no more has its key."""
    if key == PAUSED:
        return text(locale, "config.pausing")
    return SETTINGS[key].name(locale) if key in SETTINGS else escape(key)


def named(locale: str, typed: str) -> str:
    """One of the words for no value or for all values, in the person's language; anything else as it is."""
    return text(locale, _WORDS[typed]) if typed in _WORDS else typed


def _typed(locale: str, setting: Setting | None, value: object) -> str:
    """A value as one would type it."""
    typed = str(value) if setting is None else setting.show(value) or ""
    if isinstance(value, list):
        typed = typed.replace(", ", listed(locale, ("", "")))
    return typed if value else named(locale, typed)


def _role(locale: str, id_: int, guild: discord.Guild | None) -> str:
    gone = guild is not None and guild.get_role(id_) is None
    return text(locale, "config.deleted_role") if gone else f"<@&{id_}>"


def _trouble(locale: str, id_: int, guild: discord.Guild | None) -> str:
    """Why nothing is written in that channel; empty: it is."""
    if guild is None:
        return ""
    channel = guild.get_channel_or_thread(id_)
    if channel is None:
        return f" ({text(locale, 'config.channel_gone')})"
    return "" if can_write(channel, guild) else f" ({text(locale, 'config.channel_closed')})"


def plainly(locale: str, key: str, value: object, limit: int = 30) -> str:
    """A value for where Discord shows letters only, such as a choice."""
    setting = SETTINGS.get(key)
    if (
        value is None
        or key == PAUSED
        or (setting is not None and isinstance(setting.kind, Choice | Flag | Pool | Size))
    ):
        return shorten(shown(locale, key, value), limit)
    return shorten(one_line(_typed(locale, setting, value)), limit)


def effective(
    locale: str, look: Look, key: str, limit: int = VALUE_LIMIT, *, guild: discord.Guild | None = None
) -> str:
    """The value that holds there with where it comes from."""
    value = look.rules.effective[key]
    if key == "prices" and not has_credits(look.rules):
        return text(locale, "config.no_prices")
    if key == "moderation" and look.moderates is False and value.value != OFF:
        return f"{_listed(locale, look, key, (value,), limit, guild)} ({text(locale, 'config.service_has_none')})"
    said = _listed(locale, look, key, value.parts or (value,), limit, guild)
    patterns = cast("list[str]", value.value if key == "allowed_models" else [])
    free = [f"/{command}" for command in BY_COMMAND if not patterns_of(patterns, command)]
    if not patterns or not free:
        return said
    return f"{said} · {text(locale, 'setup.value', setting=listed(locale, free), value=text(locale, 'config.all'))}"


def _listed(  # noqa: PLR0917 - of `effective`, with what is listed of it
    locale: str, look: Look, key: str, parts: Sequence[Effective], limit: int, guild: discord.Guild | None
) -> str:
    """Values with where each comes from: one, but for lists that add up."""

    def origin(value: Effective) -> str:
        direct = look.place.guild_id is None and value.origin is Origin.CHANNEL
        return text(locale, "config.from_direct" if direct else _ORIGINS[value.origin])

    def between(value: Effective) -> str:
        return "\u00a0·\u00a0" if value.origin is Origin.DEFAULT else " · "  # no line of its own for one word

    room = max(limit // len(parts), 10)
    said = (f"{shown(locale, key, one.value, room, guild=guild)}{between(one)}{origin(one)}" for one in parts)
    return " + ".join(said)


def lock_sign(look: Look, key: str) -> str:
    """Beside the name of what the server locks."""
    return " 🔒" if locked_at(key, look.place, look.values) else ""


def overview(interaction: Interaction, look: Look, all_: ui.Item[Any]) -> Card:
    """What is set there, with where it comes from; the names of the rest, and the button `all_` that leads to it."""
    locale, guild = locale_of(interaction.locale), interaction.guild
    known = [key for key, setting in SETTINGS.items() if look.shows(setting)]
    differ = [key for key in known if look.rules.effective[key].origin is not Origin.DEFAULT or lock_sign(look, key)]
    lines = heading(locale, look)
    limit = LIST_LIMIT // max(len(differ), 1)
    lines += [
        f"**{SETTINGS[key].name(locale)}**{lock_sign(look, key)} · "
        f"{effective(locale, look, key, min(limit, VALUE_LIMIT), guild=guild)}"
        for key in differ
    ]
    usual = len(known) - len(differ)
    lines.append(f"-# {text(locale, 'config.the_rest' if differ else 'config.all_default', count=usual)}")
    return Card(ui.TextDisplay("\n".join(lines)), row(all_))


def heading(locale: str, look: Look) -> list[str]:
    """The place, and where the bot is paused the scope that it is paused by."""
    direct = look.place.guild_id is None
    title = text(locale, "config.title_direct" if direct else "config.title", channel=f"<#{look.place.here}>")
    by = is_paused(look.place, look.values)
    paused = [] if by is None else [text(locale, "config.show_paused_direct" if direct else _PAUSED[by])]
    return [f"### {title}", *paused]


def outcome(locale: str, made: Outcome, *, asked: Scope | None = None) -> list[str]:
    """What was set or reset, and what to know about it. `asked`: the scope that was asked for."""
    key = made.setting.key
    facts = {
        "setting": setting_name(locale, key),
        "where": where(locale, made.scope, made.scope_id, guild_id=made.look.place.guild_id),
    }
    in_force = made.look.rules.effective[key]
    if made.value is not None:
        lines = [text(locale, "config.changed", value=shown(locale, key, made.value, 300), **facts)]
        if SETTINGS[key].adds_up:
            others = [one for one in in_force.parts if one.value != made.look.own(made.scope, key)]
            if others:
                wider = _listed(locale, made.look, key, others, VALUE_LIMIT, None)
                lines.append(f"-# {text(locale, _ADDS_UP[key], value=wider)}")
        elif made.setting.meant(made.look.own(made.scope, key)) != in_force.value:
            lines.append(f"-# {text(locale, 'config.nearer', value=effective(locale, made.look, key))}")
    else:
        said = text(locale, "config.reset" if made.changed else "config.was_not_set", **facts)
        lines = [said, f"-# {text(locale, 'config.holds', value=effective(locale, made.look, key))}"]
    if asked is not None and asked is not made.scope:
        key = "config.single_channel" if made.scope is Scope.CHANNEL else "config.whole_server"
        lines.append(f"-# {text(locale, key)}")
    if made.unchecked:
        lines.append(f"-# {text(locale, 'config.unchecked')}")
    if made.no_search:
        lines.append(f"-# {text(locale, 'config.no_search', model=escape(made.no_search))}")
    return lines + advice.of_setting(locale, made.look, made.setting.key) + advice.warnings(locale, made.not_covered)


def paused(locale: str, scope: Scope, id_: int, *, guild_id: int | None) -> ui.LayoutView:
    return note(text(locale, "config.now_paused", where=where(locale, scope, id_, guild_id=guild_id)))


def resumed(locale: str, scope: Scope, id_: int, still: Origin | None, *, guild_id: int | None) -> ui.LayoutView:
    """`still`: the wider scope that is paused all the same."""
    lines = [text(locale, "config.now_resumed", where=where(locale, scope, id_, guild_id=guild_id))]
    return note("\n".join([*lines, *([text(locale, _PAUSED[still])] if still else [])]))
