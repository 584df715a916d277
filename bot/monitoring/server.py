"""/healthz, /readyz and /metrics, where HEALTH or METRICS asks for them; without either nothing is opened."""

from __future__ import annotations

import importlib
import importlib.util
import logging
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from bot.errors import ConfigurationError
from bot.monitoring.health import Health

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from aiohttp import web

    from bot.environment import Environment
    from bot.monitoring.metrics import Metrics

log = logging.getLogger(__name__)

HOW = ".venv/bin/uv sync --no-dev --inexact --extra metrics"


class Monitoring:
    """`metrics`: None where METRICS is not set."""

    def __init__(self, metrics: Metrics | None = None) -> None:
        self.health = Health()
        self.metrics = metrics


@asynccontextmanager
async def monitoring(environment: Environment) -> AsyncGenerator[Monitoring]:
    """Answer at the owner's addresses while inside. ConfigurationError: one of them can't be used."""
    metrics = None
    if environment.metrics is not None:
        if importlib.util.find_spec("prometheus_client") is None:
            raise ConfigurationError(f"METRICS needs the extra metrics: {HOW}.")
        metrics = importlib.import_module("bot.monitoring.metrics").Metrics()
        metrics.listen()
    watched = Monitoring(metrics)
    async with AsyncExitStack() as stack:
        if environment.health not in {None, environment.metrics}:
            await _serve(stack, "HEALTH", environment.health, watched, with_metrics=False)
        if environment.metrics is not None:
            await _serve(stack, "METRICS", environment.metrics, watched, with_metrics=True)
        yield watched


async def _serve(
    stack: AsyncExitStack, name: str, address: tuple[str, int] | None, watched: Monitoring, *, with_metrics: bool
) -> None:
    from aiohttp import web  # noqa: PLC0415 - a server is what few have

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def ready(_: web.Request) -> web.Response:
        wrong = await watched.health.wrong()
        return web.json_response(
            {check: said or "ok" for check, said in wrong.items()}, status=503 if any(wrong.values()) else 200
        )

    async def metrics(_: web.Request) -> web.Response:
        assert watched.metrics is not None  # noqa: S101 - only then is there such a route
        return web.Response(body=watched.metrics.text(), headers={"Content-Type": watched.metrics.content_type})

    routes: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {"/healthz": alive, "/readyz": ready}
    if with_metrics:
        routes["/metrics"] = metrics
    app = web.Application()
    for path, answer in routes.items():
        app.router.add_get(path, answer)
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    host, port = address or ("", 0)
    try:
        await web.TCPSite(runner, host or None, port, shutdown_timeout=1).start()
    except OSError as error:
        raise ConfigurationError(f"{name}: can't listen on {host}:{port}: {error.strerror}.") from None
    log.info("%s answers at %s:%s", " and ".join(routes), host or "*", port)
