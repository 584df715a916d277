"""/gallery lineage: a picture's family drawn as a tree, and a list below it that says whose each is, and where."""

from __future__ import annotations

import asyncio
import io
import logging
import re
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands, ui
from yarl import URL

from bot.cards.behind import order_behind
from bot.cards.row_pressed import LARGEST_ID
from bot.errors import NotAllowed
from bot.generation.ordering.orders import Orders
from bot.generation.requests import From, made_from
from bot.i18n import locale_of, text
from bot.kinds import Kind
from bot.kit.commands import CHOICES
from bot.kit.components import Card
from bot.kit.drawing.thumbnails import thumbnails
from bot.kit.links import message_link
from bot.kit.places import place_of
from bot.kit.spoilers import attached, is_spoiler
from bot.kit.titles import prompt_title
from bot.store.database import Database
from bot.text import one_line, shorten
from cogs.gallery import rows as gallery
from cogs.gallery import tree
from cogs.gallery.family import Family, Relative, Sight, read_family
from cogs.gallery.pictures import Looked, look_at
from cogs.gallery.reach import reach_of
from cogs.gallery.threads import read_in_reach
from cogs.gallery.tile import FINE, SIDE, Tile
from cogs.gallery.tree import Key
from cogs.gallery.tree_layout import arrange

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from bot.generation.rows.records import Generation
    from bot.kit.bot import Bot, Interaction
    from cogs.gallery.rows import Reach
    from cogs.gallery.tree_layout import Layout

log = logging.getLogger(__name__)

FILE_NAME: Final = "lineage.png"
"""Behind a spoiler where one of its pictures is."""
TRIES: Final = 4
LIST_LIMIT: Final = 3600
"""Characters of the list: a message's texts hold 4,000."""
TITLE_LIMIT: Final = 80
SUGGESTED_AMONG: Final = 200
"""The newest pictures that are looked through while typing."""
_LINK: Final = re.compile(r"https://(?:\w+\.)?discord(?:app)?\.com/channels/(?:\d+|@me)/(\d{1,19})/(\d{1,19})/?")
_ID: Final = re.compile(r"#?(\d{1,19})")
_DONE: Final = {
    "reroll": "button.reroll",
    "remix": "lineage.prompt",
    "vary": "button.vary",
    "upscale": "button.upscale",
    "extend": "button.extend",
    "edit": "button.change",
    "animate": "button.animate",
    "round": "lineage.round",
}
_KEYS: Final = ("lineage.key_focus", "lineage.key_taken", "lineage.key_also")
_GAPS: Final = {Sight.REMOVED: "jobs.removed", Sight.HIDDEN: "lineage.hidden"}


async def lineage(interaction: Interaction, picture: str) -> tuple[Card, list[discord.File]]:
    """The tree of what `picture` names. The interaction is acknowledged before: pictures are fetched.

    NotAllowed: it names none, or none that the person may be shown.
    """
    reach = await reach_of(interaction)
    locale = locale_of(interaction.locale)
    looked = Looked()
    family = await _family(interaction, reach, picture, looked)
    layout = arrange({id_: each.parent for id_, each in family.relatives.items()})
    media = {id_: _media_of(each, looked) for id_, each in family.relatives.items()}
    with tempfile.TemporaryDirectory(prefix="onekey-lineage-") as folder:
        wanted = [item for items in media.values() for item in items]
        files = await thumbnails(wanted, Path(folder), side=SIDE * FINE)
        tiles = _tiles(locale, family, layout, {id_: _files(items, files) for id_, items in media.items()})
        key = Key(*(text(locale, each) for each in _KEYS))
        drawn = await asyncio.to_thread(tree.draw, tiles, layout, key)
    here = await interaction.client.the(Orders).rules(place_of(interaction))
    spoiler = bool(here.value("spoilers")) or any(is_spoiler(URL(item.url).name) for item in wanted)
    file = discord.File(io.BytesIO(drawn), FILE_NAME, spoiler=spoiler, description=tree.describe(tiles, locale))
    return _card(locale, family, layout, file), [file]


async def suggestions(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The newest pictures of this channel whose words, or number, contain what was typed."""
    try:
        reach = await reach_of(interaction, interaction.channel_id)
        database = interaction.client.the(Database)
        found = await database.run(gallery.page, reach.known, limit=SUGGESTED_AMONG)
    except NotAllowed:
        return []
    except Exception:  # a choice list is no place to fail: the person can paste a link
        log.warning("pictures could not be looked up for autocompletion", exc_info=True)
        return []
    wanted = one_line(typed).lower()
    locale = locale_of(interaction.locale)
    names = {
        entry.row.id: f"#{entry.row.id} · {one_line(entry.row.prompt) or text(locale, 'jobs.prompt_not_kept')}"
        for entry in found
    }
    fitting = [(id_, name) for id_, name in names.items() if wanted in name.lower()]
    return [app_commands.Choice(name=shorten(name, 100), value=f"#{id_}") for id_, name in fitting[:CHOICES]]


async def _family(interaction: Interaction, reach: Reach, picture: str, looked: Looked) -> Family:
    """The family, of whose messages all that were asked for are there."""
    tries = 0
    while True:
        family = await read_in_reach(
            interaction, reach, partial(_read, bot=interaction.client, picture=picture), _of_sight
        )
        if family is None:
            raise NotAllowed("lineage.no_picture")
        shown = [each.row for each in family.relatives.values() if each.sight is Sight.SHOWN]
        await look_at(interaction.client, shown, looked)
        tries += 1
        if tries == TRIES or not any(row.id in looked.gone for row in shown):
            return family


def _of_sight(family: Family | None) -> list[Generation]:
    """The rows of which something is told: of those that are left out, how many they are."""
    if family is None:
        return []
    return [*(each.row for each in family.relatives.values() if each.sight is not Sight.HIDDEN), *family.left_out]


def _read(connection: Connection, reach: Reach, *, bot: Bot, picture: str) -> Family | None:
    picture = picture.strip()
    if link := _LINK.fullmatch(picture):
        channel_id, message_id = (min(int(part), LARGEST_ID) for part in link.groups())
        row = order_behind(connection, bot, channel_id=channel_id, message_id=message_id)
        return None if row is None else read_family(connection, reach, row.id)
    if named := _ID.fullmatch(picture):
        return read_family(connection, reach, min(int(named[1]), LARGEST_ID))
    return None


def _media_of(relative: Relative, looked: Looked) -> Sequence[discord.UnfurledMediaItem]:
    """What stands for it: its pictures; for a clip the picture that it began with."""
    row = relative.row
    if row.kind == Kind.IMAGE:
        return looked.media.get(row.id, ())[:4] if relative.sight is Sight.SHOWN else ()
    stills = [item for item in looked.media.get(row.id, ()) if (item.content_type or "").startswith("image/")]
    began_with = looked.media.get(row.source_id or 0, ())
    position = row.source_position or 0
    return stills[:1] or began_with[position : position + 1]


def _files(items: Sequence[discord.UnfurledMediaItem], files: Mapping[str, Path]) -> list[Path]:
    return [files[item.url] for item in items if item.url in files]


def _tiles(locale: str, family: Family, layout: Layout, pictures: Mapping[int, Sequence[Path]]) -> dict[int, Tile]:
    asked_for = next(iter(family.relatives))
    tiles: dict[int, Tile] = {}
    numbers = {id_: number for number, id_ in enumerate(layout.reading_order, 1)}
    taken: dict[int, list[tuple[int, int]]] = {}
    for id_, relative in family.relatives.items():
        for one in relative.parents if relative.sight is not Sight.HIDDEN else ():
            if one.position is not None:
                taken.setdefault(one.id, []).append((one.position, numbers[id_]))
    for id_, number in numbers.items():
        relative = family.relatives[id_]
        gap = _GAPS.get(relative.sight)
        tiles[id_] = Tile(
            number=number,
            done=_done(locale, family, relative),
            pictures=pictures[id_] if gap is None else (),
            count=relative.row.count,
            taken=taken.get(id_, ()),
            also=[one for one in dict.fromkeys(each.id for each in relative.parents) if one != relative.parent],
            votes=text(locale, "gallery.votes", count=relative.votes) if relative.votes and gap is None else None,
            gap=None if gap is None else text(locale, gap),
            focus=id_ == asked_for,
            video=relative.row.kind == Kind.VIDEO,
        )
    return tiles


def _done(locale: str, family: Family, relative: Relative) -> str | None:
    """What was done to its parent: the word on the button, and which picture of several."""
    row = relative.row
    key = _DONE.get("extend" if made_from(row) is From.EXTEND else row.action or "")
    if relative.parent is None or key is None or relative.sight is Sight.HIDDEN:
        return None
    if len({one.id for one in relative.parents}) > 1:
        return text(locale, "lineage.combined")
    first = relative.parents[0]
    several = family.relatives[first.id].row.count > 1
    if first.position is None or not several:
        return text(locale, key)
    return f"{text(locale, key)} {first.position + 1}"


def _card(locale: str, family: Family, layout: Layout, file: discord.File) -> Card:
    picture: ui.MediaGallery[Any] = ui.MediaGallery(attached(file.filename, description=file.description))
    room = LIST_LIMIT // len(family.relatives)
    lines = [_line(locale, number, family.relatives[id_], room) for number, id_ in enumerate(layout.reading_order, 1)]
    if len(family.relatives) == 1:
        (alone,) = family.relatives.values()
        key = "lineage.alone_video" if alone.row.kind == Kind.VIDEO else "lineage.alone"
        lines.append(f"-# {text(locale, key)}")
    if family.left_out:
        key = "lineage.left_out_at_least" if family.at_least else "lineage.left_out"
        lines.append(f"-# {text(locale, key, count=len(family.left_out))}")
    heading: ui.TextDisplay[Any] = ui.TextDisplay(f"### {text(locale, 'lineage.title')}")
    listed: ui.TextDisplay[Any] = ui.TextDisplay("\n".join(lines))
    return Card(heading, picture, listed)


def _line(locale: str, number: int, relative: Relative, room: int) -> str:
    """A line of at most `room` characters: number, title, who, and where."""
    row = relative.row
    gap = _GAPS.get(relative.sight)
    if gap is not None:
        return f"{number}\\. {one_line(text(locale, gap))}"
    link = f"[#{row.id}]({message_link(row.guild_id, row.channel_id, row.message_id or 0)})"
    facts = f" · <@{row.person_id}> · {link}"
    limit = min(TITLE_LIMIT, max(8, room - len(facts) - 6))
    # Escaping makes some titles longer, up to twice as long.
    while len(name := prompt_title(row.prompt, locale, limit)) > room - len(facts) - 6 and limit > 8:
        limit -= 4
    return f"{number}\\. {name}{facts}"
