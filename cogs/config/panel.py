"""/config panel: the settings for people who don't type commands. All its state is in the custom_ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from discord import ui

from bot.i18n import locale_of, text
from bot.kit.components import Card, row
from bot.settings import SETTINGS, Scope, Setting
from bot.settings.table import Group
from cogs.config import managers
from cogs.config.cards import effective, heading, scope_name, shown
from cogs.config.changes import Look, look_at
from cogs.config.panel_looks import editors, scope_menu, setting_menu

if TYPE_CHECKING:
    from bot.kit.bot import Interaction

VALUE_LIMIT = 400
"""Of each of the chosen setting's values, in characters: all of the panel stays within a message's 4,000."""


async def panel(
    interaction: Interaction,
    *,
    scope: Scope = Scope.CHANNEL,
    key: str | None = None,
    said: Sequence[str] = (),
    more: Sequence[ui.Item[Any]] = (),
) -> Card:
    """The panel with `key` chosen, what was just `said`, and `more` below that.

    NotAllowed: the person may not change that scope.
    """
    meant, _ = managers.target(interaction, scope)
    look = await look_at(interaction)
    setting = SETTINGS.get(key or "")
    locale = locale_of(interaction.locale)
    items: list[ui.Item[Any]] = [ui.TextDisplay("\n".join(heading(locale, look)))]
    if interaction.guild_id is not None:
        items.append(row(scope_menu(interaction, meant, key)))
    groups = Group if interaction.guild_id is not None else [Group.USE]
    items.extend(row(setting_menu(interaction, meant, group, key)) for group in groups)
    if setting is None:
        items.append(ui.TextDisplay(f"-# {text(locale, 'config.panel_hint')}"))
    else:
        items.append(ui.Separator())
        items.append(ui.TextDisplay(_about(interaction, setting, look, meant)))
        items.extend(editors(interaction, setting, look, meant))
    if said:
        items.append(ui.TextDisplay("\n".join(said)))
    items.extend(more)
    return Card(ui.Container(*items))


def _about(interaction: Interaction, setting: Setting, look: Look, scope: Scope) -> str:
    """What is set for the chosen scope itself, then what holds here: they need not be the same."""
    locale, guild = locale_of(interaction.locale), interaction.guild
    meant = scope if scope in setting.scopes else setting.narrowest
    own = look.own(meant, setting.key)
    value = text(locale, "config.not_set") if own is None else shown(locale, setting.key, own, VALUE_LIMIT, guild=guild)
    lines = [
        f"**{setting.key}** · {text(locale, setting.help_key)}",
        f"{scope_name(locale, look.place, meant)}: {value}",
        f"-# {text(locale, 'config.holds', value=effective(locale, look, setting.key, VALUE_LIMIT, guild=guild))}",
    ]
    if setting.narrowest is Scope.SERVER:
        lines.append(f"-# {text(locale, 'config.whole_server')}")
    elif len(setting.scopes) == 1:
        lines.append(f"-# {text(locale, 'config.single_channel')}")
    return "\n".join(lines)
