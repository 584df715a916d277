"""Forms with files. One that was refused opens once more as it was sent, with those of its files that are of use."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self, cast

import discord
from discord import ui

from bot.errors import NotAllowed
from bot.i18n import listed, locale_of, text
from bot.kit.components import RETURNED, KeyButton, SafeForm, filled_in
from bot.kit.refused_forms import MOST, SECONDS, Filled, again_button, fill
from bot.kit.text_modals import WrittenForm, give_back
from bot.recent import Recent
from bot.text import shorten

if TYPE_CHECKING:
    from bot.kit.bot import Interaction

BACK: Final = "button.form_again"
"""The label of the button that opens it, with the words above it."""
KEPT: Final = "kept"
"""The part of a form that says which of the files from before go along again."""
HELP_LIMIT: Final = 100
"""Characters of what stands under a label (Discord)."""
NAMES_LIMIT: Final = 60
MOST_KEPT: Final = 10
"""Boxes side by side (Discord); the service takes nine images."""


class OpenedForms(Recent[tuple[int, str], SafeForm]):
    """By their person and custom_id, as they looked."""

    def __init__(self) -> None:
        super().__init__(MOST, seconds=SECONDS)


@dataclass(frozen=True, slots=True)
class Returned:
    """A form that was refused: as it looked, what was filled in, and which of its files are kept."""

    form: SafeForm
    filled: Filled
    files: Sequence[discord.Attachment]


class ReturnedForms(Recent[tuple[int, int], Returned]):
    """By their person and the interaction that sent them. After a restart the words alone are given back."""

    def __init__(self) -> None:
        super().__init__(MOST, seconds=SECONDS)


def files_of(interaction: Interaction) -> list[discord.Attachment]:
    """The files that a submitted form came with; where it came back and has none of its own, those that were kept."""
    data = cast("dict[str, Any]", interaction.data or {})
    resolved = cast("dict[str, dict[str, Any]]", data.get("resolved") or {}).get("attachments") or {}
    state = interaction.client._connection  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - what discord.py's own models are made with
    # In the order that they were chosen in, which alone their part tells.
    chosen = [id_ for said in filled_in(interaction).values() for id_ in said if id_ in resolved]
    files = [discord.Attachment(data=resolved[id_], state=state) for id_ in dict.fromkeys([*chosen, *resolved])]
    return files or _kept_before(interaction)


def _kept_before(interaction: Interaction) -> list[discord.Attachment]:
    """The files of a form that came back. NotAllowed: they are no longer known."""
    key = str(cast("dict[str, Any]", interaction.data or {}).get("custom_id", "")).partition(RETURNED)[2]
    if not key.isdecimal():
        return []
    returned = interaction.client.the(ReturnedForms).get((interaction.user.id, int(key)))
    if returned is None:
        raise NotAllowed("form.over")
    return list(returned.files)


class ReturningForm(WrittenForm):
    """Subclasses say which of the files of a refused form may be sent again."""

    async def open(self, interaction: Interaction) -> None:
        interaction.client.the(OpenedForms).put((interaction.user.id, self.custom_id), self)
        await super().open(interaction)

    def usable(self, files: Sequence[discord.Attachment]) -> Sequence[discord.Attachment]:
        return files

    async def give_back(self, interaction: Interaction, typed: str) -> None:
        """The words, and with a button the form as it was sent, with its files."""
        the, person = interaction.client.the, interaction.user.id
        form = the(OpenedForms).get((person, self.custom_id))
        if form is None:
            await super().give_back(interaction, typed)
            return
        try:
            files = self.usable(files_of(interaction)) or _kept_before(interaction)
        except NotAllowed:
            files = ()
        the(ReturnedForms).put((person, interaction.id), Returned(form, filled_in(interaction), files))
        locale, again = locale_of(interaction.locale), f"form:again:{interaction.id}"
        await give_back(interaction, typed, again_button(locale, again, label=BACK))


def kept_input(locale: str, names: Sequence[str]) -> ui.Label[Any]:
    """A box for each file from before; one that is no longer ticked is left out."""
    options = [
        discord.CheckboxGroupOption(label=shorten(name, HELP_LIMIT), value=str(index), default=True)
        for index, name in enumerate(names[:MOST_KEPT])
    ]
    group: ui.CheckboxGroup[Any] = ui.CheckboxGroup(custom_id=KEPT, required=False, min_values=0, options=options)
    return ui.Label(text=text(locale, "form.kept"), description=text(locale, "form.kept_help"), component=group)


def kept_in(filled: Filled) -> Collection[int] | None:
    """Which of the files from before go along again, counted from 0. None: the form did not ask."""
    said = filled.get(KEPT)
    return None if said is None else [int(one) for one in said if one.isdecimal()]


class FormAgainButton(KeyButton, template=r"form:again:(?P<key>\d{1,20})"):
    """Opens a refused form once more, as it was sent."""

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match.string, int(match["key"]))

    async def pressed(self, interaction: Interaction) -> None:
        returned = interaction.client.the(ReturnedForms).get((interaction.user.id, self.key))
        if returned is None:
            raise NotAllowed("form.over")
        form = returned.form
        form.custom_id = f"{form.custom_id.partition(RETURNED)[0]}{RETURNED}{self.key}"
        fill(form, returned.filled, interaction.guild)
        if returned.files:
            _name_files(form, [one.filename for one in returned.files], locale_of(interaction.locale))
        await SafeForm.open(form, interaction)


def _name_files(form: ui.Modal, names: Sequence[str], locale: str) -> None:
    kept = text(locale, "form.files_kept", files=shorten(listed(locale, list(names)), NAMES_LIMIT))
    for part in form.children:
        if isinstance(part, ui.Label) and isinstance(part.component, ui.FileUpload):
            part.description = shorten(kept, HELP_LIMIT)
