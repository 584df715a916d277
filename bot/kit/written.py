"""What people write, and to whom."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import discord

from bot.kit.responses import PASSING

if TYPE_CHECKING:
    from bot.kit.bot import Interaction

WRITTEN: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})
"""What people write; the rest tells of what happened."""

_MENTION: Final = re.compile(
    r"<(?:(?P<sign>#|@&|@!?)(?P<id>\d{1,19})|a?(?P<emoji>:\w{1,32}:)\d{1,19}|(?P<command>/[^:<>]{1,100}):\d{1,19})>",
    re.ASCII,
)
_FETCHED: Final = 3
"""Members who are asked for, of those whom a text names."""


def without_mention(content: str, me: int) -> str:
    """What is said to the bot, beside its name."""
    return re.sub(rf"<@!?{me}>", "", content).strip()


def names(content: str, me: int) -> bool:
    """Whether the bot is mentioned in the text itself."""
    return f"<@{me}>" in content or f"<@!{me}>" in content


def replied_to(message: discord.Message) -> int | None:
    """The message that this one replies to."""
    reference = message.reference
    return reference.message_id if message.type is discord.MessageType.reply and reference is not None else None


async def with_names(interaction: Interaction, content: str) -> str:
    """With `#general` and `@carol` for mentions: Discord sends those of an option as numbers, which nobody could read
    where a text is shown letter by letter. What is not known stays as it is, and so does all outside servers.
    """
    guild = interaction.guild
    if guild is None:
        return content
    people = {int(match["id"]) for match in _MENTION.finditer(content) if (match["sign"] or "") in {"@", "@!"}}
    known = {id_: found for id_ in people if (found := guild.get_member(id_)) is not None}
    for id_ in sorted(people - known.keys())[:_FETCHED]:
        with suppress(*PASSING):
            known[id_] = await guild.fetch_member(id_)

    def name(match: re.Match[str]) -> str:
        if match["id"] is None:
            return match["emoji"] or match["command"]
        id_ = int(match["id"])
        if match["sign"] == "#":
            found = guild.get_channel_or_thread(id_)
            return match[0] if found is None else f"#{found.name}"
        if match["sign"] == "@&":
            role = guild.get_role(id_)
            return match[0] if role is None else f"@{role.name}"
        return f"@{known[id_].display_name}" if id_ in known else match[0]

    return _MENTION.sub(name, content)
