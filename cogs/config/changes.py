"""The one path of every change of a setting: who may, one transaction with its lines in the history, what follows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.api.catalogue import ModelCatalogue
from bot.api.client import OneKeyClient
from bot.environment import Environment
from bot.errors import ModelNotAllowed, UnknownModel
from bot.generation.work.claims import Claims
from bot.kinds import Kind
from bot.kit.audience import Reader, others_of_server
from bot.kit.bot import Interaction
from bot.kit.cog import features
from bot.kit.places import place_of
from bot.kit.responses import acknowledge
from bot.orders.costs import CREDIT_SETTINGS
from bot.orders.moderation import OFF, Moderation
from bot.orders.policy import MAKES, Rules, rules_at, stored_values
from bot.settings import MODEL_SETTING, PAUSED, SETTINGS, Place, Scope, Setting, Value, Values
from bot.settings import changes as store
from bot.settings.changes import Change, Changed
from bot.settings.personas import DEFAULT, persona_at
from bot.settings.stored import Json
from bot.settings.topics import Topic
from bot.store import events
from bot.store.database import Database
from cogs.config import managers, validity

LOG, MODERATION = "log_channel", "moderation"
SEARCH = "web_search"
SEARCHED = frozenset({SEARCH, MODEL_SETTING[Kind.ASK]})
"""The settings that decide whether the web is searched, and by which model."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is stored for a place and its wider scopes, and what holds there by it. `moderates`: whether the service
    does; None: nobody has asked it yet.
    """

    place: Place
    values: Values
    rules: Rules
    moderates: bool | None = None
    credits: bool = False
    """Whether credits are switched on anywhere in the server: until then their settings are nobody's business."""

    def shows(self, setting: Setting) -> bool:
        """Whether it means something there."""
        if self.place.guild_id is None:
            return not setting.servers_only
        return self.credits or setting.topic is not Topic.CREDITS

    def own(self, scope: Scope, key: str) -> object:
        """What is set for one scope of the place; None: nothing."""
        id_ = self.place.id_of(scope)
        return None if id_ is None else self.values.get((scope, id_), {}).get(key)


class ReadByOthers(Exception):
    """A log channel that others than moderators read: whoever sets it is to know, and to say that they mean it."""

    def __init__(self, scope: Scope, channel_id: int, readers: Sequence[Reader]) -> None:
        super().__init__(f"channel {channel_id} is read by others than moderators")
        self.scope = scope
        self.channel_id = channel_id
        self.readers = readers


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A setting that somebody set or reset; `value` None: nothing is set there any more."""

    setting: Setting
    scope: Scope
    scope_id: int
    value: object
    changed: bool
    look: Look
    unchecked: bool
    """The service has no list of models to check the name against."""
    not_covered: Mapping[str, str]
    """Settings of a model that is not among the allowed ones here, with that model: of commands that are on, and of
    what images are made into.
    """
    no_search: str | None
    """The chat model in use here, which is to search the web and was refused it."""


async def look_at(interaction: Interaction, place: Place | None = None) -> Look:
    """What holds at `place`; None: here."""
    the = interaction.client.the
    seen = place or place_of(interaction)

    def read(connection: Connection) -> tuple[Values, bool]:
        return stored_values(connection, seen), credits_in(connection, seen.guild_id)

    values, credits = await the(Database).run(read)  # noqa: A001 - the word for them
    return Look(seen, values, rules_at(seen, values, the(Environment)), the(Moderation).there, credits)


def credits_in(connection: Connection, guild_id: int | None) -> bool:
    """Whether credits are switched on anywhere in the server."""
    return guild_id is not None and store.is_any_set(connection, guild_id, CREDIT_SETTINGS)


async def change(
    interaction: Interaction,
    setting: Setting,
    scope: Scope | None,
    typed: str | Callable[[object], str | None] | None,
    *,
    confirmed: bool = False,
) -> Outcome:
    """Set what was typed, or reset with None. A `Refusal` says why not; ReadByOthers, unless it is `confirmed`.

    A function makes what was typed of the value that is set there (None: nothing is), in the same transaction.
    """
    meant, id_ = managers.target(interaction, scope, setting)
    if callable(typed):
        value, lines = await _edit(interaction, setting, (meant, id_), typed)
    else:
        value = None if typed is None else validity.parse(interaction, setting, typed)
        if setting.key == validity.PERSONA and value:  # as the server writes it; BadValue names those that there are
            value = persona_at((await look_at(interaction)).rules, str(value)).name or DEFAULT
        if setting.key == LOG and not confirmed and (readers := read_by_others(interaction, meant, id_, value)):
            raise ReadByOthers(meant, int(str(value)), readers)
        lines = await make(interaction, [Change(meant, id_, setting.key, value)])
    if setting.key == MODERATION and value not in {None, OFF}:
        await interaction.client.the(Moderation).learn()
    look = await look_at(interaction)
    return Outcome(
        setting=setting,
        scope=meant,
        scope_id=id_,
        value=value,
        changed=bool(lines),
        look=look,
        unchecked=validity.is_unchecked(interaction, setting, value) if value is not None else False,
        not_covered=refused_models(interaction, look.rules) if chooses_models(setting.key) else {},
        no_search=await no_search(interaction, look) if setting.key in SEARCHED else None,
    )


async def no_search(interaction: Interaction, look: Look) -> str | None:
    """The chat model in use there, if it is to search the web and was refused it."""
    model = str(look.rules.value(MODEL_SETTING[Kind.ASK]))
    on = look.rules.value(SEARCH)
    return model if on and await interaction.client.the(OneKeyClient).refuses_search(model) else None


def read_by_others(interaction: Interaction, scope: str, id_: int, value: object) -> list[Reader]:
    """Who reads a log channel without being a moderator of the place that it is set for."""
    guild = interaction.guild
    channel = guild.get_channel_or_thread(int(str(value))) if guild is not None and value else None
    if guild is None or channel is None:
        return []
    return others_of_server(channel, guild.get_channel_or_thread(id_) if scope == Scope.CHANNEL else None)


def open_logs(interaction: Interaction, lines: Sequence[Changed]) -> Mapping[int, list[Reader]]:
    """The log channels that were set, and that others read than moderators of where they are set for."""
    found: dict[int, list[Reader]] = {}
    for line in lines:
        if line.key == LOG and (readers := read_by_others(interaction, line.scope, line.scope_id, line.after)):
            found.setdefault(int(str(line.after)), readers)
    return found


async def _edit(
    interaction: Interaction, setting: Setting, place: tuple[Scope, int], edit: Callable[[object], str | None]
) -> tuple[Json | None, list[Changed]]:
    def value_of(present: Json | None) -> Value | None:
        typed = edit(present)
        return None if typed is None else validity.parse(interaction, setting, typed)

    return await edit_value(interaction, place, setting.key, value_of)


async def edit_value(
    interaction: Interaction, place: tuple[Scope, int], key: str, value_of: Callable[[Json | None], Json | None]
) -> tuple[Json | None, list[Changed]]:
    """Make of the value that is set there (None: nothing is) the next one, with its line in the history."""
    return await interaction.client.the(Database).run(
        events.once(interaction.id, store.edit),
        place,
        key,
        value_of,
        by=interaction.user.id,
        now=time.time(),
        guild_id=interaction.guild_id,
    )


async def make(interaction: Interaction, wanted: Sequence[Change], *, came_by: str | None = None) -> list[Changed]:
    """Make changes in one go: of values that were checked, at places that the person may change (`managers`)."""
    lines = await interaction.client.the(Database).run(
        events.once(interaction.id, store.make),
        wanted,
        by=interaction.user.id,
        now=time.time(),
        guild_id=interaction.guild_id,
        came_by=came_by,
    )
    await tell_pauses(interaction, lines)
    return lines


async def tell_pauses(interaction: Interaction, lines: Sequence[Changed]) -> None:
    """What follows when places were paused or go on. It may take a while, so the interaction is acknowledged."""
    pauses = [line for line in lines if line.key == PAUSED and line.before != line.after]
    if not pauses:
        return
    the = interaction.client.the
    try:
        # A pressed message is changed; a command is answered.
        await acknowledge(interaction, ephemeral=True, thinking=interaction.message is None)
    finally:
        paused = {(Scope(line.scope), line.scope_id) for line in pauses if line.after}
        for feature in features(interaction.client):
            feature.on_paused(paused, by=interaction.user.id)
        await the(Claims).pauses_changed()


async def not_covered(interaction: Interaction, lines: Sequence[Changed]) -> Mapping[str, str]:
    """As of an `Outcome`, after changes that were taken back or taken in."""
    if not any(chooses_models(line.key) for line in lines):
        return {}
    return refused_models(interaction, (await look_at(interaction)).rules)


def chooses_models(key: str) -> bool:
    return key == "allowed_models" or (key in SETTINGS and SETTINGS[key].command is not None)


def refused_models(interaction: Interaction, rules: Rules) -> Mapping[str, str]:
    """Of the settings of models, as of an `Outcome`."""

    def refused(kind: Kind) -> bool:
        try:
            rules.model(kind, None, interaction.client.the(ModelCatalogue))
        except (ModelNotAllowed, UnknownModel):
            return True
        return False

    on: list[Kind] = [kind for kind in Kind if kind.command in rules.value("commands")]
    keys: list[str] = [MODEL_SETTING[kind] for kind in on if refused(kind)]
    keys += [key for key in MAKES if rules.value(key) and not rules.made_with(key)]
    return {key: str(rules.value(key)) for key in keys}
