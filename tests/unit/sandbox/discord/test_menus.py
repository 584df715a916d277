"""What Discord refuses of menus, forms and message commands, and what a client makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord import commands
from sandbox.discord.choosing import ClientRefusal
from sandbox.discord.components import check_select
from sandbox.discord.errors import DiscordError, FormErrors
from sandbox.discord.modals import check_modal
from sandbox.discord.models import Json, Role
from sandbox.discord.permissions import Permission
from sandbox.discord.places import Event
from sandbox.discord.snowflakes import Snowflakes
from sandbox.discord.state import Draft
from sandbox.discord.world import World


def paths(tree: Json, prefix: str = "") -> dict[str, str]:
    """The codes of a tree of errors by path."""
    made = {prefix.removesuffix("."): each["code"] for each in tree.get("_errors", [])}
    for key, below in tree.items():
        if key != "_errors":
            made |= paths(below, f"{prefix}{key}.")
    return made


def menu(kind: int = 3, **fields: Any) -> Json:
    options = [{"label": str(n), "value": str(n)} for n in range(3)] if kind == 3 else None
    return {"type": kind, "custom_id": "m"} | ({"options": options} if options else {}) | fields


def defaulted(*numbers: int) -> list[Json]:
    return [{"label": str(n), "value": str(n), "default": n in numbers} for n in range(3)]


MENUS: dict[str, tuple[Json, dict[str, str]]] = {
    "more defaults than may be chosen": (menu(options=defaulted(0, 1)), {"options": "BASE_TYPE_MAX_LENGTH"}),
    "more needed than there are": (
        menu(min_values=4, max_values=4),
        {"min_values": "SELECT_COMPONENT_MIN_VALUES_TOO_LARGE", "max_values": "SELECT_COMPONENT_MAX_VALUES_TOO_LARGE"},
    ),
    "26 at once": (menu(6, max_values=26), {"max_values": "NUMBER_TYPE_MAX"}),
    "a long placeholder": (menu(6, placeholder="x" * 151), {"placeholder": "BASE_TYPE_MAX_LENGTH"}),
    "no such kind of channel": (menu(8, channel_types=[0, 99]), {"channel_types.1": "BASE_TYPE_CHOICES"}),
    "a role in a menu of channels": (
        menu(8, default_values=[{"id": "1", "type": "role"}]),
        {"default_values.0.type": "BASE_TYPE_CHOICES"},
    ),
    "two defaults of one": (
        menu(6, default_values=[{"id": "1", "type": "role"}, {"id": "2", "type": "role"}]),
        {"default_values": "BASE_TYPE_BAD_LENGTH"},
    ),
    "no id": (menu(5, default_values=[{"id": "me", "type": "user"}]), {"default_values.0.id": "NUMBER_TYPE_COERCE"}),
}


@pytest.mark.parametrize(("part", "expected"), MENUS.values(), ids=MENUS)
def test_a_menu_is_refused(part: Json, expected: dict[str, str]):
    errors = FormErrors()
    check_select(errors, part, (), set())
    assert paths(errors.tree) == expected


def test_menus_are_taken():
    errors = FormErrors()
    mentionable = [{"id": "1", "type": "user"}, {"id": "2", "type": "role"}]
    for part in (
        menu(options=defaulted(0, 1), max_values=2),
        menu(7, max_values=2, default_values=mentionable),
        menu(8, channel_types=[0, 5, 15], min_values=0),
    ):
        check_select(errors, part, (), set())
    assert not errors


def labelled(part: Json) -> Json:
    return {"type": 18, "label": "Which", "component": part}


def radios(kind: int, count: int) -> Json:
    return {"type": kind, "custom_id": "r", "options": [{"label": str(n), "value": str(n)} for n in range(count)]}


FORMS: dict[str, tuple[Json, dict[str, str]]] = {
    "greyed out": (labelled(menu(disabled=True)), {"component.disabled": "COMPONENT_DISABLED_NOT_ALLOWED"}),
    "required and none": (labelled(menu(min_values=0)), {"component.min_values": "NUMBER_TYPE_MIN"}),
    "one radio button": (labelled(radios(21, 1)), {"component.options": "BASE_TYPE_BAD_LENGTH"}),
    "eleven boxes": (labelled(radios(22, 11)), {"component.options": "BASE_TYPE_BAD_LENGTH"}),
    "a label in a label": (labelled(labelled(menu())), {"component": "UNION_TYPE_CHOICES"}),
    "a menu in a row": ({"type": 1, "components": [menu()]}, {"components.0": "UNION_TYPE_CHOICES"}),
    "eleven files": (
        labelled({"type": 19, "custom_id": "f", "max_values": 11}),
        {"component.max_values": "NUMBER_TYPE_MAX"},
    ),
}


@pytest.mark.parametrize(("part", "expected"), FORMS.values(), ids=FORMS)
def test_a_form_is_refused(part: Json, expected: dict[str, str]):
    errors = FormErrors()
    check_modal(errors, {"title": "Form", "custom_id": "form", "components": [part]})
    assert paths(errors.tree) == {f"components.0.{path}": code for path, code in expected.items()}


def test_a_form_of_everything_is_taken():
    errors = FormErrors()
    parts = [
        labelled(menu(min_values=0, required=False)),
        labelled(menu(8, custom_id="c")),
        labelled(radios(21, 10)),
        labelled({"type": 23, "custom_id": "yes"}),
        labelled({"type": 19, "custom_id": "f", "min_values": 1, "max_values": 10}),
    ]
    check_modal(errors, {"title": "Form", "custom_id": "form", "components": parts})
    assert not errors


def refused(*forms: Json) -> dict[str, str]:
    with pytest.raises(DiscordError) as caught:
        commands.check(list(forms))
    return paths(caught.value.errors or {"_errors": [{"code": str(caught.value.code)}]})


def test_message_commands_have_free_names_no_texts_and_a_limit_of_15():
    remove: Json = {"type": 3, "name": "Remove It", "name_localizations": {"zh-CN": "移除 卡片"}}
    fifteen: list[Json] = [{"type": 3, "name": f"Do {n}"} for n in range(15)]
    users: list[Json] = [{"type": 2, "name": f"Do {n}"} for n in range(15)]
    commands.check([remove, {"type": 2, "name": "Remove It"}, *fifteen[1:], *users[1:]])
    assert refused(*fifteen, remove) == {"": "30032"}
    assert refused(remove | {"description": "Removes"}) == {"0.description": "APPLICATION_COMMAND_INVALID_DESCRIPTION"}
    option: Json = {"type": 3, "name": "why", "description": "Why"}
    assert refused(remove | {"options": [option]}) == {"0.options": "APPLICATION_COMMAND_INVALID_OPTIONS"}
    assert refused(remove | {"name": " "}) == {"0.name": "BASE_TYPE_REQUIRED"}
    assert refused(remove | {"name": "x" * 33}) == {"0.name": "BASE_TYPE_BAD_LENGTH"}
    assert refused(remove | {"name_localizations": {"zh-CN": "移" * 33}}) == {
        "0.name_localizations.zh-CN": "BASE_TYPE_BAD_LENGTH"
    }
    assert refused(remove, remove) == {"1": "APPLICATION_COMMANDS_DUPLICATE_NAME"}
    stored = commands.overwrite(World().application, [remove], new_id=Snowflakes())[0]
    assert (stored["description"], stored["options"]) == ("", [])


def test_a_group_holds_sub_commands_only():
    group: Json = {"type": 2, "name": "roles", "description": "Roles"}
    text: Json = {"type": 3, "name": "text", "description": "Text"}
    form: Json = {"name": "config", "description": "Settings", "options": [group | {"options": [text]}]}
    assert refused(form) == {"0.options.0.options.0.type": "BASE_TYPE_CHOICES"}
    where: Json = {"type": 7, "name": "where", "description": "Where", "channel_types": [0, 99]}
    form = {"name": "config", "description": "Settings", "options": [where]}
    assert refused(form) == {"0.options.0.channel_types.1": "BASE_TYPE_CHOICES"}


class Place:
    """A server with alice, what the gateway would send, and message commands."""

    def __init__(self) -> None:
        self.world = World()
        self.events: list[Event] = []
        self.world.sinks.append(self.events.append)
        self.guild = self.world.guild("Home")
        self.channel = self.world.text_channel(self.guild, "general")
        self.alice = self.world.person("alice", guild=self.guild, locale="zh-CN")

    def register(self, *forms: Json) -> None:
        commands.check(list(forms))
        commands.overwrite(self.world.application, list(forms), new_id=self.world.ids)


@pytest.fixture
async def place():
    place = Place()
    yield place
    for interaction in place.world.interactions.values():
        assert interaction.timer is not None
        interaction.timer.cancel()


async def test_a_message_command_carries_the_whole_message(place: Place):
    place.register({"type": 3, "name": "Remove", "name_localizations": {"zh-CN": "移除"}})
    bot = place.world.application.bot
    row: Json = {"type": 1, "id": 1, "components": [{"type": 2, "style": 1, "label": "x", "custom_id": "x", "id": 2}]}
    file = place.world.attach(place.channel, "fox.txt", b"fox")
    draft = Draft(content="a card", components=[row], attachments=[file])
    card = place.world.create_message(place.channel, bot, draft)
    assert place.alice.message_commands(card) == ["移除"]
    for name in ("移除", "Remove"):
        await place.alice.message_command(card, name)
    data = place.events[-1].data["data"]
    assert (data["type"], data["name"], data["target_id"]) == (3, "Remove", str(card.id))
    sent = data["resolved"]["messages"][str(card.id)]
    assert (sent["content"], sent["components"], sent["attachments"][0]["filename"]) == ("a card", [row], "fox.txt")
    assert "options" not in data
    place.world.delete_message(card)
    with pytest.raises(ClientRefusal, match="does not see"):
        await place.alice.message_command(card, "Remove")


async def test_message_commands_are_offered_as_slash_commands_are(place: Place):
    needed = str(int(Permission.MANAGE_MESSAGES))
    place.register(
        {"type": 3, "name": "Remove", "default_member_permissions": needed},
        {"type": 3, "name": "Anywhere", "integration_types": [0, 1], "contexts": [0, 1, 2]},
        {"type": 3, "name": "Here", "contexts": [0]},
        {"type": 3, "name": "Adults", "nsfw": True},
        {"type": 2, "name": "Who"},
        {"name": "here", "description": "x"},
    )
    said = await place.alice.say(place.channel, "hello")
    mod = place.world.person("mod", guild=place.guild, permissions=Permission.MANAGE_MESSAGES)
    assert place.alice.message_commands(said) == ["Anywhere", "Here"]
    assert mod.message_commands(said) == ["Remove", "Anywhere", "Here"]
    assert [command["name"] for command in place.alice.commands(place.channel)] == ["here"]
    place.world.edit_channel(place.channel, nsfw=True)
    thread = place.world.thread(place.channel, "late")
    late = await place.alice.say(thread, "hello")
    assert place.alice.message_commands(late) == ["Anywhere", "Here", "Adults"]
    assert "Anywhere" in place.alice.message_commands(await place.alice.say(place.alice.dm(), "hello"))
    everyone = place.guild.roles[place.guild.id]
    place.world.overwrite(place.channel, everyone, deny=Permission.USE_APPLICATION_COMMANDS)
    assert place.alice.message_commands(late) == []
    bot = place.world.application.bot
    draft = Draft(content="secret", flags=64)
    secret = place.world.create_message(place.alice.dm(), bot, draft, visible_to=place.alice.id)
    assert place.alice.message_commands(secret) == []
    with pytest.raises(ClientRefusal, match="not offered"):
        await place.alice.message_command(secret, "Anywhere")


async def test_what_is_not_on_a_message_can_be_forged(place: Place):
    card = place.world.create_message(place.channel, place.world.application.bot, Draft(content="bare"))
    await place.alice.forge(card, "video:1:cancel")
    assert place.events[-1].data["data"] == {"component_type": 2, "custom_id": "video:1:cancel", "id": 1}
    assert place.events[-1].data["message"]["id"] == str(card.id)


async def test_what_a_bot_may_not_know_is_not_told(place: Place):
    """A thread it does not see, somebody else's roles: the first is kept back, the second needs an intent."""
    world, guild = place.world, place.guild
    role = world.role(guild, "artists")
    place.events.clear()
    world.thread(place.channel, "secret", owner=place.alice.user, private=True)
    assert place.events == []
    world.give_role(guild, place.alice.user, role)
    world.give_role(guild, world.application.bot, role)
    assert [(event.name, event.intent) for event in place.events] == [
        ("GUILD_MEMBER_UPDATE", 1 << 1),
        ("GUILD_MEMBER_UPDATE", 0),
    ]
    thread = world.thread(place.channel, "plans")
    assert place.events[-1].data["newly_created"] is True
    world.archive(thread)
    assert place.events[-1].name == "THREAD_UPDATE"
    world.leave_thread(thread, world.application.owner)
    assert (place.events[-1].name, place.events[-1].intent) == ("THREAD_MEMBERS_UPDATE", 1 << 1)
    world.delete_channel(thread)
    gone: Json = {"id": str(thread.id), "guild_id": str(guild.id), "parent_id": str(place.channel.id), "type": 11}
    assert (place.events[-1].name, place.events[-1].data) == ("THREAD_DELETE", gone)


async def test_a_category_is_followed_by_what_is_in_sync(place: Place):
    world, guild = place.world, place.guild
    artists = world.role(guild, "artists")
    category = world.category(guild, "Studio")
    channel = world.text_channel(guild, "art", category=category)

    def denied(role: Role) -> int:
        return channel.overwrites[role.id].deny if role.id in channel.overwrites else 0

    world.overwrite(category, artists, deny=Permission.SEND_MESSAGES)
    assert denied(artists) == Permission.SEND_MESSAGES
    world.overwrite(channel, artists)
    assert denied(artists) == 0
    world.overwrite(category, artists, deny=Permission.ATTACH_FILES)
    assert denied(artists) == 0
    with pytest.raises(ValueError, match="only in servers"):
        world.thread(place.alice.dm(), "no")
