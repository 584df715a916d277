"""What the service charges, kept as its gateways do: a row for each call, in quota; and the routes that tell it.

GET /api/log/token, /api/usage/token/, /api/pricing and /api/status.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiohttp import web

from . import faults

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .plans import Plan
    from .record import Request
    from .tasks import Task

CONSUMED, REFUNDED = 2, 6
ROWS_TOLD: Final = 1000


@dataclass(frozen=True, slots=True)
class Tariff:
    """`each`: units for an image or a video; else `ratio` quota a token, `completion` times that for an answer."""

    each: float | None = None
    ratio: float = 0.0
    completion: float = 1.0


TARIFFS: Final[Mapping[str, Tariff]] = {
    "deepseek-chat": Tariff(ratio=0.135, completion=4),
    "deepseek-reasoner": Tariff(ratio=0.275, completion=4),
    "qwen3-max": Tariff(ratio=0.6, completion=5),
    "qwen3-vl-plus": Tariff(ratio=0.1, completion=8),
    "wan2.7-image": Tariff(each=0.03),
    "qwen-image": Tariff(each=0.035),
    "qwen-image-edit": Tariff(each=0.045),
    "wan2.7-t2v": Tariff(each=0.5),
    "wan2.7-i2v": Tariff(each=0.5),
}


@dataclass(frozen=True, slots=True)
class Entry:
    call: str
    model: str
    quota: int
    kind: int = CONSUMED
    prompt_tokens: int = 0
    completion_tokens: int = 0
    at: int = 0


class Books:
    """`total`: what was charged in quota, what was given back taken off. `granted`: what the key may use."""

    def __init__(self) -> None:
        self.quota_per_unit = 500_000
        self.symbol = "$"
        self.granted = 50_000_000
        self.tariffs: dict[str, Tariff] = dict(TARIFFS)
        self._entries: list[Entry] = []
        self._videos: list[tuple[Entry, Task]] = []
        self.heard: list[Callable[[Entry], None]] = []
        """Told of each charge as it is made."""

    @property
    def entries(self) -> list[Entry]:
        """All rows, oldest first; a failed video's is given back."""
        back = [
            Entry(entry.call, entry.model, entry.quota, REFUNDED, at=entry.at)
            for entry, task in self._videos
            if task.state() in {"failed", "cancelled", "expired"}
        ]
        return [*self._entries, *back]

    @property
    def total(self) -> int:
        return sum(-entry.quota if entry.kind == REFUNDED else entry.quota for entry in self.entries)

    def chat(self, call: str, model: str, prompt_tokens: int, completion_tokens: int) -> None:
        tariff = self.tariffs.get(model, Tariff())
        quota = round((prompt_tokens + completion_tokens * tariff.completion) * tariff.ratio)
        self._enter(
            Entry(
                call,
                model,
                max(1, quota) if tariff.ratio else 0,
                prompt_tokens=prompt_tokens,
                completion_tokens=completion_tokens,
                at=int(time.time()),
            )
        )

    def made(self, call: str, model: str, count: int) -> None:
        """Images."""
        self._enter(Entry(call, model, self._each(model) * count, at=int(time.time())))

    def video(self, call: str, model: str, task: Task) -> int:
        """A video was accepted. Returns what it costs."""
        entry = Entry(call, model, self._each(model), at=int(time.time()))
        self._enter(entry)
        self._videos.append((entry, task))
        return entry.quota

    def _each(self, model: str) -> int:
        return round((self.tariffs.get(model, Tariff()).each or 0) * self.quota_per_unit)

    def _enter(self, entry: Entry) -> None:
        self._entries.append(entry)
        for listener in self.heard:
            listener(entry)

    def answer(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse | None:
        """What is told under /api/; None: as if there were no such route."""
        del record
        if plan.shape == "absent":
            return None
        if plan.shape == "untold":
            return faults.answer({"success": False, "message": "无权进行此操作"})
        match request.path.rstrip("/"):
            case "/api/status":
                data = {
                    "quota_per_unit": self.quota_per_unit,
                    "quota_display_type": "USD" if self.symbol == "$" else "",
                }
                return _told({**data, "currency_symbol": self.symbol})
            case "/api/pricing":
                return _told([self._priced(model) for model in self.tariffs], group_ratio={"default": 1})
            case "/api/usage/token":
                left = self.granted - self.total
                return _told(
                    {
                        "object": "token_usage",
                        "total_granted": self.granted,
                        "total_used": self.total,
                        "total_available": left,
                        "unlimited_quota": False,
                        "expires_at": 0,
                    }
                )
            case "/api/log/token":
                rows = [_row(number, entry, plan.shape) for number, entry in enumerate(self.entries)]
                last = rows[::-1][:ROWS_TOLD]
                return _told({"page": 1, "total": len(rows), "items": last} if plan.shape == "paged" else last)
            case _:
                return None

    def _priced(self, model: str) -> dict[str, object]:
        tariff = self.tariffs[model]
        return {
            "model_name": model,
            "quota_type": 0 if tariff.each is None else 1,
            "model_price": tariff.each or 0,
            "model_ratio": tariff.ratio,
            "completion_ratio": tariff.completion,
            "enable_groups": ["default"],
            "supported_endpoint_types": ["openai"],
        }


def _row(number: int, entry: Entry, shape: str) -> dict[str, object]:
    row: dict[str, object] = {
        "id": number,
        "created_at": entry.at,
        "type": entry.kind,
        "model_name": entry.model,
        "quota": entry.quota,
        "prompt_tokens": entry.prompt_tokens,
        "completion_tokens": entry.completion_tokens,
    }
    match shape:
        case "text":
            return {**row, "quota": str(entry.quota), "type": str(entry.kind), "other": {"request_id": entry.call}}
        case "no_ids":
            return row
        case _:
            return {**row, "request_id": entry.call}


def _told(data: object, **more: object) -> web.Response:
    return faults.answer({"success": True, "message": "", "data": data, **more})
