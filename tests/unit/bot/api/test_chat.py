from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import aiohttp
import orjson
import pytest

from bot.api.chat_request import ChatRequest, ImagePart, Message, TextPart
from bot.api.client import OneKeyClient, Timeouts
from bot.api.completion import ChatEvent, ChatParser, Finished, FinishReason, Usage
from bot.api.permits import Permit
from bot.api.sse import SSEDecoder
from bot.api.thinking import Reasoning, Retracted, Text
from bot.errors import (
    ApiError,
    BadAnswer,
    Declined,
    InvalidRequest,
    KeyRefused,
    ModelNotFound,
    NotAnApi,
    QuotaExhausted,
    RateLimited,
    ServiceFault,
    Uncertain,
)
from tests.unit.service import DONE, KEY, Drop, Hang, Reply, Service, Stream, data, delta, finish

REQUEST = ChatRequest("deepseek-chat", (Message("user", "Hello"),))
USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}


async def read(client: OneKeyClient, request: ChatRequest = REQUEST) -> list[ChatEvent]:
    return [event async for event in client.stream_chat(request, Permit())]


async def read_until_error(client: OneKeyClient) -> tuple[list[ChatEvent], ApiError | None]:
    events: list[ChatEvent] = []
    try:
        async for event in client.stream_chat(REQUEST, Permit()):
            events.append(event)  # noqa: PERF401 - what came before the error is the point
    except ApiError as error:
        return events, error
    return events, None


def answer(events: list[ChatEvent]) -> tuple[str, str, ChatEvent]:
    """Text, reasoning and the last event."""
    text = ""
    for event in events:
        text = "" if isinstance(event, Retracted) else text + event.text if isinstance(event, Text) else text
    reasoning = "".join(event.text for event in events if isinstance(event, Reasoning))
    return text, reasoning, events[-1]


def ended(reason: FinishReason = FinishReason.STOP, usage: Usage | None = None) -> Finished:
    return Finished(reason, usage)


async def test_what_is_sent(service: Service, client: OneKeyClient) -> None:
    service.say(Stream([delta(content="Hi"), finish(), DONE]))
    picture = "data:image/png;base64,AAAA"
    messages = (Message("system", "Be brief."), Message("user", [TextPart("What is it?"), ImagePart(picture)]))
    await read(client, ChatRequest("gpt-4o", messages, temperature=0.5))
    seen = service.seen[0]
    assert (seen.method, seen.path) == ("POST", "/v1/chat/completions")
    assert seen.headers["Authorization"] == f"Bearer {KEY}"
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.body == {
        "model": "gpt-4o",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is it?"},
                    {"type": "image_url", "image_url": {"url": picture}},
                ],
            },
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
    }


async def test_a_picture_of_megabytes_is_sent_whole(service: Service, client: OneKeyClient) -> None:
    service.say(Reply(b"", status=429, headers={"Retry-After": "0"}), Stream([delta(content="Hi"), finish(), DONE]))
    picture = "data:image/png;base64," + "A" * 3 * 1024 * 1024
    await read(client, ChatRequest("gpt-4o", (Message("user", (ImagePart(picture),)),)))
    for seen in service.seen:
        assert seen.body["messages"][0]["content"][0]["image_url"]["url"] == picture


@pytest.mark.parametrize(
    ("parts", "text", "reasoning", "last"),
    [
        (
            [delta(role="assistant", content=""), delta(content="Hel"), delta(content="lo"), finish(), DONE],
            "Hello",
            "",
            ended(),
        ),
        ([b": PING\n\n", delta(content="a"), b": PING\n\n", finish(), b": PING\n\n", DONE], "a", "", ended()),
        (
            [delta(content="a"), finish(), data({"choices": [], "usage": USAGE}), DONE],
            "a",
            "",
            ended(usage=Usage(3, 4, 7)),
        ),
        (
            [delta(content="a"), finish(), data({"choices": None, "usage": USAGE}), DONE],
            "a",
            "",
            ended(usage=Usage(3, 4, 7)),
        ),
        (
            [delta(content="a"), finish(), data({"usage": {"prompt_tokens": 1, "completion_tokens": 2}}), DONE],
            "a",
            "",
            ended(usage=Usage(1, 2, 3)),
        ),
        *(
            ([delta(content="a"), data(block), DONE], "a", "", ended(usage=Usage(3, 4, 7)))
            for block in (
                {"choices": [{"finish_reason": "stop", "usage": USAGE}]},
                {"data": {"choices": [{"finish_reason": "stop"}], "usage": USAGE}},
                {"choices": [{"stop_reason": "end_turn"}], "usage": {"input_tokens": 3, "output_tokens": "4"}},
            )
        ),
        (
            [delta(content="a"), finish(), data({"usage": {"prompt_tokens": 1e300, "completion_tokens": 2}}), DONE],
            "a",
            "",
            ended(usage=Usage(0, 2, 2)),
        ),
        ([delta(content="a"), finish(), data({"choices": [], "usage": None}), DONE], "a", "", ended()),
        ([delta(content="a"), finish(), data({"choices": [], "usage": {"total_tokens": 0}}), DONE], "a", "", ended()),
        ([delta(content=None), delta(), delta(content="a"), delta(content=None), finish(), DONE], "a", "", ended()),
        ([data({"choices": [{"delta": None}]}), delta(content="a"), finish(), DONE], "a", "", ended()),
        (
            [delta(reasoning_content="hm"), delta(reasoning_content="m"), delta(content="a"), finish(), DONE],
            "a",
            "hmm",
            ended(),
        ),
        ([delta(reasoning="hm", content=None), delta(content="a"), finish(), DONE], "a", "hm", ended()),
        (
            [delta(content="<thi"), delta(content="nk>hm</th"), delta(content="ink>\n\na"), finish(), DONE],
            "a",
            "hm",
            ended(),
        ),
        ([delta(content="the <think> tag"), finish(), DONE], "the <think> tag", "", ended()),
        ([delta(content="a"), finish("length"), DONE], "a", "", ended(FinishReason.LENGTH)),
        ([delta(content="a"), finish("content_filter"), DONE], "a", "", ended(FinishReason.CONTENT_FILTER)),
        ([delta(content="a"), finish("tool_calls"), DONE], "a", "", ended(FinishReason.STOP)),
        ([finish("content_filter"), DONE], "", "", ended(FinishReason.CONTENT_FILTER)),
        ([delta(content="a"), DONE], "a", "", ended(FinishReason.CUT_OFF)),  # no finish reason at all
        ([delta(content="a")], "a", "", ended(FinishReason.CUT_OFF)),  # nor [DONE]
        ([delta(content="a"), Drop()], "a", "", ended(FinishReason.CUT_OFF)),
        ([delta(reasoning="hm"), Drop()], "", "hm", ended(FinishReason.CUT_OFF)),
        ([delta(content="<thi"), Drop()], "<thi", "", ended(FinishReason.CUT_OFF)),
        ([delta(content="a"), finish()], "a", "", ended()),  # it said itself that it was whole
        ([delta(content="a"), finish(), Drop()], "a", "", ended()),
        ([delta(content=[{"type": "text", "text": "a"}]), finish(), DONE], "a", "", ended()),
        ([b'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\ndata: [DONE]\n'], "a", "", ended()),
        ([delta(content="a"), b"data: garbage\n\n", finish(), DONE], "a", "", ended(FinishReason.INCOMPLETE)),
        (
            [orjson.dumps({"choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}], "usage": USAGE})],
            "whole",
            "",
            ended(usage=Usage(3, 4, 7)),
        ),  # not streamed, though asked to
    ],
)
async def test_streams(  # noqa: PLR0917 - fixtures and a row of the table
    service: Service, client: OneKeyClient, parts: list[bytes | Drop], text: str, reasoning: str, last: Finished
) -> None:
    service.say(Stream(parts))
    assert answer(await read(client)) == (text, reasoning, last)


def word(content: str, reason: object = "stop", **more: Any) -> bytes:
    """A block with a word and a finish reason."""
    return data({"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": reason, **more}]})


def said(content: str) -> bytes:
    """A last block with everything in `message`."""
    message = {"role": "assistant", "content": content}
    return data({"choices": [{"index": 0, "delta": {}, "message": message, "finish_reason": "stop"}]})


def bare(content: str) -> bytes:
    return orjson.dumps({"choices": [{"delta": {"content": content}}]})


STOP, LENGTH, POLICY, INCOMPLETE, CUT_OFF = (
    FinishReason.STOP,
    FinishReason.LENGTH,
    FinishReason.CONTENT_FILTER,
    FinishReason.INCOMPLETE,
    FinishReason.CUT_OFF,
)
WHOLE = "The quick brown fox jumps"
POLICY_WORDS = (
    "SAFETY content_filter content-filter contentFilter RECITATION recitation refusal PROHIBITED_CONTENT "
    "prohibited_content BLOCKLIST Sensitive SPII IMAGE_SAFETY FINISH_REASON_SAFETY guardrail_intervened "
    "DataInspectionFailed"
)
HALVES = [b'data: {"choices":[{"delta":{"content":"' + half + b'"}}]}\n\n' for half in (b"\\ud83d", b"\\ude00!")]
GROWN = ["The", "The quick", "The quick brown", "The quick brown fox", WHOLE]


@pytest.mark.parametrize(
    ("parts", "text", "reason"),
    [
        # The reason on every block, and long before the end.
        ([word("a"), word(" b"), word(" c"), DONE], "a b c", STOP),
        ([word("a"), word(" b"), word(" c")], "a b c", STOP),
        ([word("a"), word(" b"), Drop()], "a b", CUT_OFF),
        ([word("a"), delta(content=" b"), delta(content=" c"), DONE], "a b c", STOP),
        ([word("a"), word(" b", "length"), DONE], "a b", LENGTH),
        ([word("a"), word(" b", "content_filter"), finish(), DONE], "a b", POLICY),
        ([word("a", "length"), finish(), DONE], "a", LENGTH),
        ([word("a", "generating"), word("b", "generating"), finish(), DONE], "ab", STOP),
        *(
            ([word("a", none), word("b", none), finish(), DONE], "ab", STOP)
            for none in ("null", "NULL", "none", "", None)
        ),
        ([word("a", "null"), word("b", "null"), DONE], "ab", CUT_OFF),
        # The whole once more.
        ([delta(content="The quick "), delta(content="fox"), said("The quick fox"), DONE], "The quick fox", STOP),
        ([delta(content="The quick "), delta(content="fox"), said("Another"), DONE], "The quick fox", STOP),
        (
            [delta(content="The quick "), delta(content="brown fox"), word("The quick brown fox"), DONE],
            "The quick brown fox",
            STOP,
        ),
        ([delta(role="assistant"), said("The quick fox"), DONE], "The quick fox", STOP),
        ([delta(reasoning="hm"), said("The quick fox"), DONE], "The quick fox", STOP),
        (
            [data({"choices": [{"message": {"content": one}}]}) for one in ("The ", "fox")] + [finish(), DONE],
            "The fox",
            STOP,
        ),
        # Everything before in every block.
        ([*(delta(content=one) for one in GROWN), finish(), DONE], WHOLE, STOP),
        ([*(word(one) for one in GROWN), DONE], WHOLE, STOP),
        # The whole once more, with other space around it.
        (
            [
                delta(content="The quick brown "),
                delta(content="fox jumps"),
                word("\n\nThe quick brown fox jumps\n"),
                DONE,
            ],
            "The quick brown fox jumps",
            STOP,
        ),
        ([delta(content="<think>hm</think >The fox"), finish(), DONE], "The fox", STOP),
        ([*(delta(content=one) for one in GROWN), word(WHOLE), DONE], WHOLE, STOP),
        ([*(delta(content=one) for one in GROWN), said(WHOLE), DONE], WHOLE, STOP),
        ([*(data({"choices": [{"message": {"content": one}}]}) for one in GROWN), finish(), DONE], WHOLE, STOP),
        ([*(delta(content=f"<think>hm</think>{one}") for one in GROWN), finish(), DONE], WHOLE, STOP),
        ([delta(content=one) for one in ("ha", "haha", "hahaha", "ha" * 9)] + [finish(), DONE], "ha" * 15, STOP),
        (
            [delta(content=one) for one in ("The", "The quick brown fox")] + [finish(), DONE],
            "TheThe quick brown fox",
            STOP,
        ),
        ([delta(content=one) for one in ("a", "ab", "abc")] + [finish(), DONE], "aababc", STOP),
        ([delta(content=one) for one in ("-" * 16,) * 4] + [finish(), DONE], "-" * 64, STOP),
        # Reasons, in any spelling.
        *(([delta(content="a b c"), finish(one), DONE], "a b c", POLICY) for one in POLICY_WORDS.split()),
        *(
            ([delta(content="a"), finish(one), DONE], "a", INCOMPLETE)
            for one in ("error", "ERROR", "other", "whatever", "MALFORMED_FUNCTION_CALL", "unknown", 7)
        ),
        *(([delta(content="a"), finish(one), DONE], "a", STOP) for one in ("STOP", "end_turn", "eos", "stop_sequence")),
        *(([delta(content="a"), finish(one), DONE], "a", LENGTH) for one in ("MAX_TOKENS", "max_output_tokens")),
        *(
            ([delta(content="a"), finish(one), DONE], "a", CUT_OFF)
            for one in ("network_error", "insufficient_system_resource")
        ),
        ([data({"choices": [{"delta": {"refusal": "I can't."}}]}), finish(), DONE], "I can't.", POLICY),
        ([delta(content="a"), finish("SAFETY"), b"data: {\n\n", DONE], "a", POLICY),
        # What can't be read, in between.
        (
            [delta(content="a"), b'data: {"choices":[{"delta":{"con\n\n', delta(content="c"), finish(), DONE],
            "ac",
            INCOMPLETE,
        ),
        (
            [delta(content="a"), b'data: {"choices":[{"delta":{"con\n', delta(content="c"), finish(), DONE],
            "ac",
            INCOMPLETE,
        ),
        ([delta(content="a"), b"data: oops\n\n", finish("length"), DONE], "a", INCOMPLETE),
        ([delta(content="a"), b"data: oops\n\n", DONE], "a", CUT_OFF),
        ([delta(content="a"), b"data: ping\n\ndata:\n\ndata: [PING]\n\n", finish(), DONE], "a", STOP),
        *(
            ([delta(content="a"), finish(), b"data: " + end + b"\n\n"], "a", STOP)
            for end in (b"[done]", b'"[DONE]"', b"DONE", b"[END]", b'""')
        ),
        *(
            ([data({"choices": [{"delta": {"content": "a"}}], "error": nothing}), finish(), DONE], "a", STOP)
            for nothing in ("null", False, {"code": 0, "message": "success"})
        ),
        # Proxies.
        ([b"data: " + bare("a") + bare("b") + b"\n\n", finish(), DONE], "ab", STOP),
        ([b"data: " + bare("a") + b" data: " + bare("b") + b"\n\n", finish(), DONE], "ab", STOP),
        ([b"data: " + bare("a") + b"data: [DONE]\n\n"], "a", CUT_OFF),
        ([b"data: " + bare("a") + b", " + bare("b") + b"data: [DONE]\n\n"], "ab", CUT_OFF),
        (
            [b": PINGdata: " + bare("a") + b"\n", b"event: messagedata: " + bare("b") + b"\n", finish(), DONE],
            "ab",
            STOP,
        ),
        ([b"   data: " + bare("a") + b"\n  \n\tdata: " + bare("b") + b"\n", finish(), b"  data: [DONE]"], "ab", STOP),
        ([bare("a") + b"\n", bare("b") + b"\n", finish(), DONE], "ab", STOP),
        ([b"data: [" + bare("a") + b"," + bare("b") + b"]\n\n", finish(), DONE], "ab", STOP),
        ([b'data: {"broken data: ' + bare("b") + b"\n\n", finish(), DONE], "b", INCOMPLETE),
        ([word("data: {x} data: "), DONE], "data: {x} data: ", STOP),
        # A character in two halves.
        ([*HALVES, finish(), DONE], "\U0001f600!", STOP),
        ([b'data: {"choices":[{"delta":{"content":"a\xff"}}]}\n\n', finish(), DONE], "a\ufffd", INCOMPLETE),
        # Shapes of a block.
        ([data({"choices": {"delta": {"content": "a"}}}), finish(), DONE], "a", STOP),
        ([data({"data": {"choices": [{"delta": {"content": "a"}}]}}), finish(), DONE], "a", STOP),
        ([data({"choices": [{"text": "a"}]}), data({"choices": [{"text": "b"}]}), finish(), DONE], "ab", STOP),
        *(
            ([data({"choices": [{key: one}]}) for one in ("a", ["b"], 0, 1.5)] + [finish(), DONE], "ab01.5", STOP)
            for key in ("delta", "message")
        ),
        ([*(delta(content=one) for one in ("a", 0, 17, True, None)), finish(), DONE], "a017", STOP),
    ],
)
async def test_what_is_whole(
    service: Service, client: OneKeyClient, parts: list[bytes | Drop], text: str, reason: FinishReason
) -> None:
    service.say(Stream(parts))
    said, _, last = answer(await read(client))
    assert isinstance(last, Finished)
    assert (said, last.reason) == (text, reason)


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}],
        [{"type": "thinking", "thinking": "hm"}],
        [{"type": "reasoning", "text": "hm"}],
        [{"type": "redacted_thinking", "data": "aG0="}],
        [{"type": "reasoning.text", "text": "hm"}, {"type": "summary_of_reasoning", "text": "hm"}],
        "<thought>hm</thought>",
        "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>",
    ],
)
async def test_reasoning_in_content_is_no_answer(service: Service, client: OneKeyClient, content: object) -> None:
    service.say(Stream([delta(content=content), delta(content=[{"type": "text", "text": "a"}]), finish(), DONE]))
    text, reasoning, last = answer(await read(client))
    assert (text, bool(reasoning), last) == ("a", True, ended())


async def test_text_html_that_is_a_stream(service: Service, client: OneKeyClient) -> None:
    service.say(Stream([b"\n", delta(content="a <b>"), finish(), DONE], content_type="text/html"))
    assert answer(await read(client)) == ("a <b>", "", ended())


@pytest.mark.parametrize(
    "flood",
    [
        b"{}\n" * 100_000,
        b"data: " + b"{}" * 900_000 + b"\n",
        b"data: {\n" * 900,
        b"data: " + b'{"a":"' * 300_000 + b"\n",
        b"data: " + b"[" * 1_900_000 + b"\n",
        b"data: [" + b"0," * 900_000 + b"0]\n",
        b'data: {"a":[' + b"{}," * 600_000 + b"{}]}\n",
        b'data: {"a":' * 150_000 + b"\n",
        b": " + b"data: " * 300_000 + b"\n",
        b"x " * 900_000 + b"\n",
        b"".join(delta(content="<think>`\n" * 50) for _ in range(1500)),
        b"".join(delta(content=f"{number}</think>") for number in range(9000)),
        b"".join(delta(content="ab" * number) for number in range(1, 1200)),
    ],
)
async def test_a_hostile_stream_holds_nobody_up(service: Service, client: OneKeyClient, flood: bytes) -> None:
    """Whatever comes, others on the event loop wait a tenth of a second at most (here with room for a busy machine)."""
    service.say(Stream([delta(content="a"), flood, finish(), DONE]))
    longest = 0.0

    async def meter() -> None:
        nonlocal longest
        while True:
            before = time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - before)

    task = asyncio.create_task(meter())
    await read_until_error(client)
    await asyncio.sleep(0.01)  # its last look
    task.cancel()
    assert longest < 0.25


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ([], Uncertain),
        ([finish("error"), DONE], ServiceFault),
        ([b"data: garbage\n\n", finish(), DONE], BadAnswer),
        ([Drop()], Uncertain),
        ([b": PING\n\n", Drop()], Uncertain),
        ([b": PING\n\n"], BadAnswer),
        ([b"data: garbage\n\n", DONE], BadAnswer),
        ([b"just words"], BadAnswer),
    ],
)
async def test_a_stream_in_which_nothing_came(
    service: Service, client: OneKeyClient, parts: list[bytes | Drop], kind: type[ApiError]
) -> None:
    service.say(Stream(parts))
    with pytest.raises(kind):
        await read(client)
    assert len(service.seen) == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"error": {"message": "boom", "type": "server_error"}}, ServiceFault),
        ({"error": {"message": "boom", "code": None}}, ServiceFault),
        ({"error": {"message": "…", "code": "DataInspectionFailed"}}, Declined),
        ({"error": {"message": "…", "code": "insufficient_user_quota"}}, QuotaExhausted),
        ({"error": {"message": "slow down", "code": 429}}, RateLimited),
        ({"error": "sensitive_words_detected"}, Declined),
        ({"code": "insufficient_user_quota", "message": "…", "data": None}, QuotaExhausted),
        ({"success": False, "message": "boom"}, ServiceFault),
        ({"error_code": 17, "error_msg": "boom"}, ServiceFault),
        ({"error": True, "message": "insufficient balance"}, QuotaExhausted),
        ({"type": "error", "message": "insufficient balance"}, QuotaExhausted),
    ],
)
async def test_a_failure_in_mid_stream_is_raised_after_its_text(
    service: Service, client: OneKeyClient, error: dict[str, Any], kind: type[ApiError]
) -> None:
    service.say(Stream([delta(content="kept"), delta(content=" too") + data(error), DONE]))
    events, raised = await read_until_error(client)
    assert type(raised) is kind
    assert "".join(event.text for event in events if isinstance(event, Text)) == "kept too"
    assert not any(isinstance(event, Finished) for event in events)
    assert len(service.seen) == 1


async def test_a_failure_inside_the_choice(service: Service, client: OneKeyClient) -> None:
    error = {"code": 502, "message": "Provider disconnected"}
    choice = {"index": 0, "delta": {"content": " too"}, "finish_reason": "error", "error": error}
    service.say(Stream([delta(content="kept"), data({"choices": [choice]}), DONE]))
    events, raised = await read_until_error(client)
    assert type(raised) is ServiceFault
    assert "".join(event.text for event in events if isinstance(event, Text)) == "kept too"


async def test_an_unframed_error_after_a_ping(service: Service, client: OneKeyClient) -> None:
    service.say(Stream([b": PING\n\n", b'{"error":{"message":"no","code":"insufficient_user_quota"}}\n']))
    with pytest.raises(QuotaExhausted):
        await read(client)


async def test_an_error_status_that_calls_itself_a_stream(service: Service, client: OneKeyClient) -> None:
    body = {"error": {"message": "Invalid token (request id: x)", "type": "new_api_error", "param": "", "code": ""}}
    service.say(Reply(body, status=401, content_type="text/event-stream"))
    with pytest.raises(KeyRefused):
        await read(client)


@pytest.mark.parametrize("status", [200, 401, 403, 500])
async def test_a_framed_error_that_is_the_whole_answer(service: Service, client: OneKeyClient, status: int) -> None:
    body = b'event: error\ndata: {"error":{"message":"no","code":"insufficient_user_quota"}}\n\n'
    service.say(Reply(body, status=status, content_type="text/event-stream"))
    with pytest.raises(QuotaExhausted):
        await read(client)


@pytest.mark.parametrize("body", [b" \n<html>Shop</html>", b"Welcome to nginx", b""])
async def test_a_page_that_calls_itself_one(service: Service, client: OneKeyClient, body: bytes) -> None:
    service.say(Reply(body, content_type="text/html"))
    with pytest.raises(NotAnApi if body else Uncertain):
        await read(client)


async def test_a_web_page_with_200(service: Service, client: OneKeyClient) -> None:
    service.say(Reply(b"<!doctype html><title>Shop</title>", content_type="text/html; charset=utf-8"))
    with pytest.raises(NotAnApi, match="not an API"):
        await read(client)


@pytest.mark.parametrize("status", [400, 422])
async def test_stream_options_are_left_out_where_they_are_refused(
    service: Service, client: OneKeyClient, status: int
) -> None:
    refusal = Reply({"error": {"message": "Unknown parameter: stream_options", "code": None}}, status=status)
    whole = Stream([delta(content="a"), finish(), DONE])
    service.say(refusal, whole)
    assert answer(await read(client)) == ("a", "", ended())
    assert ["stream_options" in seen.body for seen in service.seen] == [True, False]
    await read(client)  # remembered
    assert ["stream_options" in seen.body for seen in service.seen] == [True, False, False]
    await read(client, ChatRequest("another", REQUEST.messages))
    assert "stream_options" in service.seen[-1].body


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "bad", "param": "stream_options"}},
        {"detail": [{"loc": ["body", "stream_options"], "msg": "extra"}]},
    ],
)
async def test_stream_options_named_elsewhere(service: Service, client: OneKeyClient, body: dict[str, Any]) -> None:
    service.say(Reply(body, status=400), Stream([delta(content="a"), finish(), DONE]))
    assert answer(await read(client))[0] == "a"


async def test_stream_options_are_left_out_once(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"error": {"message": "stream_options and everything else is wrong"}}, status=400))
    with pytest.raises(InvalidRequest):
        await read(client)
    assert len(service.seen) == 2


async def test_again_after_503_and_429(service: Service, client: OneKeyClient) -> None:
    service.say(
        Reply(b"", status=503),
        Reply(b"", status=429),
        Reply({"error": {"message": "busy"}}, status=503),
        Stream([delta(content="a"), finish(), DONE]),
    )
    waits: list[float] = []

    async def on_wait(seconds: float) -> None:
        waits.append(seconds)

    events = [event async for event in client.stream_chat(REQUEST, Permit(), on_wait=on_wait)]
    assert answer(events) == ("a", "", ended())
    assert [wait > 0 for wait in waits] == [True, False] * 3


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (
            Reply(
                {
                    "error": {
                        "message": "No available channel for model X under group default",
                        "code": "model_not_found",
                    }
                }
            ),
            ModelNotFound,
        ),
        (Reply({"error": {"message": "…", "code": "sensitive_words_detected"}}), Declined),
    ],
)
async def test_503_that_is_no_outage(
    service: Service, client: OneKeyClient, reply: Reply, kind: type[ApiError]
) -> None:
    reply.status = 503
    service.say(reply)
    with pytest.raises(kind):
        await read(client)
    assert len(service.seen) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_not_again_after_other_5xx(service: Service, client: OneKeyClient, status: int) -> None:
    service.say(Reply(b"<html>Bad gateway</html>", status=status, content_type="text/html"))
    with pytest.raises(ServiceFault):
        await read(client)
    assert len(service.seen) == 1


async def test_ten_answers_use_one_connection(service: Service, client: OneKeyClient) -> None:
    service.say(Stream([delta(content="a"), finish(), DONE]))
    for _ in range(10):
        await read(client)
    assert len(service.seen) == 10
    assert len(service.connections) == 1


async def test_one_connection_also_when_the_reader_stops_at_finished(service: Service, client: OneKeyClient) -> None:
    service.say(Stream([delta(content="a"), finish(), DONE]))
    for _ in range(10):
        events = client.stream_chat(REQUEST, Permit())
        async for event in events:
            if isinstance(event, Finished):
                break
        await events.aclose()
    assert len(service.connections) == 1


async def test_a_body_that_goes_on_after_done_keeps_nobody_waiting(service: Service, client: OneKeyClient) -> None:
    service.say(Stream([delta(content="a"), finish(), DONE, asyncio.Event()]))
    started = time.monotonic()
    assert answer(await read(client)) == ("a", "", ended())
    assert time.monotonic() - started < 2
    await asyncio.wait_for(service.gone.wait(), 5)


async def test_stop_closes_the_connection_at_once(service: Service, client: OneKeyClient) -> None:
    service.say(Stream([delta(content="a"), asyncio.Event()]))
    events = client.stream_chat(REQUEST, Permit())
    assert await anext(events) == Text("a")
    started = time.monotonic()
    await events.aclose()
    assert time.monotonic() - started < 0.2
    await asyncio.wait_for(service.gone.wait(), 5)


async def test_cancelling_the_reader_closes_the_connection(service: Service, client: OneKeyClient) -> None:
    service.say(Stream([delta(content="a"), asyncio.Event()]))
    begun = asyncio.Event()

    async def reader() -> None:
        async for _ in client.stream_chat(REQUEST, Permit()):
            begun.set()

    task = asyncio.create_task(reader())
    await asyncio.wait_for(begun.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(service.gone.wait(), 5)


def impatient(service: Service, session: aiohttp.ClientSession, timeouts: Timeouts) -> OneKeyClient:
    return OneKeyClient(session, base_url=service.base_url, api_key=KEY, timeouts=timeouts)


async def test_no_first_byte_in_time(service: Service, session: aiohttp.ClientSession) -> None:
    service.say(Hang())
    with pytest.raises(Uncertain):
        await read(impatient(service, session, Timeouts(chat_first_byte=0.1)))


async def test_no_first_block_in_time(service: Service, session: aiohttp.ClientSession) -> None:
    service.say(Stream([b": PING\n\n", asyncio.Event()]))
    with pytest.raises(Uncertain):
        await read(impatient(service, session, Timeouts(chat_first_byte=0.1)))


async def test_silence_in_mid_stream(service: Service, session: aiohttp.ClientSession) -> None:
    service.say(Stream([delta(content="a"), asyncio.Event()]))
    events = await read(impatient(service, session, Timeouts(chat_between=0.1)))
    assert answer(events) == ("a", "", ended(FinishReason.CUT_OFF))


async def test_the_last_words_before_a_stream_breaks_off_are_kept(service: Service, client: OneKeyClient) -> None:
    gate = asyncio.Event()
    service.say(Stream([delta(content="a"), gate, delta(content="b"), delta(content="c"), Drop()]))
    events: list[ChatEvent] = []
    async for event in client.stream_chat(REQUEST, Permit()):
        events.append(event)
        asyncio.get_running_loop().call_later(0.02, gate.set)  # while more is waited for
    assert answer(events) == ("abc", "", ended(FinishReason.CUT_OFF))


async def test_a_slow_reader_is_no_silence(service: Service, session: aiohttp.ClientSession) -> None:
    service.say(Stream([delta(content="a"), delta(content="b"), finish(), DONE]))
    client = impatient(service, session, Timeouts(chat_between=0.05, chat_tail=0.05))
    events: list[ChatEvent] = []
    async for event in client.stream_chat(REQUEST, Permit()):
        events.append(event)
        await asyncio.sleep(0.2)  # an edit that takes long
    assert answer(events) == ("ab", "", ended())


async def test_words_that_keep_coming_are_no_silence(service: Service, session: aiohttp.ClientSession) -> None:
    gates = [asyncio.Event() for _ in range(4)]
    parts = [part for gate in gates for part in (delta(content="a"), gate)]
    service.say(Stream([*parts, finish(), DONE]))
    loop = asyncio.get_running_loop()
    for number, gate in enumerate(gates, 1):
        loop.call_later(0.15 * number, gate.set)
    events = await read(impatient(service, session, Timeouts(chat_between=0.4)))
    assert answer(events) == ("aaaa", "", ended())


@pytest.mark.parametrize("ping", [b": PING\n\n", data({"choices": []}), finish()])
async def test_comments_after_the_finish_reason_are_no_words(
    service: Service, session: aiohttp.ClientSession, ping: bytes
) -> None:
    gates = [asyncio.Event() for _ in range(40)]
    service.say(Stream([delta(content="a"), finish(), *(part for gate in gates for part in (gate, ping)), DONE]))
    for number, gate in enumerate(gates, 1):
        asyncio.get_running_loop().call_later(0.1 * number, gate.set)
    started = time.monotonic()
    events = await read(impatient(service, session, Timeouts(chat_tail=0.5)))
    assert answer(events) == ("a", "", ended())
    assert 0.4 < time.monotonic() - started < 2


async def test_words_after_a_pause_with_the_reason_on_every_block(
    service: Service, session: aiohttp.ClientSession
) -> None:
    gate = asyncio.Event()
    service.say(Stream([word("a"), word(" b"), gate, word(" c"), DONE]))
    asyncio.get_running_loop().call_later(0.3, gate.set)
    events = await read(impatient(service, session, Timeouts(chat_tail=1, chat_between=0.1)))
    assert answer(events) == ("a b c", "", ended())


async def test_silence_after_the_finish_reason_is_short(service: Service, session: aiohttp.ClientSession) -> None:
    service.say(Stream([delta(content="a"), finish(), asyncio.Event()]))
    events = await read(impatient(service, session, Timeouts(chat_tail=0.1)))
    assert answer(events) == ("a", "", ended())


async def test_the_key_is_in_no_error_and_no_log(
    service: Service, client: OneKeyClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = {"error": {"message": f"bad key {KEY}\nForged line", "code": KEY, "param": KEY}}
    service.say(Reply(echo, status=400, headers={"X-Oneapi-Request-Id": f"r-{KEY}"}))
    with pytest.raises(InvalidRequest) as caught:
        await read(client)
    assert KEY not in str(caught.value)
    assert KEY not in caplog.text
    assert "\n" not in str(caught.value)


async def test_the_request_id_is_in_the_error_and_in_the_log(
    service: Service, client: OneKeyClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    service.say(Stream([data({"error": {"message": "boom"}})], headers={"X-Oneapi-Request-Id": "2024-abc"}))
    with pytest.raises(ServiceFault) as caught:
        await read(client)
    assert caught.value.request_id == "2024-abc"
    assert "2024-abc" in [vars(record).get("request") for record in caplog.records]


def test_a_token_costs_microseconds() -> None:
    block = {
        "id": "chatcmpl-0123456789",
        "object": "chat.completion.chunk",
        "created": 1715865000,
        "model": "deepseek-chat",
        "system_fingerprint": "fp_0123456789",
        "choices": [{"index": 0, "delta": {"content": " word"}, "logprobs": None, "finish_reason": None}],
    }
    chunk = data(block)
    decoder, parser = SSEDecoder(), ChatParser()
    started = time.process_time()
    for _ in range(10_000):
        parser.take(decoder.feed(chunk))
    # 4 µs on the machine this was written on; the bound leaves room for a slow and busy one.
    assert (time.process_time() - started) / 10_000 < 50e-6
