"""A channel that Discord refuses, or does not answer for, is left alone for a while; one of another server always."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock, Mock

import discord
import pytest

from bot.kit import moderator_channels
from bot.kit.bot import Bot
from bot.kit.moderator_channels import Closed, ModeratorChannels
from bot.kit.own_token import OwnToken
from bot.kit.posting import NotNow, Posting, Refused
from bot.kit.short_cards import note
from tests.unit.discord_objects import like

if TYPE_CHECKING:
    from collections.abc import Sequence

GUILD, CHANNEL = 9, 77


class Clock:
    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() + self.passed


class Stand:
    """One channel. `errors`: what Discord says to the next tries."""

    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.sent = 0
        self.tried = 0
        self.guild = like(discord.Guild, "get_channel_or_thread", "fetch_channel")
        self.guild.get_channel_or_thread.return_value = like(discord.TextChannel)
        self.bot = like(Bot, "get_guild", "get_partial_messageable")
        self.bot.get_guild.return_value = self.guild
        self.bot.get_partial_messageable.return_value.send = AsyncMock(side_effect=self._send)
        self.channels = ModeratorChannels(Posting(self.bot, OwnToken()), closed_seconds=600.0)

    async def _send(self, **_sent: object) -> Mock:
        self.tried += 1
        if self.errors:
            raise self.errors.pop(0)
        self.sent += 1
        return Mock(id=1)

    async def post(self) -> None:
        await self.channels.post(GUILD, CHANNEL, lambda _: note("said"), nonce="n")


def answers(status: int, kind: type[discord.HTTPException] = discord.HTTPException) -> discord.HTTPException:
    return kind(Mock(spec=["status", "reason"], status=status, reason="no"), "no")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(moderator_channels, "time", clock)
    return clock


async def fails(stand: Stand, kind: type[NotNow]) -> None:
    with pytest.raises(NotNow) as raised:
        await stand.post()
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    ("errors", "kind", "waits"),
    [
        ([answers(503), TimeoutError(), answers(500)], NotNow, [1.0, 10.0, 60.0]),
        ([answers(403, discord.Forbidden), answers(404, discord.NotFound)], Closed, [600.0, 600.0]),
        ([answers(400)], Refused, [1.0]),
    ],
)
async def test_it_is_tried_again_after_a_while(
    clock: Clock, errors: Sequence[Exception], kind: type[NotNow], waits: Sequence[float]
) -> None:
    stand = Stand()
    stand.errors += errors
    for number, wait in enumerate(waits, 1):
        await fails(stand, kind)
        assert stand.channels.wait(CHANNEL) == pytest.approx(wait, abs=0.5)
        clock.passed += wait - 0.5
        await fails(stand, NotNow if kind is Refused else kind)
        assert stand.tried == number
        clock.passed += 0.6
    await stand.post()
    assert (stand.sent, stand.channels.wait(CHANNEL)) == (1, 0.0)
    # It went well in between: the next failure is the first again.
    stand.errors.append(answers(503))
    await fails(stand, NotNow)
    assert stand.channels.wait(CHANNEL) == pytest.approx(1.0, abs=0.5)


@pytest.mark.parametrize(
    "found",
    [
        {"get_channel_or_thread.return_value": None, "fetch_channel.side_effect": answers(404, discord.NotFound)},
        {"get_channel_or_thread.return_value": None, "fetch_channel.side_effect": discord.InvalidData("elsewhere")},
        {"get_channel_or_thread.return_value": like(discord.CategoryChannel)},
    ],
)
async def test_nothing_is_posted_where_it_can_t_be_or_in_another_server(found: dict[str, Any]) -> None:
    stand = Stand()
    stand.guild.configure_mock(**found)
    await fails(stand, Closed)
    assert stand.tried == 0


async def test_a_server_that_is_not_there_may_come_back(clock: Clock) -> None:
    stand = Stand()
    stand.bot.get_guild.return_value = None
    await fails(stand, NotNow)
    stand.bot.get_guild.return_value = stand.guild
    clock.passed += 1.0
    await stand.post()
    assert stand.sent == 1


async def test_it_is_logged_once(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    stand = Stand()
    stand.errors += [answers(403, discord.Forbidden)] * 3
    for _ in range(3):
        await fails(stand, Closed)
        clock.passed += 601
    assert caplog.text.count("a channel of moderators can't be used, trying again in 600 s") == 1
