"""What every item of the panel does when it is used: change a setting, and show the panel as it then is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Self, cast

from bot.i18n import locale_of
from bot.settings import Scope
from bot.ui.config import changes
from bot.ui.config.cards import outcome
from bot.ui.config.panel import panel
from bot.ui.config.validity import setting_of
from bot.ui.responses import replace_message
from bot.ui.typing import Interaction

DESCRIPTION_LIMIT = 100
"""Characters of an option's description, and of an input's (Discord)."""

KEY = r"(?P<key>[a-z_]{1,40})"
SCOPE = r"(?P<scope>channel|category|server)"


async def refresh(interaction: Interaction, scope: Scope, key: str | None, made: changes.Outcome | None = None) -> None:
    """Show the panel in its message's place, with what was just made."""
    said = outcome(locale_of(interaction.locale), made) if made is not None else ()
    view = await panel(interaction, scope=scope, key=key, said=said)
    await replace_message(interaction, view)


async def set_typed(interaction: Interaction, scope: Scope, key: str, typed: str | None) -> None:
    """Set what was typed, or reset with None, and show the panel."""
    made = await changes.change(interaction, setting_of(key), scope, typed)
    await refresh(interaction, made.scope, key, made)


class OfSetting:
    """For one setting at one scope; both stand in its custom_id."""

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        make = cast("Callable[[Scope, str], Self]", cls)
        return make(Scope(match["scope"]), match["key"])
