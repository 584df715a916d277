"""Channels, categories and forums of servers: made, changed and deleted, with the events of each."""

from __future__ import annotations

from sandbox.discord import payloads
from sandbox.discord.models import (
    ANNOUNCEMENT,
    CATEGORY,
    FORUM,
    TEXT,
    Channel,
    Guild,
    Overwrite,
    Role,
    User,
)
from sandbox.discord.permissions import Permission
from sandbox.discord.places import GUILDS, Places


class Channels(Places):
    """Places, and the channels in their servers."""

    def category(self, guild: Guild, name: str) -> Channel:
        return self._channel(Channel(self.ids(), CATEGORY, name, guild.id, position=len(guild.channels)), guild)

    def text_channel(
        self,
        guild: Guild,
        name: str,
        *,
        category: Channel | None = None,
        nsfw: bool = False,
        announcement: bool = False,
    ) -> Channel:
        """A text channel; in a category it starts with that one's overwrites, as Discord syncs them.

        `nsfw`: age-restricted; its threads are so by their parent. `announcement`: others may follow it.
        """
        made = Channel(
            self.ids(), ANNOUNCEMENT if announcement else TEXT, name, guild.id, nsfw=nsfw, position=len(guild.channels)
        )
        if category is not None:
            made.parent_id = category.id
            made.overwrites = dict(category.overwrites)
        return self._channel(made, guild)

    def forum(self, guild: Guild, name: str) -> Channel:
        """A forum: it has no messages, only posts, which are public threads."""
        return self._channel(Channel(self.ids(), FORUM, name, guild.id, position=len(guild.channels)), guild)

    def nsfw(self, channel: Channel) -> bool:
        """Whether a channel is age-restricted; a thread is what its parent is."""
        parent = None if channel.parent_id is None else self.channels.get(channel.parent_id)
        return parent.nsfw if channel.is_thread and parent is not None else channel.nsfw

    # changes

    def overwrite(self, channel: Channel, target: Role | User, *, allow: int = 0, deny: int = 0) -> None:
        """Set what a channel allows and denies to a role or person, and tell the bots; nothing at all takes it away.

        A category's change reaches the channels in it that were in sync with it.
        """
        guild = self._guild(channel)
        synced = [
            each
            for each in guild.channels.values()
            if channel.type == CATEGORY and each.parent_id == channel.id and each.overwrites == channel.overwrites
        ]
        with self.shown_threads(guild):
            for each in (channel, *synced):
                if allow or deny:
                    each.overwrites[target.id] = Overwrite(target.id, isinstance(target, User), int(allow), int(deny))
                else:
                    each.overwrites.pop(target.id, None)
                self._announce_channel("CHANNEL_UPDATE", each)

    def edit_channel(self, channel: Channel, *, nsfw: bool) -> None:
        """Make a channel age-restricted or not."""
        channel.nsfw = nsfw
        self._announce_channel("CHANNEL_UPDATE", channel)

    def move_channel(self, channel: Channel, category: Channel | None) -> None:
        """Into a category, or out of any."""
        channel.parent_id = None if category is None else category.id
        self._announce_channel("CHANNEL_UPDATE", channel)

    def delete_channel(self, channel: Channel) -> None:
        """A channel goes, and with it its threads and whatever stood in it; a category leaves its channels behind."""
        guild = self._guild(channel)
        seen = self._bot_sees(channel)
        inside = [each for each in guild.channels.values() if each.parent_id == channel.id]
        for thread in (channel, *(each for each in inside if each.is_thread)):
            del guild.channels[thread.id], self.channels[thread.id]
            for message in thread.messages.values():
                message.deleted = True
        if channel.is_thread:
            if seen:
                self.announce("THREAD_DELETE", payloads.deleted_thread(channel), guild.id, GUILDS)
            return
        # Of the threads in it nothing is said.
        self._announce_channel("CHANNEL_DELETE", channel)
        if channel.type == CATEGORY:
            for each in inside:
                each.parent_id = None
                self._announce_channel("CHANNEL_UPDATE", each)

    # telling

    def _guild(self, channel: Channel) -> Guild:
        guild = self.guild_of(channel)
        if guild is None:
            msg = "that exists only in servers"
            raise ValueError(msg)
        return guild

    def _channel(self, made: Channel, guild: Guild) -> Channel:
        guild.channels[made.id] = self.channels[made.id] = made
        self._announce_channel("CHANNEL_CREATE", made)
        return made

    def _announce_channel(self, name: str, channel: Channel) -> None:
        guild = self._guild(channel)
        if guild.app_installed:
            self.announce(name, payloads.channel(channel), guild.id, GUILDS)

    def _announce_thread(self, name: str, thread: Channel, **more: bool) -> None:
        """To the bot, if it sees the thread."""
        if self._bot_sees(thread):
            self.announce(name, payloads.channel(thread) | more, thread.guild_id, GUILDS)

    def _bot_sees(self, channel: Channel) -> bool:
        return bool(self.permissions(channel, self.application.bot) & Permission.VIEW_CHANNEL)
