"""/config export and import: settings as a YAML file, out and in again."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import discord
from discord import ui

from bot.aside import Aside
from bot.decoding import decode
from bot.errors import BadValue, NotAllowed, Refusal, UnusableFile
from bot.i18n import listed, locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import Card
from bot.kit.responses import PASSING, acknowledge
from bot.kit.short_cards import note
from bot.settings import PAUSED, SETTINGS, Scope
from bot.settings import changes as store
from bot.settings.changes import Realm
from bot.settings.copying import match, named_in, translated
from bot.settings.file import FileProblem, Section, read_all
from bot.settings.file_writing import write
from bot.settings.stored import Json, Place
from bot.settings.things import Thing, What
from bot.store.database import Database
from cogs.config import draft_rows as drafts
from cogs.config import managers, validity
from cogs.config.copying import Copies, Copy, here_of, question
from cogs.config.draft_rows import Draft, Step
from cogs.config.file_problems import Wrong, refusal, wrong_in
from cogs.config.own_drafts import keep_drafts
from cogs.config.review import review

FILE_LIMIT = 256 * 1024
MOST_CHANGES = 2000
"""In one file: a twentieth of a second of the database's time."""
FILE_NAME = "settings.yml"
NO_PERSONA = frozenset({"personas.none", "personas.unknown"})


async def export(interaction: Interaction) -> tuple[ui.LayoutView, discord.File | None]:
    """The answer, and the file with all that the person may see."""
    locale = locale_of(interaction.locale)
    stored = await interaction.client.the(Database).run(store.everything, managers.realm(interaction))
    if not stored:
        return note(text(locale, "config.nothing_set")), None
    guild = interaction.guild

    def name_of(scope: str, id_: int) -> str:
        if scope == Scope.SERVER:
            return guild.name if guild else ""
        channel = guild.get_channel_or_thread(id_) if guild else None
        if channel is None:
            return text(locale, "config.file_gone" if guild else "config.file_direct")
        parent = f"#{channel.parent} › " if isinstance(channel, discord.Thread) else ""
        return f"{parent}{'' if isinstance(channel, discord.CategoryChannel | discord.Thread) else '#'}{channel.name}"

    def role_name(id_: int) -> str:
        role = guild.get_role(id_) if guild else None
        return f"@{role.name}" if role else text(locale, "config.file_gone")

    heading = text(locale, "config.file_heading")
    names = {} if guild is None else _names(guild, stored)
    written = await interaction.client.the(Aside).run(
        write, stored, heading=heading, name_of=name_of, role_name=role_name, names=names
    )
    display: ui.TextDisplay[ui.LayoutView] = ui.TextDisplay(
        text(locale, "config.exported", places=_places(locale, guild, stored))
    )
    file = discord.File(io.BytesIO(written.encode()), filename=FILE_NAME)
    return Card(display, ui.File(f"attachment://{FILE_NAME}")), file


def _places(locale: str, guild: discord.Guild | None, stored: dict[Place, dict[str, Json]]) -> str:
    """“the server and 2 channels”: whose settings these are."""
    if guild is None:
        return text(locale, "config.direct")
    scopes = [scope for scope, _ in stored]
    said = [text(locale, "config.exported_server")] if Scope.SERVER in scopes else []
    counted = ((Scope.CATEGORY, "config.exported_categories"), (Scope.CHANNEL, "config.exported_channels"))
    said += [text(locale, key, count=count) for scope, key in counted if (count := scopes.count(scope))]
    *first, last = said
    return text(locale, "config.exported_and", one=listed(locale, first), other=last) if first else last


def _names(guild: discord.Guild, stored: dict[Place, dict[str, Json]]) -> dict[Thing, str]:
    """What things are called that the settings name."""
    found: dict[Thing, str] = {}
    for thing in named_in(stored):
        what, id_ = thing
        one = guild.get_role(id_) if what is What.ROLE else guild.get_channel_or_thread(id_)
        if one is not None:
            found[thing] = one.name
    return found


async def take_in(interaction: Interaction, file: discord.Attachment) -> ui.LayoutView:
    """Draft what makes every place that the file names exactly as it says, and show it. A `Refusal` names all lines
    that can't be used, and nothing is drafted. Where it is another server's, it is by their names; what these are here
    is asked about first, where it is not sure.
    """
    if file.size > FILE_LIMIT:
        raise UnusableFile("file.too_large", limit=f"{FILE_LIMIT // 1024} KB")
    await acknowledge(interaction, ephemeral=True, thinking=True)
    data = await _contents(file)
    lines = re.split(r"\r\n|[\n\r\x85\u2028\u2029]", data)  # as YAML counts them
    the, guild = interaction.client.the, interaction.guild
    try:
        # Some seconds for the largest file: not in the loop that everybody's answers come from.
        contents = await the(Aside).run(read_all, data, validity.names_for(interaction))
    except FileProblem as error:
        raise refusal(wrong_in([error]), lines) from None
    wrong, sections = wrong_in(contents.problems), contents.sections
    if guild is not None and contents.names:
        stored = await the(Database).run(store.everything, Realm(guild.id, interaction.channel_id or 0))
        here = here_of(guild, places=list(stored))
        matched = await the(Aside).run(match, sections, contents.names, here)
        copy = Copy(
            person_id=interaction.user.id,
            guild_id=guild.id,
            sections=sections,
            found=matched.found,
            open=matched.open,
            names=contents.names,
            then=partial(_drafted, lines=lines),
        )
        if matched.open and wrong:
            raise refusal(wrong, lines)
        if matched.open:
            the(Copies).put(interaction.id, copy)
            return question(interaction.id, copy, locale_of(interaction.locale))
        sections = translated(sections, matched.found) if matched.found else sections
    return await _drafted(interaction, sections, wrong, lines=lines)


async def _drafted(
    interaction: Interaction, sections: Sequence[Section], wrong: Sequence[Wrong] = (), *, lines: Sequence[str]
) -> ui.LayoutView:
    """What would change, after it was put into the drafts of the places that the file names."""
    found, more = await _differences_of_all(interaction, sections)
    if wrong:  # what is no persona here may be one of those that are wrong
        more = [one for one in more if not isinstance(one.why, BadValue) or one.why.key not in NO_PERSONA]
    if wrong or more:
        raise refusal([*wrong, *more], lines)
    await keep_drafts(interaction, found, imported=True)
    if not any(found.values()):
        return note(text(locale_of(interaction.locale), "config.imported_nothing"))
    return await review(interaction)


async def _contents(file: discord.Attachment) -> str:
    try:
        data = await file.read()
    except PASSING:
        raise UnusableFile("file.unreadable") from None
    written = await asyncio.to_thread(decode, data)
    if written is None:
        raise BadValue("config.file_no_text")
    return written


async def _differences_of_all(
    interaction: Interaction, sections: Sequence[Section]
) -> tuple[dict[Place, Draft], list[Wrong]]:
    realm = Realm(interaction.guild_id, interaction.channel_id or 0)
    stored = await interaction.client.the(Database).run(store.everything, realm)
    wanted: dict[Place, Draft] = {}
    of_server = next((dict(one.values) for one in sections if one.scope is Scope.SERVER), None)
    server = stored.get(("server", interaction.guild_id or 0), {}) if of_server is None else of_server
    wrong: list[Wrong] = []
    for section in sections:
        try:
            place = _place(interaction, section, stored)
        except Refusal as error:
            wrong.append(Wrong(section.line, error))
            continue
        wanted[place] = _differences(interaction, section, place, stored.get(place, {}), server, wrong)
        await asyncio.sleep(0)  # others' turn: there may be hundreds of places
    if sum(map(len, wanted.values())) > MOST_CHANGES:
        raise BadValue("config.file_too_much", most=MOST_CHANGES)
    return wanted, wrong


def _place(interaction: Interaction, section: Section, stored: dict[Place, dict[str, Json]]) -> Place:
    """The place of a section. A `Refusal`: it is none of this server's, or not the person's to change."""
    guild, id_ = interaction.guild, section.scope_id
    if section.scope is Scope.SERVER:
        if guild is None:
            raise NotAllowed("config.no_server_here")
        id_ = guild.id
    place = (str(section.scope), id_ or 0)
    if guild is None:
        known = id_ == interaction.channel_id and section.scope is Scope.CHANNEL
    else:
        channel = guild.get_channel_or_thread(place[1])
        is_category = isinstance(channel, discord.CategoryChannel)
        exists = channel is not None and is_category == (section.scope is Scope.CATEGORY)
        # What is gone may still have settings; an archived thread is in no cache, and one may be typing in it.
        here = section.scope is Scope.CHANNEL and id_ == interaction.channel_id
        known = section.scope is Scope.SERVER or exists or here or place in stored
    if not known:
        raise BadValue("config.file_unknown_place")
    managers.check(interaction, section.scope, place[1])
    return place


def _differences(  # noqa: PLR0917 - what the file says, of where, beside what
    interaction: Interaction,
    section: Section,
    place: Place,
    now: dict[str, Json],
    server: Mapping[str, Json],
    wrong: list[Wrong],
) -> Draft:
    """What has to change there. What stays as it is may name what is gone since. `server`: what holds for it then.

    What can't be used goes to `wrong`.
    """
    wanted = {
        key: Step(before, None)
        for key, before in now.items()
        if key not in section.values and key not in section.kept and (key in SETTINGS or key == PAUSED)
    }
    for key, value in section.values.items():
        if drafts.same(now.get(key), value):
            continue
        try:
            usable = value if key == PAUSED else validity.usable(interaction, place, key, value, server)
        except Refusal as error:
            wrong += _in_lines(interaction, section, key, error)
            continue
        if not drafts.same(now.get(key), usable):
            wanted[key] = Step(now.get(key), usable)
    return wanted


def _in_lines(interaction: Interaction, section: Section, key: str, error: Refusal) -> Iterator[Wrong]:
    """The lines of the entries of a list that can't be used here; else the setting's own."""
    entries = 0
    for line, entry in section.entries.get(key, ()):
        try:
            validity.checked(interaction, SETTINGS[key], entry)
        except Refusal as why:
            entries += 1
            yield Wrong(line, why)
    if not entries:
        yield Wrong(section.lines[key], error)
