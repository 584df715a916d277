"""Where a person can go, as lines, and a place by what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.models import FORUM
from sandbox.names import places
from sandbox.terminal.command_lines import Unclear

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Guild
    from sandbox.discord.people import Person


def listed(guild: Guild, person: Person) -> list[str]:
    """The places as lines; of a thread whether it is archived, and how many are in it."""
    lines: list[str] = []
    for place in places(guild, person):
        if not place.is_thread:
            lines.append(f"#{place.name}" + (" (forum)" if place.type == FORUM else ""))
            continue
        state = ["archived"] if place.archived else []
        about = ", ".join([*state, f"{len(place.joined)} in it", f"thread {str(place.id)[-4:]}"])
        lines.append(f"  ↳ #{place.name} ({about})")
    return lines


def place_named(guild: Guild, person: Person, text: str) -> Channel:
    """A channel or thread by its name (the newest of several) or by the end of its number.

    Raises:
        Unclear: there is none, or the person does not see it.
    """
    name = text.removeprefix("#")
    seen = [each for each in places(guild, person) if each.type != FORUM]
    by_name = [each for each in seen if each.name == name]
    by_id = [each for each in seen if name.isdigit() and len(name) > 2 and str(each.id).endswith(name)]
    found = by_name or by_id
    if found:
        return max(found, key=lambda each: each.id)
    if any(each.name == name for each in guild.channels.values()):
        raise Unclear(f"{person.name} can't see #{name}")
    raise Unclear(f"places: {', '.join(f'#{each.name}' for each in seen)} and dm")
