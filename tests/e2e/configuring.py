"""What the tests of /config share: typing it, and reading what it answers without the backslashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.choosing import Upload
from sandbox.discord.models import walk
from sandbox.discord.permissions import Permission
from tests.e2e.cards import server, someone

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel, Json, Message, Version
    from sandbox.discord.people import Person
    from sandbox.stage import Stage


def a_place(stage: Stage) -> tuple[Person, Channel]:
    """Somebody who may do everything in a server of their own, where nothing is set."""
    channel = server(stage)
    return someone(stage, "dora", at=channel, permissions=int(Permission.ADMINISTRATOR)), channel


async def config(person: Person, at: Channel, word: str, /, **options: Any) -> Message:
    """Type /config; what it answers, which is always private."""
    use = await person.command(at, f"config {word}", **options)
    message = await use.message()
    assert message.visible_to == person.id
    return message


async def told(person: Person, at: Channel, word: str, /, **options: Any) -> str:
    """Type /config; what stands in the answer."""
    return plain((await config(person, at, word, **options)).text)


async def previewed(person: Person, at: Channel, data: str | bytes) -> Message:
    """Import a file; what it would change, or why it can't."""
    file = Upload("settings.yml", data.encode() if isinstance(data, str) else data)
    use = await person.command(at, "config import", file=file)
    return await use.until(lambda each: not each.loading)


async def taken_in(person: Person, at: Channel, data: str | bytes) -> str:
    """Import a file, and apply what it would change; what is said in the end."""
    return await applied(person, await previewed(person, at, data))


async def applied(person: Person, preview: Message) -> str:
    """Press Apply, where there is one."""
    apply = [one for one in preview.buttons() if str(one["custom_id"]).startswith("setup:all:apply:")]
    if not apply:
        return plain(preview.text)
    use = await person.press(preview, custom_id=str(apply[0]["custom_id"]))
    await use.until(lambda each: not has(each, "setup:all:apply:"))
    return plain(preview.text)


async def log_in(person: Person, at: Channel, log: Channel, **options: Any) -> str:
    """Set a log channel, also where others read it; what is said of it then."""
    answer = await config(person, at, "set", setting="log_channel", value=f"<#{log.id}>", **options)
    if answer.buttons():
        await (await person.press(answer)).until(lambda each: not each.buttons())
    return plain(answer.text)


def plain(text: str) -> str:
    return text.replace("\\", "")


async def answer_to(use: Invocation) -> str:
    """What a press, a choice or a form is answered with privately."""
    return plain((await use.message()).text)


def menu(message: Message | Version, custom_id: str) -> Json:
    """A menu by how its custom_id begins."""
    return next(part for part in walk(message.components) if str(part.get("custom_id", "")).startswith(custom_id))


def has(message: Message | Version, custom_id: str) -> bool:
    return any(str(part.get("custom_id", "")).startswith(custom_id) for part in walk(message.components))
