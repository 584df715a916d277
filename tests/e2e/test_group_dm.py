"""A group of people, one of whom brings the bot along: what the others may order and press there, and what not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.asking import end_of, first_text
from tests.e2e.cards import eventually, film, forged, has_pictures, labels, paint, private_answer, remove, someone, sql
from tests.e2e.picturing import PATIENCE, act, remix
from tests.e2e.travelling import scene_with_traveller
from tests.words import en, piece

if TYPE_CHECKING:
    from sandbox.discord.models import Channel
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORGED = (
    "setup:page:channel:{id}:what",
    "setup:form:channel:{id}:what:video",
    "setup:apply:channel:{id}:what",
    "setup:presets:channel:{id}:what",
    "setup:start",
    "setup:all:page:0",
    "setup:all:whole",
    "config:reset:channel:chat_model",
    "config:history:0",
    "config:undo:1",
)


def people(stage: Stage) -> tuple[Channel, Person, Person, Person]:
    return stage.channel("group"), stage.person("traveller"), stage.person("bob"), stage.person("eve")


def ordered(stage: Stage, who: Person) -> list[tuple[str, int]]:
    return sql(stage, "SELECT context, token_only FROM generations WHERE person_id = ? ORDER BY id", who.id)


async def test_others_order_for_themselves_and_touch_nobody_s(new_stage: NewStage) -> None:
    owners = {"ALLOW_USER_INSTALL": "true", "DAILY_LIMIT_PER_USER": "ask=9,imagine=1,video=1"}
    stage = await new_stage(scene=scene_with_traveller(), environment=owners)
    group, traveller, bob, eve = people(stage)
    use, card = await paint(traveller, group, "A fox")
    await use.until(has_pictures(1), PATIENCE)

    # A press orders for who pressed: of their own day, through their own interaction.
    again = await act(bob, card, "Reroll")
    await again.until(has_pictures(1), PATIENCE)
    assert ordered(stage, bob) == ordered(stage, traveller) == [("private_channel", 1)]
    used_up = await private_answer(await remix(bob, card, "A wolf"))
    assert piece("limit.used", count=1) in used_up

    # What is under way is its person's alone.
    answer = await traveller.command(group, "ask", prompt="Long [rate:20] [words:2000]")
    shown = await first_text(answer)
    assert await private_answer(await bob.press(shown, label="Stop")) == en("error.not_your_stop")
    await traveller.press(shown, label="Stop")
    await end_of(answer)
    use, _ = await film(traveller, group, "A slow wave [run:30]")
    clip = await use.until(lambda each: en("button.cancel") in labels(each), PATIENCE)
    assert await private_answer(await eve.press(clip, label="Cancel")) == en("error.not_your_cancel")

    # Remove and Report, in the menu of who has the bot, too.
    assert await remove(eve, card) == en("remove.not_yours")
    assert not card.deleted
    report = await private_answer(await eve.message_command(card, "Report"))
    assert report == en("report.only_in_servers")

    # Nobody sets anything there, however it is asked for.
    for name in FORGED:
        for who in (traveller, bob, eve):
            said = await private_answer(await forged(who, card, name.format(id=group.id)))
            assert said in {en("config.only_own_direct"), en("config.not_allowed")}, name
    assert not sql(stage, "SELECT 1 FROM setting_changes")


async def test_a_press_under_a_traveller_s_message_is_no_membership(new_stage: NewStage) -> None:
    owners = {"ALLOW_USER_INSTALL": "true", "DIRECT_MESSAGES": "members"}
    stage = await new_stage(scene=scene_with_traveller(), environment=owners)
    lobby, traveller = stage.channel("abroad"), stage.person("traveller")
    mallory = someone(stage, "mallory", at=lobby, permissions=int(Permission.ADMINISTRATOR))
    use, card = await paint(traveller, lobby, "A fox")
    await use.until(has_pictures(1), PATIENCE)
    again = await act(mallory, card, "Reroll")
    await again.until(has_pictures(1), PATIENCE)

    assert ordered(stage, mallory) == [("guild", 1)], "the bot reaches that server only by who pressed"
    assert await private_answer(await forged(mallory, card, f"setup:page:channel:{lobby.id}:what")) == (
        en("config.not_a_member")
    )
    # Whether they are a member of one of the bot's servers is asked of Discord, whatever they pressed elsewhere.
    asked = stage.discord.faults.slow(f"GET /guilds/*/members/{mallory.id}", 0.0, times=99)
    await mallory.say(mallory.dm(), "Hello")
    await eventually(lambda: asked.hits == 1)


async def test_what_the_owner_turned_off_is_off_for_who_presses(new_stage: NewStage) -> None:
    stage = await new_stage(scene=scene_with_traveller(), environment={"ALLOW_USER_INSTALL": "true"})
    group, traveller, bob, _ = people(stage)
    use, card = await paint(traveller, group, "A fox")
    await use.until(has_pictures(1), PATIENCE)
    stage.bot.environment["ALLOW_USER_INSTALL"] = "false"
    await stage.restart()
    assert await private_answer(await act(bob, card, "Reroll")) == en("error.user_install_off")
    assert len(ordered(stage, bob)) == 0
