from __future__ import annotations

import pytest

from bot.api.sse import SSEDecoder
from bot.errors import BadAnswer

A = b'data: {"a":1}\n\n'


def decode(body: bytes, step: int) -> tuple[list[dict[str, int]], SSEDecoder]:
    decoder = SSEDecoder()
    blocks: list[dict[str, int]] = []
    for start in range(0, len(body), step):
        blocks += decoder.feed(body[start : start + step])
    return blocks + decoder.close(), decoder


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        (A + A, [{"a": 1}, {"a": 1}]),
        (b'data:{"a":1}\n\n', [{"a": 1}]),
        (b'data: {"a":1}\r\n\r\ndata: {"a":2}\r\n\r\n', [{"a": 1}, {"a": 2}]),
        (b'data: {"a":1}\r\rdata: {"a":2}\r\r', [{"a": 1}, {"a": 2}]),
        (b'data: {"a":1}\ndata: {"a":2}\n', [{"a": 1}, {"a": 2}]),  # no empty line between
        (b'data: {"a":\ndata: 1}\n\n', [{"a": 1}]),  # one block over two lines
        (b'data: {"a":\r\ndata: 1}\r\n\r\n', [{"a": 1}]),
        (b": PING\n\n" + A + b": PING\n\n", [{"a": 1}]),
        (b"event: message\nid: 7\nretry: 10\n" + A, [{"a": 1}]),
        (b"\xef\xbb\xbf" + A, [{"a": 1}]),
        (b'data: {"a":1}', [{"a": 1}]),  # the end of the stream ends the block
        (b': PING\n\n{"error":1}\n', [{"error": 1}]),  # unframed
        (b'{"error":1}', [{"error": 1}]),
        (b'{\n  "error": {\n    "x": [\n 1\n]\n  }\n}\n', [{"error": {"x": [1]}}]),
        (b'data: garbage\n\ndata: {"a":\n\n' + A, [{"a": 1}]),
        (b"data: [1,2]\n\ndata: 7\n\n" + A, [{"a": 1}]),
        (b"data: [DONE]\n\n" + A, []),
        (A + b"data:[DONE]", [{"a": 1}]),
        ('data: {"a":"é\U0001f600"}\n\n'.encode(), [{"a": "é\U0001f600"}]),
        (b"", []),
    ],
)
def test_blocks_wherever_the_network_cuts(body: bytes, blocks: list[dict[str, int]], step: int) -> None:
    assert decode(body, step)[0] == blocks


@pytest.mark.parametrize(("body", "done"), [(A, False), (A + b"data: [DONE]\n\n", True), (b"data: [DONE]", True)])
def test_done(body: bytes, done: bool) -> None:
    assert decode(body, 5)[1].done is done


def test_unreadable_blocks_are_counted() -> None:
    assert decode(b"data: garbage\n\n" + A + b'data: {"half":\n\n', 4)[1].unreadable == 2


@pytest.mark.parametrize("chunk", [b"x" * 1024 * 1024, b"data: {" + b"x" * 1024 * 1024 + b"\n", b"data: {\n" * 1000])
def test_a_block_without_end_is_refused(chunk: bytes) -> None:
    with pytest.raises(BadAnswer, match="without end"):
        feed_for_ever(chunk)


def feed_for_ever(chunk: bytes) -> None:
    decoder = SSEDecoder()
    for _ in range(100):
        decoder.feed(chunk)
