"""What hearing one answer costs a process that does nothing else: this machine's price of waking for every word.

    python -m tests.bench.listener BASE_URL KEY

Prints the processor seconds of each of a few answers, one after the other, as a JSON list.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Final
from urllib.parse import urlsplit

import orjson

ANSWERS: Final = 3


class _Listener(asyncio.Protocol):
    """Takes in bytes until the end of the stream, and reads none of them."""

    def __init__(self) -> None:
        self.ended = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        if b"[DONE]" in data:
            self.ended.set_result(None)


async def listen(base_url: str, key: str) -> float:
    """Processor seconds of one answer, from the first byte of the request to the last of the answer."""
    address = urlsplit(base_url)
    body = orjson.dumps(
        {"model": "deepseek-chat", "stream": True, "messages": [{"role": "user", "content": "Why do foxes?"}]}
    )
    head = (
        f"POST {address.path}/chat/completions HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    transport, listener = await asyncio.get_running_loop().create_connection(
        _Listener, address.hostname or "", address.port or 80
    )
    began = time.process_time()
    transport.write(head.encode() + body)
    await listener.ended
    spent = time.process_time() - began
    transport.close()
    return spent


async def _main() -> None:
    spent = [await listen(sys.argv[1], sys.argv[2]) for _ in range(ANSWERS)]
    sys.stdout.buffer.write(orjson.dumps(spent))


if __name__ == "__main__":
    asyncio.run(_main())
