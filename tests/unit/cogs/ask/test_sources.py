"""The list of sources under an answer."""

from __future__ import annotations

from bot.api.search import Source
from cogs.ask.sources import MOST, listed
from tests.words import en, zh


def test_each_has_the_number_that_the_text_says() -> None:
    sources = (Source("https://b.example", "B", 2), Source("https://a.example", "", 1))
    assert listed("en", sources, "x[2]") == (
        f"-# **{en('ask.sources')}**\n-# [1] <https://a.example>\n-# [2] B <https://b.example>"
    )


def test_what_a_page_is_called_is_text() -> None:
    shown = listed("zh_CN", (Source("https://a.example", "[x](https://evil.example) @everyone\n# big", None),), "")
    assert shown.startswith(f"-# **{zh('ask.sources')}**\n-# [1] \\[x\\](https\\://evil.example) \\@everyone \\# big <")
    assert shown.count("\n") == 1


def test_other_alphabets_are_told_and_no_address_is_left_out() -> None:
    sources = (
        Source("https://pаypal.com/x", "PayPal", 1),
        Source("https://[x", "", 2),
        Source("https://ü" + "x" * 80, "", 3),
    )
    assert "<https://xn--pypal-4ve.com/x>" in listed("en", sources, "")
    assert listed("en", sources, "").count("\n") == 1


def test_those_that_the_text_names_go_before_the_others() -> None:
    sources = [Source(f"https://{number}.example", "", number) for number in range(1, 20)]
    lines = listed("en", sources, "so[18] it【19†source】[ref_17]").split("\n")[1:]
    assert len(lines) == MOST
    assert [line.split("[")[1].split("]")[0] for line in lines] == ["1", "2", "3", "4", "5", "17", "18", "19"]


def test_none_is_no_list() -> None:
    assert listed("en", (), "text") == ""
