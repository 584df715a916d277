"""Blocked words in the running bot: at every door, whatever is put between the letters, and by every list around."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.choosing import Upload
from sandbox.discord.permissions import Permission
from tests.e2e.cards import server, someone
from tests.e2e.configuring import told
from tests.words import piece

if TYPE_CHECKING:
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUSED = piece("policy.blocked_word")


async def test_they_are_refused_at_every_door_and_nothing_is_sent(stage: Stage):
    channel = server(stage)
    dora = someone(stage, "dora-words", at=channel, permissions=int(Permission.ADMINISTRATOR))
    first = await told(dora, channel, "set", setting="blocked_words", value="casino*, 赌博", scope="server")
    second = await told(dora, channel, "set", setting="blocked_words", value="gun")
    shown = await told(dora, channel, "show")
    before = len(stage.api.requests)

    assert "Also blocked here" not in first
    assert "Also blocked here: casino*, 赌博 · set for the server" in second
    assert "gun · set for this channel + casino*, 赌博 · set for the server" in shown
    for command, prompt in (
        ("ask", "**ca**sinos"),
        ("imagine", "c.a.s.i.n.o"),
        ("video", "саsino"),
        ("ask", "赌*博"),
        ("imagine", "a g u n"),
    ):
        use = await dora.command(channel, command, prompt=prompt)
        assert REFUSED in (await use.message()).text, prompt
    text = "magic as in Oslo, a class in Scunthorpe. " * 5000
    use = await dora.command(channel, "ask", prompt="hello", file=Upload("a.txt", f"{text} ||ca||sino".encode()))
    assert REFUSED in (await use.until(lambda message: REFUSED in message.text, 20)).text
    assert len(stage.api.requests) == before
    use = await dora.command(channel, "ask", prompt="hello", file=Upload("a.txt", text.encode()))
    await use.until(lambda message: "tokens" in message.text, 20)
    assert stage.api.requests.counts["chat"] == 1
