"""The log of requests: what a test reads to know what the bot really sent."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .names import Route
    from .uploads import SentImage


@dataclass(slots=True, eq=False)
class Request:
    """One request as it came. Times are time.monotonic(), which all processes of a machine share."""

    number: int
    route: Route | None
    """None: a path that the API does not have."""
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    connection: int
    """Connections are numbered from 1 in the order they were opened."""
    call: str = ""
    """What the service calls it: its X-Oneapi-Request-Id."""
    at: float = field(default_factory=time.monotonic)
    form: dict[str, str] = field(default_factory=dict[str, str])
    """The texts of a multipart form (then `body` is empty)."""
    images: list[SentImage] = field(default_factory=list["SentImage"])
    """The files of a form, or the picture in a submit's data URL, in order; a mask is among them."""
    prompt: str = ""
    status: int = 0
    """HTTP status of the answer; 0: none (yet)."""
    first_text_at: float = 0.0
    last_text_at: float = 0.0
    """When the first and the last word of a chat answer were written to the socket."""
    ended_at: float = 0.0
    hung_up: bool = False
    """The client closed the connection before the answer was whole."""
    content_type: str = ""
    """Of the answer, once it began."""
    answer: bytearray = field(default_factory=bytearray)
    """What was written of a text so far, up to `Log.kept` bytes."""
    kept: int = 0
    blocks: int = 0
    """Events of a stream that were written so far, if any of it is kept."""

    def wrote(self, piece: bytes) -> None:
        if self.kept:
            self.blocks += piece.count(b"data:")
            self.answer += piece[: max(0, self.kept - len(self.answer))]

    @property
    def json(self) -> dict[str, object]:
        """The body as a JSON object.

        Raises:
            ValueError: it is none.
        """
        value: object = orjson.loads(self.body)
        if not isinstance(value, dict):
            raise ValueError("the body is no JSON object")  # noqa: TRY004 - a fault in the data, as broken JSON is
        return cast("dict[str, object]", value)

    @property
    def key(self) -> str | None:
        """The key that was sent, or None."""
        return self.headers.get("authorization", "").removeprefix("Bearer ") or None


class Log:
    """The last requests in the order they came, counts of all of them, and a way to wait for one."""

    def __init__(self, keep: int) -> None:
        self._requests: deque[Request] = deque(maxlen=keep)
        self._changed = asyncio.Event()
        self.counts: Counter[Route | None] = Counter()
        self.connections = 0
        self.kept = 0
        """How many bytes of each answer are kept: none, unless somebody wants to read them."""
        self.listeners: list[Callable[[Request], None]] = []
        """Hear of each request when it came and when it ended."""

    def add(self, request: Request) -> None:
        request.kept = self.kept
        self._requests.append(request)
        self.counts[request.route] += 1
        self._tell(request)

    def end(self, request: Request) -> None:
        request.ended_at = time.monotonic()
        self._tell(request)

    def _tell(self, request: Request) -> None:
        self.pulse()
        for listener in self.listeners:
            listener(request)

    def pulse(self) -> None:
        """Something changed: those who wait look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    def of(self, route: Route) -> list[Request]:
        return [request for request in self._requests if request.route == route]

    def clear(self) -> None:
        self._requests.clear()
        self.counts.clear()

    async def until(self, condition: Callable[[], bool], *, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - a tool of tests
        """Returns when `condition()` holds; it is asked again whenever a request comes or ends.

        Raises:
            TimeoutError: it did not hold within `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            while not condition():
                await self._changed.wait()

    async def seen(self, route: Route, count: int = 1, *, timeout: float = 10.0) -> Request:  # noqa: ASYNC109 - likewise
        """The `count`th request of a route, when it has come."""
        await self.until(lambda: len(self.of(route)) >= count, timeout=timeout)
        return self.of(route)[count - 1]

    def __len__(self) -> int:
        return len(self._requests)

    def __iter__(self) -> Iterator[Request]:
        return iter(tuple(self._requests))

    def __getitem__(self, index: int) -> Request:
        return self._requests[index]
