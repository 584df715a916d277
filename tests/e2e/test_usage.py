"""/usage: one's own, a server's with its chart for who manages it, all servers' for the owner; nothing beyond that."""

from __future__ import annotations

import asyncio
import csv
import io
import struct
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from sandbox.onekey import Plan
from tests.e2e.asking import end_of
from tests.e2e.cards import (
    FAILED,
    at_rest,
    colour,
    film,
    has_pictures,
    paint,
    private_answer,
    said,
    says,
    server,
    someone,
    swift,
)
from tests.e2e.crediting import shop, usage
from tests.words import en, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Guild, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT_ENVIRONMENT = {"DAILY_LIMIT_PER_USER": "ask=100,imagine=20,video=3"}
LIMITS = f"### {en('usage.limits')}"


def manager(stage: Stage, channel: Channel, **options: str) -> Person:
    return someone(stage, "manager", at=channel, permissions=int(Permission.MANAGE_GUILD), **options)


def guild_of(stage: Stage, channel: Channel) -> Guild:
    guild = stage.world.guild_of(channel)
    assert guild is not None
    return guild


async def buy(who: Person, channel: Channel, *, questions: int = 0, pictures: int = 0) -> None:
    for number in range(questions):
        await end_of(await who.command(channel, "ask", prompt=f"Question {number}"))
    if pictures:
        use, _ = await paint(who, channel, en("chart.imagine"), count=pictures)
        await use.until(has_pictures(pictures))


def picture_of(message: Message) -> tuple[str, int, int]:
    """What the chart says to who can't see it, its width and its height."""
    gallery = next(part for part in message.components if part["type"] == 12)
    (item,) = gallery["items"]
    (file,) = message.attachments
    assert str(item["media"]["url"]) == file.url
    assert file.data[:8] == b"\x89PNG\r\n\x1a\n"
    return (str(item["description"]), *struct.unpack(">II", file.data[16:24]))


async def test_a_server_s_whole_use_as_a_file_for_its_managers(stage: Stage) -> None:
    channel = await shop(stage, prices="ask=2, imagine=5")
    alice, carol = stage.person("alice"), someone(stage, at=channel)
    empty = await (await alice.command(channel, "usage", whose="table")).message()
    use, card = await paint(carol, channel, "A secret fox")
    await use.until(has_pictures(1))
    await at_rest(stage, card)
    await end_of(await carol.command(channel, "ask", prompt="A secret question", private=True))
    refused = await (await carol.command(channel, "usage", whose="table")).message()
    use = await alice.command(channel, "usage", whose="table")
    file = await use.until(lambda each: bool(each.attachments))
    rows = [line.split(",") for line in file.attachments[0].data.decode("utf-8-sig").splitlines()]

    assert empty.text == en("usage.table_none")
    assert refused.text == en("usage.not_manager")
    assert file.visible_to == alice.id
    assert en("usage.table", count=2) in file.text
    assert rows[0] == ["time", "person", "command", "model", "channel", "state", "credits", "cost"]
    assert [row[1:] for row in rows[1:]] == [
        [str(carol.id), "ask", "deepseek-chat", str(channel.id), "ended", "2", ""],
        [str(carol.id), "imagine", "wan2.7-image", str(channel.id), "delivered", "5", ""],
    ]
    assert "secret" not in file.attachments[0].data.decode()


async def test_one_s_own(stage: Stage) -> None:
    swift(stage, run=600)
    channel = await shop(stage, daily_credits="100", channel_pool="500/day", server_pool="2000/month")
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    await buy(carol, channel, questions=2, pictures=2)
    await buy(dave, channel, questions=1)
    use, card = await film(carol, channel, "On its way")
    await use.until(says("Started <t:…:R>."))
    shown = said(await usage(carol, channel))
    await carol.press(card, label="Cancel")

    assert shown.splitlines() == [
        "### Your credits in this server",
        en("usage.reserved", credits="**Today** · 12 credits · 50 credits"),
        "-# /ask 2 · /imagine 10 · /video 50",
        en("usage.reserved", credits="**This month** · 12 credits · 50 credits"),
        "-# /ask 2 · /imagine 10 · /video 50",
        en("usage.share", left=38, limit=100, when="<t:…:R>"),
        en("usage.pool_server", left=1937, limit=2000, when="<t:…:R>"),
        en("usage.pool_channel", left=437, limit=500, when="<t:…:R>"),
        LIMITS,
        "**/ask** · 2 of 100 used, 98 left",
        "**/imagine** · 1 of 20 used, 19 left",
        "**/video** · 1 of 3 used, 2 left",
        "-# Resets <t:…:R>",
    ]


async def test_one_s_own_in_chinese_and_before_anything_was_spent(stage: Stage) -> None:
    channel = await shop(stage, daily_credits="100")
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    assert said(await usage(ming, channel)).splitlines() == [
        f"### {zh('usage.mine')}",
        zh("usage.today", credits=zh("card.credits", count=0)),
        zh("usage.month", credits=zh("card.credits", count=0)),
        zh("usage.share_full", left=100, limit=100),
        f"### {zh('usage.limits')}",
        "**/ask** · 已用 0/100 次，剩余 100 次",
        "**/imagine** · 已用 0/20 次，剩余 20 次",
        "**/video** · 已用 0/3 次，剩余 3 次",
        "-# <t:…:R>重置",
    ]


async def test_nothing_is_counted_from_another_server_or_in_direct_messages(stage: Stage) -> None:
    here, there = await shop(stage, daily_credits="100"), await shop(stage, daily_credits="100")
    carol = someone(stage, at=here)
    carol.joins(guild_of(stage, there))
    await buy(carol, here, questions=3)
    assert "**Today** · 0 credits" in said(await usage(carol, there))
    answer = await (await carol.command(carol.dm(), "usage")).message()
    assert said(answer).splitlines()[:2] == [LIMITS, "**/ask** · 3 of 100 used, 97 left"]


async def test_without_credits_it_tells_what_is_left_of_the_day(stage: Stage) -> None:
    channel = server(stage)
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    await buy(carol, channel, questions=2, pictures=1)
    for fault in ("400", "401"):
        use, _ = await paint(carol, channel, f"Refused [fault:{fault}]")
        await use.until(lambda message: colour(message) == FAILED)
    limits = [
        LIMITS,
        "**/ask** · 2 of 100 used, 98 left",
        "**/imagine** · 1 of 20 used, 19 left",
        "**/video** · 0 of 3 used, 3 left",
        "-# " + en("usage.not_counted", count=2, most=5),
        "-# Resets <t:…:R>",
    ]
    assert said(await usage(carol, channel)).splitlines() == ["This server doesn't use credits.", *limits]
    answer = await (await carol.command(carol.dm(), "usage")).message()
    assert said(answer).splitlines() == limits
    assert said(await usage(ming, channel)).splitlines() == [
        "本服务器未启用点数功能。",
        f"### {zh('usage.limits')}",
        "**/ask** · 已用 0/100 次，剩余 100 次",
        "**/imagine** · 已用 0/20 次，剩余 20 次",
        "**/video** · 已用 0/3 次，剩余 3 次",
        "-# <t:…:R>重置",
    ]


async def test_what_has_no_limit_and_what_is_not_offered(new_stage: NewStage) -> None:
    stage = await new_stage(environment={"DAILY_LIMIT_PER_USER": "ask=unlimited,imagine=unlimited,video=0"})
    channel = server(stage)
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    assert said(await usage(carol, channel)).splitlines() == [
        "This server doesn't use credits.",
        LIMITS,
        "**/ask** · no limit",
        "**/imagine** · no limit",
        f"**/video** · {en('usage.not_offered')}",
    ]
    assert said(await usage(ming, channel)).splitlines()[2:] == [
        "**/ask** · 不限次数",
        "**/imagine** · 不限次数",
        f"**/video** · {zh('usage.not_offered')}",
    ]
    refused = await private_answer(await carol.command(channel, "video", prompt="A fox"))
    assert refused == en("limit.none", command="/video")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_a_server_s_by_person_model_and_channel_with_a_chart(stage: Stage, locale: str) -> None:
    channel = await shop(stage, prices="ask=1", server_pool="2000/month")
    second = stage.world.text_channel(guild_of(stage, channel), "second")
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    boss = manager(stage, channel, locale=locale)
    await buy(carol, channel, questions=2)
    await buy(dave, second, questions=1, pictures=2)
    card = await usage(boss, channel, whose="server")

    if locale == "zh-CN":
        assert said(card).splitlines()[:4] == [
            f"### {zh('usage.server')}",
            zh("usage.month", credits=zh("card.credits", count=13)),
            zh("usage.pool_server", left=1987, limit=2000, when="<t:…:R>"),
            zh("usage.people"),
        ]
        assert picture_of(card) == ("近 30 天共 13 点：回答 3、图片 10、视频 0", 1100, 520)
        return
    assert said(card).splitlines() == [
        f"### {en('usage.server')}",
        "**This month** · 13 credits",
        en("usage.pool_server", left=1987, limit=2000, when="<t:…:R>"),
        en("usage.people"),
        f"<@{dave.id}> · 11 credits",
        f"<@{carol.id}> · 2 credits",
        en("usage.models"),
        "wan2.7-image · 10 credits",
        "deepseek-chat · 3 credits",
        en("usage.channels"),
        f"<#{second.id}> · 11 credits",
        f"<#{channel.id}> · 2 credits",
    ]
    assert picture_of(card) == ("13 credits in the last 30 days: Answers 3, Images 10, Videos 0", 1100, 520)


async def test_only_who_may_manage_the_server_sees_it(stage: Stage) -> None:
    channel = await shop(stage, daily_credits="100")
    moderator = someone(
        stage, "mod", at=channel, permissions=int(Permission.MANAGE_MESSAGES | Permission.MANAGE_CHANNELS)
    )
    refused = en("usage.not_manager")
    assert said(await usage(moderator, channel, whose="server")) == refused
    assert said(await usage(someone(stage, at=channel), channel, whose="server")) == refused
    assert f"### {en('usage.server')}" in said(await usage(manager(stage, channel), channel, whose="server"))


async def test_a_server_without_orders_has_an_empty_chart(stage: Stage) -> None:
    channel = await shop(stage, daily_credits="100")
    card = await usage(manager(stage, channel), channel, whose="server")
    assert said(card) == f"### {en('usage.server')}\n**This month** · 0 credits"
    assert picture_of(card)[0] == "0 credits in the last 30 days: Answers 0, Images 0, Videos 0"


async def test_all_servers_for_the_owner_alone(new_stage: NewStage) -> None:
    stage = await new_stage()
    alice = stage.person("alice")
    first, second = await shop(stage, daily_credits="100"), await shop(stage, daily_credits="100")
    guild_of(stage, second).name = "# Second *best*"
    await buy(someone(stage, at=first), first, questions=1)
    await buy(someone(stage, at=second), second, pictures=1)
    await stage.restart()  # a server's name is Discord's to tell
    shown = said(await usage(alice, stage.channel("general"), whose="everywhere"))
    refused = said(await usage(manager(stage, first), first, whose="everywhere"))

    assert shown.splitlines() == [
        f"### {en('usage.everywhere')}",
        "**This month** · 6 credits",
        en("usage.balance", left="12.34"),
        "\\# Second \\*best\\* · 5 credits",
        "Elsewhere · 1 credit",
    ]
    assert refused == en("usage.not_owner")

    stage.api.next("billing", shape="unlimited", times=2)
    unlimited = said(await usage(alice, stage.channel("general"), whose="everywhere"))
    assert en("usage.no_limit", used="7.66") in unlimited
    stage.api.behaviour.money = Plan(shape="absent")
    for plan in (Plan(shape="absent"), Plan(delay=60)):
        stage.api.behaviour.billing = plan
        assert "account" not in said(await usage(alice, stage.channel("general"), whose="everywhere"))


async def test_many_servers_come_as_a_table(new_stage: NewStage) -> None:
    stage = await new_stage()
    channels = await asyncio.gather(*(shop(stage, prices="ask=2") for _ in range(21)))
    guild_of(stage, channels[0]).name = "=1+1"
    await asyncio.gather(*(buy(someone(stage, at=channel), channel, questions=1) for channel in channels))
    await stage.restart()
    card = await usage(stage.person("alice"), server(stage), whose="everywhere")
    (file,) = card.attachments
    rows = list(csv.DictReader(io.StringIO(file.data.decode("utf-8-sig"))))

    assert len(said(card).splitlines()) == 3 + 20 + 1
    assert said(card).endswith(f"-# {en('usage.in_file', count=21)}")
    assert len(rows) == 21
    assert {(row["spent"], row["reserved"], row["orders"], row["people"]) for row in rows} == {("2", "0", "1", "1")}
    assert {row["name"] for row in rows} == {"Elsewhere", "'=1+1"}
