"""Where the owner lets the bot be used at all: which servers, whose own installations, whose direct messages.

Direct messages know no server. Whether who writes there is a member of one is asked of Discord (GET guild member, which
needs no privileged intent), unless they used the bot in a server lately.
"""

from __future__ import annotations

import asyncio
import logging
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

import discord

from bot.environment import Environment
from bot.kit.places import is_user_installed_only
from bot.kit.responses import PASSING
from bot.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.kit.bot import Bot, Interaction

log = logging.getLogger(__name__)

MEMBER_SECONDS: Final = 300.0
STRANGER_SECONDS: Final = 30.0
"""How long an answer holds: who leaves may go on for some minutes, who joins need not wait."""
MOST_KNOWN: Final = 10_000
"""People; the oldest is forgotten first, and asked after again."""
MOST_ASKED: Final = 100
"""Servers that are asked for one person; where more are allowed, members of others are let in once they used the bot
there.
"""
AT_ONCE: Final = 10
SECONDS: Final = 1.5
"""For all that is asked: an interaction is answered within three."""
_ALWAYS: Final = "privacy"
"""What is stored of a person is theirs to see and to delete, wherever else they may not use the bot."""


class Gate:
    """One for the process."""

    def __init__(self) -> None:
        self._known: Recent[int, bool] = Recent(MOST_KNOWN)

    async def refusal(self, interaction: Interaction) -> str | None:
        """The key of why the bot is not to be used here, by this person; None: it is."""
        environment = interaction.client.the(Environment)
        allowed = environment.allowed_guilds
        if allowed and interaction.guild_id is not None and interaction.guild_id not in allowed:
            return "error.server_not_allowed"
        if is_user_installed_only(interaction) and not environment.allow_user_install:
            return "error.user_install_off"
        if interaction.guild_id is not None:
            if not is_user_installed_only(interaction):
                self._note(interaction.user.id, member=True)
            return None
        if interaction.context.private_channel or _is_about_privacy(interaction):
            return None
        own = interaction.is_user_integration()
        return await self._of_direct_messages(interaction.client, interaction.user.id, installed=own)

    async def refusal_of(self, bot: Bot, message: discord.Message) -> str | None:
        """As `refusal`, of a message to the bot."""
        allowed = bot.the(Environment).allowed_guilds
        if message.guild is None:
            return await self._of_direct_messages(bot, message.author.id, installed=False)
        self._note(message.author.id, member=True)
        return "error.server_not_allowed" if allowed and message.guild.id not in allowed else None

    async def _of_direct_messages(self, bot: Bot, person_id: int, *, installed: bool) -> str | None:
        environment = bot.the(Environment)
        match environment.direct_messages:
            case "everyone":
                return None
            case "members" if environment.allow_user_install and installed:
                return None  # the owner lets everybody add the bot to their own account: these did
            case "members":
                is_member = await self._is_member(bot, person_id)
                if is_member is None:
                    return "error.direct_messages_unsure"
                return None if is_member else "error.direct_messages_members"
            case _:
                return "error.direct_messages_off"

    async def _is_member(self, bot: Bot, person_id: int) -> bool | None:
        """Whether the person is in one of the allowed servers that the bot is in. None: it can't be told now."""
        if (known := self._known.get(person_id)) is not None:
            return known
        allowed = bot.the(Environment).allowed_guilds
        guilds = iter([guild for guild in bot.guilds if not allowed or guild.id in allowed][:MOST_ASKED])
        try:
            async with asyncio.timeout(SECONDS):
                while some := list(islice(guilds, AT_ONCE)):
                    if await _in_one_of(some, person_id):
                        self._note(person_id, member=True)
                        return True
        except PASSING as error:
            log.warning("whether somebody who writes a direct message is a member can't be told now: %s", error)
            return None
        self._note(person_id, member=False)
        return False

    def _note(self, person_id: int, *, member: bool) -> None:
        self._known.put(person_id, member, seconds=MEMBER_SECONDS if member else STRANGER_SECONDS)


async def _in_one_of(guilds: Sequence[discord.Guild], person_id: int) -> bool:
    """One that does not answer is passed over where another knows the person; else its error is raised."""
    found = await asyncio.gather(*(_is_in(guild, person_id) for guild in guilds), return_exceptions=True)
    if True in found:
        return True
    for each in found:
        if isinstance(each, BaseException):
            raise each
    return False


async def _is_in(guild: discord.Guild, person_id: int) -> bool:
    try:
        await guild.fetch_member(person_id)
    except (discord.NotFound, discord.Forbidden):
        return False
    return True


def _is_about_privacy(interaction: Interaction) -> bool:
    data = cast("dict[str, Any]", interaction.data or {})
    if interaction.type is discord.InteractionType.application_command:
        return data.get("name") == _ALWAYS
    return str(data.get("custom_id", "")).startswith(f"{_ALWAYS}:")
