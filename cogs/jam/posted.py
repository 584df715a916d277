"""Where a jam's messages stand on Discord."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoundCard:
    """A round's card. `picture`: the file on it, of the picture that the round changes."""

    message_id: int
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """Where a jam stands: its thread, its word in the channel, and the card of its first round."""

    thread_id: int
    message_id: int
    card: RoundCard
