"""Every error that a person may be told.

    OneKeyBotError
    ├── ConfigurationError          a setting is missing or impossible: one line, exit 2
    ├── Repeated                    an event that was acted upon before: nobody is told
    ├── Refusal                     the bot says no before anything is spent
    │   ├── UnknownModel              the model is not one of those on offer
    │   │   └── ModelNotAllowed         it is not one of those that moderators allow here
    │   ├── NotEnoughCredits          a share or a pool does not cover the price
    │   ├── OverBudget                the owner's budget does not cover what it may cost, or nobody knows that
    │   ├── ConfirmationNeeded        the price is to be seen and confirmed first
    │   ├── AlreadyMade               of this picture there is one already
    │   ├── DailyLimitReached         this person's share of the day is used up
    │   ├── PlaceLimitReached         what moderators let people order in a time is used up
    │   ├── NotAllowed                a button or command of somebody else, or of moderators
    │   │   └── Barred                  moderators of the server let them order nothing
    │   └── BadValue                  an option that can't be used
    │       ├── UnusableFile            an attachment that can't be read or sent on
    │       └── Moderated               the service's moderation flags what was typed
    ├── ApiError                    the service answered with an error, or did not answer
    │   ├── KeyRefused                401: bad or expired key
    │   ├── QuotaExhausted            the account is used up
    │   ├── ModelNotFound             the service has no such model
    │   ├── ModelDenied               it has, but not for this key, which is fine otherwise
    │   ├── Declined                  a refusal by content policy
    │   ├── RateLimited               429, after the tries that are allowed
    │   ├── InvalidRequest            rejected before it was taken: 400 and kin, and faults that say so
    │   │   ├── TooLong                 more than the model takes
    │   │   │   └── OverReserve           more than was reserved for it: not sent
    │   │   ├── ReadsNoImages           the model of a question takes words alone
    │   │   └── WouldDrop               a simpler form would leave out what was chosen, and was not sent
    │   ├── TaskNotFound              task_not_exist: the service knows no such video task
    │   ├── Unreachable               refused, unresolved, or a question that changes nothing: nothing was made
    │   ├── Uncertain                 sent, and what came of it is not known: may be made and billed
    │   │   ├── ServiceFault            answered with an error of its own (5xx)
    │   │   ├── NoAnswer                no answer in time
    │   │   └── ConnectionBroke         the connection broke after it was sent
    │   ├── BadAnswer                 an answer that can't be read
    │   └── NotAnApi                  HTML where an API should be: a wrong base URL
    │       └── NoSuchRoute             an API that does not do this at all
    └── ResultError                 a result file can't be had
        ├── ForbiddenAddress          a private or loopback address, or not http(s)
        ├── ResultTooLarge            over the size cap
        ├── WrongType                 its content is not what was asked for
        └── ResultUnavailable         4xx, 5xx, time-out, broken connection

`str(error)` is for the log and the owner: it may hold the service's raw text. What a person reads is made
in `bot/kit` from the class and its attributes, in their language.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self


class OneKeyBotError(Exception):
    """The root of the tree above."""


class ConfigurationError(OneKeyBotError):
    """A setting is missing or impossible. The text is one line that names it and says where to get it."""


class Repeated(OneKeyBotError):
    """Discord sent the event `id` once more. Whoever took it first answers, so nothing is said."""

    def __init__(self, id: int) -> None:  # noqa: A002 - Discord's word
        super().__init__(f"event {id} was acted upon before")
        self.id = id


class Refusal(OneKeyBotError):
    """The bot says no, and nothing was spent."""


class UnknownModel(Refusal):
    """`model` is not one of `available` (names, best first; may be empty)."""

    def __init__(self, model: str, available: tuple[str, ...] = ()) -> None:
        super().__init__(f"no model {model!r} here")
        self.model = model
        self.available = available


class ModelNotAllowed(UnknownModel):
    """`model` is not allowed at this place; `available` are those that are."""


class DailyLimitReached(Refusal):
    """The person has used `limit` of a `command` (ask, imagine, video); again at `resets_at` (Unix seconds)."""

    def __init__(self, command: str, limit: int, resets_at: float) -> None:
        super().__init__(f"daily limit of {limit} {command} reached")
        self.command = command
        self.limit = limit
        self.resets_at = resets_at


class PlaceLimitReached(Refusal):
    """The person, or with `total` everybody together, has used `limit` of a `command` in this `period` (hour, day,
    month) at a scope (thread, channel, category, server), whose `id` it is; again at `resets_at` (Unix seconds).
    """

    def __init__(
        self,
        command: str,
        limit: int,
        resets_at: float,
        *,
        period: str,
        total: bool,
        scope: str,
        id: int,  # noqa: A002 - Discord's word
    ) -> None:
        super().__init__(f"limit of {limit} {command} a {period} reached in {scope} {id}")
        self.command = command
        self.limit = limit
        self.resets_at = resets_at
        self.period = period
        self.total = total
        self.scope = scope
        self.id = id


class NotEnoughCredits(Refusal):
    """An account (`kind`: person, grant, channel, server) has `left` of the `price` credits.

    `resets_at`: Unix seconds of its next day or month; None: never by itself. `at_most`: it may turn out to cost less.
    """

    def __init__(self, kind: str, price: int, left: int, resets_at: float | None, *, at_most: bool = False) -> None:
        super().__init__(f"{price} credits wanted, {left} left")
        self.kind = kind
        self.price = price
        self.left = left
        self.resets_at = resets_at
        self.at_most = at_most


class OverBudget(Refusal):
    """The owner's budget has too little left for what an order with `model` may cost.

    `resets_at`: Unix seconds of its next period; None: waiting does not help. `known` False: there is no price to
    reserve by; `soon`: the service is just being asked for its own.
    """

    def __init__(self, model: str, *, resets_at: float | None = None, known: bool = True, soon: bool = False) -> None:
        super().__init__(f"the budget does not cover {model!r}" if known else f"no price of {model!r} is known")
        self.model = model
        self.resets_at = resets_at
        self.known = known
        self.soon = soon


class ConfirmationNeeded(Refusal):
    """The order costs `price` credits, which its person has not confirmed; they have `left` (None: no ceiling).

    `at_most`: it may turn out to cost less.
    """

    def __init__(self, price: int, left: int | None, *, at_most: bool = False) -> None:
        super().__init__(f"{price} credits are to be confirmed")
        self.price = price
        self.left = left
        self.at_most = at_most


class NotAllowed(Refusal):
    """The person may not do this. `key` names the sentence in the catalogue that says who may; `facts` fill it."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


class NoModelSet(NotAllowed):
    """No model is chosen at the place for what was asked for; who manages the place may choose one."""


class Barred(NotAllowed):
    """Moderators let this person order nothing in the server `guild_id`, until `until` (Unix seconds; None: for good).

    `news`: they are told for the first time, and so of the `reason` ("": none was given), too.
    """

    def __init__(self, guild_id: int, reason: str, until: float | None, *, news: bool) -> None:
        super().__init__("bar.for_good" if until is None else "bar.until", until=f"<t:{int(until or 0)}:f>")
        self.guild_id = guild_id
        self.reason = reason
        self.until = until
        self.news = news


class AlreadyMade(Refusal):
    """What was asked for was made of this picture before, or is being made (`done` False): the order `generation_id`.

    Its card is the message `message_id` of that channel and server (None: direct messages); None: not posted yet, or
    only its person sees it. `by_asker`: by the person who asks for it again, a moment ago.
    """

    def __init__(
        self,
        generation_id: int,
        *,
        done: bool,
        guild_id: int | None,
        channel_id: int,
        message_id: int | None,
        by_asker: bool = False,
    ) -> None:
        super().__init__(f"generation {generation_id}")
        self.generation_id = generation_id
        self.done = done
        self.by_asker = by_asker
        self.guild_id = guild_id
        self.channel_id = channel_id
        self.message_id = message_id


class BadValue(Refusal):
    """What was typed can't be used. `key` names the sentence that says why; `facts` fill it."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


class UnusableFile(BadValue):
    """An attachment that is too large, can't be read, or is neither a picture nor text."""


class Moderated(BadValue):
    """The service's moderation flags what was typed; it is not repeated anywhere."""

    def __init__(self) -> None:
        super().__init__("policy.moderated")


class ApiError(OneKeyBotError):
    """The service answered with an error, or did not answer.

    `status` is the HTTP status (None: no answer), `code` the service's own code as text, `request_id` its
    X-Oneapi-Request-Id, `detail` its own words: for the log and the owner, never alone before a person. `document`:
    what an answer with an error status holds, where that is an object.
    """

    def __init__(
        self, detail: str = "", *, status: int | None = None, code: str = "", request_id: str = "", retries: int = 0
    ) -> None:
        facts = [f"HTTP {status}" if status else "", code, f"request {request_id}" if request_id else ""]
        super().__init__(" · ".join(part for part in (detail, *facts) if part))
        self.detail = detail
        self.status = status
        self.code = code
        self.request_id = request_id
        self.retries = retries
        self.document: dict[str, Any] = {}


class KeyRefused(ApiError):
    pass


class QuotaExhausted(ApiError):
    pass


class ModelNotFound(ApiError):
    pass


class ModelDenied(ApiError):
    """The key is good, but not for this model."""


class Declined(ApiError):
    """A refusal by content policy. `detail` is the service's reason, if it gave one."""


class RateLimited(ApiError):
    """429. `retry_after`: seconds the service asks to wait, None when it did not say."""

    def __init__(self, detail: str = "", *, retry_after: float | None = None, **facts: object) -> None:
        super().__init__(detail, **facts)  # pyright: ignore[reportArgumentType] - the keywords are ApiError's own
        self.retry_after = retry_after


class InvalidRequest(ApiError):
    """Rejected before it was taken: certainly nothing was made.

    `about_form`: it may be the form of the request (a field, a content type) that the service does not take, so that
    the same order in another form may go through. Not so where it is about policy, money, model or length.
    """

    def __init__(self, detail: str = "", *, about_form: bool = False, **facts: object) -> None:
        super().__init__(detail, **facts)  # pyright: ignore[reportArgumentType] - the keywords are ApiError's own
        self.about_form = about_form


class TooLong(InvalidRequest):
    """More than the model takes."""


class OverReserve(TooLong):
    """It may cost more than was reserved for it, and was not sent."""


class ReadsNoImages(InvalidRequest):
    """A question came with an image, and its model takes words alone."""


class WouldDrop(InvalidRequest):
    """The service does not take a video's request as it is, and a simpler form would leave out `parts` of it
    (`bot.api.rungs.Part`), which its person chose: so that was not sent.
    """

    parts: tuple[str, ...] = ()

    @classmethod
    def of(cls, error: InvalidRequest, parts: Iterable[str]) -> Self:
        """Of the refusal of the request as it is."""
        facts = {"status": error.status, "code": error.code, "request_id": error.request_id}
        made = cls(error.detail, about_form=error.about_form, **facts)
        made.parts = tuple(sorted(parts))
        return made


class TaskNotFound(ApiError):
    pass


class Unreachable(ApiError):
    """Certainly nothing was made: the connection was refused, or the question changes nothing at the service."""


class Uncertain(ApiError):
    """The request was sent and no usable answer came: it may have been carried out, and billed."""


class ServiceFault(Uncertain):
    """The service answered, with an error that says nothing of what became of the request."""


class NoAnswer(Uncertain):
    """No answer came in time."""


class ConnectionBroke(Uncertain):
    """The connection broke after the request was sent."""


class BadAnswer(ApiError):
    pass


class NotAnApi(ApiError):
    pass


class NoSuchRoute(NotAnApi):
    """The service is an API, but has no such route: it does not do this at all. Nothing was made."""


class ResultError(OneKeyBotError):
    """A result file can't be had."""


class ForbiddenAddress(ResultError):
    pass


class ResultTooLarge(ResultError):
    pass


class WrongType(ResultError):
    pass


class ResultUnavailable(ResultError):
    pass


class LinkMayWork(ResultUnavailable):
    """A file of the right kind began to come and broke off, or it could not be tried from here: elsewhere its link may
    do better.
    """
