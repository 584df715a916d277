"""Which words stand for an idea in a prompt that a person edited."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jam.parts import parts_after
from bot.jam.words import plain
from bot.store.jams import Idea


def idea(number: int, said: str, part: str | None = None) -> Idea:
    return Idea(number, 1, 1, number, said, part, 0.0)


@pytest.mark.parametrize(
    ("said", "part", "prompt", "left"),
    [
        ("a small dragon", "a tiny dragon", "the sea and a tiny dragon", "a tiny dragon"),
        ("a small dragon", "a tiny dragon", "the sea and a small dragon", "a small dragon"),
        ("a small dragon", "a tiny dragon", "the sea", None),
        ("a red dragon", "a red dragon", "the sea and the red dragons", "red dragons"),
        ("a red dragon", "a red dragon", "The Red Dragon above the sea", "Red Dragon"),
        ("a red dragon", "a red dragon", "the sea and a crimson dragon", "dragon"),
        ("a red dragon", "a red dragon", "the sea, no red dragon", None),
        ("a red dragon", "a red dragon", "do not draw a red dragon", None),
        (
            "a red dragon asleep on the roof",
            None,
            "a dragon, red as fire, asleep; a roof",
            "dragon, red as fire, asleep",
        ),
        ("a red dragon asleep on the roof of the castle", None, "a dragon", None),
        ("a red dragon", "a red dragon", "a red house " + "of many windows " * 12 + "and a dragon", "dragon"),
        ("no people", "no people", "an empty sea without people", "without people"),
        ("no people", "no people", "many people", None),
        ("一条红色的龙睡在屋顶上", None, "大海边，红色的龙睡在塔顶", "红色的龙睡在"),
        ("一条红色的龙睡在屋顶上", None, "大海边，不要画红色的龙", None),
        ("♥", "♥", "a ♥ of stone", "♥"),
        ("", None, "the sea", None),
    ],
)
def test_what_is_left_of_an_idea(said: str, part: str | None, prompt: str, left: str | None) -> None:
    other = idea(2, "red flags in the wind")
    assert parts_after(prompt, [idea(1, said, part), other])[1] == left


def test_the_words_of_another_idea_are_not_taken_for_it() -> None:
    given_ = [idea(1, "a red dragon"), idea(2, "red flags")]
    assert parts_after("many Red Flags in the wind", given_) == {1: None, 2: "Red Flags"}


def test_the_same_idea_twice_is_left_to_both() -> None:
    given_ = [idea(1, "a red dragon"), idea(2, "a red dragon")]
    assert parts_after("the red dragons", given_) == {1: "red dragons", 2: "red dragons"}


WORDS = st.lists(
    st.one_of(st.sampled_from(("red", "dragon", "flag", "no", "without", ",", ".", "龙", "红旗")), st.text(max_size=5)),
    max_size=12,
).map(lambda words: plain(" ".join(words)))


@settings(deadline=None, max_examples=200, database=None)
@given(st.lists(st.tuples(WORDS, st.none() | WORDS), max_size=5), WORDS)
def test_what_is_left_stands_in_the_prompt(said: list[tuple[str, str | None]], prompt: str) -> None:
    for part in parts_after(prompt, [idea(number, *each) for number, each in enumerate(said)]).values():
        assert part is None or (0 < len(part) <= 200 and part in prompt)


FAR = st.lists(
    st.sampled_from(("red", "dragon", "moon", "fox", "red dragon", "sea. Fox", "of the sea and", "ships")), max_size=30
).map(" ".join)


@settings(deadline=None, max_examples=200, database=None)
@given(FAR)
def test_no_other_words_have_more_of_it_or_are_fewer(prompt: str) -> None:
    """Told by looking at all of them."""
    wanted = {"red", "dragon", "moon", "fox"}
    best = (0, 0)
    for sentence in prompt.split("."):
        words = [(match.group().lower(), *match.span()) for match in re.finditer(r"\w+", sentence)]
        for at, (_, start, _) in enumerate(words):
            for _, _, end in words[at:]:
                held = wanted & {word for word, first, last in words if start <= first and last <= end}
                if len(held) >= 2 and end - start <= 60:
                    best = max(best, (len(held), start - end))
    left = parts_after(prompt, [idea(1, "Moon, Fox, Dragon, Red")])[1]
    assert (best[0] > 0) == (left is not None)
    if left is not None:
        assert (len(wanted & set(left.lower().replace(",", " ").replace(".", " ").split())), -len(left)) == best
