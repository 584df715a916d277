"""The menus and buttons of the panel. Each press is checked and made like the command."""

from __future__ import annotations

import re
from typing import Any, Self

from discord import ui

from bot.kit.bot import Interaction
from bot.kit.components import SafeButton, SafeItem, SafeSelect
from bot.settings import Scope
from bot.settings.table import Group
from cogs.config.panel_form import FormButton
from cogs.config.panel_steps import KEY, SCOPE, OfSetting, OpenLogButton, refresh, set_typed
from cogs.config.validity import setting_of


class ScopeMenu(SafeSelect[ui.Select[Any]], template=r"config:scope:(?P<key>[a-z_]{0,40})"):
    """For which scope: this channel, its category, the server."""

    def __init__(self, key: str | None) -> None:
        super().__init__(ui.Select(custom_id=f"config:scope:{key or ''}"))
        self.key = key

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["key"] or None)

    async def pressed(self, interaction: Interaction) -> None:
        chosen = (self.chosen(interaction) or [""])[0]
        scope = Scope(chosen) if chosen in set(Scope) else Scope.CHANNEL
        await refresh(interaction, scope, self.key)


class SettingMenu(SafeSelect[ui.Select[Any]], template=rf"config:setting:{SCOPE}(?::(?P<group>[a-z]+))?"):
    """Which setting, of one group. The first has no name in its custom_id: it was the only one once."""

    def __init__(self, scope: Scope, group: Group) -> None:
        super().__init__(ui.Select(custom_id=f"config:setting:{scope}" + ("" if group is Group.USE else f":{group}")))
        self.scope = scope

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(Scope(match["scope"]), Group(match["group"] or Group.USE))

    async def pressed(self, interaction: Interaction) -> None:
        setting = setting_of((self.chosen(interaction) or [""])[0])
        await refresh(interaction, self.scope, setting.key)


class ValueMenu(OfSetting, SafeSelect[ui.Select[Any]], template=rf"config:value:{SCOPE}:{KEY}"):
    """One of the values there are; of the commands, any."""

    def __init__(self, scope: Scope, key: str) -> None:
        super().__init__(ui.Select(custom_id=f"config:value:{scope}:{key}"))
        self.scope, self.key = scope, key

    async def pressed(self, interaction: Interaction) -> None:
        await set_typed(interaction, self.scope, self.key, ", ".join(self.chosen(interaction)) or "none")


class RolesMenu(OfSetting, SafeSelect[ui.RoleSelect[Any]], template=rf"config:roles:{SCOPE}:{KEY}"):
    """Roles of the server; none of them: everyone."""

    def __init__(self, scope: Scope, key: str) -> None:
        super().__init__(ui.RoleSelect(custom_id=f"config:roles:{scope}:{key}"))
        self.scope, self.key = scope, key

    async def pressed(self, interaction: Interaction) -> None:
        await set_typed(interaction, self.scope, self.key, " ".join(self.chosen(interaction)) or "everyone")


class ChannelMenu(OfSetting, SafeSelect[ui.ChannelSelect[Any]], template=rf"config:channel:{SCOPE}:{KEY}"):
    """A channel of the server, or none."""

    def __init__(self, scope: Scope, key: str) -> None:
        super().__init__(ui.ChannelSelect(custom_id=f"config:channel:{scope}:{key}"))
        self.scope, self.key = scope, key

    async def pressed(self, interaction: Interaction) -> None:
        await set_typed(interaction, self.scope, self.key, "".join(self.chosen(interaction)) or "none")


class ResetButton(OfSetting, SafeButton, template=rf"config:reset:{SCOPE}:{KEY}"):
    """Nothing is set there any more: the wider scope's value holds."""

    def __init__(self, scope: Scope, key: str) -> None:
        super().__init__(ui.Button(custom_id=f"config:reset:{scope}:{key}"))
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
