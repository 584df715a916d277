"""What somebody filled into a form that was refused: it stands in the form when that is opened once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import discord
from discord import ui

from bot.i18n import locale_of, text
from bot.kit.components import Card, button, filled_in, row
from bot.kit.error_path import sentence
from bot.kit.places import channels_there, roles_there
from bot.kit.responses import tell_with
from bot.recent import Recent

if TYPE_CHECKING:
    from bot.errors import Refusal
    from bot.kit.bot import Interaction

MOST: Final = 1000
"""Of all people together; the oldest is forgotten first. After a restart, too, the form opens without it."""
SECONDS: Final = 3600.0

Filled: TypeAlias = Mapping[str, Sequence[str]]
"""By the parts' custom_ids, as a form is sent."""


class RefusedForms(Recent[tuple[int, str], Filled]):
    """By the person, and the custom_id of the button that opens the form again."""

    def __init__(self) -> None:
        super().__init__(MOST, seconds=SECONDS)


def keep(interaction: Interaction, again: str, filled: Filled | None = None) -> None:
    """Remember what was sent, or `filled`, for the button `again`."""
    said = filled_in(interaction) if filled is None else filled
    interaction.client.the(RefusedForms).put((interaction.user.id, again), said)


def again_button(locale: str, again: str, *, label: str = "button.edit_again") -> ui.Button[Any]:
    """Opens a form that was refused once more. `label`: its key."""
    return button(text(locale, label), again, style=discord.ButtonStyle.primary)


async def refuse(
    interaction: Interaction, why: Refusal, again: str, *, heading: str = "", filled: Filled | None = None
) -> None:
    """Say privately why a form can't be used, with the button that opens it once more as it was filled in, or with
    `filled`.
    """
    keep(interaction, again, filled)
    locale = locale_of(interaction.locale)
    said = "\n".join(filter(None, (heading and f"**{heading}**", sentence(why, locale))))
    await tell_with(interaction, Card(ui.TextDisplay(said), row(again_button(locale, again))))


def refill(interaction: Interaction, form: ui.Modal, again: str) -> None:
    """Put back what was refused, as far as there is room for it in the form as it is now."""
    fill(form, interaction.client.the(RefusedForms).get((interaction.user.id, again)) or {}, interaction.guild)


def fill(form: ui.Modal, filled: Filled, guild: discord.Guild | None) -> None:
    """Put this into a form, in place of what stands there."""
    for part in form.walk_children():
        said = filled.get(str(getattr(part, "custom_id", "")))
        if said is not None:
            _fill(part, list(said), guild)


def _fill(part: ui.Item[Any], said: Sequence[str], guild: discord.Guild | None) -> None:
    match part:
        case ui.TextInput():
            part.default = "".join(said)[: part.max_length] or None
        case ui.Checkbox():
            part.default = list(said) == ["true"]
        case ui.Select() | ui.RadioGroup() | ui.CheckboxGroup():
            chosen = cast("ui.Select[Any]", part)
            for option in chosen.options:
                option.default = option.value in said
        case ui.RoleSelect():
            part.default_values = roles_there(guild, [int(one) for one in said if one.isdecimal()])
        case ui.ChannelSelect():
            part.default_values = channels_there(guild, [int(one) for one in said if one.isdecimal()])
        case _:
            return
