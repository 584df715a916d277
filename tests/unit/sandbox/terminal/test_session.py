"""The terminal without a bot: who one can be, menus of messages, menus and forms in words."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from rich.console import Console

from sandbox.discord import commands
from sandbox.discord.interaction_models import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, acknowledge
from sandbox.discord.interactions import tell
from sandbox.discord.models import Json, Message
from sandbox.discord.places import Event
from sandbox.discord.settling import settle
from sandbox.discord.state import Draft
from sandbox.display import Display
from sandbox.stage import Stage, staffed_scene
from sandbox.terminal.command_lines import Unclear, begun, parse
from sandbox.terminal.form_lines import Names, chosen, described, fields, target, written
from sandbox.terminal.line_input import Suggestions
from sandbox.terminal.session import Terminal

MENU: Json = {
    "type": 3,
    "custom_id": "model",
    "max_values": 2,
    "options": [{"label": "Deep Seek", "value": "deepseek"}, {"label": "Wan", "value": "wan"}],
}
FORM: Json = {
    "title": "Settings",
    "custom_id": "form",
    "components": [
        {"type": 10, "content": "All of them"},
        {"type": 18, "label": "Prompt", "component": {"type": 4, "custom_id": "prompt", "style": 2, "value": "old"}},
        {"type": 18, "label": "Model", "component": MENU},
        {"type": 18, "label": "Roles", "component": {"type": 6, "custom_id": "roles", "required": False}},
        {"type": 18, "label": "Quiet", "component": {"type": 23, "custom_id": "quiet"}},
    ],
}
CONFIG: Json = {
    "name": "config",
    "description": "Settings",
    "options": [
        {
            "type": 1,
            "name": "set",
            "description": "Set",
            "options": [
                {"type": 3, "name": "setting", "description": "Which", "required": True, "autocomplete": True},
                {"type": 3, "name": "value", "description": "What", "required": True, "autocomplete": True},
                {"type": 8, "name": "role", "description": "Who"},
                {"type": 7, "name": "where", "description": "Where"},
            ],
        }
    ],
}


class Room:
    """A terminal whose Discord answers every press and command at once: with the form, or with nothing to see."""

    def __init__(self, tmp_path: Path) -> None:
        self.stage = Stage(scene=staffed_scene(), start=False)
        self.world = self.stage.world
        self.out = io.StringIO()
        self.terminal = Terminal(self.stage, Display(self.world, tmp_path, console=Console(file=self.out, width=200)))
        self.sent: list[Json] = []
        self.form: Json | None = None
        self.world.sinks.append(self.answer)
        forms: list[Json] = [CONFIG, {"type": 3, "name": "Remove It"}]
        commands.overwrite(self.world.application, forms, new_id=self.world.ids)

    def answer(self, event: Event) -> None:
        if event.name != "INTERACTION_CREATE":
            return
        self.sent.append(event.data)
        asyncio.get_running_loop().call_soon(self._acknowledge, event.data["token"])

    def _acknowledge(self, token: str) -> None:
        interaction = self.world.interactions[token]
        if interaction.kind == COMPONENT and self.form is not None:
            interaction.modal = {**self.form, "components": settle(self.form["components"], v2=False, find=_nothing)}
        if interaction.kind == AUTOCOMPLETE:
            options: list[Json] = interaction.data["options"][0]["options"]
            seen = "/".join(f"{each['name']}={each['value']}" for each in options)
            interaction.choices = [{"name": seen, "value": seen}]
        acknowledge(interaction, 6)
        tell(self.world, interaction)

    def says(self, **parts: Any) -> Message:
        message = self.world.create_message(self.terminal.channel, self.world.application.bot, Draft(**parts))
        self.terminal.display.show(self.terminal._buttons(message))  # pyright: ignore[reportPrivateUsage] - it numbers them
        return message

    async def told(self, line: str) -> str:
        """What the terminal writes after a line."""
        self.out.seek(0)
        self.out.truncate()
        await self.terminal.obey(line)
        return self.out.getvalue()


def _nothing(_: str) -> None:
    return None


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


async def test_people_have_roles_and_see_what_they_may(room: Room):
    assert "carol (en-US, Moderators), dave (en-US, Admins)" in await room.told("as")
    await room.told("as bob")
    assert "bob can't see #mod-log" in await room.told("in #mod-log")
    assert "carol (en-US, Moderators)" in await room.told("as carol")
    assert "You are in #mod-log" in await room.told("in #mod-log")
    people, general = room.stage.scene.people, room.stage.channel("general")
    may = {name: person.permissions(general) for name, person in people.items()}
    bits = ("MANAGE_GUILD", "MANAGE_CHANNELS", "MANAGE_MESSAGES")
    assert {name: [bit for bit in bits if may[name] & type(may[name])[bit]] for name in ("bob", "carol", "dave")} == {
        "bob": [],
        "carol": ["MANAGE_CHANNELS", "MANAGE_MESSAGES"],
        "dave": list(bits),
    }


async def test_a_message_has_a_menu(room: Room):
    assert "there is no message here" in await room.told("apps Remove It")
    first, second = room.says(content="one"), room.says(content="two")
    assert "has Remove It" in await room.told("apps")
    await room.told("apps Remove It")
    await room.told(f"apps {str(first.id)[-6:]} Remove It")
    assert [each["data"]["target_id"] for each in room.sent] == [str(second.id), str(first.id)]
    assert {each["type"] for each in room.sent} == {COMMAND}
    assert "not offered" in await room.told("apps Explode")
    assert "no message 000000" in await room.told("apps 000000 Remove It")


async def test_menus_and_forms_are_used_by_words(room: Room):
    parts = [MENU, {"type": 6, "custom_id": "roles", "min_values": 0}, {"type": 2, "custom_id": "go", "style": 1}]
    rows: list[Json] = [{"type": 1, "components": [part]} for part in parts]
    room.says(content="panel", components=settle(rows, v2=False, find=_nothing))
    assert "options: Deep Seek, Wan" in await room.told("choose 1")
    assert "no 'GPT' to choose" in await room.told("choose 1 GPT")
    assert "a menu" in await room.told("choose 3 Wan")
    for line in ("choose 1 Deep Seek", "choose 1 deepseek, Wan", "choose 2 @Artists", "choose 2"):
        await room.told(line)
    role = next(each for each in room.stage.guild.roles.values() if each.name == "Artists")
    assert [each["data"]["values"] for each in room.sent] == [["deepseek"], ["deepseek", "wan"], [str(role.id)], []]
    room.form = FORM
    shown = await room.told("press 3")
    for line in ("1 Prompt: old", "2 Model: (Deep Seek, Wan)", "4 Quiet: yes or no"):
        assert line in shown
    # What is wrong leaves the form open.
    assert "no 'GPT' to choose" in await room.told("fill 2=GPT")
    assert "model is required" in await room.told("fill 1=only this")
    await room.told("fill 1=be brief, 2 words 2=Wan 3=Artists 4=yes")
    assert room.sent[-1]["type"] == MODAL
    inputs = [part["component"] for part in room.sent[-1]["data"]["components"] if "component" in part]
    values = [each.get("values", each.get("value")) for each in inputs]
    assert values == ["be brief, 2 words", ["wan"], [str(role.id)], True]
    assert "no form is open" in await room.told("fill again")


async def test_suggestions_know_sub_commands_and_the_other_values(room: Room):
    suggestions = Suggestions(room.terminal)

    async def offered(text: str) -> list[str]:
        found = suggestions.get_completions_async(Document(text), CompleteEvent())
        return [completion.text async for completion in found]

    assert await offered("/config ") == ["set"]
    assert await offered("/config set --va") == ["--value"]
    assert await offered("/config set --setting chat_model --value de") == ["setting=chat_model/value=de"]
    assert await offered("/config set --value x --setting chat") == ["setting=chat/value=x"]
    assert room.sent[-1]["type"] == AUTOCOMPLETE


def test_a_line_names_roles_and_channels():
    role, channel = object(), object()
    line = "/config set --setting roles --value some words --role @Artists --where #general"
    phrase = parse(line, [CONFIG], roles={"Artists": role}, channels={"general": channel})
    assert phrase.name == "config set"
    assert phrase.options == {"setting": "roles", "value": "some words", "role": role, "where": channel}
    with pytest.raises(Unclear, match="there are Artists"):
        parse("/config set a b --role Nobody", [CONFIG], roles={"Artists": role})
    assert begun("/config set --setting roles --role @Artists", [CONFIG]).options == {"setting": "roles"}


def test_a_form_in_words(tmp_path: Path):
    bob, general, artists = object(), object(), object()
    names = Names({"bob": bob}, {"general": general}, {"Artists": artists})
    assert [field.custom_id for field in fields(FORM)] == ["prompt", "model", "roles", "quiet"]
    assert described(FORM, names) == [
        "All of them",
        "1 Prompt: old",
        "2 Model: (Deep Seek, Wan)",
        "3 Roles: (Artists)",
        "4 Quiet: yes or no",
    ]
    options: list[Json] = [{"label": "Wan", "value": "wan", "default": True}, {"label": "Qwen", "value": "qwen"}]
    remix: Json = {
        "components": [
            {
                "type": 18,
                "label": "Model",
                "description": "What draws it",
                "component": {"type": 3, "custom_id": "model", "options": options},
            },
        ]
    }
    assert described(remix, names) == ["1 Model: Wan (Wan, Qwen)", "  -# What draws it"]
    assert written(FORM, "a prompt with 1=2 in it", names) == {"prompt": "a prompt with 1=2 in it"}
    assert written(FORM, "model=Deep Seek prompt=x", names) == {"model": ["deepseek"], "prompt": "x"}
    with pytest.raises(Unclear, match="true or false"):
        written(FORM, "4=perhaps", names)
    file = tmp_path / "in.txt"
    file.write_bytes(b"data")
    upload: Json = {"components": [{"type": 18, "label": "File", "component": {"type": 19, "custom_id": "f"}}]}
    assert written(upload, f"1={file}", names)["f"][0].data == b"data"
    assert chosen({"type": 7}, "@bob Artists", names) == [bob, artists]
    assert chosen({"type": 8}, "#general", names) == [general]
    assert target("Remove", [1234]) is None
    assert target("234", [1234, 9234]) == 9234


async def test_threads_are_places(room: Room):
    """They are listed below their channels, also those that begin while one is there, and one can go into them."""
    world, general = room.world, room.stage.channel("general")
    bob = room.stage.person("bob").user
    message = world.create_message(general, world.application.bot, Draft(content="a jam"))
    thread = world.begin_thread(message, "Foxes in snow", world.application.bot)
    world.join_thread(thread, bob)
    shown = (await room.told("in")).splitlines()
    at = shown.index("  #general")
    assert f"    ↳ #Foxes in snow (2 in it, thread {str(thread.id)[-4:]})" in shown[at + 1 : at + 3]
    assert "You are in #Foxes in snow" in await room.told("in Foxes in snow")
    assert "You are in #general" in await room.told("in #general")
    assert "You are in #Foxes in snow" in await room.told(f"in {str(thread.id)[-6:]}")
    await room.told("as bob")
    await room.told("say hello")
    assert list(thread.messages.values())[-1].content == "hello"
    world.archive(thread)
    assert "archived, 2 in it" in await room.told("in")
    completions = Suggestions(room.terminal).get_completions(Document("in #F"), CompleteEvent())
    assert [each.text for each in completions] == ["#Foxes in snow"]
    assert "places: #general" in await room.told("in #nowhere")


async def test_what_happens_in_threads_is_told(room: Room):
    world, general, bot = room.world, room.stage.channel("general"), room.world.application.bot
    watcher = asyncio.create_task(room.terminal.watch())
    await asyncio.sleep(0)
    message = world.create_message(general, bot, Draft(content="a jam"))
    thread = world.begin_thread(message, "Foxes", bot)
    world.note(general, bot, 18, "Foxes", started=thread)
    world.note(thread, bot, 1, room.stage.person("bob").user.mention)
    await asyncio.sleep(0)
    watcher.cancel()
    shown = room.out.getvalue()
    for line in (
        "→ @OneKey Bot started a thread: Foxes",
        "→ @OneKey Bot added @bob to the thread",
        "→ This thread began from a message of @OneKey Bot",
    ):
        assert line in shown


async def test_a_picture_is_posted_and_used(room: Room, tmp_path: Path):
    file = tmp_path / "fox.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\0\0\0\x02\0" + bytes(100))
    assert "or to `say`" in await room.told(f"upload {file}")
    shown = await room.told("say look, @bob")
    posted = list(room.terminal.channel.messages.values())[-1]
    assert f"message {str(posted.id)[-4:]} of yours" in shown
    assert "[image fox.png 1024x512" in shown
    assert posted.content == f"look, <@{room.stage.person('bob').id}>"
    assert posted.mentions == [room.stage.person("bob").user]
    await room.told(f"apps {str(posted.id)[-4:]} Remove It")
    resolved = room.sent[-1]["data"]["resolved"]["messages"][str(posted.id)]
    assert resolved["attachments"][0]["filename"] == "fox.png"
    await room.told("say no file this time")
    assert list(room.terminal.channel.messages.values())[-1].attachments == []


async def test_names_in_texts_are_mentions(room: Room):
    """As a client sends them: people, roles and channels that the person sees; choices and other text stay."""
    guild = room.stage.guild
    role = next(each for each in guild.roles.values() if each.name == "Artists")
    await room.told(
        "/config set setting:daily_credits value:100, @Artists 500, @bob 7 in #pictures or a@bob @nobody #mod-log"
    )
    options = {each["name"]: each["value"] for each in room.sent[-1]["data"]["options"][0]["options"]}
    bob, pictures, log = (
        room.stage.person("bob").id,
        room.stage.channel("pictures").id,
        room.stage.channel("mod-log").id,
    )
    assert options["value"] == f"100, <@&{role.id}> 500, <@{bob}> 7 in <#{pictures}> or a@bob @nobody <#{log}>"
    await room.told("as bob")
    await room.told("/config set setting:log value:#mod-log and @everyone")
    options = {each["name"]: each["value"] for each in room.sent[-1]["data"]["options"][0]["options"]}
    assert options["value"] == "#mod-log and @everyone", "what bob does not see is text"


async def test_a_chinese_client_writes_chinese(room: Room):
    watcher = asyncio.create_task(room.terminal.watch())
    await asyncio.sleep(0)
    await room.told("as 小明")
    message = room.says(content="<t:0:R>", flags=64)
    room.world.edit_message(message, Draft(content="<t:0:D>"))
    await asyncio.sleep(0)
    watcher.cancel()
    assert "1970年1月1日" in room.out.getvalue()
    assert "只有您能看到此消息" in room.out.getvalue()
