"""Why a generation ended without a result: the key that its row keeps, from the error that ended it."""

from __future__ import annotations

from enum import StrEnum

from bot import errors
from bot.states import State


class Reason(StrEnum):
    """The row's `reason`; cards have a sentence for each."""

    KEY_REFUSED = "key_refused"
    QUOTA = "quota"
    MODEL_NOT_FOUND = "model_not_found"
    MODEL_DENIED = "model_denied"
    """The service has the model, but not for this key."""
    NO_ROUTE = "no_route"
    """The service does not do this at all."""
    DECLINED = "declined"
    MODERATED = "moderated"
    """The service's moderation flags the prompt; nothing was sent."""
    RATE_LIMITED = "rate_limited"
    INVALID = "invalid"
    TOO_LONG = "too_long"
    READS_NO_IMAGES = "reads_no_images"
    WOULD_DROP = "would_drop"
    """The service does not take it whole, and a simpler request would leave out what was chosen."""
    UNREACHABLE = "unreachable"
    FAULT = "fault"
    """The service answered with an error of its own: nobody knows what became of the request."""
    NO_ANSWER = "no_answer"
    """No answer came in time."""
    BROKE = "broke"
    """The connection broke after the request was sent."""
    UNCERTAIN = "uncertain"
    """The answer to the request never came: of older rows, and where the bot itself stumbled meanwhile."""
    INTERRUPTED = "interrupted"
    """The bot's own process ended in the middle of the request."""
    BAD_ANSWER = "bad_answer"
    INPUT_GONE = "input_gone"
    """The picture that it is made of could not be fetched; nothing was sent."""
    INPUT_UNREADABLE = "input_unreadable"
    """It is damaged, or no picture of a type that the service takes."""
    INPUT_TOO_LARGE = "input_too_large"
    MADE_FAILED = "made_failed"
    """The service accepted it and failed while making it."""
    TASK_GONE = "task_gone"
    EXPIRED = "expired"
    OUR_FAULT = "our_fault"


_BY_ERROR: tuple[tuple[type[Exception], State, Reason], ...] = (
    (errors.KeyRefused, State.FAILED, Reason.KEY_REFUSED),
    (errors.QuotaExhausted, State.FAILED, Reason.QUOTA),
    (errors.ModelNotFound, State.FAILED, Reason.MODEL_NOT_FOUND),
    (errors.ModelDenied, State.FAILED, Reason.MODEL_DENIED),
    (errors.NoSuchRoute, State.FAILED, Reason.NO_ROUTE),
    (errors.TooLong, State.FAILED, Reason.TOO_LONG),
    (errors.ReadsNoImages, State.FAILED, Reason.READS_NO_IMAGES),
    (errors.WouldDrop, State.FAILED, Reason.WOULD_DROP),
    (errors.InvalidRequest, State.FAILED, Reason.INVALID),
    (errors.Declined, State.FAILED, Reason.DECLINED),
    (errors.RateLimited, State.FAILED, Reason.RATE_LIMITED),
    (errors.Unreachable, State.FAILED, Reason.UNREACHABLE),
    (errors.NotAnApi, State.FAILED, Reason.UNREACHABLE),
    (errors.NoAnswer, State.UNKNOWN, Reason.NO_ANSWER),
    (errors.ConnectionBroke, State.UNKNOWN, Reason.BROKE),
    (errors.ServiceFault, State.UNKNOWN, Reason.FAULT),
    (errors.Uncertain, State.UNKNOWN, Reason.BAD_ANSWER),
    (errors.BadAnswer, State.FAILED, Reason.BAD_ANSWER),
    (errors.WrongType, State.FAILED, Reason.INPUT_UNREADABLE),
    (errors.ResultTooLarge, State.FAILED, Reason.INPUT_TOO_LARGE),
    (errors.ResultError, State.FAILED, Reason.INPUT_GONE),
)

_BY_CODE = {
    "invalid_image_file": Reason.INPUT_UNREADABLE,
    "unsupported_file_mimetype": Reason.INPUT_UNREADABLE,
    "image_too_large": Reason.INPUT_TOO_LARGE,
}
"""What the service says of a picture that came with a request (OpenAI's error codes)."""
_CONTENT_TOO_LARGE = 413
"""Often of a gateway before the service, with no code; words alone are never that long."""

SAID_BY_SERVICE = frozenset({Reason.DECLINED, Reason.INVALID, Reason.WOULD_DROP, Reason.MADE_FAILED})
"""With these the detail holds the service's own words for people; otherwise what is for the log."""

NOTHING_SPENT = frozenset(
    {
        Reason.KEY_REFUSED,
        Reason.QUOTA,
        Reason.MODEL_NOT_FOUND,
        Reason.MODEL_DENIED,
        Reason.NO_ROUTE,
        Reason.DECLINED,
        Reason.MODERATED,
        Reason.RATE_LIMITED,
        Reason.INVALID,
        Reason.TOO_LONG,
        Reason.READS_NO_IMAGES,
        Reason.WOULD_DROP,
        Reason.UNREACHABLE,
        Reason.INPUT_GONE,
        Reason.INPUT_UNREADABLE,
        Reason.INPUT_TOO_LARGE,
        Reason.MADE_FAILED,
    }
)
"""With these it is known that the service made nothing."""


class Step(StrEnum):
    """What a person can do that may work, after something failed."""

    RETRY = "retry"
    """The same once more."""
    EDIT = "edit"
    """With other words, or another size."""
    MODEL = "model"
    """With another model."""


_STEPS: dict[str, frozenset[Step]] = {
    Reason.KEY_REFUSED: frozenset(),
    Reason.QUOTA: frozenset(),
    Reason.NO_ROUTE: frozenset(),
    Reason.MODEL_NOT_FOUND: frozenset({Step.MODEL}),
    Reason.MODEL_DENIED: frozenset({Step.MODEL}),
    Reason.DECLINED: frozenset({Step.EDIT}),
    Reason.MODERATED: frozenset({Step.EDIT}),
    Reason.INVALID: frozenset({Step.EDIT}),
    Reason.TOO_LONG: frozenset({Step.EDIT, Step.MODEL}),
    Reason.READS_NO_IMAGES: frozenset({Step.EDIT, Step.MODEL}),
    Reason.WOULD_DROP: frozenset({Step.EDIT, Step.MODEL}),
    Reason.INPUT_UNREADABLE: frozenset(),
    Reason.INPUT_TOO_LARGE: frozenset(),
}


def steps_after(reason: str | None) -> frozenset[Step]:
    """What may help after `reason`; the same once more after all that is not known to fail again."""
    return _STEPS.get(reason or "", frozenset({Step.RETRY}))


def of_error(error: Exception, *, with_inputs: bool = False) -> tuple[State, Reason]:
    """How a row ends by `error` while its inputs were fetched or its request was being sent.

    `with_inputs`: pictures went along, so that the service may mean these.
    """
    if type(error) is errors.InvalidRequest and with_inputs:
        too_large = error.status == _CONTENT_TOO_LARGE
        return State.FAILED, Reason.INPUT_TOO_LARGE if too_large else _BY_CODE.get(error.code, Reason.INVALID)
    for kind, state, reason in _BY_ERROR:
        if isinstance(error, kind):
            return state, reason
    return State.FAILED, Reason.OUR_FAULT
