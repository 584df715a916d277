"""OneKeyBot: loads the cogs by name, syncs commands when their definition changed."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Sequence
from typing import Any

import aiohttp
import discord
import orjson
from discord import app_commands
from discord.ext import commands

from bot.background import Work, keep_going
from bot.environment import Environment
from bot.errors import NotAllowed
from bot.i18n import LOCALES, locale_of, written
from bot.kit.again_later import confirmed_of
from bot.kit.bot import Bot
from bot.kit.cog import features, taken
from bot.kit.command_permissions import CommandPermissions
from bot.kit.commands import CatalogueTranslator, CommandIds
from bot.kit.components import SafeForm, dispatch_again, dispatch_form, dispatch_press
from bot.kit.error_path import report, report_unread
from bot.kit.gate import Gate
from bot.kit.hearing import Hearing
from bot.kit.in_time import over
from bot.kit.languages import Languages
from bot.kit.own_choices import Choices
from bot.kit.places import log_fields
from bot.kit.refused_forms import RefusedForms
from bot.kit.responses import CAME, PASSING, in_time, is_acknowledged
from bot.kit.returning_forms import FormAgainButton, OpenedForms, ReturnedForms
from bot.recent import Recent
from bot.sharding import Sharding
from bot.store import key_values as facts
from bot.store.database import Database, StoreUnavailable
from bot.store.signals import FORGOTTEN, Signals

log = logging.getLogger(__name__)

COMMANDS_FACT, IDS_FACT = "synced_commands", "command_ids"
EXPECTED = (*PASSING, StoreUnavailable, discord.ClientException)
"""What background work may end with, without a trace in the log."""
REMEMBERED = 10_000
"""Interactions by which one that comes again is known."""


class Tree(app_commands.CommandTree[Bot]):
    """The commands, with the house's one error path and the owner's choice of servers."""

    def __init__(self, client: Bot) -> None:
        super().__init__(client)
        self._came: Recent[int, None] = Recent(REMEMBERED)

    async def interaction_check(self, interaction: discord.Interaction[Bot], /) -> bool:
        """Whether it is to be acted upon: asked once for every command, press and form."""
        if confirmed_of(interaction) is not None:
            return True  # the press was asked for, and is
        interaction.extras[CAME] = time.monotonic()
        if self._came_before(interaction.id) or not await self._is_ours(interaction):
            log.info("an interaction came again and is left alone", extra=log_fields(interaction))
            return False
        self.client.the(Choices).speak(interaction)
        self.client.the(Languages).put(interaction.user.id, locale_of(interaction.locale))
        refusal = await self.client.the(Gate).refusal(interaction)
        if refusal is None and self.client.stopping.is_set():
            refusal = "error.restarting"
        if refusal is not None and interaction.type is discord.InteractionType.autocomplete:
            await interaction.response.autocomplete([])
        elif refusal is not None:
            await report(interaction, NotAllowed(refusal))
        return refusal is None

    def _came_before(self, interaction_id: int) -> bool:
        """Whether this process has had it. That nothing is ordered twice is the store's (`bot.store.events`): this
        only keeps one process from racing itself.
        """
        before = interaction_id in self._came
        self._came.put(interaction_id, None)
        return before

    async def _is_ours(self, interaction: discord.Interaction[Bot]) -> bool:
        """Whether it is this process's to act upon, of several that it came to; then it is answered in time."""
        share = self.client.share
        if interaction.type is discord.InteractionType.autocomplete:
            return share.holds(interaction.guild_id)  # answered twice it does no harm
        # By whoever holds the shard; where that can't be, by the one that is about to.
        in_time(interaction, at_last=not share.holds(interaction.guild_id))
        takes = await share.takes(interaction.id)
        if not takes and is_acknowledged(interaction):
            # Who takes it could not answer, and will find that out: nothing comes of it.
            await report(interaction, NotAllowed("error.restarting"))
        return takes

    async def _call(self, interaction: discord.Interaction[Bot]) -> None:
        """The library's way from an interaction to its command: what fails before there is one, the check included,
        would end in a task that nobody looks at.
        """
        try:
            await super()._call(interaction)
        except app_commands.AppCommandError:
            raise
        except Exception as error:  # noqa: BLE001 - the one error path takes all of them
            await report(interaction, error)
        finally:
            over(interaction)

    async def on_error(self, interaction: discord.Interaction[Bot], error: app_commands.AppCommandError, /) -> None:
        await report(interaction, error)


class OneKeyBot(Bot):
    """`cogs` are module names. Background work starts in `setup_hook`: the gateway need not be ready for it.

    Without `gateway` it only makes what was ordered: the features are there for their buttons.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        cogs: Sequence[str],
        http_trace: aiohttp.TraceConfig,
        gateway: bool = True,
    ) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        intents.message_content = environment.message_content
        anywhere = environment.allow_user_install
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents,
            tree_cls=Tree,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=anywhere),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=anywhere),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            http_trace=http_trace,
            shard_count=environment.shard_count,
        )
        self.sharding: Sharding | None = None
        """Which shards of those that several processes share are connected here; None: all that there are."""
        self._gateway = gateway
        self.keep(environment)
        self.keep(Hearing()).listen(self)
        self.keep(Languages())
        self.keep(Gate())
        self.keep(RefusedForms())
        self.keep(OpenedForms())
        self.keep(ReturnedForms())
        self._command_permissions = self.keep(CommandPermissions(self))
        self._command_ids = self.keep(CommandIds())
        self.background: list[Work] = []
        """The engine's own work; begun with that of the features."""
        self._cogs_to_load = cogs
        self._modals: list[type[SafeForm]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def setup_hook(self) -> None:
        await self.tree.set_translator(CatalogueTranslator())
        for name in self._cogs_to_load:
            await self.load_extension(name)
        work = [*self.background, *([self._sync_commands] if self._gateway else [])]
        self.items.append(FormAgainButton)
        for feature in features(self):
            self.items += feature.items
            self._modals += feature.modals
            for menu in feature.menus:
                self.tree.add_command(menu)
            work += feature.background() if self._gateway else ()
        self.add_dynamic_items(*self.items)
        self.the(Signals).on(FORGOTTEN, self._forget_elsewhere)
        for each in work:
            task = asyncio.create_task(keep_going(each, expected=EXPECTED))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def launch_shards(self) -> None:
        if self.sharding is None:
            await super().launch_shards()
        else:
            await self.sharding.begin()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        if self.sharding is None:
            await super().before_identify_hook(shard_id, initial=initial)
        else:
            await self.sharding.before_identify(shard_id or 0)

    def _forget_elsewhere(self, person_id: str) -> None:
        """A person had their data deleted by another process."""
        for feature in features(self):
            task = asyncio.create_task(feature.on_forgotten(int(person_id)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def read_without_content(self) -> None:
        """Before the connection: only what mentions the bot is to be read."""
        self._connection._intents.message_content = False  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - what is asked for with IDENTIFY

    async def on_message(self, message: discord.Message) -> None:
        """Of those that `bot.kit.hearing` takes in."""
        if not await self.share.takes(message.id) or await taken(self, message):
            return
        for feature in features(self):
            await feature.on_written(message)

    async def on_raw_app_command_permissions_update(self, event: discord.RawAppCommandPermissionsUpdateEvent) -> None:
        self._command_permissions.forget(event.guild.id)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Forms, and presses that no item answers to, which the library drops in silence."""
        if interaction.type is discord.InteractionType.modal_submit:
            await dispatch_form(interaction, self._modals)
        elif interaction.type is discord.InteractionType.component:
            await dispatch_press(interaction, self.items)
        elif interaction.type not in [*discord.InteractionType]:
            await report(interaction, discord.InvalidData(f"interaction {interaction.id} has no type that is known"))

    async def act_upon(self, interaction: discord.Interaction[Any]) -> None:
        match interaction.type:
            case discord.InteractionType.modal_submit:
                await dispatch_form(interaction, self._modals)
            case discord.InteractionType.component:
                await dispatch_again(interaction, self.items)
            case _:
                try:
                    await self.tree._call(interaction)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the library's way to the command
                except app_commands.AppCommandError as error:
                    await self.tree.on_error(interaction, error)

    async def on_unreadable_event(self, name: str, data: object, error: Exception) -> None:
        """Left out by `bot.gateway`. Who typed or pressed is told."""
        if name == "INTERACTION_CREATE":
            await report_unread(self, data, error)
        else:
            log.warning("an event of the gateway (%s) can't be read and is left out: %r", name, error)

    async def on_ready(self) -> None:
        log.info("ready as %s, servers: %s", self.user, len(self.guilds))

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self.sharding is not None:
            self.sharding.close()
        # Not as `commands.Bot`, which takes the extensions out, too: it walks all modules for each, and they would be
        # imported anew where the process goes on without the text of messages.
        for name in tuple(self.cogs):
            await self.remove_cog(name)
        await discord.AutoShardedClient.close(self)

    async def _sync_commands(self) -> None:
        """Tell Discord the commands, if their definition is not the one it was told last."""
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        definition = orjson.dumps([self.application_id, payload], option=orjson.OPT_SORT_KEYS)
        # Translated only where it is sent: that is a third of a start's work.
        digest = hashlib.sha256(definition + b"".join(map(written, LOCALES))).hexdigest()
        database = self.the(Database)
        ids = await database.run(facts.get, IDS_FACT)
        if ids is not None and await database.run(facts.get, COMMANDS_FACT) == digest:
            self._command_ids.learn(orjson.loads(ids))
            return
        try:
            synced = await self.tree.sync()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise discord.ClientException(f"Discord's answer to the commands can't be read: {error!r}") from error
        if len(synced) != len(payload):
            raise discord.ClientException(f"of {len(payload)} commands Discord answered {len(synced)}")
        known = {each.name: each.id for each in synced if each.type is discord.AppCommandType.chat_input}
        self._command_ids.learn(known)
        await database.run(facts.put, IDS_FACT, orjson.dumps(known).decode())
        await database.run(facts.put, COMMANDS_FACT, digest)
        log.info("synced %s commands", len(synced))
