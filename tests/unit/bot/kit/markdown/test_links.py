"""Masked links that hide where they lead."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.kit.markdown.growing import GrowingText
from bot.kit.markdown.links import masked
from sandbox.browser import markdown


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("the docs", "https://docs.example.com/a"),
        ("example.com", "https://www.example.com/a"),
        ("www.example.com", "https://example.com"),
        ("docs at example.com", "https://docs.example.com"),
        ("Node.js", "https://nodejs.org"),
        ("data.json", "https://example.com"),
        ("v1.2.3, e.g. this", "https://example.com"),
        ("见官网。下载", "https://example.com"),
        ("**bold**", "http://example.com"),
        ("**example**.com", "http://example.com"),
        ("my_site.com", "https://my_site.com"),
        ("1.安装", "https://example.com"),
        ("第一步.打开设置", "https://example.com"),
    ],
)
def test_an_honest_link_stays_masked(text: str, url: str) -> None:
    assert masked(text, url) is None


@pytest.mark.parametrize(
    ("text", "url", "shown"),
    [
        ("paypal.com", "https://evil.example/x", "paypal.com (<https://evil.example/x>)"),
        ("https://paypal.com", "https://evil.example", "paypal.com (<https://evil.example>)"),
        ("https://a.com/", "https://a.com", "<https://a.com>"),
        ("PayPal．com", "https://evil.example", "PayPal．com (<https://evil.example>)"),
        ("paypal。com", "https://evil.example", "paypal。com (<https://evil.example>)"),
        ("pаypal.com", "https://paypal.com", "pаypal.com (<https://paypal.com>)"),
        ("login", "https://pаypal.com/", "login (<https://xn--pypal-4ve.com/>)"),
        ("login", "https://xn--pypal-4ve.com", "login (<https://xn--pypal-4ve.com>)"),
        ("login", "https://paypal.com@evil.example/", "login (<https://evil.example/>)"),
        ("moc.\u202elapyap", "https://evil.example", "moc.lapyap (<https://evil.example>)"),
        ("pay\u200bpal.com", "https://evil.example", "paypal.com (<https://evil.example>)"),
        ("example.com.evil.example", "https://example.com", "example.com.evil.example (<https://example.com>)"),
        ("paypal\\.com", "https://evil.example", "paypal\\.com (<https://evil.example>)"),
        ("pay**pal**.com", "https://evil.example", "pay**pal**.com (<https://evil.example>)"),
        ("paypal.соm", "https://evil.example", "paypal.соm (<https://evil.example>)"),
        ("例子.中国", "https://evil.example", "例子.中国 (<https://evil.example>)"),
        ("192.168.1.1", "https://evil.example", "192.168.1.1 (<https://evil.example>)"),
        ("", "https://example.com", "<https://example.com>"),
        ("run", "javascript:alert(1)", "run (`javascript:alert(1)`)"),
        ("a@b.com", "mailto:a@b.com", "a@b.com"),
        ("x", "https://[bad/", "x (`https://[bad/`)"),
        ("port", "https://пример.рф:8080/a", "port (<https://xn--e1afmkfd.xn--p1ai:8080/a>)"),
        ("bank\u2009.com", "https://evil.example", "bank\u2009.com (<https://evil.example>)"),
        ("bank\x01.com", "https://evil.example", "bank\x01.com (<https://evil.example>)"),
        ("bank.com", "https://evil.example\\.bank.com", "bank.com (`https://evil.example\\.bank.com`)"),
    ],
)
def test_a_link_that_hides_its_address_is_shown_with_it(text: str, url: str, shown: str) -> None:
    assert masked(text, url) == shown


PARTS = [
    "[", "]", "(", ")", "](https://evil.example/x)", "](<https://evil.example>)", "bank.com", "bank\\.com",
    '](https://evil.example "https://bank.com")', "https://bank.com", "ba**nk**.com", "`bank.com`", "$bank.com$",
    "\\text{bank.com}", "bank&#46;com", "bank\u200b.com", "\u202emoc.knab", "![", "[![a](https://bank.com)",
    "```py", "```\n", "```\nx **[bank.com](https://evil.example)** y\n```\n", "```\n** x](https://evil.example)\n```\n",
    "[a [b", "*", "_", "__", "\n> ", "\n- ", "# ", "~~~\n", "| a |\n|---|\n", ' "bank.com")', "discord:",
    "<a href='https://evil.example'>", "</a>", "<b>", "\n", " ", "|", "```", "\\(", "\\)", "\\", "**", "~~", "||", "<",
    ">", "a", "`", "\n\n", "`[bank.com](https://evil.example)`", "https://evil.example",
]  # fmt: skip


ANY = st.lists(st.sampled_from(PARTS), max_size=6).map("".join)
TARGETS = st.sampled_from(
    ["https://evil.example/x", "<https://evil.example>", "//evil.example", "https://evil.example/()"]
)
LINKS = st.tuples(ANY, st.just("["), ANY, st.just("]("), TARGETS, st.just(")"), ANY).map("".join)


@pytest.mark.parametrize(
    "text",
    [
        "a ` b\n\n`[bank.com](https://evil.example)`",
        "**https://evil.example/a**b**.com[bank\\.com](<https://evil.example>)||**",
        "[a `](https://evil.example/x)\n\n`[bank.com](https://evil.example)`",
        "\\(`x`[bank.com](https://evil.example)\\text{a}\\)",
        "2 ** 3\n```\nx ** [bank.com](https://evil.example)\n```",
        "snake_case_ _x\n```md\n_ [bank.com](https://evil.example)\n```",
        "||a\n```\n||[bank.com](https://evil.example)\n```",
        "[bank.com] a ](https://evil.example)",
        "[bank.com] a\n```\nb](https://evil.example)\n```",
        "[bank.com \\](https://evil.example)",
        "[a](https://evil.example 'bank.com')",
        "`[a](https://evil.example 'bank.com')`",
        "`[bank.com](discord://evil.example)`",
        "`[bank.com](https:evil.example)`",
        "`[bank.com](\ufeffhttps://evil.example)`",
        "`[a](https://evil.example/>x 'bank.com')`",
        "`[[bank.com](discord:](<https://evil.example>)`",
        "`[bank.com](https:evil.example) ](https://evil.example)`",
        "`[bank.com](discord:[x] ](https://evil.example)`",
        "> [bank.com](\n> 【1†x】https://evil.example)",
        "> ```\n> [bank.com](\n> https://evil.example)\n> ```",
        "```\n[bank.com \\](https://evil.example)\n```",
    ],
)
def test_no_tick_nor_mark_lets_a_link_out_of_code(text: str) -> None:
    no_link_misleads(text, ended=True)


@pytest.mark.parametrize(
    "code",
    [
        "[![build](https://img.shields.io/a.svg)](https://ci.example.com/b)",
        "![](https://img.shields.io/a.svg)",
        "See example.com.\n- [x] done\n- [docs](https://docs.example.com) **now**",
        "[package.json](https://github.com/a/b)",
        "x = [1, 2](https)",
    ],
)
def test_code_with_honest_links_can_be_copied(code: str) -> None:
    for text in (f"```md\n{code}\n```", f"a ** b\n\n`` {code} ``" if "\n" not in code else "x"):
        assert shown(text, ended=True) == [text]


@settings(deadline=None, max_examples=500, derandomize=True)
@given(st.one_of(LINKS, ANY), st.booleans())
def test_no_link_that_is_seen_says_another_address_than_it_leads_to(text: str, ended: bool) -> None:
    no_link_misleads(text, ended=ended)


def shown(text: str, *, ended: bool) -> list[str]:
    growing = GrowingText(3000, 5, locale="en")
    while growing.read(text, ended=ended):
        pass
    return growing.pieces


def no_link_misleads(text: str, *, ended: bool) -> None:
    """As Discord's client reads it, by the stand-in's rules, and as it could be read from any bracket on."""
    for piece in shown(text, ended=ended):
        page = markdown.html(piece, name_of=lambda _: None)
        found = re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>', page)
        links = [(address, html.unescape(re.sub(r"<[^>]*>", "", label))) for address, label in found]
        for address, said in [*links, *from_any_bracket(piece)]:
            # An address that is not masked says itself where it leads, whatever is glued to it.
            assert "bank.com" not in said or "//bank.com" in address or "://" in said, piece


LEADS = re.compile(r"(?:https?|discord):[/\\\\]*[^/?#<>\[\]`|^]*(?:[/?#]|$)", re.IGNORECASE)
"""To where, with a host that there could be."""


def from_any_bracket(piece: str) -> Iterator[tuple[str, str]]:
    """Each link that there could be, whatever stands before it, with its text and its title, by the rules that were
    found out of the client: the text knows no escapes, and may hold pairs of brackets and ends that nothing began; one
    that holds an address makes no link.
    """
    for begin in (found.end() for found in re.finditer(r"\[", piece)):
        depth_free = re.compile(r"(?:\[[^\]]*\]|[^\[\]])*+[^\[]*?\]\(\s*<?(\S*?)>?(\s+['\"][^\n]*?['\"])?\s*\)")
        found = depth_free.match(piece, begin)
        if found is not None and LEADS.match(found[1].lstrip("\ufeff")):
            for said in (piece[begin : found.start(1)].rpartition("](")[0], found[2] or ""):
                if "://" not in said:
                    yield found[1], re.sub(r"[\\*_~|`\u200b-\u202e]", "", said)
