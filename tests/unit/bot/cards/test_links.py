"""Links to results as people get them: byte for byte, in whatever form Discord then reads them so."""

from __future__ import annotations

import re

import pytest

from bot.cards.card import LINK_TEXT_LIMIT, card
from bot.generation.card_facts import CardFacts
from bot.generation.rows.records import Result
from tests.unit.bot.cards.showing import row, text_of

SHOWN = re.compile(r"(?:\*\*)?\[Open the video\]\(((?:\([^)]*\)|[^\s\\])*?)\)(?:\*\*)?$|Open the video: <([^ >]+)>$")
"""What Discord's clients read of a masked link and of an address in angle brackets."""


def link(url: str) -> str:
    """The service's own link to a video, as its card shows it."""
    result = Result(1, 2, 0, url, None, "video/mp4", 9, None, None, 1)
    shown = text_of(card(CardFacts(row=row(kind="video", state="unfetched"), results=(result,))))
    return shown.splitlines()[-1].removesuffix(" · the link works until –")


@pytest.mark.parametrize(
    "url",
    [
        "https://storage.example/a%2Fb.png?sig=x%3D%3D&a=%27%3A%7E",
        "https://storage.example/a(b)c.mp4?x=(y)",
        "https://storage.example/a)b.mp4",
        "https://storage.example/a(b.mp4?c)",
        "https://storage.example/((a)).mp4",
        "https://storage.example/a*b**c.mp4",
        "https://storage.example/x/../y~z'!$,;=@",
    ],
)
def test_as_it_came(url: str) -> None:
    shown = SHOWN.match(link(url))
    assert shown is not None
    assert (shown[1] or shown[2]) == url


@pytest.mark.parametrize(
    ("url", "exact"),
    [
        ("https://storage.example/a b>c.mp4", "https://storage.example/a%20b%3Ec.mp4"),
        ("https://storage.example/[x](y)|z|`w`\\", "https://storage.example/%5Bx%5D(y)%7Cz%7C%60w%60%5C"),
        ("https://storage.example/中\n# big", "https://storage.example/%E4%B8%AD%0A"),
    ],
)
def test_what_is_illegal_there_is_escaped(url: str, exact: str) -> None:
    assert link(url) == f"**[Open the video]({exact})**"


def test_one_that_became_too_long_is_none() -> None:
    assert link("https://storage.example/" + "中" * (LINK_TEXT_LIMIT // 4)) == "Open the video"
