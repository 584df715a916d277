"""Cutting answers into messages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.kit.markdown.pieces import closed, pieces


def fences_are_closed(piece: str) -> bool:
    return sum(line.strip().startswith("```") for line in piece.split("\n")) % 2 == 0


def test_a_long_fence_is_closed_and_opened_again_with_its_language() -> None:
    code = "\n".join(f"print({number})  # a line of code" for number in range(200))
    answer = f"Here it is:\n\n```python\n{code}\n```\n\nThat was it."
    made = pieces(answer, 500)
    assert len(made) > 5
    for piece in made:
        assert len(piece) <= 500
        assert fences_are_closed(piece)
    assert all(piece.startswith("```python\n") for piece in made[1:-1])
    printed = re.findall(r"print\((\d+)\)", "".join(made))
    assert printed == [str(number) for number in range(200)]


def test_a_fence_that_holds_fences_stays_one_fence() -> None:
    answer = "````markdown\n```python\n" + "x = 1\n" * 100 + "```\n````\nend"
    made = pieces(answer, 200)
    for piece in made:
        assert len(piece) <= 200
        assert piece.count("````") % 2 == 0
    assert made[1].startswith("````markdown\n")


@pytest.mark.parametrize(
    "text", ["", "short", "x" * 5000, "word " * 2000, "行" * 3000, "\n\n".join(["para " * 20] * 60)]
)
def test_pieces_fit_and_lose_no_letter(text: str) -> None:
    made = pieces(text, 300)
    assert all(len(piece) <= 300 for piece in made)
    assert re.sub(r"\s", "", "".join(made)) == re.sub(r"\s", "", text)


def test_a_growing_text_keeps_the_pieces_it_has() -> None:
    """A message that was sent is not rewritten because more text came."""
    answer = ("A sentence of some length. " * 7 + "\n\n```js\n" + "let a = 1;\n" * 30 + "```\n\n") * 3
    before: list[str] = []
    for end in range(1, len(answer), 7):
        now = pieces(answer[:end], 400)
        for old, new in zip(before[:-1], now, strict=False):
            assert old == new
        before = now


def test_a_limit_too_small_to_hold_a_fence_is_refused() -> None:
    with pytest.raises(ValueError, match="200"):
        pieces("text", 10)


@pytest.mark.parametrize("gap", [" " * 900, "\n" * 900, " \n" * 450, "\t" * 900])
@pytest.mark.parametrize("before", ["x" * 300, "one word", "a" * 299 + "."])
def test_a_gap_longer_than_a_page_is_no_page(before: str, gap: str) -> None:
    made = pieces(f"{before}{gap}the end", 300)
    assert all(piece.strip() for piece in made)
    assert all(len(piece) <= 300 for piece in made)
    assert re.sub(r"\s", "", "".join(made)) == re.sub(r"\s", "", f"{before}the end")


def test_a_gap_inside_a_fence_leaves_no_broken_one() -> None:
    made = pieces("```py\nfirst = 1\n" + "\n" * 900 + "last = 2\n```\nend", 300)
    assert all(len(piece) <= 300 for piece in made)
    assert all(piece.count("```") % 2 == 0 for piece in made)
    assert "first = 1" in made[0]
    assert "last = 2" in made[-1]


@pytest.mark.parametrize(
    ("cut", "shown"),
    [
        ("**bold", "**bold**"),
        ("**bold ", "**bold**"),
        ("so **", "so"),
        ("so **bold*", "so **bold**"),
        ("an *ital", "an *ital*"),
        ("***both", "***both***"),
        ("***a** b", "***a** b*"),
        ("**bold and *both", "**bold and *both***"),
        ("use `co", "use `co`"),
        ("use `", "use"),
        ("```py\nx = 1", "```py\nx = 1\n```"),
        ("text\n\n```\nx", "text\n\n```\nx\n```"),
        ("~~gone", "~~gone~~"),
        ("a ||spoil", "a ||spoil||"),
        ("__under", "__under__"),
        ("中文**粗体", "中文**粗体**"),
        ("* one\n* two **x", "* one\n* two **x**"),
    ],
)
def test_what_is_open_where_a_text_is_cut_is_closed(cut: str, shown: str) -> None:
    assert closed(cut) == shown


@pytest.mark.parametrize(
    "text",
    [
        "whole",
        "**bold** and *italic*",
        "5 * 3 is 15",
        "2**3",
        "snake_case_name",
        "__init__",
        "a* b",
        "`code **x`",
        "```\n**x\n```",
        "[a_b](https://x.org/a_b_c)",
        "https://x.org/a_b*c",
        "**an older paragraph\n\nis not closed later",
        "* one\n* two",
        "价格 * 数量",
        "\\*not italic",
    ],
)
def test_what_is_not_open_stays_as_it_is(text: str) -> None:
    assert closed(text) == text


def test_a_bold_run_that_is_cut_is_bold_on_both_sides() -> None:
    first, second, *_ = pieces("**" + "very " * 100 + "bold** end", 300)
    assert first.endswith("very**")
    assert second.startswith("**very")


def test_a_run_that_begins_near_the_end_goes_to_the_next_message() -> None:
    first, second = pieces("word " * 45 + "**a bold run of some words that is long** and more words after", 260)
    assert first.endswith("word")
    assert second.startswith("**a bold run")


@pytest.mark.parametrize(
    "atom",
    [
        "[the text of a link](https://example.com/a/path/of/some/length)",
        "https://example.com/a/path/of/some/length",
        "<@123456789012345678>",
        "<:blob:123456789012345678>",
        "`some code of a line`",
    ],
)
def test_what_means_something_as_a_whole_is_not_cut(atom: str) -> None:
    for before in range(170, 260):
        made = pieces("x" * before + " " + atom + " " + "y" * 300, 280)
        assert any(atom in piece for piece in made), before


@pytest.mark.parametrize("sign", ["👨‍👩‍👧‍👦", "e\u0301\u0323", "🇩🇪", "👍🏽", "✈️", "1️⃣"])
def test_no_sign_is_cut_in_two(sign: str) -> None:
    for shift in range(12):
        for piece in pieces("x" * shift + sign * 300, 210):
            assert re.sub(re.escape(sign), "", piece).strip("x") == ""


def test_a_list_keeps_its_numbers_over_messages() -> None:
    """Discord counts from the first number of a message on."""
    made = pieces("\n".join(f"1. The item that is the {number}th." for number in range(1, 41)), 300)
    numbers = [int(piece.split(".")[0]) for piece in made]
    items = [piece.count("item") for piece in made]
    assert numbers == [1 + sum(items[:at]) for at in range(len(items))]
    made = pieces("\n".join(f"{number}. The item" for number in range(1, 90)), 300)
    assert [re.match(r"\d+", piece) is not None for piece in made] == [True] * len(made)
    assert "".join(made).count("item") == 89


def test_cuts_fall_between_items_and_a_heading_stays_with_its_text() -> None:
    items = [f"- item {number} " + "word " * 12 for number in range(20)]
    for piece in pieces("\n".join(items), 400):
        assert piece.startswith("- item")
    made = pieces("word " * 50 + "\n\n## A heading\n\n" + "text " * 60, 330)
    assert made[1].startswith("## A heading")


def test_code_that_fits_into_a_message_stays_in_one() -> None:
    code = "```py\n" + "x = 1\n" * 30 + "```"
    made = pieces("word " * 50 + "\n\n" + code + "\n\nend", 400)
    assert made[1].startswith(code)


@settings(deadline=None)
@given(st.text(alphabet="ab *_`~|\n[]()<>:/.#-1你。\\👍\u0301", max_size=1500), st.integers(200, 400))
def test_pieces_fit_and_lose_no_word(text: str, limit: int) -> None:
    made = pieces(text, limit)
    assert all(len(piece) <= limit for piece in made)
    words = re.findall(r"[ab你。]", text)
    assert re.findall(r"[ab你。]", "".join(made)) == words
