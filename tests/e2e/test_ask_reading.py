"""How an answer reads: tables, formulas, links, what is cut, sources; and that nothing in it unfurls."""

from __future__ import annotations

import re

import pytest

from sandbox.discord.models import SUPPRESS_EMBEDS
from sandbox.stage import Stage
from tests.e2e.asking import CURSOR, ask, end_of, first_text, model_says, said, was_whole
from tests.e2e.configuring import a_place, told
from tests.e2e.talking import a_talk, answer_of, mention
from tests.words import en

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINK = "See https://example.com/a and [b](https://example.com/b). "


async def test_what_discord_does_not_know_is_shown_as_it_does(stage: Stage) -> None:
    use = await ask(stage, "How does light bend? [shape:markdown] [rate:300]")
    message = await end_of(use)
    shown = said(message)

    assert "```\nMaterial     n  Speed of light  Note\n" in shown
    assert "(sin θ₁)/(sin θ₂) = v₁/v₂ = n₂/n₁" in shown
    assert "```latex\n\\begin{pmatrix}" in shown
    assert "# | not | a | table |" in shown
    assert "cost $5 and $10" in shown
    assert "example.org (<https://evil.example/login>)" in shown
    assert [each.filename for each in message.attachments] == ["table-1.txt"]
    assert en("ask.wide_table", file="table-1.txt") in message.text
    for version in message.versions:
        assert version.text.count("```") % 2 == 0, "code is code while it grows"
        assert "|---" not in version.text


async def test_nothing_unfurls_wherever_it_stands(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unfurled link asks its address for a preview, and what is in the address is told by that."""
    model_says(monkeypatch, LINK * 120)
    use = await ask(stage, "Links [rate:150]")
    await end_of(use)
    model_says(monkeypatch, LINK * 3)
    dora, channel = await a_talk(stage)
    answer = await answer_of(stage, await mention(stage, dora, channel, "Links"))

    assert len(use.messages) > 1, "the follow-ups too"
    assert any(len(message.versions) > 1 for message in use.messages), "the edits too"
    for message in (*use.messages, answer):
        assert all(version.flags & SUPPRESS_EMBEDS for version in message.versions)


async def test_stop_in_a_bold_run_leaves_no_stray_marks(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    model_says(monkeypatch, "**" + "very " * 300 + "bold**")
    use = await ask(stage, "Boldly [rate:20]")
    await stage.person("alice").press(await first_text(use), label=en("button.stop"))
    message = await end_of(use)

    assert CURSOR not in message.text
    assert re.fullmatch(r"\*\*(very ?)+\*\*", said(message))


async def test_a_list_goes_on_in_the_next_message(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    model_says(monkeypatch, "\n".join(f"1. The item that is number {n} " + "of many " * 8 for n in range(1, 61)))
    use = await ask(stage, "A long list [rate:2000]")
    await end_of(use)

    first, second, *_ = use.messages
    items = said(first).count("number")
    assert said(second).startswith(f"{items + 1}. The item that is number {items + 1} ")


async def test_a_search_and_its_sources(stage: Stage) -> None:
    dora, channel = a_place(stage)
    assert "refused" not in await told(dora, channel, "set", setting="web_search", value="on")
    use = await dora.command(channel, "ask", prompt="Foxes? [shape:citations]")
    message = await end_of(use)
    sent = stage.api.requests.of("chat")[-1].json
    assert sent["enable_search"] is True
    assert f"-# **{en('ask.sources')}**\n-# [1] The red fox" in message.text
    assert "<https://zh.example.org/wiki/赤狐>" in message.text
    assert "\\[almost\\](https\\://evil.example) \\@everyone" in message.text
    assert was_whole(message)


async def test_a_model_that_cannot_search_answers_without(stage: Stage) -> None:
    dora, channel = a_place(stage)
    await told(dora, channel, "set", setting="web_search", value="on")
    await told(dora, channel, "set", setting="chat_model", value="qwen3-max")
    message = await end_of(await dora.command(channel, "ask", prompt="Foxes? [fault:no_search]"))
    assert en("ask.no_search") in message.text
    assert was_whole(message)
    message = await end_of(await dora.command(channel, "ask", prompt="And wolves? [fault:no_search]"))
    assert "enable_search" not in stage.api.requests.of("chat")[-1].json
    assert en("ask.no_search") not in message.text, "once is enough"
    said_ = await told(dora, channel, "set", setting="web_search", value="on")
    assert en("config.no_search", model="qwen3-max") in said_, "whoever sets it is to know"
