"""What the service tells of money: GET /api/status, /api/pricing and /api/log/token, beside /v1 and not under it.

New API and its kin have them, in many ages; others have none, and every part of an answer may be missing or odd.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from bot.api.billing import Balance, ask
from bot.api.shapes import JsonObject, label, mapping, number, sequence, text
from bot.api.timeouts import Timeouts
from bot.api.transport import Transport
from bot.money import MICRO, Price, exact

log = logging.getLogger(__name__)

QUOTA_PER_UNIT: Final = 500_000
"""Where the service does not tell."""
_BY_CALL: Final = "1"
_SYMBOL_MOST: Final = 8
_REFUNDS: Final = frozenset({"6", "refund"})
_ERRORS: Final = frozenset({"1", "3", "5", "topup", "manage", "error"})
"""Types of rows in the log that are no consumption (New API's): money put in, acts of administrators, errors."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What the service counts in: so many `quota` are one unit of the account's currency, which `symbol` stands for."""

    quota: int = QUOTA_PER_UNIT
    symbol: str = ""

    def amount(self, quota: int) -> int:
        """Millionths of a unit, to the nearest."""
        return (2 * quota * MICRO + self.quota) // (2 * self.quota)


@dataclass(frozen=True, slots=True)
class PriceList:
    """By model's name in lower case. Upper bounds: of several groups of customers the dearest counts."""

    prices: Mapping[str, Price] = field(default_factory=dict[str, Price])


async def fetch_unit(transport: Transport, *, timeouts: Timeouts) -> Unit:
    """`OneKeyClient.unit` says the rest."""
    answer = await ask(transport, "/api/status", at_root=True, timeouts=timeouts) or {}
    data = mapping(answer.get("data")) or answer
    quota = number(data.get("quota_per_unit"))
    return Unit(int(quota) if quota is not None and 1 <= quota <= 1e12 else QUOTA_PER_UNIT, _symbol(data))


def _symbol(data: JsonObject) -> str:
    """Of the unit itself: where the site shows amounts at a rate, its symbol is another currency's."""
    given = text(data.get("currency_symbol")) or text(data.get("custom_currency_symbol"))
    if text(data.get("quota_display_type")).upper() == "CUSTOM":
        given = given if number(data.get("custom_currency_exchange_rate")) == 1 else ""
    elif text(data.get("quota_display_type")).upper() == "USD":
        given = "$"
    elif not text(data.get("currency_symbol")):
        given = ""
    return given if len(given) <= _SYMBOL_MOST and given.isprintable() else ""


async def fetch_prices(transport: Transport, *, unit: Unit, timeouts: Timeouts) -> PriceList | None:
    """`OneKeyClient.prices` says the rest."""
    answer = await ask(transport, "/api/pricing", at_root=True, timeouts=timeouts)
    if answer is None:
        return None
    groups = _ratios(answer.get("group_ratio"))
    found: dict[str, Price] = {}
    for row in _rows(answer.get("data")):
        name = text(row.get("model_name")) or text(row.get("model"))
        price = _price(row, groups, unit)
        if name and price is not None:
            found[name.lower()] = price
    return PriceList(found) if found else None


def _price(row: JsonObject, groups: Mapping[str, Fraction], unit: Unit) -> Price | None:
    own = [groups[name] for name in map(text, sequence(row.get("enable_groups"))) if name in groups]
    ratio = max(own or list(groups.values()), default=Fraction(1))
    if label(row.get("quota_type")) == _BY_CALL:
        each = exact(row.get("model_price"))
        return None if each is None else Price("call", each * ratio)
    each = exact(row.get("model_ratio"))
    if each is None:
        return None
    answered = exact(row.get("completion_ratio"))
    told = each * ratio / unit.quota
    return Price("1m", told, told * (Fraction(1) if answered is None else answered))


def _ratios(value: object) -> dict[str, Fraction]:
    found = {name: exact(ratio) for name, ratio in mapping(value).items()}
    return {name: ratio for name, ratio in found.items() if ratio is not None}


async def fetch_costs(transport: Transport, *, timeouts: Timeouts) -> Mapping[str, int] | None:
    """`OneKeyClient.costs` says the rest."""
    answer = await ask(transport, "/api/log/token", at_root=True, timeouts=timeouts)
    if answer is None:
        return None
    found: dict[str, int] = {}
    for row in _rows(answer.get("data")):
        # Some keep it in `other`, with what else they know of the call.
        call = label(row.get("request_id")) or label(mapping(row.get("other")).get("request_id"))
        quota = quota_of(row.get("quota"))
        kind = label(row.get("type")).lower()
        if call and quota is not None and kind not in _ERRORS:
            found[call] = found.get(call, 0) + (-quota if kind in _REFUNDS else quota)
    return {call: max(0, quota) for call, quota in found.items()}


async def fetch_key_balance(transport: Transport, *, timeouts: Timeouts) -> Balance | None:
    """What this key may still use, where the account itself is not told."""
    answer = await ask(transport, "/api/usage/token/", at_root=True, timeouts=timeouts) or {}
    data = mapping(answer.get("data"))
    used, granted = quota_of(data.get("total_used")), quota_of(data.get("total_granted"))
    unlimited = data.get("unlimited_quota") is True
    if used is None or (granted is None and not unlimited):
        return None
    quota = (await fetch_unit(transport, timeouts=timeouts)).quota
    return Balance(None if unlimited or granted is None else granted / quota, used / quota)


def quota_of(value: object) -> int | None:
    """A whole number of quota, also from `"1200"`; None: it is none, or can be none."""
    found = number(value)
    return int(found) if found is not None and 0 <= found <= 1e15 and found == int(found) else None


def _rows(data: object) -> list[JsonObject]:
    """Rows in a list, or in one that stands in an object: a page of them."""
    pages: list[object] = list(mapping(data).values())
    inside = next((rows for rows in map(sequence, pages) if rows), list[object]())
    return [row for row in map(mapping, sequence(data) or inside) if row]
