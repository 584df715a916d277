"""What menus and options offer: strings as registered; people, roles and channels as this person sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.discord.models import CATEGORY, DM
from sandbox.names import places

if TYPE_CHECKING:
    from sandbox.browser.windows import Window
    from sandbox.discord.models import Channel, Json, JsonValue, Role, User

_PEOPLE: Final = frozenset({5, 7})
_ROLES: Final = frozenset({6, 7})
_CHANNELS: Final = 8
MOST: Final = 200
"""Of one kind in one menu."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu. `kind` says which sign stands before it."""

    value: str
    label: str
    kind: str = ""
    description: str = ""
    emoji: str = ""
    chosen: bool = False


def offered(window: Window, part: Json) -> list[Choice]:
    """The lines of a menu in a message or form, whatever its kind, with those chosen from the start."""
    kind: int = part["type"]
    defaults: list[Json] = part.get("default_values") or []
    chosen = {str(default["id"]) for default in defaults}
    if kind in _PEOPLE | _ROLES:
        found = [*(people(window) if kind in _PEOPLE else ()), *(roles(window) if kind in _ROLES else ())]
    elif kind == _CHANNELS:
        found = channels(window, part.get("channel_types"))
    else:
        options: list[Json] = part.get("options") or []
        return [_string(option) for option in options]
    return [Choice(each.value, each.label, each.kind, chosen=each.value in chosen) for each in found]


def people(window: Window) -> list[Choice]:
    guild = window.guild
    users = window.channel.recipients if guild is None else [each.user for each in guild.members.values()]
    users = [*users, window.bot] if window.channel.type == DM else users
    return [Choice(str(each.id), each.name, "@") for each in users[:MOST]]


def roles(window: Window) -> list[Choice]:
    guild = window.guild
    found = [] if guild is None else list(guild.roles.values())
    return [Choice(str(each.id), each.name.removeprefix("@"), "@&") for each in found[:MOST]]


def channels(window: Window, types: list[int] | None = None) -> list[Choice]:
    """Categories, channels and threads that this person sees; of `types`, if there are any."""
    guild = window.guild
    if guild is None:
        return []
    seen = [*(each for each in guild.channels.values() if each.type == CATEGORY), *places(guild, window.person)]
    seen = [each for each in seen if not types or each.type in types]
    return [Choice(str(each.id), str(each.name), "#") for each in seen[:MOST]]


def entity(window: Window, value: str) -> User | Role | Channel | JsonValue:
    """Whoever or whatever an id of a menu names; the text itself where it names nothing (the menu will refuse it)."""
    if not value.isdigit():
        return value
    number, world, guild = int(value), window.stage.world, window.guild
    role = None if guild is None else guild.roles.get(number)
    return role or world.users.get(number) or world.channels.get(number) or value


def _string(option: Json) -> Choice:
    emoji: Json = option.get("emoji") or {}
    return Choice(
        str(option["value"]),
        str(option["label"]),
        description=str(option.get("description") or ""),
        emoji=str(emoji.get("name") or ""),
        chosen=bool(option.get("default")),
    )
