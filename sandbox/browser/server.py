"""The page's server: on loopback, beside the stage."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import orjson
from aiohttp import web
from markupsafe import Markup

from sandbox.browser import options, places
from sandbox.browser.acting import Acting
from sandbox.browser.door import Door, dress
from sandbox.browser.drawing import Drawing
from sandbox.browser.files import Files
from sandbox.browser.live import Live
from sandbox.browser.messages import Log
from sandbox.browser.panel import Panel
from sandbox.browser.windows import Window, is_direct, path_to, window_of
from sandbox.browser.words import words
from sandbox.discord.choosing import ClientRefusal
from sandbox.discord.models import FORUM
from sandbox.discord.permissions import Permission
from sandbox.names import places as places_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

_STATIC: Final = Path(__file__).parent / "static"
_LARGEST: Final = 128 * 1024 * 1024
"""Bytes of a request: ten files of the largest server's limit would not come in one message either."""
_IN: Final = r"/as/{name}/channel/{channel:\d+}"
_THEMES: Final = frozenset({"dark", "light"})


class Browser:
    """`async with Browser(stage) as browser:` serves the page at `browser.address`.

    `port` 0 takes a free one. `real`: whether a real API answers, which the page then says.
    """

    def __init__(self, stage: Stage, *, port: int = 0, real: bool = False) -> None:
        self.door = Door()
        self._stage = stage
        self._port = port
        self._real = real
        self._drawing = Drawing()
        self._read = places.Read()
        self._log = Log(self._drawing)
        self._live = Live(stage.world, self._drawing, self._log, self._read)
        self._acting = Acting(self._drawing)
        self._panel = Panel(stage, self._drawing)
        self._runner: web.AppRunner | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """With the key: for whoever started the sandbox."""
        return self.door.address

    def address_of(self, person: Person, channel: Channel, *, form: Invocation | None = None) -> str:
        """The same, to one person's window on one place, with a form that is open there."""
        path = path_to(person.name, channel)
        if form is not None:
            path += f"?form={self._acting.keep(form)}"
        return self.door.address_of(path)

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self.door.guard, _refusals], client_max_size=_LARGEST)
        app.on_response_prepare.append(dress)
        app.add_routes(self._routes())
        app.on_shutdown.append(self._end)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.door.port = self._runner.addresses[0][1]
        self._watching = asyncio.create_task(self._live.watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        if self._runner is not None:
            await self._runner.cleanup()

    async def _end(self, _: web.Application) -> None:
        self._live.end()
        self._panel.end()

    def _routes(self) -> list[web.AbstractRouteDef]:
        acting = self._acting
        return [
            web.get("/enter/{key}", self.door.enter),
            web.get("/", self._first),
            web.get(r"/as/{name}/at/{channel:\d+}", self._same_place),
            web.get(_IN, self._in(self._page)),
            web.get(_IN + r"/before/{message:\d+}", self._in(self._before)),
            web.get(_IN + "/live", self._in(self._live.stream)),
            web.get(_IN + "/commands", self._in(self._commands)),
            *(
                web.post(f"{_IN}/{name}", self._does(act))
                for name, act in {
                    "say": acting.say,
                    "command": acting.command,
                    "suggest": acting.suggest,
                    "press": acting.press,
                    "choose": acting.choose,
                    "apps": acting.apps,
                    "submit": acting.submit,
                    "delete": acting.delete,
                    "language": acting.language,
                    "thread": acting.thread,
                    "post": acting.post,
                }.items()
            ),
            *(web.route(method, _IN + path, self._in(handler)) for method, path, handler in self._panel.handlers()),
            web.get(r"/files/{file:\d+}/{filename}", Files(self._stage.world).serve),
            web.static("/static", _STATIC),
        ]

    def _in(
        self, handler: Callable[[web.Request, Window], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A handler that is about one window."""

        async def handle(request: web.Request) -> web.StreamResponse:
            return await handler(request, window_of(self._stage, request))

        return handle

    def _does(
        self, act: Callable[[web.Request, Window], Awaitable[Any]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A handler of what somebody does in a window."""

        async def handle(request: web.Request, window: Window) -> web.StreamResponse:
            return _json(await act(request, window))

        return self._in(handle)

    # pages

    async def _first(self, _: web.Request) -> web.StreamResponse:
        """The first person in the first channel."""
        name = next(iter(self._stage.scene.people))
        raise web.HTTPSeeOther(path_to(name, next(iter(self._stage.scene.channels.values()))))

    async def _same_place(self, request: web.Request) -> web.StreamResponse:
        """Somebody else's window on the same place; on the first one they see, where they don't see it."""
        name = request.match_info["name"]
        person = self._stage.scene.people.get(name)
        if person is None:
            raise web.HTTPNotFound(text=f"Nobody is called {name} here.")
        channel = self._stage.world.channels.get(int(request.match_info["channel"]))
        raise web.HTTPSeeOther(path_to(name, self._place_for(person, channel)))

    def _place_for(self, person: Person, wanted: Channel | None) -> Channel:
        if wanted is not None and is_direct(wanted):
            return person.dm()
        if wanted is not None and person.permissions(wanted) & Permission.VIEW_CHANNEL:
            return wanted
        return places_of(self._stage.guild, person)[0]

    async def _page(self, request: web.Request, window: Window) -> web.StreamResponse:
        since = time.monotonic()
        log, more = ("", False) if window.channel.type == FORUM else self._log.page(window)
        self._read.read(window)
        place = places.name_of(window)
        w = words(window.locale)
        theme = request.cookies.get("theme", "")
        html = self._drawing.html(
            "page.html",
            window,
            title=" · ".join(filter(None, (place, window.guild and window.guild.name, window.name))),
            place=place,
            sign=places.sign_of(window.channel),
            places=places.shown(window, self._read),
            theme=theme if theme in _THEMES else "system",
            since=f"{since:f}",
            limit=self._stage.world.filesize_limit(window.channel),
            words_json=orjson.dumps(w).decode(),
            notice=w["real" if self._real else "invented"],
            log=Markup(log),  # noqa: S704 - drawn by templates that escape
            more=more,
            form=self._acting.form(window, request.query.get("form", "")),
            is_forum=window.channel.type == FORUM,
            posts=places.posts(window),
            may_send=self._may_send(window),
            may_command=bool(window.person.commands(window.channel)),
        )
        return web.Response(text=html, content_type="text/html")

    def _may_send(self, window: Window) -> bool:
        in_thread = window.channel.is_thread
        return window.may(Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES)

    async def _before(self, request: web.Request, window: Window) -> web.StreamResponse:
        html, more = self._log.page(window, before=int(request.match_info["message"]))
        return _json({"html": html, "more": more})

    async def _commands(self, _: web.Request, window: Window) -> web.StreamResponse:
        return _json({"commands": options.listed(window), "known": options.known(window)})


@web.middleware
async def _refusals(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """What Discord's client does not let a person do is an answer, not a fault."""
    try:
        return await handler(request)
    except ClientRefusal as refusal:
        return _json({"refused": str(refusal)} | ({"option": refusal.option} if refusal.option else {}))


def _json(value: Any) -> web.Response:  # noqa: ANN401 - JSON
    return web.Response(body=orjson.dumps(value), content_type="application/json")
