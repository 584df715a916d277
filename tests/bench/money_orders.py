"""A bot without Discord that places mixed orders, as a process of its own: `money.py` kills it at random moments.

Each order's number stands in its prompt, and is written down with the order's id in `costs` before it is sent, so that
what the service charged for it can be laid beside what the bot knows.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

import orjson
from sqlalchemy import select

from bot.api.chat_request import ChatRequest, Message
from bot.api.client import OneKeyClient
from bot.api.session import build_session
from bot.api.thinking import Text
from bot.environment import read_environment
from bot.errors import ApiError, OverBudget
from bot.generation.files.fetching import ResultFetcher
from bot.generation.files.result_files import ResultFiles
from bot.generation.ordering.orders import Orders
from bot.generation.pace import Limits, Pacer
from bot.generation.pauses import Pauses
from bot.generation.rows import generations, queries
from bot.generation.work.claims import Claims
from bot.generation.work.polling import Polling
from bot.generation.work.posts import Posts
from bot.generation.work.progress import Progress
from bot.generation.work.screening import Screen
from bot.generation.work.worker import Worker
from bot.kinds import Kind
from bot.orders import cost_rows
from bot.orders.callers import Caller
from bot.orders.cost_log import CostLog
from bot.orders.moderation import Moderation
from bot.orders.money import Money, follow
from bot.reasons import of_error
from bot.settings import Place
from bot.states import LIVE, State
from bot.store.opening import open_database
from bot.store.schema import costs
from tests.unit.ordering import AnyModel, a_video, question_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.generation.card_facts import CardFacts
    from bot.generation.rows.records import Generation
    from bot.orders.price_book import PriceBook
    from bot.store.database import Database

AT_ONCE: Final = 20
LOG_SECONDS: Final = 1.0
"""Between two looks at the service's log; two minutes in the bot."""
FAULTS: Final = {
    Kind.ASK: ("[fault:400]", "[fault:500]", "[fault:drop]", "[fault:mid_drop]", "[fault:length]", "[fault:cut]"),
    Kind.IMAGE: ("[fault:400]", "[fault:500]", "[fault:drop]", "[shape:fewer]", "[fault:inspection_400]"),
    Kind.VIDEO: ("[fault:400]", "[fault:lost_500]", "[outcome:failed]", "[fault:plain]", "[shape:data_wrapped]"),
}
MODELS: Final = {
    Kind.ASK: ("deepseek-chat", "deepseek-reasoner", "qwen3-max"),
    Kind.IMAGE: ("wan2.7-image", "qwen-image"),
    Kind.VIDEO: ("wan2.7-t2v",),
}
FAULTY: Final = 0.15


class Blind:
    """A Deliverer that nobody looks at."""

    async def find(self, row: Generation) -> int | None:
        return row.id

    async def show(self, facts: CardFacts) -> bool:
        del facts
        return True

    async def deliver(self, facts: CardFacts) -> State:
        del facts
        return State.DELIVERED


@dataclass
class Shop:
    database: Database
    client: OneKeyClient
    orders: Orders
    claims: Claims
    journal: TextIO

    def wrote(self, number: int, cost_id: int) -> None:
        self.journal.write(f"{number} {cost_id}\n")
        self.journal.flush()

    async def submit(self, number: int, chance: random.Random) -> str:
        kind = chance.choices((Kind.ASK, Kind.IMAGE, Kind.VIDEO), (80, 15, 5))[0]
        model = chance.choice(MODELS[kind])
        fault = chance.choice(FAULTS[kind]) if chance.random() < FAULTY else ""
        said = "word " * chance.randint(0, 60)
        prompt = f"Order {number:06d}: {said}{fault}"
        count = chance.randint(1, 4)
        try:
            if kind is Kind.ASK:
                await self._ask(number, prompt, model)
            else:
                await self._make(number, kind, prompt, model, count)
        except OverBudget:
            return "refused"
        return kind.command

    async def _ask(self, number: int, prompt: str, model: str) -> None:
        question = await question_of(self.orders, _caller(number), prompt, model)
        self.wrote(number, question.cost.id)
        request = ChatRequest(question.model, (Message("user", prompt),), max_tokens=question.most_tokens)
        said, error = "", None
        follow(self.database, question.cost)
        try:
            async with aclosing(self.client.stream_chat(request, question.cost.permit)) as events:
                async for event in events:
                    said += event.text if isinstance(event, Text) else ""
        except ApiError as failed:
            error = failed
        nothing = error is not None and not said and of_error(error)[0] == State.FAILED
        await self.orders.questions.settle(question, nothing_spent=nothing)

    async def _make(self, number: int, kind: Kind, prompt: str, model: str, count: int) -> None:
        caller = _caller(number)
        if kind is Kind.IMAGE:
            row = await self.orders.image(caller, prompt=prompt, count=count, size="64x64", model=model)
        else:
            row = await a_video(self.orders, caller, prompt=prompt, resolution="320*180", model=model)
        noted = await self.database.run(cost_rows.of_generation, row.id)
        assert noted is not None
        self.wrote(number, noted[0])
        place: dict[str, Any] = {"message_id": row.id, "channel_id": row.channel_id}
        placed = await self.database.run(generations.store_message, row.id, **place)
        self.claims.start(placed or row)


def _caller(number: int) -> Caller:
    return Caller(
        person_id=1 + number % 7,
        place=Place(channel_id=20 + number % 5, guild_id=9 + number % 3),
        context="guild",
        locale="en",
        application_id=40,
        token="token",
        token_expires_at=time.time() + 900,
    )


async def work(url: str, base_url: str, key: str, folder: Path, numbers: range, budget: str, seed: int) -> None:  # noqa: PLR0917
    """Place the orders of `numbers`, then wait until all has ended and is learned."""
    environment = read_environment(
        {
            "DISCORD_TOKEN": "a-bot-token",
            "ONEKEY_API_KEY": key,
            "DAILY_LIMIT_PER_USER": "ask=unlimited,imagine=unlimited,video=unlimited",
            "BUDGET": budget,
        },
        folder / "no.env",
    )
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(url))
        session = await stack.enter_async_context(build_session())
        client = OneKeyClient(session, base_url=base_url, api_key=key)
        fetcher = await stack.enter_async_context(
            ResultFetcher(api_base_url=base_url, api_key=key, trusted=[base_url], allow_private=True)
        )
        money = Money(environment)
        orders = Orders(database, AnyModel(), environment, money)
        limits = Limits()
        files = ResultFiles(
            database=database, fetcher=fetcher, api_base_url=client.base_url, data_dir=folder, limits=limits
        )
        progress = Progress(database=database, deliverer=Blind(), limits=limits, pauses=Pauses(database))
        worker = Worker(
            progress=progress,
            client=client,
            polling=Polling(client=client, pacer=Pacer(0.1), progress=progress),
            result_files=files,
            posts=Posts(64),
            money=money,
            screen=Screen(database=database, moderation=Moderation(client), data_dir=folder),
        )
        claims = Claims(database, worker)
        background = [
            asyncio.create_task(claims.run()),
            asyncio.create_task(money.book.run(client, database)),
            asyncio.create_task(CostLog(client, database, money, every=LOG_SECONDS).run()),
        ]
        await until(lambda: _true(money.book))
        with (folder / "journal").open("a", encoding="utf-8") as journal:
            shop = Shop(database, client, orders, claims, journal)
            chance = random.Random(seed)
            waiting = iter(numbers)

            async def place_them() -> None:
                for number in waiting:
                    say({"number": number, "kind": await shop.submit(number, chance)})

            async with asyncio.TaskGroup() as group:
                for _ in range(AT_ONCE):
                    group.create_task(place_them())
            await until(lambda: database.run(_all_ended))
            await asyncio.sleep(2.5 * LOG_SECONDS)
        say({"done": True})
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)


async def _true(book: PriceBook) -> bool:
    return book.asked


def _all_ended(connection: Connection) -> bool:
    under_way = connection.execute(select(costs.c.id).where(costs.c.ended_at.is_(None)).limit(1)).first()
    return not queries.ids_in_states(connection, LIVE) and under_way is None


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 300.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - a database has no event
            await asyncio.sleep(0.1)


def say(value: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(value) + b"\n")
    sys.stdout.buffer.flush()


def main(given: str) -> None:
    """`given`: what `work` is to know, as JSON."""
    told = cast("dict[str, Any]", orjson.loads(given))
    told["numbers"] = range(told.pop("first"), told.pop("last"))
    asyncio.run(work(folder=Path(told.pop("folder")), **told))


if __name__ == "__main__":
    main(sys.argv[1])
