"""Shows the cards of generations on Discord: the `Deliverer` of `bot/generation/worker.py`."""

from __future__ import annotations

import asyncio
import logging
import time
import weakref
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.generation.facts import CardFacts
from bot.generation.orders import Orders
from bot.generation.reasons import Reason
from bot.generation.states import RETRYABLE, State
from bot.generation.worker import DeliveryFailed
from bot.generation.writes import surely
from bot.i18n import locale_of, text
from bot.store import generations
from bot.store.database import Database, StoreUnavailable
from bot.store.generations import Generation
from bot.ui.alerts import OwnerAlerts
from bot.ui.cards import card
from bot.ui.edits import Handle, MessageGone, OutOfReach, again, edit, find
from bot.ui.notes import note
from bot.ui.responses import answer, replace_message
from bot.ui.uploads import DEFAULT_UPLOAD_LIMIT, Form, choose, open_files

if TYPE_CHECKING:
    from bot.ui.typing import Bot, Interaction

log = logging.getLogger(__name__)

PASSING = (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError)


class CardDeliverer:
    """One message a row, from the placeholder to the results."""

    def __init__(self, database: Database, orders: Orders, alerts: OwnerAlerts, data_dir: Path) -> None:
        self._database = database
        self._orders = orders
        self._alerts = alerts
        self._data_dir = data_dir
        self._bot: Bot | None = None
        # One ffmpeg at a time: each may take two gigabytes.
        self._fitting = asyncio.Semaphore(1)
        # One edit of a card at a time, in the order they were asked for.
        self._locks: weakref.WeakValueDictionary[int, asyncio.Lock] = weakref.WeakValueDictionary()

    def attach(self, bot: Bot) -> None:
        """From now on cards are edited through `bot`."""
        self._bot = bot

    async def post(self, interaction: Interaction, row: Generation) -> None:
        """Answer with the card of a new order, keep the message's ids, and begin: nothing is sent before they stand."""
        async with self._or_withdraw(row):
            message_id = await answer(interaction, await self._first(row), ephemeral=row.private)
        await self._begin(interaction, row, message_id)

    async def replace(self, interaction: Interaction, row: Generation) -> None:
        """Turn the pressed message into the card of a new order, and begin."""
        async with self._or_withdraw(row):
            message_id = await replace_message(interaction, await self._first(row))
        await self._begin(interaction, row, message_id)

    async def find(self, row: Generation) -> int | None:
        """The id of the row's message by its interaction's token; None: there is none, or no way to ask any more."""
        if row.token is None or (row.token_expires_at or 0) < time.time():
            return None
        try:
            return await find(self._client(), row.application_id, row.token)
        except PASSING as error:
            raise DeliveryFailed(str(error)) from error

    async def show(self, facts: CardFacts) -> bool:
        """Bring the card up to date. True also when there is no card left to show."""
        row = facts.row
        try:
            await self._edit(row, card(facts))
        except MessageGone:
            log.info("generation %s: its card was deleted, %s is not shown", row.id, row.state)
        except OutOfReach:
            return await self._show_by_dm(facts)
        except PASSING as error:
            log.warning("generation %s: the card does not show %s yet: %s", row.id, row.state, error)
            return False
        if row.reason in {Reason.KEY_REFUSED, Reason.QUOTA}:
            await self._alerts.raise_(Reason(row.reason))
        return True

    async def _show_by_dm(self, facts: CardFacts) -> bool:
        """The card is out of reach: how it ended is told in a direct message; what is on its way is not."""
        if facts.row.state not in RETRYABLE:
            return True
        try:
            await self._by_dm(facts.row, card(facts))
        except PASSING as error:
            log.warning("generation %s: its person is not told yet: %s", facts.row.id, error)
            return False
        return True

    async def deliver(self, facts: CardFacts) -> State:
        """Show the results: as files where they fit this place's live limit, else made to fit, links at the least."""
        limit = self._upload_limit(facts.row)
        for best in Form:
            async with self._fitting:
                uploads = await choose(facts.row, facts.results, self._data_dir, limit=limit, best=best)
            files: list[discord.File] = []
            try:
                files = await open_files(uploads)
                return await self._deliver(facts.row, card(facts, uploads=uploads, upload_limit=limit), files)
            except discord.HTTPException as error:
                if error.status >= 500 or error.status in {401, 408, 429}:
                    raise DeliveryFailed(str(error)) from error
                # The limit is lower than it was known to be: the next smaller form, never nothing.
                limit = min(limit, DEFAULT_UPLOAD_LIMIT)
                log.info("generation %s: Discord takes no %s here: %s", facts.row.id, best.name.lower(), error)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise DeliveryFailed(str(error)) from error
            finally:
                for file in files:
                    file.close()
        log.error("generation %s: Discord refuses its card in every form; it is kept for /jobs", facts.row.id)
        return State.DROPPED

    async def redeliver(self, interaction: Interaction, row: Generation) -> None:
        """Post the results of an ended row once more, as the answer to a press."""
        await interaction.response.defer(thinking=True, ephemeral=row.private)
        worker = interaction.client.resources.worker
        facts = await worker.fetched(row)
        async with self._fitting:
            uploads = await choose(row, facts.results, self._data_dir, limit=interaction.filesize_limit)
        if not uploads and not any(result.url for result in facts.results):
            await interaction.edit_original_response(view=note(text(locale_of(interaction.locale), "jobs.not_kept")))
            return
        files = await open_files(uploads)
        shown = replace(facts, row=replace(row, state=State.DELIVERED))
        view = card(shown, uploads=uploads, upload_limit=interaction.filesize_limit)
        await interaction.edit_original_response(view=view, attachments=files)
        if row.state == State.DELIVERED:
            await worker.keeper.forget(row)

    async def _deliver(self, row: Generation, view: discord.ui.LayoutView, files: list[discord.File]) -> State:
        try:
            await self._edit(row, view, files)
        except (MessageGone, OutOfReach) as error:
            log.info("generation %s: its card is out of reach (%s)", row.id, type(error).__name__)
            return await self._elsewhere(row, view, files)
        return State.DELIVERED

    async def _elsewhere(self, row: Generation, view: discord.ui.LayoutView, files: list[discord.File]) -> State:
        """Its message is gone or out of reach: a new one in its channel, else a direct message, else it is kept."""
        bot = self._client()
        if not row.token_only and not row.private:
            with suppress(discord.NotFound, discord.Forbidden):
                channel = bot.get_partial_messageable(row.channel_id)
                message = await channel.send(view=view, files=[again(file) for file in files], nonce=f"g{row.id}")
                placed = {"message_id": message.id, "channel_id": row.channel_id}
                await surely(self._database, generations.place_message, row.id, **placed)
                return State.DELIVERED
        return State.DELIVERED if await self._by_dm(row, view, [again(file) for file in files]) else State.DROPPED

    async def _by_dm(
        self, row: Generation, view: discord.ui.LayoutView, files: list[discord.File] | None = None
    ) -> bool:
        """Send the card to its person, where its buttons work from now on. False: their direct messages are closed."""
        try:
            person = await self._client().fetch_user(row.person_id)
            message = await person.send(view=view, files=files or [], nonce=f"g{row.id}.{row.state}"[:25])
        except (discord.NotFound, discord.Forbidden) as error:
            log.info("generation %s: no direct message to its person (%s)", row.id, error.text)
            return False
        moved = {"message_id": message.id, "channel_id": message.channel.id}
        await surely(self._database, generations.moved_to_dm, row.id, **moved)
        return True

    async def _edit(
        self, row: Generation, view: discord.ui.LayoutView, files: list[discord.File] | None = None
    ) -> None:
        handle = Handle(
            application_id=row.application_id,
            token=row.token,
            token_expires_at=row.token_expires_at,
            channel_id=row.channel_id,
            message_id=row.message_id,
            token_only=row.token_only or row.private,
        )
        lock = self._locks.setdefault(row.id, asyncio.Lock())
        async with lock:
            await edit(self._client(), handle, view, attachments=files)

    async def _first(self, row: Generation) -> discord.ui.LayoutView:
        usual = await self._database.run(generations.usual_seconds, kind=row.kind, model=row.model)
        return card(CardFacts(row=row, usual=usual))

    @asynccontextmanager
    async def _or_withdraw(self, row: Generation) -> AsyncGenerator[None]:
        """Take the order back when its placeholder can't be posted: nobody would ever see it."""
        try:
            yield
        except (*PASSING, StoreUnavailable):
            await self._orders.withdraw(row)
            raise

    async def _begin(self, interaction: Interaction, row: Generation, message_id: int) -> None:
        where = {"message_id": message_id, "channel_id": row.channel_id}
        placed = await surely(self._database, generations.place_message, row.id, **where)
        if placed is not None:
            interaction.client.resources.claims.start(placed)
            interaction.client.resources.logbook.note_order(placed)

    def _upload_limit(self, row: Generation) -> int:
        guild = self._client().get_guild(row.guild_id) if row.guild_id else None
        return guild.filesize_limit if guild else DEFAULT_UPLOAD_LIMIT

    def _client(self) -> Bot:
        if self._bot is None:
            raise RuntimeError("the deliverer has no bot yet")
        return self._bot
