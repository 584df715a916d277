"""The accounts of people: shown to whose they are, and forgotten when nothing is reserved on them any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from bot.orders.ledger import Account, Balance
from bot.store.schema import accounts, charges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


def accounts_of(c: Connection, person_id: int) -> list[tuple[int, Account, Balance]]:
    """A person's accounts, their servers first: the days' shares, and what they were granted."""
    a = accounts.c
    columns = (a.guild_id, a.kind, a.owner_id, a.period, a.starts, a.reserved, a.spent, a.granted)
    mine = a.kind.in_(("person", "grant")) & (a.owner_id == person_id)
    found = c.execute(select(*columns).where(mine).order_by(a.guild_id, a.kind, a.starts)).all()
    return [(row[0], Account(*row[1:5]), Balance(*row[5:])) for row in found]


def forget_accounts(c: Connection, *, day: int, limit: int, person_id: int | None = None) -> int:
    """Delete accounts of people (of one, or of all) for days before `day`, and used up grants, that nothing is reserved
    on any more.

    How many it were, at most `limit`. What was spent stands in the reservations.
    """
    a = accounts.c
    over = (a.kind == "person") & (a.period == "day") & (a.starts < day)
    # A grant that is used up, or was taken back while some of it was reserved.
    used_up = (a.kind == "grant") & (a.granted == a.spent)
    old = (over | used_up) & (a.reserved == 0)
    if person_id is not None:
        old &= a.owner_id == person_id
    return _delete(c, list(c.execute(select(a.id).where(old).limit(limit).with_for_update()).scalars()))


def forget_grants(c: Connection, *, person_id: int) -> None:
    """Take back all that a person was granted anywhere and has not used; what is reserved of it stays until settled."""
    a = accounts.c
    mine = (a.kind == "grant") & (a.owner_id == person_id)
    c.execute(update(accounts).where(mine).values(granted=a.reserved + a.spent))
    _delete(c, list(c.execute(select(a.id).where(mine, a.reserved == 0).with_for_update()).scalars()))


def _delete(c: Connection, account_ids: Sequence[int]) -> int:
    """Nothing is reserved on these any more: their charges are of use to nobody."""
    c.execute(delete(charges).where(charges.c.account_id.in_(account_ids)))
    return c.execute(delete(accounts).where(accounts.c.id.in_(account_ids))).rowcount
