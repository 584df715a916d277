"""Deliver again: what an order made, once more, as the answer to a press in the list."""

from __future__ import annotations

import asyncio
import time
import weakref
from dataclasses import replace
from pathlib import Path

from bot.cards.card import card
from bot.cards.uploads import Uploads, opened
from bot.generation.ordering.orders import Orders
from bot.generation.ordering.repeats import DOUBLE_SECONDS
from bot.generation.rows import generations, result_rows
from bot.generation.rows.records import Generation
from bot.generation.work.worker import Worker
from bot.i18n import locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import only_answered
from bot.kit.places import place_of
from bot.kit.responses import acknowledge, answer, tell
from bot.states import State
from bot.store import copies
from bot.store.database import Database
from bot.store.writes import until_committed


class Redelivery:
    def __init__(self, database: Database, orders: Orders, data_dir: Path) -> None:
        self._database = database
        self._orders = orders
        self._uploads = Uploads(data_dir)
        # What was delivered again, for whom and where: when, by a monotonic clock. Two clicks are one wish.
        self._brought: dict[tuple[int, int, int | None], float] = {}
        # One at a time of each order.
        self._locks: weakref.WeakValueDictionary[int, asyncio.Lock] = weakref.WeakValueDictionary()

    async def post(self, interaction: Interaction, row: Generation, *, private: bool) -> None:
        """Post the results of an ended row once more, as the answer to a press, which nobody else sees if `private`."""
        pressed_at = time.monotonic()
        await acknowledge(interaction, thinking=True, ephemeral=private)
        # One press after the other: the first one's files go when it is done.
        async with self._locks.setdefault(row.id, asyncio.Lock()):
            key = (row.id, interaction.user.id, interaction.channel_id)
            if key in self._brought and pressed_at < self._brought[key] + DOUBLE_SECONDS:
                await tell(interaction, text(locale_of(interaction.locale), "jobs.just_brought"))
            elif await self._post(interaction, row, private=private):
                now = time.monotonic()
                self._brought = {each: at for each, at in self._brought.items() if at + DOUBLE_SECONDS > now}
                self._brought[key] = now

    async def _post(self, interaction: Interaction, row: Generation, *, private: bool) -> bool:
        """False: there is nothing left to deliver, of which the person is told."""
        worker = interaction.client.the(Worker)
        facts = await worker.fetched(row)
        here = await self._orders.rules(place_of(interaction))
        # Where it was made it was checked by what that place wants.
        screened = await worker.screen.results(row, facts.results, elsewhere=here.value("moderation"))
        facts = replace(facts, results=screened.results)
        spoiler = facts.spoiler or here.value("spoilers") or screened.unchecked
        uploads = await self._uploads.choose(row, facts.results, limit=interaction.filesize_limit, spoiler=spoiler)
        if not uploads and not any(result.url for result in facts.results):
            now = time.time()
            lasts = any(
                (one.expires_at or 0) > now for one in await self._database.run(result_rows.of_generation, row.id)
            )
            await tell(interaction, text(locale_of(interaction.locale), "card.unfetched" if lasts else "jobs.not_kept"))
            return False
        shown = replace(facts, row=replace(row, state=State.DELIVERED))
        view = only_answered(
            card(shown, uploads=uploads, upload_limit=interaction.filesize_limit), interaction.client.items
        )
        async with opened(uploads) as files:
            message = await answer(interaction, view, ephemeral=private, files=files or [])
        await until_committed(self._database, copies.note, row.id, message.id)
        if uploads:
            await until_committed(self._database, generations.delivered_after_all, row.id)
            if all(result.path is not None for result in facts.results):
                await worker.result_files.forget(row)
        return True
