"""What the panel's menus and buttons look like; their presses are in `panel_items`."""

from __future__ import annotations

from typing import Any, cast

import discord
from discord import ui

from bot.i18n import locale_of, text
from bot.kit.bot import Interaction
from bot.kit.commands import CHOICES
from bot.kit.components import button, row
from bot.kit.places import place_of
from bot.settings import SETTINGS, Scope, Setting
from bot.settings.table import Group
from bot.settings.values import Channel, Commands, ListOf, Model, Roles, Size
from bot.text import one_line, shorten
from cogs.config import managers
from cogs.config.cards import scope_name
from cogs.config.changes import Look
from cogs.config.choices import options_of

DESCRIPTION_LIMIT = 100
"""Characters of an option's description, and of an input's (Discord)."""
LOG_CHANNEL_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
]
_PLACEHOLDERS = {
    Group.USE: "config.panel_setting",
    Group.TOGETHER: "config.panel_together",
    Group.CREDITS: "config.panel_credits",
}


def scope_menu(interaction: Interaction, scope: Scope, key: str | None) -> ui.Select[Any]:
    """For which scope: this channel, its category, the server."""
    return ui.Select(custom_id=f"config:scope:{key or ''}", options=_scopes(interaction, scope))


def setting_menu(interaction: Interaction, scope: Scope, group: Group, key: str | None) -> ui.Select[Any]:
    """Which setting, of one group. The first has no name in its custom_id: it was the only one once."""
    locale = locale_of(interaction.locale)
    options = [
        discord.SelectOption(
            label=setting.key,
            value=setting.key,
            description=shorten(text(locale, setting.help_key), DESCRIPTION_LIMIT),
            default=setting.key == key,
        )
        for setting in SETTINGS.values()
        if setting.group is group and (interaction.guild_id is not None or not setting.servers_only)
    ]
    return ui.Select(
        custom_id=f"config:setting:{scope}" + ("" if group is Group.USE else f":{group}"),
        options=options,
        placeholder=text(locale, _PLACEHOLDERS[group]),
    )


def editors(interaction: Interaction, setting: Setting, look: Look, scope: Scope) -> list[ui.Item[Any]]:
    """What the chosen setting is changed with: a menu where there is something to choose, a form, and Reset."""
    locale = locale_of(interaction.locale)
    meant = scope if scope in setting.scopes else setting.narrowest
    rows: list[ui.Item[Any]] = []
    buttons: list[ui.Item[Any]] = []
    own = look.own(meant, setting.key)
    menu: ui.Item[Any] | None = None
    match setting.kind:
        case Roles():
            menu = _roles_menu(meant, setting.key, _existing(interaction, cast("list[int]", own or [])))
        case Channel():
            menu = _channel_menu(meant, setting.key, _existing_channel(interaction, cast("int", own or 0)))
        case _ if not isinstance(setting.kind, ListOf) or isinstance(setting.kind, Commands):
            if options := _options(interaction, setting, own, look.rules.effective[setting.key].value):
                several = isinstance(setting.kind, Commands)
                unset = text(locale, "config.not_set") if own is None else None
                menu = _value_menu(meant, setting.key, options, several=several, placeholder=unset)
        case _:
            pass
    if menu is not None:
        rows.append(row(menu))
    # In a menu where nothing is chosen, “none” can't be chosen either: Discord sends what is different only.
    if menu is None or isinstance(setting.kind, Model | Size | Commands | Roles | Channel):
        buttons.append(
            form_button(meant, setting.key, locale, label="config.write" if menu is None else "config.other")
        )
    buttons.append(button(text(locale, "config.reset_button"), f"config:reset:{meant}:{setting.key}"))
    return [*rows, row(*buttons)]


def form_button(scope: Scope, key: str, locale: str, *, label: str = "config.write") -> ui.Button[Any]:
    return button(text(locale, label), f"config:form:{scope}:{key}", style=discord.ButtonStyle.primary)


def _value_menu(
    scope: Scope, key: str, options: list[discord.SelectOption], *, several: bool, placeholder: str | None
) -> ui.Select[Any]:
    """One of the values there are; of the commands, any."""
    return ui.Select(
        custom_id=f"config:value:{scope}:{key}",
        options=options,
        min_values=0 if several else 1,
        max_values=max(len(options), 1) if several else 1,
        placeholder=placeholder,
    )


def _roles_menu(scope: Scope, key: str, chosen: list[discord.Object]) -> ui.RoleSelect[Any]:
    return ui.RoleSelect(custom_id=f"config:roles:{scope}:{key}", min_values=0, max_values=25, default_values=chosen)


def _channel_menu(scope: Scope, key: str, chosen: list[discord.Object]) -> ui.ChannelSelect[Any]:
    return ui.ChannelSelect(
        custom_id=f"config:channel:{scope}:{key}",
        channel_types=LOG_CHANNEL_TYPES,
        min_values=0,
        default_values=chosen,
    )


def _scopes(interaction: Interaction, scope: Scope | None) -> list[discord.SelectOption]:
    """The scopes that there are here and that the person may change."""
    locale = locale_of(interaction.locale)
    here = place_of(interaction)
    return [
        discord.SelectOption(label=scope_name(locale, here, one), value=one.value, default=one is scope)
        for one in (Scope.CHANNEL, Scope.CATEGORY, Scope.SERVER)
        if (id_ := here.id_of(one)) is not None and managers.may_change(interaction, one, id_)
    ]


def _options(interaction: Interaction, setting: Setting, own: object, holds: object) -> list[discord.SelectOption]:
    """At most 25, what is set for the scope and what holds here among them. The scope's own is marked: a marked one
    can't be chosen, so that what is inherited can be.
    """
    if isinstance(setting.kind, Commands):
        on = cast("list[str]", own or [])
        return [discord.SelectOption(label=f"/{one}", value=one, default=one in on) for one in setting.kind.options]
    known = {one.value: one.name for one in options_of(interaction, setting)}
    marked = setting.show(own)
    for current in (setting.show(holds), marked):
        if known and current is not None and current not in list(known)[: CHOICES - 1]:
            known = {current: known.get(current, current)} | known
    return [
        discord.SelectOption(label=shorten(one_line(name), 100), value=option, default=option == marked)
        for option, name in list(known.items())[:CHOICES]
        if len(option) <= 100
    ]


def _existing(interaction: Interaction, roles: list[int]) -> list[discord.Object]:
    """Discord refuses a menu with a role in it that is gone."""
    guild = interaction.guild
    found = [guild.get_role(role) for role in roles] if guild is not None else []
    return [discord.Object(role.id, type=discord.Role) for role in found if role is not None]


def _existing_channel(interaction: Interaction, channel_id: int) -> list[discord.Object]:
    guild = interaction.guild
    channel = guild.get_channel_or_thread(channel_id) if guild is not None and channel_id else None
    return [] if channel is None else [discord.Object(channel.id, type=type(channel))]
