"""The life of rows with a real service and a real database; what is shown is written down instead of posted."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from bot.api.client import OneKeyClient
from bot.api.images import Images
from bot.api.pictures import Picture
from bot.api.video import VideoStatus, VideoTask
from bot.generation.pace import Limits, Pacer
from bot.generation.rows import generations, result_rows
from bot.generation.rows.records import NewResult
from bot.generation.work import polling, recovery, video_queue
from bot.generation.work.claims import Claims
from bot.generation.work.deliverer import DeliveryFailed
from bot.states import State
from sandbox.onekey import Plan
from tests.unit.bot.generation.living import PNG, Notebook, hands

if TYPE_CHECKING:
    from bot.generation.card_facts import CardFacts
    from tests.unit.bot.generation.living import House


@dataclass
class InLine(Notebook):
    """Where the card that says that it takes longer comes to wait, and never has its turn."""

    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def show(self, facts: CardFacts) -> bool:
        if not facts.overdue:
            return await super().show(facts)
        self.waiting.set()
        try:
            return await asyncio.Event().wait()
        finally:
            self.left.set()


# A video's time


async def test_a_card_that_does_not_say_that_it_runs_is_shown_again_until_it_does(house: House) -> None:
    """Else it would say that it is being sent, without Cancel, for as long as the video takes."""
    house.api.behaviour.submit = Plan(queue_seconds=0, run_seconds=600)
    house.notebook.lost = 3
    row = await house.order()
    life = asyncio.create_task(house.worker.live(row))
    await house.notebook.until(lambda: len(house.notebook.shown) == 4)
    (task,) = house.api.tasks.values()
    polls = task.polls
    await house.api.requests.until(lambda: task.polls > polls + 3)
    assert house.notebook.states(row.id) == [State.RUNNING] * 4
    assert (await house.get(row.id)).shown_state == State.RUNNING
    task.finish()
    await life


@pytest.mark.parametrize(
    ("data", "state"),
    [(b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00" + bytes(100), State.DELIVERED), (b"no clip", State.UNFETCHED)],
)
async def test_a_clip_that_the_service_answers_at_once_is_delivered(
    house: House, monkeypatch: pytest.MonkeyPatch, data: bytes, state: State
) -> None:
    """Without a task there is nothing to ask after."""
    made = VideoStatus("succeeded", None, None, declined=False, progress=None, data=data)

    async def submit(*_: object, **__: object) -> VideoTask:
        return VideoTask(None, made)

    monkeypatch.setattr(OneKeyClient, "submit_video", submit)
    row = await house.order()
    await house.worker.live(row)
    ended = await house.get(row.id)
    assert (ended.state, ended.task_id) == (state, None)
    assert not house.api.tasks
    assert [facts.row.id for facts in house.notebook.delivered] == [row.id] * (state == State.DELIVERED)


async def test_past_the_soft_limit_the_card_says_so_once_and_the_video_goes_on(house: House) -> None:
    house.api.behaviour.submit = Plan(queue_seconds=0, run_seconds=600)
    worker = hands(house.worker, limits=Limits(soft_seconds=0.1))
    row = await house.order()
    life = asyncio.create_task(worker.live(row))
    await house.notebook.until(lambda: any(facts.overdue for facts in house.notebook.shown))
    (task,) = house.api.tasks.values()
    polls = task.polls
    await house.api.requests.until(lambda: task.polls > polls + 3)
    assert sum(facts.overdue for facts in house.notebook.shown) == 1
    assert (await house.get(row.id)).shown_state == "overdue"
    task.finish()
    await life
    assert (await house.get(row.id)).state == State.DELIVERED
    assert [len(facts.results) for facts in house.notebook.delivered] == [1]


async def test_the_end_of_a_video_is_found_while_its_card_still_waits_for_its_turn(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With thousands of edits in line for the bot's own token, what a card says of a running one comes late."""
    monkeypatch.setattr(polling, "ARRIVES_SECONDS", 0.01)
    house.api.behaviour.submit = Plan(queue_seconds=0, run_seconds=600)
    line = InLine()
    worker = hands(house.worker, limits=Limits(soft_seconds=0.0), deliverer=line)
    row = await house.order()
    life = asyncio.create_task(worker.live(row))
    await line.waiting.wait()
    (task,) = house.api.tasks.values()
    polls = task.polls
    await house.api.requests.until(lambda: task.polls > polls + 1)
    task.finish()
    await life
    assert line.left.is_set(), "it would be shown over the results"
    assert (await house.get(row.id)).state == State.DELIVERED


async def test_past_the_hard_limit_it_is_asked_after_once_more_and_then_expired(house: House) -> None:
    house.api.behaviour.submit = Plan(outcome="never")
    worker = hands(house.worker, limits=Limits(hard_seconds=0.2))
    row = await house.order()
    await worker.live(row)
    ended = await house.get(row.id)
    assert (ended.state, ended.reason, ended.shown_state) == (State.EXPIRED, "expired", State.EXPIRED)
    assert house.notebook.states(row.id)[-1] == State.EXPIRED
    assert not house.notebook.delivered


async def test_a_task_the_service_forgot_for_good_has_failed_and_one_it_forgot_for_a_while_has_not(
    house: House,
) -> None:
    worker = hands(house.worker, limits=Limits(gone_seconds=1.0))
    forgotten = await house.order("Forgotten [end:gone]")
    denied = await house.order("Denied at first [poll:task_not_exist*3]", person_id=2)
    await asyncio.gather(worker.live(forgotten), worker.live(denied))
    ended = await house.get(forgotten.id)
    assert (ended.state, ended.reason) == (State.FAILED, "task_gone")
    assert (await house.get(denied.id)).state == State.DELIVERED


async def test_a_task_that_is_denied_is_asked_after_less_and_less_often(house: House) -> None:
    worker = hands(house.worker, limits=Limits(gone_seconds=2.0), pacer=Pacer(0.03))
    row = await house.order("Forgotten [end:gone]")
    await worker.live(row)
    ended = await house.get(row.id)
    assert (ended.state, ended.reason) == (State.FAILED, "task_gone")
    # 0.03 s, 0.06 s, 0.09 s …; some 70 without the growth.
    assert house.api.requests.counts["video.poll"] < 25
    assert (ended.ended_at or 0) - (ended.submitted_at or 0) < 3.5


@pytest.mark.usefixtures("impatient")
async def test_a_delivery_that_fails_is_tried_again_from_the_file_that_is_here(house: House) -> None:
    house.notebook.refusals = [DeliveryFailed("HTTP 500")] * 3
    row = await house.order()
    await house.worker.live(row)
    assert (await house.get(row.id)).state == State.DELIVERED
    (shown,) = house.notebook.delivered
    assert shown.results[0].path is not None
    assert shown.results[0].content_type == "video/mp4"
    assert house.api.requests.counts["files"] == house.api.requests.counts["video.submit"] == 1
    assert not (house.data_dir / "results" / str(row.id)).exists()


async def test_what_can_be_shown_nowhere_keeps_its_file(house: House) -> None:
    house.notebook.end = State.DROPPED
    row = await house.order()
    await house.worker.live(row)
    assert (await house.get(row.id)).state == State.DROPPED
    (result,) = await house.database.run(result_rows.of_generation, row.id)
    assert result.path is not None
    assert (house.data_dir / result.path).stat().st_size == result.size
    # Whoever asks for it later does not ask the service again.
    facts = await house.worker.fetched(await house.get(row.id))
    assert facts.results[0].path == result.path
    assert house.api.requests.counts["files"] == 1


# The line


async def test_places_move_up_as_others_begin_and_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of one person's wait behind two; whoever is cancelled or begins makes the others move up."""
    monkeypatch.setattr(video_queue, "PLACE_SECONDS", 0.05)
    house.api.behaviour.submit = Plan(queue_seconds=0, run_seconds=600)
    rows = [await house.order(f"Number {number}", message_id=30 + number) for number in range(5)]
    claims = Claims(house.database, house.worker)
    # Its placeholders stood before this process began: none of them is new.
    running = asyncio.create_task(claims.run())
    note = house.notebook
    try:
        await note.until(lambda: [note.places(row.id)[-1:] for row in rows[2:]] == [[1], [2], [3]])
        await house.api.requests.until(lambda: house.api.requests.counts["video.submit"] == 2)
        assert await claims.cancel(rows[3].id, by=7) is not None
        await note.until(lambda: note.places(rows[4].id)[-1] == 2)
        next(iter(house.api.tasks.values())).finish()
        await note.until(lambda: note.places(rows[4].id)[-1] == 1)
        assert note.places(rows[2].id) == [1]
        assert note.places(rows[4].id) == [3, 2, 1]
        await note.until(lambda: State.RUNNING in note.states(rows[2].id))
        # Told to wait, then told that it no longer does.
        assert note.states(rows[2].id) == [State.QUEUED, State.SUBMITTING, State.RUNNING]
        assert (await house.get(rows[3].id)).state == State.CANCELLED
        assert [task.prompt for task in house.api.tasks.values()] == ["Number 0", "Number 1", "Number 2"]
    finally:
        await claims.stop(1)
        running.cancel()
        await asyncio.wait([running])


async def test_what_stumbles_again_and_again_ends_with_a_reference_that_is_in_the_log(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of our own in one row: the others go on, and its person is told in the end."""
    monkeypatch.setattr(video_queue, "PLACE_SECONDS", 0.02)
    monkeypatch.setattr(recovery, "SWEEP_SECONDS", 0.05)
    house.notebook.refusals = [RuntimeError("a mistake of ours")] * 3
    row = await house.order()
    claims = Claims(house.database, house.worker)
    with caplog.at_level(logging.INFO):
        running = asyncio.create_task(claims.run())
        try:
            await house.notebook.until(lambda: State.FAILED in house.notebook.states(row.id))
            other = await house.order("Another", person_id=2)
            claims.start(other)
            await house.notebook.until(lambda: len(house.notebook.delivered) == 1)
        finally:
            await claims.stop(1)
            running.cancel()
            await asyncio.wait([running])
    ended = await house.get(row.id)
    assert (ended.state, ended.reason) == (State.FAILED, "our_fault")
    assert ended.detail
    assert f"(ref {ended.detail})" in caplog.text
    assert house.api.submits["A fox"] == 1


# Files


async def test_a_link_that_has_ended_is_shown_to_nobody(house: House) -> None:
    row = await house.order()
    await house.database.run(generations.claim, row.id, states={"queued"})
    links = [
        NewResult(url="https://example.com/a.mp4", expires_at=time.time() - 1, path="gone.mp4"),
        NewResult(url="https://example.com/b.mp4", expires_at=time.time() + 60, path="here.mp4"),
        NewResult(url=f"{house.api.base_url}/videos/x/content", expires_at=time.time() + 60, path="here.mp4"),
    ]
    (house.data_dir / "here.mp4").write_bytes(b"clip")
    (house.data_dir / "gone.mp4").write_bytes(b"clip")
    assert await house.database.run(result_rows.put, row.id, 1, links)
    facts = await house.worker.fetched(replace(row, epoch=1))
    assert [(result.path, result.url) for result in facts.results] == [
        ("gone.mp4", None),
        ("here.mp4", "https://example.com/b.mp4"),
        ("here.mp4", None),
    ]
    assert house.api.requests.counts["files"] == 0


@pytest.mark.usefixtures("impatient")
async def test_pictures_from_inside_an_answer_wait_for_room_on_the_disk(house: House) -> None:
    row = await house.order(kind="image", count=2)
    (house.data_dir / "results").touch()  # no folder can be made here
    pictures = Images((Picture(url=None, data=PNG),) * 2)
    keeping = asyncio.create_task(house.result_files.keep(row, pictures))
    done, _ = await asyncio.wait([keeping], timeout=0.2)
    assert not done
    (house.data_dir / "results").unlink()
    kept = await asyncio.wait_for(keeping, 5)
    assert [(house.data_dir / str(result.path)).read_bytes() for result in kept] == [PNG, PNG]


async def test_files_are_kept_as_long_as_somebody_may_ask_for_them(house: House) -> None:
    """Of live rows, and for a week of those that could be delivered nowhere; half-written ones only till a start."""
    times: dict[str, Any] = {"submitted_at": 1.0, "generated_at": 2.0}
    live = await house.order()
    states: list[tuple[str, float, bool]] = [
        (State.DROPPED, time.time(), True),
        (State.DROPPED, time.time() - 8 * 86_400, False),
        (State.DELIVERED, time.time(), False),
        (State.FAILED, time.time(), False),
    ]
    kept = {str(live.id)}
    for state, ended_at, stays in states:
        row = await house.order()
        await house.database.run(generations.change, row.id, 0, state=state, ended_at=ended_at, **times)
        kept |= {str(row.id)} if stays else set()
    folder = house.data_dir / "results"
    for name in [*(str(number) for number in range(1, 6)), "4711", "not a row"]:
        (folder / name).mkdir(parents=True)
        (folder / name / "0.mp4").write_bytes(b"clip")
        (folder / name / "1.0a1b.part").write_bytes(b"half")
    await house.result_files.tidy(unfinished=False)
    assert {path.name for path in folder.iterdir()} == kept
    assert len(list(folder.rglob("*.part"))) == len(kept)
    await house.result_files.tidy(unfinished=True)
    assert {path.name for path in folder.iterdir()} == kept
    assert not list(folder.rglob("*.part"))
    assert len(list(folder.rglob("*.mp4"))) == len(kept)
