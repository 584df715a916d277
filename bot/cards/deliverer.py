"""Shows the cards of generations on Discord: the `Deliverer` of `bot/generation/work/deliverer.py`."""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import discord
from sqlalchemy import Connection

from bot.cards.button_looks import other_models
from bot.cards.card import card
from bot.cards.handles import handle_of
from bot.cards.submitted import tell_ordered
from bot.cards.uploads import DEFAULT_UPLOAD_LIMIT, Form, Shown, Upload, Uploads, attached_to, noted, opened
from bot.clock import steady
from bot.generation.card_facts import CardFacts, read_facts
from bot.generation.ordering.orders import Orders
from bot.generation.rows import generations, result_rows
from bot.generation.rows.records import Generation
from bot.generation.work.claims import Claims
from bot.generation.work.deliverer import DeliveryFailed
from bot.generation.work.worker import Worker
from bot.kit.coalesced_edits import NotYet
from bot.kit.components import Card, only_answered
from bot.kit.edits import NOT_HERE, Handle, MessageGone, OutOfReach, edit_by_itself, edit_by_token, find
from bot.kit.own_token import OwnToken
from bot.kit.owner_alerts import OwnerAlerts
from bot.kit.responses import BROKEN, PASSING, answer, may_pass, replace_message
from bot.kit.why import OWNERS
from bot.reasons import Reason
from bot.recent import Recent
from bot.states import LIVE, RETRYABLE, State
from bot.store.database import Database, StoreUnavailable, carry
from bot.store.writes import until_committed

if TYPE_CHECKING:
    from bot.kit.bot import Bot, Interaction

log = logging.getLogger(__name__)

INVALID_RECIPIENT = 50033
"""Discord's answer to opening direct messages with an account that is gone."""
DONE_KEPT = 1000
LIMITS_KEPT, LIMITS_SECONDS = 10_000, 3600.0
"""Servers of other processes: how large a file may be there."""
ENDED_EARLY_KEPT = 10_000
OPENING = 0
"""Stands for a channel's id while direct messages are opened: all of that shares one limit."""


class CardDeliverer:
    """One message a row, from the placeholder to the results."""

    def __init__(  # noqa: PLR0917 - what the process opens, in order
        self, bot: Bot, database: Database, orders: Orders, alerts: OwnerAlerts, data_dir: Path, own_token: OwnToken
    ) -> None:
        self._bot = bot
        self._database = database
        self._orders = orders
        self._alerts = alerts
        self._uploads = Uploads(data_dir)
        self._own_token = own_token
        # Tokens that Discord ended early, until they would have ended anyway: each refusal counts against the bot.
        self._ended_early: Recent[str, None] = Recent(ENDED_EARLY_KEPT)
        # Rows whose card shows the results: what was true of them before must not be shown any more.
        self._done: Recent[int, None] = Recent(DONE_KEPT)
        self._limits: Recent[int, int] = Recent(LIMITS_KEPT, seconds=LIMITS_SECONDS)
        # One edit of a card at a time, in the order they were asked for.
        self._locks: weakref.WeakValueDictionary[int, asyncio.Lock] = weakref.WeakValueDictionary()

    async def post(self, interaction: Interaction, row: Generation) -> None:
        """Answer with the card of a new order, keep the message's ids, and begin: nothing is sent before they stand."""
        async with self._or_withdraw(row):
            message_id = await answer(interaction, await self._first(row), ephemeral=row.private)
        await self._begin(row, message_id)

    async def replace(self, interaction: Interaction, row: Generation) -> None:
        """Turn the pressed message into the card of a new order, and begin."""
        async with self._or_withdraw(row):
            message_id = await replace_message(interaction, await self._first(row))
        await self._begin(row, message_id)

    async def post_by_itself(self, row: Generation) -> bool:
        """Post the card of a new order in its channel with the bot's own token, and begin.

        False: it can't be posted, and the order is taken back.
        """
        channel = self._bot.get_partial_messageable(row.channel_id)
        view = await self._first(row)
        try:
            async with self._own_token.turn(row.channel_id):
                try:
                    sent = await channel.send(view=view, nonce=f"g{row.id}", suppress_embeds=True)
                except BROKEN:  # it may stand: Discord gives the same message for the same nonce
                    sent = await channel.send(view=view, nonce=f"g{row.id}", suppress_embeds=True)
        except PASSING as error:
            log.warning("a generation's card can't be posted: %s", error, extra=row.logged)
            await self._orders.withdraw(row)
            return False
        await self._begin(row, sent.id)
        return True

    async def find(self, row: Generation) -> int | None:
        """The id of the row's message by its interaction's token; None: there is none, or no way to ask any more."""
        if row.token is None or (row.token_expires_at or 0) < steady():
            return None
        try:
            return await find(self._bot, row.application_id, row.token)
        except PASSING as error:
            raise DeliveryFailed(str(error)) from error

    async def show(self, facts: CardFacts) -> bool:
        """Bring the card up to date. True also when there is no card left to show."""
        row = facts.row
        facts = await self._with_help(facts)
        try:
            # The results follow at once: until then the card is worth no request of the bot's own.
            await self._edit(row, self._card(facts), token_only=row.state == State.GENERATED)
        except MessageGone:
            log.info("a generation's card was deleted: its state is not shown", extra=row.logged)
        except OutOfReach:
            return await self._show_by_dm(facts)
        except PASSING as error:
            log.warning("a generation's card does not show its state yet: %s", error, extra=row.logged)
            return False
        return True

    async def _with_help(self, facts: CardFacts, *, anew: bool = True) -> CardFacts:
        """Of what failed: whether the owner knows of it, and which models may do instead. `anew`: it just failed."""
        row = facts.row
        if row.state not in RETRYABLE:
            return facts
        told = anew and row.reason in OWNERS and await self._alerts.raise_(Reason(row.reason))
        try:
            models = await other_models(self._orders, row)
        except StoreUnavailable as error:
            log.warning("which models may do instead is not known: %s", error, extra=row.logged)
            models = ()
        return replace(facts, owner_told=told, models=models)

    async def _show_by_dm(self, facts: CardFacts) -> bool:
        """The card is out of reach: how it ended is told in a direct message; what is on its way is not."""
        if facts.row.state not in RETRYABLE | {State.UNFETCHED}:
            return True
        try:
            await self._by_dm(facts.row, self._card(facts))
        except PASSING as error:
            log.warning("a generation's person is not told yet: %s", error, extra=facts.row.logged)
            return False
        return True

    async def deliver(self, facts: CardFacts) -> State:
        """Show the results: as files where they fit this place's live limit, else made to fit, links at the least."""
        limit = await self._upload_limit(facts.row)
        uploads: list[Upload] = []
        refused: list[Upload] | None = None
        for best in Form:
            try:
                uploads = await self._uploads.choose(
                    facts.row, facts.results, limit=limit, best=best, spoiler=facts.spoiler
                )
                if uploads != refused:
                    view = self._card(facts, uploads=uploads, upload_limit=limit)
                    # Before it can be seen: what is pressed there may ask for it.
                    await until_committed(
                        self._database, result_rows.note_attachments, facts.row.id, noted(facts.results, uploads)
                    )
                    return await self._deliver(facts.row, view, uploads)
            except discord.HTTPException as error:
                if may_pass(error):
                    raise DeliveryFailed(str(error)) from error
                # The limit is lower than it was known to be: the next smaller form, never nothing.
                limit, refused = min(limit, DEFAULT_UPLOAD_LIMIT), uploads
                log.info("Discord takes no %s here: %s", best.name.lower(), error, extra=facts.row.logged)
            except BROKEN as error:
                raise DeliveryFailed(str(error)) from error
        log.error("Discord refuses a generation's card in every form; it is kept for /jobs", extra=facts.row.logged)
        return State.DROPPED

    async def current(self, generation_id: int, names: Collection[str] | None = None) -> discord.ui.LayoutView | None:
        """The card of an order that has ended as it is now, for a message with files of these names.

        `names` None: as it was noted of its own message. None: it was removed, or its message is another order's card
        now. NotYet: it is about to show its results.
        """
        row = await self._database.run(generations.get, generation_id)
        if row is None or row.removed_at is not None or (names is None and row.message_id is None):
            return None
        if row.state == State.GENERATED:
            if names is None and row.id not in self._done:
                raise NotYet
            row = replace(row, state=State.DELIVERED)  # it stands a moment before the row says so
        # What fits here is known once the servers are.
        await self._bot.wait_until_ready()
        facts = await self._with_help(await self._database.run(read_facts, row), anew=False)
        if names is None:
            names = {result.attachment for result in facts.results if result.attachment is not None}
        shown = attached_to(facts.results, names)
        showable = self._bot.the(Worker).result_files.showable
        # What was not shown at first led nowhere that people may go.
        results = [showable(one) if one.form is not None else replace(one, url=None) for one in facts.results]
        return self._card(
            replace(facts, results=tuple(results)), uploads=shown, upload_limit=await self._upload_limit(row)
        )

    async def _deliver(self, row: Generation, view: discord.ui.LayoutView, uploads: list[Upload]) -> State:
        try:
            await self._edit(row, view, uploads)
            state = State.DELIVERED
        except (MessageGone, OutOfReach) as error:
            log.info("a generation's card is out of reach (%s)", type(error).__name__, extra=row.logged)
            state = await self._elsewhere(row, view, uploads)
        return state

    async def _elsewhere(self, row: Generation, view: discord.ui.LayoutView, uploads: list[Upload]) -> State:
        """Its message is gone or out of reach: a new one in its channel, else a direct message, else it is kept."""
        fresh = await until_committed(self._database, generations.get, row.id)
        if fresh is None or fresh.removed_at is not None:
            return State.DROPPED  # it was taken away, maybe by another process
        if not row.token_only and not row.private:
            channel = self._bot.get_partial_messageable(row.channel_id)
            try:
                async with self._own_token.turn(row.channel_id), opened(uploads) as files:
                    message = await channel.send(view=view, files=files or [], nonce=f"g{row.id}")
            except discord.HTTPException as error:
                closed = isinstance(error, (discord.NotFound, discord.Forbidden))
                if not closed and error.code not in NOT_HERE:
                    raise
                log.info("no new message in a generation's channel (%s)", error.text, extra=row.logged)
            else:
                posted = {"message_id": message.id, "channel_id": row.channel_id}
                await until_committed(self._database, generations.store_message, row.id, **posted)
                return State.DELIVERED
        return State.DELIVERED if await self._by_dm(row, view, uploads) else State.DROPPED

    async def _by_dm(
        self, row: Generation, view: discord.ui.LayoutView, uploads: Sequence[Upload] | None = None
    ) -> bool:
        """Send the card to its person, where its buttons work from now on. False: their direct messages are closed."""
        try:
            async with self._own_token.turn(OPENING):
                channel = await self._bot.create_dm(discord.Object(row.person_id))
            async with self._own_token.turn(channel.id), opened(uploads) as files:
                message = await channel.send(view=view, files=files or [], nonce=f"g{row.id}.{row.state}"[:25])
        except discord.HTTPException as error:
            closed = isinstance(error, (discord.NotFound, discord.Forbidden))
            if not closed and error.code != INVALID_RECIPIENT:
                raise
            log.info("no direct message to a generation's person (%s)", error.text, extra=row.logged)
            return False
        moved = {"message_id": message.id, "channel_id": message.channel.id}
        await until_committed(self._database, generations.moved_to_dm, row.id, **moved)
        return True

    async def _edit(
        self,
        row: Generation,
        view: discord.ui.LayoutView,
        uploads: Sequence[Upload] | None = None,
        *,
        token_only: bool = False,
    ) -> None:
        """Edit by the interaction's token, or with the bot's own once that is over; `token_only`: not with that."""
        handle = await self._handle(row)
        lock = self._locks.setdefault(row.id, asyncio.Lock())
        async with lock:
            if row.id in self._done and row.state in LIVE:
                return
            if handle.token is not None and handle.token_lives:
                async with opened(uploads) as files:
                    if await edit_by_token(self._bot, handle, view, attachments=files):
                        self._note(row, uploads)
                        return
                self._ended_early.put(handle.token, None, seconds=(handle.token_expires_at or 0) - steady())
            if not token_only:
                async with self._own_token.turn(row.channel_id), opened(uploads) as files:
                    await edit_by_itself(self._bot, handle, view, attachments=files)
                    self._note(row, uploads)

    async def _handle(self, row: Generation) -> Handle:
        handle = handle_of(row)
        if handle.token_only and (not handle.token_lives or handle.token in self._ended_early):
            # A press may have brought another since the row was read.
            fresh = await until_committed(self._database, generations.get, row.id)
            if fresh is not None:
                handle = replace(handle, token=fresh.token, token_expires_at=fresh.token_expires_at)
        return replace(handle, token=None) if handle.token in self._ended_early else handle

    def _note(self, row: Generation, uploads: Sequence[Upload] | None) -> None:
        """Under the card's lock: the row itself says that it is delivered a moment later."""
        if uploads is not None:
            self._done.put(row.id, None)

    async def _first(self, row: Generation) -> discord.ui.LayoutView:
        # Before the message stands nobody waits in line.
        return self._card(await self._database.run(read_facts, row, in_line=False))

    @asynccontextmanager
    async def _or_withdraw(self, row: Generation) -> AsyncGenerator[None]:
        """Take the order back when its placeholder can't be posted: nobody would ever see it."""
        try:
            yield
        except (*PASSING, StoreUnavailable):
            await self._orders.withdraw(row)
            raise

    async def _begin(self, row: Generation, message_id: int) -> None:
        where = {"message_id": message_id, "channel_id": row.channel_id}

        def stands(connection: Connection) -> Generation | None:
            posted = generations.store_message(connection, row.id, **where)
            if posted is not None:
                carry(connection, posted.id)
            return posted

        posted = await until_committed(self._database, stands)
        if posted is not None:
            self._bot.the(Claims).start(posted, carried=True)
            tell_ordered(self._bot, posted)

    def _card(self, facts: CardFacts, *, uploads: Sequence[Shown] = (), upload_limit: int | None = None) -> Card:
        """With the buttons of the features that are loaded."""
        return only_answered(card(facts, uploads=uploads, upload_limit=upload_limit), self._bot.items)

    async def _upload_limit(self, row: Generation) -> int:
        """Bytes that a file may have where `row` is shown; of a server that another process knows it is asked for."""
        guild = self._bot.get_guild(row.guild_id) if row.guild_id else None
        if guild is None and row.guild_id and not self._bot.share.is_whole and not row.token_only:
            if (known := self._limits.get(row.guild_id)) is not None:
                return known
            try:
                guild = await self._bot.fetch_guild(row.guild_id, with_counts=False)
            except PASSING as error:
                log.info("how large a file may be in a server is not known: %s", error, extra=row.logged)
            else:
                self._limits.put(row.guild_id, guild.filesize_limit)
        return guild.filesize_limit if guild else DEFAULT_UPLOAD_LIMIT
