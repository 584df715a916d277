"""Alerts of pools: each step told once, in the chosen channel, whatever became of the first try."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cards import eventually, film, has_clip, paint, posted_in
from tests.e2e.configuring import a_place, config
from tests.words import en, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Channel
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

HALF = en("pool.server_reached", percent="50", used="10", limit="20", period="this month")


def other(stage: Stage, channel: Channel, name: str) -> Channel:
    return stage.world.text_channel(stage.world.guilds[channel.guild_id or 0], name)


async def alerting(stage: Stage, dora: Person, channel: Channel, pool: str = "20/month") -> Channel:
    """A server with a pool, and the channel where its alerts stand."""
    alerts = other(stage, channel, "alerts")
    await config(dora, channel, "set", setting="server_pool", value=pool)
    await config(dora, channel, "set", setting="alert_channel", value=f"<#{alerts.id}>")
    return alerts


async def painted(dora: Person, channel: Channel, *prompts: str) -> None:
    """Orders of five credits each, one after the other, until they are paid."""
    for prompt in prompts:
        use, _ = await paint(dora, channel, prompt)
        await use.until(lambda message: "5 credits" in message.text)


def told(channel: Channel) -> list[str]:
    return [message.text.splitlines()[0] for message in posted_in(channel)]


async def test_alerts_once_at_each_step(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    alerts = other(stage, channel, "alerts")
    await config(dora, channel, "set", setting="server_pool", value="20/month")
    await config(dora, channel, "set", setting="alert_channel", value=f"<#{alerts.id}>")
    texts: list[list[str]] = []
    for wanted in (0, 1, 2, 3):
        use, _ = await paint(dora, channel, f"Fox {wanted}")
        await use.until(lambda message: "5 credits" in message.text)
        await eventually(lambda wanted=wanted: len(posted_in(alerts)) == wanted)
        texts.append([message.text for message in posted_in(alerts)])
    assert texts[0] == []
    first, second, third = texts[-1]
    moment = re.search(r"<t:\d+:R>", first)
    assert moment is not None
    anew = f"-# {en('pool.anew', when=moment[0])}"
    assert first.splitlines() == [
        en("pool.server_reached", percent="50", used="10", limit="20", period="this month"),
        anew,
    ]
    assert second.splitlines() == [
        en("pool.server_reached", percent="75", used="15", limit="20", period="this month"),
        anew,
    ]
    assert third.splitlines() == [en("pool.server_used_up", used="20", limit="20", period="this month"), anew]

    # A raised ceiling: the same shares of it are more, and told anew. In the server's language.
    await config(dora, channel, "set", setting="server_pool", value="50/month")
    await config(dora, channel, "set", setting="language", value="zh_CN", scope="server")
    use, _ = await paint(dora, channel, "Fox 5")
    await use.until(lambda message: "5 点" in message.text)
    await eventually(lambda: len(posted_in(alerts)) == 4)
    assert posted_in(alerts)[-1].text.splitlines()[0] == zh(
        "pool.server_reached", percent="50", period="本月", used="25", limit="50"
    )


async def test_a_channel_s_pool_and_an_order_that_waits_for_nobody(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    alerts = other(stage, channel, "alerts")
    await config(dora, channel, "set", setting="channel_pool", value="60/day")
    await config(dora, channel, "set", setting="alert_channel", value=f"<#{alerts.id}>")
    fault = stage.discord.faults.status(f"POST /channels/{alerts.id}/messages", 500)
    use, card = await film(dora, channel, "A fox runs")
    await use.until(has_clip)
    assert "50 credits" in card.text
    await eventually(lambda: len(posted_in(alerts)) == 1, within=10)
    assert fault.hits == 1
    assert posted_in(alerts)[0].text.splitlines()[0] == en(
        "pool.channel_reached", percent="75", channel=f"<#{channel.id}>", used="50", limit="60", period="today"
    )


async def test_a_process_that_ends_before_it_has_told_leaves_it_to_the_next(new_stage: NewStage):
    stage = await new_stage()
    dora, channel = a_place(stage)
    alerts = await alerting(stage, dora, channel)
    fault = stage.discord.faults.status(f"POST /channels/{alerts.id}/messages", 503, times=100)
    await painted(dora, channel, "Fox 1", "Fox 2")
    await fault.reached.wait()
    await stage.kill()
    stage.discord.faults.clear()
    await stage.start()
    # Nobody orders anything.
    await eventually(lambda: told(alerts) == [HALF])
    await stage.restart()
    await painted(dora, channel, "Fox 3")
    await eventually(lambda: len(told(alerts)) == 2)
    assert "75 %" in told(alerts)[1]
