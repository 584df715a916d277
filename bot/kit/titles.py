"""How an order is called where its prompt stands for it."""

from __future__ import annotations

from bot.i18n import text
from bot.text import title


def prompt_title(prompt: str, locale: str, limit: int) -> str:
    """A prompt as one safe line of at most `limit` characters before it is escaped; never empty."""
    if not prompt:
        return text(locale, "jobs.prompt_not_kept")
    # Of a time when those were taken.
    return title(prompt, limit) or text(locale, "card.prompt_unseen")
