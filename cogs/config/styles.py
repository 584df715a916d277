"""/config styles: those of the server's images, made and changed in a form."""

from __future__ import annotations

from typing import Any

from discord import ui

from bot.i18n import text
from bot.settings.entries import NAME_LIMIT
from bot.settings.styles import WORDS_LIMIT, Styles
from bot.text import escape, one_line, shorten
from cogs.config.changes import Look
from cogs.config.entries import NAME, Entry, EntryButton, EntryForm, EntryMenu, Input, NewButton, Sort, form_of

SHOWN = 100
"""Characters of the words that the list has; of 24 styles it stays within a message's 4,000."""


def _none_line(locale: str, look: Look) -> str:
    del look
    return f"**{text(locale, 'styles.no_style')}** · {text(locale, 'styles.no_words')}"


def _line(one: Entry) -> str:
    return f"**{escape(one['name'])}** · {escape(shorten(one_line(one['words']), SHOWN))}"


STYLES = Sort(
    key="styles",
    kind=Styles(),
    title="styles.title",
    edit="styles.edit",
    new="button.new_style",
    saved="styles.saved",
    deleted="styles.deleted",
    delete="styles.delete",
    inputs={
        "name": Input(label="styles.name", help="styles.name_help", most=NAME_LIMIT),
        "words": Input(label="styles.words", help="styles.words_help", most=WORDS_LIMIT, short=False),
    },
    usual=_none_line,
    line=_line,
)


class StyleForm(EntryForm):
    sort = STYLES
    template = form_of(STYLES.key)


class NewStyleButton(NewButton, template=r"styles:new"):
    form = StyleForm


class StyleButton(EntryButton, template=rf"styles:(?P<what>again):{NAME}"):
    form = StyleForm


class StyleMenu(EntryMenu, template=r"styles:edit"):
    form = StyleForm


STYLE_ITEMS: tuple[type[ui.DynamicItem[Any]], ...] = (NewStyleButton, StyleButton, StyleMenu)
