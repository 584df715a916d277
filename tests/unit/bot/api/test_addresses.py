from __future__ import annotations

import pytest

from bot.api.addresses import (
    Origin,
    collapse_doubled,
    is_canonical,
    is_public_address,
    is_public_host,
    literal_address,
    normalise_base_url,
    origin_of,
)
from bot.errors import ConfigurationError


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://api.onekeymodel.com/v1", "https://api.onekeymodel.com/v1"),
        ("https://api.onekeymodel.com/v1/", "https://api.onekeymodel.com/v1"),
        ("https://api.onekeymodel.com", "https://api.onekeymodel.com/v1"),
        ("https://api.onekeymodel.com/", "https://api.onekeymodel.com/v1"),
        ("  https://API.OneKeyModel.com/v1//\n", "https://api.onekeymodel.com/v1"),
        ("https://api.onekeymodel.com/v1/v1", "https://api.onekeymodel.com/v1"),
        ("https://api.onekeymodel.com/v1/chat/completions", "https://api.onekeymodel.com/v1"),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
        ("https://gateway.example/openai", "https://gateway.example/openai/v1"),
        ("https://gateway.example/openai/v1/", "https://gateway.example/openai/v1"),
        ("https://gateway.example/v10", "https://gateway.example/v10/v1"),
    ],
)
def test_base_url_in_every_spelling(given: str, base: str) -> None:
    assert normalise_base_url(given) == base


@pytest.mark.parametrize(
    "given",
    [
        "",
        "api.onekeymodel.com/v1",
        "ftp://api.example/v1",
        "https://",
        "https://user:pw@api.example/v1",
        "https://api.example/v1?key=1",
        "https://api.example/v1#x",
        "https://api.example:port/v1",
    ],
)
def test_what_can_be_no_base_url(given: str) -> None:
    with pytest.raises(ConfigurationError, match="ONEKEY_BASE_URL"):
        normalise_base_url(given)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://API.example/v1", Origin("https", "api.example", 443)),
        ("http://api.example./v1", Origin("http", "api.example", 80)),
        ("http://[::1]:81/", Origin("http", "::1", 81)),
    ],
)
def test_origin(url: str, origin: Origin) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("url", "collapsed"),
    [
        ("https://api.example/v1/v1/videos/a/content", "https://api.example/v1/videos/a/content"),
        ("https://api.example/v1/videos/a", "https://api.example/v1/videos/a"),
        ("https://api.example/v1/v1/a?next=/v1/v1/b", "https://api.example/v1/a?next=/v1/v1/b"),
        ("https://storage.example/v1/v1/a.mp4", "https://storage.example/v1/v1/a.mp4"),
        ("https://api.example:444/v1/v1/a.mp4", "https://api.example:444/v1/v1/a.mp4"),
        ("no url", "no url"),
    ],
)
def test_doubled_path_is_collapsed_on_the_own_host_only(url: str, collapsed: str) -> None:
    assert collapse_doubled(url, Origin("https", "api.example", 443)) == collapsed


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_public_addresses(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 - nothing is bound to it
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "239.255.255.250",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00::1",
        "ff02::1",
        "fec0::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::8.8.8.8",
        "2001:0:53aa:64c::1",
        "no address",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "0x7f000001", "2130706433", "0177.0.0.1", "017700000001"])
def test_addresses_in_disguise(host: str) -> None:
    assert str(literal_address(host)) == "127.0.0.1"
    assert not is_canonical(host)
    assert not is_public_host(host)


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("storage.example.com", True),
        ("storage.example.com.", True),
        ("8.8.8.8", True),
        ("134744072", False),  # 8.8.8.8, in a spelling that nobody uses in good faith
        ("localhost", False),
        ("printer", False),
        ("api.localhost", False),
        ("nas.local", False),
        ("metadata.google.internal", False),
        ("router.home.arpa", False),
        ("::1", False),
        ("a..b", False),
        ("", False),
    ],
)
def test_public_hosts_by_their_spelling(host: str, public: bool) -> None:
    assert is_public_host(host) is public
