"""A world of the stand-in and the bot's rows in it, as text: written by `record.py`, read by the tests of upgrades.

`world.json`: people, servers, channels, and the bot's messages with their components. `rows.json`: the database, a list
of rows a table. `presses.json`: every button and menu that ever stood under a message, and the ids of forms.
`settings.yaml`: an export of the settings.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.models import (
    Application,
    Attachment,
    Channel,
    Guild,
    Member,
    Message,
    Overwrite,
    Role,
    User,
    walk,
)
from sandbox.discord.people import Person
from sandbox.discord.world import World
from sandbox.stage import Scene

if TYPE_CHECKING:
    from sandbox.discord.models import Json

FOLDER: Final = Path(__file__).with_name("data")
_KEPT: Final = ("name", "type", "guild_id", "parent_id", "owner_id", "archived", "nsfw", "position")


def world_as_json(world: World) -> Json:
    """The world without the answers that were private and are gone."""
    bot = world.application.bot
    return {
        "application": {"id": world.application.id, "owner": world.application.owner.id},
        "users": [{"id": u.id, "name": u.name, "bot": u.bot, "locale": u.locale} for u in world.users.values()],
        "guilds": [
            {
                "id": guild.id,
                "name": guild.name,
                "owner_id": guild.owner_id,
                "roles": [asdict(role) for role in guild.roles.values()],
                "members": [{"id": m.user.id, "roles": m.role_ids} for m in guild.members.values()],
            }
            for guild in world.guilds.values()
        ],
        "channels": [
            {"id": channel.id, "recipients": [user.id for user in channel.recipients], "joined": list(channel.joined)}
            | {name: getattr(channel, name) for name in _KEPT}
            | {"overwrites": [asdict(each) for each in channel.overwrites.values()]}
            for channel in world.channels.values()
        ],
        "messages": [
            {
                "id": message.id,
                "channel": channel.id,
                "content": message.content,
                "components": message.components,
                "flags": message.flags,
                "interaction": message.interaction,
                "webhook": message.webhook_id,
                "visible_to": message.visible_to,
                "files": [[each.id, each.filename, each.content_type] for each in message.attachments],
            }
            for channel in world.channels.values()
            for message in channel.messages.values()
            if message.author is bot and not message.deleted and not message.system and not message.loading
        ],
    }


def presses_of(world: World) -> list[Json]:
    """Every button and menu that a message ever showed, one of a custom_id, with its message and who saw it alone."""
    found: dict[str, Json] = {}
    for channel in world.channels.values():
        for message in channel.messages.values():
            for part in (part for version in message.versions for part in walk(version.components)):
                if name := part.get("custom_id"):
                    found[name] = {"part": part, "message": message.id, "by": message.visible_to}
    return [found[name] for name in sorted(found)]


def scene_of(recorded: Json) -> Scene:
    """The world once more, with the same ids."""
    world = World(application_name="OneKey Bot", owner="alice")
    world.users.clear()
    for each in recorded["users"]:
        world.users[each["id"]] = User(each["id"], each["name"], bot=each["bot"], locale=each["locale"])
    known = recorded["application"]
    bot = world.users[known["id"]]
    world.application = Application(bot.id, bot.name, world.users[known["owner"]], bot, world.application.token)
    for each in recorded["guilds"]:
        guild = world.guilds[each["id"]] = Guild(each["id"], each["name"], each["owner_id"])
        guild.roles = {role["id"]: Role(**role) for role in each["roles"]}
        guild.members = {m["id"]: Member(world.users[m["id"]], list(m["roles"])) for m in each["members"]}
    for each in recorded["channels"]:
        channel = Channel(each["id"], **{name: each[name] for name in _KEPT})
        channel.recipients = [world.users[user] for user in each["recipients"]]
        channel.joined = dict.fromkeys(each["joined"], datetime.now(UTC))
        channel.overwrites = {part["target_id"]: Overwrite(**part) for part in each["overwrites"]}
        world.channels[channel.id] = channel
        if channel.guild_id is not None:
            world.guilds[channel.guild_id].channels[channel.id] = channel
    for each in recorded["messages"]:
        _post(world, each)
    people = {user.name: Person(world, user) for user in world.users.values() if not user.bot}
    first = next(iter(world.guilds.values()))
    channels = {str(channel.name): channel for channel in first.channels.values()}
    return Scene(world, first, channels, people)


def _post(world: World, each: Json) -> None:
    channel = world.channels[each["channel"]]
    message = Message(each["id"], channel, world.application.bot, each["content"], components=each["components"])
    message.flags, message.interaction, message.visible_to = each["flags"], each["interaction"], each["visible_to"]
    message.webhook_id, message.application_id = each["webhook"], world.application.id
    message.attachments = [
        Attachment(file_id, name, b"", kind, f"{world.media_url}/attachments/{channel.id}/{file_id}/{name}")
        for file_id, name, kind in each["files"]
    ]
    message.remember()
    channel.messages[message.id] = message


def rewound(rows: dict[str, list[Json]], recorded_at: float) -> dict[str, list[Json]]:
    """The rows as if they had been written just now: nothing expires because the recording is old."""
    by = time.time() - recorded_at
    return {table: [_later(row, by) for row in listed] for table, listed in rows.items()}


def _later(row: Json, by: float) -> Json:
    moments = ("_at", "_until")
    return {key: value + by if key.endswith(moments) and value is not None else value for key, value in row.items()}


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))
