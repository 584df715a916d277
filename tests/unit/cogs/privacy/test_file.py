"""The file of /privacy show: the same as written in one go, but never in one go."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from cogs.privacy.file import (
    AT_ONCE,
    _as_yaml,  # pyright: ignore[reportPrivateUsage] - the command reads it from a whole database
)

ODD = (
    "a: b",
    "- x",
    "line\nline\n\n  line",
    "红狐狸 " * 60,
    "# no",
    "'",
    '"',
    " lead",
    "trail ",
    "null",
    "1",
    "\u2028",
    "",
)
ORDERS = [
    {"order": number, "prompt": ODD[number % len(ODD)], "results": [{"link": "https://x.example"}], "none": None}
    for number in range(3 * AT_ONCE + 1)
]
STORED: dict[str, Any] = {
    "person": 7,
    "orders": ORDERS,
    "used_each_day": [],
    "credits": {"balances": [], "orders": ORDERS, "deeper": {"granted": ORDERS[:3], "nothing": {}}},
    "joined": [{"jam": 1}],
}


def test_it_reads_as_what_is_stored() -> None:
    written = _as_yaml(STORED, "Heading")
    assert written.startswith(b"# Heading\nperson: 7\norders:\n- order: 0\n")
    assert yaml.safe_load(written) == STORED


def test_no_call_of_the_library_has_more_than_some_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def noted(value: Any, **options: Any) -> str:
        sizes.append(len(value))
        return dump(value, **options)

    dump: Any = yaml.dump  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - its stub leaves the width untyped
    monkeypatch.setattr(yaml, "dump", noted)
    _as_yaml(STORED, "Heading")
    assert max(sizes) == AT_ONCE
