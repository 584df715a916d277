"""Video tasks: what the service knows of them. A task is a small row; its clip is made when somebody asks for it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

State: TypeAlias = Literal["queued", "running", "succeeded", "failed", "cancelled", "expired", "gone"]

_ENDS: Final[dict[str, State]] = {
    "succeeded": "succeeded",
    "failed": "failed",
    "inspection": "failed",
    "cancelled": "cancelled",
    "expired": "expired",
    "never": "running",
}
REFUSED: Final = "Input data may contain inappropriate content."


@dataclass(slots=True)
class Task:
    """Times in seconds of time.monotonic(). `outcome`: one of names.OUTCOMES."""

    id: str
    prompt: str
    model: str
    width: int
    height: int
    seconds: float
    queue_seconds: float
    run_seconds: float
    outcome: str
    file_bytes: int = 0
    sound: bool = False
    quota: int = 0
    """What it costs."""
    created_at: int = field(default_factory=lambda: int(time.time()))
    began: float = field(default_factory=time.monotonic)
    polls: int = 0
    fetched: int = 0
    """How many times the clip was asked for."""

    def state(self, now: float | None = None) -> State:
        age = (time.monotonic() if now is None else now) - self.began
        if self.outcome == "gone":
            return "gone"
        if age < self.queue_seconds:
            return "queued"
        if age < self.queue_seconds + self.run_seconds:
            return "running"
        return _ENDS[self.outcome]

    def finish(self, outcome: str = "succeeded") -> None:
        """It ends now."""
        self.outcome = outcome
        self.queue_seconds = 0.0
        self.run_seconds = 0.0

    @property
    def reason(self) -> tuple[str, str]:
        """Code and message of a failure."""
        match self.outcome:
            case "inspection":
                return "DataInspectionFailed", REFUSED
            case "cancelled":
                return "Cancelled", "The task was cancelled."
            case "expired":
                return "Expired", "The task was not run in time."
            case _:
                return "InternalError", "An internal error has occured, please try again later."
