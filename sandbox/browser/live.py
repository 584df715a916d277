"""What happens, told to every open window as it happens, over a websocket.

No server-sent events: each holds one of the six connections that a browser has for a host, and six people in six
windows would wait for each other. Websockets are not counted.

A window has no queue: it has the set of messages that changed since it was last told, and is told how they are *now*.
So edits of a message become one, and a window that falls behind (a slow machine, a tab in the background) is caught up
by one step, however much happened meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from sandbox.browser.messages import PAGE
from sandbox.browser.places import shown
from sandbox.browser.sockets import telling

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.browser.drawing import Drawing
    from sandbox.browser.messages import Log
    from sandbox.browser.places import Read
    from sandbox.browser.windows import Window
    from sandbox.discord.observers import Change
    from sandbox.discord.places import Event
    from sandbox.discord.state import State

_PAUSE: Final = 0.05
"""Seconds between two tellings: what changes meanwhile goes together."""
_PLACES_PAUSE: Final = 0.5
"""Seconds between two tellings of the left side."""
_PLACES: Final = ("CHANNEL_", "THREAD_", "GUILD_")
_BEHIND: Final = 4 * PAGE
"""More changed messages than this: the newest page is told anew, and the rest is there on scrolling up."""


@dataclass(slots=True, eq=False)
class _Watcher:
    """An open window: what it has not been told yet."""

    window: Window
    messages: set[int] = field(default_factory=set[int])
    typing: str | None = None
    places: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Live:
    """Every open window. `watch()` runs as long as the page is served."""

    def __init__(self, world: State, drawing: Drawing, log: Log, read: Read) -> None:
        self._world = world
        self._drawing = drawing
        self._log = log
        self._read = read
        self._watchers: set[_Watcher] = set()
        self.ending = False

    async def watch(self) -> None:
        """Notes for each window what changed there."""
        self._world.sinks.append(self._hear)
        try:
            async for change in self._world.changes():
                for each in self._watchers:
                    _note(each, change)
        finally:
            self._world.sinks.remove(self._hear)

    def end(self) -> None:
        """Lets every stream end, so that the server can."""
        self.ending = True
        for each in self._watchers:
            each.woken.set()

    async def stream(self, request: web.Request, window: Window) -> web.StreamResponse:
        """Tells one window, until it closes."""
        watcher = _Watcher(window)
        self._watchers.add(watcher)
        self._catch_up(watcher, _since(request))
        try:
            return await telling(request, lambda socket: self._tell(socket, watcher))
        finally:
            self._watchers.discard(watcher)

    def _hear(self, event: Event) -> None:
        if event.name.startswith(_PLACES):
            for each in self._watchers:
                each.places = True
                each.woken.set()

    def _catch_up(self, watcher: _Watcher, since: float) -> None:
        """What changed between the drawing of the page (or the end of the last stream) and now."""
        changed = {
            each.id
            for each in watcher.window.channel.messages.values()
            if each.versions[-1].at >= since or (each.deleted and each.versions[0].at <= since)
        }
        watcher.messages |= changed
        watcher.places = True
        watcher.woken.set()

    async def _tell(self, socket: web.WebSocketResponse, watcher: _Watcher) -> None:
        places, places_at = "", 0.0
        while not self.ending:
            await watcher.woken.wait()
            watcher.woken.clear()
            at = time.monotonic()
            news: dict[str, Any] = {}
            changed, watcher.messages = watcher.messages, set()
            if changed:
                news["rows"], news["anew"] = self._rows(watcher.window, changed)
                self._read.read(watcher.window)
            if watcher.typing is not None:
                news["typing"], watcher.typing = watcher.typing, None
            if watcher.places and at - places_at >= _PLACES_PAUSE:
                watcher.places, places_at = False, at
                drawn = self._drawing.html("places.html", watcher.window, places=shown(watcher.window, self._read))
                if drawn != places:
                    news["places"] = places = drawn
            if news:
                news["at"] = f"{at:f}"
                await socket.send_str(orjson.dumps(news).decode())
            await asyncio.sleep(_PAUSE)
            if watcher.places:
                watcher.woken.set()
        await socket.close()

    def _rows(self, window: Window, changed: set[int]) -> tuple[list[tuple[str, str | None]], bool]:
        anew = len(changed) > _BEHIND
        if anew:
            changed = {each.id for each in window.messages()[-PAGE:]}
        return [(str(number), html) for number, html in self._log.some(window, changed)], anew


def _note(watcher: _Watcher, change: Change) -> None:
    """What a change means for one window."""
    window, message = watcher.window, change.message
    if change.kind == "typing":
        if change.channel is window.channel and change.user is not None and change.user is not window.person.user:
            watcher.typing = change.user.name
            watcher.woken.set()
        return
    if change.kind == "interaction" or message is None or message.visible_to not in (None, window.person.id):
        return
    if message.channel is not window.channel:
        if change.kind == "created":
            watcher.places = True
            watcher.woken.set()
        return
    watcher.messages.add(message.id)
    if change.kind == "deleted":
        # What stood below may now begin a group of its own.
        after = next((each.id for each in window.messages() if each.id > message.id), None)
        watcher.messages |= set() if after is None else {after}
    watcher.woken.set()


def _since(request: web.Request) -> float:
    """When the window was last told, or drawn: time.monotonic()."""
    try:
        return float(request.query.get("since", "0"))
    except ValueError:
        return 0.0
