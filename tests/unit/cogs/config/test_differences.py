"""What a change is shown as: of long values what differs, and never a value that can't be judged."""

from __future__ import annotations

from typing import Any

import pytest

from bot.settings import SETTINGS
from cogs.config.differences import (
    _compared,  # pyright: ignore[reportPrivateUsage] - the lines of the file
    difference,
)
from cogs.config.draft_rows import Step
from tests.words import en

WORDS = [f"word {number}" for number in range(60)]
LONG = "You are the host of a long tale. " * 20
STYLES = [{"name": "Ink", "words": "ink on paper"}, {"name": "Oil", "words": "{prompt}, oil"}]
NOTHING, CLEARED = en("config.not_set"), en("setup.cleared")


def said(key: str, before: Any, after: Any) -> tuple[str, bool]:
    found = difference("en", key, Step(before, after), None, 60)
    name, _, changes = found.said.partition(": ")
    assert name == SETTINGS[key].name("en")
    return changes, found.is_whole


@pytest.mark.parametrize(
    ("key", "before", "after", "expected", "whole"),
    [
        ("max_images", 4, 2, "4 → **2**", True),
        ("max_images", None, 2, f"{NOTHING} → **2**", True),
        ("blocked_words", ["a"], None, f"a → **{CLEARED}**", True),
        ("blocked_words", WORDS, [*WORDS[1:], "casino"], "+ **casino** · − word 0", True),
        ("blocked_words", WORDS, WORDS[::-1], None, False),
        ("blocked_words", None, WORDS, None, False),
        ("blocked_words", ["x"], [*WORDS, "x"], None, False),
        ("roles", [1, 2, 3, 4, 5], [1, 2, 3, 4, 6], "+ **<@&6>** · − <@&5>", True),
        (
            "system_prompt",
            LONG,
            LONG.replace("tale", "song", 1),
            "…t of a long tale. You are th… → **…t of a long song. You are th…**",
            True,
        ),
        ("system_prompt", LONG, LONG.replace("tale", "tale" * 60, 1), None, False),
        ("system_prompt", None, LONG, None, False),
        ("styles", STYLES, STYLES[:1], "− Oil", True),
        ("styles", None, STYLES[1:], "+ **Oil** ({prompt}, oil)", True),
        (
            "styles",
            STYLES,
            [STYLES[0], {"name": "Oil", "words": "{prompt}, old oil"}],
            "Oil: {prompt}, oil → **{prompt}, old oil**",
            True,
        ),
        ("styles", STYLES, [*STYLES, {"name": "Lead", "words": LONG}], None, False),
    ],
)
def test_a_change(key: str, before: Any, after: Any, expected: str | None, whole: bool) -> None:
    found, all_ = said(key, before, after)
    assert all_ is whole
    if expected is not None:
        assert found == expected


def test_the_whole_has_every_line() -> None:
    assert list(_compared(["a", "b", "c"], ["a", "x", "c"])) == ["  a", "- b", "+ x", "  c"]
    many = [str(number) for number in range(2000)]
    assert list(_compared(many, many[:60])) == [f"- {one}" for one in many] + [f"+ {one}" for one in many[:60]]
