"""What the tests of mentions, threads and direct messages share: writing to the bot, and what it answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from sandbox.discord.permissions import Permission
from tests.e2e.asking import CURSOR, WITHIN, was_whole
from tests.e2e.cards import server, someone
from tests.e2e.configuring import config

if TYPE_CHECKING:
    from sandbox.discord.choosing import Upload
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage


async def a_talk(stage: Stage, **settings: str) -> tuple[Person, Channel]:
    """Somebody who may do everything in a server of their own, where mentions are on."""
    channel = server(stage)
    dora = someone(stage, "dora", at=channel, permissions=int(Permission.ADMINISTRATOR))
    for setting, value in ({"mentions": "on"} | settings).items():
        await config(dora, channel, "set", setting=setting, value=value, scope="server")
    return dora, channel


async def mention(stage: Stage, who: Person, at: Channel, text: str, *files: Upload) -> Message:
    """Write to the bot in a channel; the message."""
    return await who.say(at, f"{stage.world.application.bot.mention} {text}", *files)


def answers_to(message: Message) -> list[Message]:
    """What the bot replied."""
    said = message.channel.messages.values()
    return [each for each in said if each.reference is message and each.author.bot and not each.deleted]


async def answer_of(stage: Stage, message: Message, *, within: float = WITHIN) -> Message:
    """The answer to a message, once it is whole."""

    def ended() -> bool:
        return any(was_whole(each) and CURSOR not in each.text for each in answers_to(message))

    if not ended():
        await stage.world.wait_until(lambda _: ended(), within)
    return answers_to(message)[0]


async def reply_of(stage: Stage, message: Message, *, within: float = WITHIN) -> Message:
    """Whatever the bot replies with first."""
    if not answers_to(message):
        await stage.world.wait_until(lambda _: bool(answers_to(message)), within)
    return answers_to(message)[0]


async def reaction_to(stage: Stage, message: Message, *, within: float = WITHIN) -> str:
    """The emoji that the bot reacts with."""
    if not message.reactions:
        await stage.world.wait_until(lambda _: bool(message.reactions), within)
    return next(iter(message.reactions))


async def silence(*messages: Message, seconds: float = 0.6) -> bool:
    """Whether nothing came of these messages for a while: neither words nor a reaction."""
    await asyncio.sleep(seconds)
    return not any(answers_to(each) or each.reactions for each in messages)


def slowly(stage: Stage) -> None:
    """The next answer takes two seconds."""
    stage.api.next("chat", words_per_second=30.0, words=60)


def asked_of(stage: Stage) -> str:
    """What the model was asked last."""
    messages = cast("list[dict[str, Any]]", stage.api.requests.of("chat")[-1].json["messages"])
    content = messages[-1]["content"]
    return content if isinstance(content, str) else content[0]["text"]
