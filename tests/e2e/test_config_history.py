"""/config history and undo."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.cards import labels, someone
from tests.e2e.configuring import config, told
from tests.words import en, named, piece

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOTHING = en("config.nothing_to_undo")


def numbers(history: str) -> list[str]:
    return re.findall(r"-# #(\d+) ", history)


def turns(history: Message) -> list[str]:
    return [each for each in labels(history) if each != en("button.details")]


async def test_the_history_is_searched_by_person_setting_and_time(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    fred = someone(stage, "fred", at=channel, permissions=int(Permission.ADMINISTRATOR))
    for number in range(9):
        await config(fred, channel, "set", setting="max_images", value=str(number % 4 + 1))
    await config(dora, channel, "set", setting="max_images", value="3")
    await config(dora, channel, "set", setting="answers", value="private")
    await config(dora, channel, "pause")
    mine = await told(dora, channel, "history", by=dora)
    assert mine.startswith(f"### {en('config.history')}\n-# <@{dora.id}>\n")
    assert len(numbers(mine)) == 3
    assert len(numbers(await told(dora, channel, "history", by=dora, setting="max_images"))) == 1
    assert len(numbers(await told(dora, channel, "history", setting="paused"))) == 1
    assert len(numbers(await told(dora, channel, "history", setting="answers", period="d"))) == 1
    erin = someone(stage, "erin", at=channel)
    nothing = await told(dora, channel, "history", by=erin)
    assert nothing == f"### {en('config.history')}\n-# <@{erin.id}>\n{en('config.nothing_found')}"
    # Another page is of the same search.
    page = await config(dora, channel, "history", by=fred, setting="max_images", period="w")
    assert len(numbers(page.text.replace("\\", ""))) == 8
    before = len(page.versions)
    turned = await (await dora.press(page, label=en("jobs.older"))).until(lambda each: len(each.versions) > before)
    assert len(numbers(turned.text.replace("\\", ""))) == 1
    assert f"<@{fred.id}>" in turned.text.splitlines()[1]
    await told(dora, channel, "resume")


async def test_history_and_undo_of_the_last_change(place: tuple[Person, Channel]):
    dora, channel = place
    assert await told(dora, channel, "undo") == NOTHING
    await config(dora, channel, "set", setting="max_images", value="2")
    await config(dora, channel, "set", setting="max_images", value="3", scope="server")
    history = await told(dora, channel, "history")
    undone = await told(dora, channel, "undo")
    after = await told(dora, channel, "history")

    first, second = reversed(numbers(history))
    assert re.sub(r"<t:\d+:R>", "<t>", history).splitlines() == [
        f"### {en('config.history')}",
        f"**{named('max_images')}** · not set here → 3",
        f"-# #{second} · <t> · <@{dora.id}> · this server",
        f"**{named('max_images')}** · not set here → 2",
        f"-# #{first} · <t> · <@{dora.id}> · <#{channel.id}>",
    ]
    assert undone.splitlines() == [
        en("config.undone", number=second),
        en("config.reset", setting=named("max_images"), where="this server"),
        f"-# {en('config.holds', value='2 · ' + en('config.from_channel'))}",
    ]
    assert after.splitlines()[1:3][0] == f"**{named('max_images')}** · 3 → not set here"
    assert after.splitlines()[2].endswith(f" · {en('config.takes_back', number=second)} · this server")


async def test_a_chosen_change_once(place: tuple[Person, Channel]):
    dora, channel = place
    for value in ("2", "3", "4"):
        await config(dora, channel, "set", setting="max_images", value=value)
    offered = await dora.autocomplete(channel, "config undo", focused="change")
    middle = str(offered[1]["value"])
    said = await told(dora, channel, "undo", change=middle)
    again = await told(dora, channel, "undo", change=f"#{middle}")
    newest = numbers(await told(dora, channel, "history"))[0]

    assert [str(each["name"]).partition(" · ")[2] for each in offered] == [
        f"{named('max_images')} · #videos · 3 → 4",
        f"{named('max_images')} · #videos · 2 → 3",
        f"{named('max_images')} · #videos · not set here → 2",
    ]
    assert (
        said.splitlines()[1]
        == f"**{named('max_images')}** is now 2 in <#{channel.id}>.{en('config.it_was', value='4')}"
    )
    assert again == en("config.already_undone")
    assert await told(dora, channel, "undo", change=newest) == (en("config.undo_of_undo"))
    for wrong in ("0", "999999", "9" * 18, "9" * 30, "@everyone", "-1"):
        assert await told(dora, channel, "undo", change=wrong) == (en("config.no_such_change"))


async def test_undoing_an_older_change_says_what_it_replaced(place: tuple[Person, Channel]):
    dora, channel = place
    for value in ("1", "2", "3"):
        await config(dora, channel, "set", setting="max_images", value=value)
    first = numbers(await told(dora, channel, "history"))[-1]
    said = await told(dora, channel, "undo", change=first)

    assert said.splitlines() == [
        en("config.undone", number=first),
        en("config.reset", setting=named("max_images"), where=f"<#{channel.id}>") + en("config.it_was", value="3"),
        "-# " + en("config.holds", value="4\u00a0·\u00a0" + en("config.from_default")),
    ]


async def test_two_undos_at_once_take_back_one_change(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    erik = someone(stage, "erik", at=channel, permissions=int(Permission.ADMINISTRATOR))
    for value in ("2", "3"):
        await config(dora, channel, "set", setting="max_images", value=value)
    said = await asyncio.gather(*(told(who, channel, "undo") for who in (dora, erik, dora)))

    assert sum(line.startswith(piece("config.undone")) for line in said) == 1
    assert sum(piece("config.just_undone") in line for line in said) == 2
    assert f"**{named('max_images')}** · 2 · set for this channel" in await told(dora, channel, "show")


async def test_pages(place: tuple[Person, Channel]):
    dora, channel = place
    for number in range(20):
        await config(dora, channel, "set", setting="temperature", value=f"{number / 10}")
    message = await config(dora, channel, "history")
    assert turns(message) == ["Older"]
    assert "→ 1.9" in message.text.replace("\\", "")
    await (await dora.press(message, label="Older")).acknowledged()
    assert turns(message) == ["Newest", "Older"]
    assert "→ 1.1" in message.text.replace("\\", "")
    await (await dora.press(message, label="Older")).acknowledged()
    assert turns(message) == ["Newest"]
    assert "not set here → 0" in message.text.replace("\\", "")


async def test_what_one_does_not_manage_is_neither_seen_nor_undone(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    guild = stage.world.guild_of(channel)
    assert guild is not None
    other = stage.world.text_channel(guild, "other")
    fred = someone(stage, "fred", at=channel)
    stage.world.overwrite(channel, fred.user, allow=Permission.MANAGE_CHANNELS)
    await config(fred, channel, "set", setting="max_images", value="2")
    await config(dora, other, "set", setting="system_prompt", value="a secret")
    number = numbers(await told(dora, channel, "history"))[0]

    assert "secret" not in await told(fred, channel, "history")
    assert await told(fred, channel, "undo", change=number) == (en("config.not_allowed_there", place=f"<#{other.id}>"))
    assert piece("config.reset") in await told(fred, channel, "undo")


async def test_settings_of_a_deleted_channel_need_manage_server(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    guild = stage.world.guild_of(channel)
    assert guild is not None
    gone = stage.world.text_channel(guild, "gone")
    gina = someone(stage, "gina", at=channel, permissions=int(Permission.MANAGE_CHANNELS))
    await config(gina, gone, "set", setting="max_images", value="2")
    number = numbers(await told(dora, channel, "history"))[0]
    stage.world.delete_channel(gone)

    assert await told(gina, channel, "undo", change=number) == (en("config.not_allowed_gone", place=f"<#{gone.id}>"))
    assert (await told(dora, channel, "undo", change=number)).splitlines() == [
        en("config.undone", number=number),
        en("config.reset", setting=named("max_images"), where=f"<#{gone.id}>"),
    ]
