"""Reasoning inside content: `<think>…</think>` told apart from the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of what the model thinks first; never shown as the answer."""

    text: str


class ThinkSplitter:
    """Splits one answer's content, in pieces of any size, with tags that may be cut anywhere.

    Models that think inside their content open the tag as the very first thing they write, so only there (after
    space at most) is `<think>` a tag. Anywhere later it is a word of the answer, which may well be about such tags;
    the closing tag ends the block once, and a second block is text. A block that never closes stays reasoning: an
    answer cut off while thinking has no text.
    """

    __slots__ = ("_held", "_state")

    def __init__(self) -> None:
        self._state = "start"  # start → thinking → gap (space before the answer is dropped) → answer
        self._held = ""

    def feed(self, piece: str, events: list[Text | Reasoning]) -> None:
        """Append to `events` what `piece` completes, joined to a last event of the same kind."""
        if self._state == "answer":
            _add_text(events, piece)
            return
        self._held += piece
        if self._state == "start":
            begun = self._held.lstrip()
            if _OPEN.startswith(begun):
                if begun != _OPEN:
                    return  # only space so far, or the first letters of the tag
            elif not begun.startswith(_OPEN):
                self._answer(self._held, events)
                return
            self._held = begun[len(_OPEN) :]
            self._state = "thinking"
        if self._state == "thinking":
            before, tag, after = self._held.partition(_CLOSE)
            if not tag:
                kept = _cut_tag(before)
                self._held = before[len(before) - kept :]
                _add_reasoning(events, before[: len(before) - kept])
                return
            _add_reasoning(events, before)
            self._held = after
            self._state = "gap"
        rest = self._held.lstrip()
        self._held = ""
        if rest:
            self._answer(rest, events)

    def end(self, events: list[Text | Reasoning]) -> None:
        """The content is over: what was held back is no tag."""
        held, self._held = self._held, ""
        if held and self._state == "thinking":
            _add_reasoning(events, held)
        elif held:
            self._answer(held, events)

    def _answer(self, text: str, events: list[Text | Reasoning]) -> None:
        self._state = "answer"
        self._held = ""
        _add_text(events, text)


def _cut_tag(text: str) -> int:
    """How many characters at the end of `text` may be the beginning of a closing tag."""
    for length in range(min(len(_CLOSE) - 1, len(text)), 0, -1):
        if text.endswith(_CLOSE[:length]):
            return length
    return 0


def _add_text(events: list[Text | Reasoning], text: str) -> None:
    if events and isinstance(events[-1], Text):
        text = events.pop().text + text
    if text:
        events.append(Text(text))


def _add_reasoning(events: list[Text | Reasoning], text: str) -> None:
    if events and isinstance(events[-1], Reasoning):
        text = events.pop().text + text
    if text:
        events.append(Reasoning(text))
