"""Which shards this process connects, of those that several share: leased in the database, taken over, given away.

A shard's holder acts upon what comes by it, and does what is done for its servers. Another process that is to hold it
connects it first, waits for its servers, and says that it is ready; then the holder lets go, and only then is it the
other's. What comes meanwhile comes to both: the next one waits a moment until it holds the shard, and who takes the
event in the database acts upon it. So nothing is lost, and nothing is done twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Final, cast

import discord
from discord.gateway import DiscordWebSocket
from yarl import URL

from bot.background import happens, keep_going
from bot.errors import ConfigurationError
from bot.kit.bot import CAME_BY, Share
from bot.kit.cog import features
from bot.store import events, processes, turnstiles
from bot.store.failures import StoreUnavailable
from bot.store.processes import LOOK
from bot.store.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.kit.bot import Bot
    from bot.store.database import Database
    from bot.store.membership import Membership
    from bot.store.processes import Shard

log = logging.getLogger(__name__)

IDENTIFY_SECONDS: Final = 5.2
"""Discord takes one IDENTIFY in 5 s for each `shard_id % max_concurrency`; a little more, for they arrive unevenly."""
CONNECT_SECONDS: Final = 60.0
"""For a shard to be connected, apart from its turn to identify."""
WAIT_SECONDS: Final = 1.5
"""For a shard that is about to be held: Discord takes no answer to a command after 3 s."""
MOST_AT_ONCE: Final = 16
GIVING_SECONDS: Final = 1.0
"""For what is done for a shard's servers to come to its end."""
STALLED_SECONDS: Final = 30.0
"""While it leaves, a process waits for others as long as they take shards of it; and for so long when they do not."""


class Sharding(Share):
    """`begin` connects; `leave` before the process ends."""

    is_whole = False

    def __init__(self, bot: Bot, database: Database, membership: Membership, count: int) -> None:
        self._bot = bot
        self._database = database
        self._membership = membership
        self._count = count
        self._at_once = 1
        self._held: dict[int, asyncio.Event] = {}
        """By shard: set once this process holds it; there as soon as it is about to."""
        self._connecting: dict[int, asyncio.Task[None]] = {}
        self._giving: set[asyncio.Task[None]] = set()
        self._looks: asyncio.Task[None] | None = None
        self._looked = asyncio.Event()
        self._leaving = False
        membership.looked.append(self._looked.set)

    @property
    def leads(self) -> bool:
        return self._membership.leads and not self._leaving

    def holds(self, guild_id: int | None) -> bool:
        shard_id = 0 if guild_id is None else (guild_id >> 22) % self._count
        return self._membership.held and self._holds(shard_id)

    async def takes(self, event_id: int) -> bool:
        shard_id = CAME_BY.get()
        if shard_id is not None and not self._holds(shard_id):
            about_to = self._held.get(shard_id)
            if about_to is None:
                return False  # it was given away, and who has it now has the event too
            await happens(about_to, within=WAIT_SECONDS)
        return await self._database.run(events.take, event_id)

    async def begin(self) -> None:
        """Ask Discord where the gateway is, and connect shards from now on. ConfigurationError, discord's errors."""
        if self._looks is not None:
            return
        _, url, limit = await self._bot.http.get_bot_gateway()
        if limit["remaining"] < self._count:
            log.warning("Discord lets the bot connect only %s more shards today", limit["remaining"])
        self._at_once = max(1, limit["max_concurrency"])
        DiscordWebSocket.DEFAULT_GATEWAY = URL(url)
        if not await self._database.run(processes.have_shards, self._count):
            raise ConfigurationError("SHARD_COUNT: the processes that run have another one; stop them first.")
        state = self._bot._connection  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - as the library's own `launch_shards`
        state.shard_count, state.shard_ids = self._count, []
        # A process may have no shard at all, and wait for one of another's.
        self._bot._ready.set()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - as of no shard that is to come
        self._membership.works = True
        self._looks = asyncio.create_task(keep_going(self._look_on, expected=(StoreUnavailable,)))
        self._membership.nudge()  # the shards may be there since a moment ago

    async def before_identify(self, shard_id: int) -> None:
        """Wait for a shard's turn to identify, among those of all processes."""
        bucket = f"identify {shard_id % self._at_once}"
        turn = await self._database.run(turnstiles.take, bucket, interval=IDENTIFY_SECONDS)
        await asyncio.sleep(turn.wait)

    async def leave(self) -> None:
        """Hand over what is held, as long as there is somebody who takes it."""
        self._leaving = True
        connecting = dict(self._connecting)
        for task in connecting.values():
            task.cancel()
        try:
            await self._database.run(processes.leave, self._membership.id)
            for shard_id in connecting:
                await self._database.run(processes.give_up, shard_id, self._membership.id)
        except StoreUnavailable as error:
            log.warning("the other processes are not told that this one leaves: %s", error)
            return
        await self._bot.the(Signals).send(LOOK)
        left = len(self._held)
        while self._held and self._membership.others():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STALLED_SECONDS):
                    while len(self._held) >= left and self._membership.others():
                        self._looked.clear()
                        self._membership.nudge()
                        await happens(self._looked, within=1)
            if len(self._held) >= left:
                log.warning("nobody takes shards %s", sorted(self._held))
                return
            left = len(self._held)

    def close(self) -> None:
        for task in (*self._connecting.values(), *self._giving, *([self._looks] if self._looks else [])):
            task.cancel()

    def _holds(self, shard_id: int) -> bool:
        held = self._held.get(shard_id)
        return held is not None and held.is_set()

    async def _look_on(self) -> None:
        while True:
            self._looked.clear()
            await self._look()
            await self._looked.wait()

    async def _look(self) -> None:
        """Do what is to be done of the shards as they are."""
        me = self._membership.id
        for one in self._membership.shards:
            if one.process_id == me and one.next_id is not None and one.ready and self._holds(one.id):
                self._spawn(self._give(one.id))
            elif one.process_id == me and one.id in self._held and one.id not in self._connecting:
                self._gain(one.id)
            elif one.process_id is None and one.next_id == me and one.ready:
                await self._database.run(processes.say_ready, one.id, me)
        if self._leaving or not self._membership.held:
            return
        most = min(self._at_once, MOST_AT_ONCE) - len(self._connecting)
        seen, alive = self._membership.shards, {one.id for one in self._membership.staying()}
        # What was just read tells whether there is anything to take, each time: seldom there is.
        if most > 0 and processes.due_to(me, seen, alive, most=most):
            for one in await self._database.run(processes.take_shards, me, most=most):
                self._held[one.id] = asyncio.Event()
                self._connecting[one.id] = asyncio.create_task(self._connect(one), name=f"shard-{one.id}")

    async def _connect(self, shard: Shard) -> None:
        """Connect a shard that this process holds, or is to hold next."""
        mine = shard.process_id == self._membership.id
        came = "shard_connect" if mine else "shard_ready"
        ready = asyncio.create_task(self._bot.wait_for(came, check=lambda id_: id_ == shard.id))
        try:
            state = self._bot._connection  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - as in `begin`
            state.shard_ids = [*state.shard_ids, shard.id]
            await self._bot.launch_shard(DiscordWebSocket.DEFAULT_GATEWAY, shard.id)
            async with asyncio.timeout(CONNECT_SECONDS):
                await ready
            if mine:
                self._gain(shard.id)
            else:
                await self._database.run(processes.say_ready, shard.id, self._membership.id)
        except (TimeoutError, StoreUnavailable) as error:
            log.warning("shard %s is not connected: %r", shard.id, error)
            await self._drop(shard.id)
            with contextlib.suppress(StoreUnavailable):  # it is taken up once more
                await self._database.run(processes.give_up, shard.id, self._membership.id)
        except asyncio.CancelledError:
            await self._drop(shard.id)
            raise
        finally:
            ready.cancel()
            del self._connecting[shard.id]
            self._membership.nudge()

    def _gain(self, shard_id: int) -> None:
        held = self._held[shard_id]
        if not held.is_set():
            log.info("this process holds shard %s", shard_id)
            for feature in features(self._bot):
                feature.on_gained(shard_id)
            held.set()

    async def _give(self, shard_id: int) -> None:
        """Let go of a shard for who is ready for it: first here, then in the database."""
        held = self._held.pop(shard_id, None)
        if held is None:
            return
        with contextlib.suppress(TimeoutError):
            # Meanwhile nobody serves the shard; what is not let go of is done once all the same, as after a kill.
            async with asyncio.timeout(GIVING_SECONDS):
                await asyncio.gather(*(feature.on_giving(shard_id) for feature in features(self._bot)))
        try:
            given = await self._database.run(processes.give, shard_id, self._membership.id)
        except StoreUnavailable as error:
            log.warning("shard %s is not given away yet: %s", shard_id, error)
            given = False
        if not given:
            self._held[shard_id] = held
            return
        log.info("this process gave shard %s away", shard_id)
        await self._drop(shard_id)

    async def _drop(self, shard_id: int) -> None:
        """Disconnect a shard, and forget its servers."""
        self._held.pop(shard_id, None)
        state = self._bot._connection  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the library forgets none
        state.shard_ids = [id_ for id_ in state.shard_ids if id_ != shard_id]
        with contextlib.suppress(discord.DiscordException, OSError):
            if (shard := self._bot.get_shard(shard_id)) is not None:
                await shard.disconnect()
        # Else it is one of those that are connected, without a heartbeat.
        cast("dict[int, object]", vars(self._bot)["_AutoShardedClient__shards"]).pop(shard_id, None)
        for guild in [guild for guild in self._bot.guilds if guild.shard_id == shard_id]:
            state._remove_guild(guild)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - likewise

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._giving.add(task)
        task.add_done_callback(self._giving.discard)
