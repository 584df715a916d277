"""Limits by count, for people: what is used up, what is nearly, and what is left."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import PlaceLimitReached
from bot.i18n import text
from bot.kit.why import joined
from bot.settings import Origin
from bot.settings.limits_left import Left

_THINGS = {"ask": "limits.things_ask", "imagine": "limits.things_imagine", "video": "limits.things_video"}
_PERIODS = {"hour": "limits.this_hour", "day": "limits.today", "month": "limits.this_month"}


def used_up(locale: str, error: PlaceLimitReached) -> str:
    """Which limit refuses, of which scope, and when there will be more."""
    facts = _facts(locale, error.command, error.period, Origin(error.scope), error.id)
    if not error.limit:
        return text(locale, "limits.none_total" if error.total else "limits.none_here", **facts)
    key = "limits.used_total" if error.total else "limits.used"
    resets = text(locale, "credits.returns", when=f"<t:{int(error.resets_at)}:R>")
    used = text(locale, key, count=error.limit, things=things(locale, error.command, error.limit), **facts)
    return joined(locale, [used, resets])


def things(locale: str, command: str, count: int) -> str:
    """What a limit counts: “3 videos”."""
    return text(locale, _THINGS[command], count=count)


def low(locale: str, limits: Sequence[Left]) -> str:
    """What an order left of limits that are nearly used up."""
    return "\n".join(_low(locale, one) for one in limits)


def _low(locale: str, one: Left) -> str:
    facts = _facts(locale, one.limit.command, one.limit.period, one.origin, one.scope_id)
    last, some = ("limits.last_total", "limits.low_total") if one.limit.total else ("limits.last", "limits.low")
    said = text(locale, some, count=one.left, most=one.most, **facts) if one.left else text(locale, last, **facts)
    return joined(locale, [said, text(locale, "credits.returns", when=f"<t:{int(one.resets_at)}:R>")])


def left_line(locale: str, one: Left) -> str:
    """“**/video** · 1 of 3 left today in this server”, for a list."""
    facts = _facts(locale, one.limit.command, one.limit.period, one.origin, one.scope_id)
    key = "limits.left_total" if one.limit.total else "limits.left"
    resets = f" · {text(locale, 'usage.resets', when=f'<t:{int(one.resets_at)}:R>')}" if one.used else ""
    return text(locale, key, left=one.left, most=one.most, **facts) + resets


def _facts(locale: str, command: str, period: str, origin: Origin, id_: int) -> dict[str, str]:
    """A category's mention reads as its name."""
    where = text(locale, "limits.server") if origin is Origin.SERVER else f"<#{id_}>"
    return {"command": f"/{command}", "period": text(locale, _PERIODS[period]), "where": where}
