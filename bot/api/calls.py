"""What one call to the service is, and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from bot.api.failures import Effect
from bot.api.permits import Permit
from bot.api.retries import RetryPolicy
from bot.api.shapes import JsonObject


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `path` goes under the base URL, percent-encoded; `route` is what doubled paths are remembered by."""

    method: str
    route: str
    effect: Effect
    path: str = ""
    body: bytes | None = None
    content_type: str = "application/json"
    total: float | None = None
    first_byte: float | None = None
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    accept: str = "application/json"
    limit: int = 4 * 1024 * 1024
    at_root: bool = False
    """Beside `/v1`, not under it."""
    apart: bool = False
    """Limited by itself: its 429 does not say that the service is busy."""
    sent: tuple[str, ...] = ()
    """Texts of the request that an error may repeat (prompts, the model's name): they don't tell what kind it is."""
    permit: Permit | None = None
    free: bool = False
    """It is known to cost nothing, and needs no permit."""

    def __post_init__(self) -> None:
        if self.permit is None and not (self.free or (self.method == "GET" and self.effect is Effect.READS)):
            message = f"{self.method} {self.route} may cost money, and nobody reserved it"
            raise TypeError(message)


class Answer(NamedTuple):
    """A 2xx answer: its JSON object, its HTTP status and the service's name for the call.

    A list stands under `data`. `file`: a picture or clip that is the whole answer, instead of JSON.
    """

    document: JsonObject
    status: int
    request_id: str
    file: bytes = b""
