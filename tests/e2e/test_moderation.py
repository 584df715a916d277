"""The service's moderation and spoilers, as a member meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from sandbox.discord import validation
from sandbox.discord.choosing import Upload
from sandbox.discord.errors import DiscordError
from sandbox.discord.models import walk
from sandbox.onekey import Plan
from sandbox.onekey.moderations import FLAGGED
from tests.e2e.asking import ask, end_of, model_says
from tests.e2e.cards import (
    asked,
    at_rest,
    eventually,
    files,
    forged,
    has_pictures,
    is_over,
    labels,
    paint,
    private_answer,
    said,
    says,
    server,
    someone,
)
from tests.e2e.configuring import told
from tests.e2e.crediting import shop
from tests.e2e.exhibiting import painted
from tests.e2e.jamming import start
from tests.e2e.picturing import PATIENCE, act, animate, studio
from tests.e2e.talking import a_talk, answer_of, answers_to, mention, reply_of
from tests.e2e.test_gallery import gallery
from tests.unit.bot.documents.making import picture
from tests.words import en, named, piece, zh

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.models import Message, Version
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BAD = f"A {FLAGGED[0]} at dawn"
FLAG = en("policy.moderated")


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """With a service that moderates."""
    stage.api.behaviour.moderations = Plan()
    return stage


def spoilers(message: Message | Version) -> list[bool]:
    """Of what its galleries show, whether each is behind one."""
    return [
        bool(item.get("spoiler")) for part in walk(message.components) if part["type"] == 12 for item in part["items"]
    ]


async def test_a_flagged_question_is_not_sent_and_does_not_stand_there(stage: Stage) -> None:
    use = await ask(stage, BAD, by="bob")
    answer = await use.until(says(piece("policy.moderated")), PATIENCE)
    assert FLAG in answer.text
    assert FLAGGED[0] not in answer.text
    assert labels(answer) == [en("button.edit_retry")]
    assert asked(stage, "chat", BAD) == 0
    fine = await end_of(await ask(stage, "A meadow at dawn", by="bob"))
    assert "meadow" in fine.text


async def test_a_chinese_member_reads_it_in_chinese(stage: Stage) -> None:
    use = await ask(stage, "一场屠杀", by="小明")
    answer = await use.until(lambda each: zh("policy.moderated") in each.text, PATIENCE)
    assert "屠杀" not in answer.text


async def test_a_flagged_image_prompt_costs_nothing(stage: Stage) -> None:
    channel = await shop(stage, prices="imagine=5", server_pool="100/day")
    carol = someone(stage, at=channel)
    use, card = await paint(carol, channel, BAD)
    await use.until(is_over, PATIENCE)
    assert f"### {en('card.flagged')}" in card.text
    assert FLAG in card.text
    assert FLAGGED[0] not in card.text
    assert labels(card) == [en("button.edit_retry")]
    assert asked(stage, "images", BAD) == 0
    key = int(card.buttons()[0]["custom_id"].split(":")[1])
    shown = await private_answer(await forged(someone(stage, "dave", at=channel), card, f"image:{key}:prompt"))
    assert shown == en("error.gone")
    left = await (await carol.command(channel, "usage")).message()
    assert en("usage.pool_server_full", left=100, limit=100) in left.text


async def test_flagged_images_are_hidden_and_what_they_cost_is_true(stage: Stage) -> None:
    stage.api.behaviour.moderations = Plan(shape="every_other")
    channel = await shop(stage, moderation="results", prices="imagine=5")
    carol = someone(stage, at=channel)
    use, card = await paint(carol, channel, "Four foxes", count=4)
    await use.until(says(en("card.withheld", count=2)), PATIENCE)
    await at_rest(stage, card)
    assert len(files(card, "image")) == 2
    assert en("card.credits", count=20) in card.text
    assert en("button.fetch") not in labels(card)
    # What is not shown is not to be had by any other way.
    shown = {label for label in labels(card) if label.startswith(en("button.vote"))}
    assert len(shown) == 2
    numbers = ", ".join(sorted(label.removeprefix(f"{en('button.vote')} ") for label in shown))
    # The checks run side by side: it may be the first two that are shown, which needs no word.
    assert (en("card.which_pictures", numbers=numbers, asked=4) in card.text) is (numbers != "1, 2")
    stage.api.behaviour.moderations = Plan()
    listed = await (await carol.command(channel, "jobs")).message()
    use = await carol.press(listed, label=en("button.redeliver"))
    again = await use.until(lambda each: each is not listed and not each.loading, PATIENCE)
    assert len(files(again, "image")) == 2


async def test_images_from_elsewhere_are_checked_where_they_are_shown_again(stage: Stage) -> None:
    channel = await shop(stage)
    other = stage.world.text_channel(stage.world.guilds[channel.guild_id or 0], "other")
    assert "is now" in await told(stage.person("alice"), other, "set", setting="moderation", value="results")
    carol = someone(stage, at=channel)
    card = await painted(carol, channel, "A fox", count=2)
    assert len(files(card, "image")) == 2
    stage.api.behaviour.moderations = Plan(shape="every_other")
    for where, count in ((other, 1), (channel, 2)):
        listed = await (await carol.command(where, "jobs")).message()
        use = await carol.press(listed, label=en("button.redeliver"))
        again = await use.until(lambda each, listed=listed: each is not listed and not each.loading, PATIENCE)
        assert len(files(again, "image")) == count


async def test_in_direct_messages_nobody_turns_it_off(stage: Stage) -> None:
    bob = stage.person("bob")
    said = await told(bob, bob.dm(), "set", setting="moderation", value="off")
    assert said == en("config.only_in_servers")
    use = await bob.command(bob.dm(), "ask", prompt=BAD)
    await use.until(says(piece("policy.moderated")), PATIENCE)


async def test_all_images_hidden(stage: Stage) -> None:
    stage.api.behaviour.moderations = Plan(shape="pictures")
    channel = await shop(stage, moderation="results")
    carol = someone(stage, at=channel)
    use, card = await paint(carol, channel, "A fox", count=2)
    await use.until(says(piece("card.withheld", count=2)), PATIENCE)
    assert files(card, "image") == []
    assert en("card.withheld", count=2) in card.text
    assert piece("card.fewer_pictures") not in card.text, "all came"


async def test_of_words_that_discord_blocks_it_is_said_that_they_are_hidden(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a server's AutoMod (200000): in a message of its own, and where the answer grew."""

    def blocks(check: Callable[..., Any]) -> Callable[..., Any]:
        def checked(*args: Any, **options: Any) -> Any:
            if any(b"walk" in orjson.dumps(each) for each in args if isinstance(each, dict)):
                raise DiscordError(400, 200000, "Message was blocked by automatic moderation")
            return check(*args, **options)

        return checked

    for name in ("new_message", "edited_message"):
        monkeypatch.setattr(validation, name, blocks(getattr(validation, name)))
    dora, channel = await a_talk(stage)
    model_says(monkeypatch, "A long walk in the park.")
    question = await mention(stage, dora, channel, "What now?")
    await eventually(lambda: any(says(en("ask.withheld"))(each) for each in answers_to(question)))
    use = await dora.command(channel, "ask", prompt="What now?")
    answer = await use.until(says(en("ask.withheld")), PATIENCE)
    assert "walk" not in answer.text


async def test_a_flagged_answer_is_hidden(stage: Stage) -> None:
    channel = await shop(stage, moderation="results")
    carol = someone(stage, at=channel)
    # The stand-in's answers name what was asked.
    use = await carol.command(channel, "ask", prompt=f"[words:60] tell me about {FLAGGED[0][:8]}")
    await end_of(use)
    stage.api.next("chat", reply=f"The {FLAGGED[0]} of Chicago")
    use = await carol.command(channel, "ask", prompt="What is it?")
    answer = await use.until(says(en("ask.withheld")), PATIENCE)
    assert FLAGGED[0] not in answer.text


async def test_no_answer_is_seen_before_it_was_checked(stage: Stage) -> None:
    channel = await shop(stage, moderation="results", mentions="on")
    carol, dora = someone(stage, at=channel), someone(stage, "dora", at=channel)
    replies = (f"A long walk to the {FLAGGED[0]} of Chicago and back", "A long walk to the sea and back again today")
    for reply in replies:
        stage.api.next("chat", reply=reply, words_per_second=6.0)
        use = await carol.command(channel, "ask", prompt="What is it?")
        answer = await use.until(says(en("ask.checked_first")), PATIENCE)
        await end_of(use)
        assert all("long walk" not in one.text for one in answer.versions[:-1])
        flagged = FLAGGED[0] in reply
        assert (en("ask.withheld") in answer.text) is flagged
        assert ("long walk" in answer.text) is not flagged
        stage.api.next("chat", reply=reply, words_per_second=6.0)
        reply_ = await reply_of(stage, await mention(stage, dora, channel, "What is it?"))
        assert (en("ask.withheld") in reply_.versions[0].text) is flagged
        assert ("long walk" in reply_.versions[0].text) is not flagged


async def test_an_answer_that_can_t_be_checked_is_behind_a_spoiler(stage: Stage) -> None:
    channel = await shop(stage, moderation="results")
    stage.api.behaviour.moderations = Plan(fault="500")
    answer = await end_of(await someone(stage, at=channel).command(channel, "ask", prompt="A meadow"))
    (veil,) = [part for part in walk(answer.components) if part["type"] == 17]
    assert veil["spoiler"] is True
    assert "meadow" in str(veil)


async def test_a_flagged_image_that_goes_along_with_an_order_is_not_sent(stage: Stage) -> None:
    channel = await studio(stage, prices="imagine=5,video=5", server_pool="100/day")
    carol = someone(stage, at=channel)
    card = await painted(carol, channel, "A fox")
    stage.api.behaviour.moderations = Plan(shape="pictures")
    for use in (await animate(carol, card), await act(carol, card, "Vary")):
        await use.until(lambda each: each is not card and FLAG in each.text, 4 * PATIENCE)  # a decoder starts first
    assert stage.api.requests.counts["video.submit"] == stage.api.requests.counts["edits"] == 0
    left = await (await carol.command(channel, "usage")).message()
    assert en("usage.pool_server", left=95, limit=100, when="").partition("{")[0][:12] in left.text


@pytest.mark.parametrize("fault", ["500", "drop"])
async def test_a_broken_moderation_stops_nobody(stage: Stage, fault: str) -> None:
    stage.api.behaviour.moderations = Plan(fault=fault)
    answer = await end_of(await ask(stage, "A meadow", by="bob"))
    assert "meadow" in answer.text
    channel = server(stage)
    use, _ = await paint(someone(stage, at=channel), channel, "A meadow")
    await use.until(has_pictures(1), PATIENCE)


async def test_a_moderator_is_told_where_the_service_has_none(new_stage: NewStage) -> None:
    stage = await new_stage()
    alice, general = stage.person("alice"), stage.channel("general")
    before = await told(alice, general, "set", setting="moderation", value="results")
    assert en("config.no_moderation") in before
    after = await told(alice, general, "show")
    held = f"{en('config.results')} · {en('config.from_channel')} ({en('config.service_has_none')})"
    assert f"**{named('moderation')}** · {held}" in after
    await told(alice, general, "reset", setting="moderation")
    assert stage.api.requests.counts["moderations"] <= 1, "it is asked once"


async def test_spoilers(stage: Stage) -> None:
    channel = await shop(stage, spoilers="on")
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "Two foxes", count=2)
    assert spoilers(card) == [True, True]
    assert [file.filename for file in files(card, "image")] == ["SPOILER_1.png", "SPOILER_2.png"]
    # A vote draws the card anew.
    await dave.press(card, label=f"{en('button.vote')} 2")
    await stage.world.wait_until(lambda _: any(label.endswith("· 1") for label in labels(card)), PATIENCE)
    assert spoilers(card) == [True, True]
    assert spoilers(await gallery(dave, channel)) == [True, True]
    # Elsewhere, where nothing is behind one, what was made here still is.
    other = stage.world.text_channel(stage.world.guilds[channel.guild_id or 0], "other")
    listed = await (await carol.command(other, "jobs")).message()
    use = await carol.press(listed, label=en("button.redeliver"))
    again = await use.until(lambda each: each is not listed and not each.loading, PATIENCE)
    assert spoilers(again) == [True, True]


async def test_what_is_delivered_again_where_spoilers_are_on_is_behind_one(stage: Stage) -> None:
    channel = await shop(stage)
    guild = stage.world.guilds[channel.guild_id or 0]
    other = stage.world.text_channel(guild, "other")
    assert "is now" in await told(stage.person("alice"), other, "set", setting="spoilers", value="on")
    carol = someone(stage, at=channel)
    card = await painted(carol, channel, "A fox")
    assert spoilers(card) == [False]
    listed = await (await carol.command(other, "jobs")).message()
    use = await carol.press(listed, label=en("button.redeliver"))
    again = await use.until(lambda each: each is not listed and not each.loading, PATIENCE)
    assert spoilers(again) == [True]
    assert "A fox" in said(again)


async def test_what_was_stopped_before_it_was_checked_is_told_no_model(stage: Stage) -> None:
    stage.api.behaviour.moderations = Plan(delay=1.5)
    bob = someone(stage, "bob")
    use = await bob.command(bob.dm(), "ask", prompt=BAD)
    await bob.press(await use.message(), label=en("button.stop"))
    await end_of(use)
    stage.api.behaviour.moderations = Plan()
    await answer_of(stage, await bob.say(bob.dm(), "Go on"))
    sent = str(stage.api.requests.of("chat")[-1].json["messages"])
    assert "Go on" in sent
    assert FLAGGED[0] not in sent


async def test_an_answer_that_goes_on_is_checked_with_what_it_goes_on_from(stage: Stage) -> None:
    channel = await shop(stage, moderation="results")
    carol, half = someone(stage, at=channel), len(FLAGGED[0]) // 2
    stage.api.next("chat", reply=f"It is a {FLAGGED[0][:half]}", fault="length", break_after=4)
    cut = await end_of(await carol.command(channel, "ask", prompt="What is it?"))
    assert labels(cut)[0] == en("button.go_on")
    stage.api.next("chat", reply=f"a {FLAGGED[0]}")
    use = await carol.press(cut, label=en("button.go_on"))
    await use.until(says(en("ask.withheld")), PATIENCE)
    assert FLAGGED[0][:half] not in cut.text


async def test_ideas_of_a_jam_are_checked_before_a_model_reads_them(stage: Stage) -> None:
    jam = await start(stage, channel=server(stage))
    await jam.idea(jam.starter, BAD)
    await jam.press(jam.starter, "Make")
    await jam.until(piece("jam.merge_flagged"))
    assert asked(stage, "chat", BAD) == 0


async def test_a_flagged_image_of_a_question_is_not_sent(stage: Stage) -> None:
    stage.api.behaviour.moderations = Plan(shape="pictures")
    use = await ask(stage, "What is this?", by="bob", file=Upload("fox.png", picture("PNG")), model="qwen3-vl-plus")
    answer = await use.until(says(piece("policy.moderated")), PATIENCE)
    assert labels(answer) == [en("button.edit_retry")]
    assert asked(stage, "chat", "What is this?") == 0
    # Where the service judges words alone, images go through.
    stage.api.behaviour.moderations = Plan(shape="words_only")
    await end_of(await ask(stage, "And this?", by="bob", file=Upload("fox.png", picture("PNG")), model="qwen3-vl-plus"))
    assert asked(stage, "chat", "And this?") == 1
