"""A new order: resolve settings → check → take from the day's share → row. Commands and buttons come through here."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from bot.api.models import fitting
from bot.environment import Environment
from bot.errors import Barred, NotAllowed, OverBudget
from bot.generation import inputs, queries
from bot.generation import price as generation_price
from bot.generation import rows as generations
from bot.generation.records import Generation, NewGeneration
from bot.generation.repeats import refuse_double, refuse_second
from bot.generation.requests import SIZE_PARAMETER, seconds_of
from bot.kinds import Kind
from bot.orders import bars, cost_rows, costs, daily_limits, ledger, limit_rows
from bot.orders.blocked.check import Reader, Unread
from bot.orders.callers import Caller
from bot.orders.cost_rows import Ended
from bot.orders.costs import Paid
from bot.orders.money import Cost, Money
from bot.orders.policy import Models, Rules, read_rules, refuse_blank
from bot.orders.question import Question
from bot.settings import Place
from bot.states import RETRYABLE
from bot.store import events
from bot.store.database import Database
from bot.store.writes import until_committed

_Ordered = TypeVar("_Ordered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What is to be otherwise in an order that is submitted again; None: as it was. `size` as the API writes it."""

    prompt: str | None = None
    model: str | None = None
    size: str | None = None


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

    async def rules(self, place: Place) -> Rules:
        """What holds at `place`: every setting's value, and where it comes from."""
        return await self._database.run(self.read_rules, place)

    def read_rules(self, connection: Connection, place: Place) -> Rules:
        """`rules`, within a transaction."""
        return read_rules(connection, place, self._environment)

    def question(
        self,
        connection: Connection,
        caller: Caller,
        rules: Rules,
        model: str | None,
        *,
        most_tokens: int,
        most_told: int,
    ) -> Question:
        """Check the model, take one /ask of the person's day, and reserve the price of at most `most_tokens`.

        `most_told`: the most tokens that are sent (`ChatRequest.most_told`), which real money is reserved by.
        """
        chosen = rules.model(Kind.ASK, model, self._models)
        day = daily_limits.take(connection, self._environment, caller.person_id, Kind.ASK)
        now = time.time()
        counts = caller.take(connection, rules, Kind.ASK, now)
        quoted = costs.quote(caller, rules, Kind.ASK, chosen, 1, most_tokens, now)
        paid = None
        if quoted is not None:
            costs.confirm(connection, caller, rules, quoted)
            paid = Paid(costs.reserve(connection, caller, Kind.ASK, chosen, quoted, None, now), quoted)
        cost = self.money.begin(
            connection,
            guild_id=caller.place.guild_id,
            channel_id=caller.place.here,
            person_id=caller.person_id,
            kind=Kind.ASK,
            model=chosen,
            told=most_told,
            now=now,
        )
        return Question(
            cost=cost,
            caller=caller.ruled_by(rules),
            day=day,
            counts=counts,
            model=chosen,
            system_prompt=rules.value("system_prompt"),
            temperature=rules.value("temperature"),
            paid=paid,
            blocked_words=rules.value("blocked_words"),
            web_search=rules.value("web_search"),
            moderation=rules.value("moderation"),
        )

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

    async def video(self, caller: Caller, *, prompt: str, resolution: str | None, model: str | None) -> Generation:
        """A queued video order; `resolution` as the API writes it ("1280*720"), None: what is set at the place."""
        refuse_blank(prompt)

        def order(connection: Connection) -> Generation:
            rules = self.checked(connection, caller, Kind.VIDEO, prompt)
            parameters = {"resolution": resolution or str(rules.value("video_resolution")).replace("x", "*")}
            return self.order(
                connection, caller, rules, Kind.VIDEO, model, prompt=prompt, count=1, parameters=parameters
            )

        return await self.submit(caller, order)

    async def reroll(self, caller: Caller, generation_id: int) -> Generation:
        """The same pictures' order again, by and for whoever pressed: a child of the old one."""

        def order(connection: Connection) -> Generation:
            # Locked: its person may be deleting it.
            old = generations.get_locked(connection, generation_id)
            if old is None:
                raise NotAllowed("error.gone")
            rules = self.read_rules(connection, caller.place)
            caller.check_press(rules, old.person_id)
            refuse_double(connection, caller, "reroll", old.id, old.prompt, old.source_position)
            return self._again(connection, caller, rules, old, action="reroll")

        return await self.submit(caller, order)

    async def offered(self, place: Place, kind: Kind) -> tuple[str, ...]:
        """The models to choose from at `place`, the one in use first; none that says it is of another kind."""
        offered = (await self.rules(place)).offered(kind, self._models)
        return tuple(dict.fromkeys((*offered[:1], *fitting(kind, offered))))

    def lists(self, model: str) -> bool | None:
        """Whether the service lists `model`; None: it has no list."""
        return self._models.knows(model)

    async def retry(
        self, caller: Caller, generation_id: int, *, message_id: int, changed: Changed | None = None
    ) -> Generation:
        """The order again after its failure, in the same message, which the new row takes over: it can be had once.

        The caller's token is to edit that message.
        """

        def order(connection: Connection) -> Generation:
            old = generations.take_message(connection, generation_id, message_id=message_id, states=RETRYABLE)
            if old is None or queries.has_child(connection, old.id):
                raise NotAllowed("error.already_retried")
            rules = self.read_rules(connection, caller.place)
            again = self._again(connection, caller, rules, old, changed=changed)
            generations.store_message(connection, again.id, message_id=message_id, channel_id=old.channel_id)
            return generations.get(connection, again.id) or again

        return await self.submit(caller, order)

    async def retry_anew(self, caller: Caller, generation_id: int, *, changed: Changed | None = None) -> Generation:
        """The order again after its failure, as a new message. The old card can't order it a second time."""

        def order(connection: Connection) -> Generation:
            old = generations.get_locked(connection, generation_id)
            if old is None or old.state not in RETRYABLE or queries.has_child(connection, old.id):
                raise NotAllowed("error.already_retried")
            return self._again(connection, caller, self.read_rules(connection, caller.place), old, changed=changed)

        return await self.submit(caller, order)

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

    async def withdraw_ask(
        self, question: Question, *undo: Callable[[Connection], object], nothing_spent: bool = True
    ) -> None:
        """Its answer could not be posted: nobody will see it. For people it is as if never asked.

        `undo`: what else was kept of it. Without `nothing_spent` the service may have worked, at the owner's cost.
        """

        def end(connection: Connection) -> None:
            for one in undo:
                one(connection)
            daily_limits.give_back_ask(connection, question.caller.person_id, question.day, question.counts)
            if question.paid is not None:
                ledger.settle(connection, question.paid.reservation_id, pools=0, person=0, now=time.time())
            self.money.end(connection, question.cost, nothing=nothing_spent)

        await until_committed(self._database, end)

    async def settle_ask(
        self,
        question: Question,
        *also: Callable[[Connection], object],
        nothing_made: bool = False,
        nothing_spent: bool = False,
        pools: int = 0,
        person: int = 0,
    ) -> bool:
        """An /ask has ended: it costs the pools and the person so much, and the owner nothing with `nothing_spent`.

        With `nothing_made` the day is as before. Where only the pools pay, nobody has anything of it. False: the person
        was forgiven so often on that day that it counts, or that they pay what the pools do. `also`: what else ends.
        """
        person_id, day = question.caller.person_id, question.day

        def end(connection: Connection) -> bool:
            forgiven, pays = True, person
            if nothing_made:
                forgiven = daily_limits.forgive_day(connection, person_id, Kind.ASK, day, question.counts)
            elif pools and not person:
                forgiven = daily_limits.forgive_price(connection, person_id, day)
                pays = 0 if forgiven else pools
            if question.paid is not None:
                at = time.time()
                ledger.settle(connection, question.paid.reservation_id, pools=pools, person=pays, now=at)
            self.money.end(connection, question.cost, nothing=nothing_spent)
            for one in also:
                one(connection)
            return forgiven

        return await until_committed(self._database, end)

    async def end_cost(self, cost: Cost, *, nothing: bool) -> None:
        """A call has ended that was begun by itself, and not as an /ask (`Money.begin`)."""
        await until_committed(self._database, self.money.end, cost, nothing=nothing)

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

    def _again(
        self,
        connection: Connection,
        caller: Caller,
        rules: Rules,
        old: Generation,
        *,
        action: str | None = None,
        changed: Changed | None = None,
    ) -> Generation:
        """The order of `old` once more, by the rules of the place where it is asked for now.

        `action` None: it takes the place of `old`, which failed, and so comes from what that came from.
        """
        if old.removed_at is not None:
            raise NotAllowed("error.gone")  # while its price was asked about
        kind = Kind(old.kind)
        if not old.prompt:
            raise NotAllowed("error.prompt_forgotten")
        changed = changed or Changed()
        prompt = old.prompt if changed.prompt is None else changed.prompt
        refuse_blank(prompt)
        caller.check(connection, rules, kind, prompt)
        if old.source_id is not None and old.source_position is not None and action is None:
            generations.get_locked(connection, old.source_id)
            refuse_second(connection, caller.place, old.action or "", old.source_id, old.source_position)
        count = min(old.count, rules.value("max_images"))
        again = self.order(
            connection,
            caller,
            rules,
            kind,
            changed.model or old.model,
            prompt=prompt,
            count=count,
            parameters=dict(old.parameters) | ({SIZE_PARAMETER[old.kind]: changed.size} if changed.size else {}),
            parent_id=old.id,
            action=action or old.action or "retry",
            source_id=old.source_id,
            source_position=old.source_position,
        )
        inputs.copy(connection, old.id, to=again.id)
        return again

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
        quoted = costs.quote(caller, rules, kind, chosen, order["count"], 0, now)
        if quoted is not None:
            costs.confirm(connection, caller, rules, quoted)
            order["price"] = quoted.price
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
        **origin: Any,  # noqa: ANN401 - parent_id, action, source_id, source_position: columns of the row
    ) -> Generation:
        place = caller.place
        parent_id = cast("int | None", origin.get("parent_id"))
        parent = generations.get(connection, parent_id) if parent_id is not None else None
        if parent is not None:
            caller.check_brings(age_restricted=bool(parent.age_restricted))
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
            application_id=caller.application_id,
            locale=caller.locale,
            prompt=prompt,
            model=model,
            parameters=parameters,
            count=count,
            price=price,
            # What is made of it is of its kind, also where it was ordered in direct messages.
            age_restricted=caller.age_restricted or (parent is not None and bool(parent.age_restricted)),
            **origin,
        )
        return generations.insert(connection, new, now=time.time())


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
