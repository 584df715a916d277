"""What is stored of a person, to show it and to remove it; and what is forgotten of everybody after some days.

Everything here that may touch many rows goes in bounded steps, a transaction each: SQLite has one writer, and commands
wait for it. Whole tables are walked by ranges of ids (`next_range`). What has ended is told by `ended_at`: asked for
the state, SQLite would take that index, and read all rows there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Integer, Text, cast, delete, func, or_, select, update

from bot.generation.records import Generation, Result
from bot.orders.ledger import DAY_SECONDS, Account, Balance
from bot.settings.changes import Changed
from bot.store.schema import (
    accounts,
    charges,
    daily_counts,
    generations,
    inputs,
    reservations,
    results,
    setting_changes,
    settings,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from bot.settings.stored import Json

NOBODY = 0
"""Stands where a setting that is in force was made by a person whose data was deleted."""


@dataclass(frozen=True, slots=True)
class SettingMade:
    """A value in force that the person set."""

    scope: str
    scope_id: int
    guild_id: int | None
    key: str
    value: Json
    changed_at: float


@dataclass(frozen=True, slots=True)
class Act:
    """What the person did to somebody else's order."""

    id: int
    kind: str
    ended_at: float | None
    """When the person ended it; None: they did not."""
    removed_at: float | None
    """When the person removed it; None: they did not."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """What one order of the person reserved, and what it cost them; None: it is not settled yet."""

    id: int
    guild_id: int
    channel_id: int
    kind: str
    model: str
    generation_id: int | None
    price: int
    created_at: float
    settled_at: float | None
    spent: int | None


def orders_of(
    c: Connection, person_id: int, *, after_id: int, limit: int
) -> list[tuple[Generation, tuple[Result, ...]]]:
    """A page of a person's orders with their results, oldest first."""
    g = generations.c
    query = select(generations).where(g.person_id == person_id, g.id > after_id).order_by(g.id).limit(limit)
    rows = [Generation(*row) for row in c.execute(query)]
    found: dict[int, list[Result]] = {row.id: [] for row in rows}
    of_them = select(results).where(results.c.generation_id.in_(found)).order_by(results.c.position)
    for result in (Result(*row) for row in c.execute(of_them)):
        found[result.generation_id].append(result)
    return [(row, tuple(found[row.id])) for row in rows]


def days_of(c: Connection, person_id: int) -> list[tuple[str, int, int]]:
    """How often a person used what: kind, day (from 1970-01-01 UTC), times."""
    d = daily_counts.c
    query = select(d.kind, d.day, d.used).where(d.person_id == person_id).order_by(d.day, d.kind)
    return [(kind, day, used) for kind, day, used in c.execute(query)]


def changes_by(c: Connection, person_id: int, *, after_id: int, limit: int) -> list[Changed]:
    """A page of the changes of settings that a person made, oldest first."""
    h = setting_changes.c
    query = select(setting_changes).where(h.changed_by == person_id, h.id > after_id).order_by(h.id).limit(limit)
    return [Changed(*row) for row in c.execute(query)]


def settings_by(c: Connection, person_id: int) -> list[SettingMade]:
    """The values in force that a person set; older ones have no line in the history."""
    s = settings.c
    query = select(s.scope, s.scope_id, s.guild_id, s.key, s.value, s.changed_at).where(s.changed_by == person_id)
    return [SettingMade(*row) for row in c.execute(query.order_by(s.changed_at))]


def reservations_of(c: Connection, person_id: int, *, after_id: int, limit: int) -> list[Reserved]:
    """A page of what a person's orders reserved and cost, oldest first."""
    r = reservations.c
    columns = (
        r.id,
        r.guild_id,
        r.channel_id,
        r.kind,
        r.model,
        r.generation_id,
        r.price,
        r.created_at,
        r.settled_at,
        r.spent_by_person,
    )
    query = select(*columns).where(r.person_id == person_id, r.id > after_id).order_by(r.id).limit(limit)
    return [Reserved(*row) for row in c.execute(query)]


def accounts_of(c: Connection, person_id: int) -> list[tuple[int, Account, Balance]]:
    """A person's accounts, their servers first: the days' shares, and what they were granted."""
    a = accounts.c
    columns = (a.guild_id, a.kind, a.owner_id, a.period, a.starts, a.reserved, a.spent, a.granted)
    mine = a.kind.in_(("person", "grant")) & (a.owner_id == person_id)
    found = c.execute(select(*columns).where(mine).order_by(a.guild_id, a.kind, a.starts)).all()
    return [(row[0], Account(*row[1:5]), Balance(*row[5:])) for row in found]


def next_range(c: Connection, *, after: int, size: int) -> int | None:
    """The last id of the next `size` orders after `after`, whoever's; None: there are no more."""
    ids = select(generations.c.id).where(generations.c.id > after).order_by(generations.c.id).limit(size).subquery()
    return c.execute(select(func.max(ids.c.id))).scalar()


def acts_of(c: Connection, person_id: int, *, after: int, upto: int) -> list[Act]:
    """What a person ended or removed of other people's orders with ids in (after, upto]."""
    g = generations.c
    theirs = or_(g.ended_by == person_id, g.removed_by == person_id) & (g.person_id != person_id)
    query = select(g.id, g.kind, g.ended_by, g.ended_at, g.removed_by, g.removed_at)
    return [
        Act(
            id_,
            kind,
            ended_at if ended_by == person_id else None,
            removed_at if removed_by == person_id else None,
        )
        for id_, kind, ended_by, ended_at, removed_by, removed_at in c.execute(
            query.where(theirs, g.id > after, g.id <= upto).order_by(g.id)
        )
    ]


def delete_orders(c: Connection, person_id: int, *, limit: int) -> list[int]:
    """Delete some of a person's orders that have ended, results included; their ids. Live ones are left alone."""
    g = generations.c
    ended = select(g.id).where(g.person_id == person_id, g.ended_at.is_not(None)).order_by(g.id).limit(limit)
    return list(c.execute(delete(generations).where(g.id.in_(ended)).returning(g.id)).scalars())


def forget_acts(c: Connection, person_id: int, *, after: int, upto: int) -> None:
    """Take a person's name from what they ended or removed, with ids in (after, upto]."""
    here = (generations.c.id > after) & (generations.c.id <= upto)
    for column in (generations.c.ended_by, generations.c.removed_by):
        c.execute(update(generations).where(here, column == person_id).values({column: None}))


def forget_changes(c: Connection, person_id: int) -> None:
    """Take a person's name from the settings and their history. What they set holds on."""
    h = setting_changes.c
    c.execute(update(setting_changes).where(h.changed_by == person_id).values(changed_by=None))
    c.execute(update(settings).where(settings.c.changed_by == person_id).values(changed_by=NOBODY))


def forget_days(c: Connection, person_id: int, *, before: int) -> None:
    """Delete how often a person used what, of days before `before`."""
    c.execute(delete(daily_counts).where(daily_counts.c.person_id == person_id, daily_counts.c.day < before))


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


def forget_reservations(c: Connection, *, person_id: int, limit: int) -> int:
    """Take a person's name from what they reserved and spent; from how many, at most `limit`. The sums stay."""
    r = reservations.c
    some = select(r.id).where(r.person_id == person_id).limit(limit)
    return c.execute(update(reservations).where(r.id.in_(some)).values(person_id=None)).rowcount


def _delete(c: Connection, account_ids: Sequence[int]) -> int:
    """Nothing is reserved on these any more: their charges are of use to nobody."""
    c.execute(delete(charges).where(charges.c.account_id.in_(account_ids)))
    return c.execute(delete(accounts).where(accounts.c.id.in_(account_ids))).rowcount


def forget_tokens(c: Connection, *, after: int, upto: int, now: float) -> None:
    """Of orders with ids in (after, upto] that ended, remove the interactions' tokens that are over."""
    g = generations.c
    over = (g.id > after) & (g.id <= upto) & g.ended_at.is_not(None) & (g.token_expires_at < now)
    c.execute(update(generations).where(over).values(token=None, token_expires_at=None))


def forget_prompts(c: Connection, *, after: int, upto: int, now: float, days: int) -> list[int]:
    """Of orders with ids in (after, upto] that ended too long ago, remove what people and the service wrote, and the
    results; their ids. How long is kept is the server's `prompt_days`, else `days`.
    """
    g, s = generations.c, settings.c
    # Whole numbers are all that this key is ever stored with.
    of_server = (
        select(cast(cast(s.value, Text), Integer))
        .where(s.scope == "server", s.scope_id == g.guild_id, s.key == "prompt_days")
        .scalar_subquery()
    )
    old = g.ended_at < now - func.coalesce(of_server, days) * DAY_SECONDS
    here = (g.id > after) & (g.id <= upto)
    kept = (g.prompt != "") | g.detail.is_not(None)
    forgotten = update(generations).where(here, kept, old)
    ids = list(c.execute(forgotten.values(prompt="", detail=None, parameters={}).returning(g.id)).scalars())
    if ids:
        for made in (results, inputs):
            c.execute(delete(made).where(made.c.generation_id.in_(ids)))
    return ids
