"""POST /chat/completions, streamed: blocks → text, reasoning, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import aiohttp

from bot.api import search
from bot.api.calls import Call
from bot.api.chat_request import ChatRequest
from bot.api.completion import ChatEvent, ChatParser, Finished, FinishReason
from bot.api.failures import Effect, looks_like_html
from bot.api.permits import Permit
from bot.api.shapes import JsonObject
from bot.api.sse import SSEDecoder
from bot.api.timeouts import Timeouts
from bot.api.transport import Transport
from bot.api.waits import OnWait
from bot.errors import BadAnswer, InvalidRequest, ServiceFault

if TYPE_CHECKING:
    from bot.api.memory import Memory
    from bot.api.retries import RetryPolicy

log = logging.getLogger(__name__)

_ROUTE: Final = "/chat/completions"
_GATHER_SECONDS: Final = 0.1
"""Once words come they are read so often, and at the stream's end at once: nobody sees more of them, and to wake up
for each takes a third of all the work that an answer is. All streams are read at the same moments, so that the loop
wakes up for many as seldom as for one. Of one that brings more than _GATHER_LIMIT bytes in this time nothing waits.
"""
_GATHER_LIMIT: Final = 4 * 1024
_DRAIN_LIMIT: Final = 64 * 1024
_SLICE: Final = 8 * 1024
_BLOCKS: Final = 200
"""Bytes and blocks that are read without a pause: between two, everything else on the event loop has its turn."""


async def stream(
    transport: Transport,
    request: ChatRequest,
    permit: Permit,
    *,
    timeouts: Timeouts,
    retries: RetryPolicy,
    memory: Memory,
    without_usage: set[str],
    on_wait: OnWait | None,
) -> AsyncGenerator[ChatEvent, None]:
    """The events of one answer, the last of them Finished. `OneKeyClient.stream_chat` says the rest.

    `without_usage` collects the models that refuse `stream_options`.
    """
    permit.check(request.most_told)
    request = replace(request, max_tokens=permit.answers(request.max_tokens))
    wanted = await search.fields_for(memory, transport.base_url, request.model) if request.web_search else ()
    response, searches = await _open(
        transport,
        request,
        permit,
        timeouts=timeouts,
        retries=retries,
        searches=wanted,
        without_usage=without_usage,
        on_wait=on_wait,
    )
    if searches != wanted:
        await search.note(memory, transport.base_url, request.model, searches)
    decoder = SSEDecoder()
    parser = ChatParser()
    loop = asyncio.get_running_loop()
    patience = timeouts.chat_first_byte
    silent = 0.0  # seconds since the last word, once a finish reason came: comments are none
    begun = False
    broken: Exception | None = None
    watchdog = _Watchdog(response.content, patience)
    try:
        while not decoder.done:
            since = loop.time()
            try:
                chunk = await watchdog.reading(max(0.001, patience - silent))
            except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
                broken = error
                break
            silent += loop.time() - since
            if not begun and looks_like_html("", chunk):
                raise transport.web_page(response)
            begun = begun or bool(chunk)
            for number, blocks in enumerate(_slices(decoder, chunk)):
                if number:
                    await asyncio.sleep(0)
                for event in parser.take(blocks):
                    silent = 0.0
                    yield event
                if parser.failure is not None or parser.too_long:
                    break
            if parser.failure is not None or parser.too_long or not chunk:
                break
            if parser.reason is not None:
                patience = timeouts.chat_tail
            else:
                patience = timeouts.chat_between if parser.heard else patience
                silent = 0.0
            watchdog.gathers = parser.heard and parser.reason is None and len(chunk) <= _GATHER_LIMIT
        for event in parser.end():
            yield event
        finished = _verdict(transport, request, response, decoder, parser, broken=broken, begun=begun)
        yield replace(finished, search_refused=bool(wanted and not searches))
    finally:
        watchdog.stop()
        if not (decoder.done and await _drained(response, timeouts.chat_drain)):
            response.close()


def _slices(decoder: SSEDecoder, chunk: bytes) -> Iterator[list[JsonObject]]:
    """The blocks that `chunk` completes, a few at a time; those that the end completes, if it is empty."""
    for start in range(0, max(1, len(chunk)), _SLICE):
        blocks = decoder.feed(chunk[start : start + _SLICE]) if chunk else decoder.close()
        for first in range(0, max(1, len(blocks)), _BLOCKS):
            yield blocks[first : first + _BLOCKS]
        if decoder.done:
            return


class _Watchdog:
    """Breaks a read that has waited longer than `patience` seconds.

    One timer that looks at the clock when it rings, instead of one made and cancelled with every word. The time that
    the reader of the events takes for itself (an edit, say) does not count: only `reading` does.

    `gathers`: what is read next waits for more.
    """

    __slots__ = ("_loop", "_patience", "_reader", "_since", "_timer", "gathers")

    def __init__(self, reader: aiohttp.StreamReader, patience: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = reader
        self.gathers = False
        self._patience = patience
        self._since: float | None = None  # when the read that is waiting began
        self._timer = self._loop.call_later(patience, self._ring)

    async def reading(self, patience: float) -> bytes:
        """What has come of the body, at once if something has; `b""` at its end. TimeoutError after `patience`."""
        if self.gathers:
            with contextlib.suppress(Exception):  # the time is up, or it broke off: to be said below
                moment = (self._loop.time() // _GATHER_SECONDS + 1) * _GATHER_SECONDS
                async with asyncio.timeout_at(moment):
                    await self._reader.wait_eof()
            if self._reader.exception() is not None:
                # The reader would say so first, and what had come before that would be lost.
                left = self._reader._read_nowait(-1)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the only way
                if left:
                    return left
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
    begun: bool,
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
        log.warning("%d unreadable blocks in an answer", decoder.unreadable, extra={"request": request_id or None})
    reason = parser.reason or FinishReason.CUT_OFF
    if broken is not None and parser.goes_on:
        reason = FinishReason.CUT_OFF  # words came after it before, so it tells nothing of the end
    if reason in {FinishReason.STOP, FinishReason.LENGTH} and (decoder.unreadable or parser.too_long):
        reason = FinishReason.INCOMPLETE
    ended = parser.reason is not None or decoder.done
    if parser.heard or reason is FinishReason.CONTENT_FILTER:
        return Finished(reason, parser.usage, parser.sources.all())
    if parser.faulty:
        message = "the answer ended as an error before it began"
        raise ServiceFault(message, status=status, request_id=request_id)
    if ended and not decoder.unreadable:
        return Finished(reason, parser.usage, parser.sources.all())
    if broken is None and begun:
        if response.content_type == "text/html":
            raise transport.web_page(response)
        message = "a stream without a single readable block"
        raise BadAnswer(message, status=status, request_id=request_id)
    lost = transport.lost(Effect.TALKS, broken or ConnectionError("the stream ended before it began"))
    raise type(lost)(lost.detail, status=status, request_id=request_id) from broken


async def _open(
    transport: Transport,
    request: ChatRequest,
    permit: Permit,
    *,
    timeouts: Timeouts,
    retries: RetryPolicy,
    searches: tuple[str, ...],
    without_usage: set[str],
    on_wait: OnWait | None,
) -> tuple[aiohttp.ClientResponse, tuple[str, ...]]:
    """The response, and the fields of a search that were taken: what is refused by name is left out."""
    asks_usage = with_usage = request.model not in without_usage
    while True:
        call = Call(
            "POST",
            _ROUTE,
            Effect.TALKS,
            body=request.body(with_usage=with_usage, searches=searches),
            sent=request.sent,
            first_byte=timeouts.chat_first_byte,
            retries=retries,
            accept="text/event-stream",
            permit=permit,
        )
        try:
            response = await transport.open(call, on_wait=on_wait)
        except InvalidRequest as error:
            if error.status not in {400, 422}:
                raise
            left = search.without_refused(searches, error.detail)
            if with_usage and ("stream_options" in error.detail or "include_usage" in error.detail):
                log.info("%s takes no stream_options: asking without", request.model)
                with_usage = False
            elif left != searches:
                log.info("%s takes no %s: asking without", request.model, ", ".join({*searches} - {*left}))
                searches = left
            else:
                raise
        else:
            if with_usage != asks_usage:
                without_usage.add(request.model)
            return response, searches


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
