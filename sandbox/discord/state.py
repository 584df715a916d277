"""The stand-in's memory: the places, and the messages, files and interactions in them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from sandbox.discord import mentions, payloads
from sandbox.discord.media import content_type, measures
from sandbox.discord.models import (
    DEFAULT_FILESIZE_LIMIT,
    THREAD_STARTER,
    Attachment,
    Channel,
    Message,
    User,
)
from sandbox.discord.observers import Change, Observers
from sandbox.discord.permissions import Permission
from sandbox.discord.places import (
    DIRECT_MESSAGES,
    DIRECT_TYPING,
    GUILD_MESSAGES,
    GUILD_TYPING,
    Event,
)
from sandbox.discord.threads import Threads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from sandbox.discord.interaction_models import Interaction
    from sandbox.discord.models import Json

__all__ = ["Draft", "Event", "Rules", "State"]


@dataclass(slots=True)
class Rules:
    """Discord's times and limits, changeable where a test can't wait for them (seconds)."""

    acknowledge_within: float = 3.0
    repeats: int = 0
    """How many times more each INTERACTION_CREATE is sent, at once; -1: it is not sent at all."""
    token_lives: float = 900.0
    user_install_followups: int = 5
    nonce_remembered: float = 300.0
    request_bytes: int = 25 * 1024 * 1024
    files_per_message: int = 10
    active_threads: int = 1000
    """In a server; one more is refused with 160006."""


@dataclass(slots=True, kw_only=True)
class Draft:
    """A message's parts, already checked: what is None stays as it is on an edit."""

    content: str | None = None
    components: list[Json] | None = None
    attachments: list[Attachment] | None = None
    embeds: list[Json] | None = None
    flags: int | None = None
    allowed: mentions.Allowed = field(default_factory=mentions.Allowed)


class State(Threads):
    """What exists and what is said there. Everything that changes is told to the gateway and to observers."""

    def __init__(
        self,
        *,
        application_name: str = "Sandbox Bot",
        token: str = "sandbox-token",  # noqa: S107 (the stand-in's own, it opens nothing else)
        owner: str = "owner",
    ) -> None:
        super().__init__(application_name=application_name, token=token, owner=owner)
        self.rules = Rules()
        self.observers = Observers()
        self.interactions: dict[str, Interaction] = {}
        """By token."""
        self.attachments: dict[int, Attachment] = {}
        self.media_url = "http://127.0.0.1"
        """Where attachments are fetched from; the server sets its own origin."""
        self._nonces: dict[tuple[int, int, str], tuple[float, Message]] = {}

    # files

    def attach(
        self,
        channel: Channel,
        filename: str,
        data: bytes,
        *,
        description: str | None = None,
        ephemeral: bool = False,
    ) -> Attachment:
        """Store a file and give it its address."""
        made_id = self.ids()
        path = f"{'ephemeral-attachments' if ephemeral else 'attachments'}/{channel.id}/{made_id}/{filename}"
        expiry = int(time.time()) + 86400
        made = Attachment(
            id=made_id,
            filename=filename,
            data=data,
            content_type=content_type(filename),
            url=f"{self.media_url}/{path}?ex={expiry:x}&is={expiry - 86400:x}&hm={made_id:x}",
            description=description,
            ephemeral=ephemeral,
        )
        size = measures(data)
        if size is not None:
            made.width, made.height = size
        self.attachments[made_id] = made
        return made

    def filesize_limit(self, channel: Channel) -> int:
        """Bytes a file may have in a channel: the server's limit, or Discord's default elsewhere."""
        guild = self.guild_of(channel)
        return DEFAULT_FILESIZE_LIMIT if guild is None else guild.filesize_limit

    # messages

    def remembered(self, channel: Channel, author: User, nonce: str) -> Message | None:
        """The message sent here with this nonce a short while ago, if any (`enforce_nonce`)."""
        entry = self._nonces.get((channel.id, author.id, nonce))
        if entry is None or time.monotonic() - entry[0] > self.rules.nonce_remembered:
            return None
        return entry[1]

    def create_message(
        self,
        channel: Channel,
        author: User,
        draft: Draft,
        *,
        nonce: str | None = None,
        reference: Message | None = None,
        interaction: Interaction | None = None,
        visible_to: int | None = None,
        kind: int | None = None,
        message_id: int | None = None,
        started: Channel | None = None,
    ) -> Message:
        """Post a message and tell everyone who may know. It wakes an archived thread.

        `message_id`: a forum's post has its thread's. `started`: the thread that a system message tells of.
        """
        if channel.archived:
            self.wake(channel)
        made = Message(
            message_id or self.ids(), channel, author, nonce=nonce, reference=reference, visible_to=visible_to
        )
        made.started = started
        made.type = kind if kind is not None else 19 if reference is not None else 0
        if interaction is not None:
            made.interaction = interaction.metadata
            if interaction.original is not None:
                made.interaction["original_response_message_id"] = str(interaction.original.id)
            made.interaction_id = interaction.id
            made.webhook_id = made.application_id = self.application.id
        elif author.bot:
            made.application_id = self.application.id
        made.flags = draft.flags or 0
        self._apply(made, draft)
        # An answer to a press refers to its message without pinging anybody.
        self._ping(made, draft.allowed, replied=interaction is None)
        if channel.is_thread:
            # Who is mentioned in a thread comes into it.
            parent = self.channels[channel.parent_id or 0]
            for person in made.mentions:
                if self.permissions(parent, person) & Permission.VIEW_CHANNEL:
                    self.join_thread(channel, person)
        made.remember()
        channel.messages[made.id] = made
        if nonce is not None:
            self._nonces[channel.id, author.id, nonce] = (time.monotonic(), made)
        self._announce_message("MESSAGE_CREATE", made)
        self._tell("created", made)
        return made

    def edit_message(self, message: Message, draft: Draft, *, silently: bool = False) -> Message:
        """Change a message; `silently` where Discord shows no "(edited)" (the end of a loading state)."""
        if draft.flags is not None:
            message.flags = draft.flags
        self._apply(message, draft)
        self._ping(message, draft.allowed, replied=False)
        if not silently:
            message.edited_at = datetime.now(UTC)
        message.remember()
        self._announce_message("MESSAGE_UPDATE", message)
        self._tell("edited", message)
        return message

    def delete_message(self, message: Message) -> None:
        """A message goes, and its files with it."""
        self._forget_message(message)
        if message.visible_to is None:
            data: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
            self._announce_in(message.channel, "MESSAGE_DELETE", data, GUILD_MESSAGES, DIRECT_MESSAGES)
        self._tell("deleted", message)

    def delete_messages(self, channel: Channel, messages: Iterable[Message]) -> None:
        """Many at once, as moderators' tools do in a server: one event for all."""
        gone = list(messages)
        for message in gone:
            self._forget_message(message)
        data: Json = {"ids": [str(each.id) for each in gone], "channel_id": str(channel.id)}
        self._announce_in(channel, "MESSAGE_DELETE_BULK", data, GUILD_MESSAGES, 0)
        for message in gone:
            self._tell("deleted", message)

    def react(self, message: Message, user: User, emoji: str) -> None:
        """Somebody reacts. Bots hear of it with an intent that the stand-in does not have."""
        who = message.reactions.setdefault(emoji, [])
        if user not in who:
            who.append(user)
            self._tell("edited", message)

    def announce_again(self, message: Message) -> None:
        """Let its MESSAGE_CREATE come once more."""
        self._announce_message("MESSAGE_CREATE", message)

    def _forget_message(self, message: Message) -> None:
        message.deleted = True
        for attachment in message.attachments:
            self.attachments.pop(attachment.id, None)

    def note(
        self, channel: Channel, author: User, kind: int, text: str = "", *, started: Channel | None = None
    ) -> None:
        """A system message: what `author` did, in Discord's words (Message.system)."""
        self.create_message(channel, author, Draft(content=text), kind=kind, started=started)

    def touch(self, message: Message) -> None:
        """Tell the bot of a message again: its thread began."""
        self._announce_message("MESSAGE_UPDATE", message)

    def begin_thread(self, message: Message, name: str, owner: User, *, archive_minutes: int = 1440) -> Channel:
        """A public thread from a message: the message shows it, and it begins with the message."""
        thread = self.thread(message.channel, name, owner=owner, message=message, archive_minutes=archive_minutes)
        self.touch(message)
        self.note(thread, owner, THREAD_STARTER, started=thread)
        return thread

    def typing(self, channel: Channel, user: User) -> None:
        data: Json = {"channel_id": str(channel.id), "user_id": str(user.id), "timestamp": int(time.time())}
        self._announce_in(channel, "TYPING_START", data, GUILD_TYPING, DIRECT_TYPING)
        self.observers.emit(Change("typing", channel, user=user))

    def _apply(self, message: Message, draft: Draft) -> None:
        if draft.content is not None:
            message.content = draft.content
        if draft.components is not None:
            message.components = draft.components
        if draft.attachments is not None:
            message.attachments = draft.attachments
        if draft.embeds is not None:
            message.embeds = draft.embeds

    def _ping(self, message: Message, allowed: mentions.Allowed, *, replied: bool) -> None:
        found = mentions.find(message.text, allowed)
        guild = self.guild_of(message.channel)
        may_ping_all = guild is None or bool(
            self.permissions(message.channel, message.author) & Permission.MENTION_EVERYONE
        )
        message.mentions = [self.users[each] for each in found.users if each in self.users]
        target = message.reference
        if replied and target is not None and allowed.replied_user and target.author not in message.mentions:
            message.mentions.append(target.author)
        message.mention_everyone = found.everyone and guild is not None and may_ping_all
        message.mention_role_ids = [
            each
            for each in found.roles
            if guild is not None and each in guild.roles and (guild.roles[each].mentionable or may_ping_all)
        ]

    # telling

    def _announce_in(self, channel: Channel, name: str, data: Json, guild_intent: int, dm_intent: int) -> None:
        if not self._bot_sees(channel):
            return
        if channel.guild_id is not None:
            data["guild_id"] = str(channel.guild_id)
        self.announce(name, data, channel.guild_id, dm_intent if channel.guild_id is None else guild_intent)

    def _announce_message(self, name: Literal["MESSAGE_CREATE", "MESSAGE_UPDATE"], message: Message) -> None:
        channel = message.channel
        # Ephemeral messages do not travel through the gateway.
        if message.visible_to is not None or not self.sinks or not self._bot_sees(channel):
            return
        guild = self.guild_of(channel)
        data = payloads.message(message, guild)
        if guild is not None:
            data["guild_id"] = str(guild.id)
            member = guild.members.get(message.author.id)
            if member is not None:
                data["member"] = payloads.member(guild, member, with_user=False)
        data["channel_type"] = channel.type
        intent = DIRECT_MESSAGES if guild is None else GUILD_MESSAGES
        self.announce(name, data, channel.guild_id, intent, message)

    def _tell(self, kind: Literal["created", "edited", "deleted"], message: Message) -> None:
        self.observers.emit(Change(kind, message.channel, message, message.author, message.interaction_id))

    # watching

    def changes(self) -> AsyncIterator[Change]:
        """`async for change in world.changes()`: every change from now on (see Observers)."""
        return self.observers.changes()

    async def wait_until(self, predicate: Callable[[Change], bool], timeout: float = 5.0) -> Change:  # noqa: ASYNC109 (as in Observers.wait_until)
        """The first change from now on that the predicate accepts. Raises: TimeoutError."""
        return await self.observers.wait_until(predicate, timeout)
