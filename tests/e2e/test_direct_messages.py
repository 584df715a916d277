"""Direct messages: the owner decides who may use the bot there, and Discord says who is a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.asking import end_of, was_whole
from tests.e2e.cards import has_pictures, paint, private_answer, someone
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.faults import Fault
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

OFF = {
    "en-US": en("error.direct_messages_off"),
    "zh-CN": zh("error.direct_messages_off"),
}
MEMBERS = {
    "en-US": en("error.direct_messages_members"),
    "zh-CN": "只有机器人所在服务器的成员才能在私信中使用它。",
}


def counted(stage: Stage, who: Person) -> Fault:
    """Its `hits`: how often Discord was asked whether they are a member."""
    return stage.discord.faults.slow(f"GET /guilds/*/members/{who.id}", 0.0, times=99)


async def works(who: Person) -> bool:
    return was_whole(await end_of(await who.command(who.dm(), "ask", prompt="A fox")))


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_off_closes_them_but_for_one_s_own_data(new_stage: NewStage, locale: str) -> None:
    stage = await new_stage(environment={"DIRECT_MESSAGES": "off"})
    carol = someone(stage, locale=locale)
    for command in ("ask", "imagine", "video"):
        assert await private_answer(await carol.command(carol.dm(), command, prompt="A fox")) == OFF[locale]
    assert await private_answer(await carol.command(carol.dm(), "jobs")) == OFF[locale]
    assert await carol.autocomplete(carol.dm(), "ask", focused="model", model="d") == []
    question = await (await carol.command(carol.dm(), "privacy delete")).message()
    assert question.buttons()
    removed = len(question.versions)
    await (await carol.press(question)).until(lambda message: len(message.versions) > removed)
    # In a server all is as ever.
    assert was_whole(await end_of(await carol.command(stage.channel("general"), "ask", prompt="A fox")))


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_members_by_default_where_servers_are_chosen(new_stage: NewStage, locale: str) -> None:
    stage = await new_stage()
    await stage.stop()
    elsewhere = stage.world.guild("Not allowed")
    stage.bot.environment["ALLOWED_GUILDS"] = str(stage.guild.id)
    await stage.start()
    carol = someone(stage, locale=locale)
    stranger = stage.world.person("stranger", guild=elsewhere, locale=locale)
    dave = someone(stage, "dave")
    asked = {who.name: counted(stage, who) for who in (carol, stranger, dave)}
    assert await works(carol)
    assert await works(carol)
    for _ in range(2):
        assert await private_answer(await stranger.command(stranger.dm(), "imagine", prompt="A fox")) == MEMBERS[locale]
    # Who used the bot in the server lately is not asked after.
    await end_of(await dave.command(stage.channel("general"), "ask", prompt="A fox"))
    assert await works(dave)
    assert {name: fault.hits for name, fault in asked.items()} == {"carol": 1, "stranger": 1, "dave": 0}


async def test_buttons_in_direct_messages_are_closed_with_them(new_stage: NewStage) -> None:
    stage = await new_stage()
    carol = someone(stage)
    use, card = await paint(carol, carol.dm(), "A fox")
    await use.until(has_pictures(1))
    await stage.stop()
    stage.bot.environment["DIRECT_MESSAGES"] = "off"
    await stage.start()
    for label in ("Reroll", "Edit prompt"):
        assert await private_answer(await carol.press(card, label=label)) == OFF["en-US"]


async def test_where_discord_does_not_say_nobody_is_let_in(new_stage: NewStage) -> None:
    stage = await new_stage(environment={"DIRECT_MESSAGES": "members"})
    carol = someone(stage)
    held = stage.discord.faults.hold(f"GET /guilds/{stage.guild.id}/members/{carol.id}")
    refused = await private_answer(await carol.command(carol.dm(), "ask", prompt="A fox"))
    assert refused.startswith(piece("error.direct_messages_unsure"))
    held.release()
    assert await works(carol)


async def test_whose_own_app_it_is_may_where_the_owner_lets_everybody_add_it(new_stage: NewStage) -> None:
    stage = await new_stage(environment={"DIRECT_MESSAGES": "members", "ALLOW_USER_INSTALL": "true"})
    away = stage.world.guild("Without the bot", app_installed=False)
    traveller = stage.world.person("traveller", guild=away, app_installed=True)
    asked = counted(stage, traveller)
    assert await works(traveller)
    assert asked.hits == 0
