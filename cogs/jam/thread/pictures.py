"""The pictures of a jam's rounds: as they stand in the thread, else from the service while it has them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord

from bot.cards.button_looks import picture_menu
from bot.cards.sources import files_of, source_of
from bot.cards.uploads import DEFAULT_UPLOAD_LIMIT, Uploads, numbered
from bot.errors import NotAllowed
from bot.generation.card_facts import read_facts
from bot.generation.files.result_files import Overtaken, ResultFiles
from bot.generation.rows import result_rows
from bot.image_decoding import make_small
from bot.kit.responses import PASSING
from bot.kit.spoilers import is_spoiler
from bot.store.database import Database
from cogs.jam import round_rows
from cogs.jam.naming import joined
from cogs.jam.thread import strip
from cogs.jam.thread.strip import Panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord import ui
    from sqlalchemy import Connection

    from bot.generation.rows.records import Generation, NewInput, Result
    from bot.kit.bot import Bot
    from cogs.jam.facts import JamFacts
    from cogs.jam.records import Round

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.5
"""A press has to be answered within 3 s."""


async def base_picture(bot: Bot, facts: JamFacts) -> NewInput | None:
    """Where the picture is that the shown round changes. None: it has none, or the place has no model that takes it.

    NotAllowed: it is nowhere any more.
    """
    base = facts.base
    if base is None or not facts.edits:
        return None
    result = await bot.the(Database).run(result_rows.at, base.id, facts.base_position)
    if result is None:
        raise NotAllowed("error.picture_gone")
    files: Mapping[str, str] = {}
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            files = await _files(bot, base)
    except PASSING as error:
        log.info("a generation's message can't be looked at: %s", error, extra=base.logged)
    return source_of(result, files)


async def _files(bot: Bot, row: Generation) -> Mapping[str, str]:
    """The files of a delivered card by name, their addresses freshly signed. None: it is gone, or may not be read."""
    if row.message_id is None:
        return {}
    channel = bot.get_partial_messageable(row.channel_id)
    try:
        return files_of(await channel.get_partial_message(row.message_id).fetch())
    except (discord.NotFound, discord.Forbidden):
        return {}


async def _named(bot: Bot, files: Mapping[str, str], position: int) -> tuple[str, bytes] | None:
    """The name of the file that shows the result at `position`, and the file. None: there is none any more."""
    name = numbered(files).get(position)
    if name is not None:
        with contextlib.suppress(discord.NotFound, discord.Forbidden):
            return name, await bot.http.get_from_cdn(files[name])
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a jam made. `picture`: the name of its file, and the file; `strip`: a PNG of the rounds, where there were
    several; `votes`: of all of them; `menu`: of what may be done with the picture;
    `spoiler`: one of the pictures is behind one.
    """

    picture: tuple[str, bytes] | None = None
    strip: bytes | None = None
    votes: int = 0
    menu: ui.Item[Any] | None = None
    spoiler: bool = False


class Gatherer:
    """Has the winners' files for the end of a jam."""

    def __init__(self, database: Database, result_files: ResultFiles) -> None:
        self._database = database
        self._result_files = result_files
        self._uploads = Uploads(result_files.data_dir)

    async def gather(self, bot: Bot, facts: JamFacts, *, files: Mapping[str, str]) -> Gathered:
        """Of the rounds that were finished, whose pictures still stand. What Discord says in passing is raised.

        `files`: of the end that stands already, with their addresses: its picture may be nowhere else any more.
        """
        finished = facts.finished
        last = finished[-1]

        def read(connection: Connection) -> tuple[dict[int, Mapping[int, int]], frozenset[str]]:
            made = {one.number: facts.made[one.number] for one in finished}
            votes = {number: round_rows.votes_in(connection, facts.jam.id, row.id) for number, row in made.items()}
            return votes, read_facts(connection, made[last.number]).offers

        votes, offers = await self._database.run(read)
        picture, drawn, spoiler = await self._drawn(bot, facts, strip.drawn(finished), votes)
        if picture is None and last == facts.last_winner:  # else the end may show one that was removed
            picture = await _named(bot, files, last.winner or 0)
        cast = sum(sum(each.values()) for each in votes.values())
        menu = picture_menu(facts.made[last.number], offers, [last.winner or 0], facts.jam.locale)
        return Gathered(picture=picture, strip=drawn, votes=cast, menu=menu, spoiler=spoiler)

    async def _drawn(
        self, bot: Bot, facts: JamFacts, shown: Sequence[Round], votes: Mapping[int, Mapping[int, int]]
    ) -> tuple[tuple[str, bytes] | None, bytes | None, bool]:
        """The last round's picture, the strip of all, and whether one of them is behind a spoiler."""
        picture = None
        spoiler = False
        with tempfile.TemporaryDirectory(prefix="onekey-jam-") as folder:
            paths: dict[int, Path] = {}
            for round_ in shown:
                picture = await self.file(bot, facts.made[round_.number], round_.winner or 0)
                if picture is not None:
                    spoiler |= is_spoiler(picture[0])
                    paths[round_.number] = Path(folder) / str(round_.number)
                    await asyncio.to_thread(paths[round_.number].write_bytes, picture[1])
            if len(shown) < 2:  # one round alone would be the picture once more
                return picture, None, spoiler
            small = await make_small(list(paths.values()), side=strip.SIDE, shape="contain")
            credited = facts.credited
            panels = [
                Panel(
                    one.number,
                    small.get(paths.get(one.number, Path())),
                    votes=votes[one.number].get(one.winner or 0, 0),
                    words=joined(facts.jam.locale, (idea.said for idea in credited if idea.round == one.number)),
                )
                for one in shown
            ]
            return picture, await asyncio.to_thread(strip.draw, panels, facts.jam.locale), spoiler

    async def offers(self, row: Generation) -> frozenset[str]:
        """What its place has a model for."""
        return (await self._database.run(read_facts, row)).offers

    async def file(self, bot: Bot, row: Generation, position: int) -> tuple[str, bytes] | None:
        """None: it is nowhere any more."""
        if (found := await _named(bot, await _files(bot, row), position)) is not None:
            return found
        result = await self._database.run(result_rows.at, row.id, position)
        return None if result is None else await self._fetched(bot, row, result)

    async def _fetched(self, bot: Bot, row: Generation, result: Result) -> tuple[str, bytes] | None:
        guild = bot.get_guild(row.guild_id) if row.guild_id else None
        limit = guild.filesize_limit if guild else DEFAULT_UPLOAD_LIMIT
        try:
            (fetched,) = (await self._result_files.fetch(row, [replace(result, path=None)])).results
        except Overtaken:
            return None
        spoiler = (await self._database.run(read_facts, row)).spoiler
        uploads = await self._uploads.choose(row, [fetched], limit=limit, spoiler=spoiler)
        data = await asyncio.to_thread(uploads[0].path.read_bytes) if uploads else b""
        await self._result_files.forget(row)
        return (uploads[0].name, data) if uploads else None
