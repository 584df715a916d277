"""/config for channels, categories and the server, by members of different permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.permissions import Permission
from sandbox.stage import default_scene
from tests.e2e.asking import ask, end_of
from tests.e2e.cards import someone
from tests.e2e.configuring import config, log_in, told
from tests.words import en, named, piece

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

MANAGER = Permission.MANAGE_CHANNELS
NEEDS_SERVER = en("config.not_allowed_server")


def manager(stage: Stage, **options: Any) -> Person:
    return someone(stage, "manager", permissions=int(MANAGER), **options)


async def test_each_scope_where_the_nearer_one_has_nothing(stage: Stage):
    alice, pictures, general = stage.person("alice"), stage.channel("pictures"), stage.channel("general")
    assert pictures.parent_id is not None
    where = f"<#{pictures.parent_id}>"
    said = await told(alice, pictures, "set", setting="max_images", value="2", scope="category")
    server = await told(alice, pictures, "set", setting="max_images", value="3", scope="server")
    here, there = await told(alice, pictures, "show"), await told(alice, general, "show")
    over = await told(alice, pictures, "set", setting="max_images", value="1")
    mine = await told(alice, pictures, "show")
    for scope in ("channel", "category", "server"):
        await config(alice, pictures, "reset", setting="max_images", scope=scope)

    assert said == f"**{named('max_images')}** is now 2 in {where}."
    assert server.splitlines() == [
        f"**{named('max_images')}** is now 3 in this server.",
        f"-# {en('config.nearer', value='2')} · set for the category",
    ]
    assert f"**{named('max_images')}** · 2 · set for the category" in here
    assert f"**{named('max_images')}** · 3 · set for the server" in there
    assert over == f"**{named('max_images')}** is now 1 in <#{pictures.id}>."
    assert f"**{named('max_images')}** · 1 · set for this channel" in mine
    assert "max_images" not in await told(alice, pictures, "show")


async def test_channel_without_category(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    assert await told(alice, general, "set", setting="max_images", value="2", scope="category") == (
        en("config.no_category")
    )


async def test_server_wide_settings_go_to_the_server_and_need_its_permission(stage: Stage):
    alice, bob, plans = stage.person("alice"), manager(stage), stage.channel("plans")
    refused = [
        await told(bob, plans, "set", setting="prompt_days", value="7"),
        await told(bob, plans, "set", setting="max_images", value="2", scope="server"),
        await told(bob, plans, "reset", setting="prompt_days"),
        await told(bob, plans, "pause", scope="server"),
    ]
    said = await told(alice, plans, "set", setting="prompt_days", value="7")
    shown = await told(alice, stage.channel("pictures"), "show")
    await config(alice, plans, "reset", setting="prompt_days")

    assert refused == [NEEDS_SERVER] * 4
    assert said == f"**{named('prompt_days')}** is now 7 in this server."
    assert f"**{named('prompt_days')}** · 7 · set for the server" in shown


async def test_what_is_set_for_a_thread_holds_in_that_thread(stage: Stage):
    alice, plans = manager(stage), stage.channel("plans")
    said = await told(alice, plans, "set", setting="system_prompt", value="You are a poet.")
    shown = await told(alice, plans, "show")
    parent = await told(alice, stage.channel("general"), "show")
    await end_of(await ask(stage, "Who are you?", where="plans"))
    asked: Any = stage.api.requests.of("chat")[-1].json["messages"]
    await config(alice, plans, "reset", setting="system_prompt")

    assert said == f"**{named('system_prompt')}** is now You are a poet. in <#{plans.id}>."
    assert f"**{named('system_prompt')}** · You are a poet. · set for this thread" in shown
    assert "system_prompt" not in parent
    assert asked[0] == {"role": "system", "content": "You are a poet."}


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("system_prompt", "x" * 6000, en("config.bad_text", most="4000", length="6000")),
        ("max_images", "9", en("config.bad_number", least="1", most="4")),
        ("temperature", "hot", en("config.bad_decimal", least=0, most=2)),
        ("answers", "secret", en("config.bad_choice", options="public, private")),
        ("commands", "ask, sing", en("config.bad_choices", options="ask, imagine, video")),
        ("language", "klingon", en("config.bad_choice", options="English (en), 简体中文 (zh_CN)")),
        ("system_prompt", "   ", en("config.no_text", most="4000")),
        ("roles", "<@&123456789012345678>", "This server has no such role. It may have been deleted."),
        ("roles", "artists", en("config.bad_roles", most="25")),
        ("log_channel", "<#1>", en("config.unknown_channel")),
        ("image_size", "huge", en("error.bad_size", example="1280x720")),
        ("blocked_words", "y" * 51, en("config.bad_word", most="50")),
    ],
)
async def test_impossible_values_are_refused(stage: Stage, setting: str, value: str, sentence: str):
    assert await told(stage.person("alice"), stage.channel("general"), "set", setting=setting, value=value) == sentence


async def test_where_no_model_is_allowed(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    await config(alice, general, "set", setting="allowed_models", value="nothing-like-it")
    said = (await (await ask(stage, "Hello")).message()).text
    await config(alice, general, "reset", setting="allowed_models")

    assert said.replace("\\", "") == en("policy.no_model_allowed")


async def test_unknown_setting(stage: Stage):
    said = await told(stage.person("alice"), stage.channel("general"), "set", setting="@everyone", value="1")
    assert said.startswith(en("config.unknown_setting", settings="commands, chat_model, "))


async def test_what_was_typed_takes_no_effect(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    evil = "# Big @everyone <@1> [x](https://evil.example) discord.gg/abc"
    set_ = await config(alice, general, "set", setting="system_prompt", value=evil)
    shown = await config(alice, general, "show")
    await config(alice, general, "reset", setting="system_prompt")

    for message in (set_, shown):
        assert r"\# Big \@everyone \<\@1\> \[x\](https\:" in message.text
    assert "discord.gg" not in set_.text


async def test_show_of_another_channel_is_checked_there(stage: Stage):
    world, guild = stage.world, stage.guild
    secret = world.text_channel(guild, "secret")
    bob = manager(stage)
    world.overwrite(secret, bob.user, deny=Permission.MANAGE_CHANNELS)
    general = stage.channel("general")
    await config(stage.person("alice"), secret, "set", setting="system_prompt", value="hush")

    assert "hush" in await told(stage.person("alice"), general, "show", channel=secret)
    assert await told(bob, general, "show", channel=secret) == (en("config.not_allowed_there", place=f"<#{secret.id}>"))
    assert "hush" not in await told(bob, general, "history")


async def test_channel_manager_by_overwrite_alone(stage: Stage):
    channel = stage.world.text_channel(stage.guild, "bobs-own")
    bob = someone(stage, "bobby")
    stage.world.overwrite(channel, bob.user, allow=MANAGER)

    assert "is now 2" in await told(bob, channel, "set", setting="max_images", value="2")
    assert "Take" not in await told(bob, channel, "history")


async def test_roles_and_everyone(stage: Stage):
    world, guild, general = stage.world, stage.guild, stage.channel("general")
    artists = world.role(guild, "artists")
    alice, bob = stage.person("alice"), stage.person("bob")
    said = await told(alice, general, "set", setting="roles", value=f"<@&{artists.id}>")
    refused = (await (await ask(stage, "May I?", by="bob")).message()).text
    everyone = await told(alice, general, "set", setting="roles", value=f"<@&{guild.id}>")
    await end_of(await ask(stage, "May I?", by="bob"))

    assert said == f"**{named('roles')}** is now <@&{artists.id}> in <#{general.id}>."
    assert refused == en("policy.role_needed", roles=f"<@&{artists.id}>")
    assert everyone == f"**{named('roles')}** is now everyone in <#{general.id}>."
    assert bob.user.id != alice.user.id
    await config(alice, general, "reset", setting="roles")


async def test_log_channel_must_be_writable_and_visible(stage: Stage):
    world, guild, general = stage.world, stage.guild, stage.channel("general")
    log, staff = world.text_channel(guild, "log"), world.text_channel(guild, "staff")
    world.overwrite(log, world.application.bot, deny=Permission.SEND_MESSAGES)
    bob = manager(stage)
    world.overwrite(staff, bob.user, deny=Permission.VIEW_CHANNEL)
    alice = stage.person("alice")

    assert await told(alice, general, "set", setting="log_channel", value=f"<#{log.id}>") == (
        en("config.cannot_write", channel=f"<#{log.id}>")
    )
    assert await told(bob, general, "set", setting="log_channel", value=f"<#{staff.id}>") == (
        en("config.unknown_channel")
    )
    assert await log_in(alice, general, staff) == (
        f"**{named('log_channel')}** is now <#{staff.id}> in <#{general.id}>."
    )
    await config(alice, general, "reset", setting="log_channel")


async def test_allowed_models_warn_of_a_model_in_use(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    said = await told(alice, general, "set", setting="allowed_models", value="wan*, qwen*")
    refused = (await (await ask(stage, "Hello")).message()).text.replace("\\", "")
    then = await told(alice, general, "set", setting="chat_model", value="qwen3-max")
    await end_of(await ask(stage, "Hello"))
    await config(alice, general, "reset", setting="allowed_models")
    await config(alice, general, "reset", setting="chat_model")

    assert said.splitlines() == [
        f"**{named('allowed_models')}** is now wan*, qwen* in <#{general.id}>.",
        f"-# {en('config.not_covered', command='/ask', model='deepseek-chat')}",
    ]
    assert refused.startswith(en("policy.model_not_allowed", model="deepseek-chat", available=""))
    assert then == f"**{named('chat_model')}** is now qwen3-max in <#{general.id}>."
    assert stage.api.requests.of("chat")[-1].json["model"] == "qwen3-max"


async def test_every_value_at_its_longest_is_shown(stage: Stage):
    alice = stage.person("alice")
    channel = stage.world.text_channel(stage.guild, "long")
    roles = [stage.world.role(stage.guild, f"role-{number}") for number in range(25)]
    longest = {
        "system_prompt": "x" + "*" * 3999,
        "allowed_models": ", ".join(f"{'m_' * 40}{number}" for number in range(50)),
        "roles": " ".join(f"<@&{role.id}>" for role in roles),
        "blocked_words": ", ".join(f"{'_*' * 20}{number}" for number in range(100)),
        "commands": "all",
    }
    await log_in(alice, channel, channel)
    for setting, value in longest.items():
        assert "is now" in await told(alice, channel, "set", setting=setting, value=value), setting
    shown = await config(alice, channel, "show")
    await config(alice, channel, "pause")
    history = await config(alice, channel, "history")

    assert len(shown.text) < 4000
    assert f"**{named('blocked_words')}**" in shown.text
    assert len(history.text) < 4000


async def test_direct_messages(stage: Stage):
    bob = stage.person("bob")
    dm = bob.dm()
    assert (
        await told(bob, dm, "set", setting="max_images", value="2")
        == f"**{named('max_images')}** is now 2 in {en('config.direct')}."
    )
    assert f"**{named('max_images')}** · 2 · {en('config.from_direct')}" in await told(bob, dm, "show")
    for setting, value in (("roles", "everyone"), ("prompt_days", "3"), ("log_channel", "none")):
        assert await told(bob, dm, "set", setting=setting, value=value) == (en("config.only_in_servers"))
    for scope in ("server", "category"):
        assert await told(bob, dm, "set", setting="max_images", value="2", scope=scope) == (en("config.no_server_here"))
    assert f"**{named('max_images')}** · not set here → 2" in await told(bob, dm, "history")
    assert piece("config.reset") in await told(bob, dm, "undo")


async def test_suggestions(stage: Stage):
    alice, bob, general = stage.person("alice"), manager(stage), stage.channel("general")
    stage.world.role(stage.guild, "painters")

    async def offered(focused: str, value: str = "", **others: Any) -> list[str]:
        found = await alice.autocomplete(general, "config set", focused=focused, value=value, **others)
        assert len(found) <= 25
        return [str(each["value"]) for each in found]

    settings = await offered("setting")
    assert settings[0] == "commands"
    assert len(settings) == 25
    assert (await offered("setting", "image"))[:3] == ["image_model", "image_size", "max_images"]
    assert "prompt_days" not in await offered("setting", scope="category")
    found = await bob.autocomplete(general, "config set", focused="setting", value="pool")
    assert [each["value"] for each in found] == ["channel_pool", "jam_paid_by"], "the server's are not bob's to change"
    assert await offered("value", setting="age_restricted_only") == ["off", "on"]
    assert (await offered("value", setting="image_size"))[0] == "1024x1024"
    assert await offered("value", "77", setting="video_resolution") == []
    assert await offered("value", setting="language") == ["en", "zh_CN"]
    assert (await offered("value", setting="commands"))[0] == "ask, imagine, video"
    painters = next(role for role in stage.guild.roles.values() if role.name == "painters")
    assert await offered("value", "paint", setting="roles") == [f"<@&{painters.id}>"]
    assert f"<#{general.id}>" in await offered("value", "gener", setting="log_channel")
    assert await offered("value", "deepseek-chat, qwen3-m", setting="allowed_models") == ["deepseek-chat, qwen3-max"]
    hidden = stage.world.text_channel(stage.guild, "hidden")
    stage.world.overwrite(hidden, bob.user, deny=Permission.VIEW_CHANNEL)
    found = await bob.autocomplete(general, "config set", focused="value", value="hidden", setting="log_channel")
    assert found == []


async def test_nothing_is_set_where_the_bot_is_no_member(new_stage: NewStage):
    scene = default_scene()
    traveller = scene.world.person("traveller", app_installed=True)
    abroad = scene.world.guild("Abroad", app_installed=False)
    traveller.joins(abroad, permissions=int(Permission.ADMINISTRATOR))
    place = scene.world.text_channel(abroad, "lobby")
    await new_stage(scene=scene, environment={"ALLOW_USER_INSTALL": "true"})

    assert await told(traveller, place, "set", setting="max_images", value="2") == (en("config.not_a_member"))
