"""What the tests of credits share: a server that has them, and what /usage says is left."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.e2e.cards import eventually, said, server
from tests.e2e.configuring import told
from tests.words import en

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage


async def shop(stage: Stage, **settings: str) -> Channel:
    """A channel in a server of its own where these settings hold; a price, share or pool turns credits on."""
    channel = server(stage)
    for setting, value in settings.items():
        assert "is now" in await told(stage.person("alice"), channel, "set", setting=setting, value=value)
    return channel


async def usage(who: Person, channel: Channel, **options: str) -> Message:
    """/usage, which is always private."""
    message = await (await who.command(channel, "usage", **options)).message()
    assert message.visible_to == who.id
    return message


async def figures(who: Person, channel: Channel) -> dict[str, int]:
    """One's own figures: today, month, share, server, channel, granted; what /usage has no line for is not there."""
    shown = said(await usage(who, channel))
    names = {
        "today": en("usage.today", credits=""),
        "month": en("usage.month", credits=""),
        "share": en("usage.share_none"),
        "server": en("usage.pool_server_none"),
        "channel": en("usage.pool_channel_none"),
        "granted": en("usage.granted", credits=""),
    }
    lines = {key: rf"{re.escape(line.partition(' · ')[0])} · ([\d,]+)" for key, line in names.items()}
    lines["reserved"] = lines["today"].replace("(", "").replace(")", "") + r" credits? · ([\d,]+)"
    found = {name: re.search(pattern, shown) for name, pattern in lines.items()}
    return {name: int(match[1].replace(",", "")) for name, match in found.items() if match is not None}


async def gone(question: Message) -> None:
    """Until the question's button is gone."""
    await eventually(lambda: not question.buttons())


async def asked(use: Invocation) -> Message:
    """The private question about a price."""
    return await use.until(lambda message: message.ephemeral and bool(message.buttons()))
