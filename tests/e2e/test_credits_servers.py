"""Several servers side by side, and a file that brings all settings of credits to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.asking import end_of
from tests.e2e.cards import eventually, posted_in, private_answer, server, someone
from tests.e2e.configuring import taken_in, told
from tests.e2e.crediting import figures, shop
from tests.words import en, piece

if TYPE_CHECKING:
    from sandbox.discord.models import Channel
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


def other(stage: Stage, channel: Channel, name: str) -> Channel:
    return stage.world.text_channel(stage.world.guilds[channel.guild_id or 0], name)


async def ask(who: Person, channel: Channel) -> str:
    return (await end_of(await who.command(channel, "ask", prompt="A fox?"))).text


async def test_what_is_spent_and_granted_in_one_server_is_nothing_to_another(stage: Stage) -> None:
    here = await shop(stage, prices="ask=5", daily_credits="5", server_pool="10/month", channel_pool="10/day")
    there = await shop(stage, prices="ask=2", daily_credits="6", server_pool="8/month", channel_pool="8/day")
    alerts = [other(stage, channel, "alerts") for channel in (here, there)]
    for channel, alert in zip((here, there), alerts, strict=True):
        await told(stage.person("alice"), channel, "set", setting="alert_channel", value=f"<#{alert.id}>")
    nothing_set = server(stage)
    carol = someone(stage, at=here)
    for channel in (there, nothing_set):
        carol.joins(stage.world.guilds[channel.guild_id or 0])

    assert (await ask(carol, here)).endswith(" · 5 credits")
    await told(stage.person("alice"), here, "grant", person=carol, credits=3, reason="a prize")
    await eventually(lambda: len(posted_in(alerts[0])) == 2)
    assert await figures(carol, here) == {
        "today": 5,
        "month": 5,
        "share": 0,
        "server": 5,
        "channel": 5,
        "granted": 3,
    }
    assert await figures(carol, there) == {"today": 0, "month": 0, "share": 6, "server": 8, "channel": 8}
    # The share is used up here, and not there, where she spends all of it: the grant of here does not go on there.
    assert "credits" in await private_answer(await carol.command(here, "ask", prompt="More?"))
    for _ in range(3):
        assert (await ask(carol, there)).endswith(" · 2 credits")
    assert "you have 0 credits left today" in await private_answer(await carol.command(there, "ask", prompt="More?"))
    assert await figures(carol, there) == {"today": 6, "month": 6, "share": 0, "server": 2, "channel": 2}
    assert (await figures(carol, here))["server"] == 5
    # A third server has no credits at all, and direct messages neither.
    for free in (nothing_set, carol.dm()):
        assert "credit" not in await ask(carol, free)
    # Two pools at 75 %; steps that follow each other within a second are told as the higher one
    await eventually(lambda: sum("6 of 8" in message.text for message in posted_in(alerts[1])) == 2)
    assert "5 of 10" in posted_in(alerts[0])[0].text
    assert all("of 8" in message.text for message in posted_in(alerts[1]))


async def test_a_file_with_all_settings_of_credits_is_in_force_at_once(
    stage: Stage, place: tuple[Person, Channel]
) -> None:
    dora, channel = place
    guild = stage.world.guilds[channel.guild_id or 0]
    artists, alerts = stage.world.role(guild, "artists"), other(stage, channel, "alerts")
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    guild.members[dave.id].role_ids.append(artists.id)
    text = f"""server:
  prices: [ask=4, "ask:qwen*=6", "video:wan2.7*=80"]
  daily_credits: ["10", "{artists.id}=50"]
  server_pool: 100/month
  confirm_above: 500
  alert_channel: {alerts.id}
channels:
  {channel.id}:
    channel_pool: 16/day
"""
    said = await taken_in(dora, channel, text)
    prices = await told(dora, channel, "prices")
    await ask(carol, channel)
    use = await carol.command(channel, "ask", prompt="A fox?", model="qwen3-max")
    particular = (await end_of(use)).text
    await eventually(lambda: len(posted_in(alerts)) == 1)
    exported = (await (await dora.command(channel, "config export")).message()).attachments[0].data.decode()
    again = await taken_in(dora, channel, exported)

    assert "6 changes in 2 places." in said
    assert f"**/ask** · {en('prices.each_question', count=4)}" in prices
    assert particular.endswith(" · 6 credits")
    assert (await figures(carol, channel)) == {"today": 10, "month": 10, "share": 0, "server": 90, "channel": 6}
    assert (await figures(dave, channel))["share"] == 50
    assert posted_in(alerts)[0].text.startswith(
        en("pool.channel_reached", percent=50, channel=f"<#{channel.id}>", used=10, limit=16, period="")[:-1]
    )
    assert again == en("config.imported_nothing")
    # Taken back in one go: there are no credits any more, and the balances do not matter.
    await told(dora, channel, "undo")
    assert "credit" not in await ask(carol, channel)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("server:\n  prices: [ask=4, ask=-1]\n", f"Line 2: {en('config.bad_price')}"),
        ("server:\n  prices:\n    - ask=4\n    - video=2/1k\n", f"Line 4: {en('config.bad_price_tokens')}"),
        ("server:\n  prices: 5\n", f"Line 2: {en('config.bad_price')}"),
        ("server:\n  server_pool: 500 a week\n", f"Line 2: {en('config.bad_pool')}"),
        ("server:\n  server_pool: 500\n", f"Line 2: {en('config.bad_pool')}"),
        ("server:\n  max_images: 2\n  daily_credits: [artists=5]\n", f"Line 3: {en('config.bad_allowance')}"),
        ("server:\n  daily_credits:\n    - 5\n    - '{role}=9'\n", f"Line 4: {en('config.unknown_role')}"),
        ("server:\n  alert_channel: {there}\n", f"Line 2: {en('config.unknown_channel')}"),
        (
            "server:\n  channel_pool: 5/day\n",
            f"Line 2: {en('config.file_of_channels')}",
        ),
        ("channels:\n  {here}:\n    prices: [ask=4]\n", f"Line 3: {en('config.file_whole_server')}"),
        ("channels:\n  {here}:\n    server_pool: 5/day\n", f"Line 3: {en('config.file_whole_server')}"),
        ("server:\n  confirm_above: -1\n", f"Line 2: {en('config.bad_number', least=0, most=999_999)}"),
        ("server:\n  grant: 500\n", f"Line 2: {piece('config.file_no_setting')}"),
    ],
)
async def test_a_bad_file_turns_no_credits_on(
    stage: Stage, place: tuple[Person, Channel], text: str, sentence: str
) -> None:
    dora, channel = place
    elsewhere = server(stage)
    role = stage.world.role(stage.world.guilds[elsewhere.guild_id or 0], "artists")
    good = (
        "channels:\n  {here}:\n    channel_pool: 5/day\n"
        if text.startswith("server")
        else "server:\n  server_pool: 9/day\n"
    )
    said = await taken_in(dora, channel, (text + good).format(role=role.id, there=elsewhere.id, here=channel.id))
    assert said.startswith(f"Nothing was changed. {sentence}")
    assert piece("prices.off") in await told(dora, channel, "prices")
