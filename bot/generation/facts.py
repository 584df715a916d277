"""What a card is made of."""

from __future__ import annotations

from dataclasses import dataclass

from bot.store.generations import Generation, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """Everything that a card shows: the same facts give the same card, so an edit may be done twice.

    `place`: 1 for the next in line, only of a queued row. `usual`: seconds this model usually takes here, None
    without a history. `overdue`: running for longer than the soft limit. `retry_at`: Unix seconds of the next try
    while the service is busy. `held`: moderators paused the place.
    """

    row: Generation
    results: tuple[Result, ...] = ()
    place: int | None = None
    usual: float | None = None
    overdue: bool = False
    retry_at: float | None = None
    held: bool = False
