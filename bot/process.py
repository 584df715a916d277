"""The running bot: every resource opened in one place, and ended in the right order."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot import i18n, joining
from bot.api.catalogue import ModelCatalogue
from bot.api.client import OneKeyClient
from bot.api.session import build_session
from bot.aside import Aside
from bot.background import growing_waits, happens
from bot.cards.confirm import Drafts
from bot.cards.deliverer import CardDeliverer
from bot.cards.notices import Notices
from bot.cards.redraw import catch_up
from bot.client import OneKeyBot
from bot.connecting import NOT_GRANTED, connect, use_discord_at
from bot.environment import Environment, misspelt
from bot.errors import ConfigurationError, KeyRefused, NotAnApi
from bot.gateway import steady_the_gateway
from bot.generation.files.fetching import ResultFetcher
from bot.generation.files.result_files import ResultFiles
from bot.generation.ordering.orders import Orders
from bot.generation.ordering.videos import Videos
from bot.generation.pace import Limits, Pacer
from bot.generation.pauses import Pauses
from bot.generation.work.claims import Claims
from bot.generation.work.polling import Polling
from bot.generation.work.posts import Posts
from bot.generation.work.progress import Progress
from bot.generation.work.screening import Screen
from bot.generation.work.worker import Worker
from bot.kit import answer_headers, responses
from bot.kit.attachments import Attachments
from bot.kit.bot import led
from bot.kit.channel_limits import ChannelLimits, wake_the_library
from bot.kit.coalesced_edits import CoalescedEdits
from bot.kit.cog import features
from bot.kit.own_choices import Choices
from bot.kit.own_token import OwnToken
from bot.kit.owner_alerts import OwnerAlerts
from bot.kit.partial_objects import read_partial_objects
from bot.kit.posting import Posting
from bot.kit.threads import OpenThreads
from bot.kit.token_limits import TokenLimits
from bot.kit.typing import Typing
from bot.logs import start_log
from bot.monitoring.health import of_database, of_gateway, of_orders
from bot.monitoring.server import Monitoring, monitoring
from bot.orders import cost_rows
from bot.orders.beside import Beside
from bot.orders.cost_log import CostLog
from bot.orders.moderation import Moderation
from bot.orders.money import Money
from bot.store.address import PostgresqlAddress, parse
from bot.store.database import Database, StoreUnavailable
from bot.store.failures import LeaseLost
from bot.store.opening import open_database
from bot.store.remembered import Remembered
from bot.store.signals import Signals

if TYPE_CHECKING:
    from bot.store.membership import Membership

log = logging.getLogger(__name__)

POSTS_IN_FLIGHT = 64
HANDED_OVER_SECONDS = 20.0
"""For what is under way at SIGTERM, where other processes have the servers meanwhile and nobody waits for this one."""
LAST_NOTES_SECONDS = 1.0


async def serve(
    environment: Environment, stop: asyncio.Event, *, cogs: Sequence[str], stop_seconds: float, worker: bool = False
) -> None:
    """Run until `stop` is set or Discord closes the door for good.

    `worker`: make what was ordered, and leave Discord's gateway to others. LeaseLost: others have this one's work.
    """
    if worker and not environment.is_shared:
        raise ConfigurationError("run --worker works beside others: set DATABASE_URL to PostgreSQL, and SHARD_COUNT.")
    start_log(level=environment.log_level, form=environment.log_format, secrets=_secrets(environment))
    for name, said in misspelt().items():
        log.warning("%s %s", name, said)
    _prepare(environment)
    async with AsyncExitStack() as stack:
        watched = await stack.enter_async_context(monitoring(environment))
        if (database := await _open(stack, environment, stop)) is not None:
            held = database.hold_alone()
            if environment.is_shared:
                # What is imported and read holds up the loop, and a lease does not wait for it.
                for name in cogs:
                    importlib.import_module(name)
                i18n.load()
                held = database.share("worker" if worker else "run")
            membership = None
            try:
                membership = await stack.enter_async_context(held)
                await _serve(environment, database, membership, watched, stop, cogs=cogs, stop_seconds=stop_seconds)
            except LeaseLost:
                raise LeaseLost(starting=membership is None or not membership.works) from None


async def _open(stack: AsyncExitStack, environment: Environment, stop: asyncio.Event) -> Database | None:
    """The database; a server that isn't there yet is waited for. None: the process is to end before."""
    for wait in growing_waits():
        if stop.is_set():
            break
        try:
            opening = open_database(environment.database, copies=environment.data_dir, shared=environment.is_shared)
            return await stack.enter_async_context(opening)
        except StoreUnavailable as error:
            log.warning("the database can't be had, trying again in %.0f s: %s", wait, error)
        await happens(stop, within=wait)
    return None


async def _serve(
    environment: Environment,
    database: Database,
    membership: Membership | None,
    watched: Monitoring,
    stop: asyncio.Event,
    *,
    cogs: Sequence[str],
    stop_seconds: float,
) -> None:
    traces = joining.fences(membership)
    if watched.metrics is not None:
        traces.append(watched.metrics.api_trace())
    # Discord's files come from there too, where it is not Discord itself.
    elsewhere = [environment.discord_api_url] if environment.discord_api_url else []
    async with (
        build_session(*traces) as session,
        ResultFetcher(
            api_base_url=environment.onekey_base_url,
            api_key=environment.onekey_api_key,
            trusted=elsewhere,
            allow_private=environment.allow_private_urls,
        ) as fetcher,
    ):
        api = OneKeyClient(
            session,
            base_url=environment.onekey_base_url,
            api_key=environment.onekey_api_key,
            memory=Remembered(database),
        )

        lease = None if membership is None else asyncio.create_task(membership.run())

        async def run(granted: Environment) -> None:
            token_limits, channel_limits = TokenLimits(), ChannelLimits()
            own_token = OwnToken(shared=None if membership is None else joining.SharedPace(database))
            trace = token_limits.trace()
            answer_headers.watch(trace)
            own_token.pace(trace)
            channel_limits.watch(trace)
            responses.watch(trace)
            if watched.metrics is not None:
                watched.metrics.watch_discord(trace)
            worker = membership is not None and membership.kind == "worker"
            bot = OneKeyBot(granted, cogs=cogs, http_trace=trace, gateway=not worker)
            bot.keep(Signals(database))
            if membership is None:
                bot.stopping = stop
            else:
                joining.fence(membership, trace)
                bot.share = bot.sharding = joining.share(bot, granted, database, membership)
            _open_engine(bot, granted, database, api, fetcher, own_token)
            bot.keep(token_limits)
            bot.keep(Attachments(session, trusted=elsewhere))
            bot.keep(channel_limits)
            _watch(bot, database, watched, gateway=not worker)
            async with bot:
                await _until(
                    stop,
                    asyncio.create_task(connect(bot, granted, gateway=not worker)),
                    asyncio.create_task(_keep_models(bot.the(ModelCatalogue), api.base_url, database)),
                    lease=lease,
                )
                log.info("stopping")
                await bot.share.leave()
                bot.stopping.set()
                seconds = HANDED_OVER_SECONDS if membership is not None and membership.others() else stop_seconds
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(seconds + 1):
                        await _end(bot, seconds)

        try:
            await run(environment)
        except discord.PrivilegedIntentsRequired:
            # The one that is asked for. The library has ended with this connection for good.
            log.error(NOT_GRANTED)  # noqa: TRY400 - no fault of the program
            await run(replace(environment, message_content=False))
        finally:
            if lease is not None:
                lease.cancel()


def _open_engine(  # noqa: PLR0917 - what is opened outside, in order
    bot: OneKeyBot,
    environment: Environment,
    database: Database,
    api: OneKeyClient,
    fetcher: ResultFetcher,
    own_token: OwnToken,
) -> None:
    """What every feature may reach by its type. A feature opens its own in its cog."""
    keep = bot.keep
    for opened in (database, api, own_token, Drafts(), OpenThreads(), Aside()):
        keep(opened)
    money = keep(Money(environment))
    orders = keep(Orders(database, keep(ModelCatalogue(api, environment.default_models)), environment, money))
    alerts = keep(OwnerAlerts(bot))
    coalesced = keep(CoalescedEdits(bot, own_token))
    keep(Typing(bot))
    deliverer = keep(CardDeliverer(bot, database, orders, alerts, environment.data_dir, own_token))
    told = Notices(bot, database, Posting(bot, own_token))
    keep(Videos(orders, api))
    limits = Limits()
    result_files = ResultFiles(
        database=database,
        fetcher=fetcher,
        api_base_url=api.base_url,
        data_dir=environment.data_dir,
        limits=limits,
    )
    pauses = keep(Pauses(database))
    progress = keep(Progress(database=database, deliverer=deliverer, limits=limits, pauses=pauses, tell=told.tell))
    moderation = keep(Moderation(api, Beside(database, money)))
    worker = Worker(
        progress=progress,
        client=api,
        polling=Polling(client=api, pacer=Pacer(environment.video_poll_seconds), progress=progress),
        result_files=keep(result_files),
        posts=Posts(POSTS_IN_FLIGHT),
        screen=Screen(database=database, moderation=moderation, data_dir=environment.data_dir),
        money=money,
    )
    claims = keep(Claims(database, keep(worker), bot.share))
    claims.listen(bot.the(Signals))
    choices = keep(Choices(database))
    choices.listen(bot.the(Signals))
    bot.background += [choices.load, claims.run, led(bot, partial(catch_up, database, deliverer, coalesced))]
    bot.background.append(led(bot, CostLog(api, database, money, moderation).run))
    bot.background.append(led(bot, told.catch_up))
    if money.budget is not None:
        bot.background.append(partial(money.book.run, api, database))


def _watch(bot: OneKeyBot, database: Database, watched: Monitoring, *, gateway: bool) -> None:
    """From now on /readyz says how all of it is; and what is measured is."""
    watched.health.checks = {
        **({"gateway": of_gateway(bot)} if gateway else {}),
        "database": of_database(database),
        "orders": of_orders(bot.the(Claims)),
    }
    if watched.metrics is not None:
        watched.metrics.watch_database(database)
        budget = bot.the(Money).budget
        bot.background.append(partial(watched.metrics.run, bot, database, watched.health, budget))


async def _end(bot: OneKeyBot, seconds: float) -> None:
    """What people wait for comes to an end; then what is still to be told."""
    loaded = list(features(bot))
    ended = await asyncio.gather(
        bot.the(Claims).stop(seconds), *(feature.finish(seconds) for feature in loaded), return_exceptions=True
    )
    for error in ended:
        if isinstance(error, Exception):
            log.error("not everything could be ended in order: %s", error)
    last_words = (feature.last_words(LAST_NOTES_SECONDS) for feature in loaded)
    await asyncio.gather(bot.the(CoalescedEdits).finish(LAST_NOTES_SECONDS), *last_words)


def _prepare(environment: Environment) -> None:
    try:
        environment.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"DATA_DIR can't be used: {error.strerror} ({environment.data_dir}).") from None
    use_discord_at(environment.discord_api_url)
    steady_the_gateway()
    wake_the_library()
    read_partial_objects()
    # There is no voice here to miss the libraries of.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def _secrets(environment: Environment) -> list[str]:
    """What must never be read in a log; of DATABASE_URL its password, too."""
    given = [environment.discord_token, environment.onekey_api_key, environment.database_url]
    address = parse(environment.database)
    return given + list(address.secrets if isinstance(address, PostgresqlAddress) else ())


async def _until(stop: asyncio.Event, *tasks: asyncio.Task[None], lease: asyncio.Task[None] | None = None) -> None:
    """Wait for `stop`, or for the first task that fails or says that all is over. `lease` goes on after it."""
    stopped = asyncio.create_task(stop.wait())
    waiting: set[asyncio.Task[bool] | asyncio.Task[None]] = {stopped, *tasks, *([lease] if lease else [])}
    try:
        while stopped in waiting and tasks[0] in waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        for task in (stopped, *tasks[1:]):
            task.cancel()
        if not stop.is_set():
            tasks[0].cancel()


async def _keep_models(catalogue: ModelCatalogue, base_url: str, database: Database) -> None:
    """Keep the list of models. A base URL that leads to a website, or a key that is refused before it was ever used,
    is found out at the start, not at the first use.
    """
    try:
        for wait in growing_waits():
            try:
                await catalogue.run()
            except KeyRefused:
                if not await database.run(cost_rows.is_old):
                    raise
                # It worked once: what was made is delivered all the same, and the service may be what is wrong.
                log.error("the service rejects ONEKEY_API_KEY, asking again in %.0f s: see your account", wait)  # noqa: TRY400 - expected
            await asyncio.sleep(wait)
    except KeyRefused:
        raise ConfigurationError(
            f"The service rejected ONEKEY_API_KEY ({base_url}): see your OneKeyModel account → API keys."
        ) from None
    except NotAnApi:
        raise ConfigurationError(
            f"ONEKEY_BASE_URL returned a web page instead of an API ({base_url}): see your account's API page."
        ) from None
