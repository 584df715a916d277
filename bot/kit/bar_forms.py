"""The form that asks for how long, and why, a person is barred; and what is said once they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import ui

from bot.i18n import DEFAULT_LOCALE, text
from bot.kit.components import Card, button, row, text_input
from bot.kit.text_modals import WrittenForm
from bot.text import escape, shorten

if TYPE_CHECKING:
    from typing import Any

SPAN: Final = "span"
REASON_LIMIT: Final = 200
TITLE_LIMIT: Final = 45
"""Characters of a form's title (Discord)."""


class BarForm(WrittenForm):
    """`about`: who is barred, in its title and its first line; None: it was sent."""

    name = "reason"

    def __init__(
        self, custom_id: str, *, locale: str = DEFAULT_LOCALE, about: discord.User | discord.Member | None = None
    ) -> None:
        name = "" if about is None else about.display_name
        super().__init__(title=shorten(text(locale, "report.bar_title", person=name), TITLE_LIMIT), custom_id=custom_id)
        if about is not None:
            who = about.mention
            if about.name != name:  # what they call themselves here may be anybody's name
                who = text(locale, "report.bar_named", person=who, name=escape(about.name))
            first: ui.TextDisplay[Any] = ui.TextDisplay(text(locale, "report.bar_whom", person=who))
            self.add_item(first)
        span, span_help = text(locale, "report.bar_for"), text(locale, "report.bar_for_help")
        self.add_item(text_input(SPAN, span, span_help, short=True, required=False))
        why, why_help = text(locale, "report.bar_why"), text(locale, "report.bar_why_help")
        self.add_item(text_input(self.name, why, why_help, most=REASON_LIMIT, short=True, required=False))


def began(locale: str, who: str, until: str | None, why: str) -> str:
    """“Blocked @carol from using the bot until tomorrow. Reason: spam”. `until`: in words; None: no end."""
    said = text(locale, "bar.began" if until is None else "bar.began_until", person=who, until=until)
    return text(locale, "bar.because", said=said, reason=why) if why else said


def began_card(locale: str, person_id: int, said: str) -> Card:
    """`said`, what follows from it, and the button that lets them in again."""
    display: ui.TextDisplay[Any] = ui.TextDisplay(f"{said}\n-# {text(locale, 'bar.how_to_end')}")
    return Card(display, row(button(text(locale, "button.unbar"), f"bars:unbar:{person_id}")))
