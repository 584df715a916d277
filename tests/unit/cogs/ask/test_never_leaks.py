"""A request holds turns of its own branch alone, whatever people do: 0 foreign marks, on both databases.

Twenty people in five channels of two servers, in threads and in direct messages, ask, reply to old answers, regenerate,
ask again what failed, remove, have their data deleted, delete messages, one or many, and whole threads; the process is
restarted. Each text holds a mark. What may be told is reckoned here by other means: on the turns as people saw them,
never on the rows.
"""

from __future__ import annotations

import os
import random
import re
import sys
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock, Mock

import discord
import pytest

from bot.errors import NotAllowed
from bot.settings import Place
from bot.store.schema import turns as table
from cogs.ask import heard
from cogs.ask import turn_rows as turns
from cogs.ask.asking import Asking
from cogs.ask.chats import Chats
from cogs.ask.cog import Ask
from cogs.ask.heard import Heard
from cogs.ask.records import Quote
from cogs.ask.tokens import TokenEstimates
from cogs.privacy.forgetting import forget_rows
from tests.unit.cogs.ask.talking import Talk, text_of
from tests.unit.ordering import environment_of
from tests.unit.stored_settings import put

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from bot.environment import Environment
    from bot.generation.ordering.orders import Orders
    from bot.store.database import Database
    from cogs.ask.asking import Begun

TURNS = int(os.environ.get("FUZZ_TURNS", "400"))
AT_ONCE = 50
SERVERS = {1: (10, 11, 12), 2: (20, 21)}
THREADS = {100: 10, 101: 20, 102: 20}
PEOPLE = range(1, 21)
MARK = re.compile(r"mark-\w+")
ROOM = 300_000
SHOWN = 10**12
"""Ids of messages are above those of turns."""


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return environment_of(tmp_path, DAILY_LIMIT_PER_USER="ask=unlimited")


@dataclass
class Seen:
    """A turn as people saw it."""

    id: int
    parent: Seen | None
    by: int
    where: int
    private: bool
    marks: dict[str, int | None]
    """Each with whose data it is."""
    first: int = 0
    """The first answer to the same question."""
    answered: bool = False
    alive: bool = True

    @property
    def messages(self) -> tuple[int, ...]:
        """That it asked, or stands in."""
        return (self.id, SHOWN + 2 * self.id, SHOWN + 2 * self.id + 1)


@dataclass
class World:
    talk: Talk
    chance: random.Random
    own: set[int] = field(default_factory=set[int])
    """Servers where each has their own conversations."""
    turns: dict[int, Seen] = field(default_factory=dict[int, Seen])
    asked: int = 0
    refused: int = 0
    told: int = 0

    @staticmethod
    def here(where: int) -> dict[str, Any]:
        if where < 0:
            return {"place": Place(channel_id=where), "context": "bot_dm"}
        parent = THREADS.get(where)
        guild_id = next(id_ for id_, channels in SERVERS.items() if (parent or where) in channels)
        if parent is not None:
            return {"place": Place(channel_id=parent, thread_id=where, guild_id=guild_id)}
        return {"place": Place(channel_id=where, guild_id=guild_id)}

    def is_own(self, where: int) -> bool:
        place = self.here(where)["place"]
        return place.guild_id in self.own

    def alive_in(self, where: int) -> list[Seen]:
        return [one for one in self.turns.values() if one.answered and one.alive and one.where == where]

    # What people do

    def ask(self, connection: Connection) -> tuple[Begun, Seen] | None:
        chance = self.chance
        by = chance.choice(PEOPLE)
        where = chance.choice([*(id_ for ids in SERVERS.values() for id_ in ids), *THREADS, -by, -by])
        known = self.alive_in(where)
        kind = chance.choices(("root", "reply", "beside", "again", "astray"), (2, 12, 2, 1, 1))[0]
        number = self.talk.last + 1
        marks: dict[str, int | None] = {f"mark-q{number}": by, f"mark-a{number}": by}
        private = chance.random() < 0.2 and where > 0
        made = Seen(number, None, by, where, private, marks, first=number)
        asking = Asking(prompt=f"mark-q{number}")
        if kind == "astray":  # somewhere else, or another's private one
            known = [
                one for one in self.turns.values() if one.alive and (one.where != where or not self._sees(by, one))
            ]
            if not known:
                return None
            asking = Asking(prompt=f"mark-q{number}", answers_to=chance.choice(known).id)
        elif kind == "reply" and known:
            parent = chance.choice(known[-6:] if chance.random() < 0.8 else known)
            made.private = private or parent.private
            if self.is_own(where) and parent.by != by:
                made.marks[f"mark-a{parent.id}"] = parent.by
            else:
                made.parent = parent
            asking = Asking(prompt=f"mark-q{number}", answers_to=parent.id)
        elif kind in {"beside", "again"} and known:
            old = chance.choice(known)
            # What somebody else asks once more is still of who wrote it.
            made.parent, made.private, made.by, made.first = old.parent, old.private, old.by, old.first
            # The question is the same, with what was quoted in it.
            theirs = {mark: whose for mark, whose in old.marks.items() if mark != f"mark-a{old.id}"}
            made.marks = {f"mark-a{number}": old.by} | theirs
            before = made.parent
            while before is not None and not before.alive:
                before = before.parent
            if self.is_own(where) and before is not None and before.by != old.by:
                made.parent = None
                made.marks[f"mark-a{before.id}"] = before.by
            asking = Asking(beside=old.id) if kind == "beside" else Asking(again=old.id)
        elif chance.random() < 0.3:
            whose = chance.choice([None, *PEOPLE])
            asking = Asking(prompt=f"mark-q{number}", quotes=[Quote(f"mark-x{number}", "Somebody", whose)])
            made.marks[f"mark-x{number}"] = whose
        try:
            begun = self.talk.begin(connection, asking, by=by, private=made.private or None, **self.here(where))
        except NotAllowed:
            self.refused += 1
            return None
        assert kind != "astray", "what is out of sight is not gone on from"
        assert begun.turn.private == made.private
        self.turns[number] = made
        self.asked += 1
        return begun, made

    @staticmethod
    def _sees(by: int, one: Seen) -> bool:
        return not one.private or one.by == by

    def allowed(self, new: Seen) -> list[Seen]:
        """The turns that may be told, newest first."""
        found: list[Seen] = []
        private, own, one = new.private, self.is_own(new.where), new.parent
        while one is not None:
            if one.alive:
                if one.where != new.where or (own and one.by != new.by):
                    break
                if one.private and (one.by != new.by or not private):
                    break
                private = one.private
                found.append(one)
            one = one.parent
        return found

    def check(self, new: Seen, texts: Sequence[str]) -> None:
        told = set(MARK.findall("\n".join(texts)))
        past = self.allowed(new)
        may = {mark for one in (*past, new) for mark in one.marks}
        assert told <= may, (new, told - may)
        # And all of it: the room is large enough, and all that is there was answered.
        assert told == may - {f"mark-a{new.id}"}, (new, may - told)
        self.told += len(told)

    def gone(self, one: Seen) -> None:
        one.alive = False

    def deleted(self, message_id: int) -> None:
        """As people would say: with a message goes the question, with all answers to it."""
        one = next((each for each in self.turns.values() if each.alive and message_id in each.messages), None)
        if one is not None:
            for each in self.turns.values():
                each.alive = each.alive and each.first != one.first

    def forgotten(self, person_id: int) -> None:
        for one in self.turns.values():
            if one.by == person_id:
                one.alive = False
            one.marks = {mark: whose for mark, whose in one.marks.items() if whose != person_id}


async def test_a_request_holds_its_own_branch_alone(
    database: Database, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = random.randrange(2**32)
    sys.stdout.write(f"seed {seed}\n")
    world = World(Talk(database, orders), random.Random(seed))
    chance = world.chance
    cog = listener(database, monkeypatch)
    for server in SERVERS:
        await _set(database, server, "context_tokens", ROOM)
    while world.asked < TURNS:
        begun = await database.run(lambda c: [world.ask(c) for _ in range(AT_ONCE)])
        asked = [each for each in begun if each is not None]
        for made, seen in asked:
            request = world.talk.request(made)
            world.check(seen, [text_of(one) for one in (await request.make()).messages])

        def answer(c: Connection, asked: Sequence[tuple[Begun, Seen]] = asked) -> None:
            for _, seen in asked:
                turns.end(c, seen.id, f"mark-a{seen.id}", "stop", None, time.time())
                for message_id in seen.messages[1:]:
                    turns.stands_in(c, seen.id, message_id)
                seen.answered = True

        await database.run(answer)
        await _meddle(world, database, chance)
        await _delete(world, cog, chance)
    assert world.refused > 5
    assert world.told > 2 * TURNS


async def _meddle(world: World, database: Database, chance: random.Random) -> None:
    alive = [one for one in world.turns.values() if one.alive]
    gone = chance.sample(alive, min(3, len(alive)))
    await database.run(turns.remove, [one.id for one in gone])
    for one in gone:
        world.gone(one)
    what = chance.random()
    if what < 0.15:
        person = chance.choice(PEOPLE)
        await forget_rows(database, person)
        world.forgotten(person)
    elif what < 0.3:
        server = chance.choice(list(SERVERS))
        world.own ^= {server}
        await _set(database, server, "conversations", "own" if server in world.own else "shared")
    elif what < 0.5:
        world.talk.estimates = TokenEstimates()  # a new process


def listener(database: Database, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """What hears of Discord's events, without Discord: what it deletes there itself is not looked at."""

    async def deleted(*_: object) -> bool:
        return True

    monkeypatch.setattr(heard, "delete", deleted)
    nothing_grows: Any = SimpleNamespace(end=AsyncMock(return_value=[]))
    bot: Any = SimpleNamespace(the=Mock(return_value=database), deleted={}, application_id=1)
    cog = Ask.__new__(Ask)
    cog.bot = bot
    cog.chats = Chats(bot, watches=False)
    cog.heard = Heard(bot, nothing_grows, cog.chats)
    return cog


async def _delete(world: World, cog: Ask, chance: random.Random) -> None:
    """Events of the gateway, as Discord writes them."""
    alive = [one for one in world.turns.values() if one.alive and one.answered and one.where > 0]
    if len(alive) < 10:
        return
    one = chance.choice(alive)
    gone = chance.choice(one.messages)
    event: Any = {"id": str(gone), "channel_id": str(one.where)}
    await cog.on_raw_message_delete(discord.RawMessageDeleteEvent(event))
    world.deleted(gone)
    if chance.random() < 0.3:
        where = chance.choice(alive).where
        many = [chance.choice(each.messages) for each in alive if each.where == where and chance.random() < 0.1]
        event = {"ids": list(map(str, many)), "channel_id": str(where)}
        await cog.on_raw_bulk_message_delete(discord.RawBulkMessageDeleteEvent(event))
        for each in sorted(many):
            world.deleted(each)
    if chance.random() < 0.1:
        where = chance.choice(list(THREADS))
        event = {"id": str(where), "guild_id": "1", "parent_id": str(THREADS[where]), "type": 11}
        await cog.on_raw_thread_delete(discord.RawThreadDeleteEvent(event))
        for each in world.turns.values():
            each.alive = each.alive and each.where != where


async def _set(database: Database, server: int, key: str, value: Any) -> None:
    at: dict[str, Any] = {"scope": "server", "scope_id": server, "guild_id": server, "changed_by": 1, "now": 0.0}
    await database.run(put, key=key, value=value, **at)


async def test_the_fuzz_would_see_a_leak(database: Database, orders: Orders) -> None:
    """With one parent set wrong in the rows, what is told is found to be foreign."""
    talk = Talk(database, orders)
    world = World(talk, random.Random(1))
    ids = [await talk.say(f"mark-q{number}", f"mark-a{number}", by=number) for number in (1, 2, 3)]
    seen = {id_: Seen(id_, None, id_, 20, False, {f"mark-q{id_}": id_, f"mark-a{id_}": id_}) for id_ in ids}
    begun = await talk.ask("mark-q4", by=3, to=ids[2])
    new = Seen(begun.turn.id, seen[ids[2]], 3, 20, False, {"mark-q4": 3, "mark-a4": 3})
    world.check(new, [text for _, text in await talk.told(begun)])
    await database.run(lambda c: c.execute(table.update().where(table.c.id == ids[2]).values(parent_id=ids[0])))
    begun = await talk.ask("mark-q5", by=3, to=ids[2])
    new = Seen(begun.turn.id, seen[ids[2]], 3, 20, False, {"mark-q5": 3, "mark-a5": 3})
    try:
        world.check(new, [text for _, text in await talk.told(begun)])
    except AssertionError:
        return
    raise AssertionError("a leak was not seen")
