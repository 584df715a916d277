"""One running stand-in of Discord on 127.0.0.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from aiohttp import web

from sandbox.discord.cdn import Cdn
from sandbox.discord.faults import Faults
from sandbox.discord.gateway import Gateway
from sandbox.discord.limits import Limits
from sandbox.discord.pipeline import Latency, Listener, Pipeline
from sandbox.discord.rest.routes import build

if TYPE_CHECKING:
    from types import TracebackType

    from sandbox.discord.state import State


class DiscordServer:
    """`async with DiscordServer(world) as discord:` — REST at `api_url`, gateway at `ws_url`, bot token `token`.

    `latency`: seconds of a REST round trip (a request takes effect after half of it) or a `Latency` for both sides;
    with a number, gateway events take half of it.
    """

    def __init__(self, world: State, *, latency: float | Latency = 0.0) -> None:
        self.world = world
        self.latency = latency if isinstance(latency, Latency) else Latency(latency, latency / 2)
        self.limits = Limits()
        self.faults = Faults()
        self.gateway = Gateway(world, self.latency)
        self.listeners: list[Listener] = []
        """Hear of every REST request."""
        self._runner: web.AppRunner | None = None
        self.port = 0
        self.api_url = ""
        self.ws_url = ""

    @property
    def token(self) -> str:
        """The bot's token; any other is refused (401, close code 4004)."""
        return self.world.application.token

    async def __aenter__(self) -> Self:
        pipeline = Pipeline(self.world, self.limits, self.faults, self.latency, self.listeners)
        app = build(pipeline, self.gateway, Cdn(self.world))
        # Held and slow requests do not keep the server from ending.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        origin = f"127.0.0.1:{self.port}"
        self.api_url = f"http://{origin}/api/v10"
        self.ws_url = self.gateway.url = f"ws://{origin}/gateway"
        self.world.media_url = f"http://{origin}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.faults.clear()
        await self.gateway.shutdown()
        if self._runner is not None:
            await self._runner.cleanup()
        # Three-second timers of a world that nobody answers any more.
        for interaction in self.world.interactions.values():
            if interaction.timer is not None:
                interaction.timer.cancel()
