"""Cards that many people change at once: at most one edit of a card in a second, and the last state always shown.

A press brings its interaction's token, whose edits have a limit of their own; the newest press's is used, and the bot's
own token where there is none that lives.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from discord import ui

from bot.clock import steady
from bot.kit.edits import Handle, MessageGone, OutOfReach, edit_by_itself, edit_by_token
from bot.kit.own_token import OwnToken
from bot.kit.places import TOKEN_SECONDS, is_token_only
from bot.kit.responses import PASSING
from bot.store.database import StoreUnavailable

if TYPE_CHECKING:
    from bot.kit.bot import Bot, Interaction

log = logging.getLogger(__name__)

BETWEEN_EDITS = 1.0
"""Seconds from one edit of a card to the next."""
TRIES = 5
"""Of an edit that fails in passing; then the card waits for its next change."""

Render: TypeAlias = Callable[[], Awaitable[ui.LayoutView | None]]
Gone: TypeAlias = "Callable[[], Awaitable[None]]"


@dataclass(slots=True)
class _Coalesced:
    """`due`: something changed that the last edit may not show. `failures`: in a row."""

    handle: Handle
    render: Render
    gone: Gone | None
    pause: float
    due: bool = True
    failures: int = 0
    task: asyncio.Task[None] | None = None


class NotYet(Exception):
    """A card can't be rendered at this moment, and can soon: it is asked for again."""


class CoalescedEdits:
    """Shows shared cards. `refresh` returns at once; `finish` before the process ends."""

    def __init__(self, bot: Bot, own_token: OwnToken, *, between_edits: float = BETWEEN_EDITS) -> None:
        self._own_token = own_token
        self._between_edits = between_edits
        self._coalesced: dict[Hashable, _Coalesced] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._finishing = asyncio.Event()
        self._bot = bot

    def refresh(
        self,
        key: Hashable,
        handle: Handle,
        render: Render,
        *,
        gone: Gone | None = None,
        pause: float | None = None,
    ) -> None:
        """The card `key` changed: `render` gives it as it is when its turn comes; None: there is nothing to show.

        `gone` is called where its message was deleted. `pause`: seconds until its next edit, of one that is not looked
        at so closely.
        `handle`: its message. Without a token of its own it goes on with the newest one that a press brought.
        """
        shown = self._coalesced.get(key)
        if shown is None:
            between = self._between_edits if pause is None else pause
            self._coalesced[key] = shown = _Coalesced(handle, render, gone, between)
            shown.task = self._spawn(self._show(key, shown), name=f"shown-{key}")
            return
        if not handle.token_lives and shown.handle.token_lives and handle.message_id == shown.handle.message_id:
            handle = shown.handle
        shown.handle, shown.render, shown.gone, shown.due = handle, render, gone, True

    def one_by_one(self, cards: Iterable[tuple[Hashable, Handle, Render]]) -> None:
        """Refresh many cards, each when the one before it is shown: others in their channels come in between."""
        self._spawn(self._in_a_row(cards), name="coalesced-one-by-one")

    async def finish(self, seconds: float) -> None:
        """Show what is still to be shown, without the pauses; what is not done within `seconds` is given up."""
        self._finishing.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()

    async def _in_a_row(self, cards: Iterable[tuple[Hashable, Handle, Render]]) -> None:
        for key, handle, render in cards:
            if self._finishing.is_set():
                return
            self.refresh(key, handle, render)
            if (task := self._coalesced[key].task) is not None:
                await asyncio.wait([task])

    def _spawn(self, work: Coroutine[object, object, None], *, name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _show(self, key: Hashable, shown: _Coalesced) -> None:
        """One edit after the other until nothing is due; no await between the last look and the forgetting."""
        try:
            while shown.due:
                shown.due = False
                began = time.monotonic()
                await self._try(key, shown)
                await self._pause(began + shown.pause * 2**shown.failures - time.monotonic())
        finally:
            del self._coalesced[key]

    async def _try(self, key: Hashable, shown: _Coalesced) -> None:
        try:
            await self._edit(shown)
        except (MessageGone, OutOfReach) as error:
            log.info("the card %s is out of reach (%s)", key, type(error).__name__)
            if isinstance(error, MessageGone) and shown.gone is not None:
                await shown.gone()
        except (NotYet, StoreUnavailable, *PASSING) as error:
            shown.failures += 1
            shown.due |= shown.failures < TRIES
            log.warning("the card %s does not show its last state yet: %s", key, error)
            return
        except Exception:
            log.exception("the card %s can't be shown", key)
        shown.failures = 0

    async def _edit(self, shown: _Coalesced) -> None:
        handle = shown.handle
        if handle.token_lives:
            view = await shown.render()
            if view is None or await edit_by_token(self._bot, handle, view):
                return
            if shown.handle is handle:
                shown.handle = replace(handle, token=None, token_expires_at=None)
        async with self._own_token.turn(handle.channel_id):
            # Not before its turn, which may come late: the card may have changed, or become another order's.
            view = await shown.render()
            if view is not None:
                await edit_by_itself(self._bot, handle, view)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await self._finishing.wait()


def pressed_card(interaction: Interaction) -> Handle:
    """The message whose button was pressed, by the press's own token.

    For an edit after the press was acknowledged, and with nothing else: then it is the press's original message.
    """
    message = interaction.message
    return Handle(
        application_id=interaction.application_id,
        token=interaction.token,
        token_expires_at=steady() + TOKEN_SECONDS,
        channel_id=interaction.channel_id or 0,
        message_id=None if message is None else message.id,
        token_only=message is None or message.flags.ephemeral or is_token_only(interaction),
    )
