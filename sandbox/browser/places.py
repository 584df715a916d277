"""The left side: servers, channels, threads and direct messages that a person sees, what is new, and who they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from sandbox.browser.messages import count_in
from sandbox.browser.windows import Window, is_direct, path_to
from sandbox.browser.words import words
from sandbox.discord.models import FORUM
from sandbox.names import places

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Guild, Message, User
    from sandbox.discord.people import Person
    from sandbox.stage import Stage


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    path: str
    sign: str
    here: bool
    unread: bool
    mentions: int = 0
    is_thread: bool = False
    nsfw: bool = False
    user: User | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A category with what stands in it; without a name those at the top."""

    name: str
    places: list[Place]


@dataclass(frozen=True, slots=True)
class Somebody:
    name: str
    about: str
    path: str
    user: User
    here: bool


@dataclass(frozen=True, slots=True)
class Server:
    name: str
    path: str
    here: bool


@dataclass(frozen=True, slots=True)
class Places:
    heading: str
    in_direct: bool
    direct_path: str
    direct_unread: bool
    servers: list[Server]
    groups: list[Group]
    me: Somebody
    people: list[Somebody]


@dataclass(slots=True)
class Read:
    """What each person has read: the newest message's id by person and place."""

    _until: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])

    def read(self, window: Window) -> None:
        """The window's person has seen what is there now."""
        last = window.channel.last_message_id
        if last is not None:
            self._until[window.person.id, window.channel.id] = last

    def unread(self, person: Person, channel: Channel) -> list[Message]:
        """What somebody else wrote since, as far as this person sees it."""
        until = self._until.get((person.id, channel.id), 0)
        found: list[Message] = []
        for message in reversed(channel.messages.values()):
            if message.id <= until:
                break
            if message.author is not person.user and not message.deleted and message.visible_to in (None, person.id):
                found.append(message)
        return found


def shown(window: Window, read: Read) -> Places:
    """The left side of a window."""
    person, channel = window.person, window.channel
    direct = person.dm()
    in_direct = is_direct(channel)
    guilds = [each for each in window.stage.world.guilds.values() if person.id in each.members]
    guild = window.guild
    w = words(window.locale)
    return Places(
        heading=w["direct_messages"] if guild is None else guild.name,
        in_direct=in_direct,
        direct_path=path_to(window.name, direct),
        direct_unread=not in_direct and bool(read.unread(person, direct)),
        servers=[Server(each.name, _first(window, each), each is guild) for each in guilds],
        groups=[Group("", [_direct(window, direct, read)])] if guild is None else _groups(window, guild, read),
        me=_somebody(window.stage, window.name, window),
        people=[_somebody(window.stage, name, window) for name in window.stage.scene.people],
    )


def sign_of(channel: Channel) -> str:
    """The icon before a place's name."""
    if is_direct(channel):
        return "at"
    if channel.is_thread:
        return "thread"
    return "forum-sign" if channel.type == FORUM else "hash"


def name_of(window: Window) -> str:
    """A place as its heading has it."""
    if is_direct(window.channel):
        return window.bot.name
    return (
        str(window.channel.name)
        if window.channel.type == FORUM or window.channel.is_thread
        else f"#{window.channel.name}"
    )


@dataclass(frozen=True, slots=True)
class Post:
    """A forum's post in its list."""

    name: str
    path: str
    count: str


def posts(window: Window) -> list[Post]:
    """The posts of a forum that this person sees, the newest first."""
    guild = window.guild
    if guild is None or window.channel.type != FORUM:
        return []
    inside = [each for each in places(guild, window.person) if each.parent_id == window.channel.id]
    inside.sort(key=lambda each: each.last_message_id or each.id, reverse=True)
    return [Post(str(each.name), path_to(window.name, each), count_in(window, each)) for each in inside]


def _groups(window: Window, guild: Guild, read: Read) -> list[Group]:
    """As Discord orders them: what is in no category first."""
    groups: dict[int | None, list[Place]] = {None: []}
    top = None
    for each in places(guild, window.person):
        if not each.is_thread:
            top = each.parent_id
        if each.is_thread and each.archived and each is not window.channel:
            continue
        groups.setdefault(top, []).append(_place(window, each, read))
    return [Group("" if key is None else str(guild.channels[key].name), found) for key, found in groups.items()]


def _place(window: Window, channel: Channel, read: Read) -> Place:
    here = channel is window.channel
    new = [] if here else read.unread(window.person, channel)
    return Place(
        name=str(channel.name),
        path=path_to(window.name, channel),
        sign=sign_of(channel),
        here=here,
        unread=bool(new),
        mentions=sum(window.person.user in each.mentions for each in new),
        is_thread=channel.is_thread,
        nsfw=channel.nsfw,
    )


def _direct(window: Window, channel: Channel, read: Read) -> Place:
    here = channel is window.channel
    new = [] if here else read.unread(window.person, channel)
    return Place(window.bot.name, path_to(window.name, channel), "at", here, bool(new), len(new), user=window.bot)


def _first(window: Window, guild: Guild) -> str:
    """Where one comes to in a server: its first channel that this person sees."""
    seen = [each for each in places(guild, window.person) if each.type != FORUM]
    return path_to(window.name, seen[0]) if seen else "/"


def _somebody(stage: Stage, name: str, window: Window) -> Somebody:
    """A person with roles and language; their window on the same place, where they see it."""
    person, guild = stage.scene.people[name], stage.guild
    member = guild.members.get(person.id)
    roles = [] if member is None else [guild.roles[each].name for each in member.role_ids if each in guild.roles]
    owner = [words(window.locale)["owner"]] if person.id == guild.owner_id else []
    about = " · ".join([*owner, *roles, person.user.locale])
    return Somebody(name, about, f"/as/{quote(name, safe='')}/at/{window.channel.id}", person.user, name == window.name)
