from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.api.client import OneKeyClient
from bot.api.retries import RetryPolicy
from bot.api.session import build_session
from tests.unit.service import KEY, Service, serve


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with serve(Service()) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with build_session() as opened:
        yield opened


@pytest.fixture
def client(service: Service, session: aiohttp.ClientSession) -> OneKeyClient:
    """Tries again quickly; its waits are all under 0.1 s unless the service asks for more."""
    return OneKeyClient(
        session,
        base_url=service.base_url,
        api_key=KEY,
        retries=RetryPolicy(first_wait=0.01, longest_wait=0.05, total_wait=3.0),
    )
