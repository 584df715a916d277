"""What a bot looks up: itself, its application, people, members, channels. And a direct message, opened."""

from __future__ import annotations

from sandbox.discord import errors, payloads
from sandbox.discord.models import DM, Guild
from sandbox.discord.permissions import Permission
from sandbox.discord.pipeline import Answer, Call, Route


async def me(call: Call) -> Answer:
    return Answer(payloads.user(call.state.application.bot) | {"email": None, "verified": True, "mfa_enabled": False})


async def application(call: Call) -> Answer:
    state = call.state
    installed = sum(guild.app_installed for guild in state.guilds.values())
    return Answer(payloads.application(state.application, installed))


async def user(call: Call) -> Answer:
    who = call.state.users.get(call.id("user"))
    if who is None:
        raise errors.unknown_user()
    return Answer(payloads.user(who))


async def guilds(call: Call) -> Answer:
    """The bot's servers, each with what it may do there, channels aside."""
    state = call.state
    mine = [each for each in state.guilds.values() if each.app_installed]
    return Answer([payloads.own_guild(each, each.members[state.application.bot.id]) for each in mine])


async def guild(call: Call) -> Answer:
    return Answer(payloads.guild(guild_of(call)))


async def member(call: Call) -> Answer:
    which = guild_of(call)
    who = which.members.get(call.id("user"))
    if who is None:
        raise errors.unknown_member() if call.id("user") in call.state.users else errors.unknown_user()
    return Answer(payloads.member(which, who))


def guild_of(call: Call) -> Guild:
    """The server of the path. Raises: 10004, also where the bot is not in it."""
    which = call.state.guilds.get(call.id("guild"))
    if which is None or not which.app_installed:
        raise errors.unknown_guild()
    return which


async def channel(call: Call) -> Answer:
    which = call.state.channels.get(call.id("channel"))
    if which is None:
        raise errors.unknown_channel()
    bot = call.state.application.bot
    hidden = not call.state.permissions(which, bot) & Permission.VIEW_CHANNEL
    if hidden or (which.guild_id is None and which.type != DM):
        raise errors.missing_access()
    return Answer(payloads.thread(which, bot.id))


async def create_dm(call: Call) -> Answer:
    """Opening a DM always works; whether one may write there shows on sending (50007)."""
    recipient = str(call.body.form.get("recipient_id", ""))
    who = call.state.users.get(int(recipient)) if recipient.isdigit() else None
    if who is None:
        raise errors.form_error(("recipient_id",), "INVALID_RECIPIENT", "Invalid Recipient(s)")
    if who.bot:
        raise errors.cannot_send_to_user()
    return Answer(payloads.channel(call.state.dm(who)))


ROUTES = (
    Route("GET", "/channels/{channel}", channel, resource=("channel",)),
    Route("GET", "/users/@me", me),
    Route("GET", "/users/@me/guilds", guilds),
    Route("GET", "/applications/@me", application),
    Route("GET", "/oauth2/applications/@me", application),
    Route("POST", "/users/@me/channels", create_dm, "dm.create"),
    Route("GET", "/users/{user}", user),
    Route("GET", "/guilds/{guild}", guild, resource=("guild",)),
    Route("GET", "/guilds/{guild}/members/{user}", member, resource=("guild",)),
)
