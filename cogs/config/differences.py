"""A change of a setting in a line that can be judged: of what is long only what differs, and whether that is all of it;
and all of it as a file, line by line.
"""

from __future__ import annotations

import io
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import discord

from bot.aside import Aside
from bot.i18n import locale_of, text
from bot.settings import SETTINGS, Scope
from bot.settings.entries import Entries
from bot.settings.file_writing import lines_of
from bot.settings.values import ListOf, Text
from bot.text import escape, one_line, shorten
from cogs.config.cards import ALL, setting_name, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.kit.bot import Interaction
    from bot.settings.stored import Json, Place
    from cogs.config.draft_rows import Drafts, Step

AROUND: Final = 12
"""Characters beside the changed part of a text."""
PARTS: Final = 4
"""Of a list, how many times the room of one value they have together."""
FILE: Final = "changes.diff"
COMPARED: Final = 100_000
"""Pairs of lines that are compared, of one setting: some hundredths of a second."""


class Difference(NamedTuple):
    """`said`: safe, in one line. `is_whole`: nothing of it is left out."""

    said: str
    is_whole: bool


def difference(
    locale: str, key: str, step: Step, guild: discord.Guild | None, limit: int, *, cleared: str | None = None
) -> Difference:
    """“Images per /imagine: 4 → **2**”. `limit`: of each value, in characters before escaping. `cleared`: what holds
    once nothing is set, where that is to be said.
    """
    name, kind = setting_name(locale, key), SETTINGS[key].kind if key in SETTINGS else None
    before, after = (_meant(key, one) for one in (step.before, step.after))
    if isinstance(kind, Entries):
        said, whole = _joined(_entries(_by_name(step.before), _by_name(step.after), limit), limit)
        return Difference(text(locale, "setup.differs", setting=name, changes=said), whole)

    def line(most: int) -> str:
        was = text(locale, "config.not_set") if step.before is None else shown(locale, key, before, most, guild=guild)
        gone = cleared or text(locale, "setup.cleared")
        will = gone if step.after is None else shown(locale, key, after, most, guild=guild)
        return text(locale, "setup.step", setting=name, before=was, after=will)

    if (whole := line(ALL)) == line(limit):
        return Difference(whole, is_whole=True)
    if isinstance(kind, ListOf) and isinstance(before, list) and isinstance(after, list):
        had, has = cast("list[Any]", before), cast("list[Any]", after)
        added = [f"+ **{shown(locale, key, [one], ALL, guild=guild)}**" for one in has if one not in had]
        removed = [f"− {shown(locale, key, [one], ALL, guild=guild)}" for one in had if one not in has]
        if added or removed:
            said, all_ = _joined([(one, True) for one in added + removed], limit)
            return Difference(text(locale, "setup.differs", setting=name, changes=said), all_)
    if isinstance(kind, Text) and isinstance(before, str) and isinstance(after, str):
        was, will, all_ = _changed_part(before, after, limit)
        return Difference(text(locale, "setup.step", setting=name, before=was, after=will), all_)
    return Difference(line(limit), is_whole=False)


def _meant(key: str, stored: Json | None) -> object:
    return SETTINGS[key].meant(stored) if key in SETTINGS else stored


def _by_name(value: object) -> Mapping[str, Mapping[str, object]]:
    return {str(one["name"]): one for one in cast("Sequence[Mapping[str, object]]", value or ())}


def _entries(
    was: Mapping[str, Mapping[str, object]], will: Mapping[str, Mapping[str, object]], limit: int
) -> list[tuple[str, bool]]:
    """What becomes of each entry, and whether that is all of it."""
    found: list[tuple[str, bool]] = []
    for name, one in will.items():
        if name not in was:
            said = one_line(" · ".join(str(value) for field, value in one.items() if field != "name"))
            found.append((f"+ **{escape(name)}** ({escape(shorten(said, limit))})", len(said) <= limit))
        for field in dict.fromkeys([*was.get(name, one), *one]):
            old, new = str(was.get(name, one).get(field, "–")), str(one.get(field, "–"))
            if old != new:
                before, after, all_ = _changed_part(old, new, limit)
                found.append((f"{escape(name)}: {before} → **{after}**", all_))
    return found + [(f"− {escape(name)}", True) for name in was if name not in will]


def _joined(parts: Sequence[tuple[str, bool]], limit: int) -> tuple[str, bool]:
    """As many parts as there is room for, and how many more there are; whether that is all."""
    kept: list[str] = []
    for said, _ in parts:
        if kept and sum(map(len, kept)) + len(said) > PARTS * limit:
            break
        kept.append(said)
    more = [f"… (+{len(parts) - len(kept)})"] if len(kept) < len(parts) else []
    return " · ".join(kept + more), not more and all(whole for _, whole in parts)


def _changed_part(before: str, after: str, limit: int) -> tuple[str, str, bool]:
    """What differs, with a little of what stands around it; whether that is all."""
    start = _same(before, after)
    end = _same(before[start:][::-1], after[start:][::-1])
    parts: list[str] = []
    whole = True
    for one in (before, after):
        first, last = max(0, start - AROUND), min(len(one), len(one) - end + AROUND)
        part = one_line(f"{'…' if first else ''}{one[first:last]}{'…' if last < len(one) else ''}")
        whole = whole and len(part) <= 2 * limit
        parts.append(escape(shorten(part, 2 * limit)))
    return parts[0], parts[1], whole and parts[0] != parts[1]


def _same(one: str, other: str) -> int:
    """With how many letters both begin."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)


async def whole_file(interaction: Interaction, found: Drafts) -> discord.File:
    """All of it, line by line: what goes is marked with -, what comes with +."""
    locale = locale_of(interaction.locale)
    written = await interaction.client.the(Aside).run(_written, locale, found, interaction.guild)
    return discord.File(io.BytesIO(written.encode()), filename=FILE)


def _written(locale: str, found: Drafts, guild: discord.Guild | None) -> str:
    def role_name(id_: int) -> str:
        role = None if guild is None else guild.get_role(id_)
        return text(locale, "config.file_gone") if role is None else f"@{role.name}"

    def lines(key: str, value: Json | None) -> list[str]:
        return [] if value is None else lines_of(key, value, role_name)

    said: list[str] = []
    for place, draft in found.items():
        said += [f"# {_place(locale, place, guild)}", ""]
        for key, step in draft.items():
            said += [*_compared(lines(key, step.before), lines(key, step.after)), ""]
    return "\n".join(said)


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """All lines, with a mark before those that go or come."""
    steps = [("replace", 0, len(before), 0, len(after))]
    if len(before) * len(after) <= COMPARED:
        steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for kind, first, last, begins, ends in steps:
        if kind == "equal":
            yield from (f"  {one}" for one in before[first:last])
        else:
            yield from (f"- {one}" for one in before[first:last])
            yield from (f"+ {one}" for one in after[begins:ends])


def _place(locale: str, place: Place, guild: discord.Guild | None) -> str:
    if place[0] == Scope.SERVER:
        return text(locale, "config.scope_server")
    channel = None if guild is None else guild.get_channel_or_thread(place[1])
    return (
        text(locale, "config.file_gone" if guild else "config.file_direct") if channel is None else f"#{channel.name}"
    )
