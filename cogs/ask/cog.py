"""/ask: a question to the channel's chat model, answered in one message that grows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Sequence
from functools import partial

import discord
from discord import app_commands
from discord.ext import commands
from sqlalchemy import Connection

from bot.api.client import OneKeyClient
from bot.background import Work, keep_going
from bot.cards.model_choices import model_choices
from bot.environment import Environment
from bot.generation.ordering.orders import Orders
from bot.kinds import Kind
from bot.kit.bot import Bot, Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.edits import Handle
from bot.kit.token_limits import TokenLimits
from bot.orders.moderation import Moderation
from bot.settings import Scope
from bot.store.database import Database, StoreUnavailable
from bot.store.signals import Signals
from bot.store.writes import until_committed
from cogs.ask import turn_rows as turns
from cogs.ask.about import AboutForm, Chosen, ask_about, catch_up
from cogs.ask.again import AskAgainButton, AskModelMenu, EditQuestionButton, QuestionForm
from cogs.ask.answers import Answers
from cogs.ask.asking import Asking
from cogs.ask.buttons import NewTopicButton, StopButton
from cogs.ask.chats import Chats
from cogs.ask.heard import Heard
from cogs.ask.interrupted import InterruptedAnswers
from cogs.ask.missed import Missed
from cogs.ask.opening import open_chat
from cogs.ask.personas import persona_choices
from cogs.ask.talk import TALK_FORMS, TALK_ITEMS

FORGOTTEN_AT_ONCE = 200
"""Turns in one transaction: some milliseconds."""


class Ask(FeatureCog):
    items = (StopButton, NewTopicButton, AskAgainButton, EditQuestionButton, AskModelMenu, *TALK_ITEMS)
    modals = (QuestionForm, AboutForm, *TALK_FORMS)
    orders = Kind.ASK

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        the, database = bot.the, bot.the(Database)
        self.interrupted = InterruptedAnswers(bot, database)
        begun = the(OneKeyClient), the(Orders), database, the(TokenLimits), self.interrupted
        answers = self.answers = bot.keep(Answers(*begun, the(Moderation), the(Signals)))
        listens = the(Environment).message_content
        self.menus = (ask_about, *([catch_up] if listens else []))
        bot.keep(Chosen())
        self._loading: set[asyncio.Task[None]] = set()
        self.chats = bot.keep(Chats(bot, watches=listens))
        self._loads_late = True
        self.heard = Heard(bot, answers, self.chats)
        self.missed = Missed(bot, self.heard)

    async def cog_load(self) -> None:
        """Before the first message comes; a store that can't be reached now is asked again in the background."""
        with contextlib.suppress(StoreUnavailable):
            await self.chats.load()
            self._loads_late = False

    def background(self) -> Sequence[Work]:
        return (self.interrupted.mend, *([self.chats.load] if self._loads_late else []))

    def on_gained(self, shard_id: int) -> None:
        del shard_id
        self.chats.gained()
        loading = asyncio.create_task(keep_going(self.chats.load, expected=(StoreUnavailable,)))
        self._loading.add(loading)
        loading.add_done_callback(self._loading.discard)

    async def finish(self, seconds: float) -> None:
        await self.answers.stop_all(seconds)

    def on_paused(self, places: Collection[tuple[Scope, int]], *, by: int) -> None:
        self.answers.stop_in(places, by=by)

    async def stop_growing(self, interaction_id: int, *, by: int) -> list[Handle]:
        return await self.answers.end(interaction_id, by=by)

    async def messages_with(self, message_id: int, *, by: int) -> list[Handle]:
        turn, beside = await self.bot.the(Database).run(turns.with_beside, message_id)
        if turn is None:
            return []
        handles = [handle for id_ in beside for handle in await self.answers.end(id_, by=by)]
        known = {handle.message_id for handle in handles}
        stand = await self.bot.the(Database).run(turns.messages_of_all, beside)
        me = self.bot.application_id or 0
        return handles + [Handle.by_itself(me, turn.channel_id, each) for each in stand if each not in known]

    def asker_of(self, connection: Connection, message_id: int) -> int | None:
        turn = turns.of_message(connection, message_id)
        return None if turn is None else turn.person_id

    async def on_written(self, message: discord.Message) -> None:
        await self.heard.take(message)

    async def forget_here(self, person_id: int, channel_id: int) -> int:
        return await self._forget(channel_id, of=person_id)

    async def _forget(self, channel_id: int, *, of: int | None = None, guild_id: int | None = None) -> int:
        remove, count = partial(turns.remove_here, of=of, guild_id=guild_id, limit=FORGOTTEN_AT_ONCE), 0
        while gone := await until_committed(self.bot.the(Database), remove, channel_id):
            count += gone
        return count

    async def on_message_removed(self, message_id: int) -> None:
        await self.bot.the(Database).run(turns.remove_shown, message_id)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        await self.heard.gone(event.channel_id, [event.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        await self.heard.gone(event.channel_id, sorted(event.message_ids))

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        if await self.chats.at(event.thread_id) is not None:
            await self.chats.close(event.thread_id)
        await self._forget(event.thread_id, guild_id=event.guild_id)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Its threads are said to be gone, too."""
        await self._forget(channel.id, guild_id=channel.guild.id)

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """After the start, and after a session that could not be resumed."""
        await self.missed.take(shard_id)

    @app_commands.command(description=localised("command.ask"))
    @app_commands.describe(
        prompt=localised("command.ask.prompt"),
        model=localised("command.model"),
        file=localised("command.ask.file"),
        file2=localised("command.ask.another_file"),
        file3=localised("command.ask.another_file"),
        persona=localised("command.ask.persona"),
        private=localised("command.ask.private"),
    )
    async def ask(  # noqa: PLR0917 - a slash command's options
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, 6000],
        model: app_commands.Range[str, 1, 100] | None = None,
        file: discord.Attachment | None = None,
        file2: discord.Attachment | None = None,
        file3: discord.Attachment | None = None,
        persona: app_commands.Range[str, 1, 100] | None = None,
        private: bool | None = None,  # noqa: FBT001 - a slash command's option
    ) -> None:
        files = [each for each in (file, file2, file3) if each is not None]
        asking = Asking(prompt=prompt, model=model, files=files, persona=persona)
        await self.answers.ask(interaction, asking, private=private)

    @app_commands.command(description=localised("command.chat"))
    @app_commands.describe(topic=localised("command.chat.topic"), persona=localised("command.ask.persona"))
    @app_commands.guild_only()
    async def chat(
        self,
        interaction: Interaction,
        topic: app_commands.Range[str, 1, 100] | None = None,
        persona: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        await open_chat(interaction, self.chats, topic=topic, persona=persona)

    @ask.autocomplete("model")
    async def models(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await model_choices(interaction, Kind.ASK, typed)

    @chat.autocomplete("persona")
    @ask.autocomplete("persona")
    async def personas(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await persona_choices(interaction, typed)
