"""Who may come in: whoever started the sandbox, from its own page, and nobody else.

With a real API behind it any website could otherwise spend the owner's money by a form that posts to 127.0.0.1.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_LOCKED: Final = "Open the address that `onekey-bot sandbox` printed: it carries the key to this page.\n"
_DAY: Final = 86400


class Door:
    """One random key: in the printed address first, in a cookie of this port from then on."""

    def __init__(self) -> None:
        self._key = secrets.token_urlsafe(24)
        self.port = 0
        """Known once the server listens."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/enter/{self._key}"

    def address_of(self, path: str) -> str:
        """The printed address that leads on to a path of this server."""
        return f"{self.address}?to={quote(path, safe='/')}"

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Takes the key out of the address: it stays in no history and no referrer."""
        if not self._opens(request.match_info["key"]):
            return _refused()
        to = request.query.get("to", "/")
        # A path of this server: "//elsewhere" and "https:" are none.
        away = not to.startswith("/") or to.startswith("//") or "\\" in to
        response = web.HTTPSeeOther("/" if away else to)
        response.set_cookie(self._cookie, self._key, max_age=_DAY, httponly=True, samesite="Strict", path="/")
        raise response

    @web.middleware
    async def guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Checks every request before anything else sees it."""
        entering = request.path.startswith("/enter/")
        if not self._ours(request, entering=entering) or (not entering and not self._known(request)):
            return _refused()
        return await handler(request)

    @property
    def _cookie(self) -> str:
        # Cookies do not know ports: two sandboxes would throw each other out.
        return f"sandbox-{self.port}"

    def _ours(self, request: web.Request, *, entering: bool) -> bool:
        """Whether it is meant for this server by its name, and comes from its own page or from the person's own hand.

        A foreign name that leads to 127.0.0.1 has another Host. Pages of other ports of this machine are "same-site"
        to a browser, so the cookie alone does not tell them from ours: Origin and Sec-Fetch-Site do.
        """
        hosts = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        if request.host not in hosts:
            return False
        origin = request.headers.get("Origin")
        if origin is None and request.method not in {"GET", "HEAD"}:
            return False
        if origin is not None and origin != f"http://{request.host}":
            return False
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        return entering or site in {"same-origin", "none"}

    def _known(self, request: web.Request) -> bool:
        return self._opens(request.cookies.get(self._cookie, ""))

    def _opens(self, key: str) -> bool:
        return secrets.compare_digest(key.encode(), self._key.encode())


async def dress(_: web.Request, response: web.StreamResponse) -> None:
    """What every answer carries."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def _refused() -> web.Response:
    return web.Response(status=403, text=_LOCKED)
