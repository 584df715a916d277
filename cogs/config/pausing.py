"""/config pause and resume: a place stops, or goes on."""

from __future__ import annotations

from bot.errors import NotAllowed
from bot.kit.bot import Interaction
from bot.settings import PAUSED, Origin, Scope, is_paused
from bot.settings.changes import Change
from cogs.config import managers
from cogs.config.changes import look_at, make


async def pause(interaction: Interaction, scope: Scope | None) -> tuple[Scope, int]:
    """Pause a place. NotAllowed: it is paused already."""
    meant, id_ = managers.target(interaction, scope)
    if not await make(interaction, [Change(meant, id_, PAUSED, value=True)]):
        raise NotAllowed("config.already_paused")
    return meant, id_


async def resume(interaction: Interaction, scope: Scope | None) -> tuple[Scope, int, Origin | None]:
    """Let a place go on; with the wider scope by which it is paused all the same. NotAllowed: it is not paused."""
    meant, id_ = managers.target(interaction, scope)
    lines = await make(interaction, [Change(meant, id_, PAUSED, None)])
    look = await look_at(interaction)
    still = is_paused(look.place, look.values)
    if not lines:
        raise NotAllowed(_NOT_PAUSED[still] if still else "config.not_paused")
    return meant, id_, still


_NOT_PAUSED = {
    Origin.SERVER: "config.paused_by_server",
    Origin.CATEGORY: "config.paused_by_category",
    Origin.CHANNEL: "config.paused_by_channel",
    Origin.THREAD: "config.paused_by_thread",
}
