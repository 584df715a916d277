"""The owner is told of the budget's steps, each once, and of the last one too when orders are refused."""

from __future__ import annotations

import pytest

from bot.money import Budget
from bot.orders.cost_rows import Spending
from cogs.usage.budget_alerts import due

BUDGET = Budget(1000, "month")


@pytest.mark.parametrize(
    ("spending", "step"),
    [
        (Spending(), None),
        (Spending(reserved=1000), None),  # it may be given back
        (Spending(spent=499), None),
        (Spending(spent=500), (50, 500)),
        (Spending(spent=500, alerted=500), None),
        (Spending(spent=910, alerted=500), (90, 900)),  # the highest alone
        (Spending(spent=1000, alerted=900), (100, 1000)),
        (Spending(spent=1200, alerted=1000), None),
        (Spending(spent=700, alerted=500, refused_at=1.0), (100, 1000)),
        (Spending(spent=700, alerted=1000, refused_at=1.0), None),
        # It was 500 and is 1000 now: half of it is another half.
        (Spending(spent=760, alerted=500), (75, 750)),
    ],
)
def test_what_is_due(spending: Spending, step: tuple[int, int] | None) -> None:
    assert due(BUDGET, spending) == step
