"""Links to results as people get them: byte for byte, in whatever form Discord then reads them so."""

from __future__ import annotations

import re

import pytest

from bot.cards.card import LINK_TEXT_LIMIT, _link

SHOWN = re.compile(r"(?:\*\*)?\[Open\]\(((?:\([^)]*\)|[^\s\\])*?)\)(?:\*\*)?$|Open: <([^ >]+)>$")
"""What Discord's clients read of a masked link and of an address in angle brackets."""


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
    shown = SHOWN.match(_link(url, "Open"))
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
    assert _link(url, "Open") == f"**[Open]({exact})**"


def test_one_that_became_too_long_is_none() -> None:
    assert _link("https://storage.example/" + "中" * (LINK_TEXT_LIMIT // 4), "Open") == "Open"
