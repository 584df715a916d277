"""What is pressed and chosen in the panel. Each press is checked at the place that it is about, whoever opened it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from typing import Any, Self, cast

import discord
from discord import ui

from bot.errors import Refusal
from bot.i18n import locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import SafeButton, SafeForm, SafeItem, SafeSelect, button, row
from bot.kit.error_path import sentence
from bot.kit.responses import replace_message
from bot.settings import SETTINGS, Scope
from bot.settings import changes as store
from bot.settings.topics import Topic
from bot.store import events
from bot.store.database import Database
from cogs.config import advice, changes, managers, presets, validity
from cogs.config import draft_rows as drafts
from cogs.config.cards import shown
from cogs.config.panel import draft_of, panel
from cogs.config.panel_fields import typed_of
from cogs.config.panel_form import SettingsForm, choose, open_form
from cogs.config.panel_parts import PARTS
from cogs.config.spots import SPOT, Spot


class SpotButton(SafeButton, template=r"(?!)"):
    """A button of the panel; all that it needs stands in its custom_id."""

    def __init__(self, match: re.Match[str]) -> None:
        super().__init__(button("–", match.string))
        self.spot, self.match = Spot.of(match), match

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match)


class PageButton(SpotButton, template=rf"setup:page:{SPOT}"):
    """Another page, or the settings of another place."""

    async def pressed(self, interaction: Interaction) -> None:
        await replace_message(interaction, await panel(interaction, self.spot))


class PlaceMenu(SpotButton, template=rf"setup:place:{SPOT}"):
    """A channel, thread or category of the server."""

    async def pressed(self, interaction: Interaction) -> None:
        chosen = int((SafeSelect[Any].chosen(interaction) or ["0"])[0])
        channel = interaction.guild.get_channel_or_thread(chosen) if interaction.guild is not None else None
        scope = Scope.CATEGORY if isinstance(channel, discord.CategoryChannel) else Scope.CHANNEL
        await replace_message(interaction, await panel(interaction, Spot(scope, chosen, self.spot.topic)))


class FormButton(SpotButton, template=rf"setup:form:{SPOT}:{PARTS}"):
    """Opens a form."""

    async def pressed(self, interaction: Interaction) -> None:
        await open_form(interaction, self.spot, self.match["part"])


class ClearMenu(SpotButton, template=rf"setup:clear:{SPOT}"):
    """What is set at this very place is to be cleared."""

    async def pressed(self, interaction: Interaction) -> None:
        await choose(interaction, self.spot, dict.fromkeys(map(_known, SafeSelect[Any].chosen(interaction))))


class DiscardButton(SpotButton, template=rf"setup:discard:{SPOT}"):
    """What was chosen is forgotten."""

    async def pressed(self, interaction: Interaction) -> None:
        managers.check(interaction, self.spot.scope, self.spot.id)
        whose = interaction.user.id, self.spot
        guild_id = interaction.guild_id
        await interaction.client.the(Database).run(drafts.put, *whose, {}, guild_id=guild_id, now=time.time())
        await replace_message(interaction, await panel(interaction, self.spot))


class ApplyButton(SpotButton, template=rf"setup:apply:{SPOT}"):
    """Makes one change of all that was chosen."""

    async def pressed(self, interaction: Interaction) -> None:
        locale, spot = locale_of(interaction.locale), self.spot
        managers.check(interaction, spot.scope, spot.id)
        draft = await draft_of(interaction, spot)
        if wrong := list(_wrong(interaction, draft)):
            await replace_message(interaction, await panel(interaction, spot, said=wrong))
            return
        applied = await interaction.client.the(Database).run(
            events.once(interaction.id, drafts.apply),
            interaction.user.id,
            spot,
            draft,
            guild_id=interaction.guild_id,
            now=time.time(),
        )
        if applied.meanwhile:
            said = [_moved(interaction, key, *moved) for key, moved in applied.meanwhile.items()]
            said.append(text(locale, "setup.apply_again"))
            await replace_message(interaction, await panel(interaction, spot, said=said))
            return
        await show_applied(interaction, spot, applied.lines)


class UndoButton(SpotButton, template=rf"setup:undo:{SPOT}:(?P<batch>\d{{1,18}})"):
    """Takes back what was applied just now."""

    async def pressed(self, interaction: Interaction) -> None:
        lines, _ = await changes.undo(interaction, int(self.match["batch"]))
        locale = locale_of(interaction.locale)
        said = [text(locale, "config.undone", number=lines[0].undoes)]
        said += await advice.of_lines(interaction, locale, lines)
        await replace_message(interaction, await panel(interaction, self.spot, said=said))


class PresetsButton(SpotButton, template=rf"setup:presets:{SPOT}"):
    """The presets."""

    async def pressed(self, interaction: Interaction) -> None:
        managers.check(interaction, self.spot.scope, self.spot.id)
        await replace_message(interaction, presets.presets_card(interaction))


class TakeButton(SafeButton, template=rf"setup:take:(?P<name>{'|'.join(presets.PRESETS)})"):
    """Takes a preset."""

    def __init__(self, name: str) -> None:
        super().__init__(button("–", f"setup:take:{name}"))
        self.name = name

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["name"])

    async def pressed(self, interaction: Interaction) -> None:
        await show_applied(interaction, *await presets.take(interaction, self.name))


class OldItem(
    SafeItem[ui.Button[Any]],
    template=r"config:(?P<what>scope|setting|value|roles|channel|form|reset)"
    r"(?::(?P<scope>channel|category|server))?(?::(?P<key>[a-z_]{0,40}))?",
):
    """The menus and buttons of a panel of an earlier version: they lead to the page of their setting here. What was
    chosen in them is in the draft then.
    """

    def __init__(self, match: re.Match[str]) -> None:
        super().__init__(button("–", match.string))
        self.what, self.scope, self.key = match["what"], match["scope"], match["key"] or ""

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match)

    async def pressed(self, interaction: Interaction) -> None:
        chosen = SafeSelect[Any].chosen(interaction)
        if self.what == "scope":
            self.scope = (chosen or [""])[0]
        key = (chosen or [""])[0] if self.what == "setting" else self.key
        setting = validity.setting_of(key) if key else None
        scope, id_ = managers.target(interaction, Scope(self.scope) if self.scope in set(Scope) else None, setting)
        spot = Spot(scope, id_, setting.topic if setting is not None else Topic.WHAT)
        if setting is None or self.what in {"scope", "setting", "form"}:
            await replace_message(interaction, await panel(interaction, spot))
        else:
            typed = None if self.what == "reset" else typed_of(setting, chosen)
            await choose(interaction, spot, {setting.key: typed})


class OldForm(SafeForm):
    """A form that an earlier version's panel opened."""

    template = re.compile(r"config:write:(?P<scope>channel|category|server):(?P<key>[a-z_]{1,40})")

    def __init__(self, scope: Scope, key: str) -> None:
        super().__init__(title="–")
        self.scope, self.key = scope, key

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(Scope(match["scope"]), match["key"])

    async def submitted(self, interaction: Interaction, values: object) -> None:
        setting = validity.setting_of(self.key)
        scope, id_ = managers.target(interaction, self.scope, setting)
        typed = cast("dict[str, str]", values).get("value", "")
        await choose(interaction, Spot(scope, id_, setting.topic), {setting.key: typed or "none"})


PANEL_ITEMS: tuple[type[SafeItem[Any]], ...] = (
    PageButton,
    PlaceMenu,
    FormButton,
    ClearMenu,
    DiscardButton,
    ApplyButton,
    UndoButton,
    PresetsButton,
    TakeButton,
    OldItem,
)
PANEL_FORMS = (SettingsForm, OldForm)


async def show_applied(interaction: Interaction, spot: Spot, lines: Sequence[store.Changed]) -> None:
    """The panel, with what was made and the button that takes it back."""
    locale = locale_of(interaction.locale)
    if not lines:
        said = [text(locale, "setup.nothing_to_apply")]
        await replace_message(interaction, await panel(interaction, spot, said=said))
        return
    said = [text(locale, "setup.applied", count=len(lines), number=lines[0].batch)]
    said += await advice.of_lines(interaction, locale, lines)
    undo = row(button(text(locale, "button.undo"), f"{spot.custom_id('undo')}:{lines[0].batch}"))
    await replace_message(interaction, await panel(interaction, spot, said=said, more=[undo]))


def _known(key: str) -> str:
    return validity.setting_of(key).key


def _wrong(interaction: Interaction, draft: drafts.Draft) -> Iterator[str]:
    """What can't be applied any more, though it was right when it was chosen: a role that is gone, a closed channel."""
    locale = locale_of(interaction.locale)
    for key, step in draft.items():
        try:
            if step.after is not None:
                validity.checked(interaction, SETTINGS[key], cast("Any", step.after))
        except Refusal as refused:
            name = text(locale, SETTINGS[key].name_key)
            value = shown(locale, key, step.after, guild=interaction.guild)
            yield text(locale, "setup.refused", setting=name, value=value, why=sentence(refused, locale) or "")


def _moved(interaction: Interaction, key: str, value: object, line: store.Changed | None) -> str:
    """What somebody else changed meanwhile."""
    locale = locale_of(interaction.locale)
    known = line is not None and line.changed_by is not None
    return text(
        locale,
        "setup.meanwhile",
        who=f"<@{line.changed_by}>" if line is not None and known else text(locale, "config.somebody"),
        when="" if line is None else f"<t:{int(line.changed_at)}:R>",
        setting=text(locale, SETTINGS[key].name_key),
        value=text(locale, "config.no_value") if value is None else shown(locale, key, value, guild=interaction.guild),
    )
