"""The shares of a pool that people are told of, noticed in the transaction that spends it.

Of what is settled: what is merely reserved may be given back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import update

from bot.store.database import wake
from bot.store.schema import accounts, pool_alerts
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from sqlalchemy import Connection

DUE: Final = "pools"
"""What wakes whoever tells of them."""
STEPS: Final = (50, 75, 90, 100)
"""In % of the ceiling."""


def notice(c: Connection, account_id: int, *, spent: int, ceiling: int, alerted: int) -> None:
    """Have people told of the highest step that `spent` has reached, unless they are: `alerted` credits were one.

    Kept as an amount: when the ceiling is raised, the same share of it is more, and told anew.
    """
    amounts = {-(-step * ceiling // 100): step for step in STEPS}
    reached = max((amount for amount in amounts if alerted < amount <= spent), default=None)
    if reached is None:
        return
    c.execute(update(accounts).where(accounts.c.id == account_id).values(alerted=reached))
    told = {"percent": amounts[reached], "spent": spent, "ceiling": ceiling}
    due = insert_for(c, pool_alerts).values(account_id=account_id, **told)
    c.execute(due.on_conflict_do_update(index_elements=[pool_alerts.c.account_id], set_=told))
    wake(c, DUE)
