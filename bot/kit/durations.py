"""How long something took, for people."""

from __future__ import annotations

from bot.i18n import text


def duration(locale: str, seconds: float) -> str:
    """Seconds to a minute and a half (“14 s”), minutes to an hour and a half (“2 min”), then hours; never zero."""
    if seconds < 90:
        return text(locale, "time.seconds", number=max(1, round(seconds)))
    if seconds < 90 * 60:
        return text(locale, "time.minutes", number=round(seconds / 60))
    return text(locale, "time.hours", number=round(seconds / 3600))
