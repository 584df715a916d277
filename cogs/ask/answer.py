"""One answer: the API's stream on the one side, a message that grows on the other.

The request is sent beside the acknowledgement by a process that is alone with its token, as far as it knows; otherwise
once Discord has accepted that: where somebody else answered, nothing is paid twice. Where it stands is the surface's
(`cogs.ask.surfaces`): the first edit comes with the first text, then about one a second by what the rate-limit headers
leave, and the last at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Any

import discord

from bot.api.client import OneKeyClient
from bot.api.completion import FinishReason
from bot.documents.words import LINE_LIMIT
from bot.errors import Moderated
from bot.generation.ordering.orders import Orders
from bot.kinds import Kind
from bot.kit.edits import Handle, MessageGone, OutOfReach
from bot.kit.owner_alerts import OwnerAlerts
from bot.kit.responses import BLOCKED, PASSING
from bot.orders.moderation import RESULTS, Moderation
from bot.reasons import Step
from bot.store.database import StoreUnavailable
from bot.text import escape, shorten
from cogs.ask import cards
from cogs.ask.custom_ids import rows_below
from cogs.ask.messages import Messages
from cogs.ask.outcome import Outcome
from cogs.ask.pages import Page, Pages
from cogs.ask.records import CUT
from cogs.ask.seam import joined
from cogs.ask.sources import listed
from cogs.ask.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.kit.bot import Interaction
    from cogs.ask.asking import Begun
    from cogs.ask.endings import Ending
    from cogs.ask.interrupted import InterruptedAnswers
    from cogs.ask.request import Request
    from cogs.ask.surfaces import Surface

log = logging.getLogger(__name__)

EDIT_SECONDS = 1.0
TRIES = 5
HOMECOMING_SECONDS = 1.0


class Answer:
    """`run` from the command to the last edit; `stop` and `interrupt` end it early with what came."""

    first_text: float | None = None
    lag: float | None = None
    """Seconds until the first text stood there, and from the model's last word until that did."""

    def __init__(
        self,
        surface: Surface,
        begun: Begun,
        request: Request,
        *,
        head: str,
        interrupted: InterruptedAnswers,
        moderation: Moderation,
        before: Sequence[Handle] = (),
    ) -> None:
        """`before`: the messages that stand already, but for the one that the surface begins with."""
        question = begun.question
        caller = question.caller
        self.key = surface.key
        self.person_id = caller.person_id
        self.place = caller.place
        self._question = question
        self._request = request
        self._surface = surface
        self._notes = interrupted
        self._locale = caller.locale
        self._before_it = begun.said
        self._beside = begun.beside
        self._messages = Messages(surface, interrupted, caller.locale)
        self._stands = before
        self._head = head
        spare = LINE_LIMIT if request.has_files else 0
        self._shown = Pages(head, self._locale, cites=question.web_search, spare=spare)
        self._ending: Ending | None = None
        self._owner_told = False
        self._steps: frozenset[Step] = frozenset()
        self._others: tuple[str, ...] = ()
        self._moderation = moderation if question.moderation == RESULTS else None
        """What checks the answer before any of it is shown."""
        self._edited_at = 0.0
        self._shown_model = escape(shorten(question.model, cards.MODEL_LIMIT))
        checked_first = self._moderation is not None
        self._stream = Stream(question, request, model=self._shown_model, checked_first=checked_first)
        self.outcome = Outcome(begun, request, self._stream)

    async def run(self, api: OneKeyClient) -> Exception | None:
        """Answer. Returns the error that ended it, if one did; raises only when nothing could be posted."""
        if self._surface.bot.is_alone:
            self._stream.accepted.set()
        pump = asyncio.create_task(self._stream.pump(api, made=self._tell_what_is_left_out))
        try:
            await self._begin()
            self._stream.accepted.set()
            await self._grow()
        except (MessageGone, OutOfReach) as error:
            log.info("an answer's message is gone; the request is ended")
            self.outcome.deleted = isinstance(error, MessageGone)
            self._stream.end()
            if self._ending is None:
                self._fix_ending()
        finally:
            # After its last word the stream brings its connection home by itself; anything else is broken off.
            if self._stream.finish is None:
                pump.cancel()
            await asyncio.wait([pump], timeout=HOMECOMING_SECONDS)
            pump.cancel()
            self._surface.ended()
        return self._stream.error

    @property
    def sent(self) -> bool:
        """Whether the service may be at work."""
        return self._stream.sent

    def _tell_what_is_left_out(self) -> None:
        """Above the answer, in a line of the machine's own, if there is anything."""
        line = self._request.left_out_line
        if not line:
            self._shown.head = self._head
            return
        quotes = self._head.rpartition("\n")[2].startswith("> ")
        self._shown.head = f"{self._head}\n> -# {line}" if quotes else f"-# {line}\n{self._head}".strip()

    @property
    def handles(self) -> list[Handle]:
        """The messages that it has so far, in their order."""
        return self._messages.handles

    def stands_before(self, interaction: Interaction) -> bool:
        """Whether who pressed may have it before them: an id that came in a custom_id may be of any place's."""
        theirs = interaction.user.id == self.person_id
        return interaction.channel_id == self.place.here and (theirs or not self._question.caller.private)

    def stop(self, *, by: int) -> bool:
        """A person ends it. False: it has ended before."""
        if self._stream.over.is_set():
            return False
        self.outcome.stopped_by = by
        self._stream.end()
        return True

    def interrupt(self) -> None:
        """The process ends."""
        self.outcome.interrupted = True
        self._stream.end()

    async def _begin(self) -> None:
        """In the surface's first message, after those that stand already; with what was said before, where there is."""
        await self._shown.read(self.said, cut=True)
        pages = self._shown.growing(self._stream.line, self._shown_model)
        self._messages.take_over(self._stands, pages[:-1])
        await self._messages.begin(self._growing_view(len(pages) - 1, pages[-1]), pages[-1])

    async def _grow(self) -> None:
        while not self._stream.over.is_set():
            if not self._stream.parts and not await self._stream.something_came():
                self._stream.think()
            await self._stream.changed.wait()
            await self._stream.until_over(self._next_edit_at() - time.monotonic())
            if not self._stream.over.is_set():
                self._stream.changed.clear()
                if await self._step(final=False):
                    self._stream.changed.set()
        if isinstance(self._stream.error, Moderated):
            self._shown.head = ""  # it is not to stand there
        if self._moderation is not None and self._stream.parts:
            flagged = await self._moderation.flags_result(self.said, self._question.whose)
            self.outcome.withheld, self._shown.is_veiled = bool(flagged), flagged is None
        self._save(ended=True)
        if not self._before_it:
            self._steps = self.outcome.steps(self.said)
        if Step.MODEL in self._steps:
            self._others = await self._other_models()
        if self._stream.error is not None:
            self._owner_told = await self._surface.bot.the(OwnerAlerts).consider(self._stream.error)
        self._fix_ending()
        for attempt in range(TRIES):
            try:
                while await self._step(final=True):
                    pass
            except PASSING as error:
                log.warning("an answer's last edit failed: %s", error)
                if getattr(error, "code", None) in BLOCKED and not self.outcome.withheld:
                    # Its words, or the question's above it: that it is hidden can be said.
                    self.outcome.withheld = True
                    self._shown.head = self._head if self._surface.silent else ""
                    self._fix_ending()
                    continue
                await asyncio.sleep(_wait_after(error, attempt))
            else:
                self.lag = time.monotonic() - self._stream.began_at - self._stream.seconds
                return

    def _save(self, *, ended: bool = False) -> None:
        """Keep what came, and all of it with how it ended. Nothing that is checked first, before it is."""
        said = self.said
        if ended:
            usage = self._stream.finish.usage if self._stream.finish is not None else None
            tokens = None if usage is None else (usage.prompt_tokens, usage.completion_tokens)
            self._notes.ended(self.key, said, self.outcome.stored(said), tokens)
        elif self._moderation is None and said:
            self._notes.said(self.key, said)

    async def _other_models(self) -> tuple[str, ...]:
        try:
            offered = await self._surface.bot.the(Orders).offered(self.place, Kind.ASK)
        except StoreUnavailable as error:
            log.warning("which models may do instead is not known: %s", error)
            return ()
        return tuple(name for name in offered if name != self._question.model)

    def _fix_ending(self) -> None:
        """Fix the words for how it ended: they, and a reference in them, must not change between two tries."""
        self._ending = self.outcome.fix(owner_told=self._owner_told, silent=self._surface.silent)

    def _next_edit_at(self) -> float:
        if self._surface.silent and not self._messages.handles:
            return 0.0
        return max(self._edited_at + EDIT_SECONDS, self._surface.hold_until(self._edited_at))

    async def _step(self, *, final: bool) -> bool:
        """One request that brings the first message that is behind up to date. True: there is more to do."""
        pages = await self._pages(final=final)
        await self._messages.take_back(len(pages), final=final)
        behind = self._messages.behind(pages)
        if not behind:
            return False
        index, posted = behind[0], len(self._messages.handles)
        unless = None if final else self._stream.over
        async with self._surface.turn(posts=index >= posted, first=not posted, unless=unless) as has_room:
            pages = await self._pages(final=final)  # there may be more to show by now
            if not has_room or index not in (behind := self._messages.behind(pages)):
                return has_room
            self._edited_at = time.monotonic()
            try:
                if not await self._show(index, pages, final=final):
                    self._shown.without_files(few=self._question.caller.token_only)
                    return True
            except PASSING as error:
                if final:
                    raise
                log.info("an edit of a growing answer failed, the next one brings it: %s", error)
            return len(behind) > 1

    async def _show(self, index: int, pages: Sequence[Page], *, final: bool) -> bool:
        files: list[discord.File] = []
        if not final:
            self._save()
        await self._notes.written()  # nobody sees what would not be known after a kill
        if not final and (index == len(pages) - 1 or not pages[index][0]):
            view = self._growing_view(index, pages[index])
        else:
            view, files = self._shown.view(index, pages, ended=final, below=self._below() if final else ())
        shown = await self._messages.show(index, pages[index], view, files or None)
        if self._stream.parts and self.first_text is None:
            self.first_text = time.monotonic() - self._stream.began_at
        return shown

    def _growing_view(self, index: int, page: Page) -> discord.ui.LayoutView:
        piece, footer = page
        if not piece:
            return cards.waiting(self._shown.head, self._stream.line, self.key, self._locale)
        return cards.growing(self._shown.head if index == 0 else None, piece, footer or "", self.key, self._locale)

    def _below(self) -> list[discord.ui.ActionRow[Any]]:
        """What helps where it failed, and how it is gone on from."""
        said = self.said
        return rows_below(
            self.key,
            said=bool(said) and not self.outcome.deleted,
            steps=self._steps,
            models=self._others,
            beside=self._beside,
            cut=self.outcome.stored(said) in CUT,
            direct=self.place.guild_id is None,
            locale=self._locale,
        )

    async def _pages(self, *, final: bool) -> list[Page]:
        held = self._moderation is not None and not final
        said = self._before_it.strip() if held else self.said
        is_whole = self._stream.finish is not None and self._stream.finish.reason is FinishReason.STOP
        sources = (
            listed(self._locale, self._stream.finish.sources, said) if final and said and self._stream.finish else ""
        )
        await self._shown.read(said, ended=final, cut=final and not is_whole, sources=sources)
        if self._ending is not None:
            return self._shown.ended(self._ending)
        if self._surface.silent and self._shown.is_empty:
            return []
        return self._shown.growing(self._stream.line, self._stream.line if held else self._shown_model)

    @property
    def said(self) -> str:
        """All that the model wrote so far, as it wrote it; nothing, where that is not to be shown."""
        if self.outcome.withheld:
            return ""
        return joined(self._before_it, "".join(self._stream.parts), done=self._stream.over.is_set()).strip()


def _wait_after(error: BaseException, attempt: int) -> float:
    """Seconds before the next try: what Discord asks for, or 1, 2, 4 and so on."""
    if isinstance(error, discord.HTTPException) and error.status == 429:
        retry_after = error.response.headers.get("Retry-After", "1")
        with contextlib.suppress(ValueError):
            return float(retry_after)
    return min(2.0**attempt, 10.0)
