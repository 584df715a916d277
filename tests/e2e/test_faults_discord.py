"""What Discord does wrong while videos run: answers that come late, twice or not at all, and a gateway that goes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.cards import (
    RUNNING,
    eventually,
    film,
    has_clip,
    has_pictures,
    labels,
    paint,
    posted_in,
    private_answer,
    running,
    said,
    says,
    server,
    someone,
    task_of,
)
from tests.words import en

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

VIDEO_SECONDS = 600  # until a test says otherwise

CALLBACK = "POST /interactions/*"
FAULTS = ("429", "banned", "500 applied", "502", "drop", "drop applied")


@pytest.fixture(autouse=True)
def _many_edits(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the token's own five edits in five seconds."""
    monkeypatch.setitem(stage.discord.limits.groups, "webhook.patch", None)


def order(stage: Stage, route: str, fault: str) -> None:
    """Let `fault` ("500 applied") befall the next request of a route."""
    kind, _, applied = fault.partition(" ")
    if kind == "429":
        stage.discord.faults.rate_limit(route, retry_after=0.2)
    elif kind == "banned":
        # Without Via: the library takes it for a ban of the address and raises at once.
        stage.discord.faults.rate_limit(route, retry_after=0.2, via=False)
    elif kind == "drop":
        stage.discord.faults.drop(route, applied=bool(applied))
    else:
        stage.discord.faults.status(route, int(kind), applied=bool(applied))


def token_route(use: Invocation) -> str:
    return f"PATCH /webhooks/*/{use.interaction.token}/*"


def task(stage: Stage, prompt: str) -> None:
    """The newest of a prompt's tasks ends."""
    next(each for each in reversed(stage.api.tasks.values()) if each.prompt == prompt).finish()


# Cards


@pytest.mark.parametrize("fault", ["429", "500", "502", "500 applied", "502 applied", "drop applied"])
async def test_a_placeholder_stands_once_and_its_video_is_sent_once(stage: Stage, fault: str) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    prompt = f"Placeholder meets {fault} [run:0.1]"
    order(stage, CALLBACK, fault)
    use, _ = await film(carol, channel, prompt)
    done = await use.until(has_clip)
    assert posted_in(channel) == [done]
    assert [message for message in carol.sees(channel) if message.ephemeral] == []
    assert stage.api.submits[prompt] == 1


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_edit_of_a_card_meets_it(stage: Stage, fault: str) -> None:
    """Running, uploading, delivered; pictures too: the card is right in the end, stands once, and is paid once."""
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    prompt = f"Edits meet {fault}"
    order(stage, "PATCH /webhooks/*", fault)
    use, card = await film(carol, channel, prompt)
    # With what was lost the Cancel button came: it is shown with the next poll, or the one after.
    await use.until(says(RUNNING))
    assert labels(card) == ["Cancel"]
    order(stage, "PATCH /webhooks/*", fault)
    picture_use, picture = await paint(dave, channel, prompt)
    await picture_use.until(has_pictures(1))
    order(stage, token_route(use), fault)
    task_of(stage, prompt).finish()
    await use.until(has_clip, 20)
    assert posted_in(channel) == [card, picture]
    assert len(card.attachments) == len(picture.attachments) == 1
    assert stage.api.submits[prompt] == 1
    assert sum(request.prompt == prompt for request in stage.api.requests.of("images")) == 1
    assert sum(request.prompt == prompt for request in stage.api.requests.of("files")) == 2


async def test_a_global_rate_limit_holds_everything_up_and_loses_nothing(stage: Stage) -> None:
    carol, use, card = await running(stage, "Globally")
    stage.world.expire_tokens(use.interaction)
    stage.discord.faults.rate_limit("PATCH /channels/*", retry_after=0.5, is_global=True)
    task_of(stage, "Globally").finish()
    await use.until(has_clip)
    assert posted_in(card.channel) == [card]
    assert (await private_answer(await carol.command(card.channel, "jobs"))).startswith(f"### {en('jobs.mine')}")


async def test_discord_down_for_longer_than_the_library_tries(stage: Stage) -> None:
    """The upload is tried again later, from the file that is here; nobody asks the service again."""
    _, use, card = await running(stage, "Down")
    stage.discord.faults.drop(token_route(use), times=3)
    polls = stage.api.requests.counts["video.poll"]
    task_of(stage, "Down").finish()
    await use.until(has_clip, 20)
    assert posted_in(card.channel) == [card]
    assert stage.api.submits["Down"] == 1
    assert stage.api.requests.counts["video.poll"] <= polls + 1
    assert sum(request.prompt == "Down" for request in stage.api.requests.of("files")) == 1


@pytest.mark.parametrize("fault", ["500 applied", "drop applied", "502", "429"])
async def test_presses_that_discord_answers_badly_act_once(stage: Stage, fault: str) -> None:
    """Retry in the same message, Cancel in the list, Reroll as a new one."""
    channel = server(stage)
    carol = someone(stage, at=channel)
    prompt = f"Retried under {fault} [fault:lost*1]"
    use, card = await film(carol, channel, prompt)
    await use.until(lambda message: labels(message) == ["Retry"])
    order(stage, CALLBACK, fault)
    await carol.press(card, label="Retry")
    await use.until(says(RUNNING))
    assert stage.api.submits[prompt] == 2
    listed = await (await carol.command(channel, "jobs")).message()
    order(stage, CALLBACK, fault)
    press = await carol.press(listed, label="Cancel")
    await use.until(says("Cancelled by"))
    await press.until(lambda message: "Cancel" not in labels(message))
    assert posted_in(channel) == [card]

    picture_use, picture = await paint(carol, channel, f"Rerolled under {fault}")
    await picture_use.until(has_pictures(1))
    order(stage, CALLBACK, fault)
    again = await (await carol.press(picture, label="Reroll")).until(
        lambda message: message is not picture and has_pictures(1)(message)
    )
    assert posted_in(channel) == [card, picture, again]
    assert sum(request.prompt == f"Rerolled under {fault}" for request in stage.api.requests.of("images")) == 2


@pytest.mark.parametrize("fault", ["500", "500 applied", "502 applied", "429"])
async def test_a_direct_message_is_posted_once(stage: Stage, fault: str) -> None:
    prompt = f"By letter under {fault}"
    carol, use, card = await running(stage, prompt)
    carol.joins(stage.guild)
    stage.world.expire_tokens(use.interaction)
    stage.world.delete_channel(card.channel)
    dm = carol.dm()
    order(stage, f"POST /channels/{dm.id}/messages", fault)
    before = {each.name for each in (stage.data_dir / "results").iterdir()}
    task_of(stage, prompt).finish()
    # Its files go when it is known to be delivered.
    await eventually(lambda: bool(posted_in(dm)), within=10)
    await eventually(lambda: {each.name for each in (stage.data_dir / "results").iterdir()} <= before, within=10)
    assert [has_clip(message) for message in posted_in(dm)] == [True]


@pytest.mark.parametrize("fault", ["500", "500 applied", "502", "429"])
async def test_delivered_again_it_is_one_message(stage: Stage, fault: str) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await paint(carol, channel, f"Again under {fault}")
    await use.until(has_pictures(1))
    listed = await (await carol.command(channel, "jobs")).message()
    order(stage, "PATCH /webhooks/*", fault)
    done = await (await carol.press(listed, label="Deliver again")).until(
        lambda message: message is not listed and has_pictures(1)(message)
    )
    assert posted_in(channel) == [card, done]


# Permissions that go while it runs


async def test_no_permission_to_write_any_more_and_the_token_over(stage: Stage) -> None:
    """An edit needs none: the bot may change its own message although it may no longer write here."""
    _, use, card = await running(stage, "Silenced")
    stage.world.expire_tokens(use.interaction)
    stage.world.overwrite(card.channel, stage.world.application.bot, deny=Permission.SEND_MESSAGES)
    task_of(stage, "Silenced").finish()
    await use.until(has_clip)
    assert posted_in(card.channel) == [card]


# The gateway


@pytest.mark.parametrize("loss", ["drop", "reconnect", "invalidate", "resumable"])
async def test_videos_run_on_while_the_gateway_is_away(stage: Stage, loss: str) -> None:
    """Three in different states: one ends at once, one is pressed upon, one is typed while nobody listens."""
    gateway = stage.discord.gateway
    identifies = gateway.identifies
    channel = server(stage)
    people = [someone(stage, name, at=channel) for name in ("carol", "dave", "erin")]
    lives = [await film(who, channel, f"{who.name} under {loss}") for who in people[:2]]
    for use, _ in lives:
        await use.until(says(RUNNING))
    match loss:
        case "drop":
            gateway.drop()
        case "reconnect":
            gateway.reconnect()
        case "invalidate":
            gateway.invalidate()
        case _:
            gateway.invalidate(resumable=True)
    task_of(stage, f"carol under {loss}").finish()
    await lives[0][0].until(has_clip)
    assert stage.discord.limits.served["webhook.patch"]

    await gateway.wait_ready(timeout=30)
    if loss in {"drop", "reconnect"}:
        assert gateway.identifies == identifies, "resumed, so nothing that happened meanwhile is missed"
    # The process is the same one, and so are its videos.
    await people[1].press(lives[1][1], label="Cancel")
    await lives[1][0].until(says("Cancelled by"))
    use, _ = await film(people[2], channel, f"erin under {loss}")
    await use.until(says(RUNNING))
    task(stage, f"erin under {loss}")
    await use.until(has_clip)
    assert len(posted_in(channel)) == 3
    assert [stage.api.submits[f"{who.name} under {loss}"] for who in people] == [1, 1, 1]


async def test_a_command_typed_in_the_very_moment_of_the_loss_is_served_after_the_resume(stage: Stage) -> None:
    """Discord keeps what a session missed; the three seconds for an answer go on."""
    channel = server(stage)
    carol = someone(stage, at=channel)
    stage.discord.gateway.drop()
    stage.world.rules.acknowledge_within = 20.0
    try:
        use = await carol.command(channel, "video", prompt="Into the gap", shape="320x180")
        await asyncio.wait_for(use.message(20.0), 20)
    finally:
        stage.world.rules.acknowledge_within = 3.0
    await use.until(says(RUNNING))
    task(stage, "Into the gap")
    done = await use.until(has_clip)
    assert posted_in(channel) == [done]
    assert said(done).startswith("### Into the gap\n")
