"""What an order takes in a test: who orders, an owner's environment, and a service that has any model."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from bot.api.chat_request import ChatRequest, Message
from bot.api.rungs import Part
from bot.environment import read_environment
from bot.generation.ordering.video import Video
from bot.generation.ordering.videos import Videos
from bot.generation.rows import generations
from bot.generation.rows.records import Generation, NewGeneration
from bot.kinds import Kind
from bot.orders import daily_rows as daily
from bot.orders.callers import Caller
from bot.orders.costs import ANSWER_TOKENS
from bot.periods import DAY_SECONDS
from bot.settings import Place
from bot.shapes import parse

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from bot.environment import Environment
    from bot.generation.ordering.orders import Orders
    from bot.orders.question import Question
    from bot.store.database import Database

ALICE, BOB = 1, 2
GUILD, CHANNEL = 9, 20


class TakesAll:
    """A service that refused nothing so far."""

    async def video_lacks(self, model: str) -> frozenset[Part]:
        del model
        return frozenset()


async def a_video(
    orders: Orders, by: Caller, *, prompt: str, resolution: str | None = None, model: str | None = None
) -> Generation:
    """Order one of words alone."""
    shape = parse(resolution) if resolution else None
    return await Videos(orders, TakesAll()).order(by, Video(prompt=prompt, shape=shape, model=model))


async def used_today(database: Database, person_id: int = ALICE) -> int:
    """How many videos the daily limits have counted."""
    return await database.run(daily.used, person_id=person_id, kind="video", day=int(time.time() // DAY_SECONDS))


class AnyModel:
    """A service that does not say which models it has."""

    def names(self) -> tuple[str, ...]:
        return ()

    def knows(self, name: str) -> bool | None:
        del name
        return None


def environment_of(folder: Path, **given: str) -> Environment:
    """An owner who gave what is needed, and `given`."""
    return read_environment(
        {"DISCORD_TOKEN": "a-bot-token", "ONEKEY_API_KEY": "sk-of-a-test", **given}, folder / "no.env"
    )


def caller(person_id: int = ALICE, *, guild_id: int | None = GUILD, channel_id: int = CHANNEL, **more: Any) -> Caller:
    facts: dict[str, Any] = {
        "person_id": person_id,
        "place": Place(channel_id=channel_id, guild_id=guild_id),
        "context": "guild" if guild_id is not None else "bot_dm",
        "locale": "en",
        "application_id": 40,
        "token": "token",
        "token_expires_at": time.time() + 900,
    }
    return Caller(**(facts | more))


async def question_of(orders: Orders, who: Caller, prompt: str, model: str | None = None) -> Question:
    """A question that may be asked, with its price reserved."""

    def order(connection: Connection) -> Question:
        rules = orders.checked(connection, who, Kind.ASK, prompt)
        most = len(prompt) + ANSWER_TOKENS
        told = ChatRequest("", (Message("user", prompt),)).most_told
        return orders.questions.begin(connection, who, rules, model, most_tokens=most, most_told=told)

    return await orders.submit(who, order)


class Order(Protocol):
    def __call__(self, connection: Connection, /, **facts: Any) -> Generation: ...


def insert(connection: Connection, /, **facts: Any) -> Generation:
    """A queued video in server 9; keywords are NewGeneration's, and `now`."""
    now = facts.pop("now", 1000.0)
    new: dict[str, Any] = {
        "kind": "video",
        "person_id": 1,
        "guild_id": 9,
        "channel_id": 20,
        "message_id": 30,
        "context": "guild",
        "application_id": 40,
        "locale": "en-GB",
        "prompt": "a red fox",
        "model": "wan",
    }
    return generations.insert(connection, NewGeneration(**(new | facts)), now=now)
