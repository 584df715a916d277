"""What is pressed and chosen in the panel. Each press is checked at the place that it is about, whoever opened it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self, cast

import discord
from discord import ui

from bot.i18n import listed, locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import SafeButton, SafeForm, SafeItem, SafeSelect, button
from bot.kit.responses import replace_message
from bot.settings import SETTINGS, Scope
from bot.settings import changes as store
from bot.settings.locks import LOCKS
from bot.settings.topics import Topic
from cogs.config import advice, changes, managers, presets, validity
from cogs.config.cards import setting_name, show, where
from cogs.config.draft_rows import Step
from cogs.config.lock_menus import MENUS, with_locks
from cogs.config.no_log import no_reports
from cogs.config.own_drafts import apply_drafts, draft_of, keep_drafts
from cogs.config.panel import page_of, panel, steps_said
from cogs.config.panel_fields import typed_of
from cogs.config.panel_form import SettingsForm, choose, open_form, server_values, value_in
from cogs.config.panel_parts import PARTS, part_of
from cogs.config.review import REVIEW_ITEMS, spot_of
from cogs.config.spots import SPOT, Spot
from cogs.config.steps import moved_line, wrong
from cogs.config.undo import undo

PLACES_SHOWN = 5


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


class EditAgainButton(SpotButton, template=rf"setup:again:{SPOT}:{PARTS}"):
    """Opens a form that was refused, with what was typed in it."""

    async def pressed(self, interaction: Interaction) -> None:
        await open_form(interaction, self.spot, self.match["part"], again=True)


class ClearMenu(SpotButton, template=rf"setup:clear:{SPOT}"):
    """What is set at this very place is to be cleared."""

    async def pressed(self, interaction: Interaction) -> None:
        await choose(interaction, self.spot, dict.fromkeys(map(_known, SafeSelect[Any].chosen(interaction))))


class LocksMenu(SpotButton, template=rf"setup:locks:{SPOT}:(?P<number>[0-{MENUS - 1}])"):
    """What the server locks."""

    async def pressed(self, interaction: Interaction) -> None:
        look = await changes.look_at(interaction, self.spot.looked_at(interaction))
        held = value_in(await draft_of(interaction, self.spot), look, self.spot, SETTINGS[LOCKS])
        locks = with_locks(held, int(self.match["number"]), SafeSelect[Any].chosen(interaction))
        await choose(interaction, self.spot, {LOCKS: locks})


class DiscardButton(SpotButton, template=rf"setup:discard:{SPOT}"):
    """What was chosen is forgotten."""

    async def pressed(self, interaction: Interaction) -> None:
        managers.check(interaction, self.spot.scope, self.spot.id)
        await keep_drafts(interaction, {self.spot.place: {}})
        await replace_message(interaction, await panel(interaction, self.spot))


class ApplyButton(SpotButton, template=rf"setup:apply:{SPOT}"):
    """Makes one change of all that was chosen."""

    async def pressed(self, interaction: Interaction) -> None:
        locale, spot = locale_of(interaction.locale), self.spot
        managers.check(interaction, spot.scope, spot.id)
        draft = await draft_of(interaction, spot)
        server = server_values(await changes.look_at(interaction, spot.looked_at(interaction)))
        if refused := wrong(interaction, locale, spot.place, draft, server):
            left = {key: step for key, step in draft.items() if key not in refused}
            await keep_drafts(interaction, {spot.place: left})
            await replace_message(interaction, await panel(interaction, spot, said=list(refused.values())))
            return
        applied = await apply_drafts(interaction, {spot.place: draft} if draft else {})
        if applied.moved:
            said = [moved_line(locale, moved, interaction.guild) for moved in applied.moved]
            said.append(text(locale, "setup.apply_again"))
            await replace_message(interaction, await panel(interaction, spot, said=said))
            return
        await changes.tell_pauses(interaction, applied.lines)
        await show_applied(interaction, spot, applied.lines)


class UndoButton(
    SpotButton, template=rf"setup:undo:{SPOT}:(?P<batch>\d{{1,18}})(?::(?P<preset>{'|'.join(presets.PRESETS)}))?"
):
    """Takes back what was applied just now, and shows a place where that was."""

    async def pressed(self, interaction: Interaction) -> None:
        lines, _ = await undo(interaction, int(self.match["batch"]))
        locale = locale_of(interaction.locale)
        said = [_undone(locale, lines, self.match["preset"])]
        said += await advice.of_lines(interaction, locale, lines)
        await show(interaction, await panel(interaction, spot_of(interaction, lines, self.spot), said=said))


class PresetsButton(SpotButton, template=rf"setup:presets:{SPOT}"):
    """The presets."""

    async def pressed(self, interaction: Interaction) -> None:
        managers.check(interaction, self.spot.scope, self.spot.id)
        await replace_message(interaction, await presets.presets_card(interaction))


class TakeButton(SafeButton, template=rf"setup:take:(?P<name>{'|'.join(presets.PRESETS)})"):
    """Takes a preset."""

    def __init__(self, name: str) -> None:
        super().__init__(button("–", f"setup:take:{name}"))
        self.name = name

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["name"])

    async def pressed(self, interaction: Interaction) -> None:
        spot, lines = await presets.take(interaction, self.name)
        await show_applied(interaction, spot, lines, preset=self.name)


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
        spot = Spot(scope, id_, setting.topic)
        part = part_of(setting, page_of(await changes.look_at(interaction, spot.looked_at(interaction)), spot))
        filled = {setting.key: [typed]}
        await choose(interaction, spot, {setting.key: typed or "none"}, part=part, filled=filled)


PANEL_ITEMS: tuple[type[SafeItem[Any]], ...] = (
    PageButton,
    PlaceMenu,
    FormButton,
    EditAgainButton,
    ClearMenu,
    LocksMenu,
    DiscardButton,
    ApplyButton,
    UndoButton,
    PresetsButton,
    TakeButton,
    *REVIEW_ITEMS,
    OldItem,
)
PANEL_FORMS = (SettingsForm, OldForm)


async def show_applied(
    interaction: Interaction, spot: Spot, lines: Sequence[store.Changed], *, preset: str | None = None
) -> None:
    """The panel, with what was made and the button that takes it back. `preset`: the one it came from."""
    locale = locale_of(interaction.locale)
    name = preset and text(locale, presets.PRESETS[preset].name_key)
    if not lines:
        same = text(locale, "setup.preset_there", preset=name)
        said = [text(locale, "setup.nothing_to_apply") if preset is None else same]
        await show(interaction, await panel(interaction, spot, said=said))
        return
    key = "setup.applied" if preset is None else "setup.applied_preset"
    said = [text(locale, key, preset=name, count=len(lines), number=lines[0].batch)]
    said += [one.said for one in steps_said(interaction, {line.key: Step(line.before, line.after) for line in lines})]
    said += await advice.of_lines(interaction, locale, lines)
    if preset is not None and (hint := await no_reports(interaction, await changes.look_at(interaction))):
        said.append(hint)
    undo = str(lines[0].batch) if preset is None else f"{lines[0].batch}:{preset}"
    await show(interaction, await panel(interaction, spot, said=said, undo=undo))


def _undone(locale: str, lines: Sequence[store.Changed], preset: str | None) -> str:
    """What was taken back: the preset, the settings, and where there were several, the places."""
    names = listed(locale, dict.fromkeys(setting_name(locale, line.key) for line in lines))
    number = lines[0].undoes
    if preset is not None:
        name = text(locale, presets.PRESETS[preset].name_key)
        return text(locale, "setup.undone_preset", preset=name, settings=names, number=number)
    places = dict.fromkeys(where(locale, line.scope, line.scope_id, guild_id=line.guild_id) for line in lines)
    if len(places) == 1:
        return text(locale, "setup.undone", settings=names, number=number)
    few = listed(locale, list(places)[:PLACES_SHOWN]) + (" …" if len(places) > PLACES_SHOWN else "")
    return text(locale, "setup.undone_places", settings=names, places=few, number=number)


def _known(key: str) -> str:
    return validity.setting_of(key).key
