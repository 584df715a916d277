"""Nobody but who started the sandbox comes in: not another site, not another name, not another program's page."""

from __future__ import annotations

import aiohttp
import pytest

from tests.unit.sandbox.browser.conftest import Visitor


async def test_the_key_moves_from_the_address_into_a_cookie(visitor: Visitor) -> None:
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as stranger,
        stranger.get(visitor.browser.address, allow_redirects=False) as response,
    ):
        assert response.status == 303
        assert response.headers["Location"] == "/"
        cookie = response.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie


@pytest.mark.parametrize("to", ["//example.org", "https://example.org", "/\\example.org"])
async def test_the_address_leads_nowhere_else(visitor: Visitor, to: str) -> None:
    async with visitor.session.get(visitor.browser.address, params={"to": to}, allow_redirects=False) as response:
        assert response.headers["Location"] == "/"


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/enter/wrong", "/files/1/a.png"])
async def test_without_the_key_there_is_nothing(visitor: Visitor, path: str) -> None:
    async with aiohttp.ClientSession() as stranger, stranger.get(visitor.origin + path) as response:
        assert response.status == 403
        assert visitor.browser.address not in await response.text()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "sandbox.example.org"},
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_what_comes_from_elsewhere_is_refused_with_the_cookie_too(
    visitor: Visitor, headers: dict[str, str]
) -> None:
    url = visitor.origin + visitor.path("alice", "general")
    async with visitor.session.get(url, headers=headers) as response:
        assert response.status == 403
    async with visitor.session.get(f"{url}/live", headers=headers) as response:
        assert response.status == 403


async def test_doing_something_needs_an_origin(visitor: Visitor) -> None:
    url = f"{visitor.origin}{visitor.path('alice', 'general')}/say"
    async with visitor.session.post(url, data={"text": "hello"}) as response:
        assert response.status == 403
    assert not visitor.stage.channel("general").messages


async def test_only_its_own_files_run_and_nothing_is_fetched_from_elsewhere(visitor: Visitor) -> None:
    async with visitor.session.get(visitor.origin + visitor.path("alice", "general")) as response:
        policy = response.headers["Content-Security-Policy"]
        html = await response.text()
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert " style=" not in html
    assert " onclick=" not in html
