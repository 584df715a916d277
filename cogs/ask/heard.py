"""What people write to the bot: who gets an answer, to what, and one after the other.

In a channel somebody mentions it, or replies to an answer of it with a ping; in a thread that /chat opened, and in
direct messages, more is for it. Whoever may not is left in silence or told by a reaction (`bot.kit.refusals`).
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import discord

from bot.cards.caller import caller_by_message, may_in
from bot.errors import BadValue, NotAllowed, Repeated
from bot.generation.orders import Orders
from bot.i18n import text
from bot.kit.command_permissions import CommandPermissions
from bot.kit.commands import CommandIds
from bot.kit.gate import Gate
from bot.kit.owner_alerts import OwnerAlerts
from bot.kit.refusals import refuse
from bot.store.database import Database
from cogs.ask import said
from cogs.ask import turn_rows as turns
from cogs.ask.asking import Asking
from cogs.ask.channel_surface import ChannelSurface

if TYPE_CHECKING:
    from bot.kit.bot import Bot
    from cogs.ask.answers import Answers

log = logging.getLogger(__name__)

MOST_WAITING: Final = 5
"""Messages of one person in one channel that wait behind an open answer."""
_SILENT: Final = frozenset({"policy.command_off", "policy.role_needed"})
"""Where /ask is not theirs to use, nothing is said: they may not know the bot."""
_TYPES: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})


@dataclass(slots=True)
class _Line:
    waiting: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


async def may_ask(bot: Bot, message: discord.Message) -> bool:
    """Whether Discord would let who wrote in a server use /ask there."""
    if not isinstance(message.author, discord.Member) or not may_in(message).use_application_commands:
        return False
    channel = message.channel
    places = [channel.id, *([channel.parent_id] if isinstance(channel, discord.Thread) else [])]
    return await bot.the(CommandPermissions).allows(bot.the(CommandIds).of("ask"), message.author, places)


class Heard:
    """One for the process."""

    def __init__(self, bot: Bot, answers: Answers) -> None:
        self._bot = bot
        self._answers = answers
        self._lines: dict[tuple[int, int], _Line] = {}

    async def take(self, message: discord.Message) -> None:
        """Answer a message, if it is for the bot; the next of the same person there waits. Never raises."""
        if message.type not in _TYPES or self._bot.stopping.is_set():
            return
        key = (message.author.id, message.channel.id)
        line = self._lines.setdefault(key, _Line())
        line.waiting += 1
        try:
            if line.waiting > MOST_WAITING:
                await self._refuse(message, BadValue("ask.too_many_waiting"))
                return
            async with line.turn:
                await self._answer(message)
        except Repeated:
            log.info("a message came again and is left alone", extra={"asked_in": message.id})
        except NotAllowed as error:
            if error.key not in _SILENT or message.guild is None:
                await self._refuse(message, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, who wrote is told, and the log
            await self._refuse(message, error)
        finally:
            line.waiting -= 1
            if not line.waiting:
                del self._lines[key]

    async def _refuse(self, message: discord.Message, error: Exception) -> None:
        await refuse(message, error, caller_by_message(self._bot, message).locale, self._bot.the(OwnerAlerts))

    async def _answer(self, message: discord.Message) -> None:
        caller = caller_by_message(self._bot, message)
        rules = await self._bot.the(Orders).rules(caller.place)
        refused = await self._bot.the(Gate).refusal_of(self._bot, message)
        me = self._bot.application_id or 0
        if message.guild is None:
            if refused is not None:
                raise NotAllowed(refused)
        else:
            wanted = rules.value("mentions") and said.names(message.content, me)
            if refused is not None or not wanted or not await may_ask(self._bot, message):
                return
        asking, note = Asking(prompt=said.without_mention(message.content, me), headed=False), ""
        files = said.files(message)
        if (replied := _replied(message)) is not None:
            before = await self._bot.the(Database).run(turns.of_message, replied.id)
            if before is not None:
                asking = replace(asking, answers_to=before.id)
            elif said.is_readable(replied):
                asking = replace(asking, quotes=said.quotes(replied))
                files += said.files(replied)
            else:
                note = text(caller.locale, "ask.cant_read")
        surface = ChannelSurface(self._bot, caller, message.id, note=note)
        asking = replace(asking, files=files)
        await self._answers.reply(surface, caller, asking, name=message.author.display_name)


def _replied(message: discord.Message) -> discord.Message | None:
    """What this one replies to, as far as Discord gives it."""
    found = message.reference.resolved if message.reference is not None else None
    return found if isinstance(found, discord.Message) else None
