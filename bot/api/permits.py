"""Leave to send: the client sends nothing that may cost money without a `Permit`, and only `bot.orders.money` makes
them. So no kind of call can be added that forgets to reserve what it may cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.errors import OverReserve


@dataclass(slots=True)
class Permit:
    """For the calls of one order.

    `most_told`, `most_answered`: tokens of a question, and of its answer, that are reserved; None: it has no bound.
    `calls`: what the service called each request that it took, or may have taken; for the log of costs.
    """

    most_told: int | None = None
    most_answered: int | None = None
    is_bounded: bool = False
    """Its cost is reserved once: what may have been taken is not sent a second time."""
    calls: list[str] = field(default_factory=list[str])
    heard: Callable[[], None] | None = field(default=None, compare=False)
    """Called when there is one call more."""

    def check(self, told: int) -> None:
        """OverReserve: a question has more tokens than were reserved. It is not sent."""
        if self.most_told is not None and told > self.most_told:
            message = f"up to {told} tokens to be sent, {self.most_told} reserved"
            raise OverReserve(message)

    def answers(self, wanted: int | None) -> int | None:
        """How many tokens the answer may have."""
        bounds = [bound for bound in (wanted, self.most_answered) if bound is not None]
        return min(bounds, default=None)

    def note(self, call: str, status: int) -> None:
        """The service answered a request. What it refused as such costs nothing, and is not in its log."""
        if call and not 400 <= status < 500:
            self.calls.append(call)
            if self.heard is not None:
                self.heard()
