"""What was decided for a place holds: delivered again, pressed from elsewhere, or by a forged custom_id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.cards import asked, custom_id, has_pictures, labels, posted_in, private_answer, someone
from tests.e2e.configuring import told
from tests.e2e.exhibiting import guild_of, hidden, painted
from tests.e2e.picturing import EDIT_MODEL, PATIENCE, studio
from tests.e2e.test_gallery import gallery, titles
from tests.words import en

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

GONE = en("error.gone")
STAYS = en("policy.stays_age_restricted")
STAYS_ZH = "这是在年龄限制频道中生成的，只能在年龄限制频道或与机器人的私信中使用。"


async def again(who: Person, where: Channel, *, label: str = "Deliver again") -> str | Message:
    """/jobs there and its newest button: what is said privately, or the card."""
    listed = await (await who.command(where, "jobs")).message()
    use = await who.press(listed, label=label)
    shown = await use.until(lambda each: each is not listed and (has_pictures(1)(each) or not each.loading), PATIENCE)
    return shown if has_pictures(1)(shown) else shown.text


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("commands", "ask", en("policy.only_works", count=1, commands="/ask")),
        ("age_restricted_only", "on", en("policy.age_restricted_only")),
        ("blocked_words", "fox", "blocked here: “fox”"),
        ("paused", "", "paused"),
    ],
)
async def test_deliver_again_obeys_where_it_is_pressed(stage: Stage, setting: str, value: str, said: str) -> None:
    channel = await studio(stage)
    other = stage.world.text_channel(guild_of(stage, channel), "other")
    alice, carol = stage.person("alice"), someone(stage, at=channel)
    await painted(carol, channel, "A fox")
    if setting == "paused":
        await told(alice, other, "pause")
    else:
        await told(alice, other, "set", setting=setting, value=value)
    answer = await again(carol, other)
    assert isinstance(answer, str)
    assert said in answer
    assert posted_in(other) == []
    # Where it was made, nothing speaks against it.
    assert not isinstance(await again(carol, channel), str)


async def test_deliver_again_needs_the_role_of_the_place_and_is_private_where_answers_are(stage: Stage) -> None:
    channel = await studio(stage)
    guild = guild_of(stage, channel)
    other, quiet = (stage.world.text_channel(guild, name) for name in ("artists", "quiet"))
    role = stage.world.role(guild, "Artists")
    alice, carol = stage.person("alice"), someone(stage, at=channel)
    await painted(carol, channel, "A fox")
    await told(alice, other, "set", setting="roles", value=f"<@&{role.id}>")
    await told(alice, quiet, "set", setting="answers", value="private")
    refused = await again(carol, other)
    assert isinstance(refused, str)
    assert f"<@&{role.id}>" in refused
    stage.world.give_role(guild, carol.user, role)
    assert not isinstance(await again(carol, other), str)
    shown = await again(carol, quiet)
    assert not isinstance(shown, str)
    assert shown.visible_to == carol.id


@pytest.mark.parametrize(
    ("locale", "deliver", "stays"), [("en-US", "Deliver again", STAYS), ("zh-CN", "重新发送", STAYS_ZH)]
)
async def test_what_was_made_in_an_age_restricted_channel_stays_in_such(
    stage: Stage, locale: str, deliver: str, stays: str
) -> None:
    general = await studio(stage)
    guild = guild_of(stage, general)
    late, later = (stage.world.text_channel(guild, name, nsfw=True) for name in ("late", "later"))
    carol = someone(stage, at=general, locale=locale)
    card = await painted(carol, late, "For adults")
    assert await again(carol, general, label=deliver) == stays
    assert not isinstance(await again(carol, later, label=deliver), str)
    assert not isinstance(await again(carol, carol.dm(), label=deliver), str)
    # Whatever has become of its channel since; pressed by a forged id, too, and what is made of it.
    stage.world.edit_channel(late, nsfw=False)
    assert await again(carol, general, label=deliver) == stays
    elsewhere = await painted(carol, general, "For all")
    for action in ("remix", "reroll", "vary:1", "animate:1", "prompt"):
        forged = f"{':'.join(custom_id(card, labels(card)[0]).split(':')[:2])}:{action}"
        assert await private_answer(await carol.forge(elsewhere, forged, planted=True)) == stays
    assert titles(await gallery(carol, general)) == ["For all"]
    stage.world.delete_channel(late)
    assert posted_in(general) == [elsewhere]


async def test_what_is_made_of_it_in_direct_messages_is_of_its_kind(stage: Stage) -> None:
    general = await studio(stage)
    late = stage.world.text_channel(guild_of(stage, general), "late", nsfw=True)
    carol = someone(stage, at=general)
    await painted(carol, late, "For adults")
    there = await again(carol, carol.dm())
    assert not isinstance(there, str)
    use = await carol.press(there, label="Reroll")
    await use.until(has_pictures(1), PATIENCE)
    assert await again(carol, general) == STAYS


async def test_its_picture_is_of_its_kind_however_it_is_had(stage: Stage) -> None:
    """By the menu of a copy in direct messages, and by a form that names another channel's message."""
    general = await studio(stage)
    late = stage.world.text_channel(guild_of(stage, general), "late", nsfw=True)
    carol = someone(stage, at=general)
    card = await painted(carol, late, "For adults")
    direct = carol.dm()
    await told(carol, direct, "set", setting="edit_model", value=EDIT_MODEL)
    there = await again(carol, direct)
    assert not isinstance(there, str)
    opened = await carol.message_command(there, en("command.change_image"))
    await opened.form()
    await (await carol.submit(opened, {"prompt": "Bluer"})).until(has_pictures(1), PATIENCE)
    assert await again(carol, general) == STAYS

    await told(stage.person("alice"), late, "set", setting="edit_model", value=EDIT_MODEL)
    await (await carol.message_command(card, en("command.change_image"))).form()  # what is picked is kept
    elsewhere = await painted(carol, general, "For all")
    opened = await carol.message_command(elsewhere, en("command.change_image"))
    form = await opened.form()
    form["custom_id"] = f"remix:{late.id}:{card.id}"
    use = await carol.submit(opened, {"prompt": "Greener"})
    assert await private_answer(use) == en("error.picture_forgotten")
    assert asked(stage, "edits", "Greener") == 0

    # Nor is it asked about elsewhere.
    await (await carol.message_command(card, en("command.ask_about"))).form()
    opened = await carol.message_command(elsewhere, en("command.ask_about"))
    form = await opened.form()
    form["custom_id"] = f"ask:about:{late.id}:{card.id}"
    assert await private_answer(await carol.submit(opened, {"words": "What is it?"})) == en("about.forgotten")


@pytest.mark.parametrize("action", ["prompt", "reroll", "remix", "vary:1", "upscale:1", "animate:1", "vote:1"])
async def test_a_forged_press_reaches_no_card_that_the_person_can_t_see(stage: Stage, action: str) -> None:
    general = await studio(stage)
    carol, dave = someone(stage, at=general), someone(stage, "dave", at=general)
    secret = hidden(stage, general, "secret", carol)
    card = await painted(carol, secret, "Nobody else's business " * 15)
    open_ = await painted(carol, general, "For all")
    name = ":".join(custom_id(card, "Reroll").split(":")[:2])
    assert await private_answer(await dave.forge(open_, f"{name}:{action}", planted=True)) == GONE
    assert not any("business" in request.prompt for request in stage.api.requests.of("edits"))


async def test_a_card_that_stands_here_is_pressed_by_all_who_see_it(stage: Stage) -> None:
    """Its person delivered it again here; where it was made the others can't go."""
    general = await studio(stage)
    carol, dave = someone(stage, at=general), someone(stage, "dave", at=general)
    secret = hidden(stage, general, "secret", carol)
    await painted(carol, secret, "Shown after all")
    shown = await again(carol, general)
    assert not isinstance(shown, str)
    use = await dave.press(shown, label="Reroll")
    await use.until(has_pictures(1), PATIENCE)
    opened = await dave.press(shown, label="Edit prompt")
    await opened.form()
    made = await dave.submit(opened, {"prompt": "Changed"})
    await made.until(has_pictures(1), PATIENCE)


async def test_who_moderates_here_does_not_act_on_what_they_can_t_see(stage: Stage) -> None:
    general = await studio(stage)
    guild = guild_of(stage, general)
    carol, dave = someone(stage, at=general), someone(stage, "dave", at=general)
    secret = hidden(stage, general, "secret", carol)
    stage.world.overwrite(general, dave.user, allow=Permission.MANAGE_MESSAGES)
    card = await painted(carol, secret, "Nobody else's business")
    open_ = await painted(carol, general, "For all")
    row = custom_id(card, "Reroll").split(":")[1]
    assert await private_answer(await dave.forge(open_, f"job:{row}:redeliver:channel:0", planted=True)) == (
        en("jobs.not_yours")
    )
    public = stage.world.text_channel(guild, "public")
    thread = stage.world.thread(public, "closed", owner=carol.user, private=True)
    inside = await painted(carol, thread, "Among friends")
    row = custom_id(inside, "Reroll").split(":")[1]
    assert await private_answer(await dave.forge(open_, f"image:{row}:prompt", planted=True)) == GONE
