"""What a person's client makes of names: the places they see, and the people, roles and channels in what they write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.discord.models import CATEGORY
from sandbox.discord.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.discord.models import Channel, Guild
    from sandbox.discord.people import Person


def places(guild: Guild, person: Person) -> list[Channel]:
    """Every channel and thread that the person sees and can write in or read, threads below their channels."""
    seen = [each for each in guild.channels.values() if person.permissions(each) & Permission.VIEW_CHANNEL]
    top = [each for each in seen if not each.is_thread and each.type != CATEGORY]
    return [place for each in top for place in (each, *(inside for inside in seen if inside.parent_id == each.id))]


def mentions(guild: Guild, person: Person) -> dict[str, str]:
    """What the person's client puts in place of "@bob", "@Artists", "#general": of what they see."""
    found = {f"@{each.name}": f"<@&{each.id}>" for each in guild.roles.values() if each.id != guild.id}
    found |= {f"@{each.user.name}": each.user.mention for each in guild.members.values()}
    return found | {f"#{each.name}": f"<#{each.id}>" for each in places(guild, person)}


def mentioned(text: str, mentions: Mapping[str, str]) -> str:
    """The text as a client sends it: names that stand alone become `<@id>`, `<@&id>`, `<#id>`; the longest one wins."""
    if not mentions or not {"@", "#"} & set(text):
        return text
    names = "|".join(re.escape(name) for name in sorted(mentions, key=len, reverse=True))
    return re.sub(rf"(?<![\w<@#&])(?:{names})(?![\w-])", lambda found: mentions[found[0]], text)
