"""The owner is told of the budget's steps, each once, and of the last one too when orders are refused."""

from __future__ import annotations

import pytest

from bot.money import Budget
from bot.orders.cost_rows import Standing
from cogs.usage.budget_alerts import due

BUDGET = Budget(1000, "month")


@pytest.mark.parametrize(
    ("standing", "step"),
    [
        (Standing(), None),
        (Standing(reserved=1000), None),  # it may be given back
        (Standing(spent=499), None),
        (Standing(spent=500), (50, 500)),
        (Standing(spent=500, alerted=500), None),
        (Standing(spent=910, alerted=500), (90, 900)),  # the highest alone
        (Standing(spent=1000, alerted=900), (100, 1000)),
        (Standing(spent=1200, alerted=1000), None),
        (Standing(spent=700, alerted=500, refused_at=1.0), (100, 1000)),
        (Standing(spent=700, alerted=1000, refused_at=1.0), None),
        # It was 500 and is 1000 now: half of it is another half.
        (Standing(spent=760, alerted=500), (75, 750)),
    ],
)
def test_what_is_due(standing: Standing, step: tuple[int, int] | None) -> None:
    assert due(BUDGET, standing) == step
