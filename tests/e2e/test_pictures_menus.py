"""In a message's menu: Remix this picture, and an image of its words. Forms open at a restart keep their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.choosing import Upload
from tests.e2e.cards import has_pictures, private_answer, said, says, server, someone
from tests.e2e.configuring import told
from tests.e2e.picturing import EDIT_MODEL, PATIENCE, painted, studio
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

REMIX, WORDS = en("command.change_image"), en("command.ask_about")
TYPED = f"-# {en('form.your_words')}\n"


async def picture_of(stage: Stage) -> bytes:
    """A picture, as somebody may have on their disk."""
    card = await painted(someone(stage), stage.channel("pictures"), "From somebody's disk")
    return card.attachments[0].data


async def use(who: Person, message: Message, menu: str, prompt: str | None = None) -> Invocation:
    """Open the form of a menu and send it, with another prompt than stands in it."""
    opened = await who.message_command(message, menu)
    await opened.form()
    if menu == WORDS:
        return await who.submit(opened, {"way": "image", "words": prompt or ""})
    return await who.submit(opened, {} if prompt is None else {"prompt": prompt})


async def test_a_posted_picture_is_changed(stage: Stage) -> None:
    channel = await studio(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    data = await picture_of(stage)
    posted = await carol.say(channel, "look", Upload("notes.txt", b"no picture"), Upload("x.png", data))
    opened = await dave.message_command(posted, REMIX)
    form = await opened.form()
    assert (form["title"], form["components"][0]["component"].get("value")) == (
        en("form.change_one", image="x.png"),
        None,
    )
    made = await (await dave.submit(opened, {"prompt": "Now in winter"})).until(has_pictures(1), PATIENCE)
    request = stage.api.requests.of("edits")[-1]
    assert (request.form["prompt"], request.form["model"], "size" in request.form) == (
        "Now in winter",
        EDIT_MODEL,
        False,
    )
    assert [image.content for image in request.images] == [data]
    where = f"https://discord.com/channels/{channel.guild_id}/{channel.id}/{posted.id}"
    assert said(made) == (
        f"### Now in winter\n-# {en('card.from_posted', link=where)}\n-# {EDIT_MODEL} · … s · <@{dave.id}>"
    )
    # It is a card as any other: its reroll sends the same picture.
    again = await (await carol.press(made, label="Reroll")).until(has_pictures(1), PATIENCE)
    assert [image.content for image in stage.api.requests.of("edits")[-1].images] == [data]
    assert "-# Reroll of [Now in winter](" in said(again)


async def test_a_card_s_picture_has_its_parent(stage: Stage) -> None:
    channel = await studio(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "The card", count=2)
    made = await (await use(dave, card, REMIX, "Bluer")).until(has_pictures(1), PATIENCE)
    assert "-# Changed from image 1 of [The card]" in said(made)
    assert f"by <@{carol.id}>" in said(made)
    assert stage.api.requests.of("edits")[-1].images[0].content == card.attachments[0].data


async def test_what_can_t_be_remixed(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    none = en("error.no_picture")
    words = await carol.say(channel, "only words", Upload("moving.gif", b"GIF89a"))
    assert await private_answer(await carol.message_command(words, REMIX)) == none
    elsewhere = server(stage)
    posted = await stage.person("alice").say(elsewhere, "", Upload("x.png", await picture_of(stage)))
    assert await private_answer(await stage.person("alice").message_command(posted, REMIX)) == (
        en("error.no_edit_model")
    ), "who manages the place chooses one with the button"


@pytest.mark.parametrize(
    ("name", "data"),
    [("notes.png", b"no picture at all"), ("moving.png", b"GIF89a" + bytes(80)), ("cut.png", b"")],
    ids=["words", "no frame", "cut off"],
)
async def test_what_only_claims_to_be_a_picture(stage: Stage, name: str, data: bytes) -> None:
    """It is told apart here, by decoding all of it: the service is not asked, and nothing is taken."""
    channel = await studio(stage, prices="imagine=5", daily_credits="100")
    dave = someone(stage, "dave", at=channel)
    before = len(stage.api.requests.of("edits"))
    posted = await dave.say(channel, "look", Upload(name, data or (await picture_of(stage))[:100]))
    failed = await (await use(dave, posted, REMIX, "In winter")).until(says(piece("card.failed")), PATIENCE)
    assert said(failed).partition(f"{en('card.failed')}\n")[2] == (en("card.input_unreadable"))
    assert len(stage.api.requests.of("edits")) == before
    assert "100 of 100" in (await private_answer(await dave.command(channel, "usage")))


async def test_pictures_that_are_too_large(stage: Stage) -> None:
    channel = await studio(stage)
    guild = stage.world.guild_of(channel)
    assert guild is not None
    guild.boost_tier = 2
    dave = someone(stage, "dave", at=channel)
    data = await picture_of(stage)
    too_large = en("card.input_too_large")
    # For the bot itself, then for the service, then for what stands before it.
    huge = await dave.say(channel, "", Upload("huge.png", data + bytes(33 * 1024 * 1024)))
    failed = await (await use(dave, huge, REMIX, "In winter")).until(says(piece("card.failed")), PATIENCE)
    assert too_large in said(failed)
    posted = await dave.say(channel, "", Upload("x.png", data))
    stage.api.next("edits", fault="413")
    failed = await (await use(dave, posted, REMIX, "In winter")).until(says(piece("card.failed")), PATIENCE)
    assert too_large in said(failed)


async def test_the_words_of_a_message_are_a_prompt(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    posted = await carol.say(channel, "A fox, said carol")
    done = await (await use(dave, posted, WORDS)).until(has_pictures(1), PATIENCE)
    assert said(done).startswith("### A fox, said carol\n-# wan2.7-image · ")
    # A card's prompt is whole, whatever of it is shown.
    long = "a long fox, " * 300
    card = await painted(carol, channel, long.strip())
    await (await use(dave, card, WORDS)).until(has_pictures(1), PATIENCE)
    assert stage.api.requests.of("images")[-1].json["prompt"] == long.strip()
    empty = await carol.say(channel, "", Upload("x.png", await picture_of(stage)))
    assert await private_answer(await use(dave, empty, WORDS)) == (en("form.no_words"))


async def test_refused_words_come_back(stage: Stage) -> None:
    channel = await studio(stage, blocked_words="badger")
    carol = someone(stage, at=channel)
    posted = await carol.say(channel, "look", Upload("x.png", await picture_of(stage)))
    for message, menu in ((posted, REMIX), (posted, WORDS), (await painted(carol, channel, "A card"), REMIX)):
        sent = await use(carol, message, menu, "A badger and **much** more")
        await sent.until(says("badger"))
        await sent.until(lambda each: each.text == f"{TYPED}A badger and \\*\\*much\\*\\* more")
        assert all(each.visible_to == carol.id for each in sent.messages)
    long = ("badger " * 570).strip()
    sent = await use(carol, posted, WORDS, long)
    await sent.until(lambda _: len(sent.messages) == 4)
    given = "".join(each.text for each in sent.messages[1:]).removeprefix(TYPED)
    assert given.replace(" ", "") == long.replace(" ", "")


async def test_the_menus_in_chinese(stage: Stage) -> None:
    channel = await studio(stage)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    posted = await ming.say(channel, "一只狐狸", Upload("x.png", await picture_of(stage)))
    assert sorted(ming.message_commands(posted)) == sorted(
        ["移除", "举报", zh("command.change_image"), zh("command.ask_about")]
    )
    form = await (await ming.message_command(posted, zh("command.change_image"))).form()
    assert (form["title"], form["components"][0]["label"]) == (zh("form.change_one", image="x.png"), "提示词")
    form = await (await ming.message_command(posted, zh("command.ask_about"))).form()
    assert form["title"] == zh("about.form")


async def test_forms_that_were_open_at_a_restart(new_stage: NewStage) -> None:
    stage = await new_stage()
    channel = await studio(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "From before")
    posted = await carol.say(channel, "words from before", Upload("x.png", card.attachments[0].data))
    opened = {
        "remix": await dave.press(card, label="Edit prompt"),
        "card": await dave.message_command(card, REMIX),
        "posted": await dave.message_command(posted, REMIX),
        "words": await dave.message_command(posted, WORDS),
    }
    for each in opened.values():
        await each.form()
    await stage.restart()
    for which in ("remix", "card"):
        sent = await dave.submit(opened[which], {"prompt": f"After it: {which}"})
        done = await sent.until(has_pictures(1), PATIENCE)
        assert said(done).startswith(f"### After it\\: {which}"), which
    assert stage.api.requests.of("edits")[-1].images[0].content == card.attachments[0].data
    # It can't be read any more: Discord hides what others wrote from a bot without that intent.
    sent = await dave.submit(opened["words"], {"way": "image", "words": "After it: words"})
    await sent.until(says(piece("about.forgotten")))
    await sent.until(says(f"{TYPED}After it\\: words"))
    await carol.delete(posted)
    # It can't be asked for any more. (Discord hides other people's files from a bot without that intent, too.)
    sent = await dave.submit(opened["posted"], {"prompt": "After it: posted"})
    await sent.until(says(piece("error.picture_forgotten")))
    await sent.until(says(f"{TYPED}After it\\: posted"))


async def test_as_one_s_own_app_where_the_bot_is_not(new_stage: NewStage) -> None:
    stage = await new_stage(environment={"ALLOW_USER_INSTALL": "true"})
    owner = stage.world.user("somebody")
    guild = stage.world.guild("Without the bot", owner=owner, app_installed=False)
    channel = stage.world.text_channel(guild, "general")
    erin = stage.world.person("erin", guild=guild, app_installed=True)
    frank = stage.world.person("frank", guild=guild)
    posted = await frank.say(channel, "A fox, said frank")
    card = await (await use(erin, posted, WORDS)).until(has_pictures(1), PATIENCE)
    opened = await frank.press(card, label="Edit prompt")
    await opened.form()
    child = await (await frank.submit(opened, {"prompt": "A wolf"})).until(has_pictures(1), PATIENCE)
    assert "-# New prompt for [A fox, said frank](" in said(child)


async def test_in_direct_messages(stage: Stage) -> None:
    carol = someone(stage)
    await told(carol, carol.dm(), "set", setting="edit_model", value=EDIT_MODEL)
    posted = await carol.say(carol.dm(), "A fox at home", Upload("x.png", await picture_of(stage)))
    made = await (await use(carol, posted, REMIX, "In winter")).until(has_pictures(1), PATIENCE)
    assert "-# " + en("card.from_posted", link=f"https://discord.com/channels/@me/{carol.dm().id}/{posted.id}") in said(
        made
    )
    await (await use(carol, posted, WORDS)).until(has_pictures(1), PATIENCE)
