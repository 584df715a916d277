"""The HTTP session that the service is asked with, and that files which people attach are fetched with."""

from __future__ import annotations

from typing import Final

import aiohttp
import orjson

HEADER_LIMIT: Final = 64 * 1024
MOST_HEADERS: Final = 1000


def build_session(*traces: aiohttp.TraceConfig) -> aiohttp.ClientSession:
    """One for the process; its owner closes it. Must be called with a running loop.

    `traces` hear of each request; of a call of the service with its route as `trace_request_ctx`.

    Connections idle for 30 s are dropped, before the 60 or 75 s after which balancers drop theirs: a POST that meets
    such a drop can't be told from one that was accepted.
    """
    connector = aiohttp.TCPConnector(
        limit=512,  # aiohttp's 100 would make streams wait behind each other
        keepalive_timeout=30,
        ttl_dns_cache=300,
        resolver=aiohttp.ThreadedResolver(),  # the system's own resolution (hosts file, VPN), unlike c-ares
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        json_serialize=lambda value: orjson.dumps(value).decode(),
        timeout=aiohttp.ClientTimeout(total=None, connect=10),
        trust_env=False,
        trace_configs=list(traces),
        # Proxies write policies of several KiB into a header, and add many: aiohttp's 8 KiB and 128 headers would lose
        # an answer that was paid for.
        max_field_size=HEADER_LIMIT,
        max_line_size=HEADER_LIMIT,
        max_headers=MOST_HEADERS,
        headers={"User-Agent": "onekey-bot"},
    )
