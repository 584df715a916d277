"""Mixed orders, 20 at once, and a bot that is killed: our sum is the service's, and the budget is never passed."""

from __future__ import annotations

from functools import partial

import pytest

from tests.bench import money_orders
from tests.bench.money import measure
from tests.e2e.forking import piped


@pytest.mark.timeout(300)
async def test_what_orders_cost(empty_database_url: str) -> None:
    start = partial(piped, money_orders.__name__, standards=(1,))
    figures = await measure(empty_database_url, orders=80, limit="1/month", kills=2, seed=5, start=start)
    assert figures.kills == 2
    assert figures.known > 5
    assert figures.placed["refused"] > 0
    assert figures.apart < 0.01
    assert figures.peak <= figures.limit
    assert figures.charged <= figures.spending <= figures.limit
    assert figures.reserved_left == 0
