"""What a form of images began with and does not hold itself, or was refused with, while it may be sent again.

It stands in memory: a restart forgets it, and who sends such a form then gets the words back.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.recent import Recent
from cogs.imagine.wanted import Wanted

MOST_DRAFTS = 1000
"""Of all servers together; the oldest is forgotten first."""
DRAFT_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Draft:
    person_id: int
    wanted: Wanted


class Drafts(Recent[int, Draft]):
    """By the interaction that each began with."""

    def __init__(self) -> None:
        super().__init__(MOST_DRAFTS, seconds=DRAFT_SECONDS)

    def of(self, key: int, person_id: int) -> Wanted | None:
        """None: it is nobody's, or another's: what a form names may be forged."""
        draft = self.get(key)
        return draft.wanted if draft is not None and draft.person_id == person_id else None
