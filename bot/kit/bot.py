"""What the floors above the kit know of the running bot: what lives as long as the process, reached by its type."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any, TypeAlias, TypeVar, cast

import discord
from discord import ui
from discord.ext import commands

from bot.background import Work
from bot.recent import Recent

LOOK_SECONDS = 2.0
REMEMBERED = 1000
T = TypeVar("T")

ALONE_AFTER, CONTESTED = 3, 100
"""Answers in a row after which a process takes it that no other has its token; so many more where one was seen."""


CAME_BY: ContextVar[int | None] = ContextVar("came_by", default=None)
"""The shard that the event came by which the present task is about."""
EVENT: ContextVar[str | bytes | None] = ContextVar("event", default=None)
"""That event as Discord sent it, where it is an interaction."""


class Share:
    """Which part of the work is this process's: all of it, where it is alone (else: `bot.sharding`)."""

    is_whole = True
    """No other process has a part."""

    @property
    def leads(self) -> bool:
        """Whether what is done once for all servers is this process's."""
        return True

    def holds(self, guild_id: int | None) -> bool:
        """Whether what is done for a server is this process's; None: for direct messages."""
        del guild_id
        return True

    async def takes(self, event_id: int) -> bool:
        """Whether an event that came, an interaction or a message, is this process's to act upon."""
        del event_id
        return True

    async def leave(self) -> None:
        """Hand over what others take."""


class Bot(commands.AutoShardedBot):
    """`bot.client.OneKeyBot` is the one there is. `stopping`: no new work is taken."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - the library's own
        super().__init__(*arguments, **options)
        self.stopping = asyncio.Event()
        self.share = Share()
        self.answered_in_a_row = 0
        """Interactions that were this process's to answer since somebody else answered one (`bot.kit.responses`)."""
        self.items: list[type[ui.DynamicItem[Any]]] = []
        """All that can be pressed or chosen, of the features that are loaded."""
        self.deleted: Recent[int, None] = Recent(REMEMBERED, seconds=60.0)
        """Messages that the bot deleted itself, a moment ago."""
        self._kept: dict[type[object], object] = {}

    @property
    def is_alone(self) -> bool:
        """Whether what comes is this process's to answer, as far as it can tell before it answers."""
        return not self.share.is_whole or self.answered_in_a_row >= ALONE_AFTER

    async def act_upon(self, interaction: Interaction) -> None:
        """Act upon an interaction that this process has made of another one."""
        raise NotImplementedError

    def keep(self, thing: T) -> T:
        """Have `thing` found by its type for as long as the process lives; returns it."""
        self._kept[type(thing)] = thing
        return thing

    def the(self, kind: type[T]) -> T:
        """The one thing of this type. KeyError: it was not kept, as of a feature that is left out."""
        return cast("T", self._kept[kind])


def led(bot: Bot, work: Work) -> Work:
    """`work`, done by one of the processes that share the bot's: by this one, as long as it leads."""

    async def leading() -> None:
        if bot.share.is_whole:
            await work()
            return None
        while True:
            if not bot.share.leads:
                await asyncio.sleep(LOOK_SECONDS)
                continue
            task = asyncio.create_task(work())
            try:
                while bot.share.leads and not task.done():
                    await asyncio.wait([task], timeout=LOOK_SECONDS)
                if task.done():
                    return task.result()
            finally:
                task.cancel()
                await asyncio.wait([task])

    return leading


Interaction: TypeAlias = discord.Interaction[Bot]
