"""What is stored of a person, sent to them as a file."""

from __future__ import annotations

import io
import textwrap
import zipfile
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import ui

from bot.aside import Aside
from bot.errors import NotAllowed
from bot.i18n import locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import Card
from bot.kit.responses import acknowledge, answer
from bot.store.database import Database
from cogs.privacy.stored import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE = 50
"""Entries of a list that are written as YAML in one go: some milliseconds."""


async def send_all(interaction: Interaction) -> None:
    """Answer privately with a YAML file of all that is stored of who asks, zipped where it is too large as it is."""
    await acknowledge(interaction, ephemeral=True, thinking=True)
    locale = locale_of(interaction.locale)
    stored = await all_of(interaction.client.the(Database), interaction.user.id)
    aside = interaction.client.the(Aside)
    written = await aside.run(_as_yaml, stored, text(locale, "privacy.file"))
    name = f"onekey-{interaction.user.id}.yaml"
    if len(written) > interaction.filesize_limit:
        name, written = f"{name}.zip", await aside.run(_zipped, name, written)
    if len(written) > interaction.filesize_limit:
        raise NotAllowed("privacy.too_large")
    view = Card(ui.TextDisplay(text(locale, "privacy.shown")), ui.File(f"attachment://{name}"))
    await answer(interaction, view, ephemeral=True, files=[discord.File(io.BytesIO(written), filename=name)])


def _as_yaml(stored: dict[str, Any], heading: str) -> bytes:
    return f"# {heading}\n{''.join(_pieces(stored))}".encode()


def _pieces(stored: dict[str, Any]) -> Iterator[str]:
    """YAML, some entries of a list at a time: libyaml gives the interpreter back only at the end of a whole document,
    and holds everybody's answers for more than a second over a hundred thousand orders, in a thread, too.
    """
    for key, value in stored.items():
        if isinstance(value, dict) and value:
            yield f"{key}:\n"
            yield from (textwrap.indent(piece, "  ") for piece in _pieces(cast("dict[str, Any]", value)))
        elif isinstance(value, list) and value:
            entries = cast("list[Any]", value)
            yield f"{key}:\n"
            yield from (_dumped(entries[first : first + AT_ONCE]) for first in range(0, len(entries), AT_ONCE))
        else:
            yield _dumped({key: cast("object", value)})


def _dumped(value: object) -> str:
    import yaml  # noqa: PLC0415 - half a megabyte that the bot does without until somebody asks

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    written = yaml.dump(  # pyright: ignore[reportUnknownMemberType] - its stub leaves the width untyped
        value, Dumper=dumper, allow_unicode=True, sort_keys=False, width=120
    )
    return str(written)


def _zipped(name: str, written: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, written)
    return packed.getvalue()
