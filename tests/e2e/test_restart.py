"""The bot's process ends at any step, politely or not, and is started again: nothing is lost, doubled or silent."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.e2e.cards import (
    FAILED,
    RUNNING,
    WARNING,
    at_rest,
    change,
    colour,
    eventually,
    files,
    film,
    has_clip,
    has_pictures,
    labels,
    paint,
    private_answer,
    said,
    says,
    server,
    someone,
    sql,
    swift,
    task_of,
)
from tests.words import en

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.faults import Fault
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

VIDEO_SECONDS = 600  # until a test says otherwise

BY_TOKEN = "PATCH /webhooks/*"
UNKNOWN = en("video.unknown")
INTERRUPTED = en("image.interrupted")


@pytest_asyncio.fixture(loop_scope="module")
async def stage(database: dict[str, str], new_stage: NewStage) -> Stage:
    made = await new_stage(environment=database)
    # Two starts within five seconds, or five edits of a card, would wait for these.
    made.discord.limits.groups |= {"gateway": None, "webhook.patch": None}
    return made


both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@dataclass(slots=True)
class Life:
    """One order: who, what, and its card."""

    stage: Stage
    who: Person
    prompt: str
    use: Invocation
    card: Message

    @property
    def route(self) -> str:
        """The edits of this card by its token."""
        return f"PATCH /webhooks/*/{self.use.interaction.token}/*"

    @property
    def submits(self) -> int:
        return sum(request.prompt == self.prompt for request in self.stage.api.requests.of("video.submit"))

    @property
    def image_calls(self) -> int:
        return sum(request.prompt == self.prompt for request in self.stage.api.requests.of("images"))

    async def until(self, predicate: Callable[[Message], bool]) -> Message:
        """Its message, once it is so."""
        try:
            return await self.use.until(predicate)
        except TimeoutError:
            attached = [(each.filename, each.content_type, each.size) for each in self.card.attachments]
            pytest.fail(f"{self.prompt}: the card still says {said(self.card)!r}, {labels(self.card)}, {attached}")

    def posted_in(self) -> list[Message]:
        return [each for each in self.card.channel.messages.values() if not each.deleted and not each.ephemeral]


async def begin(stage: Stage, prompt: str, *, kind: Callable[..., Any] = film, **options: object) -> Life:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await kind(carol, channel, prompt, **options)
    return Life(stage, carol, prompt, use, card)


async def run(stage: Stage, prompt: str) -> Life:
    life = await begin(stage, prompt)
    await life.use.until(says(RUNNING))
    return life


async def held(life: Life, *, applied: bool = False, after: Callable[[], object] | None = None) -> Fault:
    """The next edit of the card is on its way when this returns, and is never answered."""
    fault = life.stage.discord.faults.hold(life.route, applied=applied)
    if after is not None:
        after()
    async with asyncio.timeout(10):
        await fault.reached.wait()
    return fault


async def held_upload(life: Life, *, applied: bool) -> None:
    """Its clip is on its way to Discord when this returns: the edit before it says "Uploading"."""
    faults = life.stage.discord.faults
    faults.slow(life.route, 0.0)
    fault = faults.hold(life.route, applied=applied)
    task_of(life.stage, life.prompt).finish()
    async with asyncio.timeout(10):
        await fault.reached.wait()


@both
async def test_sigterm_with_running_videos(stage: Stage) -> None:
    lives = [await run(stage, f"Polite {number}") for number in range(3)]
    began = time.monotonic()
    assert await stage.stop() == 0
    assert time.monotonic() - began < 10
    assert [life.card.text for life in lives] == [life.use.versions[1].text for life in lives]

    await stage.start()
    for life in lives:
        task_of(stage, life.prompt).finish()
    for life in lives:
        assert await life.until(has_clip) is life.card
        assert life.posted_in() == [life.card]
        assert stage.api.submits[life.prompt] == 1
        assert len(life.use.versions) == 4


async def test_sigterm_waits_for_what_is_being_sent(stage: Stage) -> None:
    """A picture in its one call and a submit are finished, not broken off; then the process ends."""
    picture = await begin(stage, "Slow picture [delay:1.5]", kind=paint)
    video = await begin(stage, "Slow submit [delay:1.5]")
    await stage.api.requests.until(lambda: video.submits == 1 and picture.image_calls == 1)
    began = time.monotonic()
    assert await stage.stop() == 0
    # As long as they take, and not until the time is up.
    assert 1 < time.monotonic() - began < 5
    assert has_pictures(1)(picture.card)
    assert labels(picture.card) == ["Like", "Reroll", "Edit prompt"]

    await stage.start()
    await video.until(says(RUNNING))
    task_of(stage, video.prompt).finish()
    await video.until(has_clip)
    assert stage.api.submits[video.prompt] == picture.image_calls == 1


async def test_sigterm_gives_up_in_time_on_what_does_not_end(stage: Stage) -> None:
    """A call without an answer does not hold the process beyond ten seconds; the card says what is known."""
    picture = await begin(stage, "Hanging picture [fault:hang*1]", kind=paint)
    video = await begin(stage, "Hanging submit [fault:lost_hang*1]")
    await stage.api.requests.until(lambda: video.submits == 1 and picture.image_calls == 1)
    began = time.monotonic()
    assert await stage.stop(within=12) == 0
    assert time.monotonic() - began < 10
    await stage.start()
    await picture.until(says(INTERRUPTED))
    await video.until(says(UNKNOWN))
    assert (labels(picture.card), labels(video.card)) == (["Retry"], ["Retry"])
    assert stage.api.submits[video.prompt] == video.submits == picture.image_calls == 1


@both
async def test_killed_at_every_step(stage: Stage) -> None:
    """One process, an order at each step of its life, SIGKILL, and a new process."""
    polling = await run(stage, "Polling")
    cancel_later = await run(stage, "Cancelled afterwards")
    # Two of a person run, so this one's third waits in line.
    first = await run(stage, "First of three")
    second, _ = await film(first.who, first.card.channel, "Second of three")
    await second.until(says(RUNNING))
    third, waiting = await film(first.who, first.card.channel, "Third of three")
    await third.until(says("Waiting: 1st in line."))

    fault = stage.discord.faults.hold(BY_TOKEN)
    accepted = await begin(stage, "Accepted, not yet shown")
    async with asyncio.timeout(10):
        await fault.reached.wait()
    assert said(accepted.card).endswith("Sending your request.")
    fetching = await run(stage, "Being fetched [file:hang*1]")
    uploading = await run(stage, "Being uploaded")
    uploaded = await run(stage, "Uploaded, unanswered")
    failing = await run(stage, "Failed, not yet shown")
    cancelled = await run(stage, "Cancelled, not yet shown")
    sent = await begin(stage, "Accepted, answer lost [fault:lost_hang*1]")
    sending = await begin(stage, "Never answered [fault:hang*1]")
    picture = await begin(stage, "Being made [fault:hang*1]", kind=paint)
    drawn = await begin(stage, "Drawn, being fetched [file:hang*1]", kind=paint)
    inline = await begin(stage, "Drawn inside the answer [shape:b64_json] [delay:0.3]", kind=paint)
    inline_held = stage.discord.faults.hold(inline.route)

    task_of(stage, fetching.prompt).finish()
    await stage.api.requests.until(
        lambda: (
            sum(r.prompt in {fetching.prompt, drawn.prompt} for r in stage.api.requests.of("files")) == 2
            and sent.submits == sending.submits == picture.image_calls == 1
        )
    )
    # The first edit says "Uploading"; the one with the file is held before it is applied, or after.
    for life, applied in ((uploading, False), (uploaded, True)):
        await held_upload(life, applied=applied)
    assert has_clip(uploaded.card)
    await held(failing, after=lambda: task_of(stage, failing.prompt).finish("failed"))
    fault = stage.discord.faults.hold(BY_TOKEN)  # by the token of the press
    await cancelled.who.press(cancelled.card, label="Cancel")
    async with asyncio.timeout(10):
        await fault.reached.wait()
        await inline_held.reached.wait()

    await stage.kill()
    asked = (stage.api.requests.counts["images"], stage.api.requests.counts["video.submit"])
    await stage.start()

    # Nothing was asked for again by itself.
    task_of(stage, polling.prompt).finish()
    for life in (polling, fetching, uploading, uploaded):
        assert await life.until(has_clip) is life.card, life.prompt
        assert life.posted_in() == [life.card], life.prompt
        assert len(life.card.attachments) == 1, life.prompt
    for life in (drawn, inline):
        assert await life.until(has_pictures(1)) is life.card, life.prompt
        assert labels(life.card) == ["Like", "Reroll", "Edit prompt"], life.prompt
    for life in (sent, sending):
        await life.until(says(UNKNOWN))
        assert (colour(life.card), labels(life.card)) == (WARNING, ["Retry"]), life.prompt
    await picture.until(says(INTERRUPTED))
    assert (colour(picture.card), labels(picture.card)) == (WARNING, ["Retry"])
    await failing.until(says(en("card.failed")))
    assert (colour(failing.card), labels(failing.card)) == (FAILED, ["Retry"])
    await cancelled.until(says(f"Cancelled by <@{cancelled.who.id}>."))
    assert (stage.api.requests.counts["images"], stage.api.requests.counts["video.submit"]) == asked

    await accepted.until(says(RUNNING))
    assert labels(accepted.card) == ["Cancel"]

    # And all goes on: the queue, and every button.
    task_of(stage, first.prompt).finish()
    await third.until(says(RUNNING))
    task_of(stage, "Third of three").finish()
    assert await third.until(has_clip) is waiting
    await cancel_later.who.press(cancel_later.card, label="Cancel")
    await cancel_later.until(says("Cancelled by"))
    for life in (sent, sending):
        await life.who.press(life.card, label="Retry")
        await life.until(says(RUNNING))
        task_of(stage, life.prompt).finish()
        next(task for task in reversed(stage.api.tasks.values()) if task.prompt == life.prompt).finish()
        assert await life.until(has_clip) is life.card
        assert life.submits == 2
    await picture.who.press(picture.card, label="Retry")
    await picture.until(has_pictures(1))
    assert picture.image_calls == 2
    assert (stage.api.submits[sent.prompt], stage.api.submits[sending.prompt]) == (2, 1)
    assert all(stage.api.submits[life.prompt] == 1 for life in (polling, first, fetching, uploading, uploaded))
    # os.walk, unlike rglob, does not mind folders that go while it looks.
    await eventually(lambda: not any(names for _, _, names in os.walk(stage.data_dir / "results")))


async def test_killed_before_the_placeholder_s_id_is_known(stage: Stage) -> None:
    """The message stands at Discord, its answer never reached the bot: it must not say for ever that it is sent."""
    channel = server(stage)
    uses: list[Invocation] = []
    for number, kind in enumerate((film, paint)):
        fault = stage.discord.faults.hold("POST /interactions/*", applied=True)
        use, _ = await kind(someone(stage, at=channel), channel, f"Unanswered {number}")
        async with asyncio.timeout(5):
            await fault.reached.wait()
        uses.append(use)
    await stage.kill()
    assert stage.api.submits["Unanswered 0"] == 0
    swift(stage)
    await stage.start()
    video, picture = uses
    await video.until(lambda message: has_clip(message) or labels(message) == ["Retry"])
    await picture.until(lambda message: has_pictures(1)(message) or labels(message) == ["Retry"])


async def test_killed_again_and_again(stage: Stage) -> None:
    lives = [await run(stage, f"Stubborn {number}") for number in range(2)]
    for _ in range(3):
        await stage.kill()
        await stage.start()
    for life in lives:
        # Shown again, perhaps, but nothing else.
        assert {said(version).splitlines()[2] for version in life.use.versions} == {"Sending your request.", RUNNING}
        polls = task_of(stage, life.prompt).polls
        await stage.api.requests.until(lambda life=life, polls=polls: task_of(stage, life.prompt).polls > polls)
        task_of(stage, life.prompt).finish()
        assert await life.until(has_clip) is life.card
        assert stage.api.submits[life.prompt] == 1


async def test_after_the_token_s_end_and_a_restart(stage: Stage) -> None:
    """The card is found by its channel and id, which were kept before anything was sent."""
    life = await run(stage, "Long")
    await stage.kill()
    stage.world.expire_tokens()
    await stage.start()
    task_of(stage, life.prompt).finish()
    assert await life.until(has_clip) is life.card
    assert life.posted_in() == [life.card]


async def test_a_restart_leaves_delivered_cards_alone(stage: Stage) -> None:
    """Killed after the delivery and before it was noted that the card shows it: an edit would take the clip away."""
    delivered = await run(stage, "Delivered before")
    task_of(stage, delivered.prompt).finish()
    await delivered.until(has_clip)
    failed = await begin(stage, "Failed before [fault:html]")
    await failed.until(lambda message: labels(message) == ["Retry"])
    assert await stage.stop() == 0
    assert change(stage, "UPDATE generations SET shown_state = 'running'") == 2

    before = (len(delivered.use.versions), len(failed.use.versions))
    await stage.start()
    # The failed one is shown again, and a new one comes through: by then the delivered one would have been edited.
    await failed.until(lambda _: len(failed.use.versions) == before[1] + 1)
    new = await run(stage, "Ordered afterwards")
    task_of(stage, new.prompt).finish()
    await new.until(has_clip)
    assert len(delivered.use.versions) == before[0]
    assert has_clip(delivered.card)


async def test_buttons_of_before_the_restart(stage: Stage) -> None:
    long = "A fox in a long prompt, " * 12 + "and its end"
    life = await begin(stage, long, kind=paint)
    await life.until(has_pictures(1))
    assert labels(life.card) == ["Like", "Reroll", "Edit prompt", "Prompt"]
    await stage.restart()
    assert await private_answer(await life.who.press(life.card, label="Prompt")) == long
    again = await (await life.who.press(life.card, label="Reroll")).until(has_pictures(1))
    assert again is not life.card
    assert len(files(again, "image")) == 1
    assert life.image_calls == 2


async def test_a_second_process_on_the_same_data_refuses_to_start(stage: Stage) -> None:
    second = stage.beside(log=stage.data_dir / "second.log")
    await second.start()
    try:
        async with asyncio.timeout(10):
            assert await second.ended() == 2
        assert "Traceback" not in second.log_end()
    finally:
        await second.kill()
    life = await run(stage, "Undisturbed")
    task_of(stage, life.prompt).finish()
    await life.until(has_clip)


async def test_the_log_holds_no_secret(stage: Stage) -> None:
    life = await run(stage, "A prompt that is the person's own affair")
    task_of(stage, life.prompt).finish()
    await life.until(has_clip)
    await stage.stop()
    log = stage.bot.log.read_text()
    assert "generation=" in log
    assert "status=200" in log
    for secret in (life.use.interaction.token, stage.api.key, stage.discord.token, life.prompt):
        assert secret not in log


async def test_who_waited_is_told_once_whenever_the_process_ends(new_stage: NewStage) -> None:
    """Before it was posted, and after it was posted and before that was noted."""
    stage = await new_stage()
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await film(carol, channel, "A slow fox [run:0.1]")
    await at_rest(stage, await use.until(has_clip))
    await stage.kill()
    row = "SELECT id, person_id, channel_id, ended_at, NULL FROM generations"
    change(stage, f"INSERT INTO notices (generation_id, person_id, channel_id, due_at, message_id) {row}")

    def replies() -> list[Message]:
        return [each for each in channel.messages.values() if each.reference is card]

    for message_id in ("NULL", "NULL", "1"):
        await stage.start()
        await eventually(lambda: sql(stage, "SELECT message_id FROM notices")[0][0] is not None)
        assert len(replies()) == 1
        await stage.kill()
        change(stage, f"UPDATE notices SET message_id = {message_id}")  # noqa: S608 - our own
