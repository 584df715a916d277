"""Whole ways of using the bot to begin with: each shown with its values, taken with one press, undone with one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from discord import ui

from bot.environment import Environment
from bot.i18n import locale_of, text
from bot.kit.components import Card, button, row, section
from bot.kit.places import place_of
from bot.orders.moderation import Moderation
from bot.settings import SETTINGS, Scope, stored
from bot.settings import changes as store
from bot.settings.changes import Change
from bot.settings.topics import Topic
from bot.store.database import Database
from cogs.config import changes, managers
from cogs.config.cards import setting_name, shown
from cogs.config.differences import difference
from cogs.config.draft_rows import Step, same
from cogs.config.no_log import no_reports
from cogs.config.spots import Spot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.kit.bot import Interaction
    from bot.settings import Value
    from bot.settings.changes import Changed
    from bot.settings.stored import Json


VALUE_LIMIT = 200
STEP_LIMIT = 60
"""Of each value that would be replaced, in characters before escaping."""


@dataclass(frozen=True, slots=True)
class Preset:
    """`values`: as one would type them. `clears`: what would speak against it is set there no more."""

    name_key: str
    help_key: str
    scope: Scope
    values: Mapping[str, str]
    clears: tuple[str, ...] = ()

    @property
    def wanted(self) -> Mapping[str, Value | None]:
        """As it is stored; None: nothing."""
        return {key: SETTINGS[key].parse(typed) for key, typed in self.values.items()} | dict.fromkeys(self.clears)


_FOR_SOME = ("roles", "ask_roles", "imagine_roles", "video_roles", "allowed_models")
"""What leaves people or models out."""

PRESETS: Final[Mapping[str, Preset]] = {
    "community": Preset(
        "preset.community",
        "preset.community_help",
        Scope.SERVER,
        {
            "commands": "all",
            "answers": "public",
            "mentions": "on",
            "moderation": "prompts",
            "limits": "ask=50/day, imagine=20/day, video=3/day, total video=50/day",
            "max_running_videos_per_person": "1",
        },
        _FOR_SOME,
    ),
    "friends": Preset(
        "preset.friends",
        "preset.friends_help",
        Scope.SERVER,
        {
            "commands": "all",
            "answers": "public",
            "mentions": "on",
            "limits": "none",
        },
        (*_FOR_SOME, "moderation", "max_running_videos_per_person", "daily_credits", "server_pool"),
    ),
    "images": Preset("preset.images", "preset.images_help", Scope.CHANNEL, {"commands": "imagine"}),
    "text": Preset("preset.text", "preset.text_help", Scope.CHANNEL, {"commands": "ask"}),
}


async def presets_card(interaction: Interaction, *, first: bool = False) -> Card:
    """Those that the person may take here, each with what it would replace. `first`: nothing is set in this server."""
    places = {_spot(interaction, preset).place for preset in PRESETS.values()}
    now = await interaction.client.the(Database).run(stored.read, scopes=list(places))
    locale = locale_of(interaction.locale)
    head = text(locale, "setup.welcome" if first else "button.presets")
    items: list[ui.Item[Any]] = [ui.TextDisplay(f"### {head}\n-# {text(locale, 'setup.presets_hint')}")]
    for name, preset in PRESETS.items():
        spot = _spot(interaction, preset)
        if managers.may_change(interaction, spot.scope, spot.id):
            steps = _steps(preset, now.get(spot.place, {}))
            take = button(text(locale, "button.take"), f"setup:take:{name}")
            take.disabled = not steps
            items.append(section("\n".join(_lines(interaction, preset, steps)), take))
    server = Spot(Scope.SERVER, interaction.guild_id or 0, Topic.RECORD)
    if managers.may_change(interaction, server.scope, server.id) and (
        hint := await no_reports(interaction, await changes.look_at(interaction))
    ):
        items.append(section(hint, button(text(locale, SETTINGS[changes.LOG].name_key), server.custom_id("page"))))
    own = button(
        text(locale, "button.set_up_myself" if first else "button.back"), _start(interaction).custom_id("page")
    )
    return Card(ui.Container(*items, row(own)))


async def take(interaction: Interaction, name: str) -> tuple[Spot, list[Changed]]:
    """Set all of it, in one go. NotAllowed: the person may not change that place."""
    preset = PRESETS[name]
    spot = _spot(interaction, preset)
    managers.check(interaction, spot.scope, spot.id)
    wanted = [Change(spot.scope, spot.id, key, value) for key, value in preset.wanted.items()]
    return spot, await changes.make(interaction, wanted, came_by=name)


async def is_set_up(interaction: Interaction) -> bool:
    """Whether anything is set in this server, or it is none."""
    guild_id = interaction.guild_id
    return guild_id is None or await interaction.client.the(Database).run(store.is_any_set, guild_id)


def _spot(interaction: Interaction, preset: Preset) -> Spot:
    if preset.scope is Scope.SERVER:
        return Spot(Scope.SERVER, interaction.guild_id or 0)
    return Spot(Scope.CHANNEL, place_of(interaction).here)


def _start(interaction: Interaction) -> Spot:
    return Spot.here(interaction)


def _steps(preset: Preset, now: Mapping[str, Json]) -> Mapping[str, Step]:
    """What it would change."""
    wanted = cast("Mapping[str, Json | None]", preset.wanted)
    return {key: Step(now.get(key), value) for key, value in wanted.items() if not same(now.get(key), value)}


def _lines(interaction: Interaction, preset: Preset, steps: Mapping[str, Step]) -> Iterator[str]:
    locale = locale_of(interaction.locale)
    where = "config.scope_server" if preset.scope is Scope.SERVER else "config.scope_channel"
    no_moderation = interaction.client.the(Moderation).there is False
    yield f"**{text(locale, preset.name_key)}** · {text(locale, where)}"
    yield text(locale, preset.help_key)
    values = [
        text(
            locale,
            "setup.value",
            setting=text(locale, SETTINGS[key].name_key),
            value=shown(locale, key, SETTINGS[key].parse(typed), VALUE_LIMIT)
            + (f" ({text(locale, 'config.service_has_none')})" if key == "moderation" and no_moderation else ""),
        )
        for key, typed in preset.values.items()
    ]
    cleared = {key: _default(interaction, locale, key) for key in steps if key in preset.clears}
    values += [text(locale, "setup.value", setting=setting_name(locale, key), value=cleared[key]) for key in cleared]
    yield f"-# {' · '.join(values)}"
    if not steps:
        yield f"-# {text(locale, 'setup.preset_now')}"
    replaced = [
        difference(locale, key, step, interaction.guild, STEP_LIMIT, cleared=cleared.get(key)).said
        for key, step in steps.items()
        if step.before is not None
    ]
    if replaced:
        yield f"-# {text(locale, 'setup.replaces', steps=' · '.join(replaced))}"


def _default(interaction: Interaction, locale: str, key: str) -> str:
    """What holds in the server once it has set nothing."""
    value = shown(locale, key, SETTINGS[key].default(interaction.client.the(Environment)), STEP_LIMIT)
    return f"{value} ({text(locale, 'config.from_default')})"
