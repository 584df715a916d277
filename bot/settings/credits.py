"""What orders cost, and what may be spent: the types of those settings, and what they say in a case.

Everything is in whole credits. Off until a moderator sets one of the settings; then what is not set has a default
(prices) or no ceiling (the rest).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, cast

from bot.errors import BadValue
from bot.kinds import BY_COMMAND, Kind
from bot.settings.limits import COMMAND_NAMES
from bot.settings.values import ListOf, Value

DEFAULT_PRICES = ("ask=1", "imagine=5", "video=50")
"""For one question, one picture, one video."""
MOST_CREDITS = 1_000_000_000
TOKENS = 1000
"""What a price by tokens is for."""

_PRICE = re.compile(
    r"(?P<kind>[a-z]+)(?::(?P<model>[\w.:/@+\-*?]{1,100}))?=(?P<credits>\d{1,10})(?P<tokens>/1k)?", re.ASCII
)
_LIST = re.compile(r"[\s,，、;；]+")


@dataclass(frozen=True, slots=True)
class Price:
    """`credits` for one question, picture or video; `by_tokens`: for each 1,000 tokens of a question begun."""

    credits: int
    by_tokens: bool = False

    def of(self, count: int = 1, *, tokens: int = 0) -> int:
        """The price of `count` of them, or of `tokens`, which are rounded up."""
        return self.credits * (max(1, -(-tokens // TOKENS)) if self.by_tokens else count)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """At most `credits` in each `period` (day, month)."""

    credits: int
    period: str


@dataclass(frozen=True, slots=True)
class Prices(ListOf):
    """`ask=1, video=50, video:wan2.7*=80, ask:gpt*=2/1k`: the most particular pattern counts; `default`: none set."""

    most: int = 100
    nothing = frozenset({"default", "usual", "默认"})
    takes_none = False

    def split(self, typed: str) -> list[str]:
        return [part for part in _LIST.split(typed.strip()) if part]

    def of(self, parts: Sequence[str]) -> Value:
        if len(parts) > self.most:
            raise BadValue("config.bad_list", most=self.most)
        found: dict[str, str] = {}
        for part in map(_spelt, parts):
            match = _PRICE.fullmatch(part)
            if match is None or match["kind"] not in BY_COMMAND or int(match["credits"]) > MOST_CREDITS:
                raise BadValue("config.bad_price")
            if match["tokens"] and match["kind"] != "ask":
                raise BadValue("config.bad_price_tokens")
            found[part.partition("=")[0]] = f"{int(match['credits'])}{match['tokens'] or ''}"
        return [f"{what}={amount}" for what, amount in found.items()]


@dataclass(frozen=True, slots=True)
class Allowance(ListOf):
    """`100, @Artists=500`: everybody's credits a day, and what a role raises them to; `none`: nobody has any."""

    most: int = 25
    nothing = frozenset({"none"})

    def split(self, typed: str) -> list[str]:
        return [part for part in _LIST.split(typed.strip()) if part]

    def of(self, parts: Sequence[str]) -> Value:
        if len(parts) > self.most:
            raise BadValue("config.bad_list", most=self.most)
        found: dict[str, int] = {}
        for part in parts:
            match = re.fullmatch(r"(?:(?:<@&)?(?P<role>\d{1,19})>?=)?(?P<credits>\d{1,10})", part, re.ASCII)
            if match is None or int(match["credits"]) > MOST_CREDITS:
                raise BadValue("config.bad_allowance")
            found[match["role"] or ""] = int(match["credits"])
        found.setdefault("", 0)
        return [f"{role}={amount}" if role else str(amount) for role, amount in sorted(found.items())]

    def roles(self, value: Sequence[object]) -> list[int]:
        return roles_of([str(entry) for entry in value])

    def with_roles(self, value: Sequence[Any], now: Callable[[int], int]) -> Value:
        parts = [str(entry).rpartition("=") for entry in value]
        return [f"{now(int(role))}={amount}" if role else amount for role, _, amount in parts]

    def show(self, value: object) -> str:
        parts = [part.partition("=") for part in cast("Sequence[str]", value)]
        return ", ".join(f"<@&{role}>={amount}" if amount else role for role, _, amount in parts) or "none"


@dataclass(frozen=True, slots=True)
class Pool:
    """`500/day` or `20000/month`."""

    def parse(self, typed: str) -> Value:
        # “每月2000点” is 2000/月.
        said = re.sub(r"^每(天|日|月)\s*(\d{1,10})\s*点?(?:点数)?$", r"\2/\1", typed.strip().lower(), flags=re.ASCII)
        match = re.fullmatch(r"(?P<credits>\d{1,10})\s*/\s*(?P<period>day|month|天|日|月)", said, re.ASCII)
        if match is None or int(match["credits"]) > MOST_CREDITS:
            raise BadValue("config.bad_pool")
        period = {"天": "day", "日": "day", "月": "month"}.get(match["period"], match["period"])
        return f"{int(match['credits'])}/{period}"

    def show(self, value: object) -> str:
        return str(value)


def _spelt(part: str) -> str:
    """A price as it is stored: the command by its own name, whatever it was called."""
    what, equals, amount = part.lower().replace("＝", "=").replace("：", ":").partition("=")
    command, colon, pattern = what.partition(":")
    return f"{COMMAND_NAMES.get(command, command)}{colon}{pattern}{equals}{amount}"


def roles_of(entries: Sequence[str]) -> list[int]:
    """The roles that a stored allowance names."""
    return [int(role) for role, equals, _ in (entry.rpartition("=") for entry in entries) if equals]


def with_price(prices: Sequence[str], kind: Kind, pattern: str | None, amount: str | None) -> list[str]:
    """Stored prices with one of them set, or removed with None. `pattern` None: the command's own price.

    BadValue: `amount` is more than one.
    """
    if amount is not None and not re.fullmatch(r"\d{1,10}(/1k)?", amount.strip().lower(), re.ASCII):
        raise BadValue("prices.bad_amount")
    what = f"{kind.command}:{pattern.lower()}" if pattern else kind.command
    others = [entry for entry in prices if entry.partition("=")[0] != what]
    return others if amount is None else [*others, f"{what}={amount.strip().lower()}"]


def price_of(prices: Sequence[str], kind: Kind, model: str) -> Price:
    """What one of `kind` costs with `model`: the most particular pattern's price, the command's, or the default."""
    best = (-1, Price(0))
    for entry in (*DEFAULT_PRICES, *prices):
        what, _, amount = entry.partition("=")
        of_kind, _, pattern = what.partition(":")
        if of_kind != kind.command or (pattern and not fnmatchcase(model.lower(), pattern)):
            continue
        exact = 1000 if pattern and not set(pattern) & set("*?") else 0
        particular = exact + len(pattern)
        if particular >= best[0]:
            best = (particular, Price(int(amount.removesuffix("/1k")), amount.endswith("/1k")))
    return best[1]


def allowance_of(entries: Sequence[str], roles: Collection[int]) -> int:
    """The credits a day of somebody with these roles: the most of what applies."""
    most = 0
    for entry in entries:
        role, _, amount = entry.rpartition("=")
        if not role or int(role) in roles:
            most = max(most, int(amount))
    return most


def ceiling_of(pool: str) -> Ceiling:
    """A stored pool."""
    amount, _, period = pool.partition("/")
    return Ceiling(int(amount), period)
