"""The messages that an answer stands in: its first one and the follow-ups, each posted once, and what each shows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import discord

from bot.kit import followups
from bot.kit.edits import Handle, delete, edit
from bot.kit.own_messages import answers, own_message
from bot.kit.responses import BROKEN, PASSING, answer

if TYPE_CHECKING:
    from bot.kit.bot import Interaction
    from bot.kit.token_limits import TokenLimits
    from bot.orders.callers import Caller
    from cogs.ask.interrupted import InterruptedAnswers

log = logging.getLogger(__name__)

Page: TypeAlias = tuple[str, str | None]
"""What a message shows: a piece of the answer, and the footer."""


@dataclass(slots=True)
class _Posted:
    handle: Handle
    shows: Page


class Messages:
    """`interrupted` is told of the newest, so that the next process finds it."""

    def __init__(
        self, interaction: Interaction, caller: Caller, limits: TokenLimits, interrupted: InterruptedAnswers
    ) -> None:
        self._interaction = interaction
        self._caller = caller
        self._limits = limits
        self._interrupted = interrupted
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

    async def begin(self, view: discord.ui.LayoutView, page: Page) -> None:
        """Post the first: the answer to the interaction."""
        message_id = await answer(self._interaction, view, ephemeral=bool(self._caller.private))
        self._add(message_id, page, original=True)

    async def show(
        self, index: int, page: Page, view: discord.ui.LayoutView, attachments: list[discord.File] | None
    ) -> None:
        """Show `page`, as `view`, in a message that is there, or in the one that follows on them."""
        if index == len(self._posted) and self._unsure:
            found = await self._lost()
            self._unsure = False
            if found is not None:
                self._add(found, ("", None))  # what it shows is not known
        if index < len(self._posted):
            await edit(self._interaction.client, self._posted[index].handle, view, attachments=attachments)
            self._posted[index].shows = page
        else:
            self._add(await self._post(view, attachments or []), page)

    async def take_back(self, count: int, *, final: bool) -> None:
        """Delete those after the first `count`: what they showed turned out to be no answer."""
        while len(self._posted) > count:
            try:
                await delete(self._interaction.client, self._posted[-1].handle)
            except PASSING as error:
                if final:
                    raise
                log.info("a message of a growing answer is not taken back yet: %s", error)
                return
            self._posted.pop()
            self._note_newest()

    async def _lost(self) -> int | None:
        """One that stands though its acknowledgement was lost."""
        ours, known = answers(self._interaction.id), {each.message_id for each in self.handles}
        channel_id = self._caller.place.here
        return await own_message(self._interaction.client, channel_id, lambda one: ours(one) and one.id not in known)

    async def _post(self, view: discord.ui.LayoutView, files: list[discord.File]) -> int:
        """As a follow-up: its edits keep to the token's own bucket."""
        private = bool(self._caller.private)
        try:
            return await followups.post(self._interaction, view, files, ephemeral=private, limits=self._limits)
        except BROKEN:
            self._unsure = True
            raise

    def _add(self, message_id: int, page: Page, *, original: bool = False) -> None:
        caller = self._caller
        handle = Handle(
            application_id=caller.application_id,
            token=caller.token,
            token_expires_at=caller.token_expires_at,
            channel_id=caller.place.here,
            message_id=message_id,
            token_only=caller.token_only or bool(caller.private),
            original=original,
        )
        self._posted.append(_Posted(handle, page))
        self._note_newest()

    def _note_newest(self) -> None:
        self._interrupted.note(self._interaction.id, self._posted[-1].handle, self._caller.locale)
