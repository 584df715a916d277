"""/config set, reset and show: what holds where, for who may manage it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.api.models import is_of_another
from bot.kinds import Kind
from sandbox.discord.choosing import ClientRefusal
from sandbox.discord.permissions import Permission
from sandbox.onekey import Behaviour, Plan
from tests.e2e.asking import ask, end_of, was_whole
from tests.e2e.cards import labels
from tests.e2e.configuring import config, told
from tests.words import en, named, piece, zh

if TYPE_CHECKING:
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def model_of(stage: Stage, where: str) -> str:
    """Which model answers an /ask there."""
    assert was_whole(await end_of(await ask(stage, "Who answers?", by="bob", where=where)))
    return str(stage.api.requests.of("chat")[-1].json["model"])


async def test_set_show_and_reset(stage: Stage):
    alice, channel = stage.person("alice"), stage.channel("pictures")
    changed = await config(alice, channel, "set", setting="chat_model", value="qwen3-max")
    used = await model_of(stage, "pictures")
    elsewhere = await model_of(stage, "general")
    shown = await config(alice, channel, "show")
    reset = await config(alice, channel, "reset", setting="chat_model")

    assert changed.text.replace("\\", "") == f"**{named('chat_model')}** is now qwen3-max in <#{channel.id}>."
    assert used == "qwen3-max"
    assert elsewhere == "deepseek-chat"
    lines = shown.text.replace("\\", "").splitlines()
    assert lines[0] == f"### Settings in <#{channel.id}>"
    assert f"**{named('chat_model')}** · qwen3-max · set for this channel" in lines
    assert lines[-2].startswith(f"**{named('chat_model')}**")
    assert en("button.all_settings") in labels(shown)
    assert reset.text.replace("\\", "").splitlines() == [
        en("config.reset", setting=named("chat_model"), where=f"<#{channel.id}>"),
        f"-# {en('config.holds', value='deepseek-chat')}\u00a0·\u00a0{en('config.from_default')}",
    ]
    assert await model_of(stage, "pictures") == "deepseek-chat"


@pytest.mark.parametrize(
    ("setting", "value", "command", "route"),
    [
        ("image_model", "qwen-image", "imagine", "images"),
        ("video_model", "wan2.7-i2v", "video", "video.submit"),
    ],
)
async def test_models_of_pictures_and_videos(stage: Stage, setting: str, value: str, command: str, route: Any):
    alice, channel = stage.person("alice"), stage.channel("pictures")
    await config(alice, channel, "set", setting=setting, value=value)
    seen = len(stage.api.requests.of(route))
    await stage.person("bob").command(channel, command, prompt="A fox")
    request = await stage.api.requests.seen(route, seen + 1)
    await config(alice, channel, "reset", setting=setting)

    assert request.json["model"] == value


async def test_thread_has_its_channels_value_until_it_has_its_own(stage: Stage):
    alice, general, plans = stage.person("alice"), stage.channel("general"), stage.channel("plans")
    await config(alice, general, "set", setting="chat_model", value="qwen3-max")
    inherited = await config(alice, plans, "show")
    first = await model_of(stage, "plans")
    await config(alice, plans, "set", setting="chat_model", value="deepseek-reasoner")
    own = await config(alice, plans, "show")
    second, parents = await model_of(stage, "plans"), await model_of(stage, "general")
    await config(alice, plans, "reset", setting="chat_model")
    third = await model_of(stage, "plans")
    await config(alice, general, "reset", setting="chat_model")

    assert "qwen3-max · set for this channel" in inherited.text.replace("\\", "")
    assert "deepseek-reasoner · set for this thread" in own.text.replace("\\", "")
    assert [first, second, parents, third] == ["qwen3-max", "deepseek-reasoner", "qwen3-max", "qwen3-max"]


async def test_only_who_manages_channels_sees_it(stage: Stage):
    with pytest.raises(ClientRefusal, match="not offered"):
        await stage.person("bob").command(stage.channel("general"), "config show")

    manager = stage.world.person("manager", guild=stage.guild, permissions=Permission.MANAGE_CHANNELS)
    assert piece("config.title") in (await config(manager, stage.channel("general"), "show")).text


@pytest.mark.parametrize(
    ("who", "sentence"),
    [("bob", en("config.not_allowed")), ("小明", "你需要“管理频道”权限。")],
)
async def test_permission_is_checked_even_where_the_command_is_shown(stage: Stage, who: str, sentence: str):
    # As a server's own command permissions show it to everybody.
    command = next(each for each in stage.world.application.commands.values() if each["name"] == "config")
    hidden, command["default_member_permissions"] = command["default_member_permissions"], None
    person, channel = stage.person(who), stage.channel("general")
    try:
        answers = [
            await config(person, channel, "set", setting="chat_model", value="qwen3-max"),
            await config(person, channel, "reset", setting="chat_model"),
            await config(person, channel, "show"),
        ]
    finally:
        command["default_member_permissions"] = hidden

    assert [answer.text for answer in answers] == [sentence] * 3
    assert await model_of(stage, "general") == "deepseek-chat"


async def test_unknown_model_is_refused(stage: Stage):
    message = await config(
        stage.person("alice"), stage.channel("general"), "set", setting="chat_model", value="gpt-of-my-own"
    )

    text = message.text.replace("\\", "")
    assert text.startswith(f"{en('error.model_not_found', model='gpt-of-my-own')} Available: ")
    assert "qwen3-max" in text
    assert await model_of(stage, "general") == "deepseek-chat"


@pytest.mark.parametrize("value", ["two words", "<@1>", "a" * 101, "[link](https://evil.example)"])
async def test_impossible_name_is_refused(stage: Stage, value: str):
    message = await config(stage.person("alice"), stage.channel("general"), "set", setting="chat_model", value=value)

    assert message.text == en("config.bad_model_name")


async def test_in_direct_messages(stage: Stage):
    bob = stage.person("bob")
    changed = await config(bob, bob.dm(), "set", setting="chat_model", value="qwen3-max")
    use = await bob.command(bob.dm(), "ask", prompt="Who answers?")
    await end_of(use)
    mine = stage.api.requests.of("chat")[-1].json["model"]

    assert "qwen3-max" in changed.text.replace("\\", "")
    assert mine == "qwen3-max"
    assert await model_of(stage, "general") == "deepseek-chat"


async def test_in_chinese(stage: Stage):
    manager = stage.world.person("管理员", guild=stage.guild, permissions=Permission.MANAGE_CHANNELS, locale="zh-CN")
    general = stage.channel("general")
    await config(manager, general, "set", setting="answers", value="public")
    message = await config(manager, general, "show")
    await config(manager, general, "reset", setting="answers")

    assert f"**{named('answers', 'zh_CN')}** · 公开 · {zh('config.from_channel')}" in message.text


async def test_values_are_suggested(stage: Stage):
    alice, channel = stage.person("alice"), stage.channel("general")
    chat = await alice.autocomplete(channel, "config set", focused="value", setting="chat_model")
    video = await alice.autocomplete(channel, "config set", focused="value", value="i2v", setting="video_model")
    none = await alice.autocomplete(channel, "config set", focused="value")

    assert chat[0]["value"] == "deepseek-chat"
    of_its_kind = {name for name in stage.api.models if not is_of_another(Kind.ASK, name)}
    assert {choice["value"] for choice in chat} == of_its_kind < set(stage.api.models)
    assert [choice["value"] for choice in video] == ["wan2.7-i2v"]
    assert none == []


async def test_kept_over_a_restart(new_stage: NewStage):
    stage = await new_stage()
    alice, general = stage.person("alice"), stage.channel("general")
    await config(alice, general, "set", setting="chat_model", value="qwen3-max")
    await stage.kill()
    await stage.start()

    assert await model_of(stage, "general") == "qwen3-max"
    assert "set for this channel" in (await config(alice, general, "show")).text


async def test_without_a_list_of_models_any_name_is_taken(new_stage: NewStage):
    stage = await new_stage(behaviour=Behaviour(models=Plan(shape="missing")))
    message = await config(
        stage.person("alice"), stage.channel("general"), "set", setting="chat_model", value="a-model/of:my@own"
    )

    assert message.text.splitlines()[1] == f"-# {en('config.unchecked')}"
    await end_of(await ask(stage, "Who answers?"))
    assert stage.api.requests.of("chat")[-1].json["model"] == "a-model/of:my@own"


async def test_names_are_understood_and_none_means_none(stage: Stage):
    alice = stage.person("alice")
    channel = stage.world.text_channel(stage.guild, "named")
    artists, team = (stage.world.role(stage.guild, name) for name in ("Artists", "Art Team"))
    hidden = stage.world.text_channel(stage.guild, "my-log")
    stage.world.overwrite(hidden, stage.guild.roles[stage.guild.id], deny=Permission.VIEW_CHANNEL)
    stage.world.overwrite(hidden, stage.world.application.bot, allow=Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES)

    async def put(setting: str, value: str, **options: str) -> str:
        return await told(alice, channel, "set", setting=setting, value=value, **options)

    here = f"in <#{channel.id}>."
    assert (
        await put("roles", "@artists, Art Team") == f"**{named('roles')}** is now <@&{artists.id}> <@&{team.id}> {here}"
    )
    assert await put("log_channel", "#my-log") == f"**{named('log_channel')}** is now <#{hidden.id}> {here}"
    assert await put("log_channel", "#no-log") == (en("config.no_such_channel", name="no-log"))
    assert await put("roles", "@nobody") == en("config.no_such_role", name="nobody")
    assert await put("blocked words", "fox") == f"**{named('blocked_words')}** is now fox {here}"
    for setting in ("log_channel", "blocked_words", "temperature", "system_prompt"):
        assert await put(setting, "None") == f"**{named(setting)}** is now none {here}"
    assert await put("roles", "无") == f"**{named('roles')}** is now everyone {here}"
    await put("max_images", "2")
    await put("max_images", "none")
    shown = await told(alice, channel, "show")
    assert "max_images" not in shown


@pytest.mark.parametrize(
    ("locale", "typed", "keys"),
    [
        ("en-US", "nsfw", {"age_restricted_only"}),
        ("zh-CN", "禁词", {"blocked_words"}),
        ("zh-CN", "limit", {"max_images"}),
    ],
)
async def test_settings_are_found_by_what_people_call_them(stage: Stage, locale: str, typed: str, keys: set[str]):
    admin = stage.world.person("finder", guild=stage.guild, locale=locale, permissions=int(Permission.ADMINISTRATOR))
    choices = await admin.autocomplete(stage.channel("general"), "config set", focused="setting", value=typed)
    assert keys <= {str(choice["value"]) for choice in choices}
