"""What a form of images began with and does not hold itself, or was refused with, while it may be sent again.

It stands in memory: a restart forgets it, and who sends such a form then gets the words back.
"""

from __future__ import annotations

from bot.recent import Recent
from cogs.imagine.wanted import Wanted

MOST_DRAFTS = 1000
"""Of all servers together; the oldest is forgotten first."""
DRAFT_SECONDS = 3600.0


class Drafts(Recent[tuple[int, int], Wanted]):
    """By the person, since what a form names may be forged, and the interaction that each began with."""

    def __init__(self) -> None:
        super().__init__(MOST_DRAFTS, seconds=DRAFT_SECONDS)
