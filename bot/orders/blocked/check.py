"""What was said, checked against lists of blocked words: outside transactions, off the event loop where it is long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.aside import Aside
from bot.errors import BadValue
from bot.orders.blocked.matcher import matcher
from bot.text import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

AT_ONCE: Final = 1000
"""Characters that are read here and now, in some milliseconds whatever they are."""
PROMPT: Final = 6000
"""Characters that a command takes (Discord). What is longer is a file's text."""


class Unread(Exception):
    """A transaction needs to know whether a text holds words of a list: `Reader` finds out, and it is run again."""

    def __init__(self, said: str, words: tuple[str, ...]) -> None:
        super().__init__("to be read outside the transaction")
        self.said = said
        self.words = words


class Verdicts:
    """What is known of the texts that one person's order came with, for as long as it takes to place it."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, tuple[str, ...]], str | None] = {}

    def check(self, said: str, words: Sequence[str]) -> None:
        """BadValue: a word of the list stands in what was said. Unread: that is not known yet."""
        if said and words:
            key = said, tuple(words)
            if key not in self._found:
                raise Unread(*key)
            _refuse(self._found[key])

    def note(self, unread: Unread, word: str | None) -> None:
        """What `Reader.find` said of it."""
        self._found[unread.said, unread.words] = word


class Reader:
    """Looks for blocked words, in long texts one after another: whoever sends many files keeps one thread busy, and not
    the prompts of others waiting.
    """

    def __init__(self) -> None:
        self._prompts, self._files = Aside(), Aside()

    async def find(self, said: str, words: Sequence[str]) -> str | None:
        """A word of the list that stands in what was said; None: there is none."""
        if not said or not words:
            return None
        listed = tuple(words)
        if len(said) <= AT_ONCE and sum(map(len, listed)) <= PROMPT:
            return find(said, listed)
        return await (self._prompts if len(said) <= PROMPT else self._files).run(find, said, listed)

    async def refuse(self, said: str, words: Sequence[str]) -> None:
        """BadValue: a word of the list stands in what was said."""
        _refuse(await self.find(said, words))


def find(said: str, words: tuple[str, ...]) -> str | None:
    """As `Reader.find`, here and now: up to some seconds of the longest texts that are taken at all."""
    return matcher(words).find(said)


def _refuse(word: str | None) -> None:
    if word is not None:
        raise BadValue("policy.blocked_word", word=escape(word))
