"""A message as lines of plain text, as a person sees it. Pure: for the terminal, the demo and tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from sandbox.discord.models import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    THREAD_CREATED,
    THREAD_MEMBER_ADDED,
    walk,
)

if TYPE_CHECKING:
    from sandbox.discord.models import Attachment, Json, Message

THINKING = "-# … is thinking"
ONLY_YOU = "-# Only you can see this"
THINKING_ZH = "-# … 正在思考"
ONLY_YOU_ZH = "-# 只有您能看到此消息"
BAR = "┃ "
RULE = "────────"
WAITING = 0x5865F2
"""The colour of a card on which something is still to happen."""
_ENDING = ("cancel", "stop")
"""In the custom_ids of buttons that end what is being made."""

ESCAPED = re.compile(r"(```.*?```|`[^`\n]+`)|\\([!-/:-@\[-`{-~])", re.DOTALL)
ASIDE = 0xE000
STAMP = re.compile(r"<t:(-?\d+)(?::([tTdDfFsSR]))?>")
MENTION = re.compile(r"<(@!?|@&|#)(\d+)>")
COMMAND = re.compile(r"</([^:>]+):\d+>")
UNITS = ((31536000, "year"), (2592000, "month"), (86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
FORMATS = {
    "t": "%H:%M",
    "T": "%H:%M:%S",
    "d": "%d/%m/%Y",
    "D": "%d %B %Y",
    "f": "%d %B %Y %H:%M",
    "F": "%A, %d %B %Y %H:%M",
    "s": "%d/%m/%Y %H:%M",
    "S": "%d/%m/%Y %H:%M:%S",
}
# The Chinese ones are those of CLDR (zh), which browsers show.
FORMATS_ZH = {
    "t": "{at:%H:%M}",
    "T": "{at:%H:%M:%S}",
    "d": "{at.year}/{at.month}/{at.day}",
    "D": "{at.year}年{at.month}月{at.day}日",
    "f": "{at.year}年{at.month}月{at.day}日 {at:%H:%M}",
    "F": "{at.year}年{at.month}月{at.day}日星期{day} {at:%H:%M}",
    "s": "{at.year}/{at.month}/{at.day} {at:%H:%M}",
    "S": "{at.year}/{at.month}/{at.day} {at:%H:%M:%S}",
}
UNITS_ZH = {"year": "年", "month": "个月", "day": "天", "hour": "小时", "minute": "分钟", "second": "秒"}

NameOf = Callable[[int], "str | None"]


class Shown(Protocol):
    """A message, or one version of it."""

    @property
    def content(self) -> str: ...
    @property
    def components(self) -> Sequence[Json]: ...
    @property
    def attachments(self) -> Sequence[Attachment]: ...
    @property
    def flags(self) -> int: ...


def render(shown: Shown, *, name_of: NameOf, now: float, locale: str = "en-US") -> list[str]:
    """The lines of a message. `name_of`: what stands for an id ("@alice", "#general"); `now`: Unix seconds.

    `locale`: the client's language, for what the client itself writes (zh-CN; everything else is in English).

    Subtext keeps its "-# ", headings their "#"; a button is [Label], a greyed-out one [Label, off], a link
    [Label → address]; a picture is [image fox.png 1024x1024 120 KB]; what stands in a container begins with "┃ ".
    """
    renderer = _Renderer(shown, name_of, now, locale)
    chinese = locale == "zh-CN"
    lines: list[str] = []
    if shown.flags & LOADING:
        lines.append(THINKING_ZH if chinese else THINKING)
    elif shown.flags & COMPONENTS_V2:
        lines.extend(renderer.parts(shown.components))
    else:
        lines.extend(renderer.legacy())
    if shown.flags & EPHEMERAL:
        lines.append(ONLY_YOU_ZH if chinese else ONLY_YOU)
    return lines


class _Renderer:
    def __init__(self, shown: Shown, name_of: NameOf, now: float, locale: str) -> None:
        self.shown = shown
        self.locale = locale
        self.name_of = name_of
        self.now = now
        self.files = {str(each.id): each for each in shown.attachments}

    def legacy(self) -> list[str]:
        lines = self.text(self.shown.content)
        lines.extend(_file(each) for each in self.shown.attachments)
        lines.extend(self.parts(self.shown.components))
        return lines

    def parts(self, components: Sequence[Json]) -> list[str]:
        lines: list[str] = []
        for part in components:
            lines.extend(self._part(part))
        return lines

    def _part(self, part: Json) -> list[str]:
        kind: int = part["type"]
        if kind == 9:
            return self._section(part)
        if kind == 17:
            return self._container(part)
        if kind == 10:
            return self.text(part["content"])
        if kind == 12:
            return [self._item(item) for item in part["items"]]
        simple = {
            1: lambda: " ".join(_control(child) for child in part["components"]),
            13: lambda: self._media(part["file"]),
            14: lambda: RULE if part.get("divider", True) else "",
        }
        return [simple[kind]()]

    def _section(self, part: Json) -> list[str]:
        lines = self.parts(part["components"])
        accessory: Json = part["accessory"]
        side = _control(accessory) if accessory["type"] == 2 else self._media(accessory["media"])
        lines[-1] = f"{lines[-1]}  {side}"
        return lines

    def _container(self, part: Json) -> list[str]:
        lines = [BAR + line for line in self.parts(part["components"])]
        if part.get("spoiler"):
            lines.insert(0, BAR + "(hidden until clicked)")
        colour = part.get("accent_color")
        if colour is not None and lines:
            lines[0] += f"  (#{colour:06x})"
        return lines

    def _item(self, item: Json) -> str:
        line = self._media(item["media"])
        notes = [str(item["description"])] if item.get("description") else []
        if item.get("spoiler"):
            notes.append("hidden until clicked")
        return f"{line} {'; '.join(notes)}" if notes else line

    def _media(self, media: Json) -> str:
        file = self.files.get(str(media.get("attachment_id")))
        return f"[media {media['url']}]" if file is None else _file(file)

    def text(self, text: str) -> list[str]:
        return self.plain(text).split("\n") if text else []

    def plain(self, text: str) -> str:
        """Text with mentions, times and escaped signs as a client shows them; code stays as it was written."""
        # An escaped sign takes no part in anything: it is put aside, and comes back at the end.
        text = ESCAPED.sub(lambda found: found[1] or chr(ASIDE + ord(found[2])), text)
        text = STAMP.sub(lambda found: when(int(found[1]), found[2] or "f", self.now, self.locale), text)
        text = COMMAND.sub(r"/\1", text)
        text = MENTION.sub(self._mention, text)
        return "".join(chr(ord(sign) - ASIDE) if ASIDE <= ord(sign) < ASIDE + 128 else sign for sign in text)

    def _mention(self, found: re.Match[str]) -> str:
        name = self.name_of(int(found[2]))
        return found[0] if name is None else name


def when(moment: int, style: str, now: float, locale: str = "en-US") -> str:
    """A Discord timestamp: "2 minutes ago", "in 3 hours", "15 小时后", or a date and time (UTC)."""
    chinese = locale == "zh-CN"
    if style != "R":
        at = datetime.fromtimestamp(moment, UTC)
        # No strftime in Chinese: what it makes of the signs of a date depends on the machine's locale.
        if chinese:
            return FORMATS_ZH[style].format(at=at, day="一二三四五六日"[at.weekday()])
        return at.strftime(FORMATS[style])
    away = round(abs(now - moment))
    size, unit = next(((size, unit) for size, unit in UNITS if away >= size), UNITS[-1])
    count = away // size
    if chinese:
        return f"{count} {UNITS_ZH[unit]}{'前' if moment <= now else '后'}"
    span = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{span} ago" if moment <= now else f"in {span}"


def size_text(size: int) -> str:
    """Bytes as a client shows them: "340 bytes", "120 KB", "3.4 MB"."""
    if size < 1024:
        return f"{size} bytes"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} KB"
    return f"{size / 1024 / 1024:.1f} MB"


def _file(which: Attachment) -> str:
    kind = which.content_type.partition("/")[0]
    kind = kind if kind in ("image", "video", "audio") else "file"
    measures = "" if which.width is None else f" {which.width}x{which.height}"
    return f"[{kind} {which.filename}{measures} {size_text(which.size)}]"


def _control(part: Json) -> str:
    emoji: Json = part.get("emoji") or {}
    label = " ".join(str(each) for each in (emoji.get("name"), part.get("label")) if each)
    if part["type"] != 2:
        options: list[Json] = part.get("options") or []
        chosen = [str(option["label"]) for option in options if option.get("default")]
        label = "▾ " + (", ".join(chosen) or str(part.get("placeholder") or "Choose"))
    if part.get("url"):
        return f"[{label} → {part['url']}]"
    return f"[{label}, off]" if part.get("disabled") else f"[{label}]"


def system_line(message: Message) -> str:
    """A system message as a client words it."""
    who = f"@{message.author.name}"
    if message.type == THREAD_MEMBER_ADDED:
        return f"→ {who} added {', '.join(f'@{each.name}' for each in message.mentions)} to the thread."
    if message.type == THREAD_CREATED:
        return f"→ {who} started a thread: {message.content}"
    return f"→ This thread began from a message of {who} in its channel."


def controls(shown: Shown) -> list[Json]:
    """The buttons and menus of a message that a person can use now, in order."""
    usable = [part for part in walk(list(shown.components)) if part["type"] in (2, 3, 5, 6, 7, 8)]
    return [part for part in usable if not part.get("disabled") and not part.get("url")]


def is_being_made(message: Message) -> bool:
    """Whether the bot goes on with it by itself: "thinking", with a button to end it, or in the colour of what waits
    and without a choice to make.
    """
    pressable = controls(message)
    waiting = any(part.get("accent_color") == WAITING for part in walk(message.components)) and len(pressable) < 2
    ending = any(word in str(part["custom_id"]) for part in pressable for word in _ENDING)
    return not message.deleted and (message.loading or waiting or ending)
