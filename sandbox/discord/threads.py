"""Threads: begun, joined, left, archived and woken, with the events of each (Discord's "Threads" topic)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox.discord import payloads
from sandbox.discord.channels import Channels
from sandbox.discord.models import (
    ANNOUNCEMENT,
    ANNOUNCEMENT_THREAD,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
    Channel,
    User,
)
from sandbox.discord.places import GUILD_MEMBERS, GUILDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.discord.models import Json, Message

ARCHIVE_MINUTES = (60, 1440, 4320, 10080)
"""What `auto_archive_duration` may be."""


def public_kind(parent: Channel) -> int:
    """The type of a thread that everybody sees who sees its channel."""
    return ANNOUNCEMENT_THREAD if parent.type == ANNOUNCEMENT else PUBLIC_THREAD


class Threads(Channels):
    """Places and channels, and the threads in them."""

    def thread(
        self,
        parent: Channel,
        name: str,
        *,
        owner: User | None = None,
        private: bool = False,
        members: Iterable[User] = (),
        message: Message | None = None,
        archive_minutes: int = 1440,
    ) -> Channel:
        """A thread of a text channel, or the thread of a forum's post. `owner` None: the application's owner.

        `members`: who is in it beside the owner; a private one only they and moderators (Manage Threads) see.
        `message`: what it begins from; both have the same id.
        """
        guild = self._guild(parent)
        if private and parent.type != TEXT:
            msg = "private threads exist only in text channels"
            raise ValueError(msg)
        kind = PRIVATE_THREAD if private else public_kind(parent)
        keeper = owner or self.application.owner
        made_id = self.ids() if message is None else message.id
        made = Channel(made_id, kind, name, guild.id, parent_id=parent.id, owner_id=keeper.id)
        made.archive_minutes = archive_minutes
        now = datetime.now(UTC)
        made.joined = {each.id: now for each in (keeper, *members)}
        guild.channels[made.id] = self.channels[made.id] = made
        self._announce_thread("THREAD_CREATE", made, newly_created=True)
        if self.application.bot.id in made.joined:
            self._announce_members(made, added=self.application.bot)
        return made

    def join_thread(self, thread: Channel, user: User) -> None:
        """Somebody comes into a thread. The bot is told of itself; of others only with the members intent."""
        if user.id in thread.joined:
            return
        thread.joined[user.id] = datetime.now(UTC)
        if user is self.application.bot:
            self._announce_thread("THREAD_CREATE", thread)
        self._announce_members(thread, added=user)

    def leave_thread(self, thread: Channel, user: User) -> None:
        """Somebody leaves a thread, or is thrown out (told as in `join_thread`)."""
        if thread.joined.pop(user.id, None) is not None:
            self._announce_members(thread, removed=user)

    def archive(self, thread: Channel) -> None:
        """As after `auto_archive_duration`."""
        self._set_archived(thread, archived=True)

    def wake(self, thread: Channel) -> None:
        """An archived thread becomes active again."""
        self._set_archived(thread, archived=False)

    def _set_archived(self, thread: Channel, *, archived: bool) -> None:
        thread.archived, thread.archive_changed = archived, datetime.now(UTC)
        self._announce_thread("THREAD_UPDATE", thread)

    def active_threads(self, guild_id: int) -> list[Channel]:
        """Every thread of a server that is not archived."""
        threads = self.guilds[guild_id].channels.values()
        return [each for each in threads if each.is_thread and not each.archived]

    def _announce_members(self, thread: Channel, *, added: User | None = None, removed: User | None = None) -> None:
        guild = self._guild(thread)
        data: Json = {"id": str(thread.id), "guild_id": str(guild.id), "member_count": min(len(thread.joined), 50)}
        bot = self.application.bot
        if added is not None:
            shape = payloads.thread_member(thread, added.id)
            member = guild.members.get(added.id)
            if member is not None:
                shape |= {"member": payloads.member(guild, member), "presence": None}
            data["added_members"] = [shape]
        if removed is not None:
            data["removed_member_ids"] = [str(removed.id)]
        # Of others only with the members intent, and only of threads that the bot sees; of itself always.
        own = bot in (added, removed)
        if own or self._bot_sees(thread):
            self.announce("THREAD_MEMBERS_UPDATE", data, guild.id, GUILDS if own else GUILD_MEMBERS)
