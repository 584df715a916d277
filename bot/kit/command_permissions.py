"""Who may use a command where, as a server's managers set it under Integrations: Discord keeps to it by itself where a
command is typed, and a mention goes past it.

https://discord.com/developers/docs/interactions/application-commands#permissions
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, TypeAlias

from bot.kit.responses import PASSING
from bot.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Iterable

    import discord

    from bot.kit.bot import Bot

log = logging.getLogger(__name__)

KEPT_SECONDS: Final = 300.0
MOST_KNOWN: Final = 2_000
"""Servers."""
_CHANNEL: Final = 3
Overrides: TypeAlias = "dict[int, dict[tuple[bool, int], bool]]"
"""By command, and by the application for all of them: whether it is allowed, of channels (True) and of people."""


class CommandPermissions:
    """One for the process. What a server's managers change is told by an event, else asked for after some minutes."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._known: Recent[int, Overrides] = Recent(MOST_KNOWN, seconds=KEPT_SECONDS)

    def forget(self, guild_id: int) -> None:
        self._known.pop(guild_id)

    async def allows(self, command_id: int | None, person: discord.Member, channel_ids: Iterable[int]) -> bool:
        """Whether that person may use the command in a channel, given with what it lies in. What can't be told now is
        taken for allowed.
        """
        overrides = await self._of(person.guild.id)
        levels = [overrides.get(id_ or 0, {}) for id_ in (command_id, self._bot.application_id)]
        places = [*channel_ids, person.guild.id - 1]  # Discord's id for all channels
        for level in levels:
            if (place := next((level[True, id_] for id_ in places if (True, id_) in level), None)) is not None:
                if not place:
                    return False
                break
        for level in levels:
            if (False, person.id) in level:
                return level[False, person.id]
            roles = [role.id for role in person.roles if not role.is_default()]
            if said := [level[False, id_] for id_ in roles if (False, id_) in level]:
                return any(said)
            if (False, person.guild.id) in level:
                return level[False, person.guild.id]
        return True

    async def _of(self, guild_id: int) -> Overrides:
        known = self._known.get(guild_id)
        if known is None:
            try:
                found = await self._bot.http.get_guild_application_command_permissions(
                    self._bot.application_id or 0, guild_id
                )
            except PASSING as error:
                log.info("who may use commands in %s is not known now: %s", guild_id, error)
                return {}
            known = {
                int(one["id"]): {
                    (entry["type"] == _CHANNEL, int(entry["id"])): entry["permission"] for entry in one["permissions"]
                }
                for one in found
            }
            self._known.put(guild_id, known)
        return known
