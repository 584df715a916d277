"""What happens in jams by itself: merging, the ends of rounds and votes, time up, and all of it after a restart.

The database says what is due; the scheduler looks each second while anything moves, and when it is
nudged. What it does is done by conditional transactions: done twice, or by somebody else first, it changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Generator, Sequence

from bot.api.client import OneKeyClient
from bot.background import happens
from bot.environment import Environment
from bot.generation.ordering.orders import Orders
from bot.kit.bot import Share
from bot.kit.posting import NotNow
from bot.orders.moderation import Moderation
from bot.orders.question import Question
from bot.store.database import Database, StoreUnavailable
from bot.store.writes import backoff
from cogs.jam import rows as jams
from cogs.jam import states as steps
from cogs.jam.by_itself import ByItself
from cogs.jam.looks import Due, Look, look
from cogs.jam.making import Making
from cogs.jam.merging import Merging
from cogs.jam.messages import Messages
from cogs.jam.ports import Host
from cogs.jam.records import Jam

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""While a round is made, or voted on."""
LONGEST_SECONDS = 60.0
STUMBLE_SECONDS = 60.0
"""At most until what stumbled is tried again."""
OUT_OF_REACH_SECONDS = 3600.0
"""The same, of an end that stands where the bot may not go any more."""
ENDED_SECONDS = 86_400.0
"""For so long after a jam's end a start makes up for what its last card does not say yet."""
OPENING_SECONDS = 120.0
"""A jam that is being opened for longer was left behind by its command."""


class Scheduler:
    """`run()` for as long as the process lives; it looks after the jams of the servers that are this process's.

    `draw`: one of several; it and `clock` (Unix seconds) are for tests.
    """

    def __init__(
        self,
        database: Database,
        client: OneKeyClient,
        orders: Orders,
        environment: Environment,
        host: Host,
        *,
        share: Share | None = None,
        moderation: Moderation | None = None,
        clock: Callable[[], float] = time.time,
        draw: Callable[[Sequence[int]], int] = secrets.choice,
    ) -> None:
        self._database = database
        self._environment = environment
        self._host = host
        self._by_itself = ByItself(database, orders, environment, host, clock=clock, shows=self)
        self._messages = Messages(database, environment, host, clock=clock, show=self.show)
        self._merging = Merging(database, client, orders, environment, clock, moderation or Moderation(client))
        self._clock = clock
        self._draw = draw
        self._share = share or Share()
        # What another process of several is opening is no older than it takes.
        self._began = clock() if self._share.is_whole else 0.0
        self._fresh = False
        self._nudge = asyncio.Event()
        self._merges: dict[int, asyncio.Task[None]] = {}
        self._handed = Counter[int]()
        self._at_work: dict[int, asyncio.Task[None]] = {}
        self._telling: dict[int, asyncio.Task[None]] = {}
        self._of: dict[asyncio.Task[None], int] = {}
        """By task: the server whose jam it is about."""
        self._stumbles = Counter[int]()
        self._again_at: dict[int, float] = {}
        self._voted: dict[int, int] = {}
        self._to_show: dict[tuple[int, int | None], None] = {}
        self._shower: asyncio.Task[None] | None = None
        self._work: dict[Due, Callable[[Jam], Coroutine[object, object, None]]] = {
            Due.FIND: self._messages.find,
            Due.REVEAL: self._messages.reveal,
            Due.POST_ROUND: self._messages.post_round,
            Due.MAKE: self._by_itself.make,
            Due.SHOW_AWAY: self._show_away,
            Due.WIND_UP: self._wind_up,
            Due.ORDER: self._by_itself.order,
            Due.CALL: self._messages.call,
            Due.END_MAKING: self._end_making,
            Due.END_VOTE: self._end_vote,
            Due.SHORTEN_VOTE: self._shorten_vote,
            Due.POST_FINAL: self._messages.post_final,
            Due.RENEW_FINAL: self._messages.renew_final,
        }

    async def run(self) -> None:
        """Bring the cards up to date, then look after the jams until cancelled."""
        try:
            while True:
                # Before the look: what changes after it is looked at again.
                self._nudge.clear()
                pause = LOOK_SECONDS
                try:
                    self._fresh = self._fresh or await self._show_all()
                    pause = await self.look()
                except StoreUnavailable as error:
                    log.error("the jams wait for the database: %s", error)  # noqa: TRY400 - expected: no trace
                except Exception:
                    log.exception("a look at the jams failed; the next one comes")
                await happens(self._nudge, within=pause)
        finally:
            for task in self._tasks():
                task.cancel()

    def nudge(self) -> None:
        """Something changed: look at once. For a round's order that was withdrawn; votes are seen each second."""
        self._nudge.set()

    def gained(self) -> None:
        """Servers came from another process: what it left unsaid is said."""
        self._fresh = False
        self.nudge()

    async def let_go(self) -> None:
        """Servers go to another process, which goes on with their jams from where they are."""
        gone = [task for task, guild_id in self._of.items() if not self._share.holds(guild_id)]
        for task in gone:
            task.cancel()
        if gone:
            await asyncio.wait(gone)

    async def look(self) -> float:
        """Begin what is due; how many seconds the next look may wait."""
        now = self._clock()
        before = max(self._began, now - OPENING_SECONDS)
        found, next_due = await self._database.run(look, now=now, opened_before=before)
        found = [one for one in found if self._share.holds(one.jam.guild_id)]
        self._voted = {one.jam.id: self._voted.get(one.jam.id, 0) for one in found if one.voted is not None}
        for one in found:
            self._begin(one)
        if found:
            return LOOK_SECONDS
        return LONGEST_SECONDS if next_due is None else min(LONGEST_SECONDS, max(0.0, next_due - now))

    async def idle(self) -> None:
        """Return when nothing that was begun is under way any more."""
        while tasks := self._tasks():
            await asyncio.wait(tasks)

    def show(self, jam_id: int, number: int | None = None) -> None:
        """Bring the card of a round (None: of the one under way) up to date, soon."""
        self._to_show[jam_id, number] = None
        if self._shower is None or self._shower.done():
            # One for all: what was read last is shown last.
            self._shower = asyncio.create_task(self._show_wanted(), name="show-jams")

    def host_left(self, jam: Jam) -> None:
        """Have its thread told, soon."""
        self._spawn(self._telling, jam, self._messages.tell_away(jam))

    @contextlib.contextmanager
    def handing(self, jam_id: int) -> Generator[None]:
        """While inside, a jam that begins to merge is about to be handed over by `merge`, with what was reserved."""
        self._handed[jam_id] += 1
        try:
            yield
        finally:
            self._handed[jam_id] -= 1
            if not self._handed[jam_id]:
                del self._handed[jam_id]

    def merge(self, begun: Making) -> None:
        """Merge the ideas of a round that begins to be made."""
        self._by_itself.note(begun)
        self._spawn(self._merges, begun.jam, self._merge(begun.jam, begun.question))

    async def _merge(self, jam: Jam, question: Question | None) -> None:
        await self._merging.run(jam, question)
        self.show(jam.id)

    def _begin(self, one: Look) -> None:
        jam = one.jam
        if one.voted is not None and self._voted[jam.id] != one.voted:
            self._voted[jam.id] = one.voted
            self.show(jam.id)
        if one.due is None or self._again_at.get(jam.id, 0.0) > time.monotonic():
            return
        if one.due is Due.MERGE:
            # Of a process that is no more: what was reserved for it is settled, and nothing is charged again.
            if jam.id not in self._merges and not self._handed[jam.id]:
                self.merge(Making(jam, None, None))
        elif jam.id not in self._at_work:
            ceiling = OUT_OF_REACH_SECONDS if one.due is Due.RENEW_FINAL else STUMBLE_SECONDS
            self._spawn(self._at_work, jam, self._work[one.due](jam), ceiling=ceiling)

    async def _end_vote(self, jam: Jam) -> None:
        ended = await self._database.run(steps.end_vote, jam.id, now=self._clock(), draw=self._draw)
        if ended is not None:
            self.show(jam.id, ended[1].number)

    async def _shorten_vote(self, jam: Jam) -> None:
        until = self._clock() + steps.GRACE_SECONDS
        if await self._database.run(steps.shorten_vote, jam.id, until=until):
            self.show(jam.id)

    async def _show_away(self, jam: Jam) -> None:
        if await self._database.run(steps.host_away, jam.id, now=self._clock()):
            self.show(jam.id)
            await self._messages.tell_away(jam)

    async def _wind_up(self, jam: Jam) -> None:
        if await self._database.run(steps.wind_up, jam.id, now=self._clock()) is not None:
            self.show(jam.id)

    async def _end_making(self, jam: Jam) -> None:
        if await self._database.run(steps.end_making, jam.id, now=self._clock()) is not None:
            self.show(jam.id)

    async def _show_all(self) -> bool:
        """What the last process left unsaid: the cards of the rounds under way, and of those before them."""
        for jam in await self._database.run(jams.alive, ended_since=self._clock() - ENDED_SECONDS):
            if not self._share.holds(jam.guild_id):
                continue
            if jam.round > 1:
                self.show(jam.id, jam.round - 1)
            self.show(jam.id)
        return True

    async def _show_wanted(self) -> None:
        while self._to_show:
            jam_id, number = wanted = next(iter(self._to_show))
            del self._to_show[wanted]
            try:
                found = await self._database.run(jams.with_round, jam_id, number)
                if found is not None and found[1].message_id is not None:
                    self._host.show(*found)
            except StoreUnavailable as error:
                log.warning("the card of jam %s stays as it is for now: %s", jam_id, error)

    def _spawn(
        self,
        tasks: dict[int, asyncio.Task[None]],
        jam: Jam,
        work: Coroutine[object, object, None],
        *,
        ceiling: float = STUMBLE_SECONDS,
    ) -> None:
        jam_id = jam.id
        task = asyncio.create_task(self._guard(jam_id, work, ceiling), name=f"jam-{jam_id}")
        tasks[jam_id], self._of[task] = task, jam.guild_id

        def done(task: asyncio.Task[None]) -> None:
            del self._of[task]
            if tasks.get(jam_id) is task:
                del tasks[jam_id]
            self._nudge.set()  # the next thing may be due

        task.add_done_callback(done)

    async def _guard(self, jam_id: int, work: Coroutine[object, object, None], ceiling: float) -> None:
        """Nothing that goes wrong with one jam touches another; what stumbled is tried again after a while."""
        try:
            await work
        except (NotNow, StoreUnavailable) as error:
            log.warning("jam %s waits: %s", jam_id, error)
        except Exception:
            log.exception("jam %s stumbled", jam_id)
        else:
            self._again_at.pop(jam_id, None)
            self._stumbles.pop(jam_id, None)
            return
        self._again_at[jam_id] = time.monotonic() + backoff(self._stumbles[jam_id], ceiling=ceiling)
        self._stumbles[jam_id] += 1

    def _tasks(self) -> list[asyncio.Task[None]]:
        tasks = [*self._merges.values(), *self._at_work.values(), *self._telling.values()]
        return [*tasks, self._shower] if self._shower is not None and not self._shower.done() else tasks
