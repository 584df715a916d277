"""/config history: who changed what, when, from what to what, in pages that work for ever."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from discord import ui

from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import Card
from bot.kit.pages import PageButton, page, turns_from
from bot.kit.short_cards import note
from bot.orders import person_lines
from bot.settings import PAUSED, Scope
from bot.settings import changes as store
from bot.settings.changes import Changed, Wanted
from bot.settings.values import LARGEST_ID
from bot.store.database import Database
from cogs.config import managers
from cogs.config.cards import effective, shown, where
from cogs.config.changes import Look
from cogs.config.person_lines import sentence
from cogs.config.validity import setting_of


class Period(StrEnum):
    DAY = "d"
    WEEK = "w"
    MONTH = "m"


PERIODS: Mapping[Period, str] = {
    Period.DAY: "gallery.day",
    Period.WEEK: "gallery.week",
    Period.MONTH: "gallery.month",
}
_SECONDS = {Period.DAY: 86_400, Period.WEEK: 7 * 86_400, Period.MONTH: 30 * 86_400}
LINES_SHOWN = 10
PAGE = 8
"""Lines on a page. A line has at most 400 characters, so that they fit in a message's 4,000."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a page shows; None: all. `key`: of a setting, or of what is noted beside them."""

    by: int | None = None
    key: str | None = None
    period: Period | None = None

    @property
    def wanted(self) -> Wanted:
        since = None if self.period is None else time.time() - _SECONDS[self.period]
        return Wanted(by=self.by, key=self.key, since=since)


async def history_card(interaction: Interaction, search: Search | None = None, *, before_id: int | None = None) -> Card:
    """A page, newest first, of what the person may see. NotAllowed: they manage nothing here."""
    managers.check_here(interaction)
    search = search or Search()
    # One more than fits, so that it is known whether there is an older page.
    lines = await interaction.client.the(Database).run(
        store.history, managers.realm(interaction), wanted=search.wanted, before_id=before_id, limit=PAGE + 1
    )
    return _card(locale_of(interaction.locale), search, lines, before_id=before_id)


def _card(locale: str, search: Search, lines: Sequence[Changed], *, before_id: int | None) -> Card:
    heading = f"### {text(locale, 'config.history')}"
    facts = [*([f"<@{search.by}>"] if search.by else []), *([f"**{search.key}**"] if search.key else [])]
    if search.period is not None:
        facts.append(text(locale, PERIODS[search.period]))
    if facts:
        heading += f"\n-# {' · '.join(facts)}"
    items: list[ui.Item[Any]] = [ui.TextDisplay(heading)]
    if not lines:
        items.append(ui.TextDisplay(text(locale, "config.nothing_found" if facts else "config.no_history")))
    items.extend(ui.TextDisplay(_entry(locale, line)) for line in lines[:PAGE])
    turns = turns_from(before_id, [line.id for line in lines], PAGE)
    return page(items, [HistoryButton(each, search, locale=locale) for each in turns])


def _entry(locale: str, line: Changed) -> str:
    who = text(locale, "config.somebody") if line.changed_by is None else f"<@{line.changed_by}>"
    facts = [f"#{line.batch}", f"<t:{int(line.changed_at)}:R>", who, _where(locale, line)]
    if line.undoes is not None:
        facts.append(text(locale, "config.takes_back", number=line.undoes))
    if line.key in person_lines.KEYS:
        change = sentence(locale, line)
    else:
        before, after = _value(locale, line, line.before), _value(locale, line, line.after)
        change = f"**{line.key}** · {before} → {after}"
    return f"{change}\n-# {' · '.join(facts)}"


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
            said.append(text(locale, "config.reset", setting=line.key, where=place) + replaced)
            if look.place.id_of(Scope(line.scope)) == line.scope_id and line.key in look.rules.effective:
                said.append(f"-# {text(locale, 'config.holds', value=effective(locale, look, line.key))}")
        else:
            value = shown(locale, line.key, line.after)
            changed = text(locale, "config.changed", setting=line.key, value=value, where=place)
            said.append(changed + replaced)
    if len(lines) > LINES_SHOWN:
        said.append(text(locale, "config.more", count=len(lines) - LINES_SHOWN))
    return note("\n".join([*said, *warned]))


def _replaced(locale: str, line: Changed) -> str:
    return text(locale, "config.it_was", value=_value(locale, line, line.before))


def _value(locale: str, line: Changed, value: object) -> str:
    return text(locale, "config.no_value") if value is None else shown(locale, line.key, value)


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
