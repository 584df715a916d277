"""The logbook's memory is bounded, and what Discord does not take keeps nobody waiting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias
from unittest.mock import AsyncMock, Mock, create_autospec

import discord
import pytest

from bot.generation.ordering.orders import Orders
from bot.kit import moderator_channels
from bot.kit.bot import Bot
from bot.kit.cog import Submitted
from bot.kit.own_token import OwnToken
from bot.kit.posting import Posting
from bot.orders.policy import Rules
from bot.settings import Effective, Origin, Place
from cogs.log import service as of_logbook
from cogs.log.service import Logbook, line_card
from tests.unit.discord_objects import like
from tests.words import en

if TYPE_CHECKING:
    from discord import ui

LOG, GUILD = 77, 9
WAITING = 40
Sent: TypeAlias = "list[str]"


def entry(number: int = 0, **facts: Any) -> Submitted:
    order: dict[str, Any] = {
        "person_id": 1,
        "command": "/imagine",
        "again": False,
        "model": "wan",
        "prompt": f"prompt {number}",
        "place": Place(channel_id=20, guild_id=GUILD),
        "private": False,
        "message_id": 30,
    }
    return Submitted(**(order | facts))


def shown(view: ui.LayoutView) -> str:
    return "".join(str(part["content"]) for part in view.to_components())


class Stand:
    """A logbook whose one log channel is a stand-in."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.send: Callable[[], Awaitable[None]] | None = None
        orders = create_autospec(Orders, instance=True)
        effective = {
            "log_channel": Effective(LOG, Origin.SERVER),
            "language": Effective(None, Origin.DEFAULT),
        }
        orders.rules.return_value = Rules(effective, None)
        guild = like(discord.Guild, "get_channel_or_thread")
        guild.preferred_locale = discord.Locale.chinese
        guild.get_channel_or_thread.return_value = like(discord.TextChannel)
        bot = like(Bot, "get_guild", "get_partial_messageable")
        bot.get_guild.return_value = guild
        bot.get_partial_messageable.return_value.send = self.sending = AsyncMock(side_effect=self._send)
        self.logbook = Logbook(bot, orders, Posting(bot, OwnToken()))

    async def _send(self, *, view: ui.LayoutView, silent: bool, **_options: object) -> Mock:
        assert silent
        if self.send is not None:
            await self.send()
        self.sent.append(shown(view).splitlines()[0])
        return Mock(id=1)


@pytest.fixture
async def stand(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stand]:
    """With the logbook running."""
    monkeypatch.setattr(of_logbook, "WAITING", WAITING)
    monkeypatch.setattr(of_logbook, "WAITING_IN_CHANNEL", 20)
    made = Stand()
    running = asyncio.create_task(made.logbook.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def refusal(status: int, kind: type[discord.HTTPException]) -> discord.HTTPException:
    response = Mock(spec=["status", "reason"], status=status, reason="no")
    return kind(response, "Missing Permissions")


async def test_cards_come_in_order(stand: Stand):
    for number in range(5):
        stand.logbook.note(entry(number))
    await stand.logbook.finish(5)
    assert stand.sent == [f"prompt {number}" for number in range(5)]


async def test_a_flood_is_bounded_and_the_oldest_go(
    stand: Stand, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(of_logbook, "WAITING_IN_CHANNEL", WAITING)
    with caplog.at_level(logging.WARNING):
        for number in range(WAITING + 3):
            stand.logbook.note(entry(number))
    assert caplog.text.count("the oldest is left out") == 3
    await stand.logbook.finish(5)
    assert stand.sent == [f"prompt {number}" for number in range(3, WAITING + 3)]


async def test_a_channel_that_can_t_keep_up(stand: Stand, caplog: pytest.LogCaptureFixture):
    released = asyncio.Event()
    reached = asyncio.Event()

    async def hold() -> None:
        reached.set()
        await released.wait()

    stand.send = hold
    stand.logbook.note(entry(0))
    await asyncio.wait_for(reached.wait(), 5)
    with caplog.at_level(logging.WARNING):
        for number in range(1, of_logbook.WAITING_IN_CHANNEL + 3):
            stand.logbook.note(entry(number))
        async with asyncio.timeout(5):
            while caplog.text.count("can't keep up") < 2:  # noqa: ASYNC110 - the log is all that tells
                await asyncio.sleep(0)
    released.set()
    await stand.logbook.finish(5)
    assert stand.sent[:2] == ["prompt 0", "prompt 3"]
    assert len(stand.sent) == of_logbook.WAITING_IN_CHANNEL + 1
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("log-channel")]
    stand.logbook.note(entry(200))
    await stand.logbook.finish(5)
    assert stand.sent[-1] == "prompt 200", "a new line begins where the old one ended"


async def test_a_channel_that_refuses_is_left_alone_for_a_while(stand: Stand, caplog: pytest.LogCaptureFixture):
    async def refuse() -> None:
        raise refusal(403, discord.Forbidden)

    stand.send = refuse
    for number in range(5):
        stand.logbook.note(entry(number))
    await stand.logbook.finish(5)
    stand.send = None
    stand.logbook.note(entry(5))
    await stand.logbook.finish(5)
    assert (stand.sending.await_count, stand.sent) == (1, [])
    assert caplog.text.count("can't be used, trying again in 60 s") == 1


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (refusal(500, discord.HTTPException), ["prompt 0", "prompt 1"]),
        (TimeoutError(), ["prompt 0", "prompt 1"]),
        (refusal(400, discord.HTTPException), ["prompt 1"]),
        (RuntimeError("a mistake"), ["prompt 1"]),
    ],
)
async def test_what_may_pass_costs_no_card_and_what_may_not_only_its_own(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, error: Exception, sent: list[str]
):
    monkeypatch.setattr(moderator_channels, "WAITS", (0.02,))
    errors = [error]

    async def fail_once() -> None:
        if errors:
            raise errors.pop()

    stand.send = fail_once
    stand.logbook.note(entry(0))
    stand.logbook.note(entry(1))
    await stand.logbook.finish(5)
    assert stand.sent == sent


async def test_finish_waits_no_longer_than_it_may(stand: Stand):
    async def never() -> None:
        await asyncio.Event().wait()

    stand.send = never
    stand.logbook.note(entry(0))
    await stand.logbook.finish(0.05)
    assert stand.sent == []


async def test_outside_servers_nothing_is_noted(stand: Stand):
    stand.logbook.note(entry(place=Place(channel_id=20)))
    stand.logbook.note(entry(1))
    await stand.logbook.finish(5)
    assert stand.sent == ["prompt 1"]


def test_a_card_of_every_kind():
    link = "https://discord.com/channels/9/21/30"
    place = Place(channel_id=20, thread_id=21, guild_id=GUILD)
    assert (
        shown(line_card(entry(place=place), "en")) == f"prompt 0\n-# <@1> · /imagine · wan · <#21> · [message]({link})"
    )
    private = shown(line_card(entry(private=True, again=True), "en"))
    assert private == f"prompt 0\n-# <@1> · /imagine again · wan · <#20> · {en('log.private')}"
    nowhere = shown(line_card(entry(message_id=None, file_name="a|b.png"), "zh_CN"))
    assert nowhere == "prompt 0\n-# <@1> · /imagine · wan · <#20> · a\\|b.png"
    assert len(shown(line_card(entry(prompt="@" * 4000, model="*" * 100), "en"))) < 2000
