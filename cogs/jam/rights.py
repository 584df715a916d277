"""Who may do what in a jam, and who pays for it."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import NotAllowed
from bot.kit.cog import Settings
from bot.orders import costs
from bot.orders.callers import Caller
from bot.orders.policy import Rules
from cogs.jam.records import Jam


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
