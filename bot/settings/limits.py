"""How many orders are allowed in a time: `video=3/day, imagine=20/day, @Artists imagine=100/day, total video=50/day`.

An order counts once, however many images it makes. Stored are entries such as `imagine=20/day`, `total video=50/day`
and, for a role by its id, `7 imagine=100/day` or `7 imagine=unlimited/day`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from bot.errors import BadValue
from bot.i18n import text
from bot.kinds import BY_COMMAND, Kind
from bot.settings.values import LARGEST_ID, ListOf, Value
from bot.text import escape, shorten

MOST_ORDERS: Final = 999_999
UNLIMITED: Final = "unlimited"
PERIODS: Final = ("hour", "day", "month")

_TOTAL: Final = frozenset({"total", "合计", "总计", "共计", "总共", "一共"})
_EACH: Final = frozenset({"everyone", "@everyone", "所有人", "每人", "per", "for", "each", "person", "member"})
COMMAND_NAMES: Final = {
    **{command: command for command in BY_COMMAND},
    **dict.fromkeys(("image", "images", "图片", "绘图", "画图"), Kind.IMAGE.command),
    **dict.fromkeys(("videos", "视频"), Kind.VIDEO.command),
    **dict.fromkeys(("提问", "对话", "聊天", "question", "questions", "answers"), Kind.ASK.command),
}
_PERIODS: Final = {
    **dict.fromkeys(("h", "hour", "hours", "小时", "时"), "hour"),
    **dict.fromkeys(("d", "day", "days", "天", "日"), "day"),
    **dict.fromkeys(("month", "months", "月"), "month"),
}
_PARTS: Final = re.compile(r"[,，、;；\n]+")
_PERIOD: Final = "|".join(sorted(_PERIODS, key=len, reverse=True))
_ENTRY: Final = re.compile(
    r"(?P<whose>(?:.*?[^\s=:＝：])??)[\s=:＝：]*"  # whose it is ends with none of these: a line of them takes no time
    rf"(?:(?:每|per |an? |each )\s?(?P<before>{_PERIOD}) ?)?"
    r"(?P<most>\d{1,9}|unlimited|不限次数|不限|无限)\s?[次个张条]?"
    rf"(?:\s?(?:/\s?每?|每|per |an? |each )?\s?(?P<period>{_PERIOD}))?"
)
_TURNED: Final = re.compile(
    rf"(?P<who>.*?)\s?(?:(?:每|per |an? |each )\s?(?P<before>{_PERIOD}) ?)?(?<![\d&])"
    r"(?P<most>\d{1,9}|unlimited|不限次数|不限|无限)\s?[次个张条]?\s?(?P<whose>[^\d/]+?)"
    rf"(?:\s?(?:/\s?每?|每|per |an? |each )\s?(?P<period>{_PERIOD}))?"
)
"""The number before what it is of: “3 videos a day”, “每天3个视频”."""
_AMOUNT: Final = re.compile(
    r"(?<![\da-z&.-])(?P<most>-?\d+(?:\.\d+)?|unlimited|不限次数|不限|无限)(?:\s?[次个张条])?"
    r"(?:\s?/\s?每?|\s?每|\s(?:per|an?|each)\s|\s)?(?P<period>[^\d=]*)$"
)
_GIVEN: Final = re.compile(r"[=:＝：]\s?([^\s/=:＝：]+)")
"""The number with its period, or what stands in its place: looked for only where it can't be used."""
_APART: Final = re.compile(r"(<@&\d{1,19}>|合计|总计|共计|总共|一共|每人|所有人)")
_ROLE: Final = re.compile(r"(?:<@&)?(\d{1,19})>?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` orders of `command` in each `period` (hour, day, month); None: as many as one likes.

    For each person, or for those with `role`; with `total` for everybody together.
    """

    command: str
    most: int | None
    period: str
    role: int | None = None
    total: bool = False

    @classmethod
    def read(cls, entry: str) -> Limit:
        """A stored entry."""
        what, _, much = entry.partition("=")
        whose, _, command = what.rpartition(" ")
        most, _, period = much.partition("/")
        total = whose == "total"
        role = int(whose) if whose and not total else None
        return cls(command, None if most == UNLIMITED else int(most), period, role, total)

    @property
    def what(self) -> str:
        """What it limits, of which there is one in a list."""
        whose = "total " if self.total else "" if self.role is None else f"{self.role} "
        return f"{whose}{self.command}/{self.period}"

    @property
    def stored(self) -> str:
        return f"{self.what.rpartition('/')[0]}={UNLIMITED if self.most is None else self.most}/{self.period}"


@dataclass(frozen=True, slots=True)
class Limits(ListOf):
    """Entries separated by commas or lines; `none`: no limit of its own."""

    most: int = 50
    nothing = frozenset({"none", "unlimited", "不限", "无限"})

    def split(self, typed: str) -> list[str]:
        return [part for part in _PARTS.split(typed) if part.strip()]

    def of(self, parts: Sequence[str]) -> Value:
        if len(parts) > self.most:
            raise BadValue("config.bad_list", most=self.most)
        found = {limit.what: limit.stored for limit in map(_read, parts)}
        return list(found.values())

    def roles(self, value: Sequence[object]) -> list[int]:
        limits = (Limit.read(str(entry)) for entry in value)
        return list(dict.fromkeys(limit.role for limit in limits if limit.role is not None))

    def with_roles(self, value: Sequence[Any], now: Callable[[int], int]) -> Value:
        limits = map(Limit.read, value)
        there = [limit if limit.role is None else replace(limit, role=now(limit.role)) for limit in limits]
        return list({limit.what: limit.stored for limit in there}.values())

    def show(self, value: object) -> str:
        entries = cast("Sequence[str]", value)
        return ", ".join(re.sub(r"^(\d+) ", r"<@&\1> ", entry) for entry in entries) or "none"


def limits_of(entries: Iterable[str], kind: Kind) -> list[Limit]:
    """What a stored list says of `kind`."""
    return [limit for limit in map(Limit.read, entries) if limit.command == kind.command]


def personal_limits(limits: Iterable[Limit], roles: Collection[int]) -> list[Limit]:
    """For each period the limit of somebody with these roles: the most generous of their roles', else everybody's."""
    chosen: dict[str, Limit] = {}
    for limit in limits:
        if limit.total or (limit.role is not None and limit.role not in roles):
            continue
        present = chosen.get(limit.period)
        if present is None or _rank(limit) > _rank(present):
            chosen[limit.period] = limit
    return list(chosen.values())


def in_words(locale: str, entry: str) -> str:
    """A stored entry in words, which may be typed as they stand; a role is a mention."""
    limit = Limit.read(entry)
    whose = f"<@&{limit.role}> " if limit.role is not None else ""
    if limit.total:
        whose = f"{text(locale, 'limits.total')} "
    if limit.most is None:
        return f"{whose}{limit.command} {text(locale, 'limits.unlimited')}{_per(limit)}"
    return f"{whose}{limit.command} {rate(locale, limit)}"


def rate(locale: str, limit: Limit) -> str:
    """“3/day”. Of one that is not unlimited."""
    key = {"hour": "limits.an_hour", "day": "limits.a_day", "month": "limits.a_month"}[limit.period]
    return text(locale, key, count=limit.most or 0)


def _per(limit: Limit) -> str:
    """Of which period there is no limit, where it is not the usual one."""
    return "" if limit.period == "day" else f"/{limit.period}"


def _rank(limit: Limit) -> tuple[bool, int]:
    return limit.role is not None, MOST_ORDERS + 1 if limit.most is None else limit.most


def _read(part: str) -> Limit:
    """What was typed, or is stored. BadValue: why it is no limit."""
    typed = " ".join(part.split())
    match = _ENTRY.fullmatch(typed.lower())
    whose = "" if match is None else match["whose"]
    if not whose.strip():
        match = _TURNED.fullmatch(typed.lower())
        whose = "" if match is None else f"{match['who']} {match['whose']}"
    if match is None:
        raise _wrong(typed, "config.bad_limit")
    command: str | None = None
    role: int | None = None
    total = False
    period = match["period"] or match["before"]
    # A mention may stand right beside the command, and in Chinese who it is for, too.
    for word in _APART.sub(r" \1 ", whose).split():
        if (name := word.removeprefix("/")) in COMMAND_NAMES and command is None:
            command = COMMAND_NAMES[name]
        elif word in _TOTAL and not total:
            total = True
        elif word.startswith("每") and word[1:] in _PERIODS and period is None:
            period = word[1:]
        elif (found := _ROLE.fullmatch(word)) and int(found[1]) <= LARGEST_ID and role is None:
            role = int(found[1])
        elif word not in _EACH:
            raise _wrong(typed, "config.limit_of_what", word)
    if command is None:
        raise BadValue("config.limit_command", part=_quoted(typed))
    if total and role is not None:
        raise BadValue("config.limit_total_role", part=_quoted(typed))
    most = int(match["most"]) if match["most"].isdecimal() else None
    if most is not None and most > MOST_ORDERS:
        raise BadValue("config.limit_most", most=f"{MOST_ORDERS:,}")
    return Limit(command, most, _PERIODS[period or "day"], role, total)


def _wrong(typed: str, key: str, word: str = "") -> BadValue:
    """Which part of it is: the number, the period, or else `word`."""
    said = typed.lower()
    amount, given = _AMOUNT.search(said), _GIVEN.search(said)
    if amount is None and given is not None and given[1] not in COMMAND_NAMES:
        key, word = "config.limit_number", given[1]
    elif amount is not None and not amount["most"].isalnum():
        key, word = "config.limit_number", amount["most"]
    elif amount is not None and amount["period"] not in {"", *_PERIODS}:
        before = re.split(r"[\s/=:＝：]+", said[: amount.start()])
        *of, last = amount["period"].split()
        if not COMMAND_NAMES.keys().isdisjoint(before):
            key, word = "config.limit_period", amount["period"]
        elif not COMMAND_NAMES.keys().isdisjoint(of):
            key, word = "config.limit_period", last
    return BadValue(key, part=_quoted(typed), word=_quoted(word))


def _quoted(typed: str) -> str:
    return escape(shorten(typed, 60))
