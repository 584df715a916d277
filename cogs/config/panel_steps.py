"""What every item of the panel does when it is used: change a setting, and show the panel as it then is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Self, cast

import discord
from discord import ui

from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import Card, SafeButton, row
from bot.kit.responses import replace_message
from bot.kit.short_cards import note
from bot.settings import Scope
from cogs.config import advice, changes
from cogs.config.cards import outcome
from cogs.config.panel import panel
from cogs.config.validity import setting_of

KEY = r"(?P<key>[a-z_]{1,40})"
SCOPE = r"(?P<scope>channel|category|server)"


async def refresh(interaction: Interaction, scope: Scope, key: str | None, made: changes.Outcome | None = None) -> None:
    """Show the panel in its message's place, with what was just made."""
    said = outcome(locale_of(interaction.locale), made) if made is not None else ()
    view = await panel(interaction, scope=scope, key=key, said=said)
    await replace_message(interaction, view)


async def set_typed(
    interaction: Interaction, scope: Scope, key: str, typed: str | None, *, confirmed: bool = False
) -> None:
    """Set what was typed, or reset with None, and show the panel."""
    try:
        made = await changes.change(interaction, setting_of(key), scope, typed, confirmed=confirmed)
    except changes.ReadByOthers as open_:
        locale = locale_of(interaction.locale)
        said = advice.open_log(locale, open_.channel_id, open_.readers)
        button = row(OpenLogButton(open_.scope, open_.channel_id, panel=True, locale=locale))
        await replace_message(interaction, await panel(interaction, scope=scope, key=key, said=[said], more=[button]))
        return
    await refresh(interaction, made.scope, key, made)


def open_log_question(interaction: Interaction, open_: changes.ReadByOthers) -> Card:
    """Who would read the log channel, and the button that sets it all the same."""
    locale = locale_of(interaction.locale)
    said: ui.TextDisplay[Any] = ui.TextDisplay(advice.open_log(locale, open_.channel_id, open_.readers))
    return Card(said, row(OpenLogButton(open_.scope, open_.channel_id, panel=False, locale=locale)))


class OpenLogButton(SafeButton, template=rf"config:open:{SCOPE}:(?P<channel>\d{{1,19}}):(?P<panel>[01])"):
    """Sets a log channel that others read. `panel`: it stands in one, which is then shown anew."""

    def __init__(self, scope: Scope, channel_id: int, *, panel: bool, locale: str = DEFAULT_LOCALE) -> None:
        label = text(locale, "button.log_anyway")
        custom_id = f"config:open:{scope}:{channel_id}:{int(panel)}"
        super().__init__(ui.Button(label=label, style=discord.ButtonStyle.primary, custom_id=custom_id))
        self.scope, self.channel_id, self.panel = scope, channel_id, panel

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(Scope(match["scope"]), int(match["channel"]), panel=match["panel"] == "1")

    async def pressed(self, interaction: Interaction) -> None:
        typed = f"<#{self.channel_id}>"
        if self.panel:
            await set_typed(interaction, self.scope, changes.LOG, typed, confirmed=True)
            return
        made = await changes.change(interaction, setting_of(changes.LOG), self.scope, typed, confirmed=True)
        await replace_message(interaction, note("\n".join(outcome(locale_of(interaction.locale), made))))


class OfSetting:
    """For one setting at one scope; both stand in its custom_id."""

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        make = cast("Callable[[Scope, str], Self]", cls)
        return make(Scope(match["scope"]), match["key"])
