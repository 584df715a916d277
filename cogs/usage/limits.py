"""What is left of limits by count: of moderators' where one is, and of the owner's daily ones, wherever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.environment import Environment
from bot.i18n import text
from bot.kinds import Kind
from bot.kit.limit_words import left_line
from bot.orders.daily_limits import FORGIVEN_A_DAY
from bot.periods import DAY_SECONDS
from bot.settings.limits_left import Left


def limit_lines(locale: str, environment: Environment, used: Mapping[str, int], day: int) -> list[str]:
    """`used`: on `day` (from 1970-01-01 UTC), by kind (`bot.orders.daily_rows`)."""
    limits = environment.daily_limit_per_user
    lines = [f"### {text(locale, 'usage.limits')}", *(_line(locale, kind, limits[kind], used) for kind in Kind)]
    if spared := used.get("nothing_made"):
        lines.append(f"-# {text(locale, 'usage.not_counted', count=spared, most=FORGIVEN_A_DAY)}")
    if any(limits[kind] for kind in Kind):
        lines.append(f"-# {text(locale, 'usage.resets', when=f'<t:{(day + 1) * DAY_SECONDS}:R>')}")
    return lines


def place_lines(locale: str, here: Sequence[Left]) -> list[str]:
    """Each limit that moderators set around a place and that holds for the person."""
    return [f"### {text(locale, 'limits.title')}", *(left_line(locale, one) for one in here)] if here else []


def is_limited(environment: Environment) -> bool:
    """Whether anything is counted at all."""
    return any(limit is not None for limit in environment.daily_limit_per_user.values())


def _line(locale: str, kind: Kind, limit: int | None, used: Mapping[str, int]) -> str:
    command = f"**/{kind.command}**"
    if limit is None:
        return f"{command} · {text(locale, 'usage.unlimited')}"
    if not limit:
        return f"{command} · {text(locale, 'usage.not_offered')}"
    taken = used.get(kind.command, 0)
    return f"{command} · {text(locale, 'usage.limit', used=taken, limit=limit, left=max(0, limit - taken))}"
