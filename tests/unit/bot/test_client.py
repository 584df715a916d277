"""The one check before every command, press and form."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any
from unittest.mock import AsyncMock, MagicMock, create_autospec

import discord
import pytest
from discord import ui

from bot.client import Tree
from bot.kit import in_time, responses
from bot.kit.bot import Share
from bot.kit.gate import Gate
from bot.kit.owner_alerts import OwnerAlerts
from bot.recent import Recent


@pytest.fixture
def refusal(monkeypatch: pytest.MonkeyPatch) -> AsyncMock:
    """What the owner's choice of places says."""
    made = AsyncMock(return_value=None)
    monkeypatch.setattr("bot.client.Gate.refusal", made)
    return made


@pytest.fixture
def checks(refusal: AsyncMock) -> Tree:
    del refusal
    client = MagicMock()
    client.the = defaultdict[type, Any](MagicMock, {Gate: Gate.__new__(Gate)}).__getitem__
    client._connection._command_tree = None  # pyright: ignore[reportPrivateUsage] - the library's own
    client.share = Share()
    client.stopping.is_set = MagicMock(return_value=False)
    return Tree(client)


def interaction(id_: int, kind: discord.InteractionType = discord.InteractionType.application_command) -> Any:
    made = MagicMock(spec=discord.Interaction)
    made.id, made.type, made.guild_id, made.extras = id_, kind, 1, {}
    made.locale = discord.Locale.american_english
    made.client.the = {OwnerAlerts: create_autospec(OwnerAlerts, instance=True)}.__getitem__
    made.response.is_done = MagicMock(return_value=False)
    made.response.send_message = AsyncMock()
    return made


async def test_the_same_is_acted_upon_once(checks: Tree):
    assert [await checks.interaction_check(interaction(number)) for number in (7, 8, 7, 7, 9)] == [
        True,
        True,
        False,
        False,
        True,
    ]


async def test_of_many_the_first_are_forgotten(checks: Tree, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checks, "_came", Recent[int, None](3))
    for number in range(4):
        assert await checks.interaction_check(interaction(number))
    assert not await checks.interaction_check(interaction(3))
    assert await checks.interaction_check(interaction(0))


@pytest.mark.parametrize("kind", [discord.InteractionType.application_command, discord.InteractionType.autocomplete])
async def test_what_the_check_raises_reaches_the_error_path(
    checks: Tree, refusal: AsyncMock, kind: discord.InteractionType, caplog: pytest.LogCaptureFixture
):
    made = interaction(7, kind)
    refusal.side_effect = AttributeError("of an odd payload")
    await checks._call(made)  # pyright: ignore[reportPrivateUsage] - where the library enters
    assert "AttributeError: of an odd payload" in caplog.text
    if kind is discord.InteractionType.autocomplete:
        made.response.send_message.assert_not_awaited()
        return
    view: ui.LayoutView = made.response.send_message.await_args.kwargs["view"]
    assert str(view.to_components()[0]["content"]).startswith("Something went wrong on our side (ref ")


class InHandOver(Share):
    """A shard that this process `held`, or is about to, while the database is slow to say whose an event is."""

    def __init__(self, *, held: bool, mine: bool) -> None:
        self.held, self.mine = held, mine

    def holds(self, guild_id: int | None) -> bool:
        del guild_id
        return self.held

    async def takes(self, event_id: int) -> bool:
        del event_id
        await asyncio.sleep(0.1)
        return self.mine


@pytest.mark.parametrize("mine", [True, False])
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("held", [True, False])
async def test_what_comes_in_a_hand_over_is_acknowledged_in_time(
    checks: Tree, monkeypatch: pytest.MonkeyPatch, held: bool, first: bool, mine: bool
):
    """By the holder, or at last by who is about to be. Whoever did it and does not have it says so: the other one's
    answer is refused.
    """
    monkeypatch.setattr(in_time, "LATER" if held else "LATEST", 0.0)
    checks.client.share = InHandOver(held=held, mine=mine)
    made = interaction(7)
    made.message = None
    made.response.defer = AsyncMock()
    if not first:
        refused = MagicMock(status=400, reason="Bad Request")
        made.response.defer.side_effect = discord.HTTPException(refused, {"code": 40060, "message": "twice"})
    edited = AsyncMock(return_value=1)
    monkeypatch.setattr(responses, "edit_answer", edited)
    assert await checks.interaction_check(made) is mine
    made.response.defer.assert_awaited_once()
    assert edited.await_count == (first and not mine)
