"""Values as one might type them, for settings with nothing to choose from: made of what is typed so far."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.errors import BadValue
from bot.kinds import BY_COMMAND
from bot.settings.credits import DEFAULT_PRICES, Allowance, Pool, Prices
from bot.settings.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import discord

    from bot.settings import Setting

USUAL = {
    "confirm_above": ("20", "50", "100", "500"),
    "max_running_videos": ("5", "10", "20", "50"),
    "prompt_days": ("7", "30", "90", "365"),
    "temperature": ("0", "0.3", "0.7", "1"),
}
POOLS = ("500/day", "2000/day", "10000/month", "50000/month")
SHARES = ("50", "100", "200")
LIMITS = ("video=3/day", "imagine=20/day", "ask=50/day", "total video=50/day", "total imagine=200/day")
RAISED = 5
"""What a role raises a share to, as an example: so many times the share."""
ROLES = 10
"""The highest roles of a server that examples are made of."""


def examples_of(
    setting: Setting, typed: str, *, guild: discord.Guild | None, models: Sequence[str]
) -> list[tuple[str, str]]:
    """Names and values that go on from what was typed; of a list, its finished parts stay."""
    said = typed.strip()
    match setting.kind:
        case Pool():
            return _same(_whole(setting, said, _pools(said)))
        case Allowance():
            return _allowances(said, _roles(guild))
        case Limits():
            return _limits(setting, said, _roles(guild))
        case Prices():
            return _same(_prices(said, models))
        case _:
            return _same(_whole(setting, said, USUAL.get(setting.key, ())))


def _same(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


def _whole(setting: Setting, said: str, usual: Sequence[str]) -> list[str]:
    """What was typed, if it is a value already, and the usual ones that begin so."""
    if not usual:
        return []
    found = [one for one in usual if one.startswith(said)]
    try:
        return [shown, *found] if said and (shown := setting.show(setting.parse(said))) else found
    except BadValue:
        return found


def _pools(said: str) -> Sequence[str]:
    digits = re.match(r"\d{1,10}", said, re.ASCII)
    return POOLS if digits is None else (f"{digits[0]}/day", f"{digits[0]}/month", *POOLS)


def _roles(guild: discord.Guild | None) -> list[discord.Role]:
    roles = [role for role in guild.roles if not (role.is_default() or role.managed)] if guild is not None else []
    return sorted(roles, reverse=True)


def _allowances(said: str, roles: Sequence[discord.Role]) -> list[tuple[str, str]]:
    """Everybody's share, and the same with one more role raised."""
    head, comma, last = said.rpartition(",")
    if not comma and (said.isdecimal() or not said):
        shares = (said,) if said else SHARES
        raised = [each for role in roles[:ROLES] for each in _raised(shares[-1], role)]
        return [*_same(shares), *raised, *_same(["none"] if not said else [])]
    base = head if comma else SHARES[1]
    wanted = last.strip().removeprefix("@").partition("=")[0].lower()
    found = [role for role in roles if wanted in role.name.lower() and f"<@&{role.id}>" not in base]
    return [each for role in found[:ROLES] for each in _raised(base.rstrip(), role)]


def _raised(base: str, role: discord.Role) -> list[tuple[str, str]]:
    share = re.match(r"\d{1,8}", base, re.ASCII)
    amount = (int(share[0]) if share else int(SHARES[1])) * RAISED
    return [(f"{base}, @{role.name}={amount}", f"{base}, <@&{role.id}>={amount}")] if amount else []


def _limits(setting: Setting, said: str, roles: Sequence[discord.Role]) -> list[tuple[str, str]]:
    """Usual limits, for everybody in total and for a role; behind finished ones, one more for another command."""
    head, comma, last = said.rpartition(",")
    before = f"{head.rstrip()}, " if comma else ""
    wanted = last.strip().lower()
    some = [(each, each) for each in LIMITS if each.startswith(wanted)]
    some += [(f"@{role.name} imagine=100/day", f"<@&{role.id}> imagine=100/day") for role in roles[:ROLES]]
    found = [(before + name, before + value) for name, value in some if comma or wanted in name.lower()]
    return [*_same(_whole(setting, said, (said,) if said else ())), *found]


def _prices(said: str, models: Sequence[str]) -> list[str]:
    """A price for each command, by tokens too; with a colon behind the command, for the service's models."""
    head, comma, last = said.rpartition(",")
    command, colon, pattern = last.strip().lower().partition(":")
    if colon and command in BY_COMMAND:
        usual = next(each for each in DEFAULT_PRICES if each.startswith(f"{command}=")).partition("=")[2]
        some = [f"{command}:{name}={usual}" for name in models if pattern.partition("=")[0] in name.lower()]
    else:
        some = [each for each in (*DEFAULT_PRICES, "ask=2/1k", "default") if each.startswith(last.strip().lower())]
    before = f"{head.rstrip()}, " if comma else ""
    return [before + each for each in some if not (comma and each == "default")]
