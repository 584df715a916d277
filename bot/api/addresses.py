"""Addresses: the API's base URL and origin, and which addresses are public."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urljoin

from yarl import URL

from bot.errors import ConfigurationError

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

_V1 = re.compile(r"(?:/v1)(?:/.*)?$", re.IGNORECASE)
_DOUBLED = re.compile(r"/v1(?:/v1)+(?=/|$)", re.IGNORECASE)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NEVER_PUBLIC: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = (
    ipaddress.IPv4Network("192.88.99.0/24"),  # 6to4 relays, withdrawn by RFC 7526
    ipaddress.IPv6Network("::/96"),  # IPv4-compatible, withdrawn: ::127.0.0.1 is a loopback to some stacks
    ipaddress.IPv6Network("64:ff9b:1::/48"),  # local-use NAT64, RFC 8215
    ipaddress.IPv6Network("2001::/32"),  # Teredo tunnels to an address of somebody's choice
    ipaddress.IPv6Network("fec0::/10"),  # site-local, withdrawn but still routed in places
)
_PARTS = re.compile(r"(https?)://([^/?#]*)([^#]*)", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_NO_AUTHORITY = re.compile(r"[\x00-\x20\x7f@%\\^|<>\"'`{}]")
_ILLEGAL = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~:/?@!$&'()*+,;=%]")
_LOCAL_NAMES = ("localhost", "local", "internal", "lan", "home.arpa", "intranet", "corp", "home")


class Origin(NamedTuple):
    """Scheme, lower-case host (an IPv6 address without brackets) and port: what a key may be sent to."""

    scheme: str
    host: str
    port: int


def normalise_base_url(given: str) -> str:
    """The base URL, ending in `/v1`, from one given with or without it, with or without a slash.

    A whole endpoint (`…/v1/chat/completions`) is cut down to its base. Raises ConfigurationError for what can
    be no base: another scheme than http(s), no host, a user name, a query.
    """
    hint = "ONEKEY_BASE_URL must look like https://api.onekeymodel.com/v1"
    try:
        url = URL(given.strip())
        port = url.port
    except ValueError as error:
        message = f"{hint}: {error}"
        raise ConfigurationError(message) from error
    if url.scheme not in {"http", "https"} or not url.raw_host or port is None:
        message = f"{hint}: start with http:// or https:// and include a host"
        raise ConfigurationError(message)
    if url.user or url.password or url.raw_query_string or url.raw_fragment:
        message = f"{hint}: leave out user name, password, query and fragment"
        raise ConfigurationError(message)
    path = _V1.sub("", url.raw_path.rstrip("/")).rstrip("/")
    return f"{url.origin()}{path}/v1"


def exact_url(url: str) -> URL:
    """An http(s) URL byte for byte as it came, without its fragment; only what RFC 3986 has no place for is escaped.

    Signatures cover how a path and a query are escaped, so that the usual normalising (`%2F`, `%7E`, `/../`) breaks
    them. The host is normalised all the same, and is the only one that anybody can read out of it. Raises ValueError
    for what is no such URL, for credentials in it, and for what is a host to some readers and a path to others.
    """
    found = _PARTS.match(url.strip())
    if found is None or not found[2]:
        message = "no absolute http(s) URL"
        raise ValueError(message)
    scheme, authority, rest = found.groups()
    if _NO_AUTHORITY.search(authority):
        message = "credentials or a disguise in the address"
        raise ValueError(message)
    origin = URL(f"{scheme}://{authority}/").origin()
    return URL(f"{origin}{_ILLEGAL.sub(lambda one: quote(one[0], safe=''), rest)}", encoded=True)


def joined(base: URL, location: str) -> str:
    """What a Location header (or a link in an answer) means beside `base`, byte for byte as far as it goes."""
    if _SCHEME.match(location):
        return location
    if location.startswith("//"):
        return f"{base.scheme}:{location}"
    if location.startswith("/"):
        return f"{base.origin()}{location}"
    return urljoin(str(base), location)


def origin_of(url: URL | str) -> Origin:
    """The origin of an absolute http(s) URL. Raises ValueError when it has none."""
    url = exact_url(url) if isinstance(url, str) else url
    if url.scheme not in {"http", "https"} or not url.raw_host or url.port is None:
        message = "no absolute http(s) URL"
        raise ValueError(message)
    return Origin(url.scheme, url.raw_host.lower().removesuffix("."), url.port)


def collapse_doubled(url: str, origin: Origin) -> str:
    """`…/v1/v1/…` → `…/v1/…`, only in a URL of the API's own host (some gateways build their links so)."""
    try:
        if origin_of(url)[1:] != origin[1:]:
            return url
    except ValueError:
        return url
    head, mark, query = url.partition("?")
    return _DOUBLED.sub("/v1", head) + mark + query


def is_public_address(address: IPv4Address | IPv6Address | str) -> bool:
    """Whether an IP address belongs to the public internet; embedded IPv4 addresses are judged themselves."""
    if isinstance(address, str):
        try:
            address = ipaddress.ip_address(address)
        except ValueError:
            return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public_address(inner)
    if any(address.version == network.version and address in network for network in _NEVER_PUBLIC):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    )


def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address a host literally names, in any form a C library would take; None for a name.

    `127.1`, `0x7f.1`, `2130706433` and `0177.0.0.1` are all 127.0.0.1 to inet_aton(3).
    """
    host = host.removesuffix(".")
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def is_canonical(host: str) -> bool:
    """Whether the host is an address in its ordinary spelling (`127.0.0.1`, `::1`), or no address at all."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return literal_address(host) is None
    return True


def is_public_host(host: str) -> bool:
    """Judged by its spelling alone, without the network: an address must be public, a name must have a dot."""
    if not is_canonical(host):
        return False
    address = literal_address(host)
    if address is not None:
        return is_public_address(address)
    labels = host.lower().removesuffix(".").split(".")
    return len(labels) > 1 and all(labels) and labels[-1] not in _LOCAL_NAMES and ".".join(labels[-2:]) != "home.arpa"
