"""Bodies as they are sent and read: within bounds, and what they hold as JSON."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import Final

import aiohttp

from bot.api.calls import Answer
from bot.api.failures import find_failure
from bot.api.filetypes import HEAD, content_type_of
from bot.api.shapes import first_of, mapping, read_json, sequence, text
from bot.errors import BadAnswer

log = logging.getLogger(__name__)

_ERROR_BODY_LIMIT: Final = 64 * 1024
_ERROR_BODY_SECONDS: Final = 10.0
_LARGE_BODY: Final = 1024 * 1024
_MOST_VALUES: Final = 200_000
"""Reading more JSON values than that would hold the others up for longer than a tenth of a second."""


def payload(body: bytes | None) -> bytes | io.BytesIO | None:
    """As a file when it is large, which aiohttp sends in pieces; for large bytes it warns.

    A picture for a model that sees may be megabytes.
    """
    return io.BytesIO(body) if body is not None and len(body) > _LARGE_BODY else body


async def read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The whole body, at most `limit` bytes."""
    chunks: list[bytes] = []
    size = 0
    while chunk := await response.content.readany():
        size += len(chunk)
        if size > limit:
            message = f"an answer of more than {limit} bytes"
            raise BadAnswer(message, status=response.status)
        chunks.append(chunk)
    return b"".join(chunks)


async def read_some(response: aiohttp.ClientResponse) -> bytes:
    """What can be had of an error's body; an error without a body is still an error."""
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_ERROR_BODY_SECONDS):
            while size < _ERROR_BODY_LIMIT and (chunk := await response.content.readany()):
                chunks.append(chunk)
                size += len(chunk)
    except (aiohttp.ClientError, OSError) as error:
        log.debug("the body of an error broke off: %s", type(error).__name__)
    return b"".join(chunks)[:_ERROR_BODY_LIMIT]


def parsed(body: bytes, *, status: int, request_id: str) -> Answer:
    """The answer that a body is. BadAnswer: neither JSON nor a file."""
    if content_type_of(body[:HEAD]) is not None:
        return Answer({}, status, request_id, body)
    if body.count(b",") > _MOST_VALUES:
        message = "an answer of more values than anybody needs"
        raise BadAnswer(message, status=status, request_id=request_id)
    try:
        document = read_json(body)
    except ValueError as error:
        message = "the answer is no JSON"
        raise BadAnswer(message, status=status, request_id=request_id) from error
    found = mapping(first_of(document))
    if isinstance(document, dict) or find_failure(found) is not None:
        return Answer(found, status, request_id)
    if not any(mapping(one) or text(one) for one in sequence(document)):
        message = "the answer is no JSON object"
        raise BadAnswer(message, status=status, request_id=request_id)
    return Answer({"data": document}, status, request_id)
