"""/gallery show: pages that work for ever, since a button holds all that its page is made from."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

import discord
from discord import ui
from yarl import URL

from bot.cards.origins import origin
from bot.cards.row_pressed import LARGEST_ID
from bot.generation.card_facts import CardFacts
from bot.generation.ordering.orders import Orders
from bot.generation.rows import result_rows
from bot.generation.rows.lineage import parents_of
from bot.generation.rows.records import Generation, Result
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kit import pages
from bot.kit.components import Card, SafeButton, button, section
from bot.kit.links import message_link
from bot.kit.places import place_of
from bot.kit.responses import acknowledge, replace_message
from bot.kit.spoilers import is_spoiler
from bot.kit.titles import prompt_title
from cogs.gallery import rows as gallery
from cogs.gallery.pictures import Looked, links_of, look_at
from cogs.gallery.reach import reach_of
from cogs.gallery.rows import Cursor, Entry, Reach, Sort
from cogs.gallery.threads import read_in_reach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from bot.kit.bot import Interaction

PAGE: Final = 4
"""Entries, each of up to four pictures."""
TITLE_LIMIT: Final = 120
TRIES: Final = 4
"""Pages that are put together anew because messages on them turn out to be gone."""


class Period(StrEnum):
    DAY = "d"
    WEEK = "w"
    MONTH = "m"
    ALL = "a"


_SECONDS: Final = {Period.DAY: 86400, Period.WEEK: 7 * 86400, Period.MONTH: 30 * 86400}
_PERIODS: Final = {Period.DAY: "gallery.day", Period.WEEK: "gallery.week", Period.MONTH: "gallery.month"}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a page shows. `cursor`: the entry that it follows, or with `newer` the one that it comes before."""

    sort: Sort = Sort.NEWEST
    period: Period = Period.ALL
    by: int | None = None
    channel: int | None = None
    cursor: Cursor | None = None
    newer: bool = False


@dataclass(frozen=True, slots=True)
class _Page:
    entries: Sequence[Entry]
    results: Mapping[int, Sequence[Result]]
    parents: Mapping[int, Sequence[Generation]]
    before: bool
    """Whether there are entries before it, and after it."""
    after: bool
    found: Sequence[Entry]
    """`entries`, and the one that tells that there is another page."""


async def show(interaction: Interaction, view: View) -> Card:
    """The page. Takes requests to Discord, so the interaction is acknowledged before. NotAllowed: no such channel."""
    reach = await reach_of(interaction, view.channel)
    looked = Looked()
    read = partial(_read, view=view)
    page = await read_in_reach(interaction, reach, read, _told_of)
    for _ in range(TRIES):
        rows = [entry.row for entry in page.entries]
        await look_at(interaction.client, rows, looked)
        if not any(row.id in looked.gone for row in rows):
            break
        page = await read_in_reach(interaction, reach, read, _told_of)
    here = await interaction.client.the(Orders).rules(place_of(interaction))
    spoilers = bool(here.value("spoilers"))
    return _card(locale_of(interaction.locale), view, page, looked, mine=reach.guild_id is None, spoilers=spoilers)


def _read(connection: Connection, reach: Reach, *, view: View) -> _Page:
    seconds = _SECONDS.get(view.period)
    wanted: dict[str, Any] = {
        "sort": view.sort,
        "by": view.by,
        "since": None if seconds is None else time.time() - seconds,
        # One more than fits, so that it is known whether there is another page.
        "limit": PAGE + 1,
    }
    found = gallery.page(connection, reach, **wanted, cursor=view.cursor, newer=view.newer)
    if view.newer and len(found) <= PAGE:
        # The first page, and a whole one.
        found = gallery.page(connection, reach, **wanted)
        before, after, entries = False, len(found) > PAGE, found[:PAGE]
    elif view.newer:
        before, after, entries = True, True, found[1:]
    else:
        before, after, entries = view.cursor is not None, len(found) > PAGE, found[:PAGE]
    results = {entry.row.id: result_rows.of_generation(connection, entry.row.id) for entry in entries}
    came_from = {entry.row.id: parents_of(connection, entry.row) for entry in entries}
    return _Page(entries, results, came_from, before, after, found)


def _told_of(page: _Page) -> list[Generation]:
    """The rows of which something is told: a button to another page tells that there is one more."""
    return [entry.row for entry in page.found]


def _card(locale: str, view: View, page: _Page, looked: Looked, *, mine: bool, spoilers: bool) -> Card:
    """`spoilers`: all pictures are behind one, whatever they were made as."""
    items: list[ui.Item[Any]] = [ui.TextDisplay(_heading(locale, view, mine=mine))]
    if not page.entries:
        items.append(ui.TextDisplay(text(locale, "gallery.none")))
    for entry in page.entries:
        if entry.row.id in looked.gone:
            continue
        shown: list[str | discord.UnfurledMediaItem]
        shown = [*looked.media.get(entry.row.id, ())] or [*links_of(page.results[entry.row.id])]
        items.append(_words(locale, entry, page.parents[entry.row.id], pictures=bool(shown)))
        if shown:
            items.append(ui.MediaGallery(*(_item(each, spoiler=spoilers) for each in shown[:10])))
    turns: list[SafeButton] = []
    if page.before and page.entries:
        turns.append(TurnButton(replace(view, cursor=page.entries[0].cursor, newer=True), locale=locale))
    elif page.before:
        # All that was here is gone meanwhile.
        turns.append(TurnButton(replace(view, newer=True), locale=locale))
    if page.after:
        turns.append(TurnButton(replace(view, cursor=page.entries[-1].cursor, newer=False), locale=locale))
    return pages.page(items, turns)


def _heading(locale: str, view: View, *, mine: bool) -> str:
    facts: list[str] = []
    if view.channel is not None:
        facts.append(f"<#{view.channel}>")
    if view.by is not None:
        facts.append(text(locale, "gallery.by", who=f"<@{view.by}>"))
    if view.sort is Sort.VOTED:
        facts.append(text(locale, "gallery.voted"))
    if view.period in _PERIODS:
        facts.append(text(locale, _PERIODS[view.period]))
    heading = f"### {text(locale, 'gallery.mine' if mine else 'gallery.title')}"
    return f"{heading}\n-# {' · '.join(facts)}" if facts else heading


def _words(locale: str, entry: Entry, parents: Sequence[Generation], *, pictures: bool) -> ui.Section[Any]:
    made = entry.row
    name = prompt_title(made.prompt, locale, TITLE_LIMIT)
    facts = [f"#{made.id}", f"<@{made.person_id}>", f"<t:{int(made.created_at)}:R>"]
    if entry.votes:
        facts.append(text(locale, "gallery.votes", count=entry.votes))
    said = f"**{name}**\n-# {' · '.join(facts)}"
    if (came_from := origin(CardFacts(row=replace(made, locale=locale), parents=parents))) is not None:
        said += f"\n-# {came_from}"
    if not pictures:
        said += f"\n{text(locale, 'gallery.in_message')}"
    link = message_link(made.guild_id, made.channel_id, made.message_id or 0)
    return section(said, ui.Button(label=text(locale, "gallery.jump"), url=link))


def _item(shown: str | discord.UnfurledMediaItem, *, spoiler: bool) -> discord.MediaGalleryItem:
    url = shown if isinstance(shown, str) else shown.url
    return discord.MediaGalleryItem(url, spoiler=spoiler or is_spoiler(URL(url).name))


class TurnButton(
    SafeButton,
    template=(
        r"gallery:(?P<sort>[nv]):(?P<period>[dwma]):(?P<by>\d{1,19}):(?P<channel>\d{1,19})"
        r":(?P<way>[on]):(?P<votes>\d{1,9})\.(?P<id>\d{1,19})"
    ),
):
    """Another page: after an entry, or before it."""

    def __init__(self, view: View, *, locale: str = DEFAULT_LOCALE) -> None:
        cursor = view.cursor or Cursor(0, 0)
        keys = {
            (Sort.NEWEST, True): "gallery.newer",
            (Sort.NEWEST, False): "gallery.older",
            (Sort.VOTED, True): "gallery.back",
            (Sort.VOTED, False): "gallery.next",
        }
        custom_id = (
            f"gallery:{view.sort}:{view.period}:{view.by or 0}:{view.channel or 0}"
            f":{'n' if view.newer else 'o'}:{cursor.votes}.{cursor.id}"
        )
        super().__init__(button(text(locale, keys[view.sort, view.newer]), custom_id))
        self.view_shown = view

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        by, channel, beside = (min(int(match[name]), LARGEST_ID) for name in ("by", "channel", "id"))
        view = View(
            sort=Sort(match["sort"]),
            period=Period(match["period"]),
            by=by or None,
            channel=channel or None,
            cursor=Cursor(int(match["votes"]), beside),
            newer=match["way"] == "n",
        )
        return cls(view)

    async def pressed(self, interaction: Interaction) -> None:
        # Not as the answer: it looks at Discord's messages first.
        await acknowledge(interaction)
        await replace_message(interaction, await show(interaction, self.view_shown))
