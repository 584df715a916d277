"""The menus and buttons of the panel. Each press is checked and made like the command."""

from __future__ import annotations

import re
from typing import Any, Self, cast

import discord
from discord import ui

from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.settings import SETTINGS, Scope, Setting
from bot.settings.kinds import Channel, Commands, ListOf, Model, Roles, Size
from bot.settings.table import Group
from bot.text import one_line, shorten
from bot.ui.callers import place_of
from bot.ui.commands import CHOICES
from bot.ui.components import SafeButton, SafeItem, SafeSelect, row
from bot.ui.config import managers
from bot.ui.config.cards import scope_name
from bot.ui.config.changes import Look
from bot.ui.config.choices import options_of
from bot.ui.config.panel_form import FormButton
from bot.ui.config.panel_steps import DESCRIPTION_LIMIT, KEY, SCOPE, OfSetting, OpenLogButton, refresh, set_typed
from bot.ui.config.validity import setting_of
from bot.ui.typing import Interaction

LOG_CHANNEL_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
]


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
            menu = RolesMenu(meant, setting.key, chosen=_existing(interaction, cast("list[int]", own or [])))
        case Channel():
            menu = ChannelMenu(meant, setting.key, chosen=_existing_channel(interaction, cast("int", own or 0)))
        case _ if not isinstance(setting.kind, ListOf) or isinstance(setting.kind, Commands):
            if options := _options(interaction, setting, own, look.rules.effective[setting.key].value):
                several = isinstance(setting.kind, Commands)
                unset = text(locale, "config.not_set") if own is None else None
                menu = ValueMenu(meant, setting.key, options=options, several=several, placeholder=unset)
        case _:
            pass
    if menu is not None:
        rows.append(row(menu))
    # In a menu where nothing is chosen, “none” can't be chosen either: Discord sends what is different only.
    if menu is None or isinstance(setting.kind, Model | Size | Commands | Roles | Channel):
        buttons.append(
            FormButton(meant, setting.key, locale=locale, label="config.write" if menu is None else "config.other")
        )
    buttons.append(ResetButton(meant, setting.key, locale=locale))
    return [*rows, row(*buttons)]


class ScopeMenu(SafeSelect[ui.Select[Any]], template=r"config:scope:(?P<key>[a-z_]{0,40})"):
    """For which scope: this channel, its category, the server."""

    def __init__(self, key: str | None, *, interaction: Interaction | None = None, scope: Scope | None = None) -> None:
        options = _scopes(interaction, scope) if interaction is not None else []
        super().__init__(ui.Select(custom_id=f"config:scope:{key or ''}", options=options))
        self.key = key

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["key"] or None)

    async def pressed(self, interaction: Interaction) -> None:
        chosen = (self.chosen(interaction) or [""])[0]
        scope = Scope(chosen) if chosen in set(Scope) else Scope.CHANNEL
        await refresh(interaction, scope, self.key)


_PLACEHOLDERS = {
    Group.USE: "config.panel_setting",
    Group.TOGETHER: "config.panel_together",
    Group.CREDITS: "config.panel_credits",
}


class SettingMenu(SafeSelect[ui.Select[Any]], template=rf"config:setting:{SCOPE}(?::(?P<group>[a-z]+))?"):
    """Which setting, of one group. The first has no name in its custom_id: it was the only one once."""

    def __init__(
        self,
        scope: Scope,
        group: Group = Group.USE,
        *,
        interaction: Interaction | None = None,
        key: str | None = None,
    ) -> None:
        locale = locale_of(interaction.locale) if interaction is not None else DEFAULT_LOCALE
        options = [
            discord.SelectOption(
                label=setting.key,
                value=setting.key,
                description=shorten(text(locale, setting.help_key), DESCRIPTION_LIMIT),
                default=setting.key == key,
            )
            for setting in SETTINGS.values()
            if setting.group is group
            if interaction is None or interaction.guild_id is not None or not setting.servers_only
        ]
        super().__init__(
            ui.Select(
                custom_id=f"config:setting:{scope}" + ("" if group is Group.USE else f":{group}"),
                options=options,
                placeholder=text(locale, _PLACEHOLDERS[group]),
            )
        )
        self.scope = scope

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(Scope(match["scope"]), Group(match["group"] or Group.USE))

    async def pressed(self, interaction: Interaction) -> None:
        setting = setting_of((self.chosen(interaction) or [""])[0])
        await refresh(interaction, self.scope, setting.key)


class ValueMenu(OfSetting, SafeSelect[ui.Select[Any]], template=rf"config:value:{SCOPE}:{KEY}"):
    """One of the values there are; of the commands, any."""

    def __init__(
        self,
        scope: Scope,
        key: str,
        *,
        options: list[discord.SelectOption] | None = None,
        several: bool = False,
        placeholder: str | None = None,
    ) -> None:
        known = options or []
        super().__init__(
            ui.Select(
                custom_id=f"config:value:{scope}:{key}",
                options=known,
                min_values=0 if several else 1,
                max_values=max(len(known), 1) if several else 1,
                placeholder=placeholder,
            )
        )
        self.scope, self.key = scope, key

    async def pressed(self, interaction: Interaction) -> None:
        await set_typed(interaction, self.scope, self.key, ", ".join(self.chosen(interaction)) or "none")


class RolesMenu(OfSetting, SafeSelect[ui.RoleSelect[Any]], template=rf"config:roles:{SCOPE}:{KEY}"):
    """Roles of the server; none of them: everyone."""

    def __init__(self, scope: Scope, key: str, *, chosen: list[discord.Object] | None = None) -> None:
        super().__init__(
            ui.RoleSelect(
                custom_id=f"config:roles:{scope}:{key}", min_values=0, max_values=25, default_values=chosen or []
            )
        )
        self.scope, self.key = scope, key

    async def pressed(self, interaction: Interaction) -> None:
        await set_typed(interaction, self.scope, self.key, " ".join(self.chosen(interaction)) or "everyone")


class ChannelMenu(OfSetting, SafeSelect[ui.ChannelSelect[Any]], template=rf"config:channel:{SCOPE}:{KEY}"):
    """A channel of the server, or none."""

    def __init__(self, scope: Scope, key: str, *, chosen: list[discord.Object] | None = None) -> None:
        super().__init__(
            ui.ChannelSelect(
                custom_id=f"config:channel:{scope}:{key}",
                channel_types=LOG_CHANNEL_TYPES,
                min_values=0,
                default_values=chosen or [],
            )
        )
        self.scope, self.key = scope, key

    async def pressed(self, interaction: Interaction) -> None:
        await set_typed(interaction, self.scope, self.key, "".join(self.chosen(interaction)) or "none")


class ResetButton(OfSetting, SafeButton, template=rf"config:reset:{SCOPE}:{KEY}"):
    """Nothing is set there any more: the wider scope's value holds."""

    def __init__(self, scope: Scope, key: str, *, locale: str = DEFAULT_LOCALE) -> None:
        button: ui.Button[Any] = ui.Button(
            label=text(locale, "config.reset_button"),
            style=discord.ButtonStyle.secondary,
            custom_id=f"config:reset:{scope}:{key}",
        )
        super().__init__(button)
        self.scope, self.key = scope, key

    async def pressed(self, interaction: Interaction) -> None:
        await set_typed(interaction, self.scope, self.key, None)


PANEL_ITEMS: tuple[type[SafeItem[Any]], ...] = (
    ScopeMenu,
    SettingMenu,
    ValueMenu,
    RolesMenu,
    ChannelMenu,
    FormButton,
    ResetButton,
    OpenLogButton,
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
