"""The messages of /ask: the question quoted, the answer, the machine's words in subtext."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.i18n import LOCALES, text
from bot.kit.components import Card, row
from bot.kit.links import message_link
from bot.kit.message_parts import custom_ids_in, texts_in
from bot.text import title
from cogs.ask.custom_ids import stop_button
from cogs.ask.records import Turn

CURSOR = " ▍"
TEXT_LIMIT = 4000
"""Of all text in a Components V2 message (Discord)."""
FOOTER_ROOM = 350
"""For the cursor and the longest footer there can be, with a model's name of MODEL_LIMIT escaped characters."""
MODEL_LIMIT = 60
ROOM = TEXT_LIMIT - FOOTER_ROOM
"""For answer and question."""
_CHOICES = {
    "about.explain_prompt": "about.explain",
    "about.translate_prompt": "about.translate",
    "about.summarise_prompt": "about.summarise",
    "about.catch_up_prompt": "command.catch_up",
}
"""The questions that the menus of a message ask, and what they are called there."""


def heading(turn: Turn, locale: str) -> str:
    """The question as the others read it: Discord shows them only that the command was used."""
    if not turn.headed:
        return ""
    names = [str(file.get("filename")) for file in turn.files or ()]
    lines = [title(_asked(turn.prompt or "", locale)), f"-# {title(', '.join(names), 60)}" if names else ""]
    quoted = [f"> {line}" for line in lines if line]
    return "\n".join([*([f"-# {_who(turn, locale)}"] if turn.says_who else []), *quoted])


def _asked(prompt: str, locale: str) -> str:
    """The question. Where a menu's choice wrote it, what that is called: its words are not the person's."""
    for key, choice in _CHOICES.items():
        for each in LOCALES:
            before, _, after = text(each, key, language="\0").partition("\0")
            if prompt.startswith(before) and prompt.endswith(after):
                return text(locale, choice)
    return prompt


def _who(turn: Turn, locale: str) -> str:
    who = f"<@{turn.person_id}>"
    if turn.about_id is None:
        return text(locale, "ask.asked_by", who=who)
    link = message_link(turn.guild_id, turn.channel_id, turn.about_id)
    return text(locale, "ask.asked_about", who=who, link=link)


def waiting(head: str, line: str, key: int, locale: str) -> Card:
    """Before there is any text."""
    return Card(*_texts(head, f"-# {line}"), row(stop_button(key, locale)))


def growing(head: str | None, piece: str, footer: str, key: int, locale: str) -> Card:
    """The text so far, with the cursor."""
    return Card(
        *_texts(head, piece + CURSOR, f"-# {footer}"),
        row(stop_button(key, locale)),
    )


def finished(
    head: str | None,
    piece: str,
    footer: str | None = None,
    files: Sequence[str] = (),
    again: Sequence[ui.ActionRow[Any]] = (),
    *,
    veiled: bool = False,
) -> Card:
    """A message that will not change any more; `files`: the names of its attachments.

    `again`: what may help, where it failed. `veiled`: what was written stands behind a spoiler.
    """
    last = f"-# {footer}" if footer else None
    if veiled:
        card = Card(*_texts(head), ui.Container(*_texts(piece), spoiler=True), *_texts(last))
    else:
        card = Card(*_texts(head, piece, last))
    for name in files:
        card.add_item(ui.File(f"attachment://{name}", spoiler=veiled))
    for each in again:
        card.add_item(each)
    return card


def broken_off(message: discord.Message, locale: str, again: Sequence[ui.ActionRow[Any]] = ()) -> Card:
    """What a message of a dead process becomes: its texts without cursor and button, and a word on why it ends.

    `again`: what may help.
    """
    texts = [component.content for component in message.components if isinstance(component, discord.TextDisplay)]
    grows = bool(custom_ids_in(message.components))  # else it is a full one, without a footer
    kept = [content.removesuffix(CURSOR) for content in texts[:-1]] if len(texts) > 1 and grows else texts
    items: list[ui.Item[Any]] = [ui.TextDisplay(content) for content in kept if content]
    return Card(*items, ui.TextDisplay(f"-# {text(locale, 'ask.interrupted')}"), *again)


def without_buttons(message: discord.Message) -> Card:
    """A finished message whose question was asked once more."""
    return Card(*(ui.TextDisplay[Any](content) for content in texts_in(message.components)))


def _texts(*contents: str | None) -> list[ui.TextDisplay[Any]]:
    return [ui.TextDisplay(content) for content in contents if content]
