"""The side panel for the curious: what goes over the wires, limits, and switches. One for all windows of a sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson
from aiohttp import web
from markupsafe import Markup

from sandbox.browser.drawing import local
from sandbox.browser.markdown_code import highlighted
from sandbox.browser.panel_words import panel_words
from sandbox.browser.sockets import telling
from sandbox.browser.switches import ALWAYS, DEEDS, FAULTS, NEED_BOT, PLACES, TIMES, Switches
from sandbox.browser.traffic import WIRES, Exchange, Traffic, Wire

if TYPE_CHECKING:
    from sandbox.browser.drawing import Drawing
    from sandbox.browser.windows import Window
    from sandbox.stage import Stage

Handler = Callable[[web.Request, "Window"], Awaitable[web.StreamResponse]]

_PAUSE: Final = 0.25
"""Seconds between two tellings."""


class Panel:
    def __init__(self, stage: Stage, drawing: Drawing) -> None:
        self._stage = stage
        self._drawing = drawing
        self._ending = asyncio.Event()
        self.traffic = Traffic(stage)
        self.switches = Switches(stage)

    def handlers(self) -> list[tuple[str, str, Handler]]:
        """Method, path below a window's, handler."""
        return [
            ("GET", "/panel", self._whole),
            ("GET", "/panel/live", self._live),
            ("GET", r"/panel/exchange/{number:\d+}", self._exchange),
            ("POST", "/panel/{what:service|discord|deed|clear}", self._switch),
        ]

    def end(self) -> None:
        """Lets every connection end, so that the server can."""
        self._ending.set()

    async def _whole(self, _: web.Request, window: Window) -> web.StreamResponse:
        return web.Response(text=self._drawn(window, "panel.html", wires=WIRES), content_type="text/html")

    async def _exchange(self, request: web.Request, window: Window) -> web.StreamResponse:
        found = self.traffic.get(int(request.match_info["number"]))
        html = self._drawn(window, "exchange.html", exchange=found, code=_code)
        return web.Response(text=html, content_type="text/html")

    async def _switch(self, request: web.Request, window: Window) -> web.StreamResponse:
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        p = panel_words(window.locale)
        done = p["saved"]
        match request.match_info["what"]:
            case "service":
                self.switches.service(form)
            case "discord":
                self.switches.discord(form)
            case "deed":
                deed = form.get("deed", "")
                await self.switches.deed(deed)
                done = p.get(f"done_{deed}", done)
            case _:
                self.traffic.clear()
        return web.Response(body=orjson.dumps({"done": done}), content_type="application/json")

    async def _live(self, request: web.Request, window: Window) -> web.StreamResponse:
        return await telling(request, lambda socket: self._tell(socket, window))

    async def _tell(self, socket: web.WebSocketResponse, window: Window) -> None:
        """What is new since the last telling: rows as they are now, those that are gone, limits and switches."""
        told: dict[int, tuple[Any, ...]] = {}
        seen = limits = switches = None
        while not self._ending.is_set():
            news: dict[str, Any] = {}
            if seen != self.traffic.changed or self.traffic.growing:
                seen = self.traffic.changed
                news["rows"], news["gone"] = self._rows(window, told)
            if limits != (limits := self._limits_now()):
                news["limits"] = self._limits(window)
            if switches != (switches := self.switches.now()):
                news["switches"] = self._switches(window)
            if any(news.values()):
                await socket.send_str(orjson.dumps(news).decode())
            try:
                async with asyncio.timeout(_PAUSE):
                    await self._ending.wait()
            except TimeoutError:
                pass
        await socket.close()

    def _rows(self, window: Window, told: dict[int, tuple[Any, ...]]) -> tuple[list[tuple[Wire, int, str]], list[int]]:
        """Rows that are new or look otherwise than `told`, the oldest first, and the numbers of those that are gone."""
        rows: list[tuple[Wire, int, str]] = []
        kept: set[int] = set()
        for wire in WIRES:
            for each in reversed(self.traffic.of(wire)):
                kept.add(each.number)
                look = (each.status, each.seconds, each.blocks, each.broken)
                if told.get(each.number) != look:
                    told[each.number] = look
                    rows.append(
                        (wire, each.number, self._drawn(window, "exchange_row.html", exchange=each, at=_clock(each)))
                    )
        gone = [number for number in told if number not in kept]
        for number in gone:
            del told[number]
        return rows, gone

    def _limits_now(self) -> tuple[int, ...]:
        limits = self._stage.discord.limits
        return limits.served.total(), limits.refused.total(), limits.served_429, limits.invalid

    def _limits(self, window: Window) -> str:
        limits = self._stage.discord.limits
        groups = [
            (name, limits.served[name], limits.refused[name], limits.groups.get(name)) for name in sorted(limits.served)
        ]
        return self._drawn(
            window, "limits.html", limits=limits, groups=groups, refused=self.traffic.limited()[:10], clock=_clock
        )

    def _switches(self, window: Window) -> str:
        return self._drawn(
            *(window, "switches.html"),
            switches=self.switches,
            services=self.switches.services(),
            deeds=DEEDS,
            need_bot=NEED_BOT,
            kinds=list(FAULTS),
            places=PLACES,
            place_names={route: name for name, route in PLACES.items()},
            times=TIMES,
            always=ALWAYS,
        )

    def _drawn(self, window: Window, template: str, **facts: Any) -> str:  # noqa: ANN401 - each template has its own
        return self._drawing.html(
            template, window, p=panel_words(window.locale), invented=self._stage.invented, **facts
        )


def _clock(exchange: Exchange) -> str:
    return f"{local(datetime.fromtimestamp(exchange.at, UTC)):%H:%M:%S}"


def _code(text: str, *, streamed: bool = False) -> Markup:
    """JSON in colours; a stream as it is, which is no JSON."""
    return Markup(highlighted(text, "" if streamed else "json"))  # noqa: S704 - Pygments' spans around escaped text
