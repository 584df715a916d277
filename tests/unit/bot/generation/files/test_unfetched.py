"""Made, and its files can't be had: said as that, and kept to be fetched again; what may pass is waited for first."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from bot.errors import ApiError, RateLimited, Uncertain, Unreachable
from bot.generation.card_facts import LINKED, read_facts
from bot.generation.files.fetching import ResultFetcher, ResultLimits
from bot.generation.pace import Limits
from bot.generation.rows import generations, result_rows
from bot.generation.rows.records import NewResult
from bot.generation.work.claims import Claims
from bot.states import State
from sandbox.onekey import Plan
from tests.unit.bot.generation.living import PNG, Notebook, hands
from tests.unit.service import KEY, Drop, Hang, Reply, Script, Service, Stream, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence

    from bot.api.client import OneKeyClient
    from bot.api.video import VideoStatus
    from bot.generation.card_facts import CardFacts
    from bot.generation.rows.records import Generation
    from bot.generation.work.worker import Worker
    from bot.store.database import Database
    from tests.unit.bot.generation.living import House

pytestmark = pytest.mark.usefixtures("impatient")

HOUR = 3600.0
GOOD = Reply(PNG, content_type="image/png")
DENIED = Reply(b"<Error><Code>AccessDenied</Code></Error>", status=403, content_type="application/xml")
MISSING = Reply(b"", status=404)


@dataclass
class Stores:
    """A storage of its own for each picture, over which `worker` goes."""

    house: House
    worker: Worker
    stack: AsyncExitStack

    async def made(self, *scripts: Sequence[Script], **facts: Any) -> tuple[Generation, list[Service]]:
        """An order of pictures that the service has made, and what the storages of these answer in turn."""
        services = [await self.stack.enter_async_context(serve(Service())) for _ in scripts]
        for service, script in zip(services, scripts, strict=True):
            service.say(*script)
        row: Generation = await self.house.order(kind="image", count=len(scripts), **facts)
        now = time.time()
        links = [NewResult(url=f"{service.origin}/a.png", expires_at=now + HOUR) for service in services]

        def make(connection: Any) -> Generation | None:
            result_rows.put(connection, row.id, row.epoch, links)
            return generations.change(
                connection, row.id, row.epoch, state=State.GENERATED, submitted_at=now, generated_at=now
            )

        made = await self.house.database.run(make)
        assert made is not None
        return made, services

    async def links(self, row: Generation) -> list[str | None]:
        """What the card of a row that ended links to."""
        fresh = await self.house.get(row.id)
        return [one.url for one in (await self.house.database.run(read_facts, fresh)).results]


@pytest.fixture
async def stores(house: House) -> AsyncIterator[Stores]:
    async with AsyncExitStack() as stack:
        limits = ResultLimits(image_bytes=2000, image_seconds=0.3)
        fetcher = await stack.enter_async_context(
            ResultFetcher(api_base_url=house.api.base_url, api_key=KEY, allow_private=True, limits=limits)
        )
        result_files = replace(house.result_files, fetcher=fetcher, limits=Limits(fetch_seconds=0.5))
        yield Stores(house, replace(house.worker, result_files=result_files), stack)


@pytest.mark.parametrize(
    ("answers", "linked"),
    [
        ([DENIED], False),
        ([MISSING], False),
        ([Reply(b"", status=410)], False),
        ([Reply(b"", status=500)], False),
        ([Reply(b"<html>Sign in</html>", content_type="text/html")], False),
        ([Reply(b"", content_type="image/png")], False),
        ([Reply(b"PK\x03\x04" + bytes(100), content_type="image/png")], False),
        ([Drop()], False),
        ([Hang()], False),
        ([Reply(b"", status=302, headers={"Location": "file:///etc/hostname"})], False),
        # It is there, but does not come whole: perhaps it does for others.
        ([Drop(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + PNG)], True),
        ([Stream([PNG + bytes(100), asyncio.Event()], content_type="image/png")], True),
    ],
)
async def test_what_can_t_be_had_is_no_delivery(stores: Stores, answers: list[Script], *, linked: bool) -> None:
    """It has ended, with a link only where that may be of use, and no file is left lying about."""
    row, (service,) = await stores.made(answers)
    await stores.worker.live(row)
    ended = await stores.house.get(row.id)
    assert (ended.state, ended.shown_state) == (State.UNFETCHED, State.UNFETCHED)
    assert ended.ended_at is not None
    assert not stores.house.notebook.delivered
    assert await stores.links(row) == [f"{service.origin}/a.png" if linked else None]
    assert not list((stores.house.data_dir / "results").rglob("*.*"))
    for hang in service.hanging:
        hang.release.set()


async def test_nobody_at_the_address_is_no_delivery(stores: Stores) -> None:
    row, (service,) = await stores.made([GOOD])
    closed = f"http://127.0.0.1:1/a.png?of={service.port}"
    await stores.house.database.run(result_rows.put, row.id, row.epoch, [NewResult(url=closed)])
    await stores.worker.live(row)
    assert (await stores.house.get(row.id)).state == State.UNFETCHED
    assert await stores.links(row) == [None]


async def test_a_name_that_is_not_found_from_here_may_be_elsewhere(stores: Stores) -> None:
    row, _ = await stores.made([GOOD])
    elsewhere = NewResult(url="https://nowhere.invalid/a.png", expires_at=time.time() + HOUR)
    await stores.house.database.run(result_rows.put, row.id, row.epoch, [elsewhere])
    await stores.worker.live(row)
    assert (await stores.house.get(row.id)).state == State.UNFETCHED
    assert await stores.links(row) == [elsewhere.url]


@pytest.mark.parametrize("first", [MISSING, DENIED, Reply(b"", content_type="image/png"), Reply(b"<html>", status=200)])
async def test_what_was_just_made_may_not_be_there_at_once(stores: Stores, first: Reply) -> None:
    row, (service,) = await stores.made([first, first, first, GOOD])
    await stores.worker.live(row)
    assert (await stores.house.get(row.id)).state == State.DELIVERED
    assert len(service.seen) == 4


async def test_a_link_that_has_ended_is_tried_once(stores: Stores) -> None:
    row, (service,) = await stores.made([DENIED])
    ended = NewResult(url=f"{service.origin}/a.png", expires_at=time.time() - 1)
    await stores.house.database.run(result_rows.put, row.id, row.epoch, [ended])
    await stores.worker.live(row)
    assert (await stores.house.get(row.id)).state == State.UNFETCHED
    assert len(service.seen) == 1


async def test_of_several_those_that_came_are_delivered_and_the_others_are_not_linked(stores: Stores) -> None:
    row, _ = await stores.made([GOOD], [DENIED], [GOOD])
    await stores.worker.live(row)
    assert (await stores.house.get(row.id)).state == State.DELIVERED
    (shown,) = stores.house.notebook.delivered
    assert [(one.path is not None, one.url is not None) for one in shown.results] == [
        (True, True),
        (False, False),
        (True, True),
    ]


class Noting(Notebook):
    """Notes of a delivered card what it shows, as one on Discord does."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database

    async def deliver(self, facts: CardFacts) -> State:
        shown = [(one.position, "1.png", 0) for one in facts.results if one.path is not None]
        await self.database.run(result_rows.note_attachments, facts.row.id, shown)
        return await super().deliver(facts)


async def test_what_is_missing_is_fetched_again_and_the_rest_stays(stores: Stores) -> None:
    notebook = Noting(stores.house.database)
    worker = hands(stores.worker, deliverer=notebook)
    claims = Claims(stores.house.database, worker)
    row, (here, late) = await stores.made([GOOD], [DENIED])
    await worker.live(row)
    await worker.result_files.tidy(unfinished=False)
    seen = len(here.seen)

    async def again(count: int) -> list[bool]:
        """Which pictures the delivery after a further try shows."""
        assert await claims.deliver_again(row.id, token="new", token_expires_at=9.0) is not None
        await notebook.until(lambda: len(notebook.delivered) == count)
        await claims.finished(row.id, seconds=5)
        assert (await stores.house.get(row.id)).state == State.DELIVERED
        return [one.path is not None for one in notebook.delivered[-1].results]

    assert await again(2) == [True, False]
    late.say(GOOD)
    assert await again(3) == [True, True]
    assert await claims.deliver_again(row.id) is None, "it is whole"
    assert len(here.seen) == seen
    assert not notebook.shown, "what had arrived was to be seen all the while"
    assert not list((stores.house.data_dir / "results").rglob("*.*"))


async def test_fetching_again_never_shows_less(stores: Stores) -> None:
    """Where the kept files are gone by then, and their links have ended: the card stays as it is."""
    notebook = Noting(stores.house.database)
    worker = hands(stores.worker, deliverer=notebook)
    row, (here, late) = await stores.made([GOOD], [DENIED])
    await worker.live(row)
    await worker.result_files.forget(row)
    here.say(DENIED)
    late.say(GOOD)
    claims = Claims(stores.house.database, worker)
    assert await claims.deliver_again(row.id) is not None
    await claims.finished(row.id, seconds=5)
    assert (await stores.house.get(row.id)).state == State.DELIVERED
    assert len(notebook.delivered) == 1


async def test_what_is_too_large_to_be_kept_is_delivered_as_a_link(stores: Stores) -> None:
    row, (service,) = await stores.made([Reply(PNG + bytes(3000), content_type="image/png")])
    await stores.worker.live(row)
    assert (await stores.house.get(row.id)).state == State.DELIVERED
    assert stores.house.notebook.delivered[0].results[0].url == f"{service.origin}/a.png"
    assert len(service.seen) == 1


async def test_it_is_fetched_again_once_however_often_it_is_asked_for(stores: Stores) -> None:
    """And may fail once more; a third time goes by where it now is."""
    row, (service,) = await stores.made([DENIED])
    claims = Claims(stores.house.database, stores.worker)
    await stores.worker.live(row)
    asked = len(service.seen)
    presses = [claims.deliver_again(row.id, token="new", token_expires_at=9.0) for _ in range(5)]
    again = [one for one in await asyncio.gather(*presses) if one is not None]
    assert [(one.state, one.ended_at, one.token) for one in again] == [(State.GENERATED, None, "new")]
    await stores.house.notebook.until(lambda: len(stores.house.notebook.states(row.id)) == 3)
    assert len(service.seen) == 2 * asked
    # It says that it is on its way in between, so that the button goes.
    assert stores.house.notebook.states(row.id) == [State.UNFETCHED, State.GENERATED, State.UNFETCHED]
    service.say(GOOD)
    assert await claims.deliver_again(row.id) is not None
    await stores.house.notebook.until(lambda: len(stores.house.notebook.delivered) == 1)
    await claims.stop(1)
    assert (await stores.house.get(row.id)).state == State.DELIVERED
    assert await claims.deliver_again(row.id) is None


async def test_what_was_removed_or_forgotten_is_not_fetched_again(stores: Stores) -> None:
    database = stores.house.database
    claims = Claims(database, stores.worker)
    removed, _ = await stores.made([DENIED])
    forgotten, _ = await stores.made([DENIED])
    for row in (removed, forgotten):
        await stores.worker.live(row)
    await claims.remove(removed.id, by=7)
    row = await stores.house.get(forgotten.id)
    assert await database.run(result_rows.put, row.id, row.epoch, [])  # as after `prompt_days`
    assert await claims.deliver_again(removed.id) is None
    assert await claims.deliver_again(forgotten.id) is None


async def test_a_process_that_dies_while_it_is_fetched_again_leaves_it_to_the_next(stores: Stores) -> None:
    row, (service,) = await stores.made([DENIED])
    await stores.worker.live(row)
    dying = Claims(stores.house.database, stores.worker)
    await dying.stop(0)
    assert await dying.deliver_again(row.id) is not None
    service.say(GOOD)
    claims = Claims(stores.house.database, stores.worker)
    running = asyncio.create_task(claims.run())
    await stores.house.notebook.until(lambda: len(stores.house.notebook.delivered) == 1)
    await claims.stop(1)
    running.cancel()
    await asyncio.wait([running])
    assert (await stores.house.get(row.id)).state == State.DELIVERED


async def test_only_noted_links_are_shown_of_what_was_not_fetched(stores: Stores) -> None:
    row, (service,) = await stores.made([DENIED])
    await stores.worker.live(row)
    await stores.house.database.run(result_rows.note_attachments, row.id, [(0, None, LINKED)])
    assert await stores.links(row) == [f"{service.origin}/a.png"]


@pytest.mark.parametrize("fault", ["other_type", "404"])
async def test_a_clip_whose_only_link_leads_elsewhere_is_had_by_its_task(house: House, fault: str) -> None:
    """From /videos/{id}/content; people get no link then, since it wants the key."""
    house.api.behaviour.files = Plan(fault=fault)
    row = await house.order()
    await house.worker.live(row)
    assert (await house.get(row.id)).state == State.DELIVERED
    (shown,) = house.notebook.delivered
    assert (shown.results[0].content_type, shown.results[0].url) == ("video/mp4", None)
    assert (house.api.requests.counts["files"], house.api.requests.counts["video.content"]) == (
        Limits().tries_to_fetch,
        1,
    )


# A video whose time went by while nobody asked


async def running_since(house: House, prompt: str, hours: float) -> Generation:
    """A video that the service has as running, submitted so long ago."""
    life = asyncio.create_task(house.worker.live(await house.order(prompt)))
    await house.notebook.until(lambda: any(facts.row.state == State.RUNNING for facts in house.notebook.shown))
    life.cancel()
    await asyncio.wait([life])
    row = house.notebook.shown[-1].row
    changed = await house.database.run(generations.change, row.id, row.epoch, submitted_at=time.time() - hours * HOUR)
    assert changed is not None
    return changed


@pytest.mark.parametrize(
    ("prompt", "done", "ends"),
    [
        ("A fox", True, State.DELIVERED),
        ("A fox", False, State.EXPIRED),
        ("A fox [end:failed]", True, State.FAILED),
    ],
)
async def test_after_a_day_without_a_look_it_is_asked_after_once_more(
    house: House, prompt: str, ends: State, *, done: bool
) -> None:
    house.api.behaviour.submit = Plan(queue_seconds=0, run_seconds=600)
    row = await running_since(house, prompt, 25)
    (task,) = house.api.tasks.values()
    if done:
        task.finish(task.outcome)
    before = task.polls
    await house.worker.live(row, resumed=True)
    assert (await house.get(row.id)).state == ends
    assert task.polls == before + 1


@dataclass
class Failing:
    """A client whose next `failures` polls fail."""

    client: OneKeyClient
    error: ApiError
    failures: int
    polls: int = 0
    busy_until: float = 0.0

    async def get_video(self, task_id: str, *, sent: Collection[str] = ()) -> VideoStatus:
        self.polls += 1
        if self.polls <= self.failures:
            raise self.error
        return await self.client.get_video(task_id, sent=sent)


@pytest.mark.parametrize(("failures", "polls", "ends"), [(3, 4, State.DELIVERED), (99, 5, State.EXPIRED)])
@pytest.mark.parametrize("error", [Uncertain("HTTP 500"), Unreachable("refused"), RateLimited(retry_after=0.01)])
async def test_a_last_question_that_fails_is_asked_some_more_times(
    house: House, error: ApiError, failures: int, polls: int, ends: State
) -> None:
    house.api.behaviour.submit = Plan(queue_seconds=0, run_seconds=600)
    row = await running_since(house, "A fox", 25)
    next(iter(house.api.tasks.values())).finish()
    failing = Failing(house.worker.client, error, failures)
    async with asyncio.timeout(20):
        await hands(house.worker, client=cast("OneKeyClient", failing)).live(row, resumed=True)
    assert (await house.get(row.id)).state == ends
    assert failing.polls == polls


async def test_a_clock_that_is_set_ends_no_video(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day ahead while it runs; and what it took is told by what passed."""
    house.api.behaviour.submit = Plan(queue_seconds=0, run_seconds=600)
    life = asyncio.create_task(house.worker.live(await house.order()))
    await house.notebook.until(lambda: any(facts.row.state == State.RUNNING for facts in house.notebook.shown))
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 25 * HOUR)
    (task,) = house.api.tasks.values()
    polls = task.polls
    await house.api.requests.until(lambda: task.polls > polls + 3)
    task.finish()
    await life
    (shown,) = house.notebook.delivered
    assert shown.row.submitted_at is not None
    assert shown.row.generated_at is not None
    assert 0 <= shown.row.generated_at - shown.row.submitted_at < 60
