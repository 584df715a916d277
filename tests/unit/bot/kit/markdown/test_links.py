"""Masked links that hide where they lead."""

from __future__ import annotations

import pytest

from bot.kit.markdown.links import masked


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
        ("", "https://example.com", "<https://example.com>"),
        ("run", "javascript:alert(1)", "run (`javascript:alert(1)`)"),
        ("a@b.com", "mailto:a@b.com", "a@b.com"),
        ("x", "https://[bad/", "x (`https://[bad/`)"),
        ("port", "https://пример.рф:8080/a", "port (<https://xn--e1afmkfd.xn--p1ai:8080/a>)"),
    ],
)
def test_a_link_that_hides_its_address_is_shown_with_it(text: str, url: str, shown: str) -> None:
    assert masked(text, url) == shown
