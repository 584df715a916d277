"""People who talk with the bot, without Discord: each asks through the one path that an order takes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.api.chat_request import Message, TextPart
from cogs.ask import turn_rows as turns
from cogs.ask.asking import Asking, Begun, begin
from cogs.ask.request import Request
from cogs.ask.tokens import TokenEstimates
from tests.unit.ordering import ALICE, caller

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from bot.generation.ordering.orders import Orders
    from bot.store.database import Database


class NoNotes:
    """Of requests without files there is nothing to note."""

    def has_read(self, key: int, read: str, files: list[dict[str, Any]]) -> None:
        raise AssertionError((key, read, files))


class NoModeration:
    """All is well."""

    async def refuse_pictures(self, urls: Sequence[str], level: str, whose: object = None) -> None: ...

    async def refuse(self, said: str, level: str, whose: object = None) -> None: ...


@dataclass
class Talk:
    """`ask` returns what began; `answered` ends it. Turns are numbered from 1."""

    database: Database
    orders: Orders
    estimates: TokenEstimates = field(default_factory=TokenEstimates)
    last: int = 0

    def begin(self, connection: Connection, asking: Asking, *, by: int = ALICE, **where: Any) -> Begun:
        self.last += 1
        name = f"Person {by}"
        who = caller(by, event_id=self.last, **where)
        return begin(connection, self.orders, self.estimates, who, asking, name=name)

    async def ask(self, prompt: str = "Why?", *, by: int = ALICE, to: int | None = None, **more: Any) -> Begun:
        asking: dict[str, Any] = {name: more.pop(name) for name in list(more) if name in Asking.__slots__}
        words = None if {"again", "beside", "on"} & asking.keys() else prompt
        given: dict[str, Any] = {"prompt": words, "answers_to": to, **asking}
        wanted = Asking(**given)
        return await self.database.run(lambda c: self.begin(c, wanted, by=by, **more))

    async def say(self, prompt: str, answer: str, finish: str = "stop", **more: Any) -> int:
        """A turn with its answer; its id."""
        begun = await self.ask(prompt, **more)
        await self.answered(begun.turn.id, answer, finish)
        return begun.turn.id

    async def answered(self, id_: int, answer: str, finish: str = "stop") -> None:
        await self.database.run(turns.end, id_, answer, finish, None, time.time())

    async def told(self, begun: Begun) -> list[tuple[str, str]]:
        """Role and text of what the model is told."""
        return [(one.role, text_of(one)) for one in (await self.request(begun).make()).messages]

    def request(self, begun: Begun) -> Request:
        nobody: Any = None
        notes: Any = NoNotes()
        moderation: Any = NoModeration()
        words = self.orders.words
        return Request(nobody, begun, (), words=words, moderation=moderation, estimates=self.estimates, notes=notes)


def text_of(message: Message) -> str:
    if isinstance(message.content, str):
        return message.content
    return "\n".join(part.text for part in message.content if isinstance(part, TextPart))
