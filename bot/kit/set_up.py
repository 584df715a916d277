"""The button that opens a form of /setup, for a person who may change what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.i18n import locale_of, text
from bot.kit.places import is_direct, is_user_installed_only, place_of
from bot.settings import Scope
from bot.settings.topics import Topic

if TYPE_CHECKING:
    from bot.kit.bot import Interaction


def set_up_models(interaction: Interaction) -> ui.ActionRow[Any] | None:
    """Opens the form with the models that edit and animate here. None: the person doesn't manage this place, or
    nothing answers the button.
    """
    if interaction.guild_id is None:
        manages = is_direct(interaction)
    else:
        manages = interaction.permissions.manage_channels and not is_user_installed_only(interaction)
    custom_id = f"setup:form:{Scope.CHANNEL}:{place_of(interaction).here}:{Topic.TOGETHER}:0"
    answered = any(item.__discord_ui_compiled_template__.fullmatch(custom_id) for item in interaction.client.items)
    if not manages or not answered:
        return None
    label = text(locale_of(interaction.locale), "button.set_up")
    return ui.ActionRow(ui.Button(label=label, custom_id=custom_id, style=discord.ButtonStyle.primary))
