"""/config panel: menus, a form, and presses by whom and with what they should not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.models import walk
from sandbox.discord.permissions import Permission
from tests.e2e.cards import forged, someone
from tests.e2e.configuring import answer_to, config, has, log_in, menu, plain, told
from tests.words import en, piece

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def choose(who: Person, message: Message, name: str, *values: object) -> str:
    """Choose in the menu whose custom_id begins with `name`; what the panel says then."""
    use = await who.select(message, *values, custom_id=str(menu(message, name)["custom_id"]))
    await use.acknowledged()
    assert use.response is message, "the panel refreshes in place"
    return plain(message.text)


async def panel_for(who: Person, channel: Channel, setting: str) -> Message:
    message = await config(who, channel, "panel")
    await choose(who, message, "config:setting:", setting)
    return message


async def test_a_model_is_chosen_and_reset(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    message = await config(alice, general, "panel")
    first = plain(message.text)
    chosen = await choose(alice, message, "config:setting:", "chat_model")
    options = [option["value"] for option in menu(message, "config:value:")["options"]]
    now = await choose(alice, message, "config:value:", "qwen3-max")
    shown = await told(alice, general, "show")
    use = await alice.press(message, label="Reset")
    await use.acknowledged()

    assert first.splitlines() == [f"### Settings in <#{general.id}>", f"-# {en('config.panel_hint')}"]
    assert f"deepseek-chat · {en('config.from_default')}" in chosen
    assert options[0] == "deepseek-chat"
    assert set(options) == set(stage.api.models)
    assert now.splitlines()[-1] == f"**chat_model** is now qwen3-max in <#{general.id}>."
    assert "**chat_model** · qwen3-max · set for this channel" in shown
    assert piece("config.reset") in plain(message.text)


async def test_the_scope_is_chosen(stage: Stage):
    alice, pictures = stage.person("alice"), stage.channel("pictures")
    message = await panel_for(alice, pictures, "max_images")
    await choose(alice, message, "config:scope:", "category")
    said = await choose(alice, message, "config:value:", "2")
    await choose(alice, message, "config:setting:", "prompt_days")
    whole = plain(message.text)
    await (await alice.press(message, label="Change")).acknowledged()
    await config(alice, pictures, "reset", setting="max_images", scope="category")

    assert said.splitlines()[-1] == f"**max_images** is now 2 in <#{pictures.parent_id}>."
    assert en("config.whole_server") in whole


async def test_a_text_is_written_in_a_form(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    message = await panel_for(alice, general, "system_prompt")
    opened = await alice.press(message, label="Change")
    form = await opened.form()
    use = await alice.submit(opened, {"value": "You are a poet.\nYou rhyme."})
    await use.acknowledged()
    said = plain(message.text)
    again = await alice.press(message, label="Change")
    entry = next(part for part in walk(tuple((await again.form())["components"])) if part["type"] == 4)
    await (await alice.press(message, label="Reset")).acknowledged()

    assert form["title"] == "system_prompt"
    assert use.response is message
    assert f"**system_prompt** is now You are a poet. You rhyme. in <#{general.id}>." in said
    assert entry["value"] == "You are a poet.\nYou rhyme."


def _is_set(message: Message) -> bool:
    return "**log_channel** is now" in plain(message.text)


async def test_commands_roles_and_channels(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    role = stage.world.role(stage.guild, "poets")
    message = await panel_for(alice, general, "commands")
    some = await choose(alice, message, "config:value:", "video", "ask")
    none = await choose(alice, message, "config:value:")
    await choose(alice, message, "config:setting:", "roles")
    poets = await choose(alice, message, "config:roles:", role)
    kept = menu(message, "config:roles:")["default_values"]
    everyone = await choose(alice, message, "config:roles:")
    await choose(alice, message, "config:setting:", "log_channel")
    asked = await choose(alice, message, "config:channel:", general)
    log = plain((await (await alice.press(message, label="Use it anyway")).until(_is_set)).text)
    nowhere = await choose(alice, message, "config:channel:")
    for setting in ("commands", "roles", "log_channel"):
        await config(alice, general, "reset", setting=setting)

    assert some.splitlines()[-1].startswith("**commands** is now ask, video in ")
    assert none.splitlines()[-1].startswith("**commands** is now none in ")
    assert poets.splitlines()[-1].startswith(f"**roles** is now <@&{role.id}> in ")
    assert [each["id"] for each in kept] == [str(role.id)]
    assert everyone.splitlines()[-1].startswith("**roles** is now everyone in ")
    assert "Everyone in this server can read" in asked
    assert log.splitlines()[-1].startswith(f"**log_channel** is now <#{general.id}> in ")
    assert nowhere.splitlines()[-1].startswith("**log_channel** is now none in ")


async def test_every_setting_has_an_editor(stage: Stage):
    alice, plans = stage.person("alice"), stage.channel("plans")
    message = await config(alice, plans, "panel")
    for option in list(menu(message, "config:setting:")["options"]):
        await choose(alice, message, "config:setting:", option["value"])
        editors = ("config:value:", "config:roles:", "config:channel:", "config:form:")
        assert any(has(message, name) for name in editors), option["value"]
        assert len(message.text) < 4000


async def test_a_role_that_was_deleted_leaves_the_menu(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    role = stage.world.role(stage.guild, "fleeting")
    await config(alice, general, "set", setting="roles", value=f"<@&{role.id}>")
    stage.world.delete_role(stage.guild, role)
    message = await panel_for(alice, general, "roles")
    said = await choose(alice, message, "config:roles:")
    await config(alice, general, "reset", setting="roles")

    assert said.splitlines()[-1].startswith("**roles** is now everyone in ")


async def test_an_impossible_value_leaves_the_panel_as_it_is(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    message = await panel_for(alice, general, "temperature")
    before = message.text
    use = await alice.submit(await opened(alice, message), {"value": "hot"})
    said = await answer_to(use)

    assert said == en("config.bad_decimal", least=0, most=2)
    assert message.text == before


async def opened(who: Person, message: Message):
    use = await who.press(message, label="Change")
    await use.form()
    return use


async def test_who_lost_the_permission_meanwhile_is_refused(stage: Stage):
    general = stage.channel("general")
    carl = someone(stage, "carl", permissions=int(Permission.MANAGE_CHANNELS))
    message = await panel_for(carl, general, "max_images")
    form = await panel_for(carl, general, "temperature")
    use = await opened(carl, form)
    stage.world.overwrite(general, carl.user, deny=Permission.MANAGE_CHANNELS)
    refused = [
        await answer_to(await carl.select(message, "2", custom_id="config:value:channel:max_images")),
        await answer_to(await carl.select(message, "roles", custom_id="config:setting:channel")),
        await answer_to(await carl.press(message, label="Reset")),
        await answer_to(await carl.press(form, label="Change")),
        await answer_to(await carl.submit(use, {"value": "1"})),
    ]

    assert refused == [en("config.not_allowed")] * 5
    assert f"**max_images** · 4 · {en('config.from_default')}" in await told(stage.person("alice"), general, "show")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("config:reset:server:max_images", en("config.not_allowed_server")),
        ("config:form:server:prompt_days", en("config.not_allowed_server")),
        ("config:form:category:max_images", en("config.no_category")),
        ("config:reset:channel:no_such", piece("config.unknown_setting")),
        ("config:form:channel:no_such", piece("config.unknown_setting")),
        ("config:reset:planet:max_images", piece("error.gone")),
        ("config:nonsense", piece("error.gone")),
        (f"config:{'x' * 93}", piece("error.gone")),
    ],
)
async def test_forged_presses_are_refused(stage: Stage, name: str, sentence: str):
    general = stage.channel("general")
    mallory = someone(stage, "mallory", permissions=int(Permission.MANAGE_CHANNELS))
    message = await panel_for(mallory, general, "temperature")
    assert (await answer_to(await forged(mallory, message, name))).startswith(sentence)


async def test_in_direct_messages(stage: Stage):
    bob = stage.person("bob")
    message = await panel_for(bob, bob.dm(), "max_images")
    said = await choose(bob, message, "config:value:", "2")

    assert not has(message, "config:scope:")
    assert "roles" not in [option["value"] for option in menu(message, "config:setting:")["options"]]
    assert said.splitlines()[-1].startswith("**max_images** is now 2 in ")


async def test_panel_and_open_form_work_after_a_restart(new_stage: NewStage):
    stage = await new_stage()
    alice, general = stage.person("alice"), stage.channel("general")
    message = await panel_for(alice, general, "system_prompt")
    use = await opened(alice, message)
    roles = await panel_for(alice, general, "roles")
    history = await config(alice, general, "history")
    await stage.restart()
    everyone = await choose(alice, roles, "config:roles:")
    await stage.restart()
    await (await alice.submit(use, {"value": "After"})).acknowledged()
    first = plain(message.text)
    second = await choose(alice, message, "config:setting:", "max_images")
    third = await choose(alice, message, "config:value:", "3")

    assert en("config.no_history") in history.text
    assert everyone.splitlines()[-1].startswith("**roles** is now everyone in ")
    assert f"**system_prompt** is now After in <#{general.id}>." in first
    assert "**max_images**" in second
    assert third.splitlines()[-1].startswith("**max_images** is now 3 in ")


async def test_forged_choices_are_refused(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    message = await panel_for(alice, general, "chat_model")
    menu(message, "config:value:")["options"].append({"label": "evil", "value": "<@&1> @everyone"})
    menu(message, "config:setting:")["options"].append({"label": "evil", "value": "no_such"})
    value = await alice.select(message, "evil", custom_id="config:value:channel:chat_model")
    setting = await alice.select(message, "evil", custom_id="config:setting:channel")

    assert await answer_to(value) == en("config.bad_model_name")
    assert (await answer_to(setting)).startswith(piece("config.unknown_setting"))


async def test_panel_of_a_thread_and_a_category_s_manager(stage: Stage):
    plans = stage.channel("plans")
    dan = someone(stage, "dan", permissions=int(Permission.MANAGE_CHANNELS))
    message = await panel_for(dan, plans, "max_images")
    scopes = [option["label"] for option in menu(message, "config:scope:")["options"]]
    said = await choose(dan, message, "config:value:", "2")
    await config(dan, plans, "reset", setting="max_images")
    pictures = await config(dan, stage.channel("pictures"), "panel")

    assert scopes == ["This thread"]
    assert said.splitlines()[-1] == f"**max_images** is now 2 in <#{plans.id}>."
    assert [option["label"] for option in menu(pictures, "config:scope:")["options"]] == [
        "This channel",
        "This category",
    ]


def options_of(message: Message) -> dict[str, bool]:
    """The values of the menu, and which of them are marked as chosen."""
    return {str(one["value"]): bool(one.get("default")) for one in menu(message, "config:value:")["options"]}


async def prefilled(who: Person, message: Message, label: str = "Change") -> object:
    form = await (await who.press(message, label=label)).form()
    return next(part for part in walk(tuple(form["components"])) if part["type"] == 4).get("value")


async def test_a_wider_scope_shows_its_own_value_and_not_the_nearer_one(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    await config(alice, general, "set", setting="temperature", value="0.5")
    message = await panel_for(alice, general, "temperature")
    channel, mine = plain(message.text), await prefilled(alice, message)
    server = await choose(alice, message, "config:scope:", "server")
    theirs = await prefilled(alice, message)
    await config(alice, general, "reset", setting="temperature")

    assert channel.splitlines()[-2:] == [
        "This channel: 0.5",
        f"-# {en('config.holds', value='0.5')} · set for this channel",
    ]
    assert mine == "0.5"
    assert server.splitlines()[-2:] == [
        "The whole server: not set here",
        f"-# {en('config.holds', value='0.5')} · set for this channel",
    ]
    assert not theirs


async def test_an_inherited_value_can_be_chosen_for_the_channel(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    await config(alice, general, "set", setting="max_images", value="2", scope="server")
    message = await panel_for(alice, general, "max_images")
    before, hint = options_of(message), menu(message, "config:value:").get("placeholder")
    pinned = await choose(alice, message, "config:value:", "2")
    after = options_of(message)
    for scope in ("channel", "server"):
        await config(alice, general, "reset", setting="max_images", scope=scope)

    assert before == {"1": False, "2": False, "3": False, "4": False}
    assert hint == "not set here"
    assert "This channel: 2" in pinned.splitlines()
    assert after == {"1": False, "2": True, "3": False, "4": False}


async def test_nobody_or_nothing_can_be_set_over_what_is_inherited(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    role = stage.world.role(stage.guild, "painters")
    await config(alice, general, "set", setting="roles", value=f"<@&{role.id}>", scope="server")
    message = await panel_for(alice, general, "roles")
    marked = menu(message, "config:roles:").get("default_values")
    use = await alice.press(message, label="Another value")
    await use.form()
    await (await alice.submit(use, {"value": "everyone"})).acknowledged()
    said = plain(message.text)
    for scope in ("channel", "server"):
        await config(alice, general, "reset", setting="roles", scope=scope)

    assert not marked
    assert "This channel: everyone" in said.splitlines()


async def test_a_list_that_no_form_holds_is_not_replaced(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    words = [f"{number:03}{'x' * 40}" for number in range(120)]
    await config(alice, general, "set", setting="blocked_words", value=", ".join(words))
    message = await panel_for(alice, general, "blocked_words")
    refused = await answer_to(await alice.press(message, label="Change"))
    await config(alice, general, "reset", setting="blocked_words")

    assert refused == (en("config.too_long_for_form", most="4000"))


async def test_what_is_gone_is_marked(stage: Stage):
    world, guild = stage.world, stage.guild
    alice, general = stage.person("alice"), stage.channel("general")
    role, log = world.role(guild, "short-lived"), world.text_channel(guild, "short-log")
    await config(alice, general, "set", setting="roles", value=f"<@&{role.id}>")
    await log_in(alice, general, log)
    good = await told(alice, general, "show")
    world.overwrite(log, world.application.bot, deny=Permission.SEND_MESSAGES)
    closed = await told(alice, general, "show")
    world.delete_role(guild, role)
    world.delete_channel(log)
    gone = await told(alice, general, "show")
    panel = await panel_for(alice, general, "roles")
    for setting in ("roles", "log_channel"):
        await config(alice, general, "reset", setting=setting)

    assert f"**log_channel** · <#{log.id}> · set for this channel" in good
    assert f"**log_channel** · <#{log.id}> ({en('config.channel_closed')}) · set for this channel" in closed
    assert f"**roles** · {en('config.deleted_role')} · set for this channel" in gone
    assert (f"**log_channel** · <#{log.id}> ({en('config.channel_gone')}) · set for this channel") in gone
    assert f"This channel: {en('config.deleted_role')}" in plain(panel.text).splitlines()


async def test_show_and_pause_in_direct_messages(stage: Stage):
    dm = (bob := stage.person("bob")).dm()
    paused = await told(bob, dm, "pause")
    shown = await told(bob, dm, "show")
    going = await told(bob, dm, "resume")

    assert paused.startswith(f"Paused: {en('config.direct')}. ")
    assert shown.splitlines()[:2] == [
        f"### {en('config.title_direct')}",
        en("config.show_paused_direct"),
    ]
    assert "**max_images**" in shown
    assert not {"roles", "log_channel", "prices", "prompt_days"} & {
        line.split("**")[1] for line in shown.splitlines()[2:]
    }
    assert str(dm.id) not in shown
    assert going == en("config.now_resumed", where=en("config.direct"))
