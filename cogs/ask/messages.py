"""The messages that an answer stands in: its first one and those that follow, each posted once, and what each shows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import discord

from bot.kit.edits import Handle, OutOfReach, delete
from bot.kit.responses import BROKEN, PASSING, may_pass

if TYPE_CHECKING:
    from cogs.ask.pages import Page
    from cogs.ask.surfaces import Surface

log = logging.getLogger(__name__)


class Notes(Protocol):
    """What is to be known of where an answer stands."""

    def note(self, key: int, handle: Handle, locale: str) -> None:
        """The newest message of the answer `key`."""
        ...

    def gone(self, key: int, handle: Handle) -> None:
        """It stands no more in this message, which was deleted."""
        ...


@dataclass(slots=True)
class _Posted:
    handle: Handle
    shows: Page


class Messages:
    """`notes` is told of the newest, so that the next process finds it."""

    def __init__(self, surface: Surface, notes: Notes, locale: str) -> None:
        self._surface = surface
        self._notes = notes
        self._locale = locale
        self._posted: list[_Posted] = []
        # Whether one more may have been posted, and its acknowledgement lost.
        self._unsure = False

    @property
    def handles(self) -> list[Handle]:
        """In their order."""
        return [posted.handle for posted in self._posted]

    def behind(self, pages: Sequence[Page]) -> list[int]:
        """Which of `pages` are not shown as they are."""
        shown = [posted.shows for posted in self._posted]
        return [index for index, page in enumerate(pages) if shown[index : index + 1] != [page]]

    def take_over(self, handles: Sequence[Handle], pages: Sequence[Page]) -> None:
        """These stand already, before the one that it begins with; what each shows, as far as it is known."""
        unknown: Page = ("", None)
        for index, handle in enumerate(handles):
            self._add(handle, pages[index] if index < len(pages) else unknown)

    async def begin(self, view: discord.ui.LayoutView, page: Page) -> None:
        """Answer the event, with the first message where it is not a silent surface."""
        handle = await self._surface.begin(view)
        if handle.message_id is not None:
            self._add(handle, page)

    async def show(
        self, index: int, page: Page, view: discord.ui.LayoutView, attachments: list[discord.File] | None
    ) -> bool:
        """Show `page`, as `view`, in a message that is there, or in the one that follows on them.

        False: it is not shown, since Discord takes no files here, as far as its answer tells.
        """
        try:
            await self._show(index, page, view, attachments)
        except (OutOfReach, discord.HTTPException) as error:
            if not attachments or (isinstance(error, discord.HTTPException) and may_pass(error)):
                raise
            log.info("an answer goes on without files: %r", error)
            return False
        return True

    async def _show(
        self, index: int, page: Page, view: discord.ui.LayoutView, attachments: list[discord.File] | None
    ) -> None:
        if index == len(self._posted) and self._unsure:
            found = await self._surface.lost({each.message_id for each in self.handles})
            self._unsure = False
            if found is not None:
                self._add(found, ("", None))  # what it shows is not known
        if index < len(self._posted):
            await self._surface.edit(self._posted[index].handle, view, attachments)
            self._posted[index].shows = page
        else:
            try:
                handle = await self._surface.post(view, attachments or [])
            except BROKEN:
                self._unsure = True
                raise
            self._add(handle, page)

    async def take_back(self, count: int, *, final: bool) -> None:
        """Delete those after the first `count`: what they showed turned out to be no answer."""
        while len(self._posted) > count:
            try:
                await delete(self._surface.bot, self._posted[-1].handle)
            except PASSING as error:
                if final:
                    raise
                log.info("a message of a growing answer is not taken back yet: %s", error)
                return
            self._notes.gone(self._surface.key, self._posted.pop().handle)
            if self._posted:
                self._note_newest()

    def _add(self, handle: Handle, page: Page) -> None:
        self._posted.append(_Posted(handle, page))
        self._note_newest()

    def _note_newest(self) -> None:
        self._notes.note(self._surface.key, self._posted[-1].handle, self._locale)
