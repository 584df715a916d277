"""The switches: what a form changes at the stand-ins, and what it can't."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.browser.switches import ALWAYS, FAULTS, PLACES, Switches
from sandbox.discord.choosing import ClientRefusal
from sandbox.onekey.names import ROUTES
from sandbox.stage import Stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with Stage(start=False) as stage:
        yield stage


@pytest.fixture
def switches(stage: Stage) -> Switches:
    return Switches(stage)


async def status(stage: Stage, path: str) -> int:
    headers = {"Authorization": f"Bearer {stage.api.key}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(stage.api.base_url + path) as response:
        return response.status


async def test_a_fault_of_the_service_for_so_many_requests(stage: Stage, switches: Switches):
    switches.service({"route": "models", "fault": "502", "times": "3"})
    [now] = [each for each in switches.services() if each.route == "models"]
    assert (now.fault, now.times) == ("502", 3)
    assert [await status(stage, "/models") for _ in range(4)] == [502, 502, 502, 200]
    [now] = [each for each in switches.services() if each.route == "models"]
    assert (now.fault, now.times) == ("", 0)


async def test_a_fault_and_a_shape_that_stay_until_they_are_switched_back(stage: Stage, switches: Switches):
    switches.service({"route": "models", "fault": "500", "times": str(ALWAYS)})
    assert [await status(stage, "/models") for _ in range(3)] == [500, 500, 500]
    switches.service({"route": "models", "shape": "missing", "times": "1"})
    assert [await status(stage, "/models") for _ in range(3)] == [404, 404, 404]
    switches.service({"route": "models", "times": "1"})
    assert await status(stage, "/models") == 200


def test_numbers_and_outcomes_of_a_plan(stage: Stage, switches: Switches):
    switches.service({"route": "chat", "first_token": "2.5", "words": "400", "times": "1"})
    assert (stage.api.behaviour.chat.first_token, stage.api.behaviour.chat.words) == (2.5, 400)
    switches.service({"route": "video.submit", "outcome": "inspection", "run_seconds": "20", "times": "1"})
    assert (stage.api.behaviour.submit.outcome, stage.api.behaviour.submit.run_seconds) == ("inspection", 20)


@pytest.mark.parametrize(
    "form",
    [
        {"route": "nowhere", "times": "1"},
        {"route": "chat", "shape": "square", "times": "1"},
        {"route": "chat", "fault": "no_json", "times": "1"},
        {"route": "video.submit", "outcome": "lost", "times": "1"},
        {"route": "chat", "fault": "500", "times": "7"},
        {"route": "chat", "first_token": "-1", "times": "1"},
        {"route": "chat", "first_token": "nan", "times": "1"},
        {"route": "chat", "words": "1e9", "times": "1"},
    ],
)
def test_what_there_is_not_is_refused_and_changes_nothing(switches: Switches, form: dict[str, str]):
    before = switches.services()
    with pytest.raises(ClientRefusal):
        switches.service(form)
    assert switches.services() == before


def test_every_route_that_is_offered_has_its_shapes_and_faults(switches: Switches):
    for each in switches.services():
        assert each.route in ROUTES
        for fault in each.faults:
            switches.service({"route": each.route, "fault": fault, "times": "1"})
        for shape in each.shapes:
            switches.service({"route": each.route, "shape": shape, "times": "1"})


async def discord_status(stage: Stage) -> int | None:
    headers = {"Authorization": f"Bot {stage.discord.token}"}
    try:
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            # A POST: a client may try a GET again by itself.
            session.post(f"{stage.discord.api_url}/channels/{stage.channel('general').id}/typing") as response,
        ):
            return response.status
    except aiohttp.ClientError:
        return None


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("rate_limit", 429),
        ("ban", 429),
        ("500", 500),
        ("502", 502),
        ("lost", 500),
        ("drop", None),
        ("expired_token", 401),
    ],
)
async def test_a_fault_of_discord(stage: Stage, switches: Switches, kind: str, seen: int | None):
    switches.discord({"kind": kind, "place": "all", "times": "1"})
    assert [await discord_status(stage), await discord_status(stage)] == [seen, 204]


async def test_faults_of_discord_are_taken_back(stage: Stage, switches: Switches):
    for kind in FAULTS:
        for place in PLACES:
            switches.discord({"kind": kind, "place": place, "times": str(ALWAYS)})
    assert (len(switches.ordered), switches.ordered[0]) == (len(FAULTS) * len(PLACES), ("rate_limit", "*", ALWAYS))
    switches.discord({"kind": "none"})
    assert switches.ordered == []
    assert await discord_status(stage) == 204
    with pytest.raises(ClientRefusal):
        switches.discord({"kind": "earthquake"})
    with pytest.raises(ClientRefusal):
        switches.discord({"kind": "500", "place": "mars"})


async def test_what_there_is_not_can_not_be_done(switches: Switches):
    with pytest.raises(ClientRefusal):
        await switches.deed("dance")


async def test_a_real_api_is_not_switched():
    switches = Switches(Stage(start=False, real_api=("http://127.0.0.1:9/v1", "sk-x")))
    assert switches.services() == []
    with pytest.raises(ClientRefusal):
        switches.service({"route": "chat", "times": "1"})
