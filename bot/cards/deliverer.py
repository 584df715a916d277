"""Shows the cards of generations on Discord: the `Deliverer` of `bot/generation/work/deliverer.py`."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import discord
from sqlalchemy import Connection

from bot.cards.button_looks import other_models
from bot.cards.card import card
from bot.cards.messages import CardMessages
from bot.cards.submitted import tell_ordered
from bot.cards.upload_limits import UploadLimits
from bot.cards.uploads import DEFAULT_UPLOAD_LIMIT, Form, Shown, Upload, Uploads, attached_to, noted
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
from bot.kit.edits import MessageGone, OutOfReach, find
from bot.kit.own_token import OwnToken
from bot.kit.owner_alerts import OwnerAlerts
from bot.kit.responses import BLOCKED, BROKEN, PASSING, Posted, answer, may_pass, replace_message
from bot.kit.why import OWNERS
from bot.reasons import Reason
from bot.states import RETRYABLE, State
from bot.store.database import Database, StoreUnavailable, carry
from bot.store.writes import until_committed

if TYPE_CHECKING:
    from bot.kit.bot import Bot, Interaction

log = logging.getLogger(__name__)


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
        self._messages = CardMessages(bot, database, own_token)
        self._limits = UploadLimits(bot)

    async def post(self, interaction: Interaction, row: Generation) -> None:
        """Answer with the card of a new order, keep the message's ids, and begin: nothing is sent before they stand."""
        self._limits.told(row, interaction.filesize_limit)
        async with self._or_withdraw(row):
            posted = await answer(interaction, await self._first(row), ephemeral=row.private)
        await self._begin(row, posted)

    async def replace(self, interaction: Interaction, row: Generation) -> None:
        """Turn the pressed message into the card of a new order, and begin."""
        self._limits.told(row, interaction.filesize_limit)
        async with self._or_withdraw(row):
            message_id = await replace_message(interaction, await self._first(row))
        await self._begin(row, Posted(message_id))

    async def post_by_itself(self, row: Generation) -> bool:
        """Post the card of a new order in its channel with the bot's own token, and begin.

        False: it can't be posted, and the order is taken back.
        """
        view = await self._first(row)
        try:
            message_id = await self._messages.post(row, view)
        except PASSING as error:
            log.warning("a generation's card can't be posted: %s", error, extra=row.logged)
            await self._orders.withdraw(row)
            return False
        await self._begin(row, Posted(message_id))
        return True

    async def find(self, row: Generation) -> int | None:
        """The id of the row's message by its interaction's token; None: there is none, or no way to ask any more."""
        if row.token is None or not row.original or (row.token_expires_at or 0) < steady():
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
            await self._messages.edit(row, self._card(facts), token_only=row.state == State.GENERATED)
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
            await self._messages.by_dm(facts.row, self._card(facts))
        except PASSING as error:
            log.warning("a generation's person is not told yet: %s", error, extra=facts.row.logged)
            return False
        return True

    async def deliver(self, facts: CardFacts) -> State:
        """Show the results: as files where they fit this place's live limit, else made to fit, links at the least."""
        limit = await self._limits.of(facts.row)
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
                if error.code in BLOCKED:
                    break
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
            if names is None and not self._messages.shows_results(row):
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
            replace(facts, results=tuple(results)), uploads=shown, upload_limit=await self._limits.of(row)
        )

    async def _deliver(self, row: Generation, view: discord.ui.LayoutView, uploads: list[Upload]) -> State:
        try:
            await self._messages.edit(row, view, uploads)
        except (MessageGone, OutOfReach) as error:
            log.info("a generation's card is out of reach (%s)", type(error).__name__, extra=row.logged)
            return await self._messages.anew(row, view, uploads)
        return State.DELIVERED

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

    async def _begin(self, row: Generation, posted: Posted) -> None:
        def stands(connection: Connection) -> Generation | None:
            begun = generations.store_message(
                connection, row.id, message_id=posted.id, channel_id=row.channel_id, original=posted.original
            )
            if begun is not None:
                carry(connection, begun.id)
            return begun

        begun = await until_committed(self._database, stands)
        if begun is not None:
            self._bot.the(Claims).start(begun, carried=True)
            tell_ordered(self._bot, begun)

    def _card(self, facts: CardFacts, *, uploads: Sequence[Shown] = (), upload_limit: int | None = None) -> Card:
        """With the buttons of the features that are loaded."""
        return only_answered(card(facts, uploads=uploads, upload_limit=upload_limit), self._bot.items)
