"""/config history: who changed what, when, from what to what, in pages that work for ever. A line is what was changed
in one go; opened, it shows all of it, and the button that takes it back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Self

import discord
from discord import ui
from sqlalchemy import Connection

from bot.errors import NotAllowed
from bot.i18n import DEFAULT_LOCALE, listed, locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import Card, KeyButton, button, row, section
from bot.kit.pages import PageButton, page, turns_from
from bot.kit.periods import Period
from bot.kit.responses import answer, replace_message
from bot.kit.short_cards import note
from bot.orders import person_lines
from bot.settings import PAUSED, SETTINGS, Scope
from bot.settings import changes as store
from bot.settings.changes import Changed, ChangeSet, Wanted
from bot.settings.entries import Entries
from bot.settings.stored import Place
from bot.settings.values import LARGEST_ID
from bot.store.database import Database
from bot.text import shorten
from cogs.config import advice, managers
from cogs.config.cards import ALL, VALUE_LIMIT, effective, setting_name, shown, where
from cogs.config.changes import Look, look_at
from cogs.config.differences import Difference, difference, whole_file
from cogs.config.draft_rows import Step
from cogs.config.person_lines import sentence
from cogs.config.presets import PRESETS
from cogs.config.undo import undo
from cogs.config.validity import setting_of

_NOTED = {person_lines.GRANT: "config.grants", person_lines.BAR: "config.bars"}
LINES_SHOWN = 10
PAGE = 8
"""Lines on a page. A line has at most 400 characters, so that they fit in a message's 4,000; with its button it is
three of a message's 40 parts.
"""
PART_LIMIT = VALUE_LIMIT // 2
"""Of a value of which only what differs is shown, which takes twice as much."""
NAMES_LIMIT = 150
"""Of the names of settings in a line, in characters."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a page shows; None: all. `key`: of a setting, or of what is noted beside them."""

    by: int | None = None
    key: str | None = None
    period: Period | None = None

    @property
    def wanted(self) -> Wanted:
        since = None if self.period is None else self.period.since
        return Wanted(by=self.by, key=self.key, since=since)


async def history_card(interaction: Interaction, search: Search | None = None, *, before_id: int | None = None) -> Card:
    """A page, newest first, of what the person may see. NotAllowed: they manage nothing here."""
    managers.check_here(interaction)
    search = search or Search()
    sets = await interaction.client.the(Database).run(
        store.history,
        managers.realm(interaction),
        wanted=search.wanted,
        before=before_id,
        limit=PAGE + 1,  # one more than fits, so that it is known whether there is an older page
        lines=LINES_SHOWN,
    )
    return _card(locale_of(interaction.locale), search, sets, before_id=before_id)


def _card(locale: str, search: Search, sets: Sequence[ChangeSet], *, before_id: int | None) -> Card:
    heading = f"### {text(locale, 'config.history')}"
    facts = [
        *([f"<@{search.by}>"] if search.by else []),
        *([f"**{key_name(locale, search.key)}**"] if search.key else []),
    ]
    if search.period is not None:
        facts.append(search.period.named(locale))
    if facts:
        heading += f"\n-# {' · '.join(facts)}"
    items: list[ui.Item[Any]] = [ui.TextDisplay(heading)]
    if not sets:
        items.append(ui.TextDisplay(text(locale, "config.nothing_found" if facts else "config.no_history")))
    label = text(locale, "button.details")
    items.extend(section(_entry(locale, one), button(label, f"config:set:{one.lines[0].batch}")) for one in sets[:PAGE])
    turns = turns_from(before_id, [one.lines[0].batch for one in sets], PAGE)
    return page(items, [HistoryButton(each, search, locale=locale) for each in turns])


def _entry(locale: str, made: ChangeSet) -> str:
    """A line of the history: the change, or how many there are and of what. Searched for, it is what was looked for."""
    line, *others = made.lines
    if not others:
        more = f" {text(locale, 'config.more', count=made.count - 1)}" if made.count > 1 else ""
        return f"{_change(locale, line)}{more}\n-# {_facts(locale, line)} · {_where(locale, line)}"
    names = listed(locale, dict.fromkeys(setting_name(locale, each.key) for each in made.lines))
    counted = text(locale, "config.changes_made", count=made.count)
    same = {(each.scope, each.scope_id) for each in made.lines}
    places = _where(locale, line) if len(same) == 1 else text(locale, "config.places", count=len(same))
    if made.count > len(made.lines):
        names += " …"
    return f"**{counted}** · {shorten(names, NAMES_LIMIT)}\n-# {_facts(locale, line)} · {places}"


def _change(locale: str, line: Changed) -> str:
    if line.key in person_lines.KEYS:
        return sentence(locale, line)
    return _differs(locale, line).said


def _differs(locale: str, line: Changed) -> Difference:
    """Both values; where they are longer than a line, or would be names alone, what differs."""
    values = (line.before, line.after)
    before, after = said = [_value(locale, line, one) for one in values]
    of_names = line.key in SETTINGS and isinstance(SETTINGS[line.key].kind, Entries)
    if of_names or said != [_value(locale, line, one, ALL) for one in values]:
        return difference(locale, line.key, Step(*values), None, PART_LIMIT)
    return Difference(f"**{setting_name(locale, line.key)}** · {before} → {after}", is_whole=True)


def _facts(locale: str, line: Changed) -> str:
    who = text(locale, "config.somebody") if line.changed_by is None else f"<@{line.changed_by}>"
    taken_back = [] if line.undoes is None else [text(locale, "config.takes_back", number=line.undoes)]
    return " · ".join([f"#{line.batch}", f"<t:{int(line.changed_at)}:R>", who, *_source(locale, line), *taken_back])


def _source(locale: str, line: Changed) -> list[str]:
    """What it came by, where that is not by hand."""
    if line.came_by == store.IMPORT:
        return [text(locale, "history.imported")]
    preset = PRESETS.get(line.came_by or "")
    return [] if preset is None else [text(locale, "history.preset", preset=text(locale, preset.name_key))]


async def set_card(interaction: Interaction, batch: int) -> tuple[Card, list[discord.File]]:
    """What was changed in one go, as far as the person may see it, and the button that takes it back; as a file, where
    the card has not all of it.
    """
    managers.check_here(interaction)
    realm, wanted = managers.realm(interaction), Wanted(batch=batch)

    def read(connection: Connection) -> tuple[list[ChangeSet], bool]:
        found = store.history(connection, realm, wanted=wanted, limit=1, lines=LINES_SHOWN)
        return found, store.is_undone(connection, batch)

    found, undone = await interaction.client.the(Database).run(read)
    if not found:
        raise NotAllowed("config.no_such_change")
    locale, (made,) = locale_of(interaction.locale), found
    said = [f"-# {_facts(locale, made.lines[0])}"]
    said += [f"{_change(locale, line)} · {_where(locale, line)}" for line in made.lines]
    if made.count > len(made.lines):
        said.append(text(locale, "config.more", count=made.count - len(made.lines)))
    if undone:
        said.append(f"-# {text(locale, 'config.already_undone')}")
    items: list[ui.Item[Any]] = [ui.TextDisplay("\n".join(said))]
    files = await _whole(interaction, made)
    items += [ui.File(f"attachment://{one.filename}") for one in files]
    if not undone and made.lines[0].undoes is None:
        items.append(row(button(text(locale, "button.undo"), f"config:undo:{batch}")))
    return Card(*items), files


async def _whole(interaction: Interaction, made: ChangeSet) -> list[discord.File]:
    """All of what the lines changed, where that is more than they show."""
    locale = locale_of(interaction.locale)
    lines = [line for line in made.lines if line.key not in person_lines.KEYS]
    if all(_differs(locale, line).is_whole for line in lines):
        return []
    found: dict[Place, dict[str, Step]] = {}
    for line in lines:
        found.setdefault((line.scope, line.scope_id), {})[line.key] = Step(line.before, line.after)
    return [await whole_file(interaction, found)]


def key_name(locale: str, key: str) -> str:
    """What a search is for: a setting, or what is noted beside them."""
    return text(locale, _NOTED[key]) if key in _NOTED else setting_name(locale, key)


def key_of(typed: str) -> str:
    """What a line of the history is noted under. BadValue: nothing is."""
    said = typed.strip().lower()
    return said if said in {PAUSED, *person_lines.KEYS} else setting_of(typed).key


def _where(locale: str, line: Changed) -> str:
    return where(locale, line.scope, line.scope_id, guild_id=line.guild_id)


def taken_back(
    locale: str, look: Look, lines: Sequence[Changed], newer: Collection[int], warned: Sequence[str]
) -> ui.LayoutView:
    """What an undo restored. Of the lines whose ids are in `newer` it says what they replaced: it is lost with it.

    `look`: at where one is; of what was cleared for that place it tells the value that holds there now.
    """
    said = [text(locale, "config.undone", number=lines[0].undoes)]
    for line in lines[:LINES_SHOWN]:
        place = _where(locale, line)
        replaced = _replaced(locale, line) if line.id in newer else ""
        if line.key in person_lines.KEYS:
            said.append(sentence(locale, line))
        elif line.key == PAUSED:
            said.append(text(locale, "config.undone_paused" if line.after else "config.undone_resumed", where=place))
        elif line.after is None:
            said.append(text(locale, "config.reset", setting=setting_name(locale, line.key), where=place) + replaced)
            if look.place.id_of(Scope(line.scope)) == line.scope_id and line.key in look.rules.effective:
                said.append(f"-# {text(locale, 'config.holds', value=effective(locale, look, line.key))}")
        else:
            value = shown(locale, line.key, line.after)
            name = setting_name(locale, line.key)
            changed = text(locale, "config.changed", setting=name, value=value, where=place)
            said.append(changed + replaced)
    if len(lines) > LINES_SHOWN:
        said.append(text(locale, "config.more", count=len(lines) - LINES_SHOWN))
    return note("\n".join([*said, *warned]))


def _replaced(locale: str, line: Changed) -> str:
    return text(locale, "config.it_was", value=_value(locale, line, line.before))


def _value(locale: str, line: Changed, value: object, limit: int = VALUE_LIMIT) -> str:
    return text(locale, "config.not_set") if value is None else shown(locale, line.key, value, limit)


async def undone_card(interaction: Interaction, batch: int | None) -> ui.LayoutView:
    """Take back what was changed in one go (None: last); what came of it."""
    lines, newer = await undo(interaction, batch)
    locale = locale_of(interaction.locale)
    warned = await advice.of_lines(interaction, locale, lines)
    return taken_back(locale, await look_at(interaction), lines, newer, warned)


class SetButton(KeyButton, template=r"config:set:(?P<key>\d{1,18})"):
    """Shows what was changed in one go."""

    async def pressed(self, interaction: Interaction) -> None:
        card, files = await set_card(interaction, self.key)
        await answer(interaction, card, files=files, ephemeral=True)


class UndoButton(KeyButton, template=r"config:undo:(?P<key>\d{1,18})"):
    """Takes back what was changed in one go."""

    async def pressed(self, interaction: Interaction) -> None:
        managers.check_here(interaction)
        await replace_message(interaction, await undone_card(interaction, self.key))


class HistoryButton(
    PageButton,
    template=r"config:history(?::(?P<by>\d{1,19})/(?P<key>[a-z_]{0,40})/(?P<period>[dwm]?))?:(?P<before>\d{1,18})",
):
    """Another page of the same search."""

    def __init__(self, before_id: int, search: Search | None = None, *, locale: str = DEFAULT_LOCALE) -> None:
        self.search = search or Search()
        name = "config:history"
        if self.search != Search():
            name += f":{self.search.by or 0}/{self.search.key or ''}/{self.search.period or ''}"
        super().__init__(before_id, name, locale)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        if match["by"] is None:
            return cls(int(match["before"]))
        period = Period(match["period"]) if match["period"] else None
        return cls(
            int(match["before"]), Search(min(int(match["by"]), LARGEST_ID) or None, match["key"] or None, period)
        )

    async def page(self, interaction: Interaction) -> Card:
        return await history_card(interaction, self.search, before_id=self.before_id)


HISTORY_ITEMS = (HistoryButton, SetButton, UndoButton)
