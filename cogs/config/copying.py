"""/config import of another server's file: what its names are here, and a private card for those that are not sure.

What is asked about stands in memory. After a restart, or an hour, a press says that the file is to be imported again;
until Apply nothing is changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Self

import discord
from discord import ui

from bot.errors import NotAllowed, Refusal
from bot.i18n import locale_of, text
from bot.kit.components import Card, SafeButton, SafeItem, SafeSelect, button, row
from bot.kit.responses import acknowledge, replace_message
from bot.recent import Recent
from bot.settings.copying import Here, translated
from bot.settings.names import by_name
from bot.settings.things import Thing, What
from bot.text import title

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.kit.bot import Interaction
    from bot.settings.file import Section

MOST: Final = 30
"""Files of all servers that wait for an answer; the oldest is forgotten first."""
SECONDS: Final = 3600.0
PAGE: Final = 5
"""Names that are asked about at once: each has a menu of its own."""
NAME_LIMIT: Final = 60
_SIGNS: Final[Mapping[What, str]] = {What.ROLE: "@", What.CHANNEL: "#", What.CATEGORY: ""}
_CHANNELS: Final = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
]


@dataclass(slots=True)
class Copy:
    """A file that waits. `then` shows what its sections would change, once it is known what they name."""

    person_id: int
    guild_id: int
    sections: Sequence[Section]
    found: Mapping[Thing, int]
    open: Sequence[Thing]
    names: Mapping[Thing, str]
    then: Callable[[Interaction, Sequence[Section]], Awaitable[ui.LayoutView]]
    chosen: dict[Thing, int] = field(default_factory=dict[Thing, int])


class Copies(Recent[int, Copy]):
    """By the interaction that a file came with."""

    def __init__(self) -> None:
        super().__init__(MOST, seconds=SECONDS)


def here_of(guild: discord.Guild, *, places: Sequence[tuple[str, int]]) -> Here:
    """What there is in a server. `places`: those that have settings already, though they may be gone."""
    roles = [role for role in guild.roles if not role.is_default()]
    categories = guild.categories
    channels = [
        *(one for one in guild.channels if not isinstance(one, discord.CategoryChannel)),
        *guild.threads,
    ]
    by_kind: Mapping[What, Sequence[discord.Role | discord.abc.GuildChannel | discord.Thread]] = {
        What.ROLE: roles,
        What.CATEGORY: categories,
        What.CHANNEL: channels,
    }
    there = {(what, one.id) for what, things in by_kind.items() for one in things}
    there |= {(What.ROLE, guild.id)}
    there |= {(What(scope), id_) for scope, id_ in places if scope in {What.CHANNEL.value, What.CATEGORY.value}}
    named = {what: by_name((one.name, one.id) for one in things) for what, things in by_kind.items()}
    return Here(frozenset(there), named)


def question(key: int, copy: Copy, locale: str, page: int = 0) -> Card:
    """The names that are asked about, some at a time."""
    said = f"### {text(locale, 'copy.title')}\n{text(locale, 'copy.about')}"
    if copy.found:
        said += f"\n-# {text(locale, 'copy.matched', count=len(copy.found))}"
    items: list[ui.Item[Any]] = [ui.TextDisplay(said)]
    first = page * PAGE
    for index, thing in islice(enumerate(copy.open), first, first + PAGE):
        name = f"{_SIGNS[thing[0]]}{title(copy.names[thing], NAME_LIMIT) or '–'}"
        items += [ui.TextDisplay(f"**{name}**"), row(_menu(key, index, thing, copy.chosen.get(thing)))]
    apply = button(text(locale, "copy.apply"), f"copy:{key}:apply", style=discord.ButtonStyle.primary)
    buttons = [apply]
    if len(copy.open) > PAGE:
        following = (page + 1) % -(-len(copy.open) // PAGE)
        left = len(copy.open) - len(copy.chosen)
        buttons.append(button(text(locale, "copy.next", count=left), f"copy:{key}:page:{following}"))
    return Card(*items, row(*buttons))


def _menu(key: int, index: int, thing: Thing, chosen: int | None) -> ui.Item[Any]:
    name = f"copy:{key}:{'role' if thing[0] is What.ROLE else 'channel'}:{index}"
    present = [] if chosen is None else [discord.Object(chosen)]
    if thing[0] is What.ROLE:
        kind = discord.SelectDefaultValueType.role
        values = [discord.SelectDefaultValue(id=one.id, type=kind) for one in present]
        return ui.RoleSelect(custom_id=name, min_values=0, default_values=values)
    kind = discord.SelectDefaultValueType.channel
    values = [discord.SelectDefaultValue(id=one.id, type=kind) for one in present]
    types = [discord.ChannelType.category] if thing[0] is What.CATEGORY else _CHANNELS
    return ui.ChannelSelect(custom_id=name, min_values=0, default_values=values, channel_types=types)


def waiting(interaction: Interaction, key: int) -> Copy:
    """NotAllowed: it is over, or another person's."""
    copy = interaction.client.the(Copies).get(key)
    mine = copy is not None and copy.person_id == interaction.user.id and copy.guild_id == interaction.guild_id
    if copy is None or not mine:
        raise NotAllowed("copy.over")
    return copy


_KEY = r"copy:(?P<key>\d{1,20})"


class CopyMenu(SafeSelect[ui.Select[Any]], template=rf"{_KEY}:(?:role|channel):(?P<index>\d{{1,4}})"):
    """What a role, channel or category of the file is here; none: it is left out."""

    def __init__(self, key: int, index: int) -> None:
        super().__init__(ui.Select(custom_id=f"copy:{key}:role:{index}", min_values=0))
        self.key, self.index = key, index

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["key"]), int(match["index"]))

    async def pressed(self, interaction: Interaction) -> None:
        copy = waiting(interaction, self.key)
        if self.index >= len(copy.open):
            raise NotAllowed("error.gone")
        thing, chosen = copy.open[self.index], self.chosen(interaction)
        copy.chosen.pop(thing, None)
        if chosen and chosen[0].isdecimal():
            copy.chosen[thing] = int(chosen[0])
        await acknowledge(interaction)


class CopyPageButton(SafeButton, template=rf"{_KEY}:page:(?P<page>\d{{1,4}})"):
    """More of the names."""

    def __init__(self, key: int, page: int) -> None:
        super().__init__(button("–", f"copy:{key}:page:{page}"))
        self.key, self.page = key, page

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["key"]), int(match["page"]))

    async def pressed(self, interaction: Interaction) -> None:
        copy = waiting(interaction, self.key)
        page = self.page if self.page * PAGE < len(copy.open) else 0
        await replace_message(interaction, question(self.key, copy, locale_of(interaction.locale), page))


class ApplyCopyButton(SafeButton, template=rf"{_KEY}:apply"):
    """Shows what would change, now that it is known what the names stand for."""

    def __init__(self, key: int) -> None:
        super().__init__(button("–", f"copy:{key}:apply"))
        self.key = key

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["key"]))

    async def pressed(self, interaction: Interaction) -> None:
        copy = waiting(interaction, self.key)
        copies = interaction.client.the(Copies)
        copies.pop(self.key)
        try:
            left_out: dict[Thing, int | None] = dict.fromkeys(copy.open)
            sections = translated(copy.sections, {**left_out, **copy.chosen, **copy.found})
            await acknowledge(interaction)
            shown = await copy.then(interaction, sections)
        except Refusal:
            copies.put(self.key, copy)  # something else may be chosen
            raise
        await replace_message(interaction, shown)


COPY_ITEMS: tuple[type[SafeItem[Any]], ...] = (CopyMenu, CopyPageButton, ApplyCopyButton)
