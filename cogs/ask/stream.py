"""What the model writes, taken in as it comes, until it ends or is ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING

from bot.api.completion import Finished, FinishReason
from bot.api.thinking import Reasoning, Retracted, Text
from bot.errors import ApiError, Refusal
from bot.i18n import text
from bot.orders.costs import Spent
from bot.reasons import NOTHING_SPENT, Reason, of_error
from bot.states import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.api.chat_request import ChatRequest
    from bot.api.client import OneKeyClient
    from bot.orders.question import Question
    from cogs.ask.request import Request

log = logging.getLogger(__name__)

TOKEN_SECONDS = 14.5 * 60
"""An interaction's token lives 15 minutes; an answer that is still growing then ends with what came."""
SILENCE_SECONDS = 3.0
"""After this long without a word the card says that the model is thinking."""


class Stream:
    """`pump` until it is over; what there is to see of it stands in its fields meanwhile."""

    def __init__(self, question: Question, request: Request, *, model: str, checked_first: bool) -> None:
        """`model`: its name as it is shown. `checked_first`: none of it is shown before all of it is checked."""
        self.parts: list[str] = []
        """What the model wrote, as it wrote it."""
        self.line = model
        """What it is doing, in a line."""
        self.sent = False
        """Whether the service may be at work: not while a file is read, nor while it says that it is busy."""
        self.finish: Finished | None = None
        self.error: Exception | None = None
        self.changed = asyncio.Event()
        self.over = asyncio.Event()
        self.seconds = 0.0
        """How long it took, once it is over."""
        self.began_at = time.monotonic()
        self.accepted = asyncio.Event()
        """Whether it may be sent."""
        self._began = time.time()  # to be shown; how long it takes is told by the other
        self._question = question
        self._request = request
        self._locale = question.caller.locale
        self._model = model
        self._checked_first = checked_first

    def end(self) -> None:
        if not self.over.is_set():
            self.seconds = time.monotonic() - self.began_at
        self.over.set()
        self.changed.set()

    async def pump(self, api: OneKeyClient, *, made: Callable[[], None]) -> None:
        """Take in the stream until it ends, however it ends. `made`: what is to be sent is known, and what is not."""
        try:
            async with asyncio.timeout(TOKEN_SECONDS):
                while True:
                    ready = await self._request.make()
                    made()
                    await self.accepted.wait()
                    if self.over.is_set():
                        return  # ended meanwhile: it is not sent at all
                    try:
                        await self._take_in(api, ready)
                    except ApiError as error:
                        if self.parts or not await self._request.made_smaller(error):
                            raise
                        log.info("asked once more with less: %s", error)
                    else:
                        return
        except TimeoutError:
            self.finish = Finished(FinishReason.CUT_OFF, None)
        except Exception as error:  # noqa: BLE001 - told to the person by the final card, like every other end
            self.error = error
        finally:
            self.end()

    async def _take_in(self, api: OneKeyClient, ready: ChatRequest) -> None:
        stream = api.stream_chat(ready, self._question.cost.permit, on_wait=self._service_is_busy)
        self.sent = True
        async with contextlib.aclosing(stream):
            async for event in stream:
                if isinstance(event, Text):
                    self.parts.append(event.text)
                    if self._checked_first:
                        self.line = text(self._locale, "ask.checked_first")
                    self.changed.set()
                elif isinstance(event, Retracted):
                    self.parts.clear()
                    self.think()
                elif isinstance(event, Reasoning):
                    self.think()
                else:
                    self.finish = event
                    if event.usage is not None:
                        self._request.learn(event.usage)
                    self.end()

    async def _service_is_busy(self, seconds: float) -> None:
        self.sent = not seconds
        when = f"<t:{int(time.time() + seconds)}:R>"
        self.line = text(self._locale, "error.rate_limited", when=when) if seconds else self._model
        self.changed.set()

    def think(self) -> None:
        """The model thinks before it writes: say so, once. Not while the service is busy, or is not asked yet."""
        if not self.sent:
            return
        line = text(self._locale, "ask.thinking", when=f"<t:{int(self._began)}:R>")
        if line != self.line and not self.parts:
            self.line = line
            self.changed.set()

    def spent(self) -> tuple[bool, Spent]:
        """Once it is over: whether it is known to have made nothing, and what the service did for it."""
        if self.error is not None and not self.parts:
            state, reason = of_error(self.error)
            answered = reason == Reason.BAD_ANSWER  # with success, in a way that can't be read
            spent = Spent.PERHAPS if state == State.UNKNOWN or answered else Spent.NOTHING
            return isinstance(self.error, Refusal) or reason in NOTHING_SPENT, spent
        if not (self.sent or self.parts):
            return True, Spent.NOTHING
        declined = self.finish is not None and self.finish.reason is FinishReason.CONTENT_FILTER
        return declined and not self.parts, Spent.SOMETHING  # as with an error that says so

    async def something_came(self) -> bool:
        """Whether anything came within a few seconds; some models think in silence."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SILENCE_SECONDS):
                await self.changed.wait()
                return True
        return False

    async def until_over(self, seconds: float) -> None:
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.over.wait()
