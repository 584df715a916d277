"""The life of a generation: its states, and which may follow which."""

from __future__ import annotations

from collections.abc import Mapping
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
    UNKNOWN = "unknown"
    """The connection or the process broke while sending: it may be made and billed, and is not sent again. An end."""
    FAILED = "failed"
    """The service refused or failed. An end."""
    EXPIRED = "expired"
    """Not finished after 24 hours. An end."""
    CANCELLED = "cancelled"
    """Ended by a person. An end."""


LIVE = frozenset({State.QUEUED, State.SUBMITTING, State.RUNNING, State.GENERATED})
CANCELLABLE = frozenset({State.QUEUED, State.RUNNING})
RETRYABLE = frozenset({State.UNKNOWN, State.FAILED, State.EXPIRED})

FOLLOWING: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SUBMITTING, State.CANCELLED, State.DROPPED}),
    State.SUBMITTING: frozenset({State.RUNNING, State.GENERATED, State.UNKNOWN, State.FAILED}),
    State.RUNNING: frozenset({State.GENERATED, State.FAILED, State.EXPIRED, State.CANCELLED}),
    State.GENERATED: frozenset({State.DELIVERED, State.DROPPED}),
    **{end: frozenset() for end in State if end not in LIVE},
}
"""Which states may follow a state; an end is followed by none."""
