"""The bot with little patience, and with a fault of its own, where these are to be seen.

It waits a second for answers instead of minutes. "[ours]" in a prompt makes it stumble: over a question before it is
sent, over what was ordered whenever its file is to be fetched.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.api import client
from bot.api.timeouts import Timeouts
from bot.generation.files.result_files import ResultFiles
from bot.generation.work import recovery, video_queue

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.api.chat_request import ChatRequest
    from bot.generation.files.result_files import Fetched
    from bot.generation.rows.records import Generation, Result

SECONDS = 1.0
FAULT = "[ours]"

_fetch = ResultFiles.fetch
_stream = client.OneKeyClient.stream_chat


async def _stumbling_fetch(self: ResultFiles, row: Generation, results: Collection[Result]) -> Fetched:
    _stumble(row.prompt)
    return await _fetch(self, row, results)


def _stumbling_stream(self: client.OneKeyClient, request: ChatRequest, *rest: object, **options: object) -> object:
    _stumble(str(request.messages[-1].content))
    return _stream(self, request, *rest, **options)  # pyright: ignore[reportArgumentType] - as they came


def _stumble(prompt: str) -> None:
    if FAULT in prompt:
        message = "a mistake of ours"
        raise RuntimeError(message)


def hasten() -> None:
    """Before it begins, in its process."""
    hasty = partial(Timeouts, images=SECONDS, video_submit=SECONDS, chat_first_byte=SECONDS)
    client.Timeouts = hasty  # pyright: ignore[reportAttributeAccessIssue] - called in its place
    recovery.SWEEP_SECONDS = video_queue.PLACE_SECONDS = 0.2
    ResultFiles.fetch = _stumbling_fetch
    client.OneKeyClient.stream_chat = _stumbling_stream  # pyright: ignore[reportAttributeAccessIssue] - likewise
