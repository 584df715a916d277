"""What there is to choose from for a setting, from memory: for the panel's menus and for autocompletion."""

from __future__ import annotations

import asyncio
import logging
from itertools import combinations
from typing import Final, NamedTuple

import discord
from discord import app_commands

from bot.api.catalogue import ModelCatalogue
from bot.api.models import by_kind, fitting
from bot.cards.model_choices import LOOKUP_SECONDS
from bot.errors import NotAllowed
from bot.i18n import listed, locale_of, text
from bot.kinds import Kind
from bot.kit.bot import Interaction
from bot.kit.commands import CHOICES, localised, matching
from bot.orders import person_lines
from bot.settings import SETTINGS, Scope, Setting
from bot.settings import changes as store
from bot.settings.locks import Locks
from bot.settings.personas import DEFAULT, personas_at
from bot.settings.topics import TOPIC_NAMES, Topic
from bot.settings.values import Channel, Choice, Commands, Flag, ListOf, Model, Patterns, Roles, Size, Whole, Words
from bot.shapes import shown as size_shown
from bot.store.database import Database
from bot.text import one_line, shorten
from cogs.config import managers, search
from cogs.config.cards import named, plainly, setting_name
from cogs.config.changes import credits_in, look_at
from cogs.config.examples import examples_of
from cogs.config.person_lines import plainly as plainly_said
from cogs.config.validity import PERSONA, WRITABLE

log = logging.getLogger(__name__)

COMMANDS: Final = [app_commands.Choice(name=f"/{kind.command}", value=kind.command) for kind in Kind]
SCOPES: Final = [
    app_commands.Choice(name=localised("command.config.channel"), value=Scope.CHANNEL.value),
    app_commands.Choice(name=localised("command.config.category"), value=Scope.CATEGORY.value),
    app_commands.Choice(name=localised("command.config.server"), value=Scope.SERVER.value),
]
"""“Channel” is where one is: in a thread, that thread."""
LONGEST = 100
"""Characters of a choice's name and of its value (Discord)."""
BATCHES = 200
"""How many of the newest changes are looked through while typing."""


class Option(NamedTuple):
    name: str
    value: str


def options_of(interaction: Interaction, setting: Setting) -> list[Option]:
    """All that can be chosen without typing; for a text or a long range of numbers there is nothing."""
    locale = locale_of(interaction.locale)
    guild = interaction.guild
    every, none = (Option(named(locale, word), word) for word in ("all", "none"))
    match setting.kind:
        case Model(command=command, optional=optional):
            names = fitting(command, by_kind(command, interaction.client.the(ModelCatalogue).names()))
            return [none] * optional + [Option(name, name) for name in names]
        case Patterns():
            return [
                every,
                *(Option(name, name) for name in interaction.client.the(ModelCatalogue).names()),
            ]
        case Flag():
            return [Option(text(locale, "config.on"), "on"), Option(text(locale, "config.off"), "off")]
        case Choice(options=options):
            return [Option(text(locale, key), value) for value, key in options.items()]
        case Size(offered=offered):
            return [Option(size_shown(size), size) for size in offered]
        case Commands(options=options):
            some = [part for count in range(1, len(options)) for part in combinations(options, count)]
            return [every, *(Option(listed(locale, part), ", ".join(part)) for part in some), none]
        case Whole(least=least, most=most) if most - least < CHOICES:
            return [Option(str(number), str(number)) for number in range(least, most + 1)]
        case Locks(lockable=lockable):
            return [none, *(Option(SETTINGS[key].name(locale), key) for key in dict.fromkeys(lockable().values()))]
        case Roles() if guild is not None:
            roles = sorted(
                (role for role in guild.roles if not (role.is_default() or role.is_bot_managed())), reverse=True
            )
            return [
                Option(named(locale, "everyone"), "everyone"),
                *(Option(f"@{role.name}", role.mention) for role in roles),
            ]
        case Channel() if guild is not None:
            return [none, *_log_channels(interaction, guild)]
        case Words():
            return [none]
        case _:
            return []


async def suggested_values(
    interaction: Interaction, key: str, typed: str, scope: str | None
) -> list[app_commands.Choice[str]]:
    """Values that contain what was typed, the one in use first, then examples; of a list, its last part."""
    setting = SETTINGS.get(key)
    if setting is None or not _manages(interaction):
        return []
    wanted = typed.strip().lower()
    current, rest = await _current(interaction, setting, scope), _completed(interaction, setting, typed)
    if rest is None:
        current, rest = current + options_of(interaction, setting), []
    fits = [one for one in current if wanted in one.name.lower() or wanted in one.value.lower()] + rest
    models = interaction.client.the(ModelCatalogue).names()
    examples = examples_of(setting, typed, guild=interaction.guild, models=models)
    locale = locale_of(interaction.locale)
    return _choices(fits + [Option(named(locale, name), value) for name, value in examples])


def scope_of(chosen: str | None) -> Scope | None:
    """Of SCOPES; None: none was chosen."""
    return None if chosen is None else Scope(chosen)


async def suggested_settings(interaction: Interaction, typed: str, scope: str | None) -> list[app_commands.Choice[str]]:
    """Settings by name, by topic or by what they are for; those alone that the person may change there. Those of
    credits, where they are off, only to who types what one of them is called.
    """
    if not _manages(interaction):
        return []
    locale = locale_of(interaction.locale)
    fitting = [
        SETTINGS[key]
        for key in search.found(typed)
        if (scope is None or scope in SETTINGS[key].scopes) and _may_change(interaction, SETTINGS[key], scope)
    ]
    asked = fitting[:1] and fitting[0].topic is Topic.CREDITS
    if not asked and not await interaction.client.the(Database).run(credits_in, interaction.guild_id):
        fitting = [one for one in fitting if one.topic is not Topic.CREDITS]
    return [
        app_commands.Choice(
            name=shorten(
                " · ".join((one.key, text(locale, TOPIC_NAMES[one.topic]), text(locale, one.help_key))), LONGEST
            ),
            value=one.key,
        )
        for one in fitting[:CHOICES]
    ]


async def suggested_changes(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The changes that can be taken back, newest first."""
    if not _manages(interaction):
        return []
    realm = managers.realm(interaction)
    database = interaction.client.the(Database)
    open_ = await database.run(store.to_undo, realm, limit=CHOICES * 2)
    sets = await database.run(store.history, realm, limit=BATCHES, lines=1)
    locale = locale_of(interaction.locale)
    found: list[Option] = []
    for one in sets:
        line = one.lines[0]
        if line.batch not in open_:
            continue
        place = text(locale, "config.this_server") if line.scope == Scope.SERVER else _channel_name(interaction, line)
        values = " → ".join(
            text(locale, "config.not_set") if value is None else plainly(locale, line.key, value)
            for value in (line.before, line.after)
        )
        if line.key in person_lines.KEYS:
            values = plainly_said(locale, line)
        more = f" (+{one.count - 1})" if one.count > 1 else ""
        said = f"#{line.batch} · {setting_name(locale, line.key)} · {place}{more} · {values}"
        found.append(Option(shorten(one_line(said), LONGEST), str(line.batch)))
    return matching(found, typed.strip().removeprefix("#"))


def _channel_name(interaction: Interaction, line: store.Changed) -> str:
    channel = interaction.guild.get_channel_or_thread(line.scope_id) if interaction.guild else None
    return f"#{channel.name}" if channel is not None else str(line.scope_id)


def _log_channels(interaction: Interaction, guild: discord.Guild) -> list[Option]:
    person = interaction.user
    if not isinstance(person, discord.Member):
        return []
    channels = sorted((one for one in guild.channels if isinstance(one, WRITABLE)), key=lambda one: one.position)
    return [
        Option(f"#{channel.name}", channel.mention)
        for channel in (*channels, *guild.threads)
        if (channel.parent is not None if isinstance(channel, discord.Thread) else True)
        and channel.permissions_for(person).view_channel
    ]


def _head(kind: ListOf, typed: str) -> list[str]:
    """The finished parts of a list that is being typed."""
    parts = kind.split(typed)
    return parts if typed[-1:] in {" ", ",", "，", "、", ">"} else parts[:-1]


def _completed(interaction: Interaction, setting: Setting, typed: str) -> list[Option] | None:
    """The options with the finished parts of a list before each; None: no part is finished."""
    kind = setting.kind
    if not isinstance(kind, ListOf) or isinstance(kind, Commands) or not (head := _head(kind, typed)):
        return None
    options, parts = options_of(interaction, setting), kind.split(typed)
    last = parts[-1].lower() if len(parts) > len(head) else ""
    separator = " " if isinstance(kind, Roles) else ", "
    names, locale = {one.value: one.name for one in options}, locale_of(interaction.locale)
    before = [names.get(part, part) for part in head]
    return [
        Option(listed(locale, [*before, one.name]), separator.join([*head, one.value]))
        for one in options
        if one.value not in {*head, *kind.nothing} and last in one.name.lower()
    ]


async def _current(interaction: Interaction, setting: Setting, scope: str | None) -> list[Option]:
    """The value that is in use, or set for the chosen scope."""
    try:
        async with asyncio.timeout(LOOKUP_SECONDS):
            look = await look_at(interaction)
    except Exception:  # a choice list is no place to fail: the person can type the value
        log.warning("the value in use could not be looked up for autocompletion", exc_info=True)
        return []
    if setting.key == PERSONA:
        default = Option(text(locale_of(interaction.locale), "personas.default"), DEFAULT)
        return [default, *(Option(str(one.name), str(one.name)) for one in personas_at(look.rules))]
    value = look.own(Scope(scope), setting.key) if scope in set(Scope) else None
    if value is None:
        value = look.rules.effective[setting.key].value
    typed = setting.show(value)
    if typed is None or len(typed) > LONGEST or "\n" in typed:
        return []
    names = {one.value: one.name for one in options_of(interaction, setting)}
    return [Option(names.get(typed) or named(locale_of(interaction.locale), typed), typed)]


def _choices(found: list[Option]) -> list[app_commands.Choice[str]]:
    """In order, each value once, those alone that Discord takes."""
    first = {one.value: one for one in reversed(found) if 0 < len(one.value) <= LONGEST}
    values = list(dict.fromkeys(one.value for one in found if one.value in first))
    return [
        app_commands.Choice(name=shorten(one_line(first[value].name) or value, LONGEST), value=value)
        for value in values[:CHOICES]
    ]


def _may_change(interaction: Interaction, setting: Setting, scope: str | None) -> bool:
    try:
        managers.target(interaction, None if scope is None else Scope(scope), setting)
    except NotAllowed:
        return False
    return True


def _manages(interaction: Interaction) -> bool:
    """What is set is nothing for others to read, not in suggestions either."""
    try:
        managers.check_here(interaction)
    except NotAllowed:
        return False
    return True
