"""Moderation by the service: what there is of it is found out by trying, and remembered."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.api import moderation
from bot.api.client import OneKeyClient
from bot.api.memory import OwnMemory
from bot.api.moderation import Verdict
from bot.api.session import build_session
from bot.api.timeouts import Timeouts
from bot.errors import ApiError, BadAnswer, RateLimited, ServiceFault
from sandbox.onekey import Behaviour, OneKeyServer, Plan
from sandbox.onekey.moderations import FLAGGED

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.api.memory import Memory

PICTURE = "data:image/png;base64,AAAA"
BAD = f"a {FLAGGED[0].upper()} at dawn"


@asynccontextmanager
async def service(shape: str = "", memory: Memory | None = None) -> AsyncGenerator[tuple[OneKeyServer, OneKeyClient]]:
    behaviour = Behaviour(moderations=Plan(shape=shape))
    async with OneKeyServer(behaviour=behaviour) as api, build_session() as session:
        yield api, OneKeyClient(session, base_url=api.base_url, api_key=api.key, memory=memory)


async def test_words_are_flagged_for_what_they_are() -> None:
    async with service() as (api, client):
        assert client.moderates is None
        assert await client.moderate(["a red fox"]) == Verdict(flagged=False)
        assert await client.moderate([BAD]) == Verdict(flagged=True, categories=("violence",))
        assert await client.moderate(["a red fox", BAD]) == Verdict(flagged=True, categories=("violence",))
        assert client.moderates is True
        bodies = [request.json for request in api.requests.of("moderations")]
    assert bodies[0] == {"input": "a red fox", "model": moderation.MODEL}
    assert bodies[2]["input"] == ["a red fox", BAD]


@pytest.mark.parametrize("shape", ["absent", "no_model"])
async def test_where_there_is_none_it_is_asked_once_and_remembered(monkeypatch: pytest.MonkeyPatch, shape: str) -> None:
    memory = OwnMemory()
    async with service(shape, memory) as (api, client):
        assert await client.moderate(["a red fox"]) is None
        asked = len(api.requests)
        assert await client.moderate([BAD]) is None
        assert await client.moderate_picture(PICTURE) is None
        assert client.moderates is False
        later = OneKeyClient(
            client._transport._session,  # pyright: ignore[reportPrivateUsage] - of the same process
            base_url=api.base_url,
            api_key=api.key,
            memory=memory,
        )
        assert await later.moderate([BAD]) is None
        assert len(api.requests) == asked, "a restart knows it, too"
        # Some days later it is tried once more: by then there is one.
        api.behaviour.moderations = Plan()
        now = time.time()
        monkeypatch.setattr("bot.api.moderation.time.time", lambda: now + moderation.REMEMBERED_SECONDS + 1)
        assert await later.moderate([BAD]) == Verdict(flagged=True, categories=("violence",))
        assert later.moderates is True


async def test_a_service_that_takes_words_alone_without_a_name() -> None:
    async with service("unnamed") as (api, client):
        assert (await client.moderate([BAD]) or Verdict(flagged=False)).flagged
        assert (await client.moderate([BAD]) or Verdict(flagged=False)).flagged
        assert await client.moderate_picture(PICTURE) is None
        models = [request.json.get("model") for request in api.requests.of("moderations")]
    assert models == [moderation.MODEL, None, None], "the name is tried once"


async def test_pictures() -> None:
    async with service("pictures") as (api, client):
        assert await client.moderate_picture(PICTURE) == Verdict(flagged=True, categories=("violence",))
        (request,) = api.requests.of("moderations")
        assert request.json["input"] == [{"type": "image_url", "image_url": {"url": PICTURE}}]
        api.behaviour.moderations = Plan()
        assert await client.moderate_picture(PICTURE) == Verdict(flagged=False)


@pytest.mark.parametrize(
    ("fault", "error"),
    [("500", ApiError), ("503", ApiError), ("429", RateLimited), ("garbage", BadAnswer), ("502", ApiError)],
)
async def test_what_may_pass_is_raised_and_makes_nobody_else_wait(fault: str, error: type[Exception]) -> None:
    async with service() as (api, client):
        api.next("moderations", fault=fault, retry_after=60)
        with pytest.raises(error):
            await client.moderate([BAD])
        assert client.busy_until == 0
        assert len(api.requests.of("moderations")) == 1, "one try"
        assert client.moderates is None
        assert (await client.moderate([BAD]) or Verdict(flagged=False)).flagged


@pytest.mark.parametrize("fault", ["401", "success_false", "quota"])
async def test_a_refused_key_does_not_turn_it_off_for_a_week(fault: str) -> None:
    async with service() as (api, client):
        api.next("moderations", fault=fault)
        with pytest.raises(ApiError):
            await client.moderate([BAD])
        assert (await client.moderate([BAD]) or Verdict(flagged=False)).flagged


async def test_it_takes_no_longer_than_it_may() -> None:
    behaviour = Behaviour(moderations=Plan(delay=30))
    async with OneKeyServer(behaviour=behaviour) as api, build_session() as session:
        client = OneKeyClient(session, base_url=api.base_url, api_key=api.key, timeouts=Timeouts(moderation=0.1))
        began = time.monotonic()
        with pytest.raises(ApiError) as raised:
            await client.moderate([BAD])
        assert not isinstance(raised.value, ServiceFault)
        assert time.monotonic() - began < 5
