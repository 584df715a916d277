"""Shared cards: few edits, the last state always shown, and by whose token."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import AsyncMock, create_autospec

import pytest
from discord import ui

from bot.kit import coalesced_edits as module
from bot.kit.coalesced_edits import CoalescedEdits
from bot.kit.edits import Handle, MessageGone, edit_by_itself, edit_by_token
from bot.kit.own_token import OwnToken
from bot.kit.short_cards import note

if TYPE_CHECKING:
    from bot.kit.bot import Bot

BETWEEN = 0.05


class Shown:
    """What Discord was asked to show: (token, text), with None for the bot's own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.edits: list[tuple[str | None, str]] = []
        self.at: list[float] = []
        self.failing: list[Exception] = []
        self.ended: set[str | None] = set()
        # Discord itself is met in the tests end to end.
        by_token = cast("AsyncMock", create_autospec(edit_by_token, side_effect=self._by_token))
        by_itself = cast("AsyncMock", create_autospec(edit_by_itself, side_effect=self._by_itself))
        monkeypatch.setattr(module, "edit_by_token", by_token)
        monkeypatch.setattr(module, "edit_by_itself", by_itself)

    async def _by_token(self, bot: object, handle: Handle, view: ui.LayoutView) -> bool:
        del bot
        if not handle.token_lives or handle.token in self.ended:
            return False
        self._edit(handle.token, view)
        return True

    async def _by_itself(self, bot: object, handle: Handle, view: ui.LayoutView) -> None:
        del bot, handle
        self._edit(None, view)

    def _edit(self, token: str | None, view: ui.LayoutView) -> None:
        if self.failing:
            raise self.failing.pop(0)
        self.at.append(time.monotonic())
        self.edits.append(
            (token, next(each.content for each in view.walk_children() if isinstance(each, ui.TextDisplay)))
        )


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    return Shown(monkeypatch)


@pytest.fixture
def coalesced(shown: Shown) -> CoalescedEdits:
    del shown
    return CoalescedEdits(cast("Bot", object()), OwnToken(), between_edits=BETWEEN)


def handle(token: str | None = None, *, message_id: int = 1) -> Handle:
    until = None if token is None else time.time() + 100
    facts: dict[str, Any] = {"application_id": 1, "channel_id": 1, "token_only": False}
    return Handle(token=token, token_expires_at=until, message_id=message_id, **facts)


class Counter:
    """What a card shows: how often it was changed."""

    def __init__(self) -> None:
        self.count = 0
        self.rendered = 0

    async def render(self) -> ui.LayoutView | None:
        self.rendered += 1
        return note(str(self.count)) if self.count >= 0 else None


async def test_many_changes_are_few_edits_and_the_last_is_shown(coalesced: CoalescedEdits, shown: Shown) -> None:
    counter = Counter()
    for _ in range(20):
        for _ in range(10):
            counter.count += 1
            coalesced.refresh("card", handle(f"token {counter.count}"), counter.render)
        await asyncio.sleep(BETWEEN / 10)
    await coalesced.finish(5)
    assert shown.edits[-1][1] == "200"
    assert len(shown.edits) <= 5
    gaps = [after - before for before, after in zip(shown.at[:-1], shown.at[1:-1], strict=False)]
    assert all(gap >= BETWEEN * 0.9 for gap in gaps)
    # Each by the newest press's token there was.
    assert all(token == f"token {count}" for token, count in shown.edits)


async def test_cards_do_not_wait_for_each_other(coalesced: CoalescedEdits, shown: Shown) -> None:
    for number in range(10):
        coalesced.refresh(number, handle("token", message_id=number), Counter().render)
    await asyncio.sleep(BETWEEN / 2)
    assert len(shown.edits) == 10


async def test_whose_token(coalesced: CoalescedEdits, shown: Shown) -> None:
    counter = Counter()
    coalesced.refresh("card", handle("press"), counter.render)
    await asyncio.sleep(BETWEEN / 2)
    coalesced.refresh("card", handle(), counter.render)  # a timer's, which brings none
    await asyncio.sleep(BETWEEN * 3)
    coalesced.refresh("card", handle(), counter.render)  # much later
    await coalesced.finish(5)
    assert [token for token, _ in shown.edits] == ["press", "press", None]


async def test_an_ended_token_is_not_asked_twice(coalesced: CoalescedEdits, shown: Shown) -> None:
    counter = Counter()
    shown.ended.add("ended")
    coalesced.refresh("card", handle("ended"), counter.render)
    await asyncio.sleep(BETWEEN / 2)
    coalesced.refresh("card", handle(), counter.render)
    await coalesced.finish(5)
    assert [token for token, _ in shown.edits] == [None, None]


async def test_what_fails_in_passing_is_tried_again_and_not_for_ever(coalesced: CoalescedEdits, shown: Shown) -> None:
    counter = Counter()
    shown.failing = [TimeoutError(), OSError()]
    coalesced.refresh("card", handle("token"), counter.render)
    await asyncio.sleep(BETWEEN * 8)
    assert len(shown.edits) == 1
    shown.failing = [TimeoutError() for _ in range(99)]
    coalesced.refresh("card", handle("token"), counter.render)
    await coalesced.finish(5)
    assert len(shown.failing) == 99 - module.TRIES


@pytest.mark.parametrize("error", [MessageGone(), ValueError("a fault of our own")])
async def test_what_can_t_be_shown_leaves_nothing_behind(
    coalesced: CoalescedEdits, shown: Shown, error: Exception
) -> None:
    counter = Counter()
    shown.failing = [error]
    coalesced.refresh("card", handle("token"), counter.render)
    await asyncio.sleep(BETWEEN * 2)
    assert (shown.edits, counter.rendered) == ([], 1)
    coalesced.refresh("card", handle("token"), counter.render)
    await coalesced.finish(5)
    assert len(shown.edits) == 1


async def test_nothing_to_show_is_no_edit(coalesced: CoalescedEdits, shown: Shown) -> None:
    counter = Counter()
    counter.count = -1
    coalesced.refresh("card", handle("token"), counter.render)
    await coalesced.finish(5)
    assert (shown.edits, counter.rendered) == ([], 1)
