"""Single values the bot remembers about itself, such as the hash of the commands it last synced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from bot.store.schema import facts
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from sqlalchemy import Connection


def get(c: Connection, key: str) -> str | None:
    return c.execute(select(facts.c.value).where(facts.c.key == key)).scalar()


def put(c: Connection, key: str, value: str) -> None:
    insert = insert_for(c, facts).values(key=key, value=value)
    c.execute(insert.on_conflict_do_update(index_elements=[facts.c.key], set_={"value": insert.excluded.value}))


def put_new(c: Connection, key: str, value: str) -> bool:
    """Whether nothing was stored under `key` before; `value` is then."""
    insert = insert_for(c, facts).values(key=key, value=value)
    return c.execute(insert.on_conflict_do_nothing(index_elements=[facts.c.key])).rowcount == 1


def replace(c: Connection, key: str, before: str, value: str) -> bool:
    """Whether what was stored under `key` was `before`; `value` is then. Of many at once, one is told so."""
    was = (facts.c.key == key) & (facts.c.value == before)
    return c.execute(update(facts).where(was).values(value=value)).rowcount == 1


def put_time(c: Connection, key: str, now: float, *, every: float) -> bool:
    """Whether no time within the last `every` seconds was stored under `key` before; `now` is then. Of many at once,
    one is told so.
    """
    if put_new(c, key, str(now)):
        return True
    before = c.execute(select(facts.c.value).where(facts.c.key == key).with_for_update()).scalar_one()
    if now - float(before) < every:
        return False
    put(c, key, str(now))
    return True
