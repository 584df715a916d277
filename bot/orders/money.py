"""The one door to the service: each order gets its `Permit` here, with its cost noted and the most of it reserved.

Chat is reserved by what is sent, one token a byte, and by `max_tokens`, which then is sent; images by their number;
videos by number or seconds. Nothing is sent again that may have been taken, so once is enough.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bot.api.permits import Permit
from bot.errors import OverBudget
from bot.kinds import Kind
from bot.money import PER_MILLION, Budget
from bot.orders import cost_rows
from bot.orders.cost_rows import Ended, Exhausted
from bot.orders.costs import ANSWER_TOKENS
from bot.orders.price_book import PriceBook
from bot.store.failures import StoreUnavailable

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.api.client import OneKeyClient
    from bot.environment import Environment
    from bot.store.database import Database

log = logging.getLogger(__name__)


class Ordered(Protocol):
    """What is to be known of a picture or video."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def guild_id(self) -> int | None: ...
    @property
    def channel_id(self) -> int: ...
    @property
    def person_id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Cost:
    """An order that was noted: what it is settled by, and what it is sent with."""

    id: int
    permit: Permit = field(compare=False)


def follow(database: Database, cost: Cost) -> None:
    """Have it noted at once what the service calls the requests of an order: where the process is killed meanwhile, its
    log still tells what they cost.
    """
    noting: set[asyncio.Task[None]] = set()

    async def note(calls: list[str]) -> None:
        try:
            await database.run(cost_rows.note_calls, cost.id, calls)
        except StoreUnavailable as error:
            log.warning("what the service calls a request was not noted: %s", error)

    def heard() -> None:
        task = asyncio.create_task(note(list(cost.permit.calls)))
        noting.add(task)
        task.add_done_callback(noting.discard)

    cost.permit.heard = heard


class Money:
    """Real money, for the owner: what orders cost, and the budget that they are held to, if there is one."""

    def __init__(self, environment: Environment) -> None:
        self.budget = environment.budget
        self.book = PriceBook(environment.prices)

    def begin(
        self,
        c: Connection,
        *,
        guild_id: int | None,
        channel_id: int,
        person_id: int | None,
        kind: Kind,
        model: str,
        now: float,
        generation_id: int | None = None,
        count: int = 1,
        seconds: int | None = None,
        told: int | None = None,
    ) -> Cost:
        """Note an order, and reserve what it may cost. OverBudget, which must undo the transaction.

        `seconds`: of a video, where they are told. `told`: the most tokens of a question (`ChatRequest.most_told`).
        """
        permit, reserve = self._bound(kind, model, count=count, seconds=seconds, told=told)
        try:
            cost_id = cost_rows.begin(
                c,
                guild_id=guild_id,
                channel_id=channel_id,
                person_id=person_id,
                kind=kind.command,
                model=model,
                generation_id=generation_id,
                reserve=reserve,
                now=now,
            )
        except Exhausted as short:
            raise self._over(model, short, now) from None
        return Cost(cost_id, permit)

    def unbound(self) -> Permit | None:
        """Without a budget nothing is to be looked up before an order is sent. None: there is one."""
        return Permit() if self.budget is None else None

    def permit(self, c: Connection, order: Ordered, *, seconds: int | None, now: float) -> Permit:
        """Of a picture or video that is about to be sent. It is reserved now where it was ordered before there was a
        budget: OverBudget.
        """
        kind = Kind(order.kind)
        found = cost_rows.of_generation(c, order.id)
        if found is None:
            begun = self.begin(
                c,
                guild_id=order.guild_id,
                channel_id=order.channel_id,
                person_id=order.person_id,
                kind=kind,
                model=order.model,
                generation_id=order.id,
                count=order.count,
                seconds=seconds,
                now=now,
            )
            return begun.permit
        permit, reserve = self._bound(kind, order.model, count=order.count, seconds=seconds)
        if found[1] is None and reserve is not None:
            try:
                cost_rows.reserve(c, found[0], *reserve, now=now)
            except Exhausted as short:
                raise self._over(order.model, short, now) from None
        return permit

    def end(self, c: Connection, cost: Cost, *, nothing: bool) -> None:
        """A question has ended. `nothing`: it is known to have made nothing."""
        cost_rows.end(c, cost.id, Ended(tuple(cost.permit.calls), nothing), now=time.time())

    def note_refused(self, c: Connection, refused: OverBudget) -> None:
        """For the owner's alert: an order was refused since the budget is used up."""
        if self.budget is not None and refused.resets_at is not None:
            cost_rows.note_refused(c, self.budget, now=time.time())

    async def amount(self, client: OneKeyClient, quota: int | None) -> int | None:
        """Millionths of what the service counts so; None: not told, or what it counts in is not known now."""
        if quota is None or not await self.book.refresh(client):
            return None
        return self.book.unit.amount(quota)

    def _bound(
        self, kind: Kind, model: str, *, count: int = 1, seconds: int | None = None, told: int | None = None
    ) -> tuple[Permit, tuple[Budget, int] | None]:
        """What such an order may send, and the most that it costs. OverBudget: nobody knows."""
        if self.budget is None:
            return Permit(), None
        price, most = self.book.of(kind, model), None
        if price is not None:
            most = price.most(kind, count=count, seconds=seconds, told=told or 0, answered=ANSWER_TOKENS)
        if price is None or most is None:
            raise OverBudget(model, known=False, soon=not self.book.asked)
        by_tokens = price.per == PER_MILLION
        permit = Permit(told if by_tokens else None, ANSWER_TOKENS if by_tokens else None, is_bounded=True)
        # Its words are moderated, and each image that it brings: at what that was seen to cost.
        aside = self.book.aside * (1 + count)
        return permit, (self.budget, math.ceil(most * self.book.dearer(model)) + aside)

    def _over(self, model: str, short: Exhausted, now: float) -> OverBudget:
        budget = self.budget
        if budget is None or short.reserve > budget.limit:
            return OverBudget(model)
        return OverBudget(model, resets_at=budget.end(budget.start(now)))
