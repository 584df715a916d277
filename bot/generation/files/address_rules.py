"""Which addresses are called for results, which of them get the key, and which links people are shown."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING
from urllib.parse import unquote

from aiohttp.abc import AbstractResolver

from bot.api.addresses import exact_url, is_canonical, is_public_address, is_public_host, normalise_base_url, origin_of
from bot.errors import ForbiddenAddress

if TYPE_CHECKING:
    from aiohttp.abc import ResolveResult
    from yarl import URL


class AddressRules:
    """The API's own host and port are always allowed, and so are those of the URLs `trusted`. The key goes along only
    under the API's `/videos/…/content`: a link elsewhere on its host may be a stranger's. `allow_private` opens every
    other address.
    """

    def __init__(self, api_base_url: str, *, trusted: Collection[str], allow_private: bool) -> None:
        base_url = normalise_base_url(api_base_url)
        self.api = origin_of(base_url)
        self._content = re.compile(re.escape(exact_url(base_url).raw_path) + r"/videos/([^/]+)/content")
        self._trusted = {(origin.host, origin.port) for origin in (self.api, *map(origin_of, trusted))}
        self._allow_private = allow_private

    def may_show(self, url: str) -> bool:
        """Whether people get the link: a public one, or one on the API's own host, where they may well be at home too.

        With `allow_private` any other http(s) link as well.
        """
        if is_public(url):
            return True
        try:
            return origin_of(url) == self.api or self._allow_private
        except ValueError:
            return False

    def checked(self, url: str) -> URL:
        """The URL, if it may be called; names are checked again when they are resolved."""
        try:
            target = exact_url(url)
            origin = origin_of(target)
        except ValueError as error:
            message = "not an http(s) address"
            raise ForbiddenAddress(message) from error
        if not is_canonical(origin.host):
            message = f"{origin.host}: an address in disguise"
            raise ForbiddenAddress(message)
        if not (self._is_trusted(origin.host, origin.port) or self._allow_private or is_public_host(origin.host)):
            message = f"{origin.host}: not a public host"
            raise ForbiddenAddress(message)
        return target

    def gets_key(self, target: URL) -> bool:
        """A task's id is one step of the path, to whoever unescapes it, too."""
        if origin_of(target) != self.api or (found := self._content.fullmatch(target.raw_path)) is None:
            return False
        return not {".", ".."} & set(re.split(r"[/\\]", unquote(found[1])))

    def permits(self, host: str, port: int, address: str) -> bool:
        """Whether `host:port` may be reached at `address`."""
        return self._is_trusted(host, port) or self._allow_private or is_public_address(address)

    def _is_trusted(self, host: str, port: int) -> bool:
        return (host.lower().removesuffix("."), port) in self._trusted


def is_public(url: str) -> bool:
    """Whether a link may be shown to people: http(s), no credentials, no private or local host by its spelling."""
    try:
        return is_public_host(origin_of(url).host)
    except ValueError:
        return False


class CheckedResolver(AbstractResolver):
    """Hands the connector only addresses that may be reached: a name can't change between check and connection."""

    def __init__(self, inner: AbstractResolver, permits: Callable[[str, int, str], bool]) -> None:
        self._inner = inner
        self._permits = permits

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for one in found:
            if not self._permits(host, port, one["host"]):
                message = f"{host}: has an address that is not public"
                raise ForbiddenAddress(message)
        return found

    async def close(self) -> None:
        await self._inner.close()
