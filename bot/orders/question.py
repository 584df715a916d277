"""What is known of an /ask before it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.kinds import Kind
from bot.orders.callers import Caller
from bot.orders.cost_rows import Whose
from bot.orders.costs import ANSWER_TOKENS, Paid
from bot.orders.money import Cost
from bot.settings.credits import PER_TOKENS


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An /ask that may be asked: who asks, and what the place wants of the answer. `day`: it was taken of.
    `moderation`: as `bot.orders.moderation` has it. `counts`: of moderators' limits that it was taken of.
    `log_channel`: 0, if none is set.
    """

    caller: Caller
    day: int
    counts: Sequence[int] = ()
    model: str
    system_prompt: str | None
    temperature: float | None
    blocked_words: Sequence[str]
    web_search: bool
    moderation: str
    log_channel: int
    paid: Paid | None
    cost: Cost

    @property
    def whose(self) -> Whose:
        """Whom calls beside it cost something."""
        place = self.caller.place
        return Whose(place.guild_id, place.here, self.caller.person_id, Kind.ASK.command)

    @property
    def most_tokens(self) -> int | None:
        """The most that the answer may have; None: the model decides."""
        return ANSWER_TOKENS if self.paid is not None and self.paid.quote.each.per == PER_TOKENS else None
