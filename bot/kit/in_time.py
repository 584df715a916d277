"""An interaction whose answer takes long is acknowledged by itself: Discord waits for three seconds, whatever the
database does.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final, Protocol

import discord

from bot.kit.places import log_fields

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.kit.bot import Interaction

log = logging.getLogger(__name__)

SOON: Final = 1.5
"""Seconds from its coming until then."""
LATER: Final = 2.0
"""Likewise, where the answer may be a form: Discord opens none once the interaction is acknowledged."""
LATEST: Final = 2.4
"""Likewise, where it is rather another process's to answer."""
_CLOCK: Final = "clock"
"""In an interaction's extras."""


class Acknowledge(Protocol):
    def __call__(
        self, interaction: Interaction, *, thinking: bool, ephemeral: bool
    ) -> Coroutine[object, object, None]: ...


class Clock:
    """Of one interaction. `anew`, `private`: how it will be answered, as far as that is known: by a message of its own,
    which only its person sees.

    `acknowledging`: there once it did. Who answers gets to know of it what came of that; there need be nobody.
    """

    def __init__(self, interaction: Interaction, acknowledge: Acknowledge, came: float, *, at_last: bool) -> None:
        self.anew, self.private = False, True
        self.acknowledging: asyncio.Task[None] | None = None
        self._interaction = interaction
        self._acknowledge = acknowledge
        self._came = came
        may_be_a_form = interaction.type is not discord.InteractionType.modal_submit
        self._timer = self._after(LATEST if at_last else LATER if may_be_a_form else SOON)

    def sooner(self) -> None:
        if self.acknowledging is None and not self._timer.cancelled():
            self._timer.cancel()
            self._timer = self._after(SOON)

    def _after(self, seconds: float) -> asyncio.TimerHandle:
        left = self._came + seconds - time.monotonic()
        return asyncio.get_running_loop().call_later(max(0.0, left), self._ring)

    def stop(self) -> None:
        self._timer.cancel()

    def _ring(self) -> None:
        log.info("what was asked for takes long, and is acknowledged by itself", extra=log_fields(self._interaction))
        acknowledge = self._acknowledge(self._interaction, thinking=self.anew, ephemeral=self.private)
        self.acknowledging = asyncio.create_task(acknowledge)
        self.acknowledging.add_done_callback(lambda task: task.cancelled() or task.exception())


def begin(interaction: Interaction, acknowledge: Acknowledge, *, came: float, at_last: bool = False) -> None:
    """It `came`, by a monotonic clock, and is this process's to answer; `at_last`: if it is no other's."""
    interaction.extras[_CLOCK] = Clock(interaction, acknowledge, came, at_last=at_last)


def expect(interaction: Interaction, *, private: bool, anew: bool = True) -> None:
    """No form will answer it. What does will be `private`, and a message of its own (`anew`), as far as can be told."""
    if (clock := clock_of(interaction)) is not None:
        clock.anew, clock.private = anew, private
        clock.sooner()


def over(interaction: Interaction) -> None:
    """All is done that was to be done about it, or it is somebody else's."""
    if (clock := clock_of(interaction)) is not None:
        clock.stop()


def clock_of(interaction: Interaction) -> Clock | None:
    clock: object = interaction.extras.get(_CLOCK)
    return clock if isinstance(clock, Clock) else None
