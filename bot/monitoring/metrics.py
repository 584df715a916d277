"""Figures for Prometheus. Imported only where METRICS is set: with its server it takes some 3 MiB.

What the log has a line of (`event=` in its fields) is counted by that line; what is too frequent for a line, where it
happens. No label holds an id of a person or place, or anything that somebody wrote.
"""

from __future__ import annotations

import asyncio
import logging
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

import aiohttp
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from bot.money import MICRO
from bot.monitoring.rows import measure
from bot.store.database import Database, StoreUnavailable
from bot.store.schema import DAILY_KINDS, KINDS, LIVE_STATES

if TYPE_CHECKING:
    from bot.kit.bot import Bot
    from bot.money import Budget
    from bot.monitoring.health import Health

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 15.0
LAG_SECONDS: Final = 1.0
_QUICK: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_SHORT: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0)
_LONG: Final = (1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)


class Metrics(logging.Handler):
    """All figures of this process. A handler of the log, too: `listen` has it hear the lines that are counted."""

    content_type: Final = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)

        def counter(name: str, said: str, *labels: str) -> Counter:
            return Counter(f"onekeybot_{name}", said, labels, registry=registry)

        def gauge(name: str, said: str, *labels: str) -> Gauge:
            return Gauge(f"onekeybot_{name}", said, labels, registry=registry)

        def seconds(name: str, said: str, *labels: str, buckets: tuple[float, ...] = _SHORT) -> Histogram:
            return Histogram(f"onekeybot_{name}_seconds", said, labels, registry=registry, buckets=buckets)

        self._ordered = counter("orders", "Orders by command.", "kind")
        self._states = counter("generation_states", "States that images and videos came to.", "kind", "state")
        self._made = seconds("generation", "From sending an order to its delivery.", "kind", buckets=_LONG)
        self._live = gauge("generations", "Images and videos under way; queued: those that wait.", "kind", "state")
        self._answered = counter("answers", "Questions that are over, by how they ended.", "outcome")
        self._first = seconds("answer_first_text", "From a question to the first text of its answer on Discord.")
        self._lag = seconds("answer_last_text_lag", "From the model's last word until it stands on Discord.")
        self._requests = counter("api_requests", "Requests to the service, by route and result.", "route", "result")
        self._request = seconds("api_request", "Until the service began to answer.", "route", buckets=_LONG)
        self._discord = counter("discord_requests", "Requests to Discord, by their status.", "status")
        self._limited = counter("discord_rate_limited", "Answers 429 of Discord, by what was exceeded.", "scope")
        self._latency = gauge("gateway_latency_seconds", "Of each shard's last heartbeat.", "shard")
        self._servers = gauge("servers", "Servers that this process is connected for.")
        self._late = seconds("event_loop_lag", "How late the loop comes to what is due.", buckets=_QUICK)
        self._database = seconds("database_transaction", "Of each transaction, its wait included.", buckets=_QUICK)
        self._ready = gauge("ready", "Whether /readyz says that it works.")
        self._cost = gauge("cost_today", "What today's orders (UTC) cost, in the account's unit.", "kind")
        self._budget = gauge("budget", "The owner's budget of this period: limit, spent and reserved.", "part")

    def text(self) -> bytes:
        """All of them, as Prometheus reads it."""
        return generate_latest(self.registry)

    def listen(self) -> None:
        """Hear the log's lines of INFO, also where only what is worse is written."""
        root = logging.getLogger()
        for handler in root.handlers:
            handler.setLevel(root.level)
        for name in ("bot", "cogs"):
            logging.getLogger(name).setLevel(min(logging.INFO, root.level))
        root.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Count the line, if it is one of those."""
        said = vars(record)
        match said.get("event"):
            case "ordered":
                self._ordered.labels(said["kind"]).inc()
            case "state":
                self._states.labels(said["kind"], said["state"]).inc()
                if said["state"] == "delivered" and said["milliseconds"] is not None:
                    self._made.labels(said["kind"]).observe(said["milliseconds"] / 1000)
            case "answered":
                self._answered.labels(said["reason"]).inc()
                for histogram, name in ((self._first, "first_text"), (self._lag, "lag")):
                    if said[name] is not None:
                        histogram.observe(said[name] / 1000)
            case _:
                pass

    def api_trace(self) -> aiohttp.TraceConfig:
        """For the session that the service is asked with; what has no route there goes elsewhere."""
        trace = aiohttp.TraceConfig()

        async def starts(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
            context.began = time.monotonic()

        def over(context: SimpleNamespace, result: str) -> None:
            if (route := context.trace_request_ctx) is not None:
                self._requests.labels(route, result).inc()
                self._request.labels(route).observe(time.monotonic() - context.began)

        async def ends(_: aiohttp.ClientSession, context: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
            status = end.response.status
            over(context, str(status) if status in {401, 402, 404, 429} else f"{status // 100}xx")

        async def fails(
            _: aiohttp.ClientSession, context: SimpleNamespace, end: aiohttp.TraceRequestExceptionParams
        ) -> None:
            if not isinstance(end.exception, asyncio.CancelledError):
                over(context, "timeout" if isinstance(end.exception, TimeoutError) else "unreachable")

        trace.on_request_start.append(starts)
        trace.on_request_end.append(ends)
        trace.on_request_exception.append(fails)
        return trace

    def watch_discord(self, trace: aiohttp.TraceConfig) -> None:
        """Count what is asked by the session that `trace` belongs to."""

        async def ends(_: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
            status = end.response.status
            self._discord.labels(str(status)).inc()
            if status == 429:
                scope = end.response.headers.get("X-RateLimit-Scope", "")
                self._limited.labels(scope if scope in {"user", "global", "shared"} else "other").inc()

        trace.on_request_end.append(ends)

    def watch_database(self, database: Database) -> None:
        """Time its transactions."""
        database.watch = self._database.observe

    async def run(self, bot: Bot, database: Database, health: Health, budget: Budget | None) -> None:
        """Look at what nobody tells of, for as long as the process lives."""
        looked = -LOOK_SECONDS
        while True:
            due = time.monotonic() + LAG_SECONDS
            await asyncio.sleep(LAG_SECONDS)
            self._late.observe(max(0.0, time.monotonic() - due))
            if time.monotonic() - looked >= LOOK_SECONDS:
                looked = time.monotonic()
                self._look_at(bot)
                self._ready.set(not any((await health.wrong()).values()))
                try:
                    await self._read(database, budget)
                except StoreUnavailable as error:
                    log.info("the database could not be measured: %s", error)

    def _look_at(self, bot: Bot) -> None:
        self._servers.set(len(bot.guilds))
        self._latency.clear()
        for shard, latency in bot.latencies:
            self._latency.labels(str(shard)).set(latency)

    async def _read(self, database: Database, budget: Budget | None) -> None:
        now = time.time()
        found = await database.run(measure, budget, now=now)
        for kind in KINDS:
            for state in LIVE_STATES:
                self._live.labels(kind, state).set(found.live.get((kind, state), 0))
        for kind in DAILY_KINDS:
            self._cost.labels(kind).set(found.cost.get(kind, 0) / MICRO)
        if budget is not None and found.spending is not None:
            parts = {"limit": budget.limit, "spent": found.spending.spent, "reserved": found.spending.reserved}
            for part, amount in parts.items():
                self._budget.labels(part).set(amount / MICRO)
