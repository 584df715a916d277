"""/setup: pages, forms, a draft and Apply; presets; presses by whom and with what they should not be."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.cards import forged, labels, someone
from tests.e2e.configuring import a_place, answer_to, config, has, log_in, menu, plain, previewed, taken_in, told
from tests.e2e.setting_up import Panel, opened, set_up
from tests.words import en, named, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Role
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")


VIDEO = en("button.change_what", what="/video")
ONE = en("button.apply", count=1)


async def test_nothing_changes_until_apply_and_one_press_takes_it_back(place: tuple[Person, Channel]):
    dora, channel = place
    panel = await opened(dora, channel)
    first = panel.text
    await panel.fill(VIDEO, on=False, video_model="wan2.7-i2v")
    await panel.press(en("topic.language"))
    drafted = await panel.fill(en("config.write"), language="zh_CN", answers="private")
    before = await told(dora, channel, "show")
    applied = await panel.press(en("button.apply", count=4))
    shown = await told(dora, channel, "show")
    history = await told(dora, channel, "history")
    undone = await panel.press(en("button.undo"))
    after = await told(dora, channel, "show")

    assert f"**{named('video_model')}** · wan2.7-t2v\u00a0·\u00a0{en('config.from_default')}" in first
    assert en("setup.not_applied") in drafted
    assert f"{named('video_model')}: {en('config.not_set')} → **wan2.7-i2v**" in drafted
    assert f"{named('answers')}: {en('config.not_set')} → **{en('config.private')}**" in drafted
    assert before == after
    assert en("config.all_default", count=1).split()[-1] in before
    assert piece("config.needs_image") in drafted, "before it is applied"
    assert piece("setup.applied", count=4) in applied
    assert f"{named('answers')}: {en('config.not_set')} → **{en('config.private')}**" in applied
    assert en("setup.not_applied") not in applied
    assert f"**{named('commands')}** · ask, imagine · {en('config.from_channel')}" in shown
    assert f"**{named('language')}** · {en('config.chinese')} · {en('config.from_channel')}" in shown
    assert len({line.split(" · ")[0] for line in history.splitlines() if line.startswith("-# #")}) == 1
    assert piece("setup.undone") in undone


async def test_a_change_set_is_one_line_of_the_history_and_is_taken_back_there(place: tuple[Person, Channel]):
    dora, channel = place
    panel = await opened(dora, channel)
    await panel.press(en("topic.language"))
    await panel.fill(en("config.write"), language="zh_CN", answers="private")
    await panel.press(en("button.apply", count=2))
    await told(dora, channel, "set", setting="max_images", value="2")
    history = await config(dora, channel, "history")
    found = await config(dora, channel, "history", setting=named("answers"))
    use = await dora.press(history, custom_id=str(history.buttons()[1]["custom_id"]))
    details = await use.message()
    whole = plain(details.text)
    undone = await (await dora.press(details)).until(lambda each: piece("setup.undone") in each.text)
    again = await config(dora, channel, "history")

    assert [line.partition(" · ")[0] for line in plain(history.text).splitlines() if line.startswith("**")] == [
        f"**{named('max_images')}**",
        f"**{en('config.changes_made', count=2)}**",
    ]
    assert f"{named('language')}, {named('answers')}" in history.text
    said = plain(found.text)
    assert (
        f"**{named('answers')}** · {en('config.not_set')} → {en('config.private')} {en('config.more', count=1)}" in said
    )
    assert details.visible_to == dora.id
    assert f"**{named('language')}** · {en('config.not_set')} → {en('config.chinese')} · <#{channel.id}>" in whole
    assert f"**{named('answers')}** · {en('config.not_set')} → {en('config.private')} · <#{channel.id}>" in whole
    assert not undone.buttons()
    # It is known to be taken back, and so is what took it back: neither has the button.
    for number in (0, 2):
        use = await dora.press(again, custom_id=str(again.buttons()[number]["custom_id"]))
        assert not (await use.message()).buttons()


async def the_sentence_holds(stage: Stage, dora: Person, channel: Channel, role: Role, other: Channel) -> None:
    """Only the role may use /video in the channel, with that model alone, three a day, in Chinese."""
    shown = await told(dora, channel, "show")
    stage.world.give_role(stage.world.guilds[channel.guild_id or 0], dora.user, role)
    offered = await dora.autocomplete(channel, "video", focused="model")
    others = await dora.autocomplete(channel, "ask", focused="model")
    assert [one["value"] for one in offered] == ["wan2.7-i2v"]
    assert len(others) > 1
    assert f"**{named('video_roles')}** · <@&{role.id}> · {en('config.from_channel')}" in shown
    assert f"**{named('video_model')}** · wan2.7-i2v · {en('config.from_channel')}" in shown
    bound = f"**{named('allowed_models')}** · video=wan2.7-i2v · {en('config.from_channel')}"
    assert f"{bound} · {en('setup.value', setting='/ask, /imagine', value=en('config.all'))}".lower() in shown.lower()
    assert f"**{named('limits')}** · video 3/day · {en('config.from_channel')}" in shown
    assert f"**{named('language')}** · {en('config.chinese')} · {en('config.from_channel')}" in shown
    assert f"**{named('video_roles')}**" not in await told(dora, other, "show")


def its_role(stage: Stage, channel: Channel) -> tuple[Role, Channel]:
    guild = stage.world.guilds[channel.guild_id or 0]
    return stage.world.role(guild, "Artists"), stage.world.text_channel(guild, "elsewhere")


async def test_the_sentence_takes_eight_presses_however_one_counts(stage: Stage, place: tuple[Person, Channel]):
    """The command, and each thing that is chosen, ticked or typed in its form, count as presses."""
    dora, channel = place
    role, other = its_role(stage, channel)
    await told(dora, other, "set", setting="limits", value="imagine=9/day", scope="server")
    use = await dora.command(channel, "setup", command="video")
    chosen: dict[str, object] = {
        "video_roles": [role],
        "video_model": "wan2.7-i2v",
        "boxes": ["on", "only"],
        "each": "3",
        "language": "zh_CN",
    }
    form = await use.form()
    message = await (await dora.submit(use, chosen)).message()
    assert form["title"] == f"/video · #{channel.name}"
    panel = Panel(dora, message)
    drafted = panel.text
    await panel.press(en("button.apply", count=5))
    presses = 1 + len(chosen) + 1 + panel.presses

    assert message.visible_to == dora.id
    assert en("setup.not_applied") in drafted
    assert presses <= 8
    await the_sentence_holds(stage, dora, channel, role, other)


async def test_the_sentence_is_one_command(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    role, other = its_role(stage, channel)
    options = {"command": "video", "roles": "@Artists", "model": "WAN2.7-i2v", "only_model": True, "limit": "3"}
    made = await config(dora, other, "command", **options, language="zh_CN", channel=channel)
    said = plain(made.text)
    await the_sentence_holds(stage, dora, channel, role, other)
    same = await told(dora, other, "command", **options, language="zh_CN", channel=channel)
    history = await told(dora, channel, "history")
    panel = Panel(dora, made)
    await panel.press(en("button.undo"))

    assert said.splitlines()[0].startswith(f"**Changed in <#{channel.id}>**")
    assert f"{named('limits')}: {en('config.not_set')} → **video 3/day**" in said
    assert same == en("config.same_already", where=f"<#{channel.id}>")
    assert f"**{en('config.changes_made', count=5)}**" in history
    assert await told(dora, channel, "export") == en("config.nothing_set")


async def test_a_command_that_can_not_be_used_changes_nothing_and_is_edited_again(place: tuple[Person, Channel]):
    dora, channel = place
    refused = await config(dora, channel, "command", command="video", model="wan2.7-i2v", limit="3 apples", on=False)
    panel, why = Panel(dora, refused), plain(refused.text)
    unchanged = await told(dora, channel, "export")
    form, parts = await panel.form(en("button.edit_again"))
    drafted = await panel.send(form, each="3")
    nothing = await told(dora, channel, "command", command="video")

    assert "3 apples" in why
    assert unchanged == en("config.nothing_set")
    assert parts["each"]["value"] == "3 apples"
    assert [one["value"] for one in parts["video_model"]["options"] if one.get("default")] == ["wan2.7-i2v"]
    assert [one["value"] for one in parts["boxes"]["options"] if one.get("default")] == []
    for key, value in (("video_model", "wan2.7-i2v"), ("limits", "video 3/day"), ("commands", "ask, imagine")):
        assert f"{named(key)}: {en('config.not_set')} → **{value}**" in drafted
    assert nothing == en("config.nothing_chosen")


async def test_a_lock_that_leaves_a_channel_without_a_model_says_so_first(place: tuple[Person, Channel]):
    dora, channel = place
    await told(dora, channel, "command", command="video", model="wan2.7-i2v", only_model=True)
    panel = await opened(dora, channel)
    await panel.press(en("config.scope_server"))
    await panel.press(en("topic.who"))
    await panel.choose("setup:locks:", "video_model")
    drafted = panel.text
    await panel.press(ONE)
    there = await opened(dora, channel)
    _, parts = await there.form(VIDEO)

    stops = en("config.lock_stops", what="/video", where=f"<#{channel.id}>", model="wan2.7-t2v")
    assert stops in drafted
    assert "video_model" not in parts
    assert en("setup.only_named", model="wan2.7-t2v") in [one["label"] for one in parts["boxes"]["options"]]


async def test_what_was_typed_into_a_refused_form_stands_in_it_again(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    role = stage.world.role(stage.world.guilds[channel.guild_id or 0], "Artists")
    panel = await opened(dora, channel)
    await panel.fill(VIDEO, each="3 apples", video_roles=[role], only=True)
    form, parts = await panel.form(en("button.edit_again"))
    said = await panel.send(form, each="3")
    gone = labels(panel.message)
    wrong = Panel(dora, await config(dora, channel, "set", setting="limits", value="ask=many"))
    _, single = await wrong.form(en("button.edit_again"))

    assert parts["each"]["value"] == "3 apples"
    assert [str(one["id"]) for one in parts["video_roles"]["default_values"]] == [str(role.id)]
    assert [one["value"] for one in parts["boxes"]["options"] if one.get("default")] == ["on", "only"]
    assert f"{named('limits')}: {en('config.not_set')} → **video 3/day**" in said
    # The only model stays the one that is used, whatever a wider place is given.
    assert f"{named('video_model')}: {en('config.not_set')} → **wan2.7-t2v**" in said
    assert en("button.edit_again") not in gone
    assert single["limits"]["value"] == "ask=many"


async def test_a_model_of_another_kind_is_told_when_it_is_chosen(place: tuple[Person, Channel]):
    dora, channel = place
    panel = await opened(dora, channel)
    form, parts = await panel.form(en("button.change_what", what="/ask"))
    chosen = "wan2.7-t2v" if "wan2.7-t2v" in str(parts["chat_model"]) else None
    said = await panel.send(form, chat_model="wan2.7-t2v") if chosen else ""
    now = await told(dora, channel, "command", command="ask", model="wan2.7-t2v")

    warning = en("config.another_kind", model="wan2.7-t2v", command="/ask")
    assert warning in now
    assert not chosen or warning in said


async def test_limits_of_a_command_keep_those_of_others(place: tuple[Person, Channel]):
    dora, channel = place
    await told(dora, channel, "set", setting="limits", value="imagine=9/day, video=5/day, video=2/hour")
    panel = await set_up(dora, channel)
    opened_, parts = await panel.form(VIDEO)
    ticked = [one["value"] for one in parts["boxes"]["options"] if one.get("default")]
    filled = parts["each"].get("value"), "only" in ticked
    said = await panel.send(opened_, each="total 50 videos a day")
    await panel.press(ONE)
    shown = await told(dora, channel, "show")
    wrong = await panel.fill(VIDEO, each="many")

    assert filled == ("5", False)
    assert "total video 50/day" in said
    assert f"**{named('limits')}** · imagine 9/day, video 2/hour, total video 50/day" in shown
    assert "many" in wrong


async def test_a_new_server_is_set_up_with_one_press(place: tuple[Person, Channel]):
    dora, channel = place
    panel = await set_up(dora, channel)
    offered = panel.text
    use = await dora.press(panel.message, custom_id="setup:take:community")
    await use.acknowledged()
    taken = panel.text
    shown = await told(dora, channel, "show")
    noted = await told(dora, channel, "history")
    undone = await panel.press(en("button.undo"))
    presets = await panel.press(en("button.presets"))
    again = await set_up(dora, channel)

    assert piece("setup.replaces") not in presets, "nothing is set any more"
    assert en("setup.preset_now") not in presets
    for preset in ("community", "friends", "images", "text"):
        assert f"**{en(f'preset.{preset}')}**" in offered
    assert f"{named('commands')}: imagine" in offered
    assert en("setup.applied_preset", preset=en("preset.community"), count=6) in taken
    assert en("setup.title_server") in taken
    assert en("history.preset", preset=en("preset.community")) in noted
    assert piece("config.no_reports") in taken
    assert f"**{named('max_running_videos_per_person')}** · 1 · {en('config.from_server')}" in shown
    assert en("setup.undone_preset", preset=en("preset.community"), settings=named("commands"), number=0)[:30] in undone
    assert en("setup.welcome") in again.text


async def test_a_preset_replaces_the_one_before_and_says_so(place: tuple[Person, Channel]):
    dora, channel = place
    panel = await set_up(dora, channel)
    await (await dora.press(panel.message, custom_id="setup:take:community")).acknowledged()
    offered = (await panel.press(en("button.presets"))).split(f"**{en('preset.friends')}**")[1]
    await (await dora.press(panel.message, custom_id="setup:take:friends")).acknowledged()
    taken = panel.text
    shown = await told(dora, channel, "show")
    there = await panel.press(en("button.presets"))
    taken_now = [one for one in panel.message.buttons() if one["custom_id"] == "setup:take:friends"]
    await panel.press(en("button.back"))
    await (await dora.command(channel, "config undo")).message()
    undone = await panel.press(en("button.presets"))

    usual = f"{en('config.prompts')} ({en('config.from_default')})"
    assert f"{named('moderation')}: {usual}" in offered, "what it leaves"
    assert f"{named('moderation')}: {en('config.prompts')} → **{usual}**" in offered, "what it changes"
    assert f"{named('max_running_videos_per_person')}: 1 → **2 ({en('config.from_default')})**" in offered
    assert f"{named('limits')}: " in there.split(en("preset.friends"))[0], "what the first would replace now"
    assert en("setup.preset_now") in there.split(f"**{en('preset.friends')}**")[1]
    assert [one["disabled"] for one in taken_now] == [True]
    # After the undo the first holds again, and the second would replace it.
    assert en("setup.preset_now") in undone.split(f"**{en('preset.friends')}**")[0]
    assert piece("setup.replaces") in undone.split(f"**{en('preset.friends')}**")[1]
    assert en("setup.applied_preset", preset=en("preset.friends"), count=3) in taken
    assert f"**{named('limits')}** · {en('config.none')}" in shown
    assert named("max_running_videos_per_person") not in shown
    assert named("moderation") not in shown


async def test_settings_are_locked_from_a_menu_and_what_is_locked_is_not_offered(place: tuple[Person, Channel]):
    dora, channel = place
    await told(dora, channel, "set", setting="language", value="zh_CN")
    panel = await set_up(dora, channel)
    await panel.press(en("topic.language"))
    waiting = await panel.fill(en("config.write"), language="en", answers="private")
    other = await set_up(dora, channel)
    await other.press(en("config.scope_server"))
    await other.press(en("topic.who"))
    await other.choose("setup:locks:", "language", "limits")
    drafted = other.text
    await other.press(ONE)
    locked = await panel.press(en("button.apply", count=2))
    _, parts = await panel.form(en("config.write"))
    left = await panel.press(ONE)

    assert piece("setup.not_applied") in waiting
    assert f"<#{channel.id}>" in drafted
    assert f"{named('language')}: {en('config.chinese')} → {en('config.own_language')}" in drafted
    assert piece("config.overrides", count=1) in drafted
    assert en("config.locked", setting=named("language")) in locked
    assert (
        en("setup.step", setting=named("language"), before="", after="").split(":")[0]
        not in locked.split(en("setup.not_applied"))[1].split("\n")[1]
    )
    assert set(parts) == {"answers", "notify"}
    assert piece("setup.applied", count=1) in left


async def test_an_error_takes_no_undo_and_a_model_of_another_kind_is_told(place: tuple[Person, Channel]):
    dora, channel = place
    panel = await opened(dora, channel)
    await panel.fill(VIDEO, each="3")
    await panel.press(ONE)
    wrong = await panel.fill(VIDEO, each="3 apples")
    warned = await told(dora, channel, "set", setting="video_model", value="deepseek-chat")
    _, parts = await panel.form(VIDEO)
    undone = await panel.press(en("button.undo"))

    assert wrong.count("3 apples") == 1
    assert en("config.another_kind", model="deepseek-chat", command="/video") in warned
    models = [one["value"] for one in parts["video_model"]["options"]]
    assert "wan2.7-t2v" in models
    assert not {"qwen-image", "wan2.7-image"} & set(models)
    assert en("setup.undone", settings=named("limits"), number=0).split("(")[0] in undone


async def test_a_long_value_is_judged_by_what_differs_and_all_of_it_is_a_file(place: tuple[Person, Channel]):
    dora, channel = place
    words = [f"word {number}" for number in range(60)]
    await told(dora, channel, "set", setting="blocked_words", value=", ".join(words))
    panel = await opened(dora, channel)
    await panel.press(en("topic.safety"))
    drafted = await panel.fill(en("config.write"), blocked_words=", ".join([*words[1:], "casino"]))
    enough = labels(panel.message)
    others = [f"other {number}" for number in range(60)]
    more = await panel.fill(en("config.write"), blocked_words=", ".join(others))
    whole = await (await dora.press(panel.message, label=en("button.whole"))).message()
    await panel.press(ONE)
    history = await config(dora, channel, "history")
    details = await (await dora.press(history, custom_id=str(history.buttons()[0]["custom_id"]))).message()

    assert f"{named('blocked_words')}: + **casino** · − word 0" in drafted
    assert en("button.whole") not in enough
    assert "(+" in more
    for message in (whole, details):
        lines = message.attachments[0].data.decode().splitlines()
        assert [line for line in lines if line.startswith("+ ")] == [f"+   - {word}" for word in others]
        assert [line for line in lines if line.startswith("- ")] == [f"-   - {word}" for word in words]
    assert whole.visible_to == dora.id


async def test_a_style_is_shown_with_what_changes_in_it(place: tuple[Person, Channel]):
    dora, channel = place
    file = "server:\n  styles:\n    - {name: Ink, words: '{prompt}, ink'}\n"
    await taken_in(dora, channel, file)
    again = await previewed(dora, channel, file.replace(", ink", ", red ink"))
    wrong = await taken_in(dora, channel, file.replace("{prompt}", "{promt}"))

    assert f"{named('styles')}: Ink: {{prompt}}, ink → **{{prompt}}, red ink**" in plain(again.text)
    assert "Line 3: {promt}" in wrong


async def test_a_channel_for_images_only(place: tuple[Person, Channel]):
    dora, channel = place
    panel = await set_up(dora, channel)
    await (await dora.press(panel.message, custom_id="setup:take:images")).acknowledged()
    use = await dora.command(channel, "ask", prompt="Hello")

    assert en("setup.applied_preset", preset=en("preset.images"), count=1) in panel.text
    assert (await use.message()).text == en("policy.only_works", count=1, commands="/imagine")


async def test_what_somebody_else_changed_meanwhile_is_told_first(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    dan = someone(stage, "dan", permissions=int(Permission.MANAGE_CHANNELS))
    panel = await opened(alice, general)
    await panel.press(en("topic.how_much"))
    await panel.fill(en("config.write"), max_images="2")
    await config(dan, general, "set", setting="max_images", value="3")
    asked = await panel.press(ONE)
    held = await told(alice, general, "show")
    await panel.press(ONE)
    then = await told(alice, general, "show")
    await config(alice, general, "reset", setting="max_images")

    assert f"<@{dan.id}>" in asked
    assert en("setup.apply_again") in asked
    assert f"{named('max_images')}: 3 → **2**" in asked
    assert f"**{named('max_images')}** · 3 · {en('config.from_channel')}" in held
    assert f"**{named('max_images')}** · 2 · {en('config.from_channel')}" in then


async def test_what_is_left_alone_in_a_form_is_not_put_back(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    panel = await opened(alice, general)
    await panel.press(en("topic.language"))
    form, parts = await panel.form(en("config.write"))
    await config(alice, general, "set", setting="answers", value="private")
    await panel.send(form, language="en")
    await panel.press(ONE)
    shown = await told(alice, general, "show")
    for setting in ("answers", "language"):
        await config(alice, general, "reset", setting=setting)

    assert set(parts) == {"language", "answers", "notify"}
    assert f"**{named('answers')}** · {en('config.private')} · {en('config.from_channel')}" in shown
    assert f"**{named('language')}** · {en('config.english')} · {en('config.from_channel')}" in shown


async def test_a_draft_and_an_open_form_survive_a_restart_and_a_setting_is_cleared(new_stage: NewStage):
    stage = await new_stage()
    alice, general = stage.person("alice"), stage.channel("general")
    await config(alice, general, "set", setting="max_images", value="3")
    panel = await opened(alice, general)
    await panel.press(en("topic.how_much"))
    await panel.choose("setup:clear:", "max_images")
    form, _ = await panel.form(en("config.write"))
    await stage.restart()
    await panel.send(form, max_images="2")
    await stage.restart()
    later = await set_up(alice, general)
    kept = later.text
    await later.press(en("button.discard"))
    await later.press(en("topic.how_much"))
    await later.choose("setup:clear:", "max_images")
    await later.press(ONE)

    assert f"{named('max_images')}: 3 → **2**" in kept
    assert en("setup.not_applied") not in later.text
    assert named("max_images") not in await told(alice, general, "show")


async def test_apply_pressed_twice_is_one_change(place: tuple[Person, Channel]):
    dora, channel = place
    panel, other = await opened(dora, channel), await opened(dora, channel)
    await panel.fill(VIDEO, on=False)
    await other.press(en("topic.what"))
    uses = await asyncio.gather(dora.press(panel.message, label=ONE), dora.press(other.message, label=ONE))
    for use in uses:
        await use.acknowledged()
    history = await told(dora, channel, "history")

    assert history.count(f"**{named('commands')}**") == 1
    assert sorted(en("setup.nothing_to_apply") in each.text for each in (panel, other)) == [False, True]


async def test_what_can_not_be_used_is_told_and_the_rest_is_kept(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    panel = await opened(alice, general)
    await panel.press(en("topic.conversations"))
    said = await panel.fill(en("button.change_next", count=3), temperature="hot", system_prompt="You rhyme.")
    await panel.press(en("button.discard"))

    assert en("config.bad_decimal", least=0, most=2) in said
    assert "hot" in said
    assert f"{named('system_prompt')}: {en('config.not_set')} → **You rhyme.**" in said


async def test_a_role_that_is_gone_is_not_applied(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    role = stage.world.role(stage.guild, "fleeting")
    panel = await opened(alice, general)
    await panel.press(en("topic.who"))
    await panel.fill(en("config.write"), roles=[role])
    stage.world.delete_role(stage.guild, role)
    said = await panel.press(ONE)

    assert en("setup.not_applied") not in said
    assert en("config.unknown_role") in said
    assert f"**{named('roles')}**" not in await told(alice, general, "show")


async def test_who_reads_a_log_is_told_before_it_is_applied(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    panel = await opened(alice, general)
    await panel.press(en("topic.record"))
    said = await panel.fill(en("config.write"), log_channel=[general])
    await panel.press(ONE)
    shown = await told(alice, general, "show")
    await config(alice, general, "reset", setting="log_channel")

    assert en("config.everyone_here") in said
    assert f"**{named('log_channel')}** · <#{general.id}>" in shown


async def test_other_places_and_who_may_change_them(stage: Stage):
    alice, general, pictures = stage.person("alice"), stage.channel("general"), stage.channel("pictures")
    dan = someone(stage, "dan", permissions=int(Permission.MANAGE_CHANNELS))
    panel = await opened(alice, general)
    await panel.choose("setup:place:", pictures)
    channel = panel.lines[0]
    await panel.choose("setup:place:", stage.world.channels[pictures.parent_id or 0])
    category = panel.lines[0]
    server = await panel.press(en("config.scope_server"))
    await panel.press(en("topic.record"))
    whole = panel.text
    mine = await set_up(dan, general)
    stage.world.overwrite(pictures, dan.user, deny=Permission.MANAGE_CHANNELS)
    custom_id = str(menu(mine.message, "setup:place:")["custom_id"])
    refused = await answer_to(await dan.select(mine.message, pictures, custom_id=custom_id))

    assert channel == f"### {en('config.title', channel=f'<#{pictures.id}>')}"
    assert category == f"### {en('config.title', channel=f'<#{pictures.parent_id}>')}"
    assert server.splitlines()[0] == f"### {en('setup.title_server')}"
    assert named("prompt_days") in whole
    assert en("config.scope_server") not in labels(mine.message)
    assert refused == en("config.not_allowed_there", place=f"<#{pictures.id}>")


async def test_who_lost_the_permission_meanwhile_is_refused(stage: Stage):
    general = stage.channel("general")
    carl = someone(stage, "carl", permissions=int(Permission.MANAGE_CHANNELS))
    panel, other = await set_up(carl, general), await set_up(carl, general)
    form, _ = await panel.form(VIDEO)
    await other.fill(VIDEO, on=False)
    stage.world.overwrite(general, carl.user, deny=Permission.MANAGE_CHANNELS)
    refused = [await answer_to(await carl.submit(form, {"boxes": []}))]
    refused += [await other.refused(label) for label in (ONE, en("button.discard"), en("topic.who"), VIDEO)]

    assert refused == [en("config.not_allowed")] * 5
    assert f"**{named('commands')}**" not in await told(stage.person("alice"), general, "show")


async def test_a_channel_that_is_gone(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    short = stage.world.text_channel(stage.guild, "short-lived")
    panel = await opened(alice, general)
    await panel.choose("setup:place:", short)
    await panel.fill(VIDEO, on=False)
    stage.world.delete_channel(short)

    assert await panel.refused(ONE) == en("config.unknown_place")


@pytest.mark.parametrize(
    ("custom_id", "sentence"),
    [
        ("setup:page:server:{guild}:what", en("config.not_allowed_server")),
        ("setup:apply:server:{guild}:what", en("config.not_allowed_server")),
        ("setup:form:server:{guild}:what:video", en("config.not_allowed_server")),
        ("setup:take:community", en("config.not_allowed_server")),
        ("setup:page:channel:1:what", piece("config.not_allowed_gone")),
        ("setup:page:server:1:what", en("config.not_allowed_server")),
        ("setup:page:planet:1:what", piece("error.gone")),
        ("setup:page:channel:{channel}:money", piece("error.gone")),
        ("setup:form:channel:{channel}:what:9", piece("config.too_long_for_form")),
        ("setup:undo:channel:{channel}:what:999999", en("config.no_such_change")),
        ("setup:clear:channel:{channel}:what:x", piece("error.gone")),
        ("config:reset:planet:max_images", piece("error.gone")),
        ("config:reset:channel:no_such", piece("config.unknown_setting")),
        ("config:form:category:max_images", en("config.no_category")),
        ("config:nonsense", piece("error.gone")),
    ],
)
async def test_forged_presses_are_refused(stage: Stage, custom_id: str, sentence: str):
    general = stage.channel("general")
    mallory = someone(stage, "mallory", permissions=int(Permission.MANAGE_CHANNELS))
    panel = await set_up(mallory, general)
    named = custom_id.format(guild=stage.guild.id, channel=general.id)
    assert sentence in await answer_to(await forged(mallory, panel.message, named))


async def test_in_direct_messages(stage: Stage):
    bob = stage.person("bob")
    panel = await set_up(bob, bob.dm())
    await panel.fill(VIDEO, on=False)
    await panel.press(ONE)
    shown = await told(bob, bob.dm(), "show")
    await config(bob, bob.dm(), "reset", setting="commands")

    assert not has(panel.message, "setup:place:")
    assert en("topic.who") not in labels(panel.message)
    assert en("topic.credits") not in labels(panel.message)
    assert f"**{named('commands')}** · ask, imagine · {en('config.from_direct')}" in shown


async def test_credits_are_hidden_until_they_are_switched_on(place: tuple[Person, Channel]):
    dora, channel = place
    panel = await opened(dora, channel)
    await panel.press(en("config.scope_server"))
    tabs = labels(panel.message)
    first = {each["value"] for each in await dora.autocomplete(channel, "config set", focused="setting")}
    limits = {
        each["value"] for each in await dora.autocomplete(channel, "config set", focused="setting", value="limit")
    }
    asked = {
        each["value"] for each in await dora.autocomplete(channel, "config set", focused="setting", value="credits")
    }
    await panel.press(en("topic.how_much"))
    off = await panel.press(en("button.use_credits"))
    await panel.fill(en("config.write"), daily_credits="100")
    await panel.press(ONE)
    on = {each["value"] for each in await dora.autocomplete(channel, "config set", focused="setting", value="limit")}

    assert en("topic.credits") not in tabs
    assert not (first | limits) & {"daily_credits", "prices", "server_pool"}
    assert "daily_credits" in asked
    assert en("setup.credits_off") in off
    assert en("topic.credits") in labels(panel.message)
    assert en("setup.credits_off") not in panel.text
    assert "daily_credits" in on


async def test_every_page_fits_and_reads_in_both_languages(stage: Stage):
    words = [f"{number:02}{'*' * 40}" for number in range(60)]
    channel = stage.world.text_channel(stage.world.guild("Big", bot_permissions=Permission.ADMINISTRATOR), "big")
    for locale, say in (("en-US", en), ("zh-CN", zh)):
        who = someone(stage, f"who-{locale}", at=channel, locale=locale, permissions=int(Permission.ADMINISTRATOR))
        await config(who, channel, "set", setting="blocked_words", value=", ".join(words))
        await config(who, channel, "set", setting="system_prompt", value="*" * 4000)
        await config(who, channel, "set", setting="prices", value="ask=1")
        panel = await set_up(who, channel)
        for label in (
            say("topic.who"),
            say("topic.safety"),
            say("topic.record"),
            say("topic.credits"),
            say("topic.what"),
        ):
            await panel.press(label)
            assert len(panel.message.text) <= 4000


async def test_the_offer_comes_once_to_who_manages_a_new_server(stage: Stage):
    dora, channel = a_place(stage)
    member = someone(stage, "member", at=channel)
    plain_use = await member.command(channel, "help")
    await plain_use.message()
    first = await dora.command(channel, "help")
    offer = await first.until(lambda message: en("setup.offer") in message.text)
    second = await dora.command(channel, "help")
    await second.message()
    await asyncio.sleep(0.5)
    use = await dora.press(offer, label=en("button.set_up"))
    await use.acknowledged()

    assert offer.visible_to == dora.id
    assert en("setup.offer") not in plain_use.text + second.text
    assert en("setup.welcome") in plain(offer.text)


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
    panel = await opened(alice, general)
    await panel.press(en("topic.who"))
    _, parts = await panel.form(en("config.write"))
    for setting in ("roles", "log_channel"):
        await config(alice, general, "reset", setting=setting)

    assert f"**{named('log_channel')}** · <#{log.id}> · set for this channel" in good
    assert f"**{named('log_channel')}** · <#{log.id}> ({en('config.channel_closed')}) · set for this channel" in closed
    assert f"**{named('roles')}** · {en('config.deleted_role')} · set for this channel" in gone
    assert f"**{named('log_channel')}** · <#{log.id}> ({en('config.channel_gone')}) · set for this channel" in gone
    assert f"**{named('roles')}** · {en('config.deleted_role')} · set for this channel" in panel.lines
    assert not parts["roles"].get("default_values")


async def test_show_and_pause_in_direct_messages(stage: Stage):
    dm = (bob := stage.person("bob")).dm()
    paused = await told(bob, dm, "pause")
    shown = await told(bob, dm, "show")
    going = await told(bob, dm, "resume")

    assert paused.startswith(f"Paused: {en('config.direct')}. ")
    assert shown.splitlines()[:2] == [f"### {en('config.title_direct')}", en("config.show_paused_direct")]
    assert str(dm.id) not in shown
    assert going == en("config.now_resumed", where=en("config.direct"))
