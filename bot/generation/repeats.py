"""What is made of a picture once: whoever asks for it again is shown where it is."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from bot.errors import AlreadyMade
from bot.generation.requests import From
from bot.generation.states import State
from bot.store import generations

if TYPE_CHECKING:
    from bot.settings import Place

MADE_ONCE: Final[frozenset[str]] = frozenset({From.UPSCALE, From.ANIMATE})


def refuse_second(
    connection: Connection,
    place: Place,
    action: str,
    source_id: int,
    position: int,
    *,
    passed: Collection[int] = (),
) -> None:
    """AlreadyMade, if it is to be seen from `place`; `passed`: other than by these orders.

    The caller holds the source's row locked, so that of two orders at once the second sees the first.
    """
    if action not in MADE_ONCE:
        return
    there = generations.made_of(
        connection,
        source_id,
        position,
        action=action,
        guild_id=place.guild_id,
        channel_id=place.here,
        passed=passed,
    )
    if there is not None:
        raise AlreadyMade(
            there.id,
            done=there.state == State.DELIVERED,
            guild_id=there.guild_id,
            channel_id=there.channel_id,
            message_id=there.message_id,
        )
