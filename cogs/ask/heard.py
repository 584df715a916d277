"""What people write to the bot: who gets an answer, to what, and one after the other.

In a channel somebody mentions it, or replies to an answer of it with a ping; in a thread that /chat opened, and in
direct messages, more is for it. Whoever may not is left in silence or told by a reaction (`bot.kit.refusals`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import discord

from bot.cards.caller import caller_by_message, may_in
from bot.cards.confirm import Drafts, Ordered
from bot.errors import BadValue, ConfirmationNeeded, NotAllowed, Repeated
from bot.generation.ordering.orders import Orders
from bot.i18n import text
from bot.kit import written
from bot.kit.command_permissions import CommandPermissions
from bot.kit.commands import CommandIds
from bot.kit.edits import Handle, delete
from bot.kit.gate import Gate
from bot.kit.owner_alerts import OwnerAlerts
from bot.kit.refusals import refuse
from bot.kit.responses import PASSING
from bot.kit.short_cards import note
from bot.recent import Recent
from bot.settings.personas import personas_at
from bot.store.database import Database
from bot.store.writes import until_committed
from cogs.ask import said
from cogs.ask import turn_rows as turns
from cogs.ask.asking import Asking
from cogs.ask.channel_surface import ChannelSurface

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from bot.kit.bot import Bot, Interaction
    from bot.orders.callers import Caller
    from bot.orders.policy import Rules
    from cogs.ask.answers import Answers
    from cogs.ask.chat_rows import Chat
    from cogs.ask.chats import Chats
    from cogs.ask.records import Turn

log = logging.getLogger(__name__)

MOST_WAITING: Final = 5
"""Messages of one person in one channel that wait behind an open answer."""
REMEMBERED: Final = 10_000
"""Messages by which one that comes again is known, without asking the store."""
_SILENT: Final = frozenset(
    {
        "policy.command_off",
        "policy.only_works",
        "policy.role_needed",
        "policy.command_role_needed",
        "bar.for_good",
        "bar.until",
    }
)
"""Where /ask is not theirs to use, nothing is said: they may not know the bot, and others need not know of a bar."""


class _Unread(BadValue):
    """Discord shows nothing of a message that is for the bot."""


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

    def __init__(self, bot: Bot, answers: Answers, chats: Chats) -> None:
        self._bot = bot
        self._answers = answers
        self._chats = chats
        self._lines: dict[tuple[int, int], _Line] = {}
        self._came: Recent[int, None] = Recent(REMEMBERED)

    async def take(self, message: discord.Message) -> None:
        """Answer a message, if it is for the bot; the next of the same person there waits. Never raises."""
        if message.type not in written.WRITTEN or self._bot.stopping.is_set():
            return
        if message.id in self._came:
            log.info("a message came again and is left alone", extra={"asked_in": message.id})
            return
        self._came.put(message.id, None)
        try:
            async with self._turn_of(message):
                await self._answer(message)
        except Repeated:
            log.info("a message came again and is left alone", extra={"asked_in": message.id})
        except _Unread as error:
            # Said in words, unlike other refusals: whoever replied can't know what Discord keeps from the bot.
            await self._refuse(message, error, in_words=True)
        except NotAllowed as error:
            if error.key not in _SILENT or message.guild is None:
                await self._refuse(message, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, who wrote is told, and the log
            await self._refuse(message, error)

    @contextlib.asynccontextmanager
    async def _turn_of(self, message: discord.Message) -> AsyncGenerator[None]:
        """One open answer of a person in a channel. BadValue: too many wait already."""
        key = (message.author.id, message.channel.id)
        line = self._lines.setdefault(key, _Line())
        line.waiting += 1
        try:
            if line.waiting > MOST_WAITING:
                raise BadValue("ask.too_many_waiting")
            async with line.turn:
                yield
        finally:
            line.waiting -= 1
            if not line.waiting:
                del self._lines[key]

    async def gone(self, channel_id: int, message_ids: Sequence[int]) -> None:
        """Messages were deleted: what they asked or showed is forgotten, and its answers go with them."""
        for id_ in message_ids:
            if id_ in self._bot.deleted:
                continue  # a page that an answer took back, or that was removed with all that belongs to it
            handles = await self._answers.end(id_, by=self._bot.application_id or 0)
            shown = await until_committed(self._bot.the(Database), turns.remove_shown, id_)
            for each in {*shown, *(handle.message_id or 0 for handle in handles)} - {0, *message_ids}:
                try:
                    await delete(self._bot, Handle.by_itself(self._bot.application_id or 0, channel_id, each))
                except PASSING as error:
                    log.warning("an answer stands whose question was deleted: %s", error)

    async def _refuse(self, message: discord.Message, error: Exception, *, in_words: bool = False) -> None:
        locale, alerts = caller_by_message(self._bot, message).locale, self._bot.the(OwnerAlerts)
        await refuse(message, error, locale, alerts, in_words=in_words)

    async def _answer(self, message: discord.Message) -> None:
        caller = caller_by_message(self._bot, message)
        chat = await self._chats.at(message.channel.id)
        rules = await self._bot.the(Orders).rules(caller.place)
        refused = await self._bot.the(Gate).refusal_of(self._bot, message)
        if message.guild is None:
            if refused is not None:
                raise NotAllowed(refused)
        elif refused is not None or not (chat is not None or rules.value("mentions")):
            return
        if chat is not None:
            chat = await self._with_others(chat, message, rules)
        if message.guild is not None and not await may_ask(self._bot, message):
            return
        replied = _replied(message)
        about = None if replied is None else await self._turn(replied[0], caller)
        if not await self._is_spoken_to(message, chat, about, str(rules.value("threads"))):
            return
        me = self._bot.application_id or 0
        quotes, files, above = (), said.files(message), ""
        if about is None and replied is not None:
            other = replied[1]
            if other is None or not said.is_readable(other):
                above = text(caller.locale, "ask.cant_read")
            else:
                quotes = said.quotes(other)
                files += said.files(other)
        asking = Asking(
            prompt=written.without_mention(message.content, me),
            files=files,
            quotes=quotes,
            headed=False,
            persona=None if chat is None else _still_there(chat.persona, rules),
            answers_to=about.id if about is not None else await self._newest(chat, caller, rules),
        )
        surface = ChannelSurface(self._bot, caller, message.id, note=above)
        name = message.author.display_name

        async def confirmed(press: Interaction, price: int) -> Ordered:
            del press
            begun = await self._answers.order(asking, replace(caller, confirmed=price), name=name)

            async def show() -> None:
                async with self._turn_of(message):
                    await self._answers.answer(surface, begun, asking.files)

            return Ordered(show, elsewhere=True)

        try:
            await self._answers.reply(surface, caller, asking, name=name)
        except ConfirmationNeeded as needed:
            await self._bot.the(Drafts).ask_below(self._bot, message, needed, confirmed, caller.locale)

    async def _is_spoken_to(
        self, message: discord.Message, chat: Chat | None, about: Turn | None, threads: str
    ) -> bool:
        me = self._bot.application_id or 0
        readable = bool(message.content or message.attachments or message.message_snapshots)
        if message.guild is None:
            return readable
        if written.names(message.content, me):
            return True
        pings = any(one.id == me for one in message.mentions)
        if not readable:
            # Discord shows no text of a reply to a command's answer that does not name the bot itself.
            if pings and about is not None:
                raise _Unread("ask.name_me")
            return False
        if pings:
            return about is not None or chat is not None
        return chat is not None and (threads == "always" or (threads == "alone" and not chat.several))

    async def _with_others(self, chat: Chat, message: discord.Message, rules: Rules) -> Chat:
        """The chat, as it is once a second person writes there: from then on only what is for the bot is a turn."""
        if chat.guild_id is None or chat.several or message.author.id == chat.person_id:
            return chat
        listens = self._bot.intents.message_content and rules.value("threads") == "alone"
        if await self._chats.has_several(chat) and listens:
            locale = rules.value("language") or caller_by_message(self._bot, message).locale
            try:
                await message.channel.send(view=note(text(locale, "chat.several")))
            except PASSING as error:
                log.info("nobody is told that a chat has become one of several: %s", error)
        return replace(chat, several=True)

    async def _turn(self, message_id: int, caller: Caller) -> Turn | None:
        """The turn that a message shows or asked, in this channel."""
        found = await self._bot.the(Database).run(turns.of_message, message_id)
        return found if found is not None and found.is_before(caller.person_id, caller.place.here) else None

    async def _newest(self, chat: Chat | None, caller: Caller, rules: Rules) -> int | None:
        """Where the talk of a thread or of direct messages stands; of a thread where each has their own, theirs."""
        if chat is None and caller.place.guild_id is not None:
            return None
        since = 0 if chat is None else chat.since
        of = caller.person_id if rules.value("conversations") == "own" else None
        return await self._bot.the(Database).run(turns.newest, caller.place.here, since, of=of)


def _still_there(persona: str | None, rules: Rules) -> str | None:
    """The persona that a chat was opened with; None, the place's own, where it was deleted since."""
    known = {str(one.name) for one in personas_at(rules)}
    return persona if persona in known else None


def _replied(message: discord.Message) -> tuple[int, discord.Message | None] | None:
    """The id of the message that this one replies to, and the message as far as Discord gives it."""
    id_ = written.replied_to(message)
    if id_ is None:
        return None
    found = message.reference and message.reference.resolved
    return id_, found if isinstance(found, discord.Message) else None
