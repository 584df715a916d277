"""Logging in and staying connected: a Discord that can't be reached is waited for, one that refuses ends all."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import aiohttp
import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.background import growing_waits
from bot.client import OneKeyBot
from bot.environment import Environment
from bot.errors import ConfigurationError
from bot.store.membership import Membership

if TYPE_CHECKING:
    from discord.types.gateway import SessionStartLimit

log = logging.getLogger(__name__)

AUTHENTICATION_FAILED = 4004
"""The gateway's close code for a token that it does not accept."""
CLOSED_FOR_GOOD = {
    4010: "the shard's number is wrong (4010)",
    4011: "the bot is in too many servers for its shards (4011)",
    4012: "the gateway's version is gone, update the bot (4012)",
    4013: "the intents are not valid (4013)",
}
"""Close codes after which the same connection would only be closed again (Discord, "Gateway Close Event Codes")."""
NOT_GRANTED = (
    "MESSAGE_CONTENT=true, but Discord doesn't grant it: switch on Message Content Intent in the developer "
    "portal → your application → Bot, then restart. Until then the bot reads only what mentions it."
)
_UNREADABLE = (TimeoutError, KeyError, TypeError, ValueError, IndexError, AttributeError)
"""What the library ends with on an answer of Discord, or of a wall before it, that it can't read."""


def use_discord_at(api_url: str | None) -> None:
    """Send Discord's REST calls to `api_url`; None leaves discord.py's own seam as it stands."""
    if api_url:
        Route.BASE = api_url


async def connect(bot: OneKeyBot, environment: Environment, *, gateway: bool) -> None:
    """Log in and stay connected; what the owner must mend is one line, not a stack trace.

    Without `gateway` it is all that REST takes, for as long as the process lives.
    """
    portal = "see Discord's developer portal → your application → Bot"
    try:
        await _log_in(bot, environment.discord_token)
        if not gateway:
            bot._ready.set()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - there are no servers to wait for
            bot.the(Membership).works = True
            log.info("ready to work on what was ordered")
            await asyncio.Event().wait()
        _without_refused_intents(bot)
        if environment.discord_api_url:
            # After a session that can't be resumed the library goes to its default gateway, not to the proxy's.
            _keep_gateway(bot)
        await _stay_connected(bot)
    except discord.LoginFailure:
        raise ConfigurationError(f"Discord rejected DISCORD_TOKEN ({portal} → Reset Token).") from None
    except discord.PrivilegedIntentsRequired:
        if bot.intents.message_content:
            raise
        raise ConfigurationError("Discord refused the connection: the bot's intents (4014).") from None
    except discord.ConnectionClosed as error:
        if error.code in CLOSED_FOR_GOOD:
            raise ConfigurationError(f"Discord refused the connection: {CLOSED_FOR_GOOD[error.code]}.") from None
        if error.code != AUTHENTICATION_FAILED:
            raise
        raise ConfigurationError(f"Discord rejected DISCORD_TOKEN ({portal} → Reset Token).") from None


def _without_refused_intents(bot: OneKeyBot) -> None:
    """Go on without what the portal does not grant: asked for all the same, it would close the connection."""
    granted = bot.application_flags
    if bot.intents.message_content and not (granted.gateway_message_content or granted.gateway_message_content_limited):
        log.error(NOT_GRANTED)
        bot.read_without_content()


async def _log_in(bot: OneKeyBot, token: str) -> None:
    """Log in; a Discord that can't be reached is waited for, as the library does once it is connected."""
    for wait in growing_waits():
        try:
            await bot.login(token)
        except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, *_UNREADABLE, OSError) as error:
            # A wrong token is a LoginFailure. A 403 is a wall before Discord, which may go like the rest.
            if bot.extensions:
                raise  # what goes wrong in `setup_hook` is our own
            log.warning("Discord can't be reached, trying again in %.0f s: %r", wait, error)
            # Each login opens a session of its own, over a connector that goes with it.
            await bot.http.close()
            bot.http.connector = discord.utils.MISSING
            await asyncio.sleep(wait)
        else:
            return


async def _stay_connected(bot: OneKeyBot) -> None:
    """Connect and stay so. Where the gateway can't be asked for at the start, the library gives up; this waits."""
    for wait in growing_waits():
        try:
            await bot.connect()
        except (
            discord.GatewayNotFound,
            discord.HTTPException,
            discord.RateLimited,
            aiohttp.ClientError,
            *_UNREADABLE,
        ) as error:
            if bot.is_closed():
                raise
            cause = error.__cause__ or error
            if isinstance(cause, discord.HTTPException) and cause.status == 401:
                raise discord.LoginFailure from None
            log.warning("Discord's gateway can't be had, trying again in %.0f s: %r", wait, cause)
            await asyncio.sleep(wait)
        else:
            return


def _keep_gateway(bot: OneKeyBot) -> None:
    """Take the gateway that Discord names when the library asks: to ask once more would use up the route's limit."""
    ask = bot.http.get_bot_gateway

    async def ask_and_keep() -> tuple[int, str, SessionStartLimit]:
        answer = await ask()
        DiscordWebSocket.DEFAULT_GATEWAY = URL(answer[1])
        return answer

    bot.http.get_bot_gateway = ask_and_keep
