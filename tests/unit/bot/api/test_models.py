from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from bot.api.catalogue import ModelCatalogue
from bot.api.client import OneKeyClient
from bot.errors import BadAnswer, KeyRefused, NotAnApi, Unreachable
from tests.unit.service import Reply, Service

CONFIGURED = ("deepseek-chat", "wan2.7-image", "wan2.7-t2v")
LIST = Reply({"data": [{"id": "gpt-4o"}, {"id": "wan2.7-t2v"}, {"id": "deepseek-chat"}]})


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"data": [{"id": "wan2.7-t2v", "owned_by": "ali", "supported_endpoint_types": ["openai"]}]}, ("wan2.7-t2v",)),
        ({"object": "list", "success": True, "data": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}, ("a", "b")),
        ({"data": [{"id": ""}, {"id": 7}, {}, None, {"id": "x" * 500}, {"id": " a "}]}, ("a",)),
        ({"data": ["a", "b"]}, ("a", "b")),
        (["a", {"name": "b"}], ("a", "b")),
        ({"models": [{"model": "a"}]}, ("a",)),
        ({"data": []}, ()),
        ({"data": None}, ()),
    ],
)
async def test_names(service: Service, client: OneKeyClient, body: Any, names: tuple[str, ...]) -> None:
    service.say(Reply(body))
    assert await client.list_models() == names
    assert (service.seen[0].method, service.seen[0].path) == ("GET", "/v1/models")


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"error": {"message": "Invalid URL (GET /v1/models)"}}, status=404),
        Reply(b"<html>", status=404, content_type="text/html"),
        Reply(b"", status=404),
        Reply(b"", status=405),
        Reply({"success": False, "message": "no such thing"}),
    ],
)
async def test_no_such_endpoint(service: Service, client: OneKeyClient, reply: Reply) -> None:
    service.say(reply)
    assert await client.list_models() is None


async def test_gets_are_tried_again(service: Service, client: OneKeyClient) -> None:
    service.say(Reply(b"", status=502), Reply(b"", status=500), Reply(b"", status=429), LIST)
    assert await client.list_models() == ("gpt-4o", "wan2.7-t2v", "deepseek-chat")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply({"error": {"message": "Invalid token"}}, status=401), KeyRefused),
        (Reply(b"<html>", content_type="text/html"), NotAnApi),
        (Reply(b"garbage"), BadAnswer),
        (Reply({"data": "a"}), BadAnswer),
        (Reply(b"", status=500), Unreachable),
    ],
)
async def test_failures(service: Service, client: OneKeyClient, reply: Reply, kind: type[Exception]) -> None:
    service.say(reply)
    with pytest.raises(kind):
        await client.list_models()


async def test_before_there_is_a_list_the_configured_ones_are_on_offer(client: OneKeyClient) -> None:
    catalogue = ModelCatalogue(client, CONFIGURED)
    assert catalogue.names() == CONFIGURED
    assert catalogue.knows("deepseek-chat") is None
    assert catalogue.knows("z") is None


async def test_a_list(service: Service, client: OneKeyClient) -> None:
    service.say(LIST)
    catalogue = ModelCatalogue(client, CONFIGURED)
    assert await catalogue.refresh() is True
    assert catalogue.names() == ("deepseek-chat", "wan2.7-t2v", "gpt-4o")
    assert catalogue.knows("gpt-4o") is True
    assert catalogue.knows("z") is False
    assert catalogue.knows("wan2.7-image") is False


@pytest.mark.parametrize(
    ("reply", "well"),
    [(Reply(b"garbage"), False), (Reply(b"", status=404), True), (Reply({"data": []}), True)],
)
async def test_the_old_list_is_kept(service: Service, client: OneKeyClient, reply: Reply, well: bool) -> None:
    service.say(LIST)
    catalogue = ModelCatalogue(client, CONFIGURED)
    await catalogue.refresh()
    service.say(reply)
    assert await catalogue.refresh() is well
    assert catalogue.knows("gpt-4o") is True


@pytest.mark.parametrize("reply", [Reply(b"", status=404), Reply({"data": []})])
async def test_no_list_to_know_by(service: Service, client: OneKeyClient, reply: Reply) -> None:
    service.say(reply)
    catalogue = ModelCatalogue(client, CONFIGURED)
    await catalogue.refresh()
    assert catalogue.names() == CONFIGURED
    assert catalogue.knows("z") is None


@asynccontextmanager
async def running(catalogue: ModelCatalogue) -> AsyncGenerator[None]:
    task = asyncio.create_task(catalogue.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def asked_again(service: Service) -> None:
    service.asked.clear()
    await asyncio.wait_for(service.asked.wait(), 5)


async def test_refreshed_at_once_and_again(service: Service, client: OneKeyClient) -> None:
    service.say(LIST)
    catalogue = ModelCatalogue(client, CONFIGURED, every=0.02)
    async with running(catalogue):
        await asked_again(service)
        await asked_again(service)
        await asked_again(service)
    assert catalogue.knows("gpt-4o") is True


async def test_after_a_failure_sooner(service: Service, client: OneKeyClient) -> None:
    service.say(Reply(b"garbage"), Reply(b"garbage"), LIST)
    catalogue = ModelCatalogue(client, CONFIGURED, every=3600, after_failure=0.01)
    async with running(catalogue):
        await asked_again(service)
        await asked_again(service)
        await asked_again(service)
    assert len(service.seen) == 3


async def test_an_unexpected_fault_does_not_end_it(
    service: Service, client: OneKeyClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service.say(LIST)
    real = client.list_models
    faults = [RuntimeError("a fault of ours")]

    async def list_models() -> tuple[str, ...] | None:
        if faults:
            raise faults.pop()
        return await real()

    monkeypatch.setattr(client, "list_models", list_models)
    async with running(ModelCatalogue(client, CONFIGURED, after_failure=0.01)):
        await asked_again(service)
    assert "a fault of ours" in caplog.text


@pytest.mark.parametrize(
    ("entry", "window"),
    [
        ({"context_length": 131072}, 131072),
        ({"context_window": "65536"}, 65536),
        ({"max_model_len": 32768.0}, 32768),
        ({"context_length": None, "max_model_len": 4096}, 4096),
        ({"context_length": -1}, None),
        ({"context_length": 10**12}, None),
        ({"context_length": True}, None),
        ({}, None),
    ],
)
async def test_windows(service: Service, client: OneKeyClient, entry: Any, window: int | None) -> None:
    service.say(Reply({"data": [{"id": "m", **entry}]}))
    assert await client.list_models() == ("m",)
    assert client.window("m") == window
    assert client.window("n") is None
