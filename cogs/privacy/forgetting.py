"""What is stored of a person, removed."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from bot.generation.work.claims import Claims
from bot.generation.work.worker import Worker
from bot.kit.cog import features
from bot.store import deletions
from bot.store.database import Database
from bot.store.schema import generations, metadata
from bot.store.schema.people import NOBODY
from bot.store.signals import FORGOTTEN, Signals
from cogs.privacy import apart, rows
from cogs.privacy.walk import PAGE, STEP, ranges

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Column

    from bot.kit.bot import Bot

log = logging.getLogger(__name__)


async def forget(bot: Bot, person_id: int) -> int:
    """Remove what is stored of a person; how many orders it were. What they order meanwhile is new, and stays."""
    await bot.the(Database).run(deletions.note, person_id=person_id)
    return await _forget(bot, person_id)


async def forget_again(bot: Bot) -> None:
    """Remove once more what a backup brought back that was restored; at the start, before anybody is served."""
    database = bot.the(Database)
    brought_back = await database.run(deletions.to_be_done_again)
    for each in brought_back:
        if each.generation_id is not None:
            await bot.the(Claims).remove(each.generation_id, by=NOBODY)
            for feature in features(bot):
                await feature.on_removed([each.generation_id])
        elif each.message_id is not None:
            for feature in features(bot):
                await feature.on_message_removed(each.message_id)
        elif each.person_id is not None and each.channel_id is not None:
            for feature in features(bot):
                await feature.forget_here(each.person_id, each.channel_id)
        elif each.person_id is not None:
            await _forget(bot, each.person_id)
        await database.run(deletions.done_again, each)
    if brought_back:
        log.info("deleted once more what a backup had brought back", extra={"count": len(brought_back)})


async def _forget(bot: Bot, person_id: int) -> int:
    database = bot.the(Database)
    await bot.the(Claims).end_all_of(person_id)
    count = 0
    while ids := await database.run(rows.delete_of, generations.c.person_id, person_id, now=time.time(), limit=PAGE):
        await bot.the(Worker).result_files.forget_all(ids)
        count += len(ids)
    await forget_rows(database, person_id)
    for feature in features(bot):
        await feature.on_forgotten(person_id)
    await bot.the(Signals).send(FORGOTTEN, str(person_id))
    return count


async def forget_rows(database: Database, person_id: int) -> None:
    """In all tables. Orders are not deleted here: files belong to them."""
    await apart.forget(database, person_id)
    for table in metadata.tables.values():
        for column in rows.people(table, "deleted") if table is not generations else ():
            while await database.run(rows.delete_of, column, person_id, now=time.time(), limit=PAGE):
                pass
        await _clear(database, rows.people(table, "cleared"), person_id)


async def _clear(database: Database, columns: Collection[Column[Any]], person_id: int) -> None:
    """Take a person's name from these columns of one table."""
    walked: list[Column[Any]] = []
    for column in columns:
        if rows.is_indexed(column):
            while await database.run(rows.clear_some, column, person_id, limit=PAGE):
                pass
        elif "id" in column.table.columns:
            walked.append(column)
        else:
            await database.run(rows.clear_some, column, person_id)
    if walked:
        async for after, upto in ranges(database, walked[0].table, STEP):
            await database.run(rows.clear_range, walked, person_id, after=after, upto=upto)
