"""What a card says of the picture that it came from: its parent, by name, with a link where the reader may go there."""

from __future__ import annotations

import re

from bot.generation.card_facts import CardFacts
from bot.generation.requests import POSTED_IN, From, given_names, made_from
from bot.generation.rows.records import Generation
from bot.i18n import listed, text
from bot.kit.links import message_link
from bot.text import escape, one_line, shorten, title

NAME_LIMIT = 60
FILE_NAME_LIMIT = 30
MOST_NAMED, SHORT_LIMIT = 3, 20
"""Of several parents."""
_POSTED = re.compile(r"(@me|\d{1,20})/(\d{1,20})/(\d{1,20})")

# With the parent's only image, with one of several, and with several parents.
_KEYS: dict[str, tuple[str, str]] = {
    "reroll": ("card.from_reroll", "card.from_reroll"),
    "remix": ("card.from_prompt", "card.from_prompt"),
    "edit": ("card.from_change", "card.from_change_n"),
    "vary": ("card.from_vary", "card.from_vary_n"),
    "upscale": ("card.from_upscale", "card.from_upscale_n"),
    "animate": ("card.from_animate", "card.from_animate_n"),
    "extend": ("card.from_extend", "card.from_extend"),
    "round": ("card.from_round", "card.from_round_n"),
}


def origin(facts: CardFacts) -> str | None:
    """One line without Markdown but the links. None: it came from nothing, or from what is not to be told."""
    row = facts.row
    keys = _KEYS.get("extend" if made_from(row) is From.EXTEND else row.action or "")
    if keys is None:
        return None
    if not facts.parents:
        return _posted(row)
    told = [one for one in facts.parents if row.private or not one.private]
    if len(told) > 1:
        names = [
            text(row.locale, "card.from_gone") if one.removed_at else _name(row, one, SHORT_LIMIT)
            for one in told[:MOST_NAMED]
        ]
        names += ["…"] if len(told) > MOST_NAMED else []
        return text(row.locale, "card.from_several", what=listed(row.locale, names))
    if not told:
        return None
    (parent,) = told
    if parent.removed_at is not None:
        return text(row.locale, "card.from_removed")
    alone, one_of_several = keys
    number = (row.source_position or 0) + 1
    several = row.source_position is not None and parent.count > 1
    facts_of_it = {"what": _name(row, parent, NAME_LIMIT), "who": f"<@{parent.person_id}>", "number": number}
    return text(row.locale, one_of_several if several else alone, **facts_of_it)


def given(row: Generation) -> str | None:
    """The files of its person's own that went along. None: there were none, or `origin` tells of the only one."""
    names = given_names(row.parameters)
    if not names or (len(names) == 1 and POSTED_IN in row.parameters):
        return None
    shown = [escape(shorten(one_line(name), FILE_NAME_LIMIT)) for name in names]
    return text(row.locale, "card.with_files", files=listed(row.locale, shown))


def _name(row: Generation, parent: Generation, limit: int) -> str:
    name = title(parent.prompt, limit) or text(row.locale, "card.a_picture")
    return f"[{name}]({link})" if (link := _link(row, parent)) else name


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
