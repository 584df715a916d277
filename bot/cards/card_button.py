"""What the presses under a generation's card have in common."""

from __future__ import annotations

import re
from typing import ClassVar, Self

from bot.cards.button_looks import card_button
from bot.i18n import DEFAULT_LOCALE
from bot.kit.components import SafeButton

# As long as a custom_id may be: a press on a number that no row can have gets its sentence too.
CARD = r"(?P<kind>image|video):(?P<id>\d{1,80})"


class CardButton(SafeButton, template=r"(?!)"):
    """A press under a row's card, `<kind>:<id>:<action>`. Subclasses name the action."""

    action: ClassVar[str]

    def __init__(self, kind: str, generation_id: int, *, locale: str = DEFAULT_LOCALE) -> None:
        super().__init__(card_button(kind, generation_id, self.action, locale))
        self.generation_id = generation_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["kind"], int(match["id"]))
