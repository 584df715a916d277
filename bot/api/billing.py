"""GET /dashboard/billing/subscription and /usage: what the service's account holds, where the service tells it.

One API, New API and their kin answer as OpenAI's old dashboard did: `hard_limit_usd` is all that was ever put into the
account (or the key), `total_usage` what was used of it, in hundredths. Both are in the unit that the service's site
shows: dollars mostly, but yuan or tokens too. A key without a limit says 100,000,000.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.api.calls import Call
from bot.api.failures import Effect
from bot.api.retries import ONCE
from bot.api.shapes import JsonObject, number
from bot.api.timeouts import Timeouts
from bot.api.transport import Transport
from bot.errors import ApiError, BadAnswer, InvalidRequest, NotAnApi

UNLIMITED: Final = 100_000_000.0
_NOT_TOLD: Final = frozenset({400, 401, 403, 404, 405, 501})
"""No such route, or not for this key: whether the key is good, the other calls say."""


@dataclass(frozen=True, slots=True)
class Balance:
    """`total` was put in, `used` is gone; in the service's own unit. `total` None: there is no limit."""

    total: float | None
    used: float

    @property
    def left(self) -> float | None:
        """Below zero where the service lets an account run into debt. None: there is no limit."""
        return None if self.total is None else self.total - self.used


async def fetch(transport: Transport, *, timeouts: Timeouts) -> Balance | None:
    """`OneKeyClient.balance` says the rest. Under /v1 first, then beside it, where older gateways have it."""
    for at_root in (False, True):
        limit = await ask(transport, "/dashboard/billing/subscription", at_root=at_root, timeouts=timeouts)
        if limit is None or (total := number(limit.get("hard_limit_usd"))) is None:
            continue
        usage = await ask(transport, "/dashboard/billing/usage", at_root=at_root, timeouts=timeouts)
        if usage is not None and (hundredths := number(usage.get("total_usage"))) is not None:
            return Balance(None if total >= UNLIMITED else total, hundredths / 100)
    return None


async def ask(transport: Transport, path: str, *, at_root: bool, timeouts: Timeouts) -> JsonObject | None:
    """The answer's object; None: the service does not tell."""
    route = f"{path} (beside /v1)" if at_root else path
    call = Call("GET", route, Effect.READS, path=path, total=timeouts.models, retries=ONCE, at_root=at_root)
    try:
        answer = await transport.document(call)
        if answer.document.get("success") is False:
            return None
        transport.check(answer, call)
    except (BadAnswer, InvalidRequest, NotAnApi):
        return None
    except ApiError as error:
        if error.status in _NOT_TOLD or error.status == 200:
            return None
        raise
    return answer.document
