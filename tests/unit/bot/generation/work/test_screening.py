"""Orders checked by the service's moderation: prompts before they are sent, pictures before they are shown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from bot.generation.rows import result_rows
from bot.generation.rows.records import WITHHELD
from bot.generation.work import screening
from bot.reasons import Reason
from bot.settings import Scope
from bot.settings import changes as settings
from bot.settings.changes import Change
from bot.states import State
from sandbox.onekey import Plan
from sandbox.onekey.moderations import FLAGGED

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation
    from tests.unit.bot.generation.living import House

BAD = f"A {FLAGGED[0]}"


@pytest.fixture(autouse=True)
def impatient_screening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "WAIT", 0.01)


async def level(house: House, value: str) -> None:
    change = Change(Scope.SERVER, 9, "moderation", value)
    await house.database.run(settings.make, [change], by=1, now=time.time(), guild_id=9)


async def picture(house: House, prompt: str = "A fox", **facts: Any) -> Generation:
    given = {"kind": "image", "model": "wan2.7-image", "parameters": {"size": "128x96"}, "count": 2}
    return await house.order(prompt, **(given | facts))


async def test_a_flagged_prompt_is_never_sent(house: House) -> None:
    house.api.behaviour.moderations = Plan()
    row = await picture(house, BAD)
    await house.worker.live(row)
    ended = await house.get(row.id)
    assert (ended.state, ended.reason, ended.submitted_at) == (State.FAILED, Reason.MODERATED, None)
    assert house.api.requests.of("images") == []
    video = await house.order(BAD)
    await house.worker.live(video)
    assert (await house.get(video.id)).reason == Reason.MODERATED
    assert house.api.submits.total() == 0


@pytest.mark.parametrize("shape", ["absent", ""])
async def test_off_or_absent_lets_all_through(house: House, shape: str) -> None:
    house.api.behaviour.moderations = Plan(shape=shape)
    if not shape:
        await level(house, "off")
    row = await picture(house, BAD)
    await house.worker.live(row)
    assert (await house.get(row.id)).state == State.DELIVERED


@pytest.mark.parametrize("fault", ["500", "drop", "429"])
async def test_prompts_go_through_where_it_is_broken(house: House, fault: str) -> None:
    house.api.behaviour.moderations = Plan(fault=fault)
    row = await picture(house, BAD)
    await house.worker.live(row)
    assert (await house.get(row.id)).state == State.DELIVERED


async def test_a_flagged_picture_is_gone_for_good(house: House) -> None:
    house.api.behaviour.moderations = Plan(shape="every_other")
    await level(house, "results")
    row = await picture(house, count=4)
    await house.worker.live(row)
    (facts,) = house.notebook.delivered
    withheld = [one.position for one in facts.results if one.form == WITHHELD]
    assert len(withheld) == 2
    assert all(one.path is None and one.url is None for one in facts.results if one.form == WITHHELD)
    assert not facts.spoiler
    kept = await house.database.run(result_rows.of_generation, row.id)
    assert [one.position for one in kept if one.form == WITHHELD] == withheld
    assert all(one.url is None for one in kept if one.form == WITHHELD)
    # What is delivered again shows no more.
    again = await house.worker.fetched(await house.get(row.id))
    assert [one.position for one in again.results if one.path] == [
        one.position for one in facts.results if one.position not in withheld
    ]
    assert (await house.get(row.id)).price is None


async def test_all_of_them_flagged_is_delivered_as_that(house: House) -> None:
    house.api.behaviour.moderations = Plan(shape="pictures")
    await level(house, "results")
    row = await picture(house)
    await house.worker.live(row)
    (facts,) = house.notebook.delivered
    assert [one.form for one in facts.results] == [WITHHELD, WITHHELD]
    assert (await house.get(row.id)).state == State.DELIVERED


async def test_pictures_are_not_looked_at_where_only_prompts_are(house: House) -> None:
    house.api.behaviour.moderations = Plan(shape="pictures")
    row = await picture(house)
    await house.worker.live(row)
    assert len(house.api.requests.of("moderations")) == 1
    assert all(one.form != WITHHELD for one in house.notebook.delivered[0].results)


async def test_what_can_t_be_checked_is_behind_a_spoiler(house: House) -> None:
    house.api.behaviour.moderations = Plan()
    await level(house, "results")
    house.api.next("moderations")  # the prompt
    house.api.next("moderations", times=2 * screening.TRIES, fault="500")
    row = await picture(house)
    await house.worker.live(row)
    (facts,) = house.notebook.delivered
    assert facts.spoiler
    assert all(one.path for one in facts.results)


async def test_a_try_that_fails_is_made_up_for(house: House) -> None:
    house.api.behaviour.moderations = Plan()
    await level(house, "results")
    house.api.next("moderations")
    house.api.next("moderations", times=2, fault="500")
    row = await picture(house)
    await house.worker.live(row)
    assert not house.notebook.delivered[0].spoiler
