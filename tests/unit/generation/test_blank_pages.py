"""Discord refuses a message without a letter in it: a run of spaces longer than a page is none."""

from __future__ import annotations

import re

import pytest

from bot.text import split


@pytest.mark.parametrize("gap", [" " * 900, "\n" * 900, " \n" * 450, "\t" * 900])
@pytest.mark.parametrize("before", ["x" * 300, "one word", "a" * 299 + "."])
def test_a_gap_longer_than_a_page_is_no_page(before: str, gap: str) -> None:
    pieces = split(f"{before}{gap}the end", 300)
    assert all(piece.strip() for piece in pieces)
    assert all(len(piece) <= 300 for piece in pieces)
    assert re.sub(r"\s", "", "".join(pieces)) == re.sub(r"\s", "", f"{before}the end")


def test_a_gap_inside_a_fence_leaves_no_broken_one() -> None:
    pieces = split("```py\nfirst = 1\n" + "\n" * 900 + "last = 2\n```\nend", 300)
    assert all(len(piece) <= 300 for piece in pieces)
    assert all(piece.count("```") % 2 == 0 for piece in pieces)
    assert "first = 1" in pieces[0]
    assert "last = 2" in pieces[-1]
