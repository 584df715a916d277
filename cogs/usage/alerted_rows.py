"""Which share of a pool people were told of, once each.

By what is settled, which only grows within a day or month: what is merely reserved may be given back, and was then told
of though it was never spent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select, update

from bot.orders.ledger import is_account
from bot.store.schema import accounts as a

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from bot.orders.ledger import Ceiling


class Level(NamedTuple):
    """`percent`: the highest step that `spent` credits have reached and nobody was told of; None: there is none.

    `more`: with what is reserved now it would reach another one.
    """

    spent: int
    percent: int | None
    more: bool


def level(c: Connection, *, guild_id: int, ceiling: Ceiling, steps: Sequence[int]) -> Level:
    """How far a pool is used, against `steps` (in %)."""
    query = select(a.c.spent, a.c.reserved, a.c.alerted).where(is_account(guild_id, ceiling.account))
    row = c.execute(query).first()
    if row is None:
        return Level(0, None, more=False)
    untold = [step for step in steps if _amount(ceiling, step) > row.alerted]
    reached = [step for step in untold if row.spent >= _amount(ceiling, step)]
    coming = [step for step in untold if row.spent + row.reserved >= _amount(ceiling, step)]
    return Level(row.spent, max(reached, default=None), more=len(coming) > len(reached))


def told(c: Connection, *, guild_id: int, ceiling: Ceiling, percent: int) -> None:
    """People were told of `percent`, and with it of what is below.

    Kept as an amount: when the ceiling is raised, the same share of it is more, and told anew.
    """
    amount = _amount(ceiling, percent)
    where = is_account(guild_id, ceiling.account) & (a.c.alerted < amount)
    c.execute(update(a).where(where).values(alerted=amount))


def _amount(ceiling: Ceiling, percent: int) -> int:
    """The least number of credits that is `percent` of a ceiling; of nothing, nothing to tell."""
    return -(-percent * ceiling.limit // 100)
