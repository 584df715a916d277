"""Archived threads: closed ones hide nothing that lies behind them, and nothing tells that they are there."""

# What a card is read by, without Discord's part of it:
# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import discord
import pytest

from bot.kit import threads as kit_threads
from bot.kit.threads import OpenThreads
from bot.store.database import Database
from cogs.gallery import lineage, pages, threads
from cogs.gallery.family import MOST
from cogs.gallery.rows import Reach
from cogs.gallery.threads import read_in_reach
from tests.unit.cogs.gallery.exhibits import HERE, put
from tests.unit.discord_objects import like

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from cogs.gallery.family import Family

pytestmark = pytest.mark.databases("sqlite")

OPEN = 500
CLOSED = range(1000, 1040)
REACH = Reach(guild_id=9, channels=frozenset({HERE}), parents=frozenset({HERE}))


class Server:
    """A server with one channel, and public threads in it. What is asked of it is noted."""

    def __init__(self, database: Database, public: Collection[int]) -> None:
        self.asked: list[int] = []
        self.silent: set[int] = set()
        self._public = public
        self.channel = like(discord.TextChannel, "permissions_for", id=HERE)
        self.channel.permissions_for.return_value = discord.Permissions.all()
        guild = like(discord.Guild)
        guild.get_channel = {HERE: self.channel}.get
        guild.fetch_channel = self._fetch
        self.known = OpenThreads()
        kept: dict[type[object], object] = {Database: database, OpenThreads: self.known}
        self.interaction: Any = SimpleNamespace(guild=guild, client=SimpleNamespace(the=kept.__getitem__))

    async def _fetch(self, thread_id: int) -> discord.Thread:
        self.asked.append(thread_id)
        if thread_id in self.silent:
            await asyncio.Event().wait()
        if thread_id not in self._public:
            raise discord.Forbidden(Mock(status=403, reason="Forbidden"), "Missing Access")
        thread = like(discord.Thread, "is_private", id=thread_id, parent_id=HERE)
        thread.is_private.return_value = False
        return thread

    async def reach(self, reach: Reach) -> Reach:
        """What is read in the end, where a person may see `reach` of what the caches hold."""
        return await read_in_reach(self.interaction, reach, lambda _, known: known, lambda _: ())

    async def page(self) -> pages._Page:
        """The first page, as somebody is shown it who sees the channel."""
        return await read_in_reach(self.interaction, REACH, partial(pages._read, view=pages.View()), pages._told_of)

    async def posted_before(self) -> list[int]:
        """Where its pictures stand."""
        return [entry.row.channel_id for entry in (await self.page()).entries]

    async def family(self, picture: int) -> Family | None:
        read = partial(lineage._read, bot=self.interaction.client, picture=str(picture))
        return await read_in_reach(self.interaction, REACH, read, lineage._of_sight)


def in_thread(c: Connection, thread_id: int, parent: int | None = None) -> int:
    return put(c, parent, channel_id=thread_id, parent_channel_id=HERE)


def behind_closed_ones(c: Connection) -> None:
    """A picture in an open thread, older than whole pages in each of the closed ones."""
    in_thread(c, OPEN)
    for thread_id in CLOSED:
        for _ in range(pages.PAGE + 2):
            in_thread(c, thread_id)


async def test_forty_closed_threads_hide_nothing(database: Database) -> None:
    await database.run(behind_closed_ones)
    server = Server(database, public={OPEN})
    assert await server.posted_before() == [OPEN]
    assert sorted(server.asked) == [OPEN, *CLOSED]
    assert await server.posted_before() == [OPEN]
    assert len(server.asked) == 1 + len(CLOSED), "what is known is not asked again"


async def test_every_look_comes_further(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "MOST_ASKED", 15)
    await database.run(behind_closed_ones)
    server = Server(database, public={OPEN})
    looks = [(await server.posted_before(), len(server.asked)) for _ in range(3)]
    assert looks == [([], 15), ([], 30), ([OPEN], 41)]


async def test_what_is_not_known_in_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who answered is shown at once; the others when they are asked again."""
    other = OPEN + 1

    def fill(c: Connection) -> None:
        put(c)
        in_thread(c, OPEN)
        in_thread(c, other)

    await database.run(fill)
    server = Server(database, public={OPEN, other})
    server.silent = {other}
    monkeypatch.setattr(threads, "SECONDS", 0.5)
    assert await server.posted_before() == [OPEN, HERE]
    server.silent.clear()
    assert await server.posted_before() == [other, OPEN, HERE]
    assert server.asked.count(OPEN) == 1


async def test_nothing_is_asked_where_the_bot_sees_nothing(database: Database) -> None:
    """What Discord refuses there is no word on the threads: afterwards they are asked after."""
    await database.run(behind_closed_ones)
    server = Server(database, public={OPEN})
    server.channel.permissions_for.return_value = discord.Permissions.none()
    assert await server.posted_before() == []
    assert server.asked == []
    server.channel.permissions_for.return_value = discord.Permissions.all()
    assert await server.posted_before() == [OPEN]


@pytest.mark.parametrize("public", [False, True])
async def test_another_page_is_offered_for_what_may_be_shown_only(database: Database, *, public: bool) -> None:
    def fill(c: Connection) -> None:
        in_thread(c, OPEN)
        for _ in range(pages.PAGE):
            put(c)

    await database.run(fill)
    page = await Server(database, public={OPEN} if public else ()).page()
    assert [entry.row.channel_id for entry in page.entries] == [HERE] * pages.PAGE
    assert page.after is public


@pytest.mark.parametrize("public", [False, True])
async def test_what_a_tree_leaves_out_is_counted_where_it_may_be_shown_only(
    database: Database, *, public: bool
) -> None:
    def fill(c: Connection) -> int:
        first = put(c)
        for _ in range(MOST - 1):
            put(c, first)
        in_thread(c, OPEN, first)
        return first

    first = await database.run(fill)
    family = await Server(database, public={OPEN} if public else ()).family(first)
    assert family is not None
    assert len(family.relatives) == MOST
    assert len(family.left_out) == public


async def test_known_threads_are_bounded_and_stay_in_their_channel(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit_threads, "MOST_KNOWN", 2)
    server = Server(database, public={OPEN, OPEN + 1, OPEN + 2})
    guild, known = server.interaction.guild, server.known
    for thread_id in range(OPEN, OPEN + 3):
        assert await known.is_open(guild, thread_id, HERE)
    assert (await server.reach(REACH)).channels == {HERE, OPEN + 1, OPEN + 2}
    elsewhere = replace(REACH, parents=frozenset({HERE + 1}))
    assert (await server.reach(elsewhere)).channels == elsewhere.channels
    # One that is in the cache, and there not for this person to read.
    assert (await server.reach(replace(REACH, but=frozenset({OPEN + 1})))).channels == {HERE, OPEN + 2}
