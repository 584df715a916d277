"""How often Discord is asked how large a file may be in a server that another process knows."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, Mock

import discord
import pytest

from bot.cards.upload_limits import REFUSED_SECONDS, SECONDS, UploadLimits
from bot.cards.uploads import DEFAULT_UPLOAD_LIMIT
from tests.unit.bot.cards.showing import row

BOOSTED = 50 * 1024 * 1024


def refused(kind: type[discord.HTTPException], status: int) -> discord.HTTPException:
    answer: Any = SimpleNamespace(status=status, reason="")
    return kind(answer, "no")


def place(*answers: Any, known: int | None = None, alone: bool = False) -> tuple[UploadLimits, AsyncMock]:
    """What Discord answers in turn; `known`: the limit of the servers that this process knows itself."""
    fetch = AsyncMock(side_effect=answers)
    bot = Mock(fetch_guild=fetch, share=Mock(is_whole=alone))
    bot.get_guild.return_value = None if known is None else Mock(filesize_limit=known)
    return UploadLimits(bot), fetch


@pytest.mark.parametrize(
    ("first", "limit", "seconds"),
    [
        (SimpleNamespace(filesize_limit=BOOSTED), BOOSTED, SECONDS),
        (refused(discord.NotFound, 404), DEFAULT_UPLOAD_LIMIT, REFUSED_SECONDS),
        (refused(discord.Forbidden, 403), DEFAULT_UPLOAD_LIMIT, REFUSED_SECONDS),
    ],
)
async def test_one_answer_serves_for_a_while(
    first: object, limit: int, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits, fetch = place(first, SimpleNamespace(filesize_limit=BOOSTED + 1), SimpleNamespace(filesize_limit=BOOSTED))
    now = time.monotonic()
    monkeypatch.setattr("bot.recent.time.monotonic", lambda: now)
    assert await limits.of(row(1)) == limit
    monkeypatch.setattr("bot.recent.time.monotonic", lambda: now + seconds - 1)
    assert await limits.of(row(2)) == limit
    assert fetch.await_count == 1
    assert await limits.of(row(3, guild_id=10)) == BOOSTED + 1, "another server's is another answer"
    monkeypatch.setattr("bot.recent.time.monotonic", lambda: now + seconds + 1)
    assert await limits.of(row(4)) == BOOSTED
    assert fetch.await_count == 3


@pytest.mark.parametrize("passing", [refused(discord.DiscordServerError, 503), TimeoutError("no answer")])
async def test_no_answer_is_remembered_by_nobody(passing: Exception) -> None:
    limits, fetch = place(passing, SimpleNamespace(filesize_limit=BOOSTED))
    assert [await limits.of(row(1)), await limits.of(row(2))] == [DEFAULT_UPLOAD_LIMIT, BOOSTED]
    assert fetch.await_count == 2


async def test_nobody_is_asked_what_is_known_or_can_not_be_told() -> None:
    known, asked = place(known=BOOSTED)
    assert await known.of(row()) == BOOSTED
    alone, asked_alone = place(alone=True)
    of_others, asked_others = place()
    assert await alone.of(row()) == DEFAULT_UPLOAD_LIMIT
    assert await of_others.of(row(guild_id=None)) == DEFAULT_UPLOAD_LIMIT
    assert await of_others.of(row(token_only=True)) == DEFAULT_UPLOAD_LIMIT
    for limits, elsewhere in ((alone, {}), (of_others, {"guild_id": None}), (of_others, {"token_only": True})):
        limits.told(row(7, **elsewhere), BOOSTED)
        assert await limits.of(row(7, **elsewhere)) == BOOSTED, "what its interaction said"
        assert await limits.of(row(8, **elsewhere)) == DEFAULT_UPLOAD_LIMIT
    assert (asked.await_count, asked_alone.await_count, asked_others.await_count) == (0, 0, 0)
