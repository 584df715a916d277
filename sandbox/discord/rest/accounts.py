"""Who the bot is: its user, its application, the gateway's address, people and servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors, payloads
from sandbox.discord.permissions import in_guild
from sandbox.discord.pipeline import Answer, Call, Route

if TYPE_CHECKING:
    from sandbox.discord.models import Guild


async def me(call: Call) -> Answer:
    return Answer(payloads.user(call.state.application.bot) | {"email": None, "verified": True, "mfa_enabled": False})


async def application(call: Call) -> Answer:
    state = call.state
    installed = sum(guild.app_installed for guild in state.guilds.values())
    return Answer(payloads.application(state.application, installed))


async def my_guilds(call: Call) -> Answer:
    state = call.state
    me = state.application.bot
    return Answer(
        [
            {
                "id": str(guild.id),
                "name": guild.name,
                "icon": None,
                "owner": False,
                "permissions": str(int(in_guild(guild, guild.members[me.id]))),
                "features": [],
            }
            for guild in state.guilds.values()
            if guild.app_installed
        ]
    )


async def user(call: Call) -> Answer:
    who = call.state.users.get(call.id("user"))
    if who is None:
        raise errors.unknown_user()
    return Answer(payloads.user(who))


def _guild(call: Call) -> Guild:
    which = call.state.guilds.get(call.id("guild"))
    if which is None or not which.app_installed:
        raise errors.unknown_guild()
    return which


async def guild(call: Call) -> Answer:
    which = _guild(call)
    body = payloads.guild(which)
    if call.flag("with_counts"):
        body |= {"approximate_member_count": len(which.members), "approximate_presence_count": len(which.members)}
    return Answer(body)


async def guild_channels(call: Call) -> Answer:
    which = _guild(call)
    return Answer([payloads.channel(each) for each in which.channels.values() if not each.is_thread])


async def roles(call: Call) -> Answer:
    which = _guild(call)
    return Answer([payloads.role(each, everyone=each.id == which.id) for each in which.roles.values()])


async def role(call: Call) -> Answer:
    which = _guild(call)
    found = which.roles.get(call.id("role"))
    if found is None:
        raise errors.unknown_role()
    return Answer(payloads.role(found, everyone=found.id == which.id))


async def active_threads(call: Call) -> Answer:
    which = _guild(call)
    me = which.members[call.state.application.bot.id]
    seen = [each for each in call.state.active_threads(which.id) if payloads.can_see(which, each, me)]
    mine = [payloads.thread_member(each, me.user.id) for each in seen if me.user.id in each.joined]
    return Answer({"threads": [payloads.channel(each) for each in reversed(seen)], "members": mine})


async def member(call: Call) -> Answer:
    which = _guild(call)
    who = which.members.get(call.id("user"))
    if who is None:
        raise errors.unknown_member() if call.id("user") in call.state.users else errors.unknown_user()
    return Answer(payloads.member(which, who))


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
    Route("GET", "/users/@me", me),
    Route("GET", "/users/@me/guilds", my_guilds),
    Route("GET", "/applications/@me", application),
    Route("GET", "/oauth2/applications/@me", application),
    Route("POST", "/users/@me/channels", create_dm, "dm.create"),
    Route("GET", "/users/{user}", user),
    Route("GET", "/guilds/{guild}", guild, resource=("guild",)),
    Route("GET", "/guilds/{guild}/channels", guild_channels, resource=("guild",)),
    Route("GET", "/guilds/{guild}/roles", roles, resource=("guild",)),
    Route("GET", "/guilds/{guild}/roles/{role}", role, resource=("guild",)),
    Route("GET", "/guilds/{guild}/threads/active", active_threads, resource=("guild",)),
    Route("GET", "/guilds/{guild}/members/{user}", member, resource=("guild",)),
)
