"""What an /ask takes of its person's day and of the pools, from before it is sent to its end."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Connection

from bot.environment import Environment
from bot.kinds import Kind
from bot.orders import costs, daily_limits, ledger
from bot.orders.callers import Caller
from bot.orders.costs import Paid
from bot.orders.money import Cost, Money
from bot.orders.policy import Models, Rules
from bot.orders.question import Question
from bot.store.database import Database
from bot.store.writes import until_committed


class Questions:
    """As of `bot.generation.ordering.orders.Orders`, which gives the transaction that one begins in."""

    def __init__(self, database: Database, models: Models, environment: Environment, money: Money) -> None:
        self._database = database
        self._models = models
        self._environment = environment
        self._money = money

    def begin(
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
        cost = self._money.begin(
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
            log_channel=int(rules.value("log_channel")),
        )

    async def withdraw(
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
            self._money.end(connection, question.cost, nothing=nothing_spent)

        await until_committed(self._database, end)

    async def settle(
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
            self._money.end(connection, question.cost, nothing=nothing_spent)
            for one in also:
                one(connection)
            return forgiven

        return await until_committed(self._database, end)

    async def end_cost(self, cost: Cost, *, nothing: bool) -> None:
        """A call has ended that was begun by itself, and not as an /ask (`Money.begin`)."""
        await until_committed(self._database, self._money.end, cost, nothing=nothing)
