"""Rounds that are made without a press: when their time is up, and when the ideas of one are merged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Protocol

from bot.environment import Environment
from bot.errors import Refusal
from bot.generation.ordering.orders import Orders
from bot.kit.error_path import sentence
from bot.orders.callers import Caller
from bot.recent import Recent
from bot.store.database import Database
from bot.store.writes import until_committed
from cogs.jam import making
from cogs.jam import rows as jams
from cogs.jam import states as steps
from cogs.jam.facts import read_facts
from cogs.jam.making import Making
from cogs.jam.ports import Host
from cogs.jam.reasons import RoundReason
from cogs.jam.records import Jam

log = logging.getLogger(__name__)

_MOST = 1000


class Shows(Protocol):
    """The scheduler, as far as it is asked for here."""

    def show(self, jam_id: int, number: int | None = None) -> None: ...

    def handing(self, jam_id: int) -> AbstractContextManager[None]: ...

    def merge(self, begun: Making) -> None: ...


class ByItself:
    """For the scheduler, which calls each once at a time for a jam."""

    def __init__(
        self,
        database: Database,
        orders: Orders,
        environment: Environment,
        host: Host,
        *,
        clock: Callable[[], float],
        shows: Shows,
    ) -> None:
        self._database = database
        self._orders = orders
        self._environment = environment
        self._host = host
        self._clock = clock
        self._shows = shows
        # Who had a round made, as they pressed; of what a process before began, they are asked for anew.
        self._makers: Recent[int, Caller] = Recent(_MOST)

    def note(self, begun: Making) -> None:
        """Who has a round made that begins now."""
        if begun.payer is not None:
            self._makers.put(begun.jam.id, begun.payer)

    async def make(self, jam: Jam) -> None:
        """The round's time is up: it is made for its host, or the jam ends."""
        if await self._database.run(steps.no_ideas, jam.id, now=self._clock()) is not None:
            self._shows.show(jam.id)
            return
        caller = await self._caller(jam, jam.host_id)
        if caller is None:
            await self._not_ordered(jam, RoundReason.HOST_GONE)
            return
        begin = partial(making.begin, orders=self._orders, caller=caller, jam_id=jam.id, now=self._clock())
        with self._shows.handing(jam.id):
            try:
                begun = await self._orders.submit(caller, begin)
            except Refusal as refused:
                await self._not_ordered(jam, RoundReason.NOT_ORDERED, refused)
                return
            self._shows.merge(begun)
        self._shows.show(jam.id)

    async def order(self, jam: Jam) -> None:
        """The ideas are merged: order the pictures for who had the round made."""
        facts = await self._database.run(read_facts, jam.id, self._environment)
        if facts is None or facts.round.maker_id is None:
            return
        caller = self._makers.get(jam.id) or await self._caller(jam, facts.round.maker_id)
        if caller is None:
            await self._not_ordered(facts.jam, RoundReason.HOST_GONE)
            return
        try:
            picture = await self._host.base_picture(facts)
            order = partial(making.order, orders=self._orders, caller=caller, jam_id=jam.id, picture=picture)
            # Its press was acted upon when it began.
            row = await self._orders.run(caller, partial(order, now=self._clock(), by_itself=True))
        except Refusal as refused:
            await self._not_ordered(facts.jam, RoundReason.NOT_ORDERED, refused)
            return
        finally:
            self._makers.pop(jam.id)
        await self._host.post_pictures(row)
        self._shows.show(jam.id)

    async def _caller(self, jam: Jam, person_id: int | None) -> Caller | None:
        """Who orders by themselves. None: they left the jam, or the server."""
        if person_id is None or not await self._database.run(jams.is_in, jam.id, person_id):
            return None
        caller = await self._host.caller(jam, person_id)
        if caller is None:
            await self._database.run(steps.left, jam.id, person_id, now=self._clock())
        return caller

    async def _not_ordered(self, jam: Jam, reason: RoundReason, refused: Refusal | None = None) -> None:
        detail = None if refused is None else sentence(refused, jam.locale)
        log.info("a round of jam %s is not made by itself: %s", jam.id, refused or reason)
        note = partial(making.not_ordered, reason=reason, detail=detail, now=self._clock())
        if await until_committed(self._database, note, jam.id, jam.step):
            self._shows.show(jam.id)
