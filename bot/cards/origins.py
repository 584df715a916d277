"""What a card says of the picture that it came from: its parent, by name, with a link where the reader may go there."""

from __future__ import annotations

import re

from bot.generation.card_facts import CardFacts
from bot.generation.records import Generation
from bot.generation.requests import POSTED_IN, From, made_from
from bot.i18n import text
from bot.kit.links import message_link
from bot.text import title

NAME_LIMIT = 60
_POSTED = re.compile(r"(@me|\d{1,20})/(\d{1,20})/(\d{1,20})")

# With the parent's only picture, and with one of several.
_KEYS: dict[str, tuple[str, str]] = {
    "reroll": ("card.from_reroll", "card.from_reroll"),
    "remix": ("card.from_remix", "card.from_remix"),
    "edit": ("card.from_remix", "card.from_remix"),
    "vary": ("card.from_vary", "card.from_vary_n"),
    "upscale": ("card.from_upscale", "card.from_upscale_n"),
    "animate": ("card.from_animate", "card.from_animate_n"),
    "extend": ("card.from_extend", "card.from_extend"),
    "round": ("card.from_round", "card.from_round_n"),
}


def origin(facts: CardFacts) -> str | None:
    """One line without Markdown of its own but the link. None: it came from nothing, or from what is not to be told."""
    row, parent = facts.row, facts.parent
    keys = _KEYS.get("extend" if made_from(row) is From.EXTEND else row.action or "")
    if keys is None:
        return None
    if parent is None:
        return _posted(row)
    if parent.private and not row.private:
        return None
    if parent.removed_at is not None:
        return text(row.locale, "card.from_removed")
    alone, one_of_several = keys
    number = (row.source_position or 0) + 1
    several = row.source_position is not None and parent.count > 1
    name = title(parent.prompt, NAME_LIMIT) or text(row.locale, "card.a_picture")
    what = f"[{name}]({link})" if (link := _link(row, parent)) else name
    facts_of_it = {"what": what, "who": f"<@{parent.person_id}>", "number": number}
    return text(row.locale, one_of_several if several else alone, **facts_of_it)


def _link(row: Generation, parent: Generation) -> str | None:
    """To the parent's card, where whoever sees the row's can open it."""
    if parent.private or parent.message_id is None:
        return None
    same_server = parent.guild_id is not None and parent.guild_id == row.guild_id
    if not same_server and parent.channel_id != row.channel_id:
        return None
    return message_link(parent.guild_id, parent.channel_id, parent.message_id)


def _posted(row: Generation) -> str | None:
    """Of a picture that is no card: where it stood. What is stored there came through a form."""
    place = _POSTED.fullmatch(str(row.parameters.get(POSTED_IN, "")))
    if row.action != "edit" or place is None:
        return None
    guild_id = None if place[1] == "@me" else int(place[1])
    link = message_link(guild_id, int(place[2]), int(place[3]))
    return text(row.locale, "card.from_posted", link=link)
