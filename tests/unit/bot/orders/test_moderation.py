"""What is asked of the service's moderation, and what becomes of it where that can't be had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from bot.api.moderation import Verdict
from bot.documents.limits import TEXT_TOGETHER
from bot.errors import Moderated, Unreachable
from bot.orders.moderation import OFF, OVERLAP, PIECE, PIECES, PROMPTS, RESULTS, Moderation


class Client:
    """Flags what has "bad" in it; `error`: instead."""

    def __init__(self, error: Exception | None = None, *, there: bool = True) -> None:
        self.asked: list[Sequence[str]] = []
        self.error = error
        self.there = there

    async def moderate(self, texts: Sequence[str]) -> Verdict | None:
        self.asked.append(texts)
        if self.error is not None:
            raise self.error
        return Verdict(flagged=any("bad" in text for text in texts)) if self.there else None


def of(client: Client) -> Moderation:
    return Moderation(cast("Any", client))


@pytest.mark.parametrize("level", [PROMPTS, RESULTS])
async def test_a_flagged_prompt_is_refused(level: str) -> None:
    with pytest.raises(Moderated):
        await of(Client()).refuse("a bad one", level)
    await of(Client()).refuse("a good one", level)


async def test_off_asks_nothing() -> None:
    client = Client()
    await of(client).refuse("a bad one", OFF)
    assert client.asked == []


async def test_what_can_t_be_checked_goes_through_with_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    await of(Client(Unreachable("gone"))).refuse("a bad one", PROMPTS)
    assert "unchecked" in caplog.text
    assert await of(Client(Unreachable("gone"))).flags("a bad one") is None


async def test_a_service_without_it_flags_nothing() -> None:
    assert await of(Client(there=False)).flags("a bad one") is False


async def test_a_long_text_is_checked_to_its_end() -> None:
    client = Client()
    long = "x" * (PIECE * (PIECES - 1) + 5)
    assert await of(client).flags(f"{long} bad") is True
    first, *rest = (piece for some in client.asked for piece in some)
    assert max(map(len, (first, *rest))) == PIECE
    assert "".join((first, *(piece[OVERLAP:] for piece in rest))) == f"{long} bad"


async def test_nothing_to_read_is_not_asked_about() -> None:
    client = Client()
    assert await of(client).flags("  ") is False
    assert client.asked == []


@pytest.mark.parametrize("before", [PIECE - 2, PIECE - 1, PIECE, PIECE * 3 - 2])
async def test_a_word_is_whole_wherever_it_stands(before: int) -> None:
    assert await of(Client()).flags("x" * before + "bad" + "x" * 9000) is True


async def test_all_of_the_largest_files_is_checked() -> None:
    client = Client()
    assert await of(client).flags("x" * (2 * TEXT_TOGETHER) + "bad") is True
    assert max(map(len, client.asked)) <= PIECES
    assert sum(map(len, client.asked)) > PIECES
