"""A finished result reaches the person: whatever Discord refuses, loses, forbids, or has deleted meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.cards import (
    LINK,
    RUNNING,
    asked,
    colour,
    eventually,
    files,
    film,
    has_clip,
    has_pictures,
    kept,
    labels,
    paint,
    posted_in,
    private_answer,
    running,
    said,
    says,
    server,
    someone,
    sql,
    task_of,
)
from tests.e2e.test_events import log_of
from tests.words import en, zh

if TYPE_CHECKING:
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT_ENVIRONMENT = {"ALLOW_USER_INSTALL": "true"}

VIDEO_SECONDS = 600  # until a test says otherwise

TOO_LARGE = 11 * 1024 * 1024
BY_TOKEN = "PATCH /webhooks/*"


# Sizes


async def test_a_boosted_server_takes_the_original(stage: Stage) -> None:
    prompt = f"Boosted [bytes:{TOO_LARGE}]"
    _, use, card = await running(stage, prompt, channel=server(stage, boost_tier=2))
    task_of(stage, prompt).finish()
    await use.until(has_clip)
    assert [each.size for each in card.attachments] == [TOO_LARGE]
    assert said(card).splitlines()[1] == LINK


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en-US", en("card.made_smaller", size="11 MB", limit="10 MB")),
        ("zh-CN", zh("card.made_smaller", size="11 MB", limit="10 MB")),
    ],
)
async def test_a_clip_over_this_server_s_limit_is_made_to_fit(stage: Stage, locale: str, sentence: str) -> None:
    channel = server(stage)
    prompt = f"Large {locale} [bytes:{TOO_LARGE}] [run:0.1]"
    use, _ = await film(someone(stage, at=channel, locale=locale), channel, prompt)
    done = await use.until(has_clip, 20)
    assert sentence in said(done).splitlines()
    assert "](…)**" in said(done)
    assert files(done, "video")[0].size < 10 * 1024 * 1024
    assert asked(stage, "files", prompt) == 1


async def test_a_limit_that_is_lower_than_it_was_known_to_be(stage: Stage) -> None:
    """The boosts ended and the bot has not heard of it: 413 leads to the smaller clip, not to nothing."""
    channel = server(stage, boost_tier=2)
    prompt = f"Unboosted [bytes:{TOO_LARGE}]"
    _, use, card = await running(stage, prompt, channel=channel)
    stage.world.guilds[channel.guild_id or 0].boost_tier = 0
    task_of(stage, prompt).finish()
    await use.until(has_clip, 20)
    assert en("card.made_smaller", size="11 MB", limit="10 MB") in said(card)
    assert asked(stage, "files", prompt) == 1


@pytest.mark.parametrize(("refusals", "pictures"), [(2, 1), (3, 0)])
async def test_a_place_that_takes_no_clip_gets_a_still_or_the_link(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, refusals: int, pictures: int
) -> None:
    prompt = f"Refused {refusals} times"
    _, use, card = await running(stage, prompt)
    token = use.interaction.token
    # More edits than the token's five in five seconds: nobody waits for them here.
    monkeypatch.setitem(stage.discord.limits.groups, "webhook.patch", None)
    # The first edit is the one that says "Uploading".
    stage.discord.faults.status(f"PATCH /webhooks/*/{token}/*", 413, times=refusals + 1)
    task_of(stage, prompt).finish()
    await use.until(lambda message: colour(message) is None, 20)
    assert len(files(card, "video")) == 0
    assert len(files(card, "image")) == pictures
    assert LINK in said(card)
    assert stage.api.submits[prompt] == 1


# What Discord loses


@pytest.mark.parametrize("fault", ["500", "502", "500 applied", "429", "drop", "drop applied"])
async def test_an_upload_that_goes_wrong_is_repeated_in_the_same_message(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setitem(stage.discord.limits.groups, "webhook.patch", None)
    prompt = f"Upload meets {fault}"
    _, use, card = await running(stage, prompt)
    kind, _, applied = fault.partition(" ")
    route = f"PATCH /webhooks/*/{use.interaction.token}/*"
    if kind == "429":
        stage.discord.faults.rate_limit(route, times=2, retry_after=0.2)
    elif kind == "drop":
        stage.discord.faults.drop(route, times=2, applied=bool(applied))
    else:
        stage.discord.faults.status(route, int(kind), times=1, applied=bool(applied))
    task_of(stage, prompt).finish()
    polls = stage.api.requests.counts["video.poll"]
    await use.until(has_clip)
    await eventually(lambda: not list((stage.data_dir / "results").iterdir()), within=10)
    assert posted_in(card.channel) == [card]
    assert len(card.attachments) == 1
    assert asked(stage, "files", prompt) == stage.api.submits[prompt] == 1
    assert stage.api.requests.counts["video.poll"] <= polls + 1


@pytest.mark.parametrize("fault", ["500", "drop"])
async def test_a_placeholder_whose_answer_was_lost_stands_once(stage: Stage, fault: str) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    route = "POST /interactions/*"
    if fault == "drop":
        stage.discord.faults.drop(route, applied=True)
    else:
        stage.discord.faults.status(route, 500, applied=True)
    use, _ = await film(carol, channel, f"Placeholder {fault} [run:0.1]")
    done = await use.until(has_clip)
    assert posted_in(channel) == [done]
    assert stage.api.submits[f"Placeholder {fault} [run:0.1]"] == 1


async def test_a_placeholder_that_could_not_be_posted_costs_nothing(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    stage.discord.faults.drop("POST /interactions/*", times=2)
    use = await carol.command(channel, "video", prompt="Never posted", shape="320x180")
    assert await private_answer(use) == en("error.discord")
    follower, _ = await film(carol, channel, "Posted [run:0.1]")
    await follower.until(has_clip)
    assert stage.api.submits["Never posted"] == 0


# Tokens that end


async def test_after_the_token_s_end_the_bot_edits_with_its_own(stage: Stage) -> None:
    _, use, card = await running(stage, "Token over")
    stage.world.expire_tokens(use.interaction)
    before = stage.discord.limits.served["message.patch"]
    task_of(stage, "Token over").finish()
    await use.until(has_clip)
    assert posted_in(card.channel) == [card]
    assert stage.discord.limits.served["message.patch"] > before


@pytest.mark.parametrize(("status", "code"), [(401, 50027), (404, 10015), (404, 10062), (404, 0)])
async def test_a_token_that_ends_early_is_no_loss(stage: Stage, status: int, code: int) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    # From the first edit on: the card still says that it runs, and gets its clip. Between the two stands nothing.
    fault = stage.discord.faults.status(BY_TOKEN, status, code=code, times=50)
    use, card = await film(carol, channel, "Token early [run:0.3]")
    await use.until(has_clip)
    stage.discord.faults.active.remove(fault)
    assert [said(version).splitlines()[-1] for version in use.versions[:-1]] == ["Sending your request.", RUNNING]
    assert posted_in(channel) == [card]


@pytest.mark.parametrize("code", [30046, 20028])
async def test_what_discord_takes_later_is_tried_again(stage: Stage, code: int) -> None:
    """It is no refusal of the clip: nothing smaller takes its place."""
    before = len(log_of(stage))
    _, use, card = await running(stage, f"Later {code}")
    stage.discord.faults.status(f"PATCH /webhooks/*/{use.interaction.token}/*", 400, code=code)
    task_of(stage, f"Later {code}").finish()
    await use.until(has_clip)
    assert posted_in(card.channel) == [card]
    assert "Discord takes no" not in log_of(stage)[before:]


# Messages and channels that are gone


async def test_a_deleted_card_is_delivered_as_a_new_message(stage: Stage) -> None:
    carol, _, card = await running(stage, "Deleted card")
    mary = someone(stage, "mary", at=card.channel, permissions=Permission.MANAGE_MESSAGES)
    await mary.delete(card)
    task_of(stage, "Deleted card").finish()
    change = await stage.world.wait_until(lambda change: change.channel is card.channel and change.kind == "created")
    assert change.message is not None
    assert has_clip(change.message)
    assert said(change.message).startswith("### Deleted card\n")
    assert f"<@{carol.id}>" in said(change.message)
    assert not change.message.pinged
    assert posted_in(card.channel) == [change.message]


async def test_a_new_message_is_posted_once_though_its_answer_was_lost(stage: Stage) -> None:
    _, _, card = await running(stage, "Deleted and lost")
    mary = someone(stage, "mary", at=card.channel, permissions=Permission.MANAGE_MESSAGES)
    await mary.delete(card)
    stage.discord.faults.status(f"POST /channels/{card.channel.id}/messages", 500, applied=True)
    task_of(stage, "Deleted and lost").finish()
    await eventually(lambda: not list((stage.data_dir / "results").iterdir()) and bool(posted_in(card.channel)))
    assert len(posted_in(card.channel)) == 1


@pytest.mark.parametrize("loss", ["channel deleted", "bot locked out", "bot thrown out"])
async def test_where_nothing_can_be_shown_any_more_it_comes_by_direct_message(stage: Stage, loss: str) -> None:
    carol, use, card = await running(stage, loss)
    carol.joins(stage.guild)  # who shares no server with the bot can't be written to
    stage.world.expire_tokens(use.interaction)
    guild = stage.world.guilds[card.channel.guild_id or 0]
    if loss == "channel deleted":
        stage.world.delete_channel(card.channel)
    elif loss == "bot locked out":
        stage.world.overwrite(card.channel, stage.world.application.bot, deny=Permission.VIEW_CHANNEL)
    else:
        stage.world.remove_bot(guild)
    dm = carol.dm()
    task_of(stage, loss).finish()
    change = await stage.world.wait_until(lambda change: change.channel is dm and change.kind == "created", 10)
    assert change.message is not None
    assert has_clip(change.message)
    assert posted_in(dm) == [change.message]


async def test_closed_direct_messages_lose_nothing_but_the_place(stage: Stage) -> None:
    """Then the row is kept, and the bot goes on with the others."""
    carol, use, card = await running(stage, "Nowhere")
    carol.user.dms_closed = True
    stage.world.expire_tokens(use.interaction)
    stage.world.delete_channel(card.channel)
    posted = stage.discord.limits.served["message.post"]
    task_of(stage, "Nowhere").finish()
    await eventually(lambda: stage.discord.limits.served["message.post"] > posted)
    assert not posted_in(carol.dm())
    # Those of a test before may still be on their way out.
    await eventually(lambda: len({file.parent for file in kept(stage) if file.suffix == ".mp4"}) == 1)
    _, use, _ = await running(stage, "Afterwards")
    task_of(stage, "Afterwards").finish()
    await use.until(has_clip)


@pytest.mark.parametrize("code", [50007, 50278])
async def test_a_direct_message_that_its_code_refuses_is_not_tried_smaller(stage: Stage, code: int) -> None:
    """Whatever the status beside it."""
    prompt = f"No message {code}"
    carol, use, card = await running(stage, prompt)
    fault = stage.discord.faults.status(f"POST /channels/{carol.dm().id}/messages", 400, code=code, times=9)
    stage.world.expire_tokens(use.interaction)
    stage.world.delete_channel(card.channel)
    task_of(stage, prompt).finish()
    await eventually(lambda: sql(stage, "SELECT state FROM generations WHERE prompt = ?", prompt) == [("dropped",)])
    assert fault.hits == 1


# Where only the token can edit


async def test_a_user_s_own_app_says_how_a_late_result_comes_and_sends_it(stage: Stage) -> None:
    owner = stage.world.user("somebody")
    guild = stage.world.guild("Without the bot", owner=owner, app_installed=False)
    channel = stage.world.text_channel(guild, "general")
    erin = stage.world.person("erin", guild=guild, app_installed=True)
    use, _ = await film(erin, channel, "Own app")
    await use.until(says(RUNNING))
    by_message = f"-# {en('card.may_come_as_dm')}"
    assert all(said(version).splitlines()[-1] == by_message for version in use.versions)
    stage.world.expire_tokens(use.interaction)
    task_of(stage, "Own app").finish()
    dm = erin.dm()
    change = await stage.world.wait_until(lambda change: change.channel is dm and change.kind == "created", 10)
    assert change.message is not None
    assert has_clip(change.message)


async def test_a_user_s_own_app_edits_while_the_token_lives(stage: Stage) -> None:
    owner = stage.world.user("somebody")
    guild = stage.world.guild("Without the bot", owner=owner, app_installed=False)
    channel = stage.world.text_channel(guild, "general")
    erin = stage.world.person("erin", guild=guild, app_installed=True)
    pictures, _ = await paint(erin, channel, "Own pictures")
    done = await pictures.until(has_pictures(1))
    assert labels(done) == ["Like", "Reroll", "Edit prompt"]
    assert not posted_in(erin.dm())


# The gateway


async def test_the_gateway_s_losses_are_not_the_videos(stage: Stage) -> None:
    """The connection drops, Discord asks for a new one (op 7), Discord ends the session (op 9)."""
    gateway = stage.discord.gateway
    for number, lose in enumerate((gateway.drop, gateway.reconnect, gateway.invalidate)):
        prompt = f"Gateway {number}"
        carol, use, card = await running(stage, prompt)
        lose()
        task_of(stage, prompt).finish()
        await use.until(has_clip)
        assert posted_in(card.channel) == [card]
        # And it hears of commands again.
        await eventually(lambda: any(session.socket for session in gateway.sessions.values()), within=15)
        again, _ = await film(carol, card.channel, f"After {prompt}")
        await again.until(says(RUNNING))


async def test_many_at_once_meet_no_rate_limit(stage: Stage) -> None:
    """Eight cards in one channel: each is edited by its own token, so the channel's limit, 5 in 5 s, is not met."""
    channel = server(stage)
    limits = stage.discord.limits
    refused, by_itself = limits.served_429, limits.served["message.patch"]
    uses = [(await film(someone(stage, at=channel), channel, f"Many {n} [run:0.5]"))[0] for n in range(8)]
    for use in uses:
        await use.until(has_clip)
    assert (limits.served_429, limits.served["message.patch"]) == (refused, by_itself)
