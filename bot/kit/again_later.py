"""An interaction acted upon once more, by a press that comes later and maybe to another process: what was typed or
pressed, as Discord sent it, by who presses now, through the press.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import discord
import orjson

from bot.kit.bot import EVENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.kit.bot import Interaction

KEPT: Final = ("type", "data", "message")
"""What of an event is of what was done; the rest is of who did it, where and when, and the same for the press."""
_EVENT, _CONFIRMED = "event", "confirmed"


def event_of(interaction: Interaction) -> dict[str, Any] | None:
    """What is kept to act upon it once more; None: it is not known."""
    if (kept := interaction.extras.get(_EVENT)) is not None:
        return kept
    came = _came(interaction)
    return None if came is None else {name: came[name] for name in KEPT if name in came}


def confirmed_of(interaction: Interaction) -> int | None:
    """The price that who presses has agreed to; None: it is not acted upon once more."""
    return interaction.extras.get(_CONFIRMED)


async def act_again(press: Interaction, event: Mapping[str, Any], price: int) -> bool:
    """Act upon what was kept, at a price that is agreed to; whoever pressed is told what came of it. False: it can't be
    read.
    """
    came = _came(press)
    if came is None:
        return False
    whole = {name: value for name, value in came.items() if name not in KEPT} | dict(event)
    state = press._state  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - what discord.py's own models are made with
    again = discord.Interaction(data=cast("Any", whole), state=state)
    # Who answers the one has answered the other.
    again.extras = press.extras
    again.extras.update({_EVENT: dict(event), _CONFIRMED: price})
    await press.client.act_upon(again)
    return True


def _came(interaction: Interaction) -> dict[str, Any] | None:
    """The event that the present task is about, if it is this interaction's."""
    said = EVENT.get()
    event = cast("dict[str, Any]", {} if said is None else orjson.loads(said).get("d") or {})
    return event if event.get("id") == str(interaction.id) else None
