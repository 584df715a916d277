"""Searching the web: the fields that ask for it, what a gateway refuses, and the shapes of its sources."""

from __future__ import annotations

import time
from typing import Any

import pytest

from bot.api.chat_request import ChatRequest, Message
from bot.api.client import OneKeyClient
from bot.api.completion import Finished
from bot.api.memory import OwnMemory
from bot.api.permits import Permit
from bot.api.search import Source, Sources, fields_for, note, without_refused
from bot.errors import InvalidRequest
from tests.unit.service import DONE, Reply, Service, Stream, data, delta, finish

FIELDS = ("enable_search", "web_search_options")


def asking(model: str = "some-model") -> ChatRequest:
    return ChatRequest(model, (Message("user", "Hello"),), web_search=True)


async def ask(client: OneKeyClient, request: ChatRequest) -> Finished:
    *_, last = [event async for event in client.stream_chat(request, Permit())]
    assert isinstance(last, Finished)
    return last


def sent(service: Service) -> list[list[str]]:
    return [[name for name in FIELDS if name in seen.body] for seen in service.seen]


def refusal(words: str, status: int = 400) -> Reply:
    return Reply({"error": {"message": words, "code": None}}, status=status)


def whole() -> Stream:
    return Stream([delta(content="a"), finish(), DONE])


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("qwen3-max", ["enable_search"]),
        ("QwQ-plus", ["enable_search"]),
        ("gpt-4o-search-preview", ["web_search_options"]),
        ("openai/o3", ["web_search_options"]),
        ("sonar-pro", ["web_search_options"]),
        ("deepseek-chat", ["enable_search", "web_search_options"]),
    ],
)
async def test_a_model_is_asked_by_what_its_name_says(
    service: Service, client: OneKeyClient, model: str, fields: list[str]
) -> None:
    service.say(whole())
    await ask(client, asking(model))
    assert sent(service) == [fields]
    values: dict[str, Any] = {"enable_search": True, "web_search_options": {}}
    assert {name: service.seen[0].body[name] for name in fields} == {name: values[name] for name in fields}


async def test_nothing_is_searched_unasked(service: Service, client: OneKeyClient) -> None:
    service.say(whole())
    await ask(client, ChatRequest("qwen3-max", (Message("user", "Hello"),)))
    assert sent(service) == [[]]


@pytest.mark.parametrize("status", [400, 422])
async def test_a_field_that_is_refused_by_name_is_left_out_and_remembered(
    service: Service, client: OneKeyClient, status: int
) -> None:
    service.say(refusal("Unknown parameter: 'enable_search'", status), whole(), whole())
    assert not (await ask(client, asking())).search_refused
    await ask(client, asking())
    assert sent(service) == [[*FIELDS], ["web_search_options"], ["web_search_options"]]


async def test_a_model_that_cannot_search_answers_without_and_that_is_told_once(
    service: Service, client: OneKeyClient
) -> None:
    service.say(refusal("Web search options not supported with this model."), whole(), whole())
    assert not await client.refuses_search("gpt-4o")
    assert (await ask(client, asking("gpt-4o"))).search_refused
    assert not (await ask(client, asking("gpt-4o"))).search_refused
    assert sent(service) == [["web_search_options"], [], []]
    assert await client.refuses_search("gpt-4o")
    assert not await client.refuses_search("another")


async def test_both_what_counts_and_what_searches_may_be_refused(service: Service, client: OneKeyClient) -> None:
    service.say(refusal("stream_options: extra"), refusal("enable_search: extra"), whole())
    await ask(client, asking("qwen-plus"))
    assert ["stream_options" in seen.body for seen in service.seen] == [True, False, False]
    assert sent(service) == [["enable_search"], ["enable_search"], []]


async def test_another_refusal_is_no_matter_of_the_search(service: Service, client: OneKeyClient) -> None:
    service.say(refusal("temperature is out of range"))
    with pytest.raises(InvalidRequest):
        await ask(client, asking())
    assert not await client.refuses_search("some-model")


async def test_what_was_refused_is_tried_again_after_a_week(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = OwnMemory()
    await note(memory, "https://api.example/v1", "qwen-max", ())
    assert await fields_for(memory, "https://api.example/v1", "qwen-max") == ()
    later = time.time() + 8 * 86400
    monkeypatch.setattr(time, "time", lambda: later)
    assert await fields_for(memory, "https://api.example/v1", "qwen-max") == ("enable_search",)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("unknown field enable_search", ("web_search_options",)),
        ("extra: enable_search, web_search_options", ()),
        ("this model does not support web search", ()),
        ("该模型不支持联网搜索", ()),
        ("prompt is too long", FIELDS),
    ],
)
def test_what_a_refusal_is_about(said: str, left: tuple[str, ...]) -> None:
    assert without_refused(FIELDS, said) == left


A, B = "https://a.example/x?y=1", "https://b.example/路径"


SHAPES: list[tuple[list[dict[str, Any]], list[Source]]] = [
    (
        [{"search_info": {"search_results": [{"index": 2, "title": "B", "url": B}, {"index": 1, "url": A}]}}],
        [Source(B, "B", 2), Source(A, "", 1)],
    ),
    (
        [{"annotations": [{"type": "url_citation", "url_citation": {"url": A, "title": " A \n b", "start_index": 1}}]}],
        [Source(A, "A b", None)],
    ),
    ([{"annotations": [{"type": "url_citation", "url": A, "title": "A"}]}], [Source(A, "A", None)]),
    (
        [{"citations": [A, B], "search_results": [{"title": "A", "url": A}]}] * 3,
        [Source(A, "A", 1), Source(B, "", 2)],
    ),
    ([{"web_search": [{"title": "A", "link": A, "refer": "ref_4"}]}], [Source(A, "A", 4)]),
    ([{"references": [{"name": "A", "url": A}]}], [Source(A, "A", 1)]),
    ([{"grounding_metadata": {"grounding_chunks": [{"web": {"uri": A, "title": "A"}}]}}], [Source(A, "A", 1)]),
    ([{"citations": ["javascript:alert(1)", "https://", "ftp://a.example", 7, None, "https://[x", A + " b"]}], []),
    ([{"citations": "https://a.example"}, {"search_info": None}, {"annotations": {}}], []),
    ([{"citations": ["https://a.example/" + "x" * 2000]}], []),
]


@pytest.mark.parametrize(("blocks", "found"), SHAPES)
def test_sources_are_found_in_every_shape(blocks: list[dict[str, Any]], found: list[Source]) -> None:
    sources = Sources()
    for block in blocks:
        sources.take(block)
    assert list(sources.all()) == found


def test_there_is_an_end_to_sources() -> None:
    sources = Sources()
    for number in range(100):
        sources.take({"citations": [f"https://{number}.example/{each}" for each in range(1000)]})
    assert len(sources.all()) == 40


@pytest.mark.parametrize(
    "parts",
    [
        [data({"choices": [], "citations": [A]}), delta(content="a"), finish(), DONE],
        [
            delta(content="a"),
            data({"choices": [{"delta": {"annotations": [{"url": A}]}, "finish_reason": "stop"}]}),
            DONE,
        ],
        [
            data({"choices": [{"message": {"content": "a", "annotations": [{"url": A}]}, "finish_reason": "stop"}]}),
            DONE,
        ],
        [delta(content="a"), finish(), data({"output": {"search_info": {"search_results": [{"url": A}]}}}), DONE],
    ],
)
async def test_sources_come_with_the_end(service: Service, client: OneKeyClient, parts: list[bytes]) -> None:
    service.say(Stream(parts))
    assert [source.url for source in (await ask(client, asking())).sources] == [A]
