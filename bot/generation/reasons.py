"""Why a generation ended without a result: the key that its row keeps, from the error that ended it."""

from __future__ import annotations

from enum import StrEnum

from bot import errors
from bot.generation.states import State


class Reason(StrEnum):
    """The row's `reason`; cards have a sentence for each."""

    KEY_REFUSED = "key_refused"
    QUOTA = "quota"
    MODEL_NOT_FOUND = "model_not_found"
    DECLINED = "declined"
    RATE_LIMITED = "rate_limited"
    INVALID = "invalid"
    UNREACHABLE = "unreachable"
    UNCERTAIN = "uncertain"
    """The answer to the request never came."""
    INTERRUPTED = "interrupted"
    """The bot's own process ended in the middle of the request."""
    BAD_ANSWER = "bad_answer"
    INPUT_GONE = "input_gone"
    """The picture that it is made of could not be fetched; nothing was sent."""
    MADE_FAILED = "made_failed"
    """The service accepted it and failed while making it."""
    TASK_GONE = "task_gone"
    EXPIRED = "expired"
    OUR_FAULT = "our_fault"


_BY_ERROR: tuple[tuple[type[Exception], State, Reason], ...] = (
    (errors.KeyRefused, State.FAILED, Reason.KEY_REFUSED),
    (errors.QuotaExhausted, State.FAILED, Reason.QUOTA),
    (errors.ModelNotFound, State.FAILED, Reason.MODEL_NOT_FOUND),
    (errors.Declined, State.FAILED, Reason.DECLINED),
    (errors.RateLimited, State.FAILED, Reason.RATE_LIMITED),
    (errors.InvalidRequest, State.FAILED, Reason.INVALID),
    (errors.Unreachable, State.FAILED, Reason.UNREACHABLE),
    (errors.NotAnApi, State.FAILED, Reason.UNREACHABLE),
    (errors.Uncertain, State.UNKNOWN, Reason.UNCERTAIN),
    (errors.BadAnswer, State.FAILED, Reason.BAD_ANSWER),
)

NOTHING_SPENT = frozenset(
    {
        Reason.KEY_REFUSED,
        Reason.QUOTA,
        Reason.MODEL_NOT_FOUND,
        Reason.RATE_LIMITED,
        Reason.INVALID,
        Reason.UNREACHABLE,
        Reason.INPUT_GONE,
    }
)
"""With these the service made nothing: the person's day gets its share back."""


def of_error(error: Exception) -> tuple[State, Reason]:
    """How a row ends by `error` while its request was being sent."""
    for kind, state, reason in _BY_ERROR:
        if isinstance(error, kind):
            return state, reason
    return State.FAILED, Reason.OUR_FAULT
