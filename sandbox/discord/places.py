"""People, servers and roles: what exists, and how the bots are told when it changes."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.discord import payloads, permissions
from sandbox.discord.models import (
    DM,
    GROUP_DM,
    Application,
    Channel,
    Guild,
    Member,
    Message,
    Role,
    User,
)
from sandbox.discord.snowflakes import Snowflakes

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sandbox.discord.models import Json

GUILDS, GUILD_MEMBERS, GUILD_MESSAGES, GUILD_TYPING = 1 << 0, 1 << 1, 1 << 9, 1 << 11
DIRECT_MESSAGES, DIRECT_TYPING = 1 << 12, 1 << 14


@dataclass(frozen=True, slots=True)
class Event:
    """Something for the gateway. `intent` 0: always sent. `message` is set where the content intent matters."""

    name: str
    data: Json
    guild_id: int | None
    intent: int = 0
    message: Message | None = None


class Places:
    """One application; any number of servers, channels and people. `sinks` get every event (the gateway is one)."""

    def __init__(self, *, application_name: str, token: str, owner: str) -> None:
        self.ids = Snowflakes()
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.sinks: list[Callable[[Event], None]] = []
        app_id = self.ids()
        bot = User(app_id, application_name, bot=True)
        self.users[app_id] = bot
        self.application = Application(app_id, application_name, self.user(owner), bot, token)

    def user(self, name: str, *, locale: str = "en-US") -> User:
        made = User(self.ids(), name, locale=locale)
        self.users[made.id] = made
        return made

    def guild(
        self,
        name: str,
        *,
        owner: User | None = None,
        locale: str = "en-US",
        boost_tier: int = 0,
        app_installed: bool = True,
        bot_permissions: int | None = None,
    ) -> Guild:
        """A server with the bot in it. `bot_permissions` None: those of @everyone."""
        keeper = owner or self.application.owner
        made = Guild(self.ids(), name, keeper.id, locale=locale, boost_tier=boost_tier, app_installed=app_installed)
        made.roles[made.id] = Role(made.id, "@everyone", permissions.EVERYONE)
        made.members[keeper.id] = Member(keeper)
        self.guilds[made.id] = made
        if app_installed:
            bot = Member(self.application.bot)
            made.members[bot.user.id] = bot
            if bot_permissions is not None:
                role = self.role(made, self.application.name, permissions=bot_permissions)
                bot.role_ids.append(role.id)
            self.announce("GUILD_CREATE", {"id": str(made.id)}, made.id, GUILDS)
        return made

    def role(self, guild: Guild, name: str, *, permissions: int = 0, mentionable: bool = False) -> Role:
        made = Role(self.ids(), name, int(permissions), mentionable)
        guild.roles[made.id] = made
        data: Json = {"guild_id": str(guild.id), "role": payloads.role(made, everyone=False)}
        self.announce("GUILD_ROLE_CREATE", data, guild.id, GUILDS)
        return made

    def set_permissions(self, guild: Guild, role: Role, permissions: int) -> None:
        with self.shown_threads(guild):
            role.permissions = int(permissions)
            data: Json = {"guild_id": str(guild.id), "role": payloads.role(role, everyone=role.id == guild.id)}
            self.announce("GUILD_ROLE_UPDATE", data, guild.id, GUILDS)

    def delete_role(self, guild: Guild, role: Role) -> None:
        """A role goes: nobody has it any more. Overwrites that name it stay, and mean nothing."""
        with self.shown_threads(guild):
            del guild.roles[role.id]
            for member in guild.members.values():
                if role.id in member.role_ids:
                    member.role_ids.remove(role.id)
            data: Json = {"guild_id": str(guild.id), "role_id": str(role.id)}
            self.announce("GUILD_ROLE_DELETE", data, guild.id, GUILDS)

    def give_role(self, guild: Guild, user: User, role: Role) -> None:
        """A member gets a role. Bots hear of it with the members intent only, of their own roles always."""
        member = guild.members[user.id]
        if role.id not in member.role_ids:
            with self.shown_threads(guild):
                member.role_ids.append(role.id)
                self._announce_member(guild, member)

    def _announce_member(self, guild: Guild, member: Member) -> None:
        data = payloads.member(guild, member) | {"guild_id": str(guild.id)}
        own = member.user is self.application.bot
        self.announce("GUILD_MEMBER_UPDATE", data, guild.id, 0 if own else GUILD_MEMBERS)

    @contextmanager
    def shown_threads(self, guild: Guild) -> Generator[None]:
        """Runs a change of permissions; threads that the bot sees from then on are told to it (THREAD_LIST_SYNC)."""
        before = self._seen_threads(guild)
        yield
        new = [each for each in self._seen_threads(guild) if each not in before]
        if new:
            data: Json = {
                "guild_id": str(guild.id),
                "channel_ids": list({str(each.parent_id) for each in new}),
                "threads": [payloads.channel(each) for each in new],
                "members": [],
            }
            self.announce("THREAD_LIST_SYNC", data, guild.id, GUILDS)

    def _seen_threads(self, guild: Guild) -> list[Channel]:
        bot = guild.members.get(self.application.bot.id)
        threads = [each for each in guild.channels.values() if each.is_thread and not each.archived]
        return [] if bot is None else [each for each in threads if payloads.can_see(guild, each, bot)]

    def join(self, guild: Guild, user: User, *, permissions: int = 0) -> Member:
        """Make a person a member; `permissions` come on top of @everyone's, by a role of their own."""
        member = guild.members.get(user.id)
        if member is None:
            member = guild.members[user.id] = Member(user)
        if permissions:
            member.role_ids.append(self.role(guild, f"{user.name}'s role", permissions=permissions).id)
        return member

    def restrict(self, guild: Guild, target: User | Role | Channel, command: str | None = None, *, allow: bool) -> None:
        """What a manager sets under Integrations: who may use a command (None: any), or where."""
        known = {each["name"]: int(each["id"]) for each in self.application.commands.values()}
        id_ = self.application.id if command is None else known[command]
        kind = 1 if isinstance(target, Role) else 2 if isinstance(target, User) else 3
        entries = guild.command_permissions.setdefault(id_, [])
        entries.append({"id": str(target.id), "type": kind, "permission": allow})
        self.announce(
            "APPLICATION_COMMAND_PERMISSIONS_UPDATE",
            payloads.command_permissions(guild, id_, self.application),
            guild.id,
            0,
        )

    def remove_bot(self, guild: Guild) -> None:
        """The application is thrown out of a server."""
        guild.app_installed = False
        guild.members.pop(self.application.bot.id, None)
        self.announce("GUILD_DELETE", {"id": str(guild.id)}, guild.id, GUILDS)

    def dm(self, user: User) -> Channel:
        """The direct messages between a person and the bot."""
        for channel in self.channels.values():
            if channel.type == DM and channel.recipients == [user]:
                return channel
        made = Channel(self.ids(), DM, None, recipients=[user])
        self.channels[made.id] = made
        return made

    def group_dm(self, name: str, *members: User) -> Channel:
        """A group of people. Bots are never in one: the application is there only as a person's own."""
        made = Channel(self.ids(), GROUP_DM, name, recipients=list(members), owner_id=members[0].id)
        self.channels[made.id] = made
        return made

    def name_of(self, some_id: int) -> str | None:
        """What a client shows for a mentioned id: "@alice", "@role", "#channel"; None for an unknown one."""
        if some_id in self.users:
            return f"@{self.users[some_id].name}"
        if some_id in self.channels:
            return f"#{self.channels[some_id].name}"
        for guild in self.guilds.values():
            if some_id in guild.roles:
                return f"@{guild.roles[some_id].name.removeprefix('@')}"
        return None

    def guild_of(self, channel: Channel) -> Guild | None:
        return None if channel.guild_id is None else self.guilds[channel.guild_id]

    def permissions(self, channel: Channel, user: User) -> int:
        """What a user may do in a channel; 0 for who is not there."""
        guild = self.guild_of(channel)
        if guild is None:
            if channel.type == DM:
                return permissions.DIRECT if user in channel.recipients or user.bot else 0
            return permissions.DIRECT if user in channel.recipients else 0
        member = guild.members.get(user.id)
        return 0 if member is None else permissions.in_channel(guild, channel, member)

    def shares_guild(self, user: User) -> bool:
        """Whether a person and the bot have a server in common."""
        return any(guild.app_installed and user.id in guild.members for guild in self.guilds.values())

    def announce(
        self, name: str, data: Json, guild_id: int | None, intent: int, message: Message | None = None
    ) -> None:
        """Tell the gateway."""
        event = Event(name, data, guild_id, intent, message)
        for sink in self.sinks:
            sink(event)
