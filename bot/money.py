"""Real money: amounts, prices, the owner's budget, and how they are written.

Amounts are whole millionths of the service account's unit (dollars mostly; what it is, the service may tell). Prices
are exact fractions of a unit: nothing here is rounded but up, when a price becomes an amount.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Final, Literal, TypeAlias, cast

from bot.kinds import Kind
from bot.periods import DAY_SECONDS, first_day, period_start

MICRO: Final = 1_000_000
MOST_UNITS: Final = 1_000_000_000
PER_MILLION: Final = "1m"
MOST_SECONDS: Final = 15
"""The longest video that models make, where an order leaves it to them."""

Per: TypeAlias = Literal["call", "image", "video", "second", "1m"]
Period: TypeAlias = Literal["day", "week", "month"]

_OF: Final[dict[Kind, frozenset[str]]] = {
    Kind.ASK: frozenset({"call", PER_MILLION}),
    Kind.IMAGE: frozenset({"call", "image"}),
    Kind.VIDEO: frozenset({"call", "video", "second"}),
}
"""Which prices say something of which orders."""
_PRICE: Final = re.compile(
    r"(?P<model>[\w.:/@+\-*?\[\]]{1,100})=(?P<amount>[\d.]{1,20})(?::(?P<answered>[\d.]{1,20}))?"
    r"/(?P<per>call|image|video|second|1m)",
    re.ASCII | re.IGNORECASE,
)
_AMOUNT: Final = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
_PRICE_FORM: Final = "must look like wan2.7-image=0.02/image, wan2.7-t2v=0.5/video, deepseek*=0.27:1.10/1M"


@dataclass(frozen=True, slots=True)
class Price:
    """Units of the account's currency: for one question (`call`), image, video, second of a video; for one token of a
    question, and of its answer (`1m`; it is written for a million).
    """

    per: Per
    amount: Fraction
    answered: Fraction = Fraction(0)

    def most(
        self, kind: Kind, *, count: int = 1, seconds: int | None = None, told: int = 0, answered: int = 0
    ) -> int | None:
        """The most that an order costs, in millionths. None: such a price says nothing of it.

        `seconds`: of a video, None where the model decides. `told`, `answered`: tokens, at most.
        """
        if self.per not in _OF[kind]:
            return None
        if self.per == PER_MILLION:
            return up(told * self.amount + answered * self.answered)
        return up(self.amount * ((seconds or MOST_SECONDS) if self.per == "second" else count))


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """A price that the owner gave, for the models that `pattern` (lower case, `*` and `?`) fits."""

    pattern: str
    price: Price


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `limit` millionths in each `period` (UTC; weeks begin on Monday)."""

    limit: int
    period: Period

    def start(self, now: float) -> int:
        """The number of the day, week or month (since 1970) that `now` (Unix seconds) lies in."""
        return period_start(self.period, now)

    def first_day(self, start: int) -> int:
        """The day (from 1970-01-01) that a period begins with."""
        return first_day(self.period, start)

    def end(self, start: int) -> float:
        """Unix seconds of the end of a period."""
        return float(self.first_day(start + 1) * DAY_SECONDS)


def up(units: Fraction) -> int:
    """Millionths, rounded up."""
    return math.ceil(units * MICRO)


def exact(value: object) -> Fraction | None:
    """A number of units as it is written: not negative, and not beyond all reason."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Fraction(repr(value) if isinstance(value, float) else value)
    except (ValueError, ZeroDivisionError):
        return None
    return found if 0 <= found <= MOST_UNITS else None


def shown(amount: int, symbol: str = "") -> str:
    """An amount for people: two digits behind the point, up to four where it is small and they say something."""
    if 0 < amount < MICRO // 10_000:
        return f"<{symbol}0.0001"
    units = amount / MICRO
    digits = 2 if abs(units) >= 1 else 3 if abs(units) >= 0.1 else 4
    whole, _, behind = f"{units:,.{digits}f}".partition(".")
    return f"{symbol}{whole}.{behind[:2]}{behind[2:].rstrip('0')}"


def price_of(prices: Sequence[OwnPrice], model: str, kind: Kind) -> Price | None:
    """The owner's price for such an order: of the most particular pattern that fits."""
    fitting = [one for one in prices if fnmatchcase(model.lower(), one.pattern) and one.price.per in _OF[kind]]
    return max(fitting, key=_particular).price if fitting else None


def _particular(one: OwnPrice) -> tuple[bool, int]:
    return not set(one.pattern) & set("*?["), len(one.pattern)


def parse_budget(value: str) -> Budget | None:
    """`50/month`, `2.5/day`, `10/week`; empty: none. ValueError."""
    if not value:
        return None
    amount, _, period = (part.strip() for part in value.lower().partition("/"))
    if not _AMOUNT.fullmatch(amount) or period not in {"day", "week", "month"}:
        raise ValueError("must look like 50/month, 10/week or 2.5/day")
    return Budget(math.floor(Fraction(amount) * MICRO), cast("Period", period))


def parse_prices(value: str) -> tuple[OwnPrice, ...]:
    """`MODEL=AMOUNT/UNIT, …`. ValueError."""
    return tuple(_parse_price(part.strip()) for part in value.split(",") if part.strip())


def _parse_price(part: str) -> OwnPrice:
    match = _PRICE.fullmatch(part)
    amounts = [] if match is None else [match["amount"], match["answered"] or match["amount"]]
    if match is None or not all(map(_AMOUNT.fullmatch, amounts)):
        raise ValueError(_PRICE_FORM)
    per = cast("Per", match["per"].lower())
    if match["answered"] and per != PER_MILLION:
        raise ValueError(_PRICE_FORM)
    each, answered = (Fraction(amount) / (MICRO if per == PER_MILLION else 1) for amount in amounts)
    return OwnPrice(match["model"].lower(), Price(per, each, answered if per == PER_MILLION else Fraction(0)))
