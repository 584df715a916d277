"""What is made of a picture once, and what is pressed twice: whoever asks for it again is shown where it is."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from bot.errors import AlreadyMade
from bot.generation.requests import POSTED_IN, From
from bot.generation.rows import queries
from bot.generation.rows.records import Generation
from bot.orders.callers import Caller
from bot.states import State

if TYPE_CHECKING:
    from bot.settings import Place

DOUBLE_SECONDS: Final = 5.0
"""Who presses the same button again sooner meant it once: a click of the mouse, a slow answer. Later they mean it."""
MADE_ONCE: Final[frozenset[str]] = frozenset({From.UPSCALE})


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
    there = queries.made_of(
        connection,
        source_id,
        position,
        action=action,
        guild_id=place.guild_id,
        channel_id=place.here,
        passed=passed,
    )
    if there is not None:
        raise _already(there, by_asker=False)


def refuse_double(  # noqa: PLR0917 - who, and what it comes from
    connection: Connection,
    caller: Caller,
    action: str,
    parent_id: int | None,
    prompt: str,
    position: int | None = None,
    *,
    posted: str | None = None,
    passed: Collection[int] = (),
) -> None:
    """AlreadyMade, if the caller ordered the same of the same a moment ago: a double click, or a form sent again.

    `passed`: other than these orders. `posted`: the message that the picture stood in (`requests.POSTED_IN`). The
    caller holds the parent's row locked, so that of two presses at once the second sees the first.
    """
    now = time.time()
    found = queries.ordered_between(
        connection,
        # The clock may have been set back: what seems to come later was before, too.
        (now - DOUBLE_SECONDS, now + DOUBLE_SECONDS),
        person_id=caller.person_id,
        channel_id=caller.place.here,
        parent_id=parent_id,
        action=action,
        prompt=prompt,
        source_position=position,
    )
    for row in found:
        if row.id not in passed and posted in {None, row.parameters.get(POSTED_IN)}:
            raise _already(row, by_asker=True)


def _already(row: Generation, *, by_asker: bool) -> AlreadyMade:
    return AlreadyMade(
        row.id,
        done=row.state == State.DELIVERED,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        message_id=None if row.private else row.message_id,
        by_asker=by_asker,
    )
