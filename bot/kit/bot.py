"""What the floors above the kit know of the running bot: what lives as long as the process, reached by its type."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias, TypeVar, cast

import discord
from discord import ui
from discord.ext import commands

from bot.recent import Recent

REMEMBERED = 1000
T = TypeVar("T")

ALONE_AFTER, CONTESTED = 3, 100
"""Answers in a row after which a process takes it that no other has its token; so many more where one was seen."""


class Bot(commands.AutoShardedBot):
    """`bot.client.OneKeyBot` is the one there is. `stopping`: no new work is taken."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - the library's own
        super().__init__(*arguments, **options)
        self.stopping = asyncio.Event()
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
        return self.answered_in_a_row >= ALONE_AFTER

    def keep(self, thing: T) -> T:
        """Have `thing` found by its type for as long as the process lives; returns it."""
        self._kept[type(thing)] = thing
        return thing

    def the(self, kind: type[T]) -> T:
        """The one thing of this type. KeyError: it was not kept, as of a feature that is left out."""
        return cast("T", self._kept[kind])


Interaction: TypeAlias = discord.Interaction[Bot]
