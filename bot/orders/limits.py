"""What moderators let people order in a time at a place (the setting `limits`), and what of it is left.

Every scope around a place counts what is ordered within it, so a thread's orders are its channel's, too; each limit
holds for itself. Within a scope a person has the most generous limit of their roles, or everybody's. What is counted
is the order, by who pays for it: what they made stays counted when they lose a role, or leave a category.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.errors import PlaceLimitReached
from bot.kinds import Kind
from bot.orders import limit_rows as rows
from bot.orders.limit_rows import EVERYBODY, Key
from bot.orders.policy import Rules
from bot.periods import period_end, period_start
from bot.settings import Origin, Place
from bot.settings.limits import Limit, limits_of, personal_limits
from bot.settings.limits_left import Left

LOW_SHARE = 10
"""In % of a limit: when no more than this is left, its person is told."""


@dataclass(frozen=True, slots=True)
class Taken:
    """`counts`: which one was taken of. `low`: the limits of which little is left since this order."""

    counts: tuple[int, ...] = ()
    low: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True)
class _Applying:
    """A count at a scope, and the limit of it for one person; None: it is counted, and they have none."""

    key: Key
    limit: Limit | None
    origin: Origin

    def left(self, used: int) -> Left | None:
        if self.limit is None or self.limit.most is None:
            return None
        return Left(self.limit, self.origin, self.key.scope_id, used, self.key.ends_at)


def take(  # noqa: PLR0917 - who and where, then what
    c: Connection, rules: Rules, place: Place, person_id: int, roles: Collection[int], kind: Kind, now: float
) -> Taken:
    """Take one of each limit that holds here. PlaceLimitReached, which undoes the transaction: one is used up."""
    applying = _applying(rules, place, person_id, roles, kind, now)
    if not applying:
        return Taken()
    counts = rows.take(c, applying.keys())
    limited = [one for key, count in counts.items() if (one := applying[key].left(count.used)) is not None]
    if over := [one for one in limited if one.used > one.most]:
        raise reached(_tightest(over))
    return Taken(tuple(count.id for count in counts.values()), tuple(filter(_became_low, limited)))


def left_of(  # noqa: PLR0917 - as `take`
    c: Connection, rules: Rules, place: Place, person_id: int, roles: Collection[int], now: float
) -> list[Left]:
    """What somebody has left of each limit that holds for them here, by kind, the widest scope first."""
    every = [one for kind in Kind for one in _applying(rules, place, person_id, roles, kind, now).values()]
    used = rows.used(c, [one.key for one in every])
    found = (one.left(used.get(one.key, 0)) for one in every)
    return [one for one in found if one is not None]


def reached(one: Left) -> PlaceLimitReached:
    limit = one.limit
    return PlaceLimitReached(
        limit.command,
        one.most,
        one.resets_at,
        period=limit.period,
        total=limit.total,
        scope=one.origin,
        id=one.scope_id,
    )


def _applying(  # noqa: PLR0917 - as `take`
    rules: Rules, place: Place, person_id: int, roles: Collection[int], kind: Kind, now: float
) -> dict[Key, _Applying]:
    found: dict[Key, _Applying] = {}
    where = {origin: (scope, id_) for origin, scope, id_ in place.scopes()}
    for part in reversed(rules.effective["limits"].parts):
        limits = limits_of(part.value, kind)  # pyright: ignore[reportArgumentType] - what a list's setting stores
        mine = {limit.period: limit for limit in personal_limits(limits, roles)}
        for limit in limits:
            key = Key(*where[part.origin], EVERYBODY if limit.total else person_id, kind.command, limit.period, 0.0)
            key = key._replace(ends_at=period_end(limit.period, period_start(limit.period, now)) or 0.0)
            found[key] = _Applying(key, limit if limit.total else mine.get(limit.period), part.origin)
    return found


def _tightest(over: Collection[Left]) -> Left:
    """The one that refuses for the longest time; of several, the smallest."""
    return max(over, key=lambda one: (one.resets_at, -one.most))


def _became_low(one: Left) -> bool:
    """Whether this order, the last of `used`, was the one that left no more than so much."""
    return one.left * 100 <= one.most * LOW_SHARE < (one.left + 1) * 100
