"""How an answer ended: who or what ended it, in which words, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.api.completion import FinishReason
from bot.errors import BadValue, Declined, UnusableFile
from bot.i18n import text
from bot.kit.limit_words import low
from bot.orders.costs import BYTES_PER_TOKEN, Spent
from bot.text import one_line
from cogs.ask.endings import Ending, ending, steps_after_answer
from cogs.ask.records import LENGTH
from cogs.ask.turn_rows import length

if TYPE_CHECKING:
    from bot.reasons import Step
    from cogs.ask.asking import Begun
    from cogs.ask.request import Request
    from cogs.ask.stream import Stream


class Outcome:
    """What ended it is noted as it happens; `fix` finds the rest once nothing more comes."""

    def __init__(self, begun: Begun, request: Request, stream: Stream) -> None:
        self.stopped_by: int | None = None
        """The person who ended it."""
        self.interrupted = False
        """Whether the process ended."""
        self.deleted = False
        """Whether its message is gone."""
        self.withheld = False
        """Whether nothing of it may be shown."""
        self.nothing_made = False
        self.spent = Spent.SOMETHING
        """What the service did for it."""
        self.kept = (0, 0)
        """What it costs in the end: the pools, and the person."""
        self._begun = begun
        self._request = request
        self._stream = stream

    @property
    def stopped(self) -> bool:
        """Whether a person ended it."""
        return self.stopped_by is not None

    @property
    def word(self) -> str:
        """For the log."""
        if self._stream.error is not None:
            return type(self._stream.error).__name__
        if self.stopped or self.interrupted:
            return "interrupted" if self.interrupted else "stopped"
        return "gone" if self._stream.finish is None else self._stream.finish.reason.value

    def stored(self, said: str) -> str:
        """In a word for its row. `said`: all of it."""
        if self._brought_nothing:
            return self._begun.turn.finish or LENGTH
        if self._stream.error is None:
            return self.word
        if _is_no(self._stream.error):
            return FinishReason.CONTENT_FILTER.value
        return FinishReason.CUT_OFF.value if said else "error"

    def steps(self, said: str) -> frozenset[Step]:
        """What may help."""
        return steps_after_answer(
            finish=self._stream.finish,
            error=self._stream.error,
            stopped=self.stopped,
            interrupted=self.interrupted,
            heard=bool(said),
        )

    def fix(self, *, owner_told: bool, silent: bool) -> Ending:
        """The words for it, and what it costs. `silent`: it answers a message, and no interaction."""
        question, error = self._begun.question, self._stream.error
        locale = question.caller.locale
        said = ending(
            locale,
            model=question.model,
            seconds=self._stream.seconds,
            finish=self._stream.finish,
            error=error,
            stopped_by=self.stopped_by,
            interrupted=self.interrupted,
            owner_told=owner_told,
            persona=self._begun.turn.persona,
            left_out=self._request.left_out,
        )
        if self.withheld:
            said = replace(said, statement=f"**{text(locale, 'ask.withheld')}**")
        if self._brought_nothing and error is not None:
            said = Ending(said.statement, one_line(said.statement))
        if silent and (limits := question.caller.low.limits):
            # A message has no answer that is its person's alone.
            said = _with(said, f"\n-# {low(locale, [min(limits, key=lambda one: one.left)])}")
        self.nothing_made, self.spent = self._stream.spent()
        self.kept = self._kept()
        if self.kept[1]:
            said = _with(said, f" · {text(locale, 'card.credits', count=self.kept[1])}")
        return said

    def _kept(self) -> tuple[int, int]:
        question = self._begun.question
        if question.paid is None:
            return 0, 0
        usage = self._stream.finish.usage if self._stream.finish else None
        estimate = (self._request.size + sum(map(length, self._stream.parts))) // BYTES_PER_TOKEN
        tokens = usage.total_tokens if usage else None
        pools, person = question.paid.kept(self.spent, tokens=tokens, estimate=estimate)
        # Without a word of it the service may have worked all the same, but nobody got anything. Who ended it
        # themselves pays what the pools pay: else that would empty them at no cost. A message that is deleted in the
        # meantime does not say by whom.
        theirs = self.deleted or self.withheld or self.stopped_by == question.caller.person_id
        return pools, person if theirs or "".join(self._stream.parts).strip() else 0

    @property
    def _brought_nothing(self) -> bool:
        """Whether it was to go on with what was said before, and did not."""
        return bool(self._begun.said) and not self._stream.parts


def _with(said: Ending, more: str) -> Ending:
    return Ending(said.statement + more, said.footer + more)


def _is_no(error: Exception) -> bool:
    """Whether it is about what was asked, and would be so once more."""
    return isinstance(error, Declined) or (isinstance(error, BadValue) and not isinstance(error, UnusableFile))
