"""What is typed in a command's form, as it is kept in the lists of all commands."""

from __future__ import annotations

import pytest

from bot.settings.limits import Limits
from cogs.config.panel_parts import with_limit


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("3", ["video=5/day", "ask=3/day"]),
        ("10/hour", ["video=5/day", "ask=10/hour"]),
        ("10/小时", ["video=5/day", "ask=10/hour"]),
        ("100/month", ["video=5/day", "ask=100/month"]),
        ("100/月", ["video=5/day", "ask=100/month"]),
        ("每天3次", ["video=5/day", "ask=3/day"]),
        ("每小时 10 次", ["video=5/day", "ask=10/hour"]),
        ("unlimited", ["video=5/day", "ask=unlimited/day"]),
        ("不限", ["video=5/day", "ask=unlimited/day"]),
        ("ask=10/hour", ["video=5/day", "ask=10/hour"]),
        ("3，imagine=2", ["video=5/day", "ask=3/day", "imagine=2/day"]),
        ("", ["video=5/day"]),
        ("none", ["video=5/day"]),
        ("无", ["video=5/day"]),
    ],
)
def test_a_limit_of_a_command_needs_no_command_before_it(typed: str, kept: list[str]) -> None:
    assert Limits().parse(with_limit(["video=5/day", "ask=9/day"], "ask", typed)) == kept


@pytest.mark.parametrize("typed", ["three", "3 apples", "10/week"])
def test_what_is_no_limit_stands_as_it_was_typed(typed: str) -> None:
    assert with_limit([], "ask", typed) == typed
