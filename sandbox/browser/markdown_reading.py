"""One message while its Markdown is read, and the two steps that all its rules take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

    from sandbox.discord.render import NameOf

READING: Final = "reading"
"""The key of the Reading in markdown-it's `env`."""


@dataclass(slots=True)
class Reading:
    """One message while it is read."""

    name_of: NameOf
    locale: str
    in_vain: set[tuple[str, str, int]] = field(default_factory=set[tuple[str, str, int]])
    """(text, mark, where it ends): no end of this mark stands between here and there."""
    brackets: dict[str, dict[int, int]] = field(default_factory=dict[str, dict[int, int]])
    """Where each `[` of a text is closed."""

    @property
    def chinese(self) -> bool:
        return self.locale == "zh-CN"


def reading(state: StateInline) -> Reading:
    return cast("Reading", state.env[READING])


def inside(state: StateInline, start: int, end: int) -> None:
    outer = state.posMax
    state.pos, state.posMax = start, end
    state.md.inline.tokenize(state)
    state.posMax = outer


def say(state: StateInline, text: str) -> None:
    state.push("text", "", 0).content = text
