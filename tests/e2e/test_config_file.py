"""/config export and import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from sandbox.discord.permissions import Permission
from tests.e2e.cards import labels, someone
from tests.e2e.configuring import a_place, applied, config, plain, previewed, taken_in, told
from tests.e2e.setting_up import Panel, opened
from tests.words import en, named, piece

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Role
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def place(stage: Stage) -> tuple[Person, Channel, Role]:
    """Somebody who may do everything in a server of their own, with a role in it."""
    dora, channel = a_place(stage)
    guild = stage.world.guild_of(channel)
    assert guild is not None
    return dora, channel, stage.world.role(guild, "artists\nserver:")


async def exported(who: Person, channel: Channel) -> str:
    message = await config(who, channel, "export")
    return message.attachments[0].data.decode()


def imported(count: int, *, places: int) -> str:
    """What is said once a file was applied, before the number of its change."""
    return en("config.imported", count=count, places=en("config.places", count=places), number="").partition("#")[0]


async def test_what_is_exported_can_be_taken_in(place: tuple[Person, Channel, Role]):
    dora, channel, role = place
    for setting, value, scope in (
        ("chat_model", "qwen3-max", "channel"),
        ("temperature", "1.0", "channel"),
        ("roles", f"<@&{role.id}>", "channel"),
        ("blocked_words", "yes, no, a phrase", "server"),
        ("prompt_days", "7", "server"),
        ("commands", "none", "server"),
    ):
        assert "is now" in await told(dora, channel, "set", setting=setting, value=value, scope=scope)
    await config(dora, channel, "pause")
    text = await exported(dora, channel)
    same = await taken_in(dora, channel, text)

    lines = text.splitlines()
    assert lines[1:] == [
        "server: # Elsewhere",
        "  commands: []",
        "  blocked_words:",
        "    - 'yes'",
        "    - 'no'",
        "    - a phrase",
        "  prompt_days: 7",
        "channels:",
        f"  {channel.id}: # #videos",
        "    paused: true",
        "    chat_model: qwen3-max",
        "    roles:",
        f"      - {role.id} # @artists server:",
        "    temperature: 1",
        "names:",
        "  roles:",
        f"    {role.id}: 'artists server:'",
        "  channels:",
        f"    {channel.id}: videos",
    ]
    assert same == en("config.imported_nothing")
    assert await exported(dora, channel) == text

    changed = (
        text.replace("qwen3-max", "deepseek-chat")
        .replace("  prompt_days: 7\n", "")
        .replace("paused: true", "max_images: 2")
    )
    preview = await previewed(dora, channel, changed)
    shown, unchanged = plain(preview.text), await exported(dora, channel)
    said = await applied(dora, preview)
    after = await exported(dora, channel)
    undone = await told(dora, channel, "undo")

    assert unchanged == text
    assert en("setup.all_of_it", count=4, places=en("config.places", count=2)) in shown
    for line in (
        f"{named('prompt_days')}: 7 → **{en('setup.cleared')}**",
        f"{named('chat_model')}: qwen3-max → **deepseek-chat**",
        f"{named('max_images')}: {en('config.not_set')} → **2**",
        f"{en('config.pausing')}: {en('config.paused')} → **{en('setup.cleared')}**",
    ):
        assert line in shown
    assert imported(4, places=2) in said
    assert "deepseek-chat" in after
    assert "paused" not in after
    assert "prompt_days" not in after
    assert len(undone.splitlines()) == 6
    assert await exported(dora, channel) == text
    await told(dora, channel, "resume")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("server:\n  no_such: 1\n", f"Line 2: {en('config.file_no_setting')}"),
        (
            "server:\n  max_images: 2\n  prompt_days: many\n",
            f"Line 3: {en('config.bad_number', least='1', most='365')}",
        ),
        ("channels:\n  {id}:\n    prompt_days: 3\n", f"Line 3: {en('config.file_whole_server')}"),
        ("channels:\n  123456789012345678:\n    max_images: 3\n", f"Line 2: {en('config.file_unknown_place')}"),
        ("categories:\n  {id}:\n    max_images: 3\n", f"Line 2: {en('config.file_unknown_place')}"),
        ("channels:\n  general:\n    max_images: 3\n", f"Line 2: {en('config.file_not_an_id')}"),
        ("server:\n  roles: [123456789012345678]\n", f"Line 2: {en('config.unknown_role')}"),
        ("server:\n  roles:\n    - 123456789012345678\n", f"Line 3: {en('config.unknown_role')}"),
        ("server:\n  daily_credits:\n    - 5\n    - 123456789012345678=9\n", f"Line 4: {en('config.unknown_role')}"),
        (
            "server:\n  chat_model: gpt-of-my-own\n",
            f"Line 2: {en('error.model_not_found', model='gpt-of-my-own')} Available: ",
        ),
        ("server:\n  max_images: 2\n  max_images: 3\n", f"Line 3: {en('config.file_twice')}"),
        ("server: &a\n  max_images: 2\nchannels: *a\n", f"Line 3: {en('config.file_alias')}"),
        ("server:\n\tmax_images: 2\n", f"Line 2: {en('config.file_tab')}"),
        ("server: [\n", f"Line 2: {piece('config.file_not_yaml')}"),
        ("[" * 5000, f"Line 1: {en('config.file_deep')}"),
        ("server: !!python/object:os.system {{}}\n", f"Line 1: {en('config.file_tag')}"),
        ("- 1\n", f"Line 1: {en('config.file_mapping')}"),
        ("server:\n", f"Line 1: {en('config.file_mapping')}"),
        ("server:\n  max_images:\n", f"Line 2: {en('config.file_value')}"),
        ("planets: {{}}\n", f"Line 1: {en('config.file_unknown_part')}"),
        ("", f"Line 1: {en('config.file_empty')}"),
        ("server: {{}}\n---\nserver: {{}}\n", f"Line 2: {piece('config.file_not_yaml')}"),
        ("server:\n  system_prompt: \x07\n", f"Line 2: {en('config.file_letters')}"),
    ],
)
async def test_a_bad_file_changes_nothing_and_names_the_line(
    place: tuple[Person, Channel, Role], text: str, sentence: str
):
    dora, channel, _ = place
    await config(dora, channel, "set", setting="max_images", value="1")
    before = await exported(dora, channel)
    written = text.replace("{id}", str(channel.id)).replace("{{}}", "{}")
    said = await taken_in(dora, channel, written)

    assert said.startswith(f"Nothing was changed. {sentence}")
    assert await exported(dora, channel) == before


@pytest.mark.parametrize(
    ("written", "line", "sentence"),
    [
        ("server:\n  personas:\n    - name: A\n      instructions: Hi\n    - name: B\n", 5, piece("config.no_text")),
        (
            "server:\n  personas:\n    - {name: A, instructions: B}\n    - {name: B, instructions: C, model: nope}\n",
            4,
            en("error.model_not_found", model="nope"),
        ),
        ("server:\n  persona: Sailor\n", 2, en("personas.none")),
        (
            "server:\n  personas:\n    - {name: Cook, instructions: Hi}\nchannels:\n  {id}:\n    persona: Sailor\n",
            6,
            en("personas.unknown", personas="Default, Cook"),
        ),
    ],
)
async def test_personas_of_a_file_are_checked(
    place: tuple[Person, Channel, Role], written: str, line: int, sentence: str
):
    dora, channel, _ = place
    said = await taken_in(dora, channel, written.replace("{id}", str(channel.id)))
    assert said.startswith(f"Nothing was changed. Line {line}: {sentence}")


async def test_all_lines_that_can_not_be_used_are_said_at_once(place: tuple[Person, Channel, Role]):
    dora, channel, _ = place
    wrong = "server:\n  max_imges: 2\n  roles: [123456789012345678]\n  prompt_days: many\n"
    wrong += "  personas:\n    - {name: Cook, instructions: Hi, model: nope}\n  persona: Cook\n"
    wrong += "channels:\n" + "".join(f"  {10**17 + number}: {{}}\n" for number in range(20))
    said = (await taken_in(dora, channel, wrong)).splitlines()

    assert said[0] == f"Nothing was changed. {en('config.file_lines', count=24)}"
    assert said[1:9:2] == [
        f"Line 2: {en('config.file_unknown_setting', near='max_images')}",
        f"Line 3: {en('config.unknown_role')}",
        f"Line 4: {en('config.bad_number', least=1, most=365)}",
        said[7],
    ]
    assert said[2:9:2] == ["-# max_imges: 2", "-# roles: [123456789012345678]", "-# prompt_days: many", said[8]]
    assert said[7].startswith(f"Line 6: {en('error.model_not_found', model='nope')}")
    assert said[9] == f"Line 9: {en('config.file_unknown_place')}"
    assert said[-1] == f"-# {en('config.file_more', count=14)}"
    assert await told(dora, channel, "export") == en("config.nothing_set")


async def test_a_file_waits_as_a_draft_through_a_restart_and_is_one_undo(new_stage: NewStage):
    stage = await new_stage()
    dora, channel = a_place(stage)
    guild = stage.world.guild_of(channel)
    assert guild is not None
    other = stage.world.text_channel(guild, "other")
    file = f"server:\n  max_images: 2\n  answers: private\nchannels:\n  {other.id}:\n    blocked_words: [casino]\n"
    await previewed(dora, channel, file)
    await stage.restart()
    panel = await opened(dora, channel)
    await panel.press(en("button.all_drafts", count=3))
    await told(dora, channel, "set", setting="max_images", value="1", scope="server")
    asked = await panel.press(en("button.apply", count=3))
    said = await applied(dora, panel.message)
    noted = await told(dora, channel, "history")
    undone = await panel.press(en("button.undo"))

    assert noted.count(en("history.imported")) == 1, "the change between was by hand"
    assert en("setup.apply_again") in asked
    assert f"{named('max_images')}: 1 → **2**" in asked
    assert imported(3, places=2) in said
    assert piece("setup.undone_places").strip() in undone
    assert en("setup.title_server") in undone, "a place where something changed"
    assert f"{named('max_images')}: 1 → **2** · {en('config.this_server')}" in said
    assert "answers" not in await exported(dora, channel)


async def test_what_changed_since_it_was_shown_is_shown_first_and_a_file_is_discarded(
    stage: Stage, place: tuple[Person, Channel, Role]
):
    dora, channel, _ = place
    preview = await previewed(dora, channel, f"channels:\n  {channel.id}:\n    max_images: 2\n")
    enough = labels(preview)
    await previewed(dora, channel, f"channels:\n  {channel.id}:\n    max_images: 3\n")
    panel = Panel(dora, preview)
    again = await panel.press(en("button.apply", count=1))
    gone = await panel.press(en("button.discard"))
    guild = stage.world.guild_of(channel)
    assert guild is not None
    many = "".join(
        f"  {stage.world.text_channel(guild, f'c{number}').id}:\n    max_images: 2\n" for number in range(20)
    )
    pages = Panel(dora, await previewed(dora, channel, f"channels:\n{many}"))
    first = pages.text.count(named("max_images"))
    second = (await pages.press(en("setup.all_next", count=12))).count(named("max_images"))
    applied_ = await applied(dora, pages.message)

    assert en("button.whole") not in enough, "nothing of it is left out"
    assert en("setup.all_changed") in again
    assert f"{named('max_images')}: {en('config.not_set')} → **3**" in again
    assert gone == en("setup.discarded")
    assert (first, second) == (8, 8)
    assert "20 changes in 20 places." in applied_


async def test_files_that_are_no_text_or_too_large(place: tuple[Person, Channel, Role]):
    dora, channel, _ = place
    assert await taken_in(dora, channel, b"PK\x03\x04server:\n") == en("config.file_no_text")
    assert await taken_in(dora, channel, b"#" * (256 * 1024 + 1)) == en("file.too_large", limit="256 KB")


async def test_a_manager_s_file_has_what_they_manage(stage: Stage, place: tuple[Person, Channel, Role]):
    dora, channel, _ = place
    guild = stage.world.guild_of(channel)
    assert guild is not None
    other = stage.world.text_channel(guild, "other")
    fred = someone(stage, "fred", at=channel)
    stage.world.overwrite(channel, fred.user, allow=Permission.MANAGE_CHANNELS)
    await config(dora, channel, "set", setting="max_images", value="2", scope="server")
    await config(dora, other, "set", setting="max_images", value="3")
    await config(fred, channel, "set", setting="max_images", value="1")
    text = await exported(fred, channel)

    assert "server:" not in text
    assert str(other.id) not in text
    assert await taken_in(fred, channel, text) == en("config.imported_nothing")
    assert (await taken_in(fred, channel, "server:\n  max_images: 4\n")).startswith(
        f"Nothing was changed. Line 1: {en('config.not_allowed_server')}"
    )
    assert (await taken_in(fred, channel, f"channels:\n  {other.id}:\n    max_images: 4\n")).startswith(
        f"Nothing was changed. Line 2: {piece('config.not_allowed_there')}"
    )


async def test_nothing_to_export(place: tuple[Person, Channel, Role]):
    dora, channel, _ = place
    assert await told(dora, channel, "export") == en("config.nothing_set")


async def test_the_line_of_a_role_that_is_gone(stage: Stage, place: tuple[Person, Channel, Role]):
    dora, channel, role = place
    guild = stage.world.guild_of(channel)
    assert guild is not None
    gone = stage.world.role(guild, "gone")
    stage.world.delete_role(guild, gone)
    text = f"# by hand\nserver:\n  roles:\n    - {role.id}\n    - {gone.id} # gone\n"

    assert (await taken_in(dora, channel, text)).startswith(f"Nothing was changed. Line 5: {en('config.unknown_role')}")


async def test_a_file_warns_of_a_model_in_use_and_so_does_taking_it_back(place: tuple[Person, Channel, Role]):
    dora, channel, _ = place
    warning = f"-# {en('config.not_covered', command='/ask', model='deepseek-chat')}"
    await config(dora, channel, "set", setting="allowed_models", value="wan*, qwen*")
    await config(dora, channel, "set", setting="chat_model", value="qwen3-max")
    back = await told(dora, channel, "undo")
    await config(dora, channel, "reset", setting="allowed_models")
    one = await taken_in(dora, channel, "server:\n  allowed_models: [wan*, qwen*]\n")
    none = await taken_in(dora, channel, "server:\n  max_images: 2\n  allowed_models: [wan*, qwen*]\n")

    assert back.splitlines()[-1] == warning
    assert imported(1, places=1) in one
    assert warning in one.splitlines()
    assert "1 change in 1 place." in none
    assert warning not in none, "what did not change is not warned of"
