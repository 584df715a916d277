"""How long something took, for people."""

from __future__ import annotations

from bot.i18n import text


def duration(locale: str, seconds: float) -> str:
    """Seconds below a minute and a half (“14 s”), then whole minutes (“2 min”); never zero."""
    if seconds < 90:
        return text(locale, "time.seconds", number=max(1, round(seconds)))
    return text(locale, "time.minutes", number=round(seconds / 60))
