"""The processes that share a PostgreSQL database: joining them, taking the place of one that is silent, and leaving.

A process lives as long as its row says that it was seen a moment ago, by the database's clock. Whoever finds one silent
first fences it: its row says so, its connections are ended, and a new one of its own is refused; only then is what it
held free. So a process that was only asleep, and wakes, can write nothing that is not its own any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import Float, Select, cast, delete, func, insert, select, text, true, update

from bot.store.schema import FENCED, GONE, LIVE_STATES, generations, growing_answers, processes, shards

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

LEASE_SECONDS: Final = 10.0
"""A process that was not seen for so long is silent."""
CHANNEL: Final = "onekey_bot"
"""Where the processes tell each other what changed (LISTEN, `bot.store.signals`)."""
WAKE: Final = "wake"
"""What is sent there where a transaction wakes whoever waits for something (`bot.store.database.wake`)."""
LOOK: Final = "look"
"""Likewise, where what is stored of the processes or their shards has changed."""
SHARDS_KEY: Final = int.from_bytes(b"OneKeySh", "big")
"""PostgreSQL's advisory lock of a transaction that shares out shards."""


class Process(NamedTuple):
    """`silent`: seconds since it was seen."""

    id: int
    kind: str
    leaving: bool
    silent: float


class Shard(NamedTuple):
    """The columns' order is `schema.shards`'s."""

    id: int
    process_id: int | None
    next_id: int | None
    ready: bool


def database_time() -> Select[float]:
    return select(cast(func.extract("epoch", func.clock_timestamp()), Float(53)))


def name_of(process_id: int) -> str:
    """What the database's connections of a process are called."""
    return f"onekey-bot {process_id}"


def join(c: Connection, kind: str) -> int:
    """A new process: its id. What is held by one that is not even known, as in a backup, is free."""
    known = select(processes.c.id)
    for held in (generations, growing_answers, shards):
        live = generations.c.state.in_(LIVE_STATES) if held is generations else true()
        c.execute(update(held).where(live, held.c.process_id.not_in(known)).values(process_id=None))
    now = database_time().scalar_subquery()
    return c.execute(insert(processes).values(kind=kind, seen_at=now).returning(processes.c.id)).scalar_one()


def fence(c: Connection, *, but: int) -> list[int]:
    """End the leases of the processes that are silent; the ids of all whose lease was ended, and who are not gone."""
    silent = processes.c.seen_at.between(FENCED, database_time().scalar_subquery() - LEASE_SECONDS)
    c.execute(update(processes).where(silent, processes.c.id != but).values(seen_at=FENCED))
    return list(c.execute(select(processes.c.id).where(processes.c.seen_at == FENCED)).scalars())


def disconnect(c: Connection, ids: Collection[int]) -> int:
    """End the connections of these processes, and with them what they have begun; how many it were."""
    ended = text(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
        "WHERE application_name = ANY(:names) AND datname = current_database()"
    )
    return c.execute(ended, {"names": [name_of(id_) for id_ in ids]}).scalar_one()


def release(c: Connection, ids: Collection[int]) -> None:
    """Give free what these processes held. They have ended, or are fenced and `disconnect`ed.

    What they had begun may be a hundred thousand rows: those stay as they are until others take them
    (`bot.generation.rows.queries.take_free`), so that each is written once.
    """
    queued = (generations.c.state == "queued") & generations.c.process_id.in_(ids)
    c.execute(update(generations).where(queued).values(process_id=None))
    c.execute(update(growing_answers).where(growing_answers.c.process_id.in_(ids)).values(process_id=None))
    c.execute(update(shards).where(shards.c.next_id.in_(ids)).values(next_id=None, ready=False))
    c.execute(update(shards).where(shards.c.process_id.in_(ids)).values(process_id=None))
    c.execute(update(processes).where(processes.c.id.in_(ids)).values(seen_at=GONE))
    forget_gone(c)


def gone(c: Connection) -> list[int]:
    """The processes whose generations are whosever takes them first."""
    return list(c.execute(select(processes.c.id).where(processes.c.seen_at == GONE)).scalars())


def forget_gone(c: Connection) -> None:
    """Of those who are gone, forget whose generations are all taken."""
    held = generations.c.state.in_(LIVE_STATES) & (generations.c.process_id == processes.c.id)
    left = select(generations.c.id).where(held).correlate(processes).exists()
    c.execute(delete(processes).where(processes.c.seen_at == GONE, ~left))


def leave(c: Connection, process_id: int) -> None:
    """From now on others take what it holds, and it takes nothing."""
    c.execute(update(processes).where(processes.c.id == process_id).values(leaving=True))


def have_shards(c: Connection, count: int) -> bool:
    """Have a row for each of `count` shards. False: other processes that live have the servers divided otherwise."""
    _take_turns(c)
    there = list(c.execute(select(shards.c.id)).scalars())
    if there and len(there) != count:
        if c.execute(select(shards.c.id).where(shards.c.process_id.is_not(None)).limit(1)).first() is not None:
            return False
        c.execute(delete(shards))
        there.clear()
    if not there:
        c.execute(insert(shards), [{"id": id_} for id_ in range(count)])
    return True


def take_shards(c: Connection, process_id: int, *, most: int) -> list[Shard]:
    """Take the shards that are `due_to` a process, those that nobody holds at once; as they are then."""
    _take_turns(c)
    living = select(processes.c.id).where(
        processes.c.kind == "run", processes.c.leaving.is_(False), processes.c.seen_at > FENCED
    )
    alive = set(c.execute(living).scalars())
    there = [Shard(*row) for row in c.execute(select(shards).order_by(shards.c.id))]
    chosen = due_to(process_id, there, alive, most=most)
    for one in chosen:
        where = "process_id" if one.process_id is None else "next_id"
        c.execute(update(shards).where(shards.c.id == one.id).values({where: process_id, "ready": False}))
    return [one._replace(process_id=process_id) if one.process_id is None else one for one in chosen]


def due_to(process_id: int, there: Sequence[Shard], alive: Collection[int], *, most: int) -> list[Shard]:
    """The shards that a process is to connect now: no more than `most`, and than its share among those `alive`.

    First those that nobody holds; then of those who leave, and of who holds more than their share: they hold them until
    it says that it is ready.
    """
    if process_id not in alive or not there:
        return []
    share = -(-len(there) // len(alive))
    room = min(most, share - sum(process_id in {one.process_id, one.next_id} for one in there))
    free = [one for one in there if one.process_id is None and one.next_id is None]
    held: dict[int, list[Shard]] = {}
    for one in there:
        if one.process_id is not None and one.next_id is None:
            held.setdefault(one.process_id, []).append(one)
    left = [one for holder, ones in held.items() if holder not in alive for one in ones]
    over = [one for holder, ones in held.items() if holder in alive and holder != process_id for one in ones[share:]]
    return [*free, *left, *over][: max(0, room)]


def say_ready(c: Connection, shard_id: int, process_id: int) -> bool:
    """A process has connected a shard that it is to hold next. True: it holds it already, since nobody else does."""
    where = (shards.c.id == shard_id) & (shards.c.next_id == process_id)
    c.execute(update(shards).where(where).values(ready=True))
    tell(c, process_id, LOOK)
    nobodys = where & shards.c.process_id.is_(None)
    values = {"process_id": process_id, "next_id": None, "ready": False}
    return c.execute(update(shards).where(nobodys).values(values)).rowcount == 1


def give(c: Connection, shard_id: int, process_id: int) -> bool:
    """Hand a shard over to who is ready for it. False: nobody is any more, and it stays."""
    where = (shards.c.id == shard_id) & (shards.c.process_id == process_id)
    where &= shards.c.next_id.is_not(None) & shards.c.ready
    values = {"process_id": shards.c.next_id, "next_id": None, "ready": False}
    given = c.execute(update(shards).where(where).values(values)).rowcount == 1
    if given:
        tell(c, process_id, LOOK)
    return given


def give_up(c: Connection, shard_id: int, process_id: int) -> None:
    """A process will not hold a shard after all."""
    mine = shards.c.id == shard_id
    c.execute(update(shards).where(mine, shards.c.next_id == process_id).values(next_id=None, ready=False))
    c.execute(update(shards).where(mine, shards.c.process_id == process_id).values(process_id=None))


def is_alone(c: Connection, process_id: int) -> bool:
    """Whether no other process is at work on the database."""
    others = (processes.c.id != process_id) & (processes.c.seen_at > FENCED)
    return c.execute(select(processes.c.id).where(others).limit(1)).first() is None


def tell(c: Connection, process_id: int, kind: str, said: str = "") -> None:
    """Once it has committed, the others hear that this process says something of `kind` (`bot.store.signals`)."""
    c.execute(select(func.pg_notify(CHANNEL, f"{process_id} {kind} {said}")))


def _take_turns(c: Connection) -> None:
    c.execute(select(func.pg_advisory_xact_lock(SHARDS_KEY)))
