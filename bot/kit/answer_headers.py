"""Discord's answers are known by their bodies, as they are documented; the library goes by headers that are not.

It reads JSON only where the type is `application/json` to the letter, and then without asking whether it is. A 429
without `Via` it takes for a ban, and gives up; one with it for Discord's own, also where a wall sent a web page.

https://discord.com/developers/docs/topics/rate-limits#exceeding-a-rate-limit
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import aiohttp
import orjson

if TYPE_CHECKING:
    from types import SimpleNamespace

_JSON, _TEXT = "application/json", "text/plain"
_TYPE, _VIA = "Content-Type", "Via"
_NOT_READ: Final = object()


def watch(trace: aiohttp.TraceConfig) -> None:
    """Have the library read what came for what it is, by a trace on its session."""
    trace.on_request_end.append(_ended)


async def _ended(_: aiohttp.ClientSession, __: SimpleNamespace, ended: aiohttp.TraceRequestEndParams) -> None:
    response = ended.response
    said = response.headers
    headers = said.copy()
    body = await _read(response)
    if response.content_type == _JSON:
        headers[_TYPE] = _TEXT if body is _NOT_READ else _JSON
    if response.status == 429:
        headers.pop(_VIA, None)
        if _says_how_long(body):
            headers[_VIA] = said.get(_VIA, "-")
    if headers != said:
        # Nothing public changes them, and the library asks for nothing else.
        inside: Any = response
        inside._headers = type(said)(headers)  # noqa: SLF001
        inside._cache.pop("headers", None)  # noqa: SLF001


async def _read(response: aiohttp.ClientResponse) -> object:
    """What its JSON says."""
    try:
        return orjson.loads(await response.read()) if response.content_type == _JSON else _NOT_READ
    except ValueError:
        return _NOT_READ


def _says_how_long(body: object) -> bool:
    told = cast("dict[str, Any]", body).get("retry_after") if isinstance(body, dict) else None
    return isinstance(told, int | float) and not isinstance(told, bool)
