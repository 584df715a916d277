"""What an order costs, who pays for it, and what of it is kept in the end.

Off until a server's moderators set one of `CREDIT_SETTINGS`; then nothing here is ever charged, or spoken of.
What is kept: what was made; the price of a running video that a person cancelled, since the service goes on making it,
and of an answer that its own person stopped: pool and share both pay, or a pool could be emptied at no cost.
Where nobody knows whether something was made, or the answer that says so holds nothing of use, the pools pay and the
person gets it back, some times a day (`daily_limits`). What failed costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from bot.errors import ConfirmationNeeded, NotEnoughCredits
from bot.kinds import Kind
from bot.orders import ledger
from bot.orders.ledger import Account, Ceiling, Order
from bot.orders.policy import Rules
from bot.periods import period_end
from bot.settings import Origin, Place
from bot.settings.credits import PER_SECOND, PER_TOKENS, Price, allowance_of, ceiling_of, price_of

if TYPE_CHECKING:
    from bot.orders.callers import Caller

CREDIT_SETTINGS = ("prices", "daily_credits", "channel_pool", "server_pool")
ANSWER_TOKENS = 4096
"""The most an answer may have where it is paid by tokens: without a bound it could cost more than was reserved."""
FILE_TOKENS = 4096
"""For a picture that comes with a question; services count 85 to some 3,000."""
BYTES_PER_TOKEN = 3
"""Where the service does not tell: about one token a Chinese character, a little more than English has."""


class Spent(Enum):
    """What the service did for a question."""

    NOTHING = auto()
    PERHAPS = auto()
    SOMETHING = auto()


@dataclass(frozen=True, slots=True)
class Quote:
    """The most that an order may cost, and the accounts that it is charged to."""

    price: int
    each: Price
    pools: tuple[Ceiling, ...]
    share: Ceiling | None
    at_most: bool = False
    """Whether it may cost less: it is by tokens, or by seconds whose number is the model's."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What was reserved for a question."""

    reservation_id: int
    quote: Quote

    def kept(self, spent: Spent, *, tokens: int | None, estimate: int) -> tuple[int, int]:
        """What the pools and the person pay in the end. `estimate`: of the tokens, where the service tells none."""
        if spent is Spent.NOTHING:
            return 0, 0
        if spent is Spent.PERHAPS:
            return self.quote.price, 0
        each = self.quote.each
        cost = each.of(tokens=estimate if tokens is None else tokens) if each.per == PER_TOKENS else self.quote.price
        return min(cost, self.quote.price), min(cost, self.quote.price)


def quote(  # noqa: PLR0917 - who and where, then what
    caller: Caller,
    rules: Rules,
    kind: Kind,
    model: str,
    count: int,
    tokens: int,
    now: float,
    *,
    seconds: int | None = None,
    quality: str | None = None,
) -> Quote | None:
    """What `count` of them, a question of at most `tokens`, or a video of `seconds` (None: the model decides) in a
    `quality`, would cost. None: there are no credits here.
    """
    charged = ceilings(caller, rules, now)
    if charged is None:
        return None
    each = price_of(rules.value("prices"), kind, model, quality)
    at_most = each.per == PER_TOKENS or (each.per == PER_SECOND and seconds is None)
    return Quote(each.of(count, tokens=tokens, seconds=seconds), each, *charged, at_most=at_most)


def ceilings(caller: Caller, rules: Rules, now: float) -> tuple[tuple[Ceiling, ...], Ceiling | None] | None:
    """The pools that the caller's orders are charged to, and their share of the day. None: there are no credits."""
    place = caller.place
    if place.guild_id is None or not has_credits(rules):
        return None
    pools = pools_at(place, rules, now)
    share = None
    # Without a pool there would be no ceiling at all.
    if (entries := rules.value("daily_credits")) is not None and not (caller.pools_only and pools):
        share = Ceiling(Account.at("person", caller.person_id, "day", now), allowance_of(entries, caller.roles))
    return pools, share


def has_credits(rules: Rules) -> bool:
    """Whether anything costs anything at a place of a server."""
    return any(rules.effective[key].origin is not Origin.DEFAULT for key in CREDIT_SETTINGS)


def has_pool(rules: Rules) -> bool:
    """Whether there is a pool that pays at a place of a server."""
    return bool(rules.value("server_pool") or rules.value("channel_pool"))


def pools_at(place: Place, rules: Rules, now: float) -> tuple[Ceiling, ...]:
    """The pools that pay for what is ordered at a place: the server's, and the channel's or the thread's own."""
    pools: list[Ceiling] = []
    if (pool := rules.value("server_pool")) and place.guild_id is not None:
        set_ = ceiling_of(pool)
        pools.append(Ceiling(Account.at("server", place.guild_id, set_.period, now), set_.credits))
    if pool := rules.value("channel_pool"):
        set_ = ceiling_of(pool)
        owner = place.here if rules.effective["channel_pool"].origin is Origin.THREAD else place.channel_id
        pools.append(Ceiling(Account.at("channel", owner, set_.period, now), set_.credits))
    return tuple(pools)


def confirm(connection: Connection, caller: Caller, rules: Rules, quoted: Quote) -> None:
    """ConfirmationNeeded: the price is one that moderators want to be seen first, and was not confirmed."""
    above = rules.value("confirm_above")
    if above is None or quoted.price <= max(above, caller.confirmed or 0):
        return
    left = left_of(connection, caller, quoted.pools, quoted.share)
    # What can't be paid is not asked about: reserving it says what is missing.
    if left is None or left >= quoted.price:
        raise ConfirmationNeeded(quoted.price, left, at_most=quoted.at_most)


def left_of(connection: Connection, caller: Caller, pools: tuple[Ceiling, ...], share: Ceiling | None) -> int | None:
    """What the caller could still spend here: the least of all that it would be charged to. None: no ceiling."""
    guild_id = caller.place.guild_id or 0
    left = [one.limit - ledger.balance(connection, guild_id=guild_id, account=one.account).used for one in pools]
    if share is not None:
        mine = share.limit - ledger.balance(connection, guild_id=guild_id, account=share.account).used
        granted = ledger.granted_left(connection, guild_id=guild_id, person_id=caller.person_id)
        left.append(max(0, mine) + granted)
    return max(0, min(left)) if left else None


def reserve(  # noqa: PLR0917 - who, what, for which row, when
    connection: Connection, caller: Caller, kind: Kind, model: str, quoted: Quote, generation_id: int | None, now: float
) -> int:
    """Reserve the price of an order; return the reservation's id. NotEnoughCredits, which undoes the transaction."""
    order = Order(
        guild_id=caller.place.guild_id or 0,
        channel_id=caller.place.here,
        person_id=caller.person_id,
        kind=kind.command,
        model=model,
        price=quoted.price,
        generation_id=generation_id,
    )
    try:
        return ledger.reserve(connection, order, pools=quoted.pools, share=quoted.share, now=now)
    except ledger.Short as short:
        account = short.account
        # Where a whole new day or month would not do, waiting for it is no advice.
        waits = _most(connection, caller, quoted, account) >= short.price
        resets_at = period_end(account.period, account.starts) if waits else None
        raise NotEnoughCredits(account.kind, short.price, short.left, resets_at, at_most=quoted.at_most) from None


def _most(connection: Connection, caller: Caller, quoted: Quote, account: Account) -> int:
    """What an account has for the caller when its day or month begins anew."""
    limit = sum(one.limit for one in (*quoted.pools, quoted.share) if one is not None and one.account == account)
    if account.kind == "person":
        limit += ledger.granted_left(connection, guild_id=caller.place.guild_id or 0, person_id=caller.person_id)
    return limit
