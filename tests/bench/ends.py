"""What became of all that was ordered on a PostgreSQL that several processes share."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from tests import postgresql

if TYPE_CHECKING:
    from sandbox.onekey import OneKeyServer

_LEFT: Final = "SELECT count(*) FROM generations WHERE state IN ('queued', 'submitting', 'running', 'generated')"


async def rows_at_an_end(url: str, *, within: float) -> tuple[list[Any], int]:
    """All rows, and how many of them have no end after so many seconds."""
    connection = await postgresql.connect(url)
    over = time.monotonic() + within
    while (left := await connection.fetchval(_LEFT)) and time.monotonic() < over:  # noqa: ASYNC110 - the database tells nobody
        await asyncio.sleep(0.5)
    rows = await connection.fetch("SELECT prompt, kind, state, reason, shown_state, message_id FROM generations")
    await connection.close()
    return rows, left


def sent_twice(api: OneKeyServer) -> list[str]:
    """Prompts for which the service took more than one request."""
    images = Counter(request.prompt for request in api.requests.of("images") if request.status in {0, 200})
    return [prompt for prompt, count in (images + api.submits).items() if count > 1]
