"""What orders cost, and what may be spent: the types of those settings, and what they say in a case.

Everything is in whole credits. Off until a moderator sets one of the settings; then what is not set has a default
(prices) or no ceiling (the rest).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
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

PER_TOKENS, PER_SECOND = "/1k", "/s"
"""What stands behind a price that is not of one."""
USUAL_SECONDS = 5
"""So long is a video, where it is priced by seconds and its length is left to the model."""

_PRICE = re.compile(
    r"(?P<kind>[a-z]+)(?::(?P<model>[\w.:/@+\-*?]{1,100}?))?(?:@(?P<quality>720p|1080p))?"
    r"=(?P<credits>\d{1,10})(?P<per>/1k|/s)?",
    re.ASCII,
)
_SECOND = re.compile(r"/\s*(?:s|sec|second|seconds|秒)$")
_LIST = re.compile(r"[\s,，、;；]+")


@dataclass(frozen=True, slots=True)
class Price:
    """`credits` for one question, picture or video; `per` PER_TOKENS: for each 1,000 tokens of a question begun,
    PER_SECOND: for each second of a video.
    """

    credits: int
    per: str = ""

    def of(self, count: int = 1, *, tokens: int = 0, seconds: int | None = None) -> int:
        """The price of `count` of them, of `tokens`, which are rounded up, or of `seconds` (None: as long as usual)."""
        if self.per == PER_TOKENS:
            return self.credits * max(1, -(-tokens // TOKENS))
        return self.credits * count * ((seconds or USUAL_SECONDS) if self.per == PER_SECOND else 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored price, taken apart. `model`: a pattern; `quality`: of videos, 720p or 1080p; "": of all."""

    command: str
    model: str
    quality: str
    price: Price

    @property
    def what(self) -> str:
        """What it is the price of, as it is stored."""
        return priced(self.command, self.model + (f"@{self.quality}" if self.quality else ""))

    def particular(self, model: str, quality: str | None) -> tuple[int, int] | None:
        """How particularly it speaks of an order, the model before the quality. None: not at all."""
        if (self.model and not fnmatchcase(model.lower(), self.model)) or self.quality not in {"", quality}:
            return None
        exact = 1000 if self.model and not set(self.model) & set("*?") else 0
        return exact + len(self.model), len(self.quality)


@lru_cache(maxsize=1000)
def entry_of(stored: str) -> Entry:
    """A price as it is stored. BadValue: it is none."""
    match = _PRICE.fullmatch(stored)
    if match is None or match["kind"] not in BY_COMMAND or int(match["credits"]) > MOST_CREDITS:
        raise BadValue("config.bad_price")
    if match["per"] == PER_TOKENS and match["kind"] != Kind.ASK.command:
        raise BadValue("config.bad_price_tokens")
    if (match["per"] == PER_SECOND or match["quality"]) and match["kind"] != Kind.VIDEO.command:
        raise BadValue("config.bad_price_seconds")
    price = Price(int(match["credits"]), match["per"] or "")
    return Entry(match["kind"], match["model"] or "", match["quality"] or "", price)


def priced(command: str, pattern: str | None) -> str:
    """What a price is of, as it is stored. `pattern`: a model's, a quality (`@1080p`), or one after the other."""
    return f"{command}{'' if not pattern or pattern.startswith('@') else ':'}{pattern or ''}"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """At most `credits` in each `period` (day, month)."""

    credits: int
    period: str


@dataclass(frozen=True, slots=True)
class Prices(ListOf):
    """`ask=1, video@1080p=80, video:wan2.7*=10/s, ask:gpt*=2/1k`: the most particular one counts; `default`: none."""

    most: int = 100
    nothing = frozenset({"default", "usual", "默认"})
    takes_none = False

    def split(self, typed: str) -> list[str]:
        return [part for part in _LIST.split(typed.strip()) if part]

    def of(self, parts: Sequence[str]) -> Value:
        if len(parts) > self.most:
            raise BadValue("config.bad_list", most=self.most)
        found: dict[str, str] = {}
        for one in (entry_of(_spelt(part)) for part in parts):
            found[one.what] = f"{one.price.credits}{one.price.per}"
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
    what, equals, amount = part.lower().replace("＝", "=").replace("：", ":").replace("＠", "@").partition("=")
    command = re.split("[:@]", what, maxsplit=1)[0]
    return f"{COMMAND_NAMES.get(command, command)}{what[len(command) :]}{equals}{_SECOND.sub('/s', amount)}"


def roles_of(entries: Sequence[str]) -> list[int]:
    """The roles that a stored allowance names."""
    return [int(role) for role, equals, _ in (entry.rpartition("=") for entry in entries) if equals]


def with_price(prices: Sequence[str], kind: Kind, pattern: str | None, amount: str | None) -> list[str]:
    """Stored prices with one of them set, or removed with None. `pattern`: as of `priced`; None: the command's own.

    BadValue: `amount` is more than one.
    """
    said = None if amount is None else _SECOND.sub("/s", amount.strip().lower())
    if said is not None and not re.fullmatch(r"\d{1,10}(/1k|/s)?", said, re.ASCII):
        raise BadValue("prices.bad_amount")
    what = priced(kind.command, pattern and pattern.lower())
    others = [entry for entry in prices if entry.partition("=")[0] != what]
    return others if said is None else [*others, f"{what}={said}"]


def price_of(prices: Sequence[str], kind: Kind, model: str, quality: str | None = None) -> Price:
    """What one of `kind` costs with `model`, a video in a `quality` ("1080P"): the most particular price, the
    command's, or the default.
    """
    best, found = (-1, -1), Price(0)
    for entry in map(entry_of, (*DEFAULT_PRICES, *prices)):
        particular = entry.particular(model, quality and quality.lower()) if entry.command == kind.command else None
        if particular is not None and particular >= best:
            best, found = particular, entry.price
    return found


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
