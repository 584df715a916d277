"""The websocket side: sessions of bots, what each is sent, resuming, and faults to order.

Source: Discord's "Gateway" pages and its table of close codes.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from typing import TYPE_CHECKING

import orjson
from aiohttp import WSMsgType, web

from sandbox.discord import payloads
from sandbox.discord.models import GUILD_MEMBERS, GUILD_PRESENCES, MESSAGE_CONTENT
from sandbox.discord.session import COMPRESSORS, KEPT_SECONDS, Session, Socket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.discord.models import Json, JsonValue
    from sandbox.discord.pipeline import Latency
    from sandbox.discord.state import Event, State

log = logging.getLogger(__name__)

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK = 1, 2, 3, 4, 6, 7, 8, 9, 10, 11
PRIVILEGED = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT
KNOWN_INTENTS = (1 << 26) - 1
MOST_GUILDS = 2500
"""Servers of one shard; with more Discord closes the connection with 4011."""
IDENTIFY_SECONDS = 5.0
"""One IDENTIFY in so long for each `shard_id % max_concurrency`."""
STARTS = 1000
"""IDENTIFYs of a bot in a day."""


class Gateway:
    """Every bot's sessions."""

    def __init__(self, state: State, latency: Latency) -> None:
        self.state = state
        self.latency = latency
        self.sessions: dict[str, Session] = {}
        self.heartbeat_interval = 41.25
        self.url = ""
        self.overlap = 0
        """How many events that came are sent once more at a RESUME, as when Discord did not hear that they came."""
        self.unlike: dict[str, Json] = {}
        """By an event's name: what its data has in place of what it should have; None: it lacks that."""
        self.identifies = 0
        """How many IDENTIFYs were accepted."""
        self.shards = 1
        """How many Discord recommends."""
        self.max_concurrency = 16
        self.identify_seconds = 0.0
        """`IDENTIFY_SECONDS`, to be as strict as Discord is: a bot that is started anew at once would wait for it."""
        self.too_soon = 0
        """IDENTIFYs that were refused since another of their kind had come right before."""
        self.more_guilds: Callable[[int, int], Iterable[Json]] = lambda _shard_id, _count: ()
        """Servers that a shard has beside those of the world, as GUILD_CREATE has them: nobody acts in them."""
        self._identified: dict[int, float] = {}
        self._sockets: set[Socket] = set()
        self._changed = asyncio.Condition()
        state.sinks.append(self.dispatch)

    # what the bots are told

    def dispatch(self, event: Event) -> None:
        for session in self.sessions.values():
            if session.wants(event):
                session.dispatch(event.name, self._data(session, event))

    def _data(self, session: Session, event: Event) -> Json:
        if event.name == "GUILD_CREATE":
            return self._guild(session, int(event.data["id"]))
        if event.message is None or session.intents & MESSAGE_CONTENT:
            return event.data
        return payloads.blanked(event.data, event.message, self.state.application.bot)

    def _guild(self, session: Session, guild_id: int) -> Json:
        guild = self.state.guilds[guild_id]
        members = bool(session.intents & GUILD_MEMBERS)
        return payloads.guild_create(guild, self.state.application.bot, all_members=members)

    def send(self, name: str, data: JsonValue) -> None:
        """Send every bot an event of one's own, however it looks."""
        for session in self.sessions.values():
            session.dispatch(name, data)

    # faults

    def drop(self) -> int:
        """Cut every connection; how many there were."""
        sockets = list(self._sockets)
        for socket in sockets:
            socket.abort()
        return len(sockets)

    def reconnect(self) -> None:
        """Op 7: asks every bot to come again and resume."""
        for socket in self._sockets:
            socket.push_op(RECONNECT)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Op 9 to every bot; not resumable means the session is gone."""
        for socket in self._sockets:
            if not resumable and socket.session is not None:
                self.sessions.pop(socket.session.id, None)
                socket.session.socket = None
            socket.push_op(INVALID, resumable)

    async def close(self, code: int) -> None:
        """Close every connection with a code (4000 to 4014)."""
        for socket in list(self._sockets):
            await socket.close(code)

    async def wait_ready(self, count: int = 1, *, timeout: float = 10.0) -> None:  # noqa: ASYNC109 (as in Observers.wait_until)
        """Until `count` sessions are connected. Raises: TimeoutError."""
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(lambda: self.connected >= count)

    @property
    def connected(self) -> int:
        return sum(session.socket is not None for session in self.sessions.values())

    async def shutdown(self) -> None:
        self.state.sinks.remove(self.dispatch)
        await self.close(1001)

    # a connection

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(max_msg_size=0, heartbeat=None, compress=False)
        await ws.prepare(request)
        if request.query.get("v") != "10":
            await ws.close(code=4012)
            return ws
        kind = request.query.get("compress")
        if request.query.get("encoding", "json") != "json" or (kind is not None and kind not in COMPRESSORS):
            await ws.close(code=4002)
            return ws
        socket = Socket(ws, request, None if kind is None else COMPRESSORS[kind](), self.latency)
        self._sockets.add(socket)
        socket.push_op(HELLO, {"heartbeat_interval": int(self.heartbeat_interval * 1000), "_trace": []})
        try:
            async for message in ws:
                if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                    break
                code = await self._receive(socket, message.data)
                if code is not None:
                    await socket.close(code)
                    break
        finally:
            socket.leave()
            self._sockets.discard(socket)
        return ws

    async def _receive(self, socket: Socket, raw: str | bytes) -> int | None:
        """Handle one event of a bot; the close code when it is refused."""
        if len(raw) > 4096:
            return 4002
        try:
            event: JsonValue = orjson.loads(raw)
            op, data = event["op"], event.get("d")
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return 4002
        if socket.too_fast():
            return 4008
        if op == HEARTBEAT:
            socket.push_op(ACK)
            return None
        if socket.session is not None:
            return self._from_session(op)
        begin = {IDENTIFY: self._identify, RESUME: self._resume}.get(op)
        return 4003 if begin is None else await begin(socket, data)

    def _from_session(self, op: int) -> int | None:
        if op in (IDENTIFY, RESUME):
            return 4005
        return None if op in (MEMBERS, PRESENCE, VOICE) else 4001

    async def _identify(self, socket: Socket, data: Json) -> int | None:
        state = self.state
        shard: list[int] = data.get("shard") or [0, 1]
        code = self._wrong(data, shard)
        if code is not None:
            return code
        if not self._may_begin(shard[0]):
            socket.push_op(INVALID, data=False)
            return None
        mine = [
            guild for guild in state.guilds.values() if guild.app_installed and (guild.id >> 22) % shard[1] == shard[0]
        ]
        more = tuple(self.more_guilds(shard[0], shard[1]))
        if len(mine) + len(more) > MOST_GUILDS:
            return 4011
        self._forget()
        session = Session(secrets.token_hex(16), data["intents"], (shard[0], shard[1]), socket=socket)
        self.sessions[session.id] = session
        self.identifies += 1
        socket.session = session
        ready: Json = {
            "v": 10,
            "user": payloads.user(state.application.bot) | {"verified": True, "mfa_enabled": False, "email": None},
            "guilds": [
                {"id": str(id_), "unavailable": True}
                for id_ in (*(guild.id for guild in mine), *(one["id"] for one in more))
            ],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "shard": shard,
            "application": {"id": str(state.application.id), "flags": payloads.application_flags(state.application)},
            "private_channels": [],
            "user_settings": {},
            "relationships": [],
            "presences": [],
            "guild_join_requests": [],
        }
        unlike = self.unlike.get("READY", {})
        session.dispatch("READY", {key: value for key, value in (ready | unlike).items() if value is not None})
        for guild in mine:
            session.dispatch("GUILD_CREATE", self._guild(session, guild.id))
        for one in more:
            session.dispatch("GUILD_CREATE", one)
        await self._notify()
        return None

    @property
    def session_start_limit(self) -> Json:
        """As GET /gateway/bot tells it."""
        left = max(STARTS - self.identifies, 0)
        return {
            "total": STARTS,
            "remaining": left,
            "reset_after": 86_400_000,
            "max_concurrency": self.max_concurrency,
        }

    def _may_begin(self, shard_id: int) -> bool:
        """Whether a shard may identify now: not too soon after another of its kind."""
        key, now = shard_id % self.max_concurrency, time.monotonic()
        if now - self._identified.get(key, -IDENTIFY_SECONDS) < self.identify_seconds:
            self.too_soon += 1
            return False
        self._identified[key] = now
        return self.identifies < STARTS

    def _forget(self) -> None:
        """Drop the sessions of bots that are long gone."""
        horizon = time.monotonic() - KEPT_SECONDS
        for session in tuple(self.sessions.values()):
            if session.left_at is not None and session.left_at < horizon:
                del self.sessions[session.id]

    def _wrong(self, data: Json, shard: list[int]) -> int | None:
        """Why an IDENTIFY is refused, as a close code."""
        intents = data.get("intents")
        if data.get("token", "").removeprefix("Bot ") != self.state.application.token:
            return 4004
        if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            return 4013
        if intents & PRIVILEGED & ~self.state.application.intents:
            return 4014
        return None if len(shard) == 2 and 0 <= shard[0] < shard[1] else 4010

    async def _resume(self, socket: Socket, data: Json) -> int | None:
        if data.get("token", "").removeprefix("Bot ") != self.state.application.token:
            return 4004
        session = self.sessions.get(str(data.get("session_id")))
        sequence = data.get("seq")
        if session is None or not isinstance(sequence, int):
            socket.push_op(INVALID, data=False)
            return None
        if sequence > session.sequence:
            return 4007
        missed = [raw for number, raw in session.sent if number > sequence - self.overlap]
        if len(missed) < session.sequence - sequence:
            # More happened than is kept.
            del self.sessions[session.id]
            socket.push_op(INVALID, data=False)
            return None
        session.socket, socket.session, session.left_at = socket, session, None
        for raw in missed:
            socket.push(raw)
        session.resumed += 1
        session.dispatch("RESUMED", self.unlike.get("RESUMED", {"_trace": []}))
        await self._notify()
        return None

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()
