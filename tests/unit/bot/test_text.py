"""Splitting, shortening and escaping: what people and models write."""

from __future__ import annotations

import itertools
import re
import time
import unicodedata

import pytest

from bot.text import (
    escape,
    is_blank,
    normalised,
    one_line,
    ordinal,
    prompt_pieces,
    shorten,
    title,
)


def shown(escaped: str) -> str:
    """What Discord's client shows of escaped text: a backslash before any sign that is no letter, digit or space."""
    return re.sub(r"\\([^\w\s])|\\(_)", lambda match: match[1] or match[2], escaped)


@pytest.mark.parametrize(
    "hostile",
    [
        "<@123456789012345678>",
        "<@&123456789012345678>",
        "<#123456789012345678>",
        "</ask:123456789012345678>",
        "<t:1700000000:R>",
        "<:blob:123456789012345678>",
        "@everyone @here",
        "# heading",
        "-# subtext",
        "- list",
        "1. list",
        "> quote",
        ">>> quote",
        "[free](https://evil.example)",
        "https://evil.example/path",
        "<https://evil.example>",
        "discord.gg/abcdef",
        "https://discord.com/invite/abcdef",
        "**bold** __under__ ~~gone~~ ||spoiler|| `code`",
        "```\nfence\n```",
        "back\\slash \\*",
        "ends with a backslash \\",
    ],
)
def test_escaped_text_is_shown_letter_by_letter_and_nothing_takes_effect(hostile: str) -> None:
    escaped = escape(hostile)
    assert shown(escaped) == hostile
    live = (
        r"(?<!\\)<[@#:/t]", r"(?<!\\)@(everyone|here)", r"(?m)^\s*(#|-#|-|>|\d+\.) ", r"(?<!\\)\]\(", r"https?:/",
        r"discord\.(gg|com)", r"(?<!\\)[*_~|`]",
    )  # fmt: skip
    for pattern in live:
        assert not re.search(pattern, escaped), (pattern, escaped)


def test_direction_marks_and_control_characters_are_taken_out() -> None:
    assert escape("a\u202eb\x00c\u2066d\x1b[0m") == "abcd\\[0m"


def test_ordinary_words_stay_as_they_are() -> None:
    plain = "A red fox in the snow, 4.5 cm tall (really) - 雪地里的红狐狸。"
    assert shown(escape(plain)) == plain
    assert escape("雪地里的红狐狸。") == "雪地里的红狐狸。"


def test_a_title_is_one_line_of_at_most_200_characters_before_escaping() -> None:
    prompt = "word " * 100 + "\n# heading"
    line = title(prompt)
    assert "\n" not in line
    assert len(shown(line)) <= 200
    assert line.endswith("…")


UNSEEN = [
    " ",
    "\n\t ",
    "\u00a0",
    "\u3000\u2003\u1680",
    "\u200b\u200c\u200d\u2060\ufeff",
    "\u00ad",
    "\u180e",
    "\u3164",
    "\uffa0",
    "\u2800\u2800",
    "\u115f\u1160",
    "\u17b4\u17b5",
    "\ufe0f",
    "\U000e0101",
    "\U000e0067\U000e007f",
    "\U000e0fff",
    "\x00\x1b\x7f\x85",
    "\u202e\u2066\u2069",
    "\u0301\u0302",
    "\u20dd",
    "\u093e",
    "\u034f",
    "\u2062",
    "\ufffc",
    "\U0001d159",
    "\u2065",
    "\ufff0",
    "\ud83d",
]
MARKS = ["#", "> ", "-# ", "***", "****", "||||", "__ __", "~~~~", "```\n```", ">>> ", "## \u200b", "* *\u3164* *"]
SEEN = [
    *("a", "狐", "?!", "…", "-", "1", "🦊", "❤️", "1️⃣", "🏴\U000e0067\U000e007f", "👩‍🚀", "🇨🇳", "+1", "C#"),
    *("\u3164x", "**a**", "|| ? ||", "- #", "<:blob:123456789012345678>", "\U0001fae9", "\uf8ff", "é", "नि", "ع", "$"),
]


@pytest.mark.parametrize("said", [*UNSEEN, *MARKS, "", *(one + other for one, other in itertools.pairwise(UNSEEN))])
def test_what_nobody_could_read_is_blank(said: str) -> None:
    assert is_blank(said)


@pytest.mark.parametrize("said", SEEN)
def test_whoever_is_read_at_all_is_not_blank(said: str) -> None:
    assert not is_blank(said)
    assert title(said)


@pytest.mark.parametrize("said", [*MARKS, "\u3164" * 300 + "#"])
def test_a_title_of_marks_shows_them(said: str) -> None:
    assert re.search(r"[#>*|_~`]", shown(title(said)))


@pytest.mark.parametrize("said", UNSEEN)
def test_a_title_is_empty_where_nobody_would_see_it(said: str) -> None:
    assert not title(said)
    assert title(said * 300 + "a fox").startswith("a fox")


def test_shorten_cuts_between_words_where_it_can() -> None:
    assert shorten("one two three", 9) == "one two…"
    assert shorten("abcdefghij", 5) == "abcd…"
    assert shorten("short", 5) == "short"


def test_one_line_folds_white_space() -> None:
    assert one_line(" a \n\n b\tc ") == "a b c"


ORDINALS = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 21: "21st", 113: "113th"}


@pytest.mark.parametrize(("number", "word"), ORDINALS.items())
def test_ordinals(number: int, word: str) -> None:
    assert ordinal(number) == word


def test_the_beginning_of_a_line_is_looked_for_within_it() -> None:
    """Else thousands of empty lines are gone through again for each of them: half a second for one prompt."""
    began = time.process_time()
    escape("\n" * 20_000)
    assert time.process_time() - began < 2
    assert escape("\n \n  - x\n1. y") == "\n \n  \\- x\n1\\. y"


def test_normalising_in_pieces_is_normalising() -> None:
    texts = ("é" * 5000, "e\u0301" * 3000, "x" * 2047 + "e\u0301\u0323" + "y" * 3000, "\ufdfa" * 3000, "")
    for text in texts:
        assert "".join(normalised("NFC", text)) == unicodedata.normalize("NFC", text)
        assert "".join(normalised("NFKC", text)) == unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize(
    "prompt",
    ["short", "x" * 5000, "word " * 2000, "行" * 3000, "\n\n".join(["para " * 20] * 60), "a" + " \n" * 2500 + "b"],
)
def test_a_long_prompt_is_all_there(prompt: str) -> None:
    pieces = prompt_pieces(prompt)
    assert all(len(piece) <= 4000 for piece in pieces)
    assert re.sub(r"\s", "", "".join(pieces)) == re.sub(r"\s", "", prompt)
