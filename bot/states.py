"""The life of a generation: its states.

queued → submitting → running → generated → delivered
  │          ├→ unknown   ├→ failed        └→ dropped
  │          ├→ failed    ├→ expired    └→ unfetched → generated (on a person's wish)
  └──────────┴────────────┴→ cancelled
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a picture or video stands. The row holds it; nothing is true that the row does not say."""

    QUEUED = "queued"
    """Accepted and paid for, its placeholder may be on its way to Discord. Nothing was sent to the service."""
    SUBMITTING = "submitting"
    """The request is about to be sent, or was: after a crash nobody knows. Pictures are made in this one call."""
    RUNNING = "running"
    """The service works on it under the row's task id. Only videos."""
    GENERATED = "generated"
    """Results exist, and are fetched and kept; the card does not show them yet."""
    DELIVERED = "delivered"
    """The card shows the results. An end."""
    DROPPED = "dropped"
    """Made, but there is nowhere left to deliver it: the message is gone, or its channel. An end."""
    UNFETCHED = "unfetched"
    """Made, but its files could not be had from the service. An end, from which Fetch again leads back to generated."""
    UNKNOWN = "unknown"
    """The connection or the process broke while sending: it may be made and billed, and is not sent again. An end."""
    FAILED = "failed"
    """The service refused or failed. An end."""
    EXPIRED = "expired"
    """Not finished after 24 hours. An end."""
    CANCELLED = "cancelled"
    """Ended by a person. An end."""


OVERDUE = "overdue"
"""What the card of a running row shows beyond its state: that it takes longer than usual."""

LIVE = frozenset({State.QUEUED, State.SUBMITTING, State.RUNNING, State.GENERATED})
CANCELLABLE = frozenset({State.QUEUED, State.RUNNING})
RETRYABLE = frozenset({State.UNKNOWN, State.FAILED, State.EXPIRED})
KEPT = frozenset({State.DROPPED, State.UNFETCHED})
"""Made, and not delivered: it can be, later."""
SHOWN = frozenset({State.GENERATED, State.DELIVERED})
"""Its card may show the results: it does so a moment before the row says that it is delivered."""
