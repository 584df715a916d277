"""What Discord is told of the commands, where they may be used, and what is suggested while they are typed."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

from sandbox.discord.choosing import ClientRefusal
from sandbox.onekey import Behaviour, Plan
from sandbox.stage import default_scene
from tests.e2e.asking import WITHIN, ask, end_of, first_text, model_says, was_whole
from tests.e2e.travelling import scene_with_traveller
from tests.words import en

if TYPE_CHECKING:
    from sandbox.discord.models import Json
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODELS = ["deepseek-chat", "wan2.7-image", "wan2.7-t2v", "deepseek-reasoner"]


async def suggestions(stage: Stage, typed: str = "", *, command: str = "ask") -> list[str]:
    """What is offered for the option `model` while typing."""
    choices = await stage.person("bob").autocomplete(
        stage.channel("general"), command, focused="model", value=typed, prompt="A fox"
    )
    assert all(choice["name"] == choice["value"] for choice in choices)
    return [choice["value"] for choice in choices]


# Autocompletion


@pytest.mark.parametrize(
    ("command", "models"),
    [
        ("ask", ["deepseek-chat", "deepseek-reasoner"]),
        ("imagine", ["wan2.7-image"]),
        ("video", ["wan2.7-t2v", "wan2.7-i2v"]),
    ],
)
async def test_models_of_the_kind_are_suggested_the_current_one_first(stage: Stage, command: str, models: list[str]):
    found = await suggestions(stage, command=command)

    assert found[0] == models[0]
    assert set(models) <= set(found)
    others = {one for one in stage.api.models if one.startswith(("deepseek", "wan"))} - set(models)
    assert not others & set(found)


async def test_suggestions_contain_what_was_typed(stage: Stage):
    assert await suggestions(stage, "WAN2.7-", command="video") == ["wan2.7-t2v", "wan2.7-i2v"]
    assert await suggestions(stage, " reason ") == ["deepseek-reasoner"]
    assert await suggestions(stage, "nothing like it") == []


async def test_channels_own_model_is_suggested_first(stage: Stage):
    alice, channel = stage.person("alice"), stage.channel("general")
    use = await alice.command(channel, "config set", setting="chat_model", value="qwen3-max")
    await use.message()
    found = await suggestions(stage)
    await (await alice.command(channel, "config reset", setting="chat_model")).message()

    assert found[:2] == ["qwen3-max", "deepseek-chat"]
    assert found.count("qwen3-max") == 1


@pytest.mark.parametrize(
    "models",
    [Plan(shape="missing"), Plan(shape="refused"), Plan(fault="500"), Plan(fault="garbage"), Plan(delay=60)],
    ids=["missing", "refused", "500", "garbage", "slow"],
)
async def test_without_a_list_the_configured_models_are_suggested(new_stage: NewStage, models: Plan):
    stage = await new_stage(behaviour=Behaviour(models=models), environment={"CHAT_MODEL": "my-own-model"})
    began = time.monotonic()
    found = await suggestions(stage)

    assert time.monotonic() - began < 2
    assert found == ["my-own-model"]
    assert await suggestions(stage, "t2v", command="video") == ["wan2.7-t2v"]


async def test_at_most_25_are_suggested(new_stage: NewStage):
    stage = await new_stage(start=False)
    many = ("deepseek-chat", *(f"model-{number:02}" for number in range(60)), "x" * 120)
    stage.api.models = many
    await stage.start()
    found: list[str] = []
    for _ in range(500):  # until the list is there
        if len(found := await suggestions(stage)) > 1:
            break
        await asyncio.sleep(0.02)

    assert len(found) == 25
    assert found[:2] == ["deepseek-chat", "model-00"]
    assert await suggestions(stage, "model-5") == [f"model-5{number}" for number in range(10)]


# What Discord is told


def _registered(stage: Stage) -> dict[str, Json]:
    return {command["name"]: command for command in stage.world.application.commands.values()}


def _described(parts: list[Json]) -> list[Json]:
    """Commands and options, nested ones too."""
    return [each for part in parts for each in (part, *_described(part.get("options") or []))]


async def test_descriptions_are_localised_and_names_are_not(stage: Stage):
    registered = _registered(stage).values()
    described = _described([command for command in registered if command.get("type", 1) == 1])

    assert {"ask", "imagine", "video", "config"} <= set(_registered(stage))
    assert len(described) > 15
    for part in described:
        assert set(part["description_localizations"]) == {"zh-CN"}, part["name"]
        chinese = part["description_localizations"]["zh-CN"]
        assert chinese != part["description"]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in part["description"])
        assert not part.get("name_localizations")
    # What stands in a message's menu is read, not typed.
    assert _registered(stage)["Remove"]["name_localizations"] == {"zh-CN": "移除"}


async def test_where_the_commands_may_be_used(stage: Stage):
    for name, command in _registered(stage).items():
        assert command["integration_types"] == [0]
        # A jam has a thread, which only servers have.
        assert sorted(command["contexts"]) == ([0] if name == "jam" else [0, 1]), name
    assert int(_registered(stage)["config"]["default_member_permissions"]) == 1 << 4
    assert _registered(stage)["ask"]["default_member_permissions"] is None


async def test_commands_are_registered_only_when_they_changed(new_stage: NewStage):
    stage = await new_stage()
    writes = stage.discord.limits.served
    assert writes["commands.write"] == 1
    await end_of(await ask(stage, "Settled"))

    await stage.restart()
    assert was_whole(await end_of(await ask(stage, "Has it begun?")))
    # A sync happens at the start, before or beside the first answers.
    await stage.stop()
    assert writes["commands.write"] == 1

    stage.bot.environment["ALLOW_USER_INSTALL"] = "true"
    await stage.start()
    await _until_written(stage, 2)
    for name, command in _registered(stage).items():
        assert command["integration_types"] == ([0] if name in {"jam", "gallery"} else [0, 1]), name


async def test_registration_that_fails_does_not_stop_the_bot(new_stage: NewStage):
    stage = await new_stage(start=False)
    fault = stage.discord.faults.status("PUT /applications/*/commands", 400)
    stage.world.application.commands.update(await _commands_of_another(new_stage))
    await stage.start()

    assert was_whole(await end_of(await ask(stage, "Does it run?")))
    assert fault.hits == 1
    log = stage.bot.log.read_text()
    assert "failed, trying again in" in log
    assert "work=OneKeyBot._sync_commands" in log
    await _until_written(stage, 2)


async def _commands_of_another(new_stage: NewStage) -> dict[int, Json]:
    stage = await new_stage()
    return dict(stage.world.application.commands)


async def _until_written(stage: Stage, times: int) -> None:
    """Waits until the commands were registered `times` times; a bot that still talks gives the turns to look."""
    until = time.monotonic() + WITHIN
    while stage.discord.limits.served["commands.write"] < times:
        assert time.monotonic() < until, "the commands were not registered"
        await suggestions(stage)


# Where the owner allows it


async def test_only_in_allowed_servers(new_stage: NewStage):
    scene = default_scene()
    elsewhere = scene.world.guild("Elsewhere", owner=scene.people["bob"].user)
    lounge = scene.world.text_channel(elsewhere, "lounge")
    stage = await new_stage(scene=scene, environment={"ALLOWED_GUILDS": f"{scene.guild.id}"})
    bob = stage.person("bob")

    refused = await (await bob.command(lounge, "ask", prompt="May I?")).message()
    configured = await (await bob.command(lounge, "config show")).message()
    allowed = await end_of(await ask(stage, "May I?", by="bob"))
    letter = await bob.command(bob.dm(), "ask", prompt="May I?")

    assert refused.visible_to == bob.id
    assert refused.text == configured.text == en("error.server_not_allowed")
    assert was_whole(allowed)
    assert was_whole(await end_of(letter))
    assert len(stage.api.requests.of("chat")) == 2
    assert await bob.autocomplete(lounge, "ask", focused="model", prompt="x") == []


@pytest.mark.parametrize("where", ["abroad", "group"])
async def test_user_install_where_the_owner_allows_it(new_stage: NewStage, where: str):
    stage = await new_stage(scene=scene_with_traveller(), environment={"ALLOW_USER_INSTALL": "true"})
    use = await ask(stage, "Out here", by="traveller", where=where)
    message = await end_of(use)
    stopping = await ask(stage, "Out here [rate:20] [words:2000]", by="traveller", where=where)
    await stage.person("traveller").press(await first_text(stopping), label="Stop")

    assert was_whole(message)
    assert "Stopped by" in (await end_of(stopping)).text


async def test_user_install_with_an_answer_of_many_messages(new_stage: NewStage, monkeypatch: pytest.MonkeyPatch):
    model_says(monkeypatch, "many words " * 3000)
    stage = await new_stage(scene=scene_with_traveller(), environment={"ALLOW_USER_INSTALL": "true"})
    # How fast they may be sent is another test's matter.
    stage.discord.limits.groups |= {"webhook.post": None, "webhook.patch": None}
    use = await ask(stage, "A book [rate:20000]", by="traveller", where="abroad")
    last = await end_of(use, within=20)

    # Five follow-ups are all that Discord lets a user's own application send.
    assert len(use.followups) == 4
    assert [file.filename for file in last.attachments] == ["answer.md"]


async def test_no_user_install_where_the_owner_does_not_allow_it(new_stage: NewStage):
    stage = await new_stage(scene=scene_with_traveller())
    with pytest.raises(ClientRefusal, match="not offered"):
        await ask(stage, "Out here", by="traveller", where="abroad")

    # Discord may still offer them for a while after the owner changed their mind.
    for command in stage.world.application.commands.values():
        command["integration_types"] = [0, 1]
    refused = await (await ask(stage, "Out here", by="traveller", where="abroad")).message()
    assert refused.visible_to == stage.person("traveller").id
    assert refused.text == en("error.user_install_off")
    assert stage.api.requests.of("chat") == []


# Where Discord is


@asynccontextmanager
async def _proxy(target: str) -> AsyncGenerator[tuple[str, list[str]]]:
    """A REST proxy under a path of its own: its address, and what went through it."""
    passed: list[str] = []
    async with aiohttp.ClientSession() as session:

        async def forward(request: web.Request) -> web.Response:
            path = request.path.removeprefix("/discord/api/v10")
            passed.append(f"{request.method} {path}")
            headers = {
                name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers
            }
            async with session.request(
                request.method, target + path, params=request.query, headers=headers, data=await request.read()
            ) as answer:
                kept = {
                    name: value
                    for name, value in answer.headers.items()
                    if name.lower().startswith("x-ratelimit") or name in ("Retry-After", "Via", "Content-Type")
                }
                return web.Response(status=answer.status, body=await answer.read(), headers=kept)

        app = web.Application()
        app.router.add_route("*", "/discord/api/v10/{path:.*}", forward)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/discord/api/v10", passed
        finally:
            await runner.cleanup()


async def test_rest_through_a_proxy(new_stage: NewStage):
    stage = await new_stage(start=False)
    async with _proxy(stage.discord.api_url) as (address, passed):
        stage.bot.environment["DISCORD_API_URL"] = address + "/"
        await stage.start()
        message = await end_of(await ask(stage, "Through a proxy [rate:20] [words:25]"))
        await stage.stop()

    assert was_whole(message)
    asked = sum(stage.discord.limits.served.values())
    assert len(passed) == asked, "nothing went past the proxy"
    for part in ("GET /users/@me", "GET /gateway/bot", "POST /interactions/", "PATCH /webhooks/"):
        assert any(each.startswith(part) for each in passed)


_FROM_OUTSIDE = """
import os, sys
import bot.__main__ as program
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL
Route.BASE = os.environ.pop("OUTSIDE_REST")
DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ.pop("OUTSIDE_GATEWAY"))
sys.exit(program.main(["run"]))
"""


async def test_discord_set_from_outside(new_stage: NewStage):
    stage = await new_stage(start=False)
    kept = ("PATH", "PYTHONPATH", "HOME", "DISCORD_TOKEN", "ONEKEY_API_KEY", "ONEKEY_BASE_URL", "DATA_DIR")
    stage.bot.environment = {name: stage.bot.environment[name] for name in kept} | {
        "OUTSIDE_REST": stage.discord.api_url,
        "OUTSIDE_GATEWAY": stage.discord.ws_url,
    }
    stage.bot.arguments = ("-c", _FROM_OUTSIDE)
    await stage.start()

    assert was_whole(await end_of(await ask(stage, "From outside")))


# The log


async def test_log_holds_no_secrets(new_stage: NewStage):
    stage = await new_stage(environment={"LOG_LEVEL": "debug"})
    alice, bob, general = stage.person("alice"), stage.person("bob"), stage.channel("general")
    faults = stage.discord.faults
    for number in range(3):
        await end_of(await ask(stage, f"Q {number}", by="bob", private=number == 1))
    for fault in ("401", "500", "drop", "mid_error", "garbage", "sensitive"):
        await end_of(await ask(stage, f"Q [fault:{fault}]"))
    faults.drop("POST /interactions/*/callback")
    await end_of(await ask(stage, "The connection drops"))
    faults.status("POST /interactions/*/callback", 403)
    refused = await ask(stage, "Refused")
    await refused.until(lambda _: True, WITHIN)
    growing = [await ask(stage, f"Edits fail: {name} [rate:20] [words:25]") for name in ("400", "429", "token")]
    for use in growing:
        await first_text(use)
    faults.status(f"PATCH /webhooks/*/{growing[0].interaction.token}/*", 400)
    faults.rate_limit(f"PATCH /webhooks/*/{growing[1].interaction.token}/*", retry_after=0.1)
    stage.world.expire_tokens(growing[2].interaction)
    await suggestions(stage)
    await (await alice.command(general, "config set", setting="chat_model", value="qwen3-max")).message()
    for command in ("imagine", "video"):
        made = await bob.command(general, command, prompt="A fox")
        await made.until(lambda message: bool(message.attachments), WITHIN)
    for use in growing:
        await end_of(use)
    await stage.stop()
    log = stage.bot.log.read_text()

    assert len(log.splitlines()) > 20
    secrets = {stage.discord.token: "the bot's token", stage.api.key: "the API key"}
    secrets |= dict.fromkeys(stage.world.interactions, "an interaction's token")
    assert len(secrets) > 15
    for secret, what in secrets.items():
        assert secret not in log, f"{what} stands in the log"
        assert secret[-20:] not in log, f"the end of {what} stands in the log"


async def test_log_as_json(new_stage: NewStage):
    stage = await new_stage(environment={"LOG_FORMAT": "json"})
    await end_of(await ask(stage, "Q [fault:500]"))
    await stage.stop()
    events: list[dict[str, Any]] = [json.loads(line) for line in stage.bot.log.read_text().splitlines()]

    assert all({"time", "level", "logger", "message"} <= set(event) for event in events)
    assert any(event["level"] == "WARNING" and "upstream error" in event["message"] for event in events)

    def those(message: str) -> list[dict[str, Any]]:
        return [event for event in events if event["message"] == message]

    (typed,) = those("answered")
    carol, channel = typed["person"], typed["channel"]
    assert (typed["command"], int(typed["guild"]) > 0, typed["milliseconds"] < 3000) == ("ask", True, True)
    called = [event for event in those("the service answered") if event["status"] == 500]
    assert called[0]["route"] == "/chat/completions"
    assert called[0]["request"]
    assert called[0]["milliseconds"] < 3000
    (over,) = those("a question is over")
    assert (over["person"], over["channel"], over["model"], over["reason"]) == (
        carol,
        channel,
        "deepseek-chat",
        "ServiceFault",
    )
