"""Remove, in the menu of the bot's messages: the message is gone, its files too, and nothing brings it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.asking import ask, end_of, first_text, model_says
from tests.e2e.cards import (
    RUNNING,
    at_rest,
    change,
    eventually,
    film,
    has_clip,
    has_pictures,
    kept,
    labels,
    paint,
    posted_in,
    remove,
    said,
    says,
    server,
    someone,
    task_of,
)
from tests.words import en, piece

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT_ENVIRONMENT = {"ALLOW_USER_INSTALL": "true"}
PATIENCE = 10.0

VIDEO_SECONDS = 600  # until a test says otherwise


async def jobs(who: Person, channel: Channel, whose: str = "mine") -> Message:
    return await (await who.command(channel, "jobs", whose=whose)).message()


async def test_one_s_own_pictures(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await paint(carol, channel, "Mine to remove")
    await use.until(has_pictures(1))
    await at_rest(stage, card)
    assert await remove(carol, card) == "Removed."
    assert card.deleted
    listed = await jobs(carol, channel)
    assert f"delivered · <t:…:R> · wan2.7-image · removed by <@{carol.id}>" in said(listed)
    assert "message" not in said(listed)
    assert labels(listed) == []


async def test_another_member_may_not_and_a_moderator_may(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    moderator = someone(stage, "mod", at=channel, permissions=Permission.MANAGE_MESSAGES)
    use, card = await paint(carol, channel, "Not for dave")
    await use.until(has_pictures(1))
    assert await remove(dave, card) == en("remove.not_yours")
    assert not card.deleted
    assert await remove(moderator, card) == "Removed."
    assert card.deleted
    assert f"removed by <@{moderator.id}>" in said(await jobs(moderator, channel, "channel"))


async def test_only_the_bot_s_own_messages(stage: Stage) -> None:
    channel = server(stage)
    moderator = someone(stage, "mod", at=channel, permissions=Permission.MANAGE_MESSAGES)
    words = await moderator.say(channel, "My own words")
    assert await remove(moderator, words) == en("remove.not_mine")
    assert not words.deleted


async def test_in_chinese(stage: Stage) -> None:
    channel = server(stage)
    person = someone(stage, "小红", at=channel, locale="zh-CN")
    use, card = await paint(person, channel, "一只狐狸")
    await use.until(has_pictures(1))
    assert "移除" in person.message_commands(card)
    assert await remove(person, card, "移除") == "已移除。"
    assert f"已由 <@{person.id}> 移除" in said(await jobs(person, channel))


async def test_a_running_video_is_cancelled_and_never_comes(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await film(carol, channel, "Removed while running")
    await use.until(says(RUNNING))
    assert await remove(carol, card) == "Removed."
    polls = task_of(stage, "Removed while running").polls
    task_of(stage, "Removed while running").finish()
    # The next one is served as if the first had never been.
    other, _ = await film(carol, channel, "After it [run:0.1]")
    await other.until(has_clip, PATIENCE)
    assert task_of(stage, "Removed while running").polls == polls
    assert [said(message).splitlines()[0] for message in posted_in(channel)] == ["### After it \\[run\\:0.1\\]"]
    assert "cancelled" in said(await jobs(carol, channel))


async def test_a_picture_that_is_being_made(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    stage.api.next("images", delay=30)
    _, card = await paint(carol, channel, "Never finished")
    await stage.api.requests.until(
        lambda: "Never finished" in [each.prompt for each in stage.api.requests.of("images")]
    )
    assert await remove(carol, card) == "Removed."
    assert posted_in(channel) == []
    assert "cancelled" in said(await jobs(carol, channel))


async def test_a_delivery_that_is_under_way_does_not_bring_it_back(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await film(carol, channel, "Raced")
    await use.until(says(RUNNING))
    upload = stage.discord.faults.hold(f"PATCH /webhooks/*/{use.interaction.token}/*")
    task_of(stage, "Raced").finish()
    await upload.reached.wait()
    removing = await carol.message_command(card, "Remove")
    await removing.acknowledged()
    upload.release()
    await removing.until(lambda each: each.text == "Removed.", PATIENCE)
    assert posted_in(channel) == []
    await eventually(lambda: not kept(stage))
    # Nor does the next start of the bot.
    await stage.restart()
    assert posted_in(channel) == []
    assert "removed by" in said(await jobs(carol, channel))


async def test_the_buttons_of_a_copy_do_nothing_any_more(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await paint(carol, channel, "Copied")
    await use.until(has_pictures(1))
    await at_rest(stage, card)
    listed = await jobs(carol, channel)
    again = await carol.press(listed, label="Deliver again")
    copy = await again.until(has_pictures(1), PATIENCE)
    await remove(carol, card)
    pressed = await carol.press(copy, label="Reroll")
    assert (await pressed.message()).text == en("error.gone")
    stale = await carol.press(listed, label="Deliver again")
    assert (await stale.message()).text == en("error.gone")
    # The copy has no row of its own, and goes all the same.
    assert await remove(carol, copy) == "Removed."
    assert posted_in(channel) == []


async def test_an_answer_that_grows_is_stopped_first(stage: Stage) -> None:
    channel = stage.channel("general")
    before = len(posted_in(channel))
    use = await ask(stage, "On and on [rate:20] [words:2000]", by="bob")
    growing = await first_text(use)
    assert await remove(stage.person("bob"), growing) == "Removed."
    assert len(posted_in(channel)) == before


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_long_answer_goes_with_all_its_messages(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, *, restarted: bool
) -> None:
    model_says(monkeypatch, "many words " * 700)
    channel = stage.channel("general")
    before = len(posted_in(channel))
    use = await ask(stage, "A chapter [rate:20000]", by="bob")
    last = await end_of(use)
    other = await stage.person("alice").say(channel, "In between")
    assert len(use.messages) >= 2
    if restarted:
        # The process that knew where it stands is gone: its messages name the command they answer.
        await stage.restart()
    assert await remove(stage.person("bob"), last) == "Removed."
    assert use.messages == []
    assert len(posted_in(channel)) == before + 1
    assert not other.deleted


async def test_where_the_bot_may_not_read_back_it_says_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    model_says(monkeypatch, "many words " * 700)
    channel = stage.world.text_channel(stage.guild, "forgetful")
    stage.scene.channels["forgetful"] = channel
    stage.world.overwrite(channel, stage.world.application.bot, deny=Permission.READ_MESSAGE_HISTORY)
    use = await ask(stage, "A chapter [rate:20000]", by="bob", where="forgetful")
    await end_of(use)
    first = use.messages[0]
    await stage.restart()
    # Of what was asked nothing is kept any more: nor where its answer stands.
    assert change(stage, "DELETE FROM turns WHERE channel_id = ?", channel.id) == 1
    said_ = await remove(stage.person("bob"), first)
    assert said_ == en("remove.done_one")
    assert first.deleted


async def test_another_member_s_answer(stage: Stage) -> None:
    message = await end_of(await ask(stage, "Whose is it?", by="bob"))
    stranger = someone(stage, "stranger")
    assert await remove(stranger, message) == en("remove.not_yours")
    assert await remove(stage.person("alice"), message) == "Removed."


async def test_in_direct_messages(stage: Stage) -> None:
    carol = someone(stage)
    use, card = await paint(carol, carol.dm(), "Between us")
    await use.until(has_pictures(1))
    assert await remove(carol, card) == "Removed."
    assert posted_in(carol.dm()) == []


async def test_where_only_the_token_can_and_where_nothing_can(stage: Stage) -> None:
    traveller = stage.world.person("traveller", app_installed=True)
    abroad = stage.world.guild("Abroad", app_installed=False)
    traveller.joins(abroad)
    channel = stage.world.text_channel(abroad, "abroad")
    use, card = await paint(traveller, channel, "From afar")
    await use.until(has_pictures(1))
    assert await remove(traveller, card) == "Removed."
    assert card.deleted

    use, card = await paint(traveller, channel, "From further")
    await use.until(has_pictures(1))
    stage.world.expire_tokens(use.interaction)
    said_ = await remove(traveller, card)
    assert said_.startswith(piece("remove.out_of_reach_card"))
    assert not card.deleted
    assert "removed by" in said(await jobs(traveller, channel))


async def test_a_message_that_is_gone_already(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await paint(carol, channel, "Twice removed")
    await use.until(has_pictures(1))
    first, second = await carol.message_command(card, "Remove"), await carol.message_command(card, "Remove")
    for each in (first, second):
        await each.until(lambda message: message.text == "Removed.", PATIENCE)
    assert posted_in(channel) == []


async def test_what_discord_refused_once_can_be_removed_later(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await paint(carol, channel, "Refused once")
    await use.until(has_pictures(1))
    await at_rest(stage, card)
    stage.discord.faults.status(f"DELETE /channels/{channel.id}/messages/{card.id}", 403, code=50013)
    assert piece("remove.out_of_reach_card") in await remove(carol, card)
    assert not card.deleted
    assert await remove(carol, card) == "Removed."
    assert card.deleted


async def test_a_waiting_video_gives_its_place_and_its_share_back(new_stage: NewStage) -> None:
    stage = await new_stage(environment={"DAILY_LIMIT_PER_USER": "ask=unlimited,imagine=unlimited,video=3"})
    channel, bob = stage.channel("plans"), stage.person("bob")
    uses = [(await film(bob, channel, f"Day {number}"))[0] for number in range(3)]
    waiting = await uses[2].until(says("Waiting: 1st in line."))
    assert await remove(bob, waiting) == "Removed."
    fourth, _ = await film(bob, channel, "Day 3")
    await fourth.until(says("Waiting: 1st in line."))
    # One that was sent keeps its share: the service goes on making it.
    running = await uses[0].until(says(RUNNING))
    assert await remove(bob, running) == "Removed."
    await fourth.until(says(RUNNING), PATIENCE)
    refused = await bob.command(channel, "video", prompt="Day 4", shape="320x180")
    assert "all 3 videos for today" in (await refused.message()).text


async def test_killed_before_the_children_are_told(new_stage: NewStage) -> None:
    """A card that named the removed one is drawn anew by the next process."""
    stage = await new_stage()
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await paint(carol, channel, "Named by its child")
    await use.until(has_pictures(1))
    again = await carol.press(card, label="Reroll")
    child = await again.until(has_pictures(1), PATIENCE)
    await eventually(lambda: "Reroll of [Named by its child]" in said(child))
    fault = stage.discord.faults.hold(f"PATCH /channels/{channel.id}/messages/{child.id}")
    assert await remove(carol, card) == "Removed."
    await eventually(lambda: fault.hits == 1, within=PATIENCE)
    await stage.kill()
    stage.discord.faults.clear()
    await stage.start()
    await eventually(lambda: en("card.from_removed") in said(child), within=PATIENCE)
    assert has_pictures(1)(child)
