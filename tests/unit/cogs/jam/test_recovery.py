"""The process ends in every state; the next one goes on, and nothing is done twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.generation.endings import take_away
from bot.generation.price import settle_what_was_open
from bot.kit.posting import NotNow
from bot.orders import daily_rows as daily
from bot.periods import DAY_SECONDS
from bot.settings import Place
from bot.store.schema import deletions
from cogs.jam import round_rows
from cogs.jam import rows as jams
from cogs.jam import states as steps
from cogs.jam.new_jam import Asked
from cogs.jam.posted import Opened, RoundCard
from cogs.privacy.forgetting import forget_rows
from tests.unit.cogs.jam.world import ALICE, BOB, CARD, CHANNEL, SERVER, THREAD, World, fair

if TYPE_CHECKING:
    from collections.abc import Callable

    from cogs.jam.records import Jam


async def opening(world: World) -> Jam:
    place = Place(channel_id=CHANNEL, guild_id=SERVER)
    return await world.jams.start(world.caller(place=place), Asked("a harbour", minutes=60))


async def test_a_jam_half_opened_is_given_up_or_found(world: World) -> None:
    jam = await opening(world)
    await world.look()
    assert (await world.get(jam)).state == "opening"  # its command is at it
    world = await world.again()
    world.host.found = None
    await world.look()
    assert await world.database.run(jams.get, jam.id) is None
    jam = await opening(world)
    world = await world.again()
    world.host.found = Opened(THREAD, 29, RoundCard(CARD))
    await world.look()
    found = await world.get(jam)
    assert (found.state, found.thread_id, found.message_id) == ("open", THREAD, 29)
    assert (await world.round(jam)).message_id == CARD
    assert await world.jams.opened(jam.id, Opened(1, 2, RoundCard(3))) is None


async def test_a_command_that_left_a_jam_behind_does_not_hold_the_channel(world: World) -> None:
    jam = await opening(world)
    world.clock.now += 121
    await world.look()
    assert await world.database.run(jams.get, jam.id) is None


async def test_mid_merge(world: World) -> None:
    await world.set(prices=["ask=3"], server_pool="100/day")
    world.model.answer = lambda _: None
    jam = await world.opened()
    await world.jams.add_idea(world.caller(BOB), jam.id, "a red dragon")
    await world.jams.make(world.caller(), jam.id)
    await world.model.came.wait()
    world = await world.again()
    world.model.answer = fair
    assert await world.database.run(settle_what_was_open, before=2**40, now=1.0) == 1
    await world.look()
    shown = await world.round(jam)
    assert ((await world.get(jam)).state, shown.prompt) == ("review", "a harbour: a red dragon")
    assert len(world.model.asked) == 2
    # It was one /ask of the day; the second time nothing more is reserved.
    today = int(world.clock.now // DAY_SECONDS)
    assert await world.database.run(daily.used, person_id=ALICE, kind="ask", day=today) == 1
    assert await world.database.run(settle_what_was_open, before=2**40, now=1.0) == 0


async def test_closed_while_merging(world: World) -> None:
    world.model.answer = lambda _: None
    jam = await world.opened()
    await world.jams.add_idea(world.caller(BOB), jam.id, "a red dragon")
    await world.jams.make(world.caller(), jam.id)
    await world.model.came.wait()
    await world.jams.close(world.caller(), jam.id)
    await world.scheduler.look()
    world.model.release.set()
    await world.scheduler.idle()
    await world.look()
    assert ((await world.get(jam)).state, (await world.round(jam)).prompt) == ("over", None)


async def test_an_idea_that_is_deleted_while_it_is_merged_is_merged_out(world: World) -> None:
    jam = await world.opened()
    await world.jams.add_idea(world.caller(BOB), jam.id, "a red dragon")
    await world.jams.add_idea(world.caller(), jam.id, "paper lanterns")
    came = asyncio.Event()

    def answer(document: dict[str, object]) -> str | int | None:
        if came.is_set():
            return fair(document)
        came.set()
        return None

    world.model.answer = answer
    await world.jams.make(world.caller(), jam.id)
    await world.model.came.wait()
    await forget_rows(world.database, BOB)
    world.model.release.set()
    await world.scheduler.idle()
    assert (await world.round(jam)).prompt == "a harbour: paper lanterns"
    assert len(world.model.asked) >= 2


async def test_while_pictures_are_made(world: World) -> None:
    jam = await world.opened()
    await world.reviewed(jam)
    row = await world.jams.order(world.caller(), jam.id)
    world = await world.again()
    await world.look()
    assert (await world.get(jam)).state == "making"
    await world.made(row)
    world = await world.again()
    await world.look()
    assert (await world.get(jam)).state == "voting"


async def test_mid_vote_the_timer_goes_on(world: World) -> None:
    jam = await world.opened()
    await world.reviewed(jam)
    row = await world.jams.order(world.caller(), jam.id)
    await world.made(row)
    await world.look()
    await world.vote(row, BOB, 2)
    world.clock.now += 100
    world = await world.again()
    await world.look()
    assert (await world.get(jam)).state == "voting"
    world.clock.now += 20
    await world.look()
    assert (await world.round(jam)).winner == 2


async def over_with(world: World, *, rounds: int) -> tuple[Jam, list[int]]:
    """A jam that is over, and the orders of its rounds."""
    jam = await world.opened()
    made: list[int] = []
    for number in range(1, rounds + 1):
        await world.reviewed(jam)
        row = await world.jams.order(world.caller(), jam.id)
        await world.made(row)
        await world.look()
        made.append(row.id)
        if number == rounds:
            await world.jams.close(world.caller(), jam.id)
        await world.jams.end_vote(world.caller(), jam.id)
        await world.look()
    return jam, made


async def remove(world: World, *ids: int) -> None:
    for id_ in ids:
        await world.database.run(take_away, id_, by=1, also=(jams.end_without,))
    await world.jams.pictures_removed(ids)


async def test_pictures_that_are_removed_after_the_end_go_from_it(world: World) -> None:
    jam, made = await over_with(world, rounds=2)
    final_id = (await world.get(jam)).final_message_id
    await remove(world, made[1])
    assert (await world.get(jam)).end_due
    world = await world.again()
    world.host.refusals = [NotNow("503")]
    await world.look(1)
    assert (await world.get(jam)).end_due, "Discord did not take it this time"
    world = await world.again()
    world.host.while_posting = lambda: remove(world, made[0])  # another one, while the end is brought up to date
    await world.look()
    assert [len(facts.finished) for facts in world.host.renewed] == [1, 0]
    now = await world.get(jam)
    assert (now.state, now.end_due, now.final_message_id) == ("over", False, final_id)
    await world.look()
    assert (len(world.host.renewed), world.host.finals) == (2, [])
    # One that is of no jam, or was removed before, changes nothing; nor anything once the end is gone.
    await remove(world, 12345, made[0])
    assert not (await world.get(jam)).end_due
    world.host.gone = True
    await world.jams.end_removed(jam.id)
    await world.look()
    assert ((await world.get(jam)).final_message_id, (await world.get(jam)).end_due) == (None, False)
    await world.jams.end_removed(jam.id)
    assert not (await world.get(jam)).end_due
    noted = select(deletions.c.message_id)
    assert await world.database.run(lambda c: list(c.execute(noted).scalars())) == [final_id]


async def test_pictures_that_are_removed_while_the_end_is_posted(world: World) -> None:
    jam = await world.opened()
    await world.reviewed(jam)
    row = await world.jams.order(world.caller(), jam.id)
    await world.made(row)
    await world.look()
    await world.jams.close(world.caller(), jam.id)
    await world.jams.end_vote(world.caller(), jam.id)
    world.host.while_posting = lambda: remove(world, row.id)
    await world.look(4)
    assert [len(facts.finished) for facts in world.host.finals] == [1]
    assert [len(facts.finished) for facts in world.host.renewed] == [0]
    now = await world.get(jam)
    assert (now.state, now.end_due) == ("over", False)


async def test_after_a_start_the_cards_say_how_it_is(world: World) -> None:
    jam = await world.opened()
    await world.reviewed(jam)
    row = await world.jams.order(world.caller(), jam.id)
    await world.made(row)
    await world.look()
    await world.jams.end_vote(world.caller(), jam.id)
    await world.look()
    world = await world.again()
    running = asyncio.create_task(world.scheduler.run())
    await world.host.until(lambda: len(world.host.shown) >= 2)
    assert [round_.number for _, round_ in world.host.shown] == [1, 2]
    # Woken by a press, not by the next look.
    await world.jams.close(world.caller(), jam.id)
    await world.host.until(lambda: world.host.shown[-1][0].state == "over")
    assert len(world.host.finals) == 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def once(world: World, step: Callable[..., object], jam: Jam, **facts: object) -> None:
    """Of eight that do it at once one does."""
    calls = [world.database.run(step, jam.id, now=world.clock(), **facts) for _ in range(8)]
    done = [one for one in await asyncio.gather(*calls) if one is not None]
    assert len(done) == 1


async def test_each_step_is_done_once(world: World) -> None:
    jam = await opening(world)
    calls = [world.jams.opened(jam.id, Opened(THREAD, 29, RoundCard(CARD))) for _ in range(8)]
    assert [one is None for one in await asyncio.gather(*calls)].count(False) == 1
    await world.reviewed(jam)
    row = await world.jams.order(world.caller(), jam.id)
    await world.made(row)
    await once(world, steps.end_making, jam)
    world.clock.now += 121
    await once(world, steps.end_vote, jam, draw=max)
    assert len(await world.database.run(round_rows.rounds_of, jam.id)) == 2
    await once(world, steps.wind_up, jam)
    await once(world, steps.finish, jam, final_message_id=7)
    assert (await world.get(jam)).final_message_id == 7
