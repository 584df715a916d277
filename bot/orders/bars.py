"""People whom moderators barred from ordering anything in a server: until a moment, or until they are let in again.

Whoever is barred is told why and until when, once; after that, only that they are. Beside the row there is a line in
the history of settings, of which `before` and `after` say how they stood. Who may bar whom: `bot.kit.barring`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Required, TypedDict, cast

from sqlalchemy import BigInteger, Double, bindparam, delete, or_, select, update

from bot.errors import BadValue
from bot.orders import person_lines
from bot.orders.person_lines import BAR
from bot.store.schema import bars as b
from bot.store.upsert import insert_for
from bot.text import escape, shorten

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from bot.settings.changes import Changed

LONGEST_DAYS: Final = 3650
_UNITS: Final = {
    60: ("m", "min", "mins", "minute", "minutes", "分", "分钟"),
    3600: ("h", "hr", "hrs", "hour", "hours", "小时", "时", "钟头"),
    86_400: ("d", "day", "days", "天", "日"),
    7 * 86_400: ("w", "wk", "wks", "week", "weeks", "周", "星期", "礼拜"),
    14 * 86_400: ("fortnight", "fortnights"),
    30 * 86_400: ("mo", "month", "months", "月"),
    365 * 86_400: ("y", "yr", "yrs", "year", "years", "年"),
}
_SECONDS: Final = {name: seconds for seconds, names in _UNITS.items() for name in names}
_ENGLISH: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WORDS: Final = {
    **dict.fromkeys(("half", "half a", "half an", "半"), 0.5),
    **dict.fromkeys(("a", "an"), 1),
    **{said: number for number, said in enumerate(_ENGLISH, 1)},
    **{said: number for number, said in enumerate("一二三四五六七八九十", 1)},
    "两": 2,
}
_NUMBER: Final = "|".join(sorted(_WORDS, key=len, reverse=True))
_SPAN: Final = re.compile(rf"(?P<number>\d{{1,6}}|{_NUMBER}) ?(?:个 ?)?(?P<unit>[^\W\d_]{{1,10}})")
_EVER: Final = frozenset(
    {"ever", "forever", "no end", "indefinitely", "没有期限", "permanent", "always", "none", "永久", "永远", "无"}
)


@dataclass(frozen=True, slots=True)
class Bar:
    """Unix seconds; `until` None: until somebody lets them in again. `told_at` None: they do not know yet.

    `barred_by` None: that person's data was deleted.
    """

    guild_id: int
    person_id: int
    reason: str
    until: float | None
    barred_by: int | None
    barred_at: float
    told_at: float | None


class BarValue(TypedDict, total=False):
    """How somebody stood, in a line of the history. `person` and `reason` are missing where data was deleted."""

    until: Required[float | None]
    person: str
    reason: str


def parse_span(typed: str | None) -> float | None:
    """Seconds of `3d`, `2 h`, `a week`, `2周` or `两周`; None: no end. BadValue: it is no time."""
    said = " ".join((typed or "").lower().split())
    if not said or said in _EVER:
        return None
    match = _SPAN.fullmatch(said)
    each = _SECONDS.get(match["unit"]) if match else None
    number = (_WORDS.get(match["number"]) or int(match["number"])) if match else 0
    seconds = number * each if each else 0
    if not 0 < seconds <= LONGEST_DAYS * 86_400:
        raise BadValue("bar.bad_time", typed=escape(shorten(said, 30)))
    return float(seconds)


# Made once: it is asked with every order.
_BARRED: Final = select(b).where(
    b.c.guild_id == bindparam("guild", type_=BigInteger),
    b.c.person_id == bindparam("person", type_=BigInteger),
    or_(b.c.until.is_(None), b.c.until > bindparam("now", type_=Double)),
)


def barred(c: Connection, guild_id: int, person_id: int, now: float) -> Bar | None:
    """The bar that holds for a person; None: there is none."""
    row = c.execute(_BARRED, {"guild": guild_id, "person": person_id, "now": now}).first()
    return None if row is None else Bar(*row)


def all_of(c: Connection, guild_id: int, now: float, *, limit: int, first: int = 0) -> list[Bar]:
    """Who is barred in a server, the newest first, from the one numbered `first` (from 0) on."""
    mine = (b.c.guild_id == guild_id) & _holds(now)
    query = select(b).where(mine).order_by(b.c.barred_at.desc(), b.c.person_id).limit(limit).offset(first)
    return [Bar(*row) for row in c.execute(query)]


def bar(
    c: Connection,
    *,
    guild_id: int,
    person_id: int,
    until: float | None,
    reason: str,
    by: int,
    now: float,
    undoes: int | None = None,
) -> Changed:
    """Bar a person, in place of a bar that they have, and note it in the history."""
    before = _held(c, guild_id, person_id, now)
    facts = {"reason": reason, "until": until, "barred_by": by, "barred_at": now, "told_at": None}
    made = insert_for(c, b).values(guild_id=guild_id, person_id=person_id, **facts)
    c.execute(made.on_conflict_do_update(index_elements=[b.c.guild_id, b.c.person_id], set_=facts))
    after = _bar_value(person_id, until, reason)
    return person_lines.note(c, BAR, guild_id=guild_id, before=before, after=after, by=by, now=now, undoes=undoes)


def unbar(
    c: Connection, *, guild_id: int, person_id: int, by: int, now: float, undoes: int | None = None
) -> Changed | None:
    """Let a person in again, and note it in the history. None: they are not barred.

    What undoes a batch is noted in any case: it is then known to be taken back.
    """
    before = _held(c, guild_id, person_id, now)
    c.execute(delete(b).where(_row(guild_id, person_id)))
    if before is None and undoes is None:
        return None
    # Who it is about is said in any case.
    before = before or _bar_value(person_id, now, "")
    return person_lines.note(c, BAR, guild_id=guild_id, before=before, after=None, by=by, now=now, undoes=undoes)


def take_back(c: Connection, line: Changed, *, by: int, now: float) -> Changed | None:
    """Have a person stand as before a line, and note it. None: nobody knows any more who it was."""
    was, became = cast("BarValue | None", line.before), cast("BarValue | None", line.after)
    person = (was or became or {}).get("person")
    if person is None:
        return None
    guild_id, person_id, undoes = line.scope_id, int(person), line.batch
    if was is None or (was["until"] is not None and was["until"] <= now):
        return unbar(c, guild_id=guild_id, person_id=person_id, by=by, now=now, undoes=undoes)
    until, reason = was["until"], was.get("reason", "")
    return bar(c, guild_id=guild_id, person_id=person_id, until=until, reason=reason, by=by, now=now, undoes=undoes)


def barred_again(line: Changed) -> int | None:
    """Whom taking a line back bars; None: nobody."""
    person = (cast("BarValue | None", line.before) or {}).get("person")
    return None if person is None else int(person)


def note_told(c: Connection, guild_id: int, person_id: int, now: float) -> bool:
    """They are told now. False: they were before; of two at once, one is."""
    told = update(b).where(_row(guild_id, person_id), b.c.told_at.is_(None)).values(told_at=now)
    return bool(c.execute(told).rowcount)


def forget_reasons(c: Connection, person_id: int) -> None:
    """Take what a person said of those whom they barred; the bars stay."""
    c.execute(update(b).where(b.c.barred_by == person_id).values(reason=""))


def _bar_value(person_id: int, until: float | None, reason: str) -> BarValue:
    return {"person": str(person_id), "until": until, "reason": reason}


def _held(c: Connection, guild_id: int, person_id: int, now: float) -> BarValue | None:
    """How they stand, locked."""
    query = select(b.c.until, b.c.reason).where(_row(guild_id, person_id), _holds(now)).with_for_update()
    row = c.execute(query).first()
    return None if row is None else _bar_value(person_id, row.until, row.reason)


def _row(guild_id: int, person_id: int) -> ColumnElement[bool]:
    return (b.c.guild_id == guild_id) & (b.c.person_id == person_id)


def _holds(now: float) -> ColumnElement[bool]:
    return or_(b.c.until.is_(None), b.c.until > now)
