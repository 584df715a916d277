"""Under a picture: Remix, Vary, Upscale and Animate, what they ask of the service, and what their cards say."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.choosing import Upload
from sandbox.discord.models import walk
from sandbox.discord.permissions import Permission
from tests.e2e.cards import (
    FAILED,
    at_rest,
    colour,
    eventually,
    forged,
    has_clip,
    has_pictures,
    labels,
    link,
    paint,
    posted_in,
    private_answer,
    remove,
    said,
    says,
    server,
    someone,
    swift,
)
from tests.e2e.configuring import told
from tests.e2e.crediting import asked, figures
from tests.e2e.picturing import EDIT_MODEL, PATIENCE, act, animate, made_of, options, painted, refused, remix, studio
from tests.words import en, zh

if TYPE_CHECKING:
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

GONE = en("error.gone")


async def test_a_row_of_buttons_for_each_thing_to_do(stage: Stage) -> None:
    channel = await studio(stage)
    card = await painted(someone(stage, at=channel), channel, "Two foxes", count=2)
    assert labels(card) == ["Vote 1", "Vote 2", "Reroll", "Edit prompt"]
    each = ("Upscale", "Vary", "Change", "Animate", "Jam")
    assert options(card) == [f"Image {number}: {what}" for number in (1, 2) for what in each]
    rows = [part for part in card.components[0]["components"] if part["type"] == 1]
    assert [len(row["components"]) for row in rows] == [2, 1, 2]
    alone = await painted(someone(stage, at=channel), channel, "One fox")
    assert (labels(alone), options(alone)) == (["Like", "Reroll", "Edit prompt"], list(each))
    shown = [item for part in walk(tuple(card.components)) if part["type"] == 12 for item in part["items"]]
    assert [item["description"] for item in shown] == ["Two foxes"] * 2


async def test_what_has_no_model_has_no_button(stage: Stage) -> None:
    channel = await studio(stage, edit_model="none")
    card = await painted(someone(stage, at=channel), channel, "Only to animate")
    assert options(card) == ["Animate", "Jam"]
    await told(stage.person("alice"), channel, "set", setting="animate_model", value="none")
    assert await refused(someone(stage, "dave", at=channel), card, "Animate") == (
        f"{en('error.no_animate_model')} {en('error.moderator_chooses')}"
    )


async def test_remix_is_a_form_with_the_whole_prompt_and_makes_a_child(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    prompt = ("a fox, " * 600)[:4000].strip()
    card = await painted(carol, channel, prompt, count=2)
    opened = await dave.press(card, label="Edit prompt")
    form = await opened.form()
    assert form["components"][0]["component"]["value"] == prompt
    sent = await dave.submit(opened, {"prompt": "A wolf"})
    child = await sent.until(has_pictures(2), PATIENCE)

    assert child is not card
    parent = "a fox, " * 8 + "a…"
    assert said(child) == (
        f"### A wolf\n-# {en('card.from_prompt', what=f'[{parent}]({link(card)})', who=f'<@{carol.id}>')}\n"
        f"-# wan2.7-image · 128×96 · … s · <@{dave.id}>"
    )
    body = stage.api.requests.of("images")[-1].json
    assert (body["prompt"], body["n"], body["size"], body["model"]) == ("A wolf", 2, "128x96", "wan2.7-image")


async def test_vary_sends_that_picture_along(stage: Stage) -> None:
    channel = await studio(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "A fox to vary", count=3)
    child = await (await act(dave, card, "Vary 2")).until(has_pictures(3), PATIENCE)

    request = stage.api.requests.of("edits")[-1]
    assert (request.form["model"], request.form["n"], request.form["size"]) == (EDIT_MODEL, "3", "128x96")
    # As a form its size would be lost on the way.
    assert request.headers["content-type"] == "application/json"
    assert "A fox to vary" in request.form["prompt"]
    assert [image.content for image in request.images] == [card.attachments[1].data]
    assert said(child).splitlines()[1] == (
        "-# " + en("card.from_vary_n", number="2", what=f"[A fox to vary]({link(card)})", who=f"<@{carol.id}>")
    )
    # Again is another one, and a variation can be varied.
    await (await act(someone(stage, "erin", at=channel), card, "Vary 2")).until(has_pictures(3), PATIENCE)
    await (await act(carol, child, "Vary 3")).until(has_pictures(3), PATIENCE)
    assert stage.api.requests.of("edits")[-1].images[0].content == child.attachments[2].data


async def test_a_reroll_of_a_variation_sends_the_same_picture(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    card = await painted(carol, channel, "A fox to vary twice")
    child = await (await act(carol, card, "Vary")).until(has_pictures(1), PATIENCE)
    again = await (await carol.press(child, label="Reroll")).until(has_pictures(1), PATIENCE)
    assert stage.api.requests.of("edits")[-1].images[0].content == card.attachments[0].data
    assert said(again).splitlines()[1].startswith("-# Reroll of [A fox to vary twice](")


async def test_a_gateway_that_takes_edits_as_a_form_only(stage: Stage) -> None:
    channel = await studio(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "A fox to vary [fault:no_json]", count=1)
    before = len(stage.api.requests.of("edits"))
    for who in (carol, dave):
        await (await act(who, card, "Vary")).until(has_pictures(1), PATIENCE)
    sent = [request.headers["content-type"].partition(";")[0] for request in stage.api.requests.of("edits")[before:]]
    # What it takes is remembered.
    assert sent == ["application/json", "multipart/form-data", "multipart/form-data"]


async def test_upscaled_once_and_then_shown_where_it_is(stage: Stage) -> None:
    channel = await studio(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "A fox to upscale", count=2)
    child = await at_rest(stage, await (await act(dave, card, "Upscale 2")).until(has_pictures(1), PATIENCE))
    assert stage.api.requests.of("edits")[-1].form["size"] == "256x192"
    assert said(child).splitlines()[1] == (
        "-# " + en("card.from_upscale_n", number="2", what=f"[A fox to upscale]({link(card)})", who=f"<@{carol.id}>")
    )
    assert (labels(child), options(child)) == (["Like", "Edit prompt"], ["Vary", "Change", "Animate", "Jam"])
    before = len(made_of(stage))
    assert await refused(carol, card, "Upscale 2") == en("error.already_made", link=link(child))
    assert len(made_of(stage)) == before
    # The other picture was not.
    await (await act(carol, card, "Upscale 1")).until(has_pictures(1), PATIENCE)
    generation = str(child.buttons()[0]["custom_id"]).split(":")[1]
    assert await private_answer(await forged(carol, child, f"image:{generation}:reroll")) == GONE


async def test_two_presses_at_once_make_one(stage: Stage) -> None:
    channel = await studio(stage)
    people = [someone(stage, f"member-{number}", at=channel) for number in range(6)]
    card = await painted(people[0], channel, "Upscaled by six [delay:1]")
    presses = await asyncio.gather(*(act(each, card, "Upscale") for each in people))
    made = [
        press
        for press in presses
        if (await press.until(lambda _: True)).visible_to is None and press.response is not card
    ]
    told_ = [await private_answer(press) for press in presses if press not in made]
    assert len(made) == 1
    child = await made[0].until(has_pictures(1), PATIENCE)
    assert told_ == [en("error.being_made", link=link(child))] * 5
    assert sum("Upscaled by six" in prompt for prompt in made_of(stage)) == 1


async def test_whose_message_was_deleted_is_made_again(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    moderator = someone(stage, "mod", at=channel, permissions=Permission.MANAGE_MESSAGES)
    card = await painted(carol, channel, "Deleted by hand")
    child = await at_rest(stage, await (await act(carol, card, "Upscale")).until(has_pictures(1), PATIENCE))
    await moderator.delete(child)
    again = await at_rest(stage, await (await act(carol, card, "Upscale")).until(has_pictures(1), PATIENCE))
    assert again is not child
    assert await refused(carol, card, "Upscale") == en("error.already_made", link=link(again))


async def test_animate_is_a_video_like_any_other(stage: Stage) -> None:
    channel = await studio(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "A fox that moves", count=2)
    swift(stage, run=600)
    press = await animate(dave, card, 2, frame=["seconds:8"])
    film = await press.until(lambda message: labels(message) == ["Cancel"])
    assert said(film).splitlines()[:3] == [
        "### A fox that moves",
        "-# " + en("card.from_animate_n", number="2", what=f"[A fox that moves]({link(card)})", who=f"<@{carol.id}>"),
        f"-# wan2.7-i2v · 720P · 8 s long · <@{dave.id}>",
    ]
    request = stage.api.requests.of("video.submit")[-1]
    body: Any = request.json
    assert (body["model"], body["duration"]) == ("wan2.7-i2v", 8)
    assert body["metadata"]["input"]["media"][0]["type"] == "first_frame"
    assert await refused(carol, film, "Cancel") == en("error.not_your_cancel")
    await dave.press(film, label="Cancel")
    await press.until(says(f"Cancelled by <@{dave.id}>."))
    # Another movement of the same image is another video.
    swift(stage)
    again = await at_rest(stage, await (await animate(carol, card, 2, "It jumps")).until(has_clip, PATIENCE))
    assert again is not film
    assert stage.api.requests.of("video.submit")[-1].json["prompt"] == "It jumps"


async def test_an_edit_that_fails_has_a_retry_with_the_same_picture(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    card = await painted(carol, channel, "A fox that fails first")
    stage.api.next("edits", fault="html")
    press = await act(carol, card, "Upscale")
    failed = await press.until(lambda message: colour(message) == FAILED, PATIENCE)
    assert labels(failed) == ["Retry"]
    done = await (await carol.press(failed, label="Retry")).until(has_pictures(1), PATIENCE)
    assert done is failed
    assert stage.api.requests.of("edits")[-1].images[0].content == card.attachments[0].data
    assert "-# Upscaled from [A fox that fails first](" in said(done)


async def test_who_may_press_is_a_setting(stage: Stage) -> None:
    channel = await studio(stage)
    alice = stage.person("alice")
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    moderator = someone(stage, "mod", at=channel, permissions=Permission.MANAGE_MESSAGES)
    card = await painted(carol, channel, "Only for carol")
    menu = en("command.change_image")
    opened = await dave.press(card, label="Edit prompt"), await dave.message_command(card, menu)
    for each in opened:
        await each.form()
    await told(alice, channel, "set", setting="buttons", value="asker")
    only = en("policy.asker_only")
    # Before a form opens, too.
    for label in ("Reroll", "Edit prompt", "Vary", "Upscale", "Change", "Animate"):
        assert await refused(dave, card, label) == only
    assert await private_answer(await dave.message_command(card, menu)) == only
    # The words of a form that was open before are never lost.
    for each in opened:
        sent = await dave.submit(each, {"prompt": "Dave's own words"})
        await sent.until(says(only))
        await sent.until(says(f"-# {en('form.your_words')}\nDave's own words"))
    # Its words, and a picture that is on nobody's card, are everybody's.
    await (await dave.message_command(card, en("command.ask_about"))).form()
    posted = await dave.say(channel, "", Upload("x.png", card.attachments[0].data))
    for person, message in ((dave, posted), (carol, card), (moderator, card)):
        await (await person.message_command(message, menu)).form()
    await (await moderator.press(card, label="Reroll")).until(has_pictures(1), PATIENCE)
    await (await remix(carol, card, "Carol's own words")).until(has_pictures(1), PATIENCE)
    # A vote is no order.
    await dave.press(card, label="Like")
    await stage.world.wait_until(lambda _: "Like · 1" in labels(card), PATIENCE)

    guild = stage.world.guild_of(channel)
    assert guild is not None
    role = stage.world.role(guild, "Artists")
    await told(alice, channel, "set", setting="buttons", value="anyone")
    await told(alice, channel, "set", setting="button_roles", value=f"<@&{role.id}>")
    assert await refused(dave, card, "Upscale") == en("policy.button_role_needed", roles=f"<@&{role.id}>")
    stage.world.give_role(guild, dave.user, role)
    await (await act(dave, card, "Upscale")).until(has_pictures(1), PATIENCE)


async def test_each_press_costs_who_presses(stage: Stage) -> None:
    channel = await studio(stage, prices=f"imagine=10, imagine:{EDIT_MODEL}=7, video=50", daily_credits="100")
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "Paid for", count=2)
    assert (await figures(carol, channel))["share"] == 80
    await (await act(dave, card, "Vary 1")).until(has_pictures(2), PATIENCE)
    assert (await figures(dave, channel))["share"] == 86
    await (await remix(dave, card, "Remixed for money")).until(has_pictures(2), PATIENCE)
    assert (await figures(dave, channel))["share"] == 66
    await (await animate(dave, card, 1)).until(has_clip, PATIENCE)
    assert (await figures(dave, channel))["share"] == 16
    assert (await figures(carol, channel))["share"] == 80
    short = await refused(dave, card, "Reroll")
    assert short.startswith("This costs 20 credits; you have 16 credits left today.")


async def test_a_price_is_confirmed_first_also_after_a_form(stage: Stage) -> None:
    channel = await studio(stage, prices="imagine=10, video=50", daily_credits="200")
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "Dear")
    await told(stage.person("alice"), channel, "set", setting="confirm_above", value="5")
    before = posted_in(channel)
    question = await asked(await remix(dave, card, "Dear, but other words"))
    assert said(question) == "**This costs 10 credits.** You have 200 credits left here."
    assert posted_in(channel) == before
    child = await (await dave.press(question)).until(has_pictures(1), PATIENCE)
    assert said(child).startswith("### Dear, but other words\n-# New prompt for [Dear](")
    question = await asked(await animate(dave, card))
    await (await dave.press(question)).until(has_clip, PATIENCE)
    assert (await figures(dave, channel))["share"] == 140


async def test_a_removed_parent_is_named_no_more(stage: Stage) -> None:
    """Neither by words nor by a link, on the cards of all that was made of it, whoever's they are; votes stand."""
    channel = await studio(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "To be removed")
    child = await (await act(dave, card, "Upscale")).until(has_pictures(1), PATIENCE)
    film = await (await animate(dave, card)).until(has_clip, PATIENCE)
    broken = await (await remix(dave, card, "Broken [fault:inspection_400]")).until(
        lambda message: labels(message) == ["Edit and retry"], PATIENCE
    )
    await carol.press(child, label="Like")
    await stage.world.wait_until(lambda _: "Like · 1" in labels(child), PATIENCE)
    for each in (child, film, broken):
        assert "To be removed" in said(each).splitlines()[1]
    buttons = labels(child)
    assert await remove(carol, card) == "Removed."
    for each in (child, film, broken):
        await eventually(partial(says("was removed"), each), within=PATIENCE)
        assert said(each).splitlines()[1] == f"-# {en('card.from_removed')}"
        assert str(card.id) not in said(each)
    assert labels(child) == buttons
    assert has_pictures(1)(child)
    assert has_clip(film)
    # A child is removed like any other; then it may be made of what stands.
    await (await dave.message_command(child, "Remove")).until(says("Removed."))
    assert child.deleted


async def test_private_cards_have_no_vote_and_private_children(stage: Stage) -> None:
    channel = await studio(stage, answers="private")
    carol = someone(stage, at=channel)
    use, card = await paint(carol, channel, "Between us")
    await use.until(has_pictures(1))
    assert card.visible_to == carol.id
    assert (labels(card), options(card)) == (["Reroll", "Edit prompt"], ["Upscale", "Vary", "Change", "Animate"])
    for label in ("Reroll", "Vary", "Upscale"):
        child = await (await act(carol, card, label)).until(has_pictures(1), PATIENCE)
        assert child.visible_to == carol.id
        assert "](" not in said(child).splitlines()[1], "an ephemeral message has no address"
    child = await (await remix(carol, card, "Still between us")).until(has_pictures(1), PATIENCE)
    assert child.visible_to == carol.id
    generation = str(card.buttons()[0]["custom_id"]).split(":")[1]
    await (await forged(carol, card, f"image:{generation}:vote:1")).until(says(GONE))


async def test_in_direct_messages(stage: Stage) -> None:
    carol = someone(stage)
    card = await painted(carol, carol.dm(), "In a direct message")
    assert labels(card) == ["Reroll", "Edit prompt"]
    await told(carol, carol.dm(), "set", setting="edit_model", value=EDIT_MODEL)
    child = await (await remix(carol, card, "Once more, in a direct message")).until(has_pictures(1), PATIENCE)
    assert (labels(child), options(child)) == (["Reroll", "Edit prompt"], ["Upscale", "Vary", "Change"])
    said_so = en("card.from_prompt", what=f"[In a direct message]({link(card)})", who=f"<@{carol.id}>")
    assert said(child).splitlines()[1] == f"-# {said_so}"
    grown = await at_rest(stage, await (await act(carol, child, "Upscale")).until(has_pictures(1), PATIENCE))
    assert await refused(carol, child, "Upscale") == en("error.already_made", link=link(grown))


async def test_forged_numbers_and_rows(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    card = await painted(carol, channel, "One picture")
    generation = str(card.buttons()[0]["custom_id"]).split(":")[1]
    before = len(stage.api.requests.of("edits"))
    for name in (
        f"image:{generation}:vote:2",
        f"image:{generation}:vote:0",
        f"image:{generation}:vary:2",
        f"image:{generation}:upscale:999",
        f"image:{generation}:animate:0",
        "image:999999:vote:1",
        f"image:{'9' * 80}:upscale:1",
        "image:999999:remix",
    ):
        assert await private_answer(await forged(carol, card, name)) == GONE, name
    assert len(stage.api.requests.of("edits")) == before


async def test_in_chinese(stage: Stage) -> None:
    channel = await studio(stage)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    card = await painted(ming, channel, "一只狐狸", count=2)
    assert labels(card) == ["投票 1", "投票 2", zh("button.reroll"), zh("button.edit_prompt")]
    each = ("放大", "变体", "修改", "动起来", "共创")
    assert options(card) == [f"图片 {number}：{what}" for number in (1, 2) for what in each]
    child = await at_rest(stage, await (await act(ming, card, "放大 2")).until(has_pictures(1), PATIENCE))
    assert said(child).splitlines()[1] == "-# " + zh(
        "card.from_upscale_n", who=f"<@{ming.id}>", what=f"[一只狐狸]({link(card)})", number="2"
    )
    assert await refused(ming, card, "放大 2") == zh("error.already_made", link=link(child))
    form = await (await ming.press(card, label=zh("button.edit_prompt"))).form()
    assert (form["title"], form["components"][0]["label"]) == (zh("button.edit_prompt"), "提示词")


async def test_a_retry_while_its_card_waits_to_be_redrawn_is_not_undone(new_stage: NewStage) -> None:
    """The failed card stands in line behind another in its channel; when its turn comes it is another order's."""
    stage = await new_stage()
    channel = await studio(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "To be removed")
    stage.api.next("images", fault="html")
    broken = await (await remix(dave, card, "Broken")).until(lambda message: labels(message) == ["Retry"], PATIENCE)
    child = await at_rest(stage, await (await act(dave, card, "Upscale")).until(has_pictures(1), PATIENCE))
    held = stage.discord.faults.hold(f"PATCH /channels/{channel.id}/messages/{child.id}")
    assert await remove(carol, card) == "Removed."
    await eventually(lambda: held.hits == 1, within=PATIENCE)  # the newest is the first to be redrawn
    await (await dave.press(broken, label="Retry")).until(has_pictures(1), PATIENCE)
    await at_rest(stage, broken)
    held.release()
    await eventually(partial(says("was removed"), child), within=PATIENCE)
    await carol.press(broken, label="Like")
    await eventually(lambda: "Like · 1" in labels(broken), within=PATIENCE)
    assert has_pictures(1)(broken)
