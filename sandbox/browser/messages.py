"""Messages as HTML: who wrote them, when, answering what, and their components."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

from sandbox.browser.drawing import local, marked
from sandbox.browser.entities import offered
from sandbox.browser.windows import path_to
from sandbox.browser.words import words
from sandbox.discord.commands import CHAT_INPUT, local_name
from sandbox.discord.models import (
    THREAD_CREATED,
    THREAD_MEMBER_ADDED,
    THREAD_STARTER,
    displayed_text,
)
from sandbox.discord.snowflakes import moment

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.browser.drawing import Drawing
    from sandbox.browser.windows import Window
    from sandbox.discord.models import Attachment, Channel, Json, Message, User

PAGE: Final = 50
"""Messages that are shown at first, and that come with each step upwards."""
_TOGETHER: Final = timedelta(minutes=7)
"""Messages of one author within this time stand under one name."""
_EXCERPT: Final = 160
_SPOILER: Final = re.compile(r"\|\|.+?\|\|", re.DOTALL)
_TIME: Final = re.compile(r"(<time\b[^>]*>[^<]*</time>)")
_BLOCK: Final = re.compile(r"</?(?:div|h\d|br|li|pre|blockquote)\b")
_ADDRESS: Final = re.compile(r"/(?:ephemeral-)?attachments/\d{1,20}/(\d{1,20})/")
_COMMAND, _COMPONENT = 2, 3


@dataclass(frozen=True, slots=True)
class Quote:
    """What a message answers, on the line above it: a command that somebody used, or another message."""

    user: User | None
    command: str = ""
    text: str = ""
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A message and where it stands among those that are seen: what `message.html` draws."""

    message: Message
    quote: Quote | None
    at: datetime
    grouped: bool
    day: datetime | None
    pinged: bool
    thread: Channel | None
    files: Mapping[str, Attachment]
    linked: Callable[[str], Attachment | None]

    def file(self, media: Json) -> Attachment | None:
        """The file that a component shows: the message's own, or another one's; None for what lies elsewhere."""
        own = self.files.get(str(media.get("attachment_id")))
        return own or self.linked(str(media["url"]))

    @property
    def loose(self) -> list[Attachment]:
        """Files that no component shows."""
        return [] if self.message.v2 else self.message.attachments


class Log:
    """The messages of a window's place as its person sees them."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing

    def page(self, window: Window, *, before: int | None = None) -> tuple[str, bool]:
        """The newest messages, or those before one; and whether there are older ones."""
        seen = [each for each in window.messages() if before is None or each.id < before]
        first = max(0, len(seen) - PAGE)
        shown = [self._drawn(window, each, seen[at - 1] if at else None) for at, each in enumerate(seen) if at >= first]
        return "".join(shown), first > 0

    def some(self, window: Window, ids: set[int]) -> list[tuple[int, str | None]]:
        """Messages by id, in order, as they are now; None for those that are gone."""
        rows: list[tuple[int, str | None]] = []
        left = set(ids)
        before: Message | None = None
        for each in window.messages():
            if each.id in left:
                left.discard(each.id)
                rows.append((each.id, self._drawn(window, each, before)))
            before = each
        return sorted([*rows, *((gone, None) for gone in left)], key=lambda row: row[0])

    def _drawn(self, window: Window, message: Message, before: Message | None) -> str:
        quote = _quote(window, message)
        at = local(moment(message.id))
        previous = None if before is None else local(moment(before.id))
        new_day = previous is None or previous.date() != at.date()
        grouped = (
            before is not None
            and previous is not None
            and not new_day
            and quote is None
            and not message.system
            and not before.system
            and before.author is message.author
            and (before.visible_to is None) == (message.visible_to is None)
            and at - previous < _TOGETHER
        )
        row = Row(
            message=message,
            quote=quote,
            at=at,
            grouped=grouped,
            day=at if new_day else None,
            pinged=_pings(window, message),
            thread=_thread_of(window, message),
            files={str(each.id): each for each in message.attachments},
            linked=partial(_linked, window),
        )
        return self._drawing.html(
            "message.html",
            window,
            row=row,
            message=message,
            md=partial(marked, window),
            offered=partial(offered, window),
            path_to=path_to,
            system=_system(window, message) if message.system else "",
            thread_count="" if row.thread is None else count_in(window, row.thread),
        )


def _linked(window: Window, url: str) -> Attachment | None:
    """The file of a message, of any, by its address."""
    found = _ADDRESS.search(url)
    file = None if found is None else window.stage.world.attachments.get(int(found[1]))
    return file if file is not None and url.startswith(file.url.partition("?")[0]) else None


def _quote(window: Window, message: Message) -> Quote | None:
    metadata = message.interaction
    if metadata is not None:
        while "triggering_interaction_metadata" in metadata:
            metadata = metadata["triggering_interaction_metadata"]
        user = window.stage.world.users.get(int(metadata["user"]["id"]))
        if metadata["type"] == _COMMAND:
            return Quote(user, command=_command_name(window, metadata))
        if metadata["type"] == _COMPONENT and "interacted_message_id" in metadata:
            return _reply(window, window.channel.messages.get(int(metadata["interacted_message_id"])))
    if message.type == THREAD_STARTER and message.started is not None:
        parent = window.stage.world.channels[message.started.parent_id or 0]
        return _reply(window, parent.messages.get(message.started.id))
    if message.reference is not None and not message.system:
        return _reply(window, message.reference)
    return None


def _command_name(window: Window, metadata: Json) -> str:
    """A command as the line above its answer names it: those of menus have no slash, but a name in each language."""
    name, kind = str(metadata["name"]), metadata.get("command_type")
    if kind == CHAT_INPUT:
        return f"/{name}"
    offered = window.stage.world.application.commands.values()
    found = next((each for each in offered if (each["type"], each["name"]) == (kind, name)), None)
    return name if found is None else local_name(found, window.locale)


def _reply(window: Window, message: Message | None) -> Quote:
    if message is None or message.deleted:
        return Quote(None)
    text = _SPOILER.sub("▇▇▇", displayed_text(message.content, message.components)[: 4 * _EXCERPT])
    drawn = str(marked(window, text))  # of a Markup, `sub` would escape what it puts together
    return Quote(message.author, text=_excerpt(_BLOCK.sub(r" \g<0>", drawn)), message=message)


def _excerpt(drawn: str) -> Markup:
    """The beginning without tags, but for times, which the page counts as everywhere."""
    kept: list[Markup] = []
    room = _EXCERPT
    for part in _TIME.split(drawn):
        as_came = Markup(part)  # noqa: S704 - what `marked` made
        plain = as_came.striptags()
        if plain and room > 0:
            kept.append(as_came if part.startswith("<time") else escape(plain[:room]))
            room -= len(plain)
    return Markup(" ").join(kept)


def _pings(window: Window, message: Message) -> bool:
    """Whether it notifies this person; one's own words do not."""
    if message.author is window.person.user:
        return False
    guild = window.guild
    member = None if guild is None else guild.members.get(window.person.id)
    roles = set[int]() if member is None else set(member.role_ids)
    return (
        window.person.user in message.mentions
        or bool(roles & set(message.mention_role_ids))
        or (message.mention_everyone and member is not None)
    )


def _thread_of(window: Window, message: Message) -> Channel | None:
    """The thread that began from a message, where this person sees it."""
    found = window.stage.world.channels.get(message.id if message.started is None else message.started.id)
    if found is None or found is window.channel or not found.is_thread or found.parent_id != window.channel.id:
        return None
    return found if window.person.permissions(found) else None


_SYSTEM: Final = {
    THREAD_CREATED: "started_thread",
    THREAD_MEMBER_ADDED: "added",
    THREAD_STARTER: "starter",
}


def _system(window: Window, message: Message) -> str:
    """What happened, in the client's words."""
    others = ", ".join(each.name for each in message.mentions)
    sentence = words(window.locale)[_SYSTEM[message.type]]
    return sentence.format(name=message.author.name, text=message.content, others=others)


def count_in(window: Window, thread: Channel) -> str:
    """How many messages a thread has, in words."""
    w = words(window.locale)
    count = sum(not each.deleted and not each.system and each.visible_to is None for each in thread.messages.values())
    return w["message_one"] if count == 1 else w["messages"].format(count=count)
