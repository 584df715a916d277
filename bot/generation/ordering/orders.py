"""A new order: resolve settings → check → take from the day's share → row. Commands and buttons come through here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from bot.api.rungs import tier_of
from bot.environment import Environment
from bot.errors import Barred, OverBudget
from bot.generation import price as generation_price
from bot.generation.requests import EACH_SECOND, seconds_in, seconds_of
from bot.generation.rows import generations, parents, queries
from bot.generation.rows.parents import Parent
from bot.generation.rows.records import Generation, NewGeneration
from bot.kinds import Kind
from bot.orders import bars, cost_rows, costs, daily_limits, ledger, limit_rows
from bot.orders.blocked.check import Reader, Unread
from bot.orders.callers import Caller
from bot.orders.cost_rows import Ended
from bot.orders.money import Money
from bot.orders.policy import MakesKey, Models, Rules, read_rules, refuse_blank
from bot.orders.questions import Questions
from bot.settings import Place
from bot.settings.credits import PER_SECOND
from bot.store import events
from bot.store.database import Database
from bot.store.writes import until_committed

_Ordered = TypeVar("_Ordered")


class Orders:
    """Places orders. Every refusal is a `bot.errors.Refusal` and leaves nothing behind."""

    def __init__(
        self,
        database: Database,
        models: Models,
        environment: Environment,
        money: Money | None = None,
    ) -> None:
        self._database = database
        self.money = money or Money(environment)
        self._models = models
        self._environment = environment
        self.words = Reader()
        self.questions = Questions(database, models, environment, self.money)

    async def rules(self, place: Place) -> Rules:
        """What holds at `place`: every setting's value, and where it comes from."""
        return await self._database.run(self.read_rules, place)

    def read_rules(self, connection: Connection, place: Place) -> Rules:
        """`rules`, within a transaction."""
        return read_rules(connection, place, self._environment)

    async def image(
        self, caller: Caller, *, prompt: str, count: int, size: str | None, model: str | None
    ) -> Generation:
        """A queued picture order of `count` (1-4) pictures of `size` ("1024x1024"; None: what is set at the place)."""
        refuse_blank(prompt)

        def order(connection: Connection) -> Generation:
            rules = self.checked(connection, caller, Kind.IMAGE, prompt)
            rules.check_count(count)
            parameters = {"size": size or rules.value("image_size")}
            return self.order(
                connection, caller, rules, Kind.IMAGE, model, prompt=prompt, count=count, parameters=parameters
            )

        return await self.submit(caller, order)

    async def offered(self, place: Place, kind: Kind) -> tuple[str, ...]:
        """As `Rules.offered` at `place`."""
        return (await self.rules(place)).offered(kind, self._models)

    def lists(self, model: str) -> bool | None:
        """Whether the service lists `model`; None: it has no list."""
        return self._models.knows(model)

    async def refuse_barred(self, caller: Caller) -> None:
        """Barred: of what is no order, and is not for them either."""
        await self.run(caller, caller.check_barred)

    async def may(self, caller: Caller, kind: Kind, *, asked_by: int | None = None) -> Rules:
        """The rules of the caller's place, before a form opens, so that nothing is typed in vain; what it orders is
        checked once more. NotAllowed: they order no such thing here, or not by the card of what `asked_by` asked for.
        """

        def check(connection: Connection) -> Rules:
            rules = self.read_rules(connection, caller.place)
            caller.check_barred(connection)
            if asked_by is not None:
                caller.check_press(rules, asked_by)
            caller.check_command(rules, kind)
            return rules

        return await self.run(caller, check)

    async def withdraw(self, row: Generation) -> None:
        """Its placeholder could not be posted: nobody will see it. Nothing was sent; the day's share is given back."""
        await until_committed(self._database, withdraw, row)

    async def submit(self, caller: Caller, order: Callable[[Connection], _Ordered]) -> _Ordered:
        """Run `order` in one transaction, which may be run again. Repeated: the caller's event led to one before."""
        return await self.run(caller, events.once(caller.event_id, order))

    async def run(self, caller: Caller, call: Callable[[Connection], _Ordered]) -> _Ordered:
        """Run `call` in one transaction; what it must know of the caller's words is found out outside it."""
        while True:
            try:
                return await self._database.run(call)
            except OverBudget as refused:
                await self._database.run(self.money.note_refused, refused)
                raise
            except Unread as unread:
                caller.verdicts.note(unread, await self.words.find(unread.said, unread.words))
            except Barred as barred:
                # The refusal undid the transaction. Of two at once, one is told more than that they are; a message
                # has no answer that is theirs alone.
                if barred.news:
                    whose = barred.guild_id, caller.person_id
                    barred.news = bool(caller.token) and await self._database.run(bars.note_told, *whose, time.time())
                raise

    def checked(self, connection: Connection, caller: Caller, kind: Kind, prompt: str) -> Rules:
        """The rules of the caller's place, if nothing in them speaks against this use."""
        rules = self.read_rules(connection, caller.place)
        caller.check(connection, rules, kind, prompt)
        return rules

    def model(self, rules: Rules, kind: Kind, wanted: str | None = None) -> str:
        """The model that is meant, else the one that is set for `kind`. Raises as `Rules.model`."""
        return rules.model(kind, wanted, self._models)

    def maker(self, rules: Rules, key: MakesKey) -> str:
        """The model that edits or animates here. Raises as `Rules.maker`."""
        return rules.maker(key, self._models)

    def order(
        self,
        connection: Connection,
        caller: Caller,
        rules: Rules,
        kind: Kind,
        model: str | None,
        **order: Any,  # noqa: ANN401 - `_insert`'s own
    ) -> Generation:
        """Check the model, take from the day's share and the limits, reserve the price, and store the row: all or
        nothing.
        """
        chosen = rules.model(kind, model, self._models)
        daily_limits.take(connection, self._environment, caller.person_id, kind)
        now = time.time()
        counts = caller.take(connection, rules, kind, now)
        asked: dict[str, object] = order["parameters"]
        quality = tier_of(str(asked.get("resolution") or ""))
        count, seconds = order["count"], seconds_in(asked)
        quoted = costs.quote(caller, rules, kind, chosen, count, 0, now, seconds=seconds, quality=quality)
        if quoted is not None:
            costs.confirm(connection, caller, rules, quoted)
            order["price"] = quoted.price
        order["parameters"] = _by_seconds(asked, quoted, seconds)
        row = self._insert(connection, caller.ruled_by(rules), kind, model=chosen, **order)
        limit_rows.note(connection, row.id, counts)
        if quoted is not None:
            costs.reserve(connection, caller, kind, chosen, quoted, row.id, now)
        self.money.begin(
            connection,
            guild_id=caller.place.guild_id,
            channel_id=caller.place.here,
            person_id=caller.person_id,
            kind=kind,
            model=chosen,
            generation_id=row.id,
            count=row.count,
            seconds=seconds_of(row),
            now=now,
        )
        return row

    def _insert(
        self,
        connection: Connection,
        caller: Caller,
        kind: Kind,
        *,
        model: str,
        prompt: str,
        count: int,
        parameters: dict[str, object],
        price: int | None = None,
        made_of: Sequence[Parent] | None = None,
        **origin: Any,  # noqa: ANN401 - parent_id, action, source_id, source_position: columns of the row
    ) -> Generation:
        """`made_of` None: of what the columns say."""
        place = caller.place
        made_of = _made_of(**origin) if made_of is None else made_of
        came_from = {one.id for one in made_of} | {cast("int", id_) for id_ in [origin.get("parent_id")] if id_}
        restricted = any(row.age_restricted for row in queries.of_ids(connection, came_from).values())
        caller.check_brings(age_restricted=restricted)
        new = NewGeneration(
            kind=kind,
            person_id=caller.person_id,
            guild_id=place.guild_id,
            channel_id=place.here,
            parent_channel_id=place.channel_id if place.thread_id else None,
            category_id=place.category_id,
            context=caller.context,
            private=bool(caller.private),
            token_only=caller.token_only,
            token=caller.token,
            token_expires_at=caller.token_expires_at,
            original=caller.original,
            application_id=caller.application_id,
            locale=caller.locale,
            prompt=prompt,
            model=model,
            parameters=parameters,
            count=count,
            price=price,
            # What is made of it is of its kind, also where it was ordered in direct messages.
            age_restricted=caller.age_restricted or restricted,
            **origin,
        )
        row = generations.insert(connection, new, now=time.time())
        parents.put(connection, row.id, made_of)
        return row


def _by_seconds(asked: Mapping[str, object], quoted: costs.Quote | None, seconds: int | None) -> dict[str, object]:
    """With what each second costs, where their number is the model's: it is settled by what comes."""
    kept = {name: value for name, value in asked.items() if name != EACH_SECOND}
    if quoted is not None and seconds is None and quoted.each.per == PER_SECOND:
        kept[EACH_SECOND] = quoted.each.credits
    return kept


def _made_of(
    *,
    parent_id: int | None = None,
    action: str | None = None,
    source_id: int | None = None,
    source_position: int | None = None,
) -> Sequence[Parent]:
    if action in {None, "retry"}:
        return ()  # asked for by itself, or once more after that failed
    if source_id is not None:
        return [Parent(source_id, source_position)]
    return [] if parent_id is None else [Parent(parent_id)]


def withdraw(connection: Connection, row: Generation) -> None:
    """Forget a queued row that has no message of its own, and give back what it took: the message that it was to take
    over from a failed one, and its share of the person's day and of limits.
    """
    reservation_id, counts = ledger.of_generation(connection, row.id), limit_rows.taken(connection, row.id)
    noted = cost_rows.of_generation(connection, row.id)
    if not generations.discard(connection, row.id):
        return
    generation_price.give_back(connection, row, counts)
    if reservation_id is not None:
        ledger.settle(connection, reservation_id, pools=0, person=0, now=time.time())
    if noted is not None:
        cost_rows.end(connection, noted[0], Ended(nothing=True), now=time.time())
    if row.message_id is not None and row.parent_id is not None:
        generations.store_message(connection, row.parent_id, message_id=row.message_id, channel_id=row.channel_id)
