"""Many people in one jam at the same moment: nothing is counted twice or lost, and Discord is not asked too often."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cards import colour, eventually, files, labels, private_answer, server, someone
from tests.e2e.configuring import told
from tests.e2e.crediting import asked, shop
from tests.e2e.jamming import TAKEN, WITHIN, start, vote
from tests.e2e.talking import reaction_to
from tests.words import en, piece

if TYPE_CHECKING:
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

CROWD = 20


async def test_a_crowd_in_the_same_second(stage: Stage) -> None:
    """All join, give an idea, and vote within milliseconds: each counts, no 429, and the cards are edited few times."""
    channel = server(stage)
    jam = await start(stage, channel=channel)
    guild = stage.world.guild_of(channel)
    assert guild is not None
    crowd = stage.world.crowd(guild, CROWD)
    limits = stage.discord.limits
    refused = limits.served_429

    forms = await asyncio.gather(*(each.press(jam.card, label="Add an idea") for each in crowd))
    await asyncio.gather(*(use.form() for use in forms))
    versions = len(jam.card.versions)
    sent = [
        each.submit(opened, {"idea": f"thing{n:02}"}) for n, (each, opened) in enumerate(zip(crowd, forms, strict=True))
    ]
    ideas = await asyncio.gather(*sent)
    await asyncio.gather(*(use.acknowledged() for use in ideas))
    await eventually(lambda: all(f"thing{number:02}" in jam.card.text for number in range(CROWD)), within=WITHIN)
    await jam.until(f"{CROWD + 1} people")
    assert len(jam.card.versions) - versions <= 4
    # What stands in the channel follows, and not for each idea.
    told = (en("jam.count_people", count=CROWD + 1), en("jam.count_ideas", count=CROWD))
    await eventually(lambda: all(each in jam.word.text for each in told), within=WITHIN)
    assert len(jam.word.versions) <= 5
    # Five in five seconds (Discord): nobody waits for that.
    await eventually(lambda: len(jam.thread.joined) >= 4, within=WITHIN)

    pictures = await jam.make()
    prompt = stage.api.requests.of("images")[-1].prompt or ""
    assert all(f"thing{number:02}" in prompt for number in range(CROWD))
    versions = len(pictures.versions), len(jam.card.versions)
    votes = await asyncio.gather(*(vote(each, pictures, 1 + number % 4) for number, each in enumerate(crowd)))
    await asyncio.gather(*(use.acknowledged() for use in votes))
    each = CROWD // 4
    await jam.until(f"{CROWD} votes so far")
    voted = [label for label in labels(pictures) if label.startswith("Vote")]
    assert voted == [f"Vote {n}" for n in (1, 2, 3, 4)], "how they stand is told at the end"
    assert len(pictures.versions) - versions[0] <= 4
    assert len(jam.card.versions) - versions[1] <= 4

    first = jam.card
    await jam.press(jam.starter, en("button.jam_end_vote"))
    await eventually(
        lambda: any(en("jam.drawn", tied=4, count=each, number=n) in first.text for n in range(1, 5)), within=WITHIN
    )
    await eventually(lambda: len(jam.reveals) == 1, within=WITHIN)
    assert piece("jam.lot") in jam.reveals[0].text
    assert not any(use.failed for use in (*forms, *ideas, *votes))
    assert limits.served_429 == refused


async def test_five_people_and_one_idea_each_take_seven_actions(stage: Stage) -> None:
    """As the first card says: a command to begin, a reply of each, and a press. Then there are images, and who gave an
    idea is in it.
    """
    channel = server(stage)
    people = [someone(stage, name, at=channel) for name in ("alice", "bob", "carol", "dave", "erin")]
    jam = await start(stage, channel=channel, who=people[0])
    assert en("jam.reply", count=2) in jam.card.text
    replies = [await who.reply_to(jam.card, f"thing {number}") for number, who in enumerate(people)]
    assert [await reaction_to(stage, each) for each in replies] == [TAKEN] * 5
    await jam.until("thing 4")
    pictures = await jam.make()
    actions = ["/jam start", *replies, "Make"]
    assert len(actions) == 7
    assert len(files(pictures, "image")) == 4
    assert all(f"thing {number}" in (stage.api.requests.of("images")[-1].prompt or "") for number in range(5))
    await eventually(lambda: any(en("jam.call", number=1) in each.text for each in jam.posted_in(jam.thread)))
    call = next(each for each in jam.posted_in(jam.thread) if en("jam.call", number=1) in each.text)
    assert all(f"<@{who.id}>" in call.text for who in people)


async def test_only_who_wants_it_is_called_to_vote(stage: Stage) -> None:
    """By their own choice, and by the place's."""
    channel = server(stage)
    jam = await start(stage, channel=channel)
    bob = someone(stage, "bob", at=channel)
    settings = await (await bob.command(channel, "settings")).message()
    await (await bob.select(settings, en("own.never"), custom_id="own:notify")).acknowledged()
    await jam.idea(bob, "a dragon")
    await jam.until("dragon")
    await jam.make()
    await eventually(lambda: any(en("jam.call", number=1) in each.text for each in jam.posted_in(jam.thread)))
    call = next(each for each in jam.posted_in(jam.thread) if en("jam.call", number=1) in each.text)
    assert f"<@{jam.starter.id}>" in call.text
    assert f"<@{bob.id}>" not in call.text
    await told(stage.person("alice"), channel, "set", setting="notify", value="never", scope="channel")
    await jam.press(jam.starter, en("button.jam_end_vote"))
    await jam.until(piece("jam.builds_on"), rounds=2)
    await jam.idea(bob, "more")
    await jam.until("more", rounds=2)
    await jam.make()
    await jam.press(jam.starter, en("button.jam_end_vote"))
    await eventually(lambda: len(jam.reveals) == 2, within=WITHIN)
    assert not any(en("jam.call", number=2) in each.text for each in jam.posted_in(jam.thread))


async def test_the_host_leaves_the_server(stage: Stage) -> None:
    """Whoever presses Make then sees the price first, pays, and leads the jam from then on."""
    channel = await shop(stage, prices="ask=2, imagine=5")
    jam = await start(stage, channel=channel)
    bob, carol = (someone(stage, name, at=channel) for name in ("bob", "carol"))
    await jam.idea(bob, "a dragon")
    await jam.until("dragon")
    only = en("jam.starter_only_until", who=f"<@{jam.starter.id}>", when="<t:…:R>")
    assert await private_answer(await jam.press(bob, "Make ")) == only
    guild = stage.world.guild_of(channel)
    assert guild is not None
    del guild.members[jam.starter.id]
    assert await private_answer(await jam.press(carol, "Make ")) == en("jam.not_in_yet")
    question = await asked(await jam.press(bob, "Make "))
    assert "22 credits" in question.text
    assert jam.pictures == []
    await jam.until(en("jam.left_pays", who=f"<@{jam.starter.id}>"))
    assert labels(jam.card)[0] == en("button.jam_take_over")
    await bob.press(question, label=labels(question)[0])
    await jam.until(piece("jam.voting_there"))
    assert f"20 credits · <@{bob.id}>" in jam.pictures[0].text
    assert en("jam.led_by", who=f"<@{bob.id}>") in jam.card.text


async def test_what_people_write_is_shown_as_written(stage: Stage) -> None:
    marked = ("<@1> @everyone", "**bold** # head", "[a](https://b.c) discord.gg/abc", "`a` ||b|| <t:1:R>")
    said = " ".join(marked)
    jam = await start(stage, theme=f"T {said}", style=f"S {said}")
    await jam.idea(jam.starter, f"I {said}")
    await jam.until("I ")
    for message in (jam.card, jam.word):
        for each in marked:
            assert each not in message.text
            assert each in message.text.replace("\\", "")
    await jam.make()
    assert not any(each in jam.card.text for each in marked)
    await jam.press(jam.starter, en("button.jam_end_vote"))
    await eventually(lambda: len(jam.reveals) == 1, within=WITHIN)
    assert not any(each in jam.reveals[0].text for each in marked)


async def test_who_pays_is_shown_and_pays(stage: Stage) -> None:
    """The price stands on the card before anything is spent, and above the limit it is confirmed by who pays."""
    channel = await shop(stage, prices="ask=2, imagine=5", confirm_above="4")
    jam = await start(stage, channel=channel)
    bob = someone(stage, "bob", at=channel)
    await jam.idea(bob, "a dragon")
    await jam.until("dragon")
    made = en("jam.costs", pictures=en("card.pictures", count=4), credits="20 credits")
    merged = en("jam.merge_costs", credits="2 credits")
    assert f"-# {en('jam.pays', who=f'<@{jam.starter.id}>')} · {made} · {merged}" in jam.card.text
    await jam.review()
    assert labels(jam.card)[0] == f"{en('button.jam_go', count=4)} · 20 credits"
    question = await asked(await jam.press(jam.starter, "Make "))
    assert "20 credits" in question.text
    assert jam.pictures == []
    await jam.starter.press(question, label=labels(question)[0])
    await eventually(lambda: bool(jam.pictures), within=WITHIN)
    assert len(files(jam.pictures[0], "image")) == 4
    await jam.until(piece("jam.voting_there"))
    assert "20 credits" in jam.pictures[0].text


async def test_a_card_that_was_removed_comes_again(stage: Stage) -> None:
    """By Remove at once; one that was deleted by hand when somebody asks for the jam."""
    jam = await start(stage)
    carol = someone(stage, "carol", at=jam.channel, permissions=1 << 13)
    await jam.idea(jam.starter, "a dragon")
    await jam.until("dragon")
    first = jam.card
    await carol.message_command(first, "Remove")
    await eventually(lambda: first.deleted and len(jam.cards) == 1 and jam.card is not first, within=WITHIN)
    assert "a dragon" in jam.card.text
    second = jam.card
    await carol.delete(second)
    await private_answer(await carol.command(jam.channel, "jam start", theme="Another"))
    await eventually(lambda: len(jam.cards) == 1 and jam.card is not second, within=WITHIN)
    assert await jam.make()


async def test_pictures_whose_placeholder_was_deleted_come_in_a_message_of_their_own(stage: Stage) -> None:
    """Discord would answer with the deleted one, had the new one its nonce."""
    jam = await start(stage)
    carol = someone(stage, "carol", at=jam.channel, permissions=1 << 13)
    await jam.idea(jam.starter, "a dragon")
    await jam.until("dragon")
    before = jam.posted_in(jam.thread)
    stage.api.next("images", delay=2)
    await jam.press(jam.starter, "Make ")
    await eventually(lambda: len(jam.posted_in(jam.thread)) > len(before), within=WITHIN)
    placeholder = jam.posted_in(jam.thread)[-1]
    await carol.delete(placeholder)
    await eventually(lambda: len(jam.pictures) == 1, within=WITHIN)
    assert jam.pictures[0] is not placeholder


async def test_pictures_that_were_removed_send_the_round_back(stage: Stage) -> None:
    jam = await start(stage)
    carol = someone(stage, "carol", at=jam.channel, permissions=1 << 13)
    await jam.idea(jam.starter, "a dragon")
    await jam.until("dragon")
    pictures = await jam.make()
    await carol.message_command(pictures, "Remove")
    await jam.until(en("jam.round_removed"))
    assert colour(jam.card) == 0xF0B232
    assert labels(jam.card)[0] == en("button.jam_go", count=4)
    assert pictures.deleted
