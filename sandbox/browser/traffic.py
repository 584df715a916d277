"""What goes over the wires, for the curious: requests to the API, requests to Discord, and what Discord tells the bot.

Memory is bounded: so many exchanges a wire, of each only the beginning, and files by their size alone. Keys and tokens
are taken out before anything is kept.
"""

from __future__ import annotations

import re
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import orjson

from sandbox.discord.errors import DiscordError

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.discord.places import Event
    from sandbox.discord.uploads import Body
    from sandbox.onekey.record import Request
    from sandbox.stage import Stage

Wire: TypeAlias = Literal["service", "discord", "events"]
WIRES: Final[tuple[Wire, ...]] = ("service", "discord", "events")

KEPT: Final = 200
"""Exchanges of a wire."""
_TEXT: Final = 24_000
"""Characters of a request or an answer."""
_HIDDEN: Final = "•••"
# A picture in JSON: base64 or a data: address; nobody reads it.
_LONG: Final = re.compile(rb'"((?:data:[\w./;=+-]{1,80},)?[A-Za-z0-9+/_=-]{40})[A-Za-z0-9+/_=\\-]{400,}"')
_TOKENS: Final = re.compile(r"(/(?:webhooks|interactions)/\d+/)[\w.~-]{20,}")
_TOKEN_FIELD: Final = re.compile(r'("token"\s*:\s*")[^"]{20,}"')


@dataclass(slots=True, eq=False)
class Exchange:
    """One request and its answer, or one event. Times: `at` is time.time(); `seconds` until the answer ended."""

    number: int
    wire: Wire
    title: str
    at: float
    request: str = ""
    answer: str = ""
    status: int = 0
    seconds: float | None = None
    """None: it is still going on."""
    streamed: bool = False
    blocks: int = 0
    """Of a stream, so far; the answer may hold fewer."""
    broken: Literal["", "hung_up", "dropped"] = ""
    """The client hung up, or the service dropped the connection."""
    left: str = ""
    """What is left of Discord's limit: "4/5"."""
    live: Request | None = field(default=None, repr=False)
    """The API's own record, while it grows."""

    @property
    def limited(self) -> bool:
        return self.status == 429

    @property
    def failed(self) -> bool:
        return self.status >= 400 or bool(self.broken)

    @property
    def request_text(self) -> str:
        return pretty(self.request)

    @property
    def answer_text(self) -> str:
        if not self.streamed:
            return pretty(self.answer)
        return f"{self.answer}\n…" if self.answer.count("data:") < self.blocks else self.answer


class Traffic:
    """Records a stage from the moment it is made: one for all who watch.

    `changed` counts up with every change, so that a watcher knows whether to look again.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._exchanges: dict[Wire, deque[Exchange]] = {wire: deque(maxlen=KEPT) for wire in WIRES}
        self._requests: dict[int, Exchange] = {}
        """Those to the API that have not ended."""
        self._sequences: dict[str, int] = {}
        self._count = 0
        self.changed = 0
        self._secrets = [secret for secret in stage.secrets if secret]
        stage.discord.listeners.append(self._rest)
        stage.world.sinks.append(self._event)
        if stage.invented:
            stage.api.requests.kept = _TEXT
            stage.api.requests.listeners.append(self._asked)

    def of(self, wire: Wire) -> list[Exchange]:
        """The exchanges of a wire, the newest first."""
        self._grow()
        return list(reversed(self._exchanges[wire]))

    def get(self, number: int) -> Exchange | None:
        self._grow()
        return next((each for wire in WIRES for each in self._exchanges[wire] if each.number == number), None)

    @property
    def growing(self) -> bool:
        """Whether an answer of the API is on its way."""
        return bool(self._requests)

    def limited(self) -> list[Exchange]:
        """Discord's refusals because of a limit that are still kept, the newest first."""
        return [each for each in self.of("discord") if each.limited]

    def clear(self) -> None:
        for kept in self._exchanges.values():
            kept.clear()
        self._requests.clear()
        self.changed += 1

    # the API

    def _asked(self, request: Request) -> None:
        exchange = self._requests.get(request.number)
        if exchange is None and not request.ended_at:
            exchange = self._add("service", f"{request.method} {_with_query(request.path, request.query)}")
            exchange.request = self._text(request.body) or self._form(request)
            exchange.live = request
            self._requests[request.number] = exchange
            # What never ends (a fault) would be kept for ever.
            while len(self._requests) > KEPT:
                self._requests.pop(next(iter(self._requests))).live = None
        elif exchange is not None and request.ended_at:
            self._fill(exchange, request)
            exchange.live = None
            del self._requests[request.number]
        self.changed += 1

    def _form(self, request: Request) -> str:
        """A multipart form, as JSON."""
        if not request.form:
            return ""
        files = [f"{each.filename} ({each.size} bytes)" for each in request.images]
        return self._text(orjson.dumps({**request.form, "files": files}))

    def _grow(self) -> None:
        for exchange in self._requests.values():
            if exchange.live is not None:
                self._fill(exchange, exchange.live)

    def _fill(self, exchange: Exchange, request: Request) -> None:
        exchange.status = request.status or (200 if request.answer else 0)
        exchange.streamed = request.content_type == "text/event-stream" or request.answer.startswith(b"data:")
        exchange.blocks = request.blocks if exchange.streamed else 0
        if request.answer and _is_text(request.content_type):
            exchange.answer = self._text(bytes(request.answer))
        elif request.answer:
            exchange.answer = f"({request.content_type})"
        if request.ended_at:
            exchange.seconds = request.ended_at - request.at
            exchange.broken = "hung_up" if request.hung_up else "" if request.status else "dropped"

    # Discord

    def _rest(self, request: web.Request, body: Body | DiscordError, response: web.StreamResponse) -> None:
        path = _TOKENS.sub(rf"\1{_HIDDEN}", request.path.removeprefix("/api/v10"))
        exchange = self._add("discord", f"{request.method} {_with_query(path, dict(request.query))}")
        if not isinstance(body, DiscordError):
            files = [f"{each.filename} ({len(each.data)} bytes)" for each in body.files.values()]
            sent = {"payload_json": body.json, "files": files} if files else body.json
            exchange.request = "" if sent is None else self._text(orjson.dumps(sent))
        payload = getattr(response, "body", None)
        exchange.answer = self._text(payload) if isinstance(payload, bytes) else ""
        exchange.status, exchange.seconds = response.status, 0.0
        left, limit = (response.headers.get(f"X-RateLimit-{name}") for name in ("Remaining", "Limit"))
        if limit is not None:
            exchange.left = f"{left}/{limit}"
        self._events()

    def _event(self, event: Event) -> None:
        del event  # the gateway has heard of it before, and cut it to what this bot may see
        self._events()

    def _events(self) -> None:
        """What the gateway's sessions were sent since the last look."""
        sessions = self._stage.discord.gateway.sessions
        for gone in self._sequences.keys() - sessions.keys():
            del self._sequences[gone]
        for session in sessions.values():
            seen = self._sequences.get(session.id, 0)
            new: list[bytes] = []
            for number, raw in reversed(session.sent):
                if number <= seen:
                    break
                new.append(raw)
            self._sequences[session.id] = session.sequence
            for raw in reversed(new):
                told: dict[str, Any] = orjson.loads(raw)
                exchange = self._add("events", str(told["t"]))
                exchange.answer, exchange.seconds = self._text(orjson.dumps(told["d"])), 0.0

    # both

    def _add(self, wire: Wire, title: str) -> Exchange:
        self._count += 1
        self.changed += 1
        exchange = Exchange(self._count, wire, self._masked(title), time.time())
        self._exchanges[wire].append(exchange)
        return exchange

    def _text(self, raw: bytes) -> str:
        """The beginning of a body without long files and secrets."""
        return self._masked(_LONG.sub(rb'"\1..."', raw).decode(errors="replace")[:_TEXT])

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return _TOKEN_FIELD.sub(rf'\1{_HIDDEN}"', _TOKENS.sub(rf"\1{_HIDDEN}", text))


def pretty(text: str) -> str:
    """JSON with indents; anything else as it is."""
    try:
        return orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return text


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or kind == "application/json"


def _with_query(path: str, query: dict[str, str]) -> str:
    return f"{path}?{'&'.join(f'{name}={value}' for name, value in query.items())}" if query else path
