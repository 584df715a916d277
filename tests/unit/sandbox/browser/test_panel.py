"""The side panel as it is drawn: its parts in both languages, and what it says of a real API."""

from __future__ import annotations

import re

import aiohttp
import pytest
from markupsafe import escape

from sandbox.browser.panel_words import panel_words
from sandbox.browser.server import Browser
from sandbox.stage import Stage
from tests.unit.sandbox.browser.conftest import Visitor


async def told(visitor: Visitor, name: str) -> dict[str, object]:
    """The first thing that an open panel hears."""
    url = f"{visitor.origin}{visitor.path(name, 'general')}/panel/live"
    async with visitor.session.ws_connect(url, headers={"Origin": visitor.origin}) as socket:
        return await socket.receive_json()


@pytest.mark.parametrize("name", ["alice", "小明"])
async def test_everything_that_is_drawn_says_something(visitor: Visitor, name: str):
    visitor.stage.discord.limits.served["read"] += 1
    visitor.stage.discord.faults.drop("GET /users/@me")
    news = await told(visitor, name)
    drawn = f"{news['switches']}{news['limits']}"
    assert re.findall(r"<(label|legend|button|option|li|td|th|p|h3)\b[^>]*></\1>", drawn) == []
    words = panel_words(visitor.stage.person(name).user.locale)
    assert words["bot_stopped"] in drawn
    assert words["kind_drop"] in drawn
    assert "10000" in drawn


async def test_a_switch_answers_and_refuses(visitor: Visitor):
    done = await visitor.act("bob", "panel/discord", kind="500", place="edits", times="3")
    refused = await visitor.act("bob", "panel/discord", kind="flood", place="edits", times="3")
    assert done == {"done": panel_words("en-US")["saved"]}
    assert list(refused) == ["refused"]
    assert [each.route for each in visitor.stage.discord.faults.active] == ["PATCH *"]


async def test_with_a_real_api_it_says_what_can_not_be_seen():
    stage = Stage(start=False, real_api=("http://127.0.0.1:9/v1", "sk-real-key"))
    jar = aiohttp.CookieJar(unsafe=True)
    async with stage, Browser(stage, real=True) as browser, aiohttp.ClientSession(cookie_jar=jar) as session:
        async with session.get(browser.address):
            pass
        visitor = Visitor(stage, browser, session)
        async with session.get(f"{visitor.origin}{visitor.path('alice', 'general')}/panel") as response:
            whole = await response.text()
        news = await told(visitor, "alice")
    assert escape(panel_words("en-US")["real"]) in whole
    assert escape(panel_words("en-US")["real"]) in str(news["switches"])
    assert 'name="shape"' not in str(news["switches"])
    assert "sk-real-key" not in whole + str(news)
