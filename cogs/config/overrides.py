"""What a lock takes from channels: values of theirs that are not narrower than the server's hold no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.environment import Environment
from bot.i18n import listed, text
from bot.orders.policy import rules_at
from bot.settings import SETTINGS, Scope
from bot.settings import changes as store
from bot.settings.changes import Realm
from bot.settings.locks import LOCKS, is_locked
from bot.store.database import Database
from bot.text import escape
from cogs.config import advice, changes, managers
from cogs.config.cards import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.kit.bot import Interaction
    from bot.settings.stored import Json

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Overridden:
    """What holds at a place of a setting, and what will."""

    key: str
    place_id: int
    before: object
    after: object
    stops: Mapping[str, str] = field(default_factory=dict[str, str])
    """The models that are then refused there, by their settings."""


async def overridden(interaction: Interaction, chosen: Mapping[str, Json | None]) -> Sequence[Overridden]:
    """What the server's locks take from channels if this is set for the server, or is to be cleared there."""
    guild = interaction.guild
    if guild is None or not chosen.get(LOCKS):
        return []
    the = interaction.client.the
    before = await the(Database).run(store.everything, Realm(guild.id, 0))
    server = ("server", guild.id)
    held = {**before.get(server, {}), **chosen}
    after = {**before, server: {key: value for key, value in held.items() if value is not None}}
    found: list[Overridden] = []
    for (scope, id_), values in before.items():
        keys = [key for key in values if is_locked(chosen[LOCKS], key) and key in SETTINGS]
        keys = [key for key in keys if not is_locked(before.get(server, {}).get(LOCKS), key)]
        channel = guild.get_channel_or_thread(id_) if keys and scope != Scope.SERVER else None
        if channel is None:
            continue
        place = managers.place_of_channel(channel)
        now, then = (rules_at(place, each, the(Environment)) for each in (before, after))
        was, will = (changes.refused_models(interaction, each) for each in (now, then))
        stops = {key: model for key, model in will.items() if key not in was}
        found += [
            Overridden(key, id_, now.value(key), then.value(key), stops)
            for key in keys
            if now.value(key) != then.value(key)
        ]
    return found


def said(locale: str, found: Sequence[Overridden]) -> list[str]:
    """A line that tells it; none, where nothing is taken."""
    if not found:
        return []
    steps = [
        text(
            locale,
            "config.overrides_step",
            where=f"<#{one.place_id}>",
            setting=SETTINGS[one.key].name(locale),
            before=shown(locale, one.key, one.before),
            after=shown(locale, one.key, one.after),
        )
        for one in found[:SHOWN]
    ]
    more = [text(locale, "config.more", count=len(found) - SHOWN)] if len(found) > SHOWN else []
    refused = [
        text(locale, "config.lock_stops", what=_what(locale, key), where=f"<#{one.place_id}>", model=escape(model))
        for one in found
        for key, model in one.stops.items()
    ]
    said = [f"-# {text(locale, 'config.overrides', count=len(found), values=listed(locale, steps + more))}"]
    return said + list(dict.fromkeys(refused))[:SHOWN]


def _what(locale: str, key: str) -> str:
    """What stops without its model: a command, or what images are made into."""
    kind = advice.left_without(key)
    return SETTINGS[key].name(locale) if kind is None else f"/{kind.command}"
