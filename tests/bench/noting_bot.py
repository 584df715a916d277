"""The bot, noting when a request with its own token leaves: run by `shared_videos.py` in its place.

Appends time.monotonic() to the file that NOTE_FILE names, a line each: the stand-in counts them when it comes to it,
which on a busy machine is not when they came.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.__main__ import main
from bot.kit.own_token import OwnToken

if TYPE_CHECKING:
    import aiohttp

_pace = OwnToken.pace


def pace(self: OwnToken, trace: aiohttp.TraceConfig) -> None:
    _pace(self, trace)
    noted = Path(os.environ["NOTE_FILE"]).open("a", buffering=1)  # noqa: SIM115 - as long as the process

    async def leaves(_: Any, __: Any, headers: aiohttp.TraceRequestHeadersSentParams) -> None:
        if "Authorization" in headers.headers:
            noted.write(f"{time.monotonic():.6f}\n")

    trace.on_request_headers_sent.append(leaves)


if __name__ == "__main__":
    OwnToken.pace = pace
    sys.exit(main(["run", *sys.argv[1:]]))
