"""Which shards a process is to connect next, as several share them."""

from __future__ import annotations

import pytest

from bot.store.processes import Shard, due_to

ME, OTHER, GONE = 1, 2, 3


def shards(*holders: int | None) -> list[Shard]:
    return [Shard(id_, holder, None, ready=False) for id_, holder in enumerate(holders)]


@pytest.mark.parametrize(
    ("there", "most", "due"),
    [
        pytest.param(shards(None, None, None, None), 9, [0, 1], id="no more than its share of what nobody holds"),
        pytest.param(shards(None, None, None, None), 1, [0], id="no more at once than it may"),
        pytest.param(shards(ME, ME, OTHER, OTHER), 9, [], id="each has its share"),
        pytest.param(shards(OTHER, OTHER, OTHER, OTHER), 9, [2, 3], id="from who holds more than their share"),
        pytest.param(shards(GONE, OTHER, None, OTHER), 9, [2, 0], id="first nobody's, then of who leaves"),
        pytest.param([Shard(0, OTHER, ME, ready=False), *shards(None)], 9, [], id="what it is to hold next counts"),
        pytest.param([], 9, [], id="there are none yet"),
    ],
)
def test_it_is_due_its_share(there: list[Shard], most: int, due: list[int]) -> None:
    assert [one.id for one in due_to(ME, there, {ME, OTHER}, most=most)] == due


def test_who_leaves_is_due_none() -> None:
    assert due_to(GONE, shards(None, None), {ME, OTHER}, most=9) == []
