"""A jam's ideas become the prompt of its round: asks the chat model, settles what it cost, and writes what came."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.api.chat_request import Message
from bot.api.client import OneKeyClient
from bot.environment import Environment
from bot.errors import OverBudget, Refusal
from bot.generation.ordering.orders import Orders
from bot.kinds import Kind
from bot.orders.cost_rows import Whose
from bot.orders.costs import ANSWER_TOKENS, Spent
from bot.orders.moderation import OFF, Moderation
from bot.orders.money import Cost, follow
from bot.orders.policy import read_rules
from bot.orders.question import Question
from bot.reasons import NOTHING_SPENT, SAID_BY_SERVICE, of_error
from bot.states import State
from bot.store.database import Database
from bot.store.writes import until_committed
from cogs.jam import asking, merge, round_rows
from cogs.jam import rows as jams
from cogs.jam.asking import Answered
from cogs.jam.facts import base_of, place_of, prompt_so_far, told_to_merge
from cogs.jam.merge import Merged
from cogs.jam.reasons import RoundReason
from cogs.jam.records import Idea, Jam
from cogs.jam.states import JamState

log = logging.getLogger(__name__)

SECONDS = 60.0
"""How long the model may take."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be merged, with which model, and what that is told.

    `base`: the prompt of the picture so far, where that does not go along itself. `cost` None: no model is asked.
    """

    ideas: tuple[Idea, ...]
    told: tuple[Message, ...]
    base: str | None
    model: str
    cost: Cost | None
    most_tokens: int | None
    blocked_words: Sequence[str]
    is_moderated: bool
    """Whether the service's moderation is to see the ideas before a model does."""


class Merging:
    """`run` for each jam that is `merging`."""

    def __init__(  # noqa: PLR0917 - of what lives as long as the process
        self,
        database: Database,
        client: OneKeyClient,
        orders: Orders,
        environment: Environment,
        clock: Callable[[], float],
        moderation: Moderation,
    ) -> None:
        self._database = database
        self._client = client
        self._orders = orders
        self._environment = environment
        self._moderation = moderation
        self._clock = clock

    async def run(self, jam: Jam, question: Question | None) -> None:
        """Merge; where the model gives no prompt, the ideas are listed. Ends at once if the jam has moved on."""
        while True:
            try:
                plan = await until_committed(self._database, self._plan, jam, question)
            except OverBudget as refused:
                log.info("jam %s is merged without a model: %s", jam.id, refused)
                plan = await until_committed(self._database, self._plan, jam, question, listed=True)
            merged, reason, detail = await self._merged(jam, plan, question)
            question = None  # it is settled
            # The step is as it was only if nobody closed the jam meanwhile.
            if await until_committed(self._database, _write, jam, plan.ideas, merged, reason, detail, self._clock()):
                return

    def _plan(self, connection: Connection, jam: Jam, question: Question | None, *, listed: bool = False) -> _Plan:
        rules = read_rules(connection, place_of(jam), self._environment)
        base = base_of(connection, jam, jam.round)
        ideas = round_rows.ideas_of(connection, jam.id, jam.round)
        told = told_to_merge(jam, rules, ideas, base)
        model, cost, most_tokens = "", None, ANSWER_TOKENS
        if question is not None:
            model, cost, most_tokens = question.model, question.cost, question.most_tokens
        elif Kind.ASK.command in rules.value("commands") and not (listed or rules.value("ask_roles")):
            try:
                model = self._orders.model(rules, Kind.ASK)
            except Refusal as refused:
                log.info("jam %s is merged without a model: %s", jam.id, refused)
            else:
                # What was reserved for it went with the process before, or with what it was asked first.
                cost = self._orders.money.begin(
                    connection,
                    guild_id=jam.guild_id,
                    channel_id=jam.thread_id or jam.channel_id,
                    person_id=jam.host_id,
                    kind=Kind.ASK,
                    model=model,
                    told=asking.most_told(told),
                    now=time.time(),
                )
        return _Plan(
            ideas=ideas,
            told=told,
            cost=cost,
            base=prompt_so_far(rules, base),
            model=model,
            most_tokens=most_tokens,
            blocked_words=rules.value("blocked_words"),
            is_moderated=rules.value("moderation") != OFF,
        )

    async def _merged(
        self, jam: Jam, plan: _Plan, question: Question | None
    ) -> tuple[Merged, RoundReason | None, str | None]:
        """The prompt, and what is to be said of how it came about."""
        reason, detail = RoundReason.NO_MERGE, None
        whose = Whose(jam.guild_id, jam.thread_id or jam.channel_id, jam.started_by, Kind.ASK.command)
        ideas = str(plan.told[-1].content)
        if plan.cost is not None and plan.is_moderated and await self._moderation.flags(ideas, whose):
            await self._settle(plan.cost, question, None, 0)
            reason = RoundReason.MERGE_FLAGGED
        elif plan.cost is not None:
            follow(self._database, plan.cost)
            answered = await asking.ask(
                self._client,
                plan.model,
                plan.told,
                plan.cost.permit,
                max_tokens=plan.most_tokens,
                seconds=SECONDS,
            )
            await self._settle(plan.cost, question, answered, asking.estimate(plan.told, answered.text))
            if answered.error is not None:
                log.warning("the ideas of jam %s could not be merged: %s", jam.id, answered.error)
                reason = RoundReason.MERGE_FAILED
                if of_error(answered.error)[1] in SAID_BY_SERVICE:
                    detail = answered.error.detail[:2000] or None
            # In a thread: an answer may be made so that it takes long to read.
            elif draft := await asyncio.to_thread(asking.parse, answered.text):
                merged = merge.drafted(plan.ideas, draft)
                if merged is None:
                    reason = RoundReason.MERGE_ODD
                elif await self._orders.words.find(merged.prompt, plan.blocked_words) is None:
                    return merged, None, None
                else:
                    reason = RoundReason.MERGE_BLOCKED
            else:
                reason = RoundReason.MERGE_ODD
        return merge.listed(jam.theme, jam.style, plan.ideas, base=plan.base), reason, detail

    async def _settle(self, cost: Cost, question: Question | None, answered: Answered | None, estimate: int) -> None:
        """As with an /ask: what was answered costs; nothing, if the service certainly made nothing, or (None) was not
        asked.
        """
        spent, nothing_made = Spent.SOMETHING, False
        if answered is None:
            spent, nothing_made = Spent.NOTHING, True
        elif answered.error is not None and not answered.text:
            state, reason = of_error(answered.error)
            nothing_made = reason in NOTHING_SPENT
            spent = Spent.PERHAPS if state == State.UNKNOWN else Spent.NOTHING
        nothing_spent = spent is Spent.NOTHING
        if question is None:
            await self._orders.questions.end_cost(cost, nothing=nothing_spent)
            return
        pools = person = 0
        if question.paid is not None:
            pools, person = question.paid.kept(spent, tokens=answered.tokens if answered else None, estimate=estimate)
        await self._orders.questions.settle(
            question, nothing_made=nothing_made, nothing_spent=nothing_spent, pools=pools, person=person
        )


def _write(  # noqa: PLR0917 - the jam as it was, what was merged, and what came of it
    connection: Connection,
    jam: Jam,
    ideas: Sequence[Idea],
    merged: Merged,
    reason: RoundReason | None,
    detail: str | None,
    at: float,
) -> bool:
    """From merging to review. False: an idea was deleted meanwhile, so it is to be merged without it."""
    now = jams.get_locked(connection, jam.id)
    if now is None or now.state != JamState.MERGING or now.step != jam.step:
        return True
    left = {idea.id for idea in round_rows.ideas_of(connection, jam.id, jam.round)}
    if not left:
        round_rows.change_round(connection, jam.id, jam.round, maker_id=None, agreed=None)
        jams.move(connection, jam.id, jam.step, state=JamState.OPEN, host_seen_at=at)
        return True
    if left != {idea.id for idea in ideas}:
        return False
    said: dict[str, object] = {"prompt": merged.prompt, "reason": reason, "detail": detail}
    if reason is RoundReason.MERGE_FLAGGED:  # people decide what becomes of it
        said |= {"maker_id": None, "agreed": None}
    round_rows.change_round(connection, jam.id, jam.round, **said)
    round_rows.set_parts(connection, jam.id, jam.round, merged.parts)
    jams.move(connection, jam.id, jam.step, state=JamState.REVIEW, host_seen_at=at)
    return True
