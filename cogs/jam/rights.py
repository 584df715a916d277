"""Who may do what in a jam, and who pays for it: its host does both, until somebody takes over from one who is away."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.errors import ConfirmationNeeded, NotAllowed
from bot.kit.cog import Settings
from bot.orders import costs
from bot.orders.callers import Caller
from bot.orders.costs import Quote
from bot.orders.policy import Rules
from cogs.jam import rows as jams
from cogs.jam.records import Jam
from cogs.jam.states import AWAY_SECONDS, WAITING, JamState, is_idle

_UNTIL: Mapping[str, str] = {
    "jam.leads_only": "jam.leads_only_until",
    "jam.starter_only": "jam.starter_only_until",
}
"""The sentence that says, too, from when others may do it."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Whom an order is charged to. `takes_over`: they lead the jam from then on, in place of a host who is away."""

    caller: Caller
    takes_over: bool


def check_starts(caller: Caller, rules: Rules) -> None:
    """NotAllowed, where moderators decided that not everybody starts jams."""
    if not may_start(caller, rules):
        allowed: list[int] = rules.value("jam_roles")
        raise NotAllowed("jam.role_needed", roles=" ".join(f"<@&{role}>" for role in allowed))


def may_start(caller: Caller, settings: Settings) -> bool:
    allowed: list[int] = settings.value("jam_roles")
    return not allowed or bool(set(allowed) & caller.roles) or caller.moderates


def is_away(jam: Jam, *, now: float) -> bool:
    """Whether its host left, or did nothing for a while that it waits for them."""
    return jam.away or jam.host_id is None or is_idle(jam, now=now)


def is_host(connection: Connection, caller: Caller, jam: Jam) -> bool:
    """Whether they lead the jam: a host who left leads it no more, until they come back."""
    return caller.person_id == jam.host_id and jams.is_in(connection, jam.id, caller.person_id)


def check_leads(connection: Connection, caller: Caller, jam: Jam, *, now: float) -> None:
    """NotAllowed: they are neither the jam's host nor do they moderate here."""
    if is_host(connection, caller, jam) or caller.moderates:
        return
    if caller.person_id == jam.host_id:
        raise NotAllowed("jam.not_host_now")
    raise not_host("jam.leads_only", jam, now=now)


def check_ends_vote(connection: Connection, caller: Caller, jam: Jam, *, now: float) -> None:
    """As `check_leads`; while the host is away, anybody who is in the jam: it spends nothing."""
    if not is_away(jam, now=now) or caller.moderates:
        check_leads(connection, caller, jam, now=now)
    elif not is_host(connection, caller, jam):
        check_in(connection, caller, jam)


def not_host(key: str, jam: Jam, *, now: float) -> NotAllowed:
    """Why somebody else may not do it, and from when they could."""
    if is_away(jam, now=now):
        return NotAllowed("jam.take_over_first")
    if jam.state not in WAITING:
        return NotAllowed(key, who=f"<@{jam.host_id}>")
    when = f"<t:{int(jam.host_seen_at + AWAY_SECONDS) + 1}:R>"
    return NotAllowed(_UNTIL[key], who=f"<@{jam.host_id}>", when=when)


def pool_pays(jam: Jam, rules: Rules) -> bool:
    """Whether pools pay for a jam at its place as it is now: where it was to be so, and there is one. Else its host
    does, also where nothing costs anything: what is counted is theirs.
    """
    return jam.paid_by == "pool" and costs.has_pool(rules)


def payer(connection: Connection, caller: Caller, jam: Jam, rules: Rules, *, now: float) -> Payer:
    """Whom the order is charged to: the jam's host, or the pools, whoever of those in charge pressed; where the host
    is away, anybody who is in the jam, who leads it from then on.
    """
    pool = pool_pays(jam, rules)
    theirs = is_host(connection, caller, jam) or (pool and caller.moderates)
    if not theirs:
        if not is_away(jam, now=now):
            raise not_host("jam.leads_only" if pool else "jam.starter_only", jam, now=now)
        check_in(connection, caller, jam)
    return Payer(charged(caller, jam), takes_over=not theirs)


def charged(caller: Caller, jam: Jam) -> Caller:
    """Whom a round's orders are of: what it makes is for all to see, whatever is set for answers, and in the jam's
    language.
    """
    return replace(caller, private=False, pools_only=jam.paid_by == "pool", locale=jam.locale)


def check_in(connection: Connection, caller: Caller, jam: Jam) -> None:
    """NotAllowed: they are not in the jam."""
    if not jams.is_in(connection, jam.id, caller.person_id):
        raise NotAllowed("jam.not_host_now" if caller.person_id == jam.host_id else "jam.not_in_yet")


def agreed(connection: Connection, rules: Rules, payer: Payer, *quotes: Quote | None) -> Caller:
    """Who pays for all of it together, having seen the price, where it is to be seen first. ConfirmationNeeded.

    Who takes over sees every price first: they did not choose it.
    """
    caller = payer.caller
    known = [one for one in quotes if one is not None]
    price = sum(one.price for one in known)
    above = 0 if payer.takes_over else rules.value("confirm_above")
    if not known or above is None or price <= max(above, caller.confirmed or 0):
        return replace(caller, confirmed=max(price, caller.confirmed or 0))
    left = costs.left_of(connection, caller, known[0].pools, known[0].share)
    # What can't be paid is not asked about: reserving it says what is missing.
    if left is None or left >= price:
        raise ConfirmationNeeded(price, left, at_most=any(one.at_most for one in known))
    return caller


def in_state(
    connection: Connection, jam_id: int, states: Collection[JamState], *, otherwise: str = "jam.not_now"
) -> Jam:
    """The jam, locked. NotAllowed: it is in none of these states (any more), or gone."""
    jam = jams.get_locked(connection, jam_id)
    if jam is None:
        raise NotAllowed("jam.gone")
    if jam.state in states:
        return jam
    raise NotAllowed("jam.ended" if jam.state in {JamState.CLOSING, JamState.OVER} else otherwise)


def alive(connection: Connection, jam_id: int) -> None:
    """NotAllowed: it has ended, or is gone."""
    jam = jams.get(connection, jam_id)
    if jam is None:
        raise NotAllowed("jam.gone")
    if jam.state in {JamState.CLOSING, JamState.OVER}:
        raise NotAllowed("jam.ended")
