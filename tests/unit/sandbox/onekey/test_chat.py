"""The API stand-in's chat: every shape and every way to break, as a plain HTTP client sees it."""

from __future__ import annotations

import asyncio
import re
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any, NamedTuple

import aiohttp
import orjson
import pytest

from sandbox.onekey import Behaviour, OneKeyServer, Plan, pictures
from sandbox.onekey.names import FAULTS, SHAPES

QUICK = Plan(first_token=0.01, words_per_second=2000)


class Got(NamedTuple):
    """An answer: all bytes until the end or the break."""

    status: int
    kind: str
    got: bytes
    broken: bool


async def ask(
    api: OneKeyServer,
    prompt: str = "Tell me about foxes",
    *,
    model: str = "deepseek-chat",
    usage: bool = True,
    **extra: Any,
) -> Got:
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": prompt}], **extra}
    if usage:
        body["stream_options"] = {"include_usage": True}
    got = b""
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {api.key}"}) as session,
        session.post(f"{api.base_url}/chat/completions", json=body) as response,
    ):
        broken = False
        try:
            async for piece in response.content.iter_any():
                got += piece
        except aiohttp.ClientPayloadError:
            broken = True
        return Got(response.status, response.content_type, got, broken)


def blocks(got: bytes) -> list[dict[str, Any]]:
    datas = re.findall(rb"^data: ?(\{.*\})\r?$", got, re.MULTILINE)
    return [orjson.loads(data) for data in datas]


def text(got: bytes, key: str = "content") -> str:
    deltas = [block["choices"][0]["delta"] for block in blocks(got) if block["choices"]]
    return "".join(delta.get(key) or "" for delta in deltas)


@pytest.fixture
async def api():
    async with OneKeyServer(behaviour=Behaviour(chat=QUICK)) as server:
        yield server


async def test_a_stream_as_the_document_has_it(api: OneKeyServer):
    status, kind, got, broken = await ask(api)
    assert (status, kind, broken) == (200, "text/event-stream", False)
    assert text(got).startswith("About “Tell me about foxes”")
    assert got.endswith(b"data: [DONE]\n\n")
    last, usage = blocks(got)[-2:]
    assert last["choices"][0]["finish_reason"] == "stop"
    assert usage["choices"] == []
    assert usage["usage"]["completion_tokens"] == len(blocks(got)) - 3
    assert (await ask(api))[2].count(b"content") == got.count(b"content"), "the same prompt, the same answer"


async def test_code_and_chinese(api: OneKeyServer):
    assert text((await ask(api, "Write python code that counts words"))[2]).count("```") == 2
    assert "关于“狐狸吃什么”" in text((await ask(api, "狐狸吃什么"))[2])


async def test_number_and_pace_of_words(api: OneKeyServer):
    api.behaviour.chat = Plan(first_token=0.1, words_per_second=200, words=60)
    _, _, got, _ = await ask(api)
    request = api.requests[-1]
    assert len(blocks(got)) == 60 + 3
    assert request.first_text_at - request.at == pytest.approx(0.1, abs=0.08)
    assert request.last_text_at - request.first_text_at == pytest.approx(59 / 200, abs=0.1)


async def test_usage_only_when_asked(api: OneKeyServer):
    assert b"usage" not in (await ask(api, usage=False))[2]


@pytest.mark.parametrize("shape", SHAPES["chat"])
async def test_every_shape_carries_the_same_answer(api: OneKeyServer, shape: str):
    plain = text((await ask(api))[2])
    api.next("chat", shape=shape)
    status, kind, got, broken = await ask(api)
    assert (status, broken) == (200, False)
    if shape == "whole":
        assert orjson.loads(got)["choices"][0]["message"]["content"] == plain
        return
    assert got.rstrip().endswith(b"[DONE]")
    special: dict[str, Callable[[], bool]] = {
        "cumulative": lambda: text(got).endswith(plain) and text(got) != plain,
        "lone_think": lambda: text(got).startswith("First") and text(got).endswith(f"\n</think>\n\n{plain}"),
        "harmony": lambda: text(got).endswith(f"<|start|>assistant<|channel|>final<|message|>{plain}<|return|>"),
        "parts": lambda: b'[{"type":"thinking"' in got and b'[{"type":"text"' in got,
        "markdown": lambda: "| Material | $n$ |" in text(got),
        "glued": lambda: b"}{" in got and b"} data: {" in got,
    }
    if shape in special:
        assert special[shape]()
        return
    if shape == "think":
        thoughts, _, answer = text(got).partition("</think>\n\n")
        assert (thoughts.startswith("<think>\nFirst"), answer) == (True, plain)
        assert b"<think>" not in got, "the tag is split between blocks"
        return
    assert text(got) == plain
    expected: dict[str, Callable[[], bool]] = {
        "reasoning_content": lambda: text(got, "reasoning_content").startswith("First"),
        "reasoning": lambda: text(got, "reasoning").startswith("First"),
        "choices_null": lambda: b'"choices":null' in got,
        "null_content": lambda: b'"content":null' in got and b'"delta":{}' in got,
        "pings": lambda: got.startswith(b": PING\n\n") and got.count(b": PING") > 3,
        "crlf": lambda: b"\r\n\r\ndata:{" in got,
        "no_usage": lambda: b'"usage"' not in got,
        "stop_everywhere": lambda: got.count(b'"stop"') > 40,
        "null_word": lambda: got.count(b'"null"') > 40,
        "repeat": lambda: orjson.dumps(plain) in got,
        "as_html": lambda: kind == "text/html",
    }
    assert expected.get(shape, lambda: True)()


async def test_thinking_model_thinks_first(api: OneKeyServer):
    _, _, got, _ = await ask(api, model="deepseek-reasoner")
    assert 0 < got.index(b'"reasoning_content":"First') < got.index(b'"content":"About')
    assert blocks(got)[-1]["usage"]["completion_tokens_details"]["reasoning_tokens"] == 24


BREAKS: dict[str, Callable[[Got], bool]] = {
    "event_stream_error": lambda r: (r.status, r.kind) == (500, "text/event-stream") and "error" in orjson.loads(r.got),
    "unframed_error": lambda r: (
        r.status == 200 and r.got.startswith(b": PING\n\n{") and "error" in orjson.loads(r.got[8:])
    ),
    "mid_error": lambda r: "error" in blocks(r.got)[-1] and r.got.endswith(b"[DONE]\n\n"),
    "mid_garbage": lambda r: r.got.count(b"data:") == 15 and b'"choices": [{\n' in r.got,
    "mid_drop": lambda r: r.broken and len(blocks(r.got)) == 13 and b"[DONE]" not in r.got,
    "no_finish": lambda r: r.got.endswith(b"[DONE]\n\n") and b'"stop"' not in r.got and len(blocks(r.got)) > 40,
    "no_done": lambda r: not r.broken and b"[DONE]" not in r.got and len(blocks(r.got)) > 40,
    "safety": lambda r: b'"finish_reason":"SAFETY"' in r.got,
    "odd_reason": lambda r: b'"finish_reason":"eldritch"' in r.got,
    "bad_block": lambda r: b'"choices": [{\n' in r.got and b'"stop"' in r.got and b"[DONE]" in r.got,
    "choice_error": lambda r: "error" in blocks(r.got)[-1]["choices"][0] and r.got.endswith(b"[DONE]\n\n"),
    "length": lambda r: b'"finish_reason":"length"' in r.got,
    "content_filter": lambda r: b'"finish_reason":"content_filter"' in r.got,
    "no_words": lambda r: text(r.got) == "" and b'"stop"' in r.got,
    "stream_options": lambda r: r.status == 400 and b"stream_options" in r.got,
}


@pytest.mark.parametrize("fault", [name for name in FAULTS["chat"] if name not in FAULTS["images"]])
async def test_every_break(api: OneKeyServer, fault: str):
    api.next("chat", fault=fault)
    if fault == "mid_stall":
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await ask(api)
        await api.requests.until(lambda: api.requests[-1].hung_up)
        return
    if fault == "no_search":
        return  # nothing is searched for: its own test is below
    assert BREAKS[fault](await ask(api))
    assert (await ask(api))[0] == 200, "only the next request was meant"


async def test_stream_options_are_refused_only_while_they_are_sent(api: OneKeyServer):
    api.behaviour.chat = Plan(fault="stream_options", first_token=0, words_per_second=5000)
    assert (await ask(api))[0] == 400
    assert (await ask(api, usage=False))[0] == 200


async def test_words_in_the_prompt(api: OneKeyServer):
    assert (await ask(api, "Foxes [fault:429*2]"))[0] == 429
    assert (await ask(api, "Foxes [fault:429*2]"))[0] == 429
    status, _, got, _ = await ask(api, "Foxes [fault:429*2]")
    assert (status, text(got)[:14]) == (200, "About “Foxes”:")
    assert len(blocks((await ask(api, "Foxes [words:7]"))[2])) == 7 + 3
    status, _, got, _ = await ask(api, "Foxes [fault:teapot]")
    assert (status, b"mid_drop" in got) == (400, True)


async def test_a_picture_is_seen_by_models_that_see(api: OneKeyServer):
    picture = pictures.encode(pictures.draw("fox", width=64, height=48))
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64encode(picture).decode()}"}},
    ]
    body: dict[str, Any] = {"messages": [{"role": "user", "content": parts}]}
    got = (await ask(api, model="qwen3-vl-plus", **body)).got
    assert "PNG, 64×48" in text(got)
    [usage] = [each["usage"] for each in blocks(got) if each.get("usage")]
    assert 258 < usage["prompt_tokens"] < 350, "not by the length of its base64"
    status, _, got, _ = await ask(api, **body)
    assert (status, b"expected `text`" in got) == (400, True)


async def test_a_client_that_hangs_up_is_noticed(api: OneKeyServer):
    api.behaviour.chat = Plan(words_per_second=20, words=400, first_token=0.01)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await ask(api)
    await api.requests.until(lambda: api.requests[-1].hung_up, timeout=2)


async def test_connections_are_numbered(api: OneKeyServer):
    body = {"model": "deepseek-chat", "messages": [{"role": "user", "content": "Hi"}]}
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {api.key}"}) as session:
        for _ in range(3):
            async with session.post(f"{api.base_url}/chat/completions", json=body) as response:
                assert (await response.json())["usage"]["completion_tokens"] > 0
    await ask(api)
    assert [request.connection for request in api.requests] == [1, 1, 1, 2]


async def test_a_hundred_streams_keep_their_pace(api: OneKeyServer):
    api.behaviour.chat = Plan(first_token=0.1, words_per_second=50, words=50)
    began = time.process_time()
    answers = await asyncio.gather(*(ask(api, f"Question {n}") for n in range(100)))
    assert all(len(blocks(got)) == 53 for _, _, got, _ in answers)
    late = [request.last_text_at - request.first_text_at - 49 / 50 for request in api.requests]
    assert sorted(late)[50] < 0.5, f"server and clients took {time.process_time() - began:.1f} s of CPU"


@pytest.mark.parametrize(
    ("model", "shape", "field", "where"),
    [
        ("qwen3-max", "", "enable_search", b'"search_info":{"search_results":[{"title"'),
        ("deepseek-chat", "", "web_search_options", b'"delta":{"annotations":[{"type":"url_citation"'),
        ("deepseek-chat", "citations", "web_search_options", b'"citations":["https://'),
        ("deepseek-chat", "web_search", "enable_search", b'"refer":"ref_1"'),
    ],
)
async def test_a_search_is_told_where_one_was_asked_for(
    api: OneKeyServer, model: str, shape: str, field: str, where: bytes
) -> None:
    api.behaviour.chat = Plan(shape=shape, first_token=0, words_per_second=5000)
    assert where not in (await ask(api, model=model))[2]
    extra: dict[str, Any] = {field: True if field == "enable_search" else {}}
    assert where in (await ask(api, model=model, **extra))[2]


async def test_a_search_is_refused_only_while_it_is_asked_for(api: OneKeyServer) -> None:
    api.behaviour.chat = Plan(fault="no_search", first_token=0, words_per_second=5000)
    status, _, got, _ = await ask(api, enable_search=True)
    assert (status, b"enable_search" in got) == (400, True)
    assert (await ask(api))[0] == 200
