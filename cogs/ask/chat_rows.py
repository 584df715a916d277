"""Threads that somebody opened to talk with the bot, and direct messages in which a new topic was begun: their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from bot.store.schema import CHAT_SECONDS
from bot.store.schema import chats as t
from bot.store.schema import turns as asked
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Chat:
    """The columns' order is `schema.chats`'s. `since`: nothing before this id is gone on from.

    `several`: more people than who opened it wrote.
    """

    channel_id: int
    person_id: int
    guild_id: int | None
    persona: str | None
    since: int
    several: bool
    opened_at: float


def put(c: Connection, chat: Chat) -> None:
    values = {name: getattr(chat, name) for name in Chat.__slots__}
    insert = insert_for(c, t).values(values)
    c.execute(insert.on_conflict_do_update(index_elements=[t.c.channel_id], set_=values))


def get(c: Connection, channel_id: int) -> Chat | None:
    row = c.execute(select(t).where(t.c.channel_id == channel_id)).first()
    return None if row is None else Chat(*row)


def note_several(c: Connection, channel_id: int) -> None:
    c.execute(update(t).where(t.c.channel_id == channel_id).values(several=True))


def forget(c: Connection, channel_id: int) -> None:
    c.execute(delete(t).where(t.c.channel_id == channel_id))


def threads(c: Connection, *, now: float) -> list[int]:
    recent = (t.c.guild_id.is_not(None)) & (t.c.opened_at > now - CHAT_SECONDS)
    return list(c.execute(select(t.c.channel_id).where(recent)).scalars())


def talked_in(c: Connection, *, now: float, direct: int) -> tuple[list[int], list[int]]:
    """Where people talk with the bot: the `direct` messages in which somebody did last, and threads."""
    turns = select(asked.c.channel_id, func.max(asked.c.id).label("last")).where(asked.c.guild_id.is_(None))
    begun = select(t.c.channel_id, t.c.since).where(t.c.guild_id.is_(None))
    last = turns.group_by(asked.c.channel_id).union_all(begun).subquery()
    newest = select(last.c.channel_id).group_by(last.c.channel_id).order_by(func.max(last.c.last).desc()).limit(direct)
    return list(c.execute(newest).scalars()), threads(c, now=now)


def asked_in(c: Connection, *, since: int, most: int) -> dict[int, int]:
    """The channels of servers in which somebody asked something after the id `since`, with the newest of each."""
    here = (asked.c.id > since) & asked.c.guild_id.is_not(None) & asked.c.private.is_(False)
    newest = func.max(asked.c.id)
    query = select(asked.c.channel_id, newest).where(here).group_by(asked.c.channel_id).order_by(newest.desc())
    return {int(row[0]): int(row[1]) for row in c.execute(query.limit(most))}


def of_person(c: Connection, person_id: int, guild_id: int) -> list[int]:
    mine = (t.c.person_id == person_id) & (t.c.guild_id == guild_id)
    return list(c.execute(select(t.c.channel_id).where(mine).order_by(t.c.opened_at.desc()).limit(50)).scalars())
