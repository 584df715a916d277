"""What somebody has left of a limit."""

from __future__ import annotations

from dataclasses import dataclass

from bot.settings.limits import Limit
from bot.settings.places import Origin


@dataclass(frozen=True, slots=True)
class Left:
    """A limit that holds for somebody at a place, how many are used of it, and when it begins anew (Unix seconds).

    `origin`: the scope that it is set for, with the id of that.
    """

    limit: Limit
    origin: Origin
    scope_id: int
    used: int
    resets_at: float

    @property
    def most(self) -> int:
        return self.limit.most or 0

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)
