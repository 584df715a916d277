"""What Discord sent and was acted upon. Discord sends an event at least once; it is acted upon once.

Its id is stored in the transaction of what it leads to, so that the second of two has nothing to act upon, whichever
process it comes to, and whenever: after a resume, after a crash, beside another process on the same database.
"""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from bot.errors import Repeated
from bot.store.schema import events
from bot.store.upsert import insert_for, insert_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Executable

P = ParamSpec("P")
T = TypeVar("T")


def once(
    id: int | None,  # noqa: A002 - the column's name
    act: Callable[Concatenate[Connection, P], T],
) -> Callable[Concatenate[Connection, P], T]:
    """`act`, as what is done upon the event `id` (None: upon none): done once, however often it is run.

    Where `act` raises, the event is not acted upon yet. On PostgreSQL it waits for another transaction that is acting
    upon the same event. Repeated: one did before.
    """

    def acting(connection: Connection, *args: P.args, **kwargs: P.kwargs) -> T:
        if id is not None:
            values = {"id": id, "at": time.time(), "acted": True}
            if connection.execute(_acted(connection.dialect.name), values).rowcount == 0:
                raise Repeated(id)
        return act(connection, *args, **kwargs)

    return acting


@cache
def _acted(dialect: str) -> Executable:
    """Made once: it is run with every order."""
    return insert_in(dialect, events).on_conflict_do_update(
        index_elements=[events.c.id], set_={"acted": True}, where=events.c.acted.is_(False)
    )


def take(c: Connection, id: int) -> bool:  # noqa: A002 - the column's name
    """Of several processes that an event came to, one takes it: True. It has not been acted upon by that."""
    insert = insert_for(c, events).values(id=id, at=time.time(), acted=False)
    return c.execute(insert.on_conflict_do_nothing(index_elements=[events.c.id])).rowcount == 1
