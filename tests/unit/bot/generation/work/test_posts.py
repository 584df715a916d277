"""What is at the service at once, and that others take what one process has no room for."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.generation.rows import queries
from bot.generation.work.claims import Claims
from bot.generation.work.posts import Posts
from bot.states import State
from bot.store.database import carry
from bot.store.opening import open_database
from sandbox.onekey import Plan

if TYPE_CHECKING:
    from tests.unit.bot.generation.living import House


async def test_a_row_has_one_place_and_leaves_it_once() -> None:
    freed: list[int] = []
    posts = Posts(2)
    posts.freed = lambda: freed.append(posts.room)
    assert await posts.take(1)
    assert not await posts.take(1)
    async with posts.sending(1), posts.sending(2):
        assert posts.room == 0
        third = asyncio.create_task(posts.take(3))
        await asyncio.sleep(0)
        assert not third.done()
    assert await third
    posts.leave(1)
    posts.leave(4)
    assert (posts.room, freed) == (1, [1])
    await posts.have_room()


async def test_what_one_process_has_no_room_for_comes_to_another(postgresql_url: str) -> None:
    got: list[list[int]] = [[], []]
    rooms = [Posts(2), Posts(3)]
    async with AsyncExitStack() as stack, asyncio.timeout(60):
        ready = asyncio.Event()

        async def bringing(index: int) -> None:
            database = await stack.enter_async_context(open_database(postgresql_url, shared=True))
            await stack.enter_async_context(database.share("worker"))

            async def begin(id_: int) -> None:
                assert await rooms[index].take(id_)
                got[index].append(id_)
                ready.set()

            task = asyncio.create_task(database.bring(begin, rooms[index].have_room))
            stack.callback(task.cancel)
            if not index:
                await database.run(lambda c: [carry(c, id_) for id_ in range(1, 7)])

        async def until(wanted: list[int]) -> None:
            while [len(one) for one in got] != wanted:
                ready.clear()
                await ready.wait()

        await bringing(0)
        await until([2, 0])
        await bringing(1)
        await until([2, 3])
        rooms[0].leave(got[0][0])
        await until([3, 3])
    assert sorted(got[0] + got[1]) == [1, 2, 3, 4, 5, 6]


async def test_a_video_waits_in_line_until_its_request_can_be_sent(house: House) -> None:
    house.api.behaviour.submit = Plan(delay=0.3, queue_seconds=0, run_seconds=600)
    worker = replace(house.worker, posts=Posts(1))
    rows = [await house.order(f"Number {number}", person_id=number) for number in range(1, 4)]
    claims = Claims(house.database, worker)
    running = asyncio.create_task(claims.run())
    most = 0
    try:
        async with asyncio.timeout(20):
            while len(house.api.tasks) < len(rows):
                sending = await house.database.run(queries.ids_in_states, {State.SUBMITTING})
                most = max(most, len(sending))
                await asyncio.sleep(0.02)
    finally:
        await claims.stop(1)
        running.cancel()
        await asyncio.wait([running])
    assert most == 1
    assert [task.prompt for task in house.api.tasks.values()] == ["Number 1", "Number 2", "Number 3"]
