"""Where an answer that was cut goes on: nothing is said twice, and nothing is lost."""

from __future__ import annotations

import pytest

from cogs.ask.seam import joined

CASES = {
    "repeats the last words": ("One two three four", "three four five six", "One two three four five six"),
    "repeats a whole line": ("First line.\nSecond li", "Second line is here.", "First line.\nSecond line is here."),
    "repeats the half word as a whole": ("the quick bro", "brown fox", "the quick brown fox"),
    "goes on with a space": ("the quick brown", " fox jumps", "the quick brown fox jumps"),
    "goes on without one": ("the quick brown", "fox jumps", "the quick brown fox jumps"),
    "after a line": ("One.\n", "Two.", "One.\nTwo."),
    "a new paragraph": ("One.", "\n\nTwo.", "One.\n\nTwo."),
    "a letter is no repetition": ("this is a", "apple is red", "this is a apple is red"),
    "dots before it": ("and so we went", "…so we went home", "and so we went home"),
    "Chinese": ("从前有一座山，山上有", "山上有一座庙", "从前有一座山，山上有一座庙"),
    "Chinese without a repetition": ("从前有一座", "山", "从前有一座山"),
    "inside a fence": ("```python\nx = 1\ny = ", "```python\ny = 2\n```", "```python\nx = 1\ny = 2\n```"),
    "inside a fence, goes on": ("```python\nx = 1\n", "    y = 2\n```", "```python\nx = 1\n    y = 2\n```"),
    "a fence of its own": ("See:", "\n```sh\nls\n```", "See:\n```sh\nls\n```"),
    "nothing more": ("All said", "", "All said"),
    "all of it again": ("All was said", "All was said", "All was said"),
}


@pytest.mark.parametrize(("before", "more", "whole"), CASES.values(), ids=CASES.keys())
def test_joined(before: str, more: str, whole: str) -> None:
    assert joined(before, more, done=True) == whole


@pytest.mark.parametrize(("before", "more", "whole"), CASES.values(), ids=CASES.keys())
def test_as_it_comes_it_only_grows(before: str, more: str, whole: str) -> None:
    """Whatever came so far, what is shown has all that was said, and nothing that is taken back later."""
    shown = [joined(before, more[:count], done=False) for count in range(len(more) + 1)]
    for text in shown:
        assert text.startswith(before.rstrip())
    assert joined(before, more, done=True) == whole


def test_without_anything_before_it_is_as_it_came() -> None:
    assert joined("", "  as it came", done=False) == "  as it came"
