"""What all processes together may do so often and no oftener: each goes through here, and learns how long to wait.

Times are the database's, so that the processes' clocks need not agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, text

from bot.store.processes import database_time
from bot.store.schema import turnstiles
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Turn(NamedTuple):
    """When it is, or was, and what time it is, both by the database's clock."""

    due: float
    now: float

    @property
    def wait(self) -> float:
        return max(0.0, self.due - self.now)


def take(c: Connection, name: str, *, interval: float, burst: int = 1, count: int = 1) -> Turn:
    """Take the next turn, or `count` of them, each `interval` seconds after the one before; of these the first.

    Of idle time at most `burst` turns are made up for. On PostgreSQL alone. Who dies before its turn has wasted it.
    """
    # A turn that is lost in a crash of the server is only a turn.
    c.execute(text("SET LOCAL synchronous_commit = off"))
    now = c.execute(database_time()).scalar_one()
    earliest = now - (burst - 1) * interval
    insert = insert_for(c, turnstiles).values(name=name, due=earliest + count * interval)
    due = func.greatest(turnstiles.c.due, earliest) + count * interval
    taken = insert.on_conflict_do_update(index_elements=[turnstiles.c.name], set_={"due": due})
    return Turn(c.execute(taken.returning(turnstiles.c.due)).scalar_one() - count * interval, now)
