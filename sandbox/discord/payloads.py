"""The JSON shapes of what exists, as Discord's API reference gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import permissions
from sandbox.discord.models import (
    COMPONENTS_V2,
    DM,
    GROUP_DM,
    HAS_THREAD,
    MESSAGE_CONTENT,
    PRIVATE_THREAD,
    THREAD_CREATED,
    THREAD_STARTER,
    walk,
)
from sandbox.discord.snowflakes import moment

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.discord.models import Application, Attachment, Channel, Guild, Json, Member, Message, Role, User


MESSAGE_CONTENT_LIMITED = 1 << 19


def timestamp(when: datetime) -> str:
    return when.isoformat(timespec="microseconds")


def user(who: User) -> Json:
    return {
        "id": str(who.id),
        "username": who.name,
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        "bot": who.bot,
        "public_flags": 0,
    }


def member(guild: Guild, who: Member, *, channel: Channel | None = None, with_user: bool = True) -> Json:
    """A guild member; with `channel`, as an interaction carries it (with `permissions`)."""
    made: Json = {
        "nick": None,
        "avatar": None,
        "roles": [str(role_id) for role_id in who.role_ids],
        "joined_at": timestamp(who.joined_at),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }
    if with_user:
        made["user"] = user(who.user)
    if channel is not None:
        made["permissions"] = str(int(permissions.in_channel(guild, channel, who)))
    return made


def role(which: Role, *, everyone: bool) -> Json:
    return {
        "id": str(which.id),
        "name": which.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": 0 if everyone else 1,
        "permissions": str(int(which.permissions)),
        "managed": False,
        "mentionable": which.mentionable,
        "flags": 0,
    }


def channel(which: Channel) -> Json:
    last = which.last_message_id
    made: Json = {
        "id": str(which.id),
        "type": which.type,
        "flags": 0,
        "last_message_id": None if last is None else str(last),
    }
    if which.type in (DM, GROUP_DM):
        made["recipients"] = [user(who) for who in which.recipients]
        if which.type == GROUP_DM:
            made |= {"name": which.name, "icon": None, "owner_id": str(which.owner_id)}
        return made
    made |= {
        "guild_id": str(which.guild_id),
        "name": which.name,
        "parent_id": None if which.parent_id is None else str(which.parent_id),
        "rate_limit_per_user": 0,
    }
    if which.is_thread:
        # What a thread began with does not count.
        counted = [each for each in which.messages.values() if each.id != which.id and each.type != THREAD_STARTER]
        made |= {
            "owner_id": str(which.owner_id),
            "message_count": sum(not each.deleted for each in counted),
            "member_count": min(len(which.joined), 50),
            "total_message_sent": len(counted),
            "thread_metadata": {
                "archived": which.archived,
                "auto_archive_duration": which.archive_minutes,
                "archive_timestamp": timestamp(which.archive_changed or moment(which.id)),
                "locked": False,
                "create_timestamp": timestamp(moment(which.id)),
            },
        }
        if which.type == PRIVATE_THREAD:
            made["thread_metadata"]["invitable"] = True
        return made
    made |= {
        "position": which.position,
        "nsfw": which.nsfw,
        "topic": None,
        "permission_overwrites": [
            {
                "id": str(entry.target_id),
                "type": int(entry.is_member),
                "allow": str(int(entry.allow)),
                "deny": str(int(entry.deny)),
            }
            for entry in which.overwrites.values()
        ],
    }
    return made


def partial_channel(where: Channel, guild: Guild | None, who: Member | None) -> Json:
    """A channel as an interaction carries it, with the invoking person's permissions."""
    made = channel(where)
    if guild is not None and who is not None:
        made["permissions"] = str(int(permissions.in_channel(guild, where, who)))
    return made


def picked_channel(where: Channel, guild: Guild | None, who: Member | None, bot: Member | None) -> Json:
    """A channel that a person picked for an option or in a menu: without overwrites, with the bot's permissions too."""
    made = partial_channel(where, guild, who)
    made.pop("permission_overwrites", None)
    if guild is not None and bot is not None:
        made["app_permissions"] = str(int(permissions.in_channel(guild, where, bot)))
    return made


def thread_member(thread: Channel, user_id: int) -> Json:
    return {
        "id": str(thread.id),
        "user_id": str(user_id),
        "join_timestamp": timestamp(thread.joined[user_id]),
        "flags": 0,
    }


def thread(which: Channel, me: int) -> Json:
    """A thread with the `member` of whoever asks, if they are in it (GET /channels/{id}, GUILD_CREATE, answers)."""
    return channel(which) | ({"member": thread_member(which, me)} if me in which.joined else {})


def deleted_thread(which: Channel) -> Json:
    """The THREAD_DELETE event."""
    return {
        "id": str(which.id),
        "guild_id": str(which.guild_id),
        "parent_id": str(which.parent_id),
        "type": which.type,
    }


def guild(which: Guild) -> Json:
    """GET /guilds/{id}."""
    return {
        "id": str(which.id),
        "name": which.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "owner_id": str(which.owner_id),
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": [role(each, everyone=each.id == which.id) for each in which.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "max_members": 500000,
        "vanity_url_code": None,
        "premium_tier": which.boost_tier,
        "premium_subscription_count": (0, 2, 7, 14)[which.boost_tier],
        "preferred_locale": which.locale,
        "nsfw_level": 0,
        "premium_progress_bar_enabled": False,
    }


def command_permissions(which: Guild, command_id: int, app: Application) -> Json:
    """Who may use a command in a server, as its managers set it."""
    return {
        "id": str(command_id),
        "application_id": str(app.id),
        "guild_id": str(which.id),
        "permissions": which.command_permissions[command_id],
    }


def own_guild(which: Guild, me: Member) -> Json:
    """One of GET /users/@me/guilds."""
    return {
        "id": str(which.id),
        "name": which.name,
        "icon": None,
        "banner": None,
        "owner": False,
        "permissions": str(int(permissions.in_guild(which, me))),
        "features": [],
    }


def guild_create(which: Guild, bot: User, *, all_members: bool) -> Json:
    """The GUILD_CREATE event: the bot's own member, or every one with the members intent."""
    shown = which.members.values() if all_members else [which.members[bot.id]]
    me = which.members[bot.id]
    visible = [each for each in which.channels.values() if each.is_thread and can_see(which, each, me)]
    return guild(which) | {
        "joined_at": timestamp(me.joined_at),
        "large": len(which.members) > 250,
        "unavailable": False,
        "member_count": len(which.members),
        "voice_states": [],
        "members": [member(which, each) for each in shown],
        # A bot is told of channels it can't see; of threads only those it can.
        "channels": [channel(each) for each in which.channels.values() if not each.is_thread],
        "threads": [thread(each, bot.id) for each in visible if not each.archived],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def can_see(where: Guild, which: Channel, who: Member) -> bool:
    return bool(permissions.in_channel(where, which, who) & permissions.Permission.VIEW_CHANNEL)


def attachment(which: Attachment) -> Json:
    made: Json = {
        "id": str(which.id),
        "filename": which.filename,
        "size": which.size,
        "url": which.url,
        "proxy_url": which.url,
        "content_type": which.content_type,
    }
    if which.description is not None:
        made["description"] = which.description
    if which.width is not None:
        made |= {"width": which.width, "height": which.height}
    if which.ephemeral:
        made["ephemeral"] = True
    return made


def message(which: Message, guild: Guild | None) -> Json:
    """A message object.

    A Components V2 message leaves out of `attachments` what its components show (discord-api-docs #8277: intended).
    """
    shown_in_components: set[str] = set()
    if which.flags & COMPONENTS_V2:
        shown_in_components = shown_attachments(which.components)
    made: Json = {
        "id": str(which.id),
        "channel_id": str(which.channel.id),
        "type": which.type,
        "author": user(which.author),
        "content": which.content,
        "timestamp": timestamp(moment(which.id)),
        "edited_timestamp": None if which.edited_at is None else timestamp(which.edited_at),
        "tts": False,
        "mention_everyone": which.mention_everyone,
        "mentions": [user(who) for who in which.mentions],
        "mention_roles": [str(role_id) for role_id in which.mention_role_ids],
        "attachments": [attachment(each) for each in which.attachments if str(each.id) not in shown_in_components],
        "embeds": which.embeds,
        "components": which.components,
        "pinned": False,
        "flags": which.flags,
    }
    if which.reactions:
        made["reactions"] = [
            {"emoji": {"id": None, "name": emoji}, "count": len(who), "me": any(each.bot for each in who)}
            for emoji, who in which.reactions.items()
        ]
    begun = None if guild is None else guild.channels.get(which.id)
    if begun is not None and begun.parent_id == which.channel.id:
        made |= {"thread": channel(begun), "flags": which.flags | HAS_THREAD}
    if which.started is not None:
        made["message_reference"] = _start_reference(which, which.started)
    if which.nonce is not None:
        made["nonce"] = which.nonce
    if which.application_id is not None:
        made["application_id"] = str(which.application_id)
    if which.webhook_id is not None:
        made["webhook_id"] = str(which.webhook_id)
    if which.interaction is not None:
        made["interaction_metadata"] = which.interaction
    if which.reference is not None:
        target = which.reference
        made["message_reference"] = {
            "type": 0,
            "channel_id": str(target.channel.id),
            "message_id": str(target.id),
        }
        if target.channel.guild_id is not None:
            made["message_reference"]["guild_id"] = str(target.channel.guild_id)
        if target.deleted:
            made["referenced_message"] = None
        elif target.reference is None:
            made["referenced_message"] = message(target, guild)
        else:
            made["referenced_message"] = {
                key: value
                for key, value in message(target, guild).items()
                if key not in ("referenced_message", "message_reference")
            }
    return made


def blanked(made: Json, which: Message, bot: User) -> Json:
    """A message object as it comes without the message content intent, over the gateway and REST alike.

    Source: Discord's "Message Content Intent" and its FAQ.
    """
    if which.reference is not None and made.get("referenced_message"):
        made = made | {"referenced_message": blanked(made["referenced_message"], which.reference, bot)}
    if which.author is bot or which.channel.type == DM:
        return made
    # A ping by a reply does not count where it answers a command's or a press's answer.
    answers_use = which.reference is not None and which.reference.interaction is not None
    if bot in which.mentions and (bot.mention in which.content or not answers_use):
        return made
    return made | {"content": "", "embeds": [], "attachments": [], "components": []}


def _start_reference(which: Message, started: Channel) -> Json:
    """Type 18 refers to the thread; type 21, in the thread, to the message that it began from."""
    place = started.id if which.type == THREAD_CREATED else started.parent_id
    made: Json = {"type": 0, "channel_id": str(place), "guild_id": str(started.guild_id)}
    return made if which.type == THREAD_CREATED else made | {"message_id": str(started.id)}


def shown_attachments(components: list[Json]) -> set[str]:
    """Ids of the attachments that components show."""
    ids: set[str] = set()
    for part in walk(components):
        kind = part["type"]
        media: list[Json] = []
        if kind == 11:
            media = [part["media"]]
        elif kind == 12:
            media = [item["media"] for item in part["items"]]
        elif kind == 13:
            media = [part["file"]]
        ids.update(str(each["attachment_id"]) for each in media if "attachment_id" in each)
    return ids


def application_flags(app: Application) -> int:
    """Which privileged intents the portal grants, as flags of an application in fewer than 100 servers."""
    return MESSAGE_CONTENT_LIMITED if app.intents & MESSAGE_CONTENT else 0


def application(app: Application, guild_count: int) -> Json:
    install = {
        "0": {"oauth2_install_params": {"scopes": ["applications.commands", "bot"], "permissions": "0"}},
        "1": {"oauth2_install_params": {"scopes": ["applications.commands"], "permissions": "0"}},
    }
    return {
        "id": str(app.id),
        "name": app.name,
        "icon": None,
        "description": "",
        "summary": "",
        "rpc_origins": [],
        "bot_public": True,
        "bot_require_code_grant": False,
        "bot": user(app.bot),
        "owner": user(app.owner),
        "verify_key": "0" * 64,
        "team": None,
        "flags": application_flags(app),
        "tags": [],
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": guild_count,
        "approximate_user_install_count": 0,
        "integration_types_config": install,
    }
