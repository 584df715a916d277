"""What exists in the stand-in: users, servers, channels, messages. Plain data, no behaviour of the service."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
JsonValue = Any
"""A value of a client's JSON: anything, until it is checked."""

DEFAULT_FILESIZE_LIMIT = 10 * 1024 * 1024
# Bytes by boost tier (Discord's server boosting FAQ: levels 0 and 1 give 10 MiB, 2 gives 50, 3 gives 100).
FILESIZE_LIMITS = (DEFAULT_FILESIZE_LIMIT, DEFAULT_FILESIZE_LIMIT, 50 * 1024 * 1024, 100 * 1024 * 1024)

TEXT, DM, GROUP_DM, CATEGORY, ANNOUNCEMENT, FORUM = 0, 1, 3, 4, 5, 15
ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 10, 11, 12
CHANNEL_TYPES = (0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16)
"""Every kind of channel that Discord documents; the stand-in has those with a name above."""

THREAD_MEMBER_ADDED, THREAD_CREATED, THREAD_STARTER = 1, 18, 21
"""The types of system messages that the stand-in writes."""

GUILD_MEMBERS, GUILD_PRESENCES, MESSAGE_CONTENT = 1 << 1, 1 << 8, 1 << 15
"""The privileged intents."""

SUPPRESS_EMBEDS = 1 << 2
HAS_THREAD = 1 << 5
EPHEMERAL = 1 << 6
LOADING = 1 << 7
SUPPRESS_NOTIFICATIONS = 1 << 12
COMPONENTS_V2 = 1 << 15


@dataclass(slots=True, eq=False)
class User:
    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"
    dms_closed: bool = False
    """True: whoever writes to them directly is refused with 50007."""
    app_installed: bool = False
    """True: this person installed the application to their own account."""

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"


@dataclass(slots=True, eq=False)
class Role:
    id: int
    name: str
    permissions: int
    mentionable: bool = False


@dataclass(slots=True, eq=False)
class Member:
    user: User
    role_ids: list[int] = field(default_factory=list[int])
    joined_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True)
class Overwrite:
    """What a channel allows and denies to one role or member (permission bits)."""

    target_id: int
    is_member: bool
    allow: int = 0
    deny: int = 0


@dataclass(slots=True, eq=False)
class Channel:
    id: int
    type: int
    name: str | None
    guild_id: int | None = None
    parent_id: int | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict[int, Overwrite])
    recipients: list[User] = field(default_factory=list[User])
    owner_id: int | None = None
    joined: dict[int, datetime] = field(default_factory=dict[int, datetime])
    """Who is in a thread, and since when: nobody else sees a private one, but moderators."""
    archived: bool = False
    archive_minutes: int = 1440
    """`auto_archive_duration` of a thread."""
    archive_changed: datetime | None = None
    """`archive_timestamp`, once a thread was archived or woken."""
    nsfw: bool = False
    position: int = 0
    messages: dict[int, Message] = field(default_factory=dict[int, "Message"])
    """Every message ever sent here, deleted ones included, in order."""

    @property
    def is_thread(self) -> bool:
        return self.type in (ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD)

    @property
    def last_message_id(self) -> int | None:
        return next(reversed(self.messages), None)


@dataclass(slots=True, eq=False)
class Guild:
    id: int
    name: str
    owner_id: int
    locale: str = "en-US"
    boost_tier: int = 0
    app_installed: bool = True
    """False: the application is not in this server (only people who installed it to themselves can use it here)."""
    roles: dict[int, Role] = field(default_factory=dict[int, Role])
    members: dict[int, Member] = field(default_factory=dict[int, Member])
    channels: dict[int, Channel] = field(default_factory=dict[int, Channel])
    """Channels, categories and threads."""
    command_permissions: dict[int, list[Json]] = field(default_factory=dict[int, "list[Json]"])
    """Under Integrations: by command, or by the application for all of them."""

    @property
    def filesize_limit(self) -> int:
        """Bytes a file may have here."""
        return FILESIZE_LIMITS[self.boost_tier]


@dataclass(slots=True, eq=False)
class Attachment:
    id: int
    filename: str
    data: bytes
    content_type: str
    url: str
    description: str | None = None
    width: int | None = None
    height: int | None = None
    ephemeral: bool = False

    @property
    def size(self) -> int:
        return len(self.data)


@dataclass(slots=True, frozen=True)
class Version:
    """One state of a message, as everyone could read it from `at` on."""

    at: float
    """time.monotonic() when Discord applied it."""
    content: str
    components: tuple[Json, ...]
    attachments: tuple[Attachment, ...]
    flags: int
    embeds: tuple[Json, ...] = ()

    @property
    def text(self) -> str:
        """All text on display: the content, embeds, or every TextDisplay, one to a line."""
        return displayed_text(self.content, self.components, self.embeds)


@dataclass(slots=True, eq=False)
class Message:
    id: int
    channel: Channel
    author: User
    content: str = ""
    components: list[Json] = field(default_factory=list[Json])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    embeds: list[Json] = field(default_factory=list[Json])
    flags: int = 0
    type: int = 0
    mentions: list[User] = field(default_factory=list[User])
    mention_role_ids: list[int] = field(default_factory=list[int])
    mention_everyone: bool = False
    nonce: str | None = None
    reference: Message | None = None
    interaction: Json | None = None
    """`interaction_metadata` on the wire: which command or press this answers."""
    interaction_id: int | None = None
    webhook_id: int | None = None
    application_id: int | None = None
    visible_to: int | None = None
    """The one person who sees it, when it is ephemeral."""
    started: Channel | None = None
    """The thread that a system message tells of (type 18), or that began with this one (type 21)."""
    edited_at: datetime | None = None
    deleted: bool = False
    reactions: dict[str, list[User]] = field(default_factory=dict[str, "list[User]"])
    """Who reacted, by emoji, in the order in which the emoji came."""
    versions: list[Version] = field(default_factory=list[Version])
    """Its history, oldest first; the last one is what stands now."""

    @property
    def system(self) -> bool:
        """Written by Discord about what happened: "alice started a thread"."""
        return self.type in (THREAD_MEMBER_ADDED, THREAD_CREATED, THREAD_STARTER)

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """The "thinking…" state of a deferred answer."""
        return bool(self.flags & LOADING)

    @property
    def v2(self) -> bool:
        return bool(self.flags & COMPONENTS_V2)

    @property
    def text(self) -> str:
        """All text on display now (see Version.text)."""
        return displayed_text(self.content, self.components, self.embeds)

    @property
    def pinged(self) -> bool:
        """True when the message notified anybody."""
        return bool(self.mentions or self.mention_role_ids or self.mention_everyone)

    def remember(self) -> None:
        """Add the present state to the history."""
        version = Version(
            at=time.monotonic(),
            content=self.content,
            components=tuple(self.components),
            attachments=tuple(self.attachments),
            flags=self.flags,
            embeds=tuple(self.embeds),
        )
        self.versions.append(version)

    def buttons(self) -> list[Json]:
        """Every button on the message, in order."""
        return [part for part in walk(self.components) if part["type"] == 2]


@dataclass(slots=True, eq=False)
class Application:
    id: int
    name: str
    owner: User
    bot: User
    token: str
    intents: int = 0
    """The privileged intents that are switched on for it."""
    commands: dict[int, Json] = field(default_factory=dict[int, Json])
    """Registered commands, as Discord would return them."""


def walk(components: list[Json] | tuple[Json, ...]) -> list[Json]:
    """Every component, nested ones too, in reading order."""
    found: list[Json] = []
    for part in components:
        found.append(part)
        children: list[Json] = part.get("components") or []
        found.extend(walk(children))
        for key in ("accessory", "component"):
            child: Json | None = part.get(key)
            if child is not None:
                found.extend(walk([child]))
    return found


def displayed_text(
    content: str, components: list[Json] | tuple[Json, ...], embeds: list[Json] | tuple[Json, ...] = ()
) -> str:
    """The content, the text of embeds, and that of every TextDisplay, one to a line."""
    parts = [content] if content else []
    parts.extend(str(each[name]) for each in embeds for name in ("title", "description") if each.get(name))
    parts.extend(str(part["content"]) for part in walk(components) if part["type"] == 10)
    return "\n".join(parts)
