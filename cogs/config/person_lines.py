"""Lines of the history that are about a person, in words: grants and bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.orders.person_lines import GRANT
from cogs.config import bars, grants

if TYPE_CHECKING:
    from bot.settings.changes import Changed


def sentence(locale: str, line: Changed) -> str:
    return grants.sentence(locale, line) if line.key == GRANT else bars.sentence(locale, line)


def plainly(locale: str, line: Changed) -> str:
    """Where Discord shows letters only."""
    return grants.plainly(locale, line) if line.key == GRANT else bars.plainly(locale, line)
