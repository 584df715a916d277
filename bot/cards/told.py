"""What was added to the words of an order of images, in full."""

from __future__ import annotations

from bot.generation.requests import AVOID, SEED, STYLE
from bot.generation.rows.records import Generation
from bot.i18n import text
from bot.text import escape

WORDS_LIMIT = 1500
"""A style's words and what is to be avoided stand in one message."""


def told_beside(row: Generation, locale: str) -> str:
    """A line each for its style, its seed and what it avoids; empty: it is the prompt alone."""
    lines: list[str] = []
    if style := row.parameters.get(STYLE):
        words = escape(str(style["words"]))[:WORDS_LIMIT]
        lines.append(text(locale, "card.told_style", name=escape(str(style["name"])), words=words))
    if avoid := row.parameters.get(AVOID):
        lines.append(text(locale, "card.told_avoid", avoid=escape(str(avoid))))
    if (seed := row.parameters.get(SEED)) is not None:
        lines.append(text(locale, "card.told_seed", seed=seed))
    return "\n".join(lines)
