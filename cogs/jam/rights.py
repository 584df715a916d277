"""Who may do what in a jam, in which of its states, and who pays for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Connection

from bot.errors import NotAllowed
from bot.kit.cog import Settings
from bot.orders import costs
from bot.orders.callers import Caller
from bot.orders.policy import Rules
from cogs.jam import rows as jams
from cogs.jam.records import Jam
from cogs.jam.states import JamState


def check_starts(caller: Caller, rules: Rules) -> None:
    """NotAllowed, where moderators decided that not everybody starts jams."""
    if not may_start(caller, rules):
        allowed: list[int] = rules.value("jam_roles")
        raise NotAllowed("jam.role_needed", roles=" ".join(f"<@&{role}>" for role in allowed))


def may_start(caller: Caller, settings: Settings) -> bool:
    allowed: list[int] = settings.value("jam_roles")
    return not allowed or bool(set(allowed) & caller.roles) or caller.moderates


def check_leads(caller: Caller, jam: Jam) -> None:
    """NotAllowed: they neither started the jam nor moderate here."""
    if caller.person_id != jam.started_by and not caller.moderates:
        raise NotAllowed("jam.leads_only")


def paid_by(caller: Caller, rules: Rules, now: float) -> str:
    """Of a new jam. Without a pool there is none to pay: then who starts it does."""
    no_pool = costs.has_credits(rules) and not costs.pools_at(caller.place, rules, now)
    return "starter" if no_pool else str(rules.value("jam_paid_by"))


def payer(caller: Caller, jam: Jam) -> Caller:
    """Whom the order is charged to: who started the jam and no other, or the pools, whoever of those in charge pressed.

    What a round makes is for all to see, whatever is set for answers.
    """
    if jam.paid_by == "pool":
        check_leads(caller, jam)
    elif caller.person_id != jam.started_by:
        raise NotAllowed("jam.starter_only")
    return replace(caller, private=False, pools_only=jam.paid_by == "pool")


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
