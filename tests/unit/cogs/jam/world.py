"""Jams with a real database and a real service on loopback; what is shown is written down instead of posted."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from aiohttp import web

from bot.api.client import OneKeyClient
from bot.api.session import build_session
from bot.generation import voting
from bot.generation.ordering.orders import Orders
from bot.generation.rows import generations, result_rows, votes
from bot.generation.rows.records import Generation, NewInput, NewResult
from bot.kinds import BY_COMMAND, Kind
from bot.orders.callers import Caller
from bot.settings import Place
from cogs.jam import round_rows
from cogs.jam import rows as jams
from cogs.jam.cog import Jam as Feature
from cogs.jam.facts import place_of
from cogs.jam.new_jam import Asked
from cogs.jam.posted import Opened, RoundCard
from cogs.jam.records import Round
from cogs.jam.scheduler import Scheduler
from cogs.jam.service import Jams
from tests.unit import stored_settings
from tests.unit.ordering import AnyModel, caller

if TYPE_CHECKING:
    from bot.environment import Environment
    from bot.store.database import Database
    from cogs.jam.facts import JamFacts
    from cogs.jam.records import Jam

ALICE, BOB, CAROL, MODERATOR = 1, 2, 3, 4
SERVER, CHANNEL, THREAD, CARD = 9, 20, 21, 30
PICTURE = NewInput(url="https://cdn.example/1.png?ex=ffffffff", expires_at=9e9)


@dataclass
class Notebook:
    """A Host that notes what it was to show. `refusals`: what the next posts raise; `gone`: nothing can be posted."""

    shown: list[tuple[Jam, Round]] = field(default_factory=list[tuple["Jam", Round]])
    rounds: list[JamFacts] = field(default_factory=list["JamFacts"])
    finals: list[JamFacts] = field(default_factory=list["JamFacts"])
    renewed: list[JamFacts] = field(default_factory=list["JamFacts"])
    pictures: list[Generation] = field(default_factory=list["Generation"])
    calls: list[JamFacts] = field(default_factory=list["JamFacts"])
    revealed: list[JamFacts] = field(default_factory=list["JamFacts"])
    asked_for: list[int] = field(default_factory=list[int])
    """Who was looked up, to order by themselves; `left`: of these it is found that they left the server."""
    left: set[int] = field(default_factory=set[int])
    while_posting: Callable[[], Awaitable[None]] | None = None
    """Happens before a final that is posted, or renewed, is said to stand."""
    refusals: list[Exception] = field(default_factory=list[Exception])
    gone: bool = False
    told_away: list[JamFacts] = field(default_factory=list["JamFacts"])
    found: Opened | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def show(self, jam: Jam, round_: Round) -> None:
        self.shown.append((jam, round_))
        self.changed.set()
        self.changed = asyncio.Event()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await self.changed.wait()

    async def post_round(self, facts: JamFacts) -> RoundCard | None:
        posted = self._post(self.rounds, facts)
        return None if posted is None else RoundCard(posted)

    async def caller(self, jam: Jam, person_id: int) -> Caller | None:
        self.asked_for.append(person_id)
        if person_id in self.left:
            return None
        return caller(person_id, place=place_of(jam))

    async def base_picture(self, facts: JamFacts) -> NewInput | None:
        return PICTURE if facts.edits and facts.base is not None else None

    async def post_pictures(self, row: Generation) -> None:
        self.pictures.append(row)

    async def call(self, facts: JamFacts) -> int:
        self.calls.append(facts)
        return 700 + facts.round.number

    async def tell_away(self, facts: JamFacts) -> None:
        self.told_away.append(facts)

    async def reveal(self, facts: JamFacts) -> int:
        self.revealed.append(facts)
        return 800 + facts.round.number

    async def post_final(self, facts: JamFacts) -> int | None:
        posted = self._post(self.finals, facts)
        await self._meanwhile()
        return posted

    async def renew_final(self, facts: JamFacts) -> int | None:
        posted = self._post(self.renewed, facts)
        await self._meanwhile()
        return None if posted is None else facts.jam.final_message_id

    async def find_opening(self, jam: Jam) -> Opened | None:
        del jam
        return self.found

    async def _meanwhile(self) -> None:
        happens, self.while_posting = self.while_posting, None
        if happens is not None:
            await happens()

    def _post(self, posted: list[JamFacts], facts: JamFacts) -> int | None:
        if self.refusals:
            raise self.refusals.pop(0)
        if self.gone:
            return None
        posted.append(facts)
        return 1000 + len(self.rounds) + 100 * len(self.finals)


@dataclass
class Model:
    """The service's chat model. `answer`: what it says to a document of ideas; or a status, or None: it never does."""

    answer: Callable[[dict[str, Any]], str | int | None]
    asked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    came: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    flagged: str | None = None
    """Words that the service's moderation flags."""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.json()
        if request.path.endswith("/moderations"):
            flagged = self.flagged is not None and self.flagged in body["input"]
            return web.json_response({"results": [{"flagged": flagged, "categories": {}}]})
        self.asked.append(body)
        self.came.set()
        said = self.answer(json.loads(body["messages"][-1]["content"]))
        if said is None:
            await self.release.wait()
            said = 400
        if isinstance(said, int):
            return web.json_response({"error": {"message": "no", "type": "no"}}, status=said)
        usage = {"prompt_tokens": 300, "completion_tokens": 100, "total_tokens": 400}
        block = {"choices": [{"index": 0, "delta": {"content": said}, "finish_reason": "stop"}], "usage": usage}
        stream = f"data: {json.dumps(block)}\n\ndata: [DONE]\n\n"
        return web.Response(body=stream.encode(), content_type="text/event-stream")


def fair(document: dict[str, Any]) -> str:
    """A model that does as it is told."""
    texts = [idea["text"] for idea in document["ideas"]]
    parts = [{"idea": number, "words": text} for number, text in enumerate(texts, start=1)]
    return json.dumps({"prompt": f"{document['theme']}: " + ", ".join(texts), "parts": parts})


@dataclass
class Clock:
    """The jams' time; orders and credits go by the real one."""

    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """One process over a database; `again` is the next one."""

    database: Database
    environment: Environment
    client: OneKeyClient
    model: Model
    clock: Clock
    host: Notebook = field(default_factory=Notebook)
    draws: list[Sequence[int]] = field(default_factory=list[Sequence[int]])

    def __post_init__(self) -> None:
        self.orders = Orders(self.database, AnyModel(), self.environment)
        self.scheduler = Scheduler(
            self.database,
            self.client,
            self.orders,
            self.environment,
            self.host,
            clock=self.clock,
            draw=self._draw,
        )
        self.jams = Jams(self.database, self.orders, self.environment, self.scheduler, clock=self.clock)

    def _draw(self, best: Sequence[int]) -> int:
        self.draws.append(best)
        return best[-1]

    async def again(self) -> World:
        """The process is gone in the middle of whatever it did; a new one over the same database."""
        for task in asyncio.all_tasks():
            if task.get_name().startswith(("jam-", "show-jams")):
                task.cancel()
        await self.scheduler.idle()
        self.clock.now += 1
        return World(self.database, self.environment, self.client, self.model, self.clock)

    def caller(self, person_id: int = ALICE, **facts: Any) -> Caller:
        known: dict[str, Any] = {
            "place": Place(channel_id=CHANNEL, thread_id=THREAD, guild_id=SERVER),
            "moderates": person_id == MODERATOR,
        }
        return caller(person_id, **(known | facts))

    async def set(self, **values: Any) -> None:
        """Settings of the server."""
        for key, value in values.items():
            where: dict[str, Any] = {"scope": "server", "scope_id": SERVER, "guild_id": SERVER}
            await self.database.run(stored_settings.put, **where, key=key, value=value, changed_by=1, now=1.0)

    async def unset(self, key: str) -> None:
        await self.set(**{key: None})

    def limit(self, **limits: int) -> None:
        """So many commands a person and day."""
        by_kind = {BY_COMMAND[command]: most for command, most in limits.items()}
        self.environment = replace(self.environment, daily_limit_per_user=by_kind | {Kind.VIDEO: None})
        self.__post_init__()

    async def opened(self, *, minutes: int = 60, **facts: Any) -> Jam:
        """A jam of Alice's that is open."""
        place = Place(channel_id=CHANNEL, guild_id=SERVER)
        asked = replace(Asked("a harbour", "watercolour", minutes), **facts)
        jam = await self.jams.start(self.caller(place=place), asked)
        opened = await self.jams.opened(jam.id, Opened(THREAD, 29, RoundCard(CARD)))
        assert opened is not None
        return opened

    async def reviewed(self, jam: Jam, *said: str) -> None:
        """Bob's idea merged."""
        for one in said or ("a red dragon",):
            await self.jams.add_idea(self.caller(BOB), jam.id, one)
        await self.reviewed_as_is(jam)

    async def reviewed_as_is(self, jam: Jam) -> None:
        """The ideas that there are merged."""
        await self.jams.make(self.caller(), jam.id)
        await self.scheduler.idle()

    async def made(self, row: Generation, *, pictures: int = 4, state: str = "delivered") -> None:
        """The round's pictures are on their card, or its `state` says what became of them."""
        results = [NewResult(url=f"https://files.example/{n}.png") for n in range(pictures)]
        await self.database.run(generations.store_message, row.id, message_id=500 + row.id, channel_id=THREAD)
        await self.database.run(result_rows.put, row.id, row.epoch, results)
        await self.ended(row, state=state, generated_at=1.0)

    async def ended(self, row: Generation, **values: Any) -> None:
        facts: dict[str, Any] = {"submitted_at": 1.0, "ended_at": 2.0} | values
        assert await self.database.run(generations.change, row.id, row.epoch, **facts) is not None

    async def ballot(self, generation_id: int, person_id: int, position: int) -> None:
        """A vote as a press casts it: refused, once the round's vote is over."""
        vote = partial(voting.cast, now=self.clock(), is_open=partial(Feature.may_vote, cast("Feature", None)))
        await self.database.run(vote, generation_id, person_id, position)

    async def vote(self, row: Generation, person_id: int, position: int) -> None:
        await self.database.run(votes.cast, row.id, person_id, position, now=self.clock())

    async def look(self, times: int = 3) -> None:
        """So many rounds of the scheduler, each to its end."""
        for _ in range(times):
            await self.scheduler.look()
            await self.scheduler.idle()

    async def get(self, jam: Jam) -> Jam:
        now = await self.database.run(jams.get, jam.id)
        assert now is not None
        return now

    async def round(self, jam: Jam, number: int = 1) -> Round:
        found = await self.database.run(round_rows.get_round, jam.id, number)
        assert found is not None
        return found


@asynccontextmanager
async def world_over(database: Database, environment: Environment) -> AsyncGenerator[World]:
    model = Model(fair)
    runner = web.ServerRunner(web.Server(model.handle, handler_cancellation=True), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with build_session() as session:
            base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
            client = OneKeyClient(session, base_url=base_url, api_key="sk-of-a-test")
            world = World(database, environment, client, model, Clock())
            await world.set(jam_review="always")
            yield world
    finally:
        model.release.set()
        await runner.cleanup()
