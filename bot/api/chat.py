"""POST /chat/completions, streamed: blocks → text, reasoning, and how it ended."""

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import aiohttp
import orjson

from bot.api.failures import Effect, Failure, find_failure
from bot.api.shapes import JsonObject, label, mapping, number, sequence
from bot.api.sse import SSEDecoder
from bot.api.thinking import Reasoning, Text, ThinkSplitter
from bot.api.timeouts import Timeouts
from bot.api.transport import Call, OnWait, Transport
from bot.errors import BadAnswer, InvalidRequest

if TYPE_CHECKING:
    from bot.api.retries import RetryPolicy

log = logging.getLogger(__name__)

_ROUTE: Final = "/chat/completions"
_DRAIN_LIMIT: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture for a model that sees: an http(s) URL or a `data:image/…;base64,…` one."""

    url: str


Part: TypeAlias = TextPart | ImagePart


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str | Sequence[Part]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """`temperature` None leaves it to the model, `max_tokens` None how long the answer may be."""

    model: str
    messages: tuple[Message, ...]
    temperature: float | None = None
    max_tokens: int | None = None

    @property
    def sent(self) -> tuple[str, ...]:
        """What an error may repeat of it."""
        return (*(one.content for one in self.messages if isinstance(one.content, str)), self.model)

    def body(self, *, with_usage: bool) -> bytes:
        """The JSON to send; `with_usage` asks for the token count at the end."""
        fields: JsonObject = {
            "model": self.model,
            "messages": [{"role": one.role, "content": _content(one.content)} for one in self.messages],
            "stream": True,
        }
        if with_usage:
            fields["stream_options"] = {"include_usage": True}
        if self.temperature is not None:
            fields["temperature"] = self.temperature
        if self.max_tokens is not None:
            fields["max_tokens"] = self.max_tokens
        return orjson.dumps(fields)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the service counts them."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class FinishReason(enum.Enum):
    STOP = "stop"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"
    # No finish reason came: the socket dropped, a silence was too long, or the service just ended.
    CUT_OFF = "cut_off"


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event. `usage` None: the service did not count."""

    reason: FinishReason
    usage: Usage | None


ChatEvent: TypeAlias = Text | Reasoning | Finished

# Anything else that is not empty (tool_calls, function_call, eos, end_turn, …) is an ordinary end.
_REASONS: Final = {
    "length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "content_filter": FinishReason.CONTENT_FILTER,
    "sensitive": FinishReason.CONTENT_FILTER,  # Zhipu's word for it
    "insufficient_system_resource": FinishReason.CUT_OFF,  # DeepSeek: "interrupted due to insufficient resource"
    "network_error": FinishReason.CUT_OFF,  # Zhipu
}


class ChatParser:
    """One answer: blocks in, events out, with what is known at its end.

    Adjacent texts of one `take` come as one event, so that a fast stream costs by the network read, not by the token.
    """

    __slots__ = ("_splitter", "failure", "heard", "reason", "usage")

    def __init__(self) -> None:
        self.failure: Failure | None = None
        self.reason: FinishReason | None = None
        self.usage: Usage | None = None
        self.heard = False  # whether any text or reasoning came
        self._splitter = ThinkSplitter()

    def take(self, blocks: list[JsonObject]) -> list[Text | Reasoning]:
        """The events of these blocks; stops at a failure, which is then in `failure`."""
        events: list[Text | Reasoning] = []
        for block in blocks:
            choices = block.get("choices")
            if not choices or "error" in block:
                self.failure = find_failure(block)
                if self.failure is not None:
                    break
            usage = block.get("usage")
            if usage:
                self.usage = _usage(usage) or self.usage
            if choices:
                self._choice(choices, events)
        if events:
            self.heard = True
        return events

    def end(self) -> list[Text | Reasoning]:
        """What was held back in case a tag would follow."""
        events: list[Text | Reasoning] = []
        self._splitter.end(events)
        if events:
            self.heard = True
        return events

    def _choice(self, choices: object, events: list[Text | Reasoning]) -> None:
        choice = mapping((sequence(choices) or [None])[0])
        delta = mapping(choice.get("delta")) or mapping(choice.get("message"))
        reasoning = delta.get("reasoning_content") or delta.get("reasoning")
        if reasoning and isinstance(reasoning, str):
            _append(events, Reasoning(reasoning))
        content = delta.get("content")
        if content:
            self._splitter.feed(content if isinstance(content, str) else _joined(content), events)
        reason = label(choice.get("finish_reason"))
        if reason:
            self.reason = _REASONS.get(reason.lower(), FinishReason.STOP)


async def stream(
    transport: Transport,
    request: ChatRequest,
    *,
    timeouts: Timeouts,
    retries: RetryPolicy,
    without_usage: set[str],
    on_wait: OnWait | None,
) -> AsyncGenerator[ChatEvent, None]:
    """The events of one answer, the last of them Finished. `OneKeyClient.stream_chat` says the rest.

    `without_usage` collects the models that refuse `stream_options`.
    """
    response = await _open(
        transport, request, timeouts=timeouts, retries=retries, without_usage=without_usage, on_wait=on_wait
    )
    decoder = SSEDecoder()
    parser = ChatParser()
    patience = timeouts.chat_first_byte
    received = 0
    broken: Exception | None = None
    watchdog = _Watchdog(response.content, patience)
    try:
        while not decoder.done:
            try:
                chunk = await watchdog.reading(patience)
            except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
                broken = error
                break
            received += len(chunk)
            blocks = decoder.feed(chunk) if chunk else decoder.close()
            for event in parser.take(blocks):
                yield event
            if parser.failure is not None or not chunk:
                break
            if parser.reason is not None:
                patience = timeouts.chat_tail
            elif blocks:
                patience = timeouts.chat_between
        for event in parser.end():
            yield event
        yield _verdict(transport, request, response, decoder, parser, broken=broken, received=received)
    finally:
        watchdog.stop()
        if not (decoder.done and await _drained(response, timeouts.chat_drain)):
            response.close()


class _Watchdog:
    """Breaks a read that has waited longer than `patience` seconds.

    One timer that looks at the clock when it rings, instead of one made and cancelled with every word. The time that
    the reader of the events takes for itself (an edit, say) does not count: only `reading` does.
    """

    __slots__ = ("_loop", "_patience", "_reader", "_since", "_timer")

    def __init__(self, reader: aiohttp.StreamReader, patience: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = reader
        self._patience = patience
        self._since: float | None = None  # when the read that is waiting began
        self._timer = self._loop.call_later(patience, self._ring)

    async def reading(self, patience: float) -> bytes:
        """What has come of the body, at once if something has; `b""` at its end. TimeoutError after `patience`."""
        if patience != self._patience:
            self._patience = patience
            self._timer.cancel()
            self._timer = self._loop.call_later(patience, self._ring)
        self._since = self._loop.time()
        try:
            return await self._reader.readany()
        finally:
            self._since = None

    def stop(self) -> None:
        self._timer.cancel()

    def _ring(self) -> None:
        now = self._loop.time()
        due = (now if self._since is None else self._since) + self._patience
        if due > now:
            self._timer = self._loop.call_at(due, self._ring)
        else:
            self._reader.set_exception(TimeoutError(f"nothing came for {self._patience:g} s"))


def _verdict(
    transport: Transport,
    request: ChatRequest,
    response: aiohttp.ClientResponse,
    decoder: SSEDecoder,
    parser: ChatParser,
    *,
    broken: Exception | None,
    received: int,
) -> Finished:
    """How the answer ended. Raises when it is an error, or when nothing of an answer came."""
    status = response.status
    request_id = transport.clean(transport.request_id(response.headers))
    if parser.failure is not None:
        raise transport.to_error(
            parser.failure,
            status=status,
            effect=Effect.TALKS,
            sent=request.sent,
            assumed_status=500,
            request_id=request_id,
        )
    if decoder.unreadable:
        log.warning("%d unreadable blocks in an answer, request %s", decoder.unreadable, request_id or "-")
    if parser.heard or parser.reason is not None or (decoder.done and not decoder.unreadable):
        return Finished(parser.reason or FinishReason.CUT_OFF, parser.usage)
    if broken is None and received:
        message = "a stream without a single readable block"
        raise BadAnswer(message, status=status, request_id=request_id)
    lost = transport.lost(Effect.TALKS, broken or ConnectionError("the stream ended before it began"))
    raise type(lost)(lost.detail, status=status, request_id=request_id) from broken


async def _open(
    transport: Transport,
    request: ChatRequest,
    *,
    timeouts: Timeouts,
    retries: RetryPolicy,
    without_usage: set[str],
    on_wait: OnWait | None,
) -> aiohttp.ClientResponse:
    def call(*, with_usage: bool) -> Call:
        return Call(
            "POST",
            _ROUTE,
            Effect.TALKS,
            body=request.body(with_usage=with_usage),
            sent=request.sent,
            first_byte=timeouts.chat_first_byte,
            retries=retries,
            accept="text/event-stream",
        )

    with_usage = request.model not in without_usage
    try:
        return await transport.open(call(with_usage=with_usage), on_wait=on_wait)
    except InvalidRequest as error:
        named = "stream_options" in error.detail or "include_usage" in error.detail
        if not (with_usage and named and error.status in {400, 422}):
            raise
    log.info("%s takes no stream_options: asking without", request.model)
    response = await transport.open(call(with_usage=False), on_wait=on_wait)
    without_usage.add(request.model)
    return response


async def _drained(response: aiohttp.ClientResponse, seconds: float) -> bool:
    """Read on to the end of the body, so that the connection can carry the next answer. False: it does not end."""
    content = response.content
    left = _DRAIN_LIMIT
    try:
        async with asyncio.timeout(seconds):
            while not content.is_eof() and left > 0:
                left -= len(await content.readany())
    except (aiohttp.ClientError, OSError):
        return False
    return content.is_eof()


def _content(content: str | Sequence[Part]) -> str | list[JsonObject]:
    if isinstance(content, str):
        return content
    return [
        {"type": "text", "text": part.text}
        if isinstance(part, TextPart)
        else {"type": "image_url", "image_url": {"url": part.url}}
        for part in content
    ]


def _joined(content: object) -> str:
    """Some models stream their content as an array of parts."""
    texts = [mapping(part).get("text") for part in sequence(content)]
    return "".join(one for one in texts if isinstance(one, str))


def _usage(value: object) -> Usage | None:
    fields = mapping(value)
    prompt, completion, total = (
        max(0, int(number(fields.get(name)) or 0)) for name in ("prompt_tokens", "completion_tokens", "total_tokens")
    )
    total = total or prompt + completion
    return Usage(prompt, completion, total) if total else None


def _append(events: list[Text | Reasoning], event: Text | Reasoning) -> None:
    last = events[-1] if events else None
    if isinstance(last, Reasoning) and isinstance(event, Reasoning):
        events[-1] = Reasoning(last.text + event.text)
    else:
        events.append(event)
