"""What of all commands somebody may use where they are, by each one's own declaration and by the settings there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.cards.caller import caller_of
from bot.environment import Environment
from bot.errors import Barred, NotAllowed
from bot.generation.ordering.orders import Orders
from bot.i18n import locale_of, text
from bot.kinds import Kind
from bot.kit.cog import FeatureCog, features
from bot.kit.commands import CommandIds
from bot.kit.places import is_direct, is_user_installed_only
from bot.orders import costs
from bot.orders import daily_rows as daily
from bot.orders.limits import left_of
from bot.periods import DAY_SECONDS
from bot.settings.limits_left import Left
from bot.store.database import Database

if TYPE_CHECKING:
    from bot.kit.bot import Bot, Interaction
    from bot.orders.callers import Caller
    from bot.orders.policy import Rules

_Root = app_commands.Command[Any, ..., Any] | app_commands.Group
_OFF = ("policy.command_off", "policy.only_works")
_ONE = (*_OFF, "policy.command_role_needed")
"""What speaks against one command alone."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A command as it is clicked or typed, and what it is for. `left`: of the limit that leaves the least; None: there
    is none. `needs`: the roles that may use it, where the person has none of them.
    """

    mention: str
    about: str
    left: int | None = None
    off: bool = False
    needs: str | None = None


@dataclass(slots=True)
class Offered:
    """`refusal`: why nothing can be ordered here now. `menus`: names in a message's menu. `usage`: its mention, for
    the bot's owner alone. `resets_at`: Unix seconds. `credits`: that they can still spend here; None: no ceiling.
    `direct`: in direct messages, where everybody sets what holds for them.
    """

    locale: str
    refusal: str | None = None
    everyone: list[Offer] = field(default_factory=list[Offer])
    moderators: list[Offer] = field(default_factory=list[Offer])
    menus: list[str] = field(default_factory=list[str])
    usage: str | None = None
    resets_at: int | None = None
    credits: int | None = None
    direct: bool = False


async def offered(interaction: Interaction) -> Offered:
    """Of the features that are loaded, all that this person may use here."""
    bot, caller = interaction.client, caller_of(interaction)
    environment = bot.the(Environment)
    limits = environment.daily_limit_per_user
    now = time.time()
    day = int(now // DAY_SECONDS)
    rules = await bot.the(Orders).rules(caller.place)
    used = await bot.the(Database).run(daily.of_day, person_id=caller.person_id, day=day)
    barred = await bot.the(Database).run(_barred, caller)
    refused = {kind: barred or _refusal(caller, rules, kind) for kind in Kind}
    here = await bot.the(Database).run(left_of, rules, caller.place, caller.person_id, caller.roles, now)
    turned_off = [kind for kind in Kind if limits[kind] == 0]
    left = {kind: _least(kind, limits[kind], used, here) for kind in Kind}
    found = Offered(locale_of(interaction.locale), direct=interaction.guild_id is None)
    # Whoever is barred has nothing to spend.
    if barred is None and (charged := costs.ceilings(caller, rules, now)) is not None:
        found.credits = await bot.the(Database).run(costs.left_of, caller, *charged)
    for root in bot.tree.get_commands(type=discord.AppCommandType.chat_input):
        settings = root.default_permissions is not None
        if not _is_available(interaction, root) or (found.direct and settings and isinstance(root, app_commands.Group)):
            continue  # whoever is alone needs no single commands: the panel does it
        payload = await _payload(bot, root)
        for command, about in _commands(root, payload):
            if command is interaction.command:
                continue  # they know it
            feature = command.binding
            if not isinstance(feature, FeatureCog) or not feature.may_use(interaction, rules):
                continue
            mention = bot.the(CommandIds).mention(command.qualified_name)
            own = found.direct and settings
            purpose = text(found.locale, "help.own_settings") if own else _said(about, found.locale, "description")
            orders = feature.orders if feature.orders and command.name == feature.orders.command else None
            why = refused.get(feature.orders) if feature.orders else None
            if why is None:
                offer = Offer(mention, purpose, left.get(orders) if orders else None, off=orders in turned_off)
                (found.moderators if settings else found.everyone).append(offer)
            elif why.key not in _ONE:
                found.refusal = text(found.locale, why.key, **why.facts)
            elif orders:
                needs = None if why.key in _OFF else str(why.facts["roles"])
                found.everyone.append(Offer(mention, purpose, off=True, needs=needs))
    for feature in features(bot):
        if feature.orders is None or refused[feature.orders] is None:
            found.menus += [_said(await _payload(bot, menu), found.locale, "name") for menu in feature.menus]
    if barred is None and (any(limits[kind] for kind in Kind) or any(one.limit.period == "day" for one in here)):
        found.resets_at = (day + 1) * DAY_SECONDS
    if bot.tree.get_command("usage") is not None and await bot.is_owner(interaction.user):
        found.usage = bot.the(CommandIds).mention("usage")
    return found


def _refusal(caller: Caller, rules: Rules, kind: Kind) -> NotAllowed | None:
    try:
        caller.check_command(rules, kind)
    except NotAllowed as refusal:
        return refusal
    return None


def _barred(connection: Connection, caller: Caller) -> NotAllowed | None:
    try:
        caller.check_barred(connection)
    except Barred as refusal:
        return refusal
    return None


def _least(kind: Kind, of_owner: int | None, used: Mapping[str, int], here: Sequence[Left]) -> int | None:
    """What is left of the day; an hour's limit begins anew within it."""
    left = [one.left for one in here if one.limit.command == kind.command and one.limit.period != "hour"]
    if of_owner is not None:
        left.append(max(0, of_owner - used.get(kind.command, 0)))
    return min(left, default=None)


def _is_available(interaction: Interaction, root: _Root) -> bool:
    """Whether Discord shows the command there, as far as its declaration says."""
    contexts, installs = root.allowed_contexts, root.allowed_installs
    alone = is_user_installed_only(interaction)
    if interaction.guild_id is None:
        dm = is_direct(interaction)
        return contexts is None or bool(contexts.dm_channel if dm else contexts.private_channel)
    if (contexts is not None and contexts.guild is False) or (alone and installs is not None and not installs.user):
        return False
    needed = root.default_permissions
    return needed is None or (not alone and needed <= interaction.permissions)


def _commands(
    root: _Root, payload: Mapping[str, Any]
) -> Iterator[tuple[app_commands.Command[Any, ..., Any], Mapping[str, Any]]]:
    """The command, or those of a group that its feature wants named, each as Discord is told of it."""
    if isinstance(root, app_commands.Command):
        yield root, payload
        return
    below = {str(each["name"]): each for each in payload["options"]}
    found = {each.name: each for each in root.commands if isinstance(each, app_commands.Command)}
    feature = next((each.binding for each in found.values()), None)
    for name in feature.in_help if isinstance(feature, FeatureCog) else ():
        yield found[name], below[name]


async def _payload(bot: Bot, command: _Root | app_commands.ContextMenu) -> Mapping[str, Any]:
    return await command.get_translated_payload(bot.tree, cast("app_commands.Translator", bot.tree.translator))


def _said(payload: Mapping[str, Any], locale: str, part: str) -> str:
    """A command's name or description in a language, as Discord shows it."""
    localised = cast("Mapping[str, str]", payload.get(f"{part}_localizations") or {})
    return str((localised.get("zh-CN") if locale.startswith("zh") else None) or payload[part])
