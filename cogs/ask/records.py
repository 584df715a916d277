"""What the rows of questions and answers are in the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

LENGTH = "length"
"""The `finish` of an answer that the length limit cut."""
INTERRUPTED = "interrupted"
CUT: Final = frozenset({LENGTH, INTERRUPTED, "cut_off"})
"""The `finish` of an answer that can be gone on with where it ends."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The columns' order is `schema.turns`'s. Times are Unix seconds.

    `first_id`: of the first answer to the same question; its own, where it is that. `channel_id`: of the thread, where
    it is one. `headed`: the question stands above the answer. `files`: Discord's own descriptions of them. `finish`
    None: it grows, or its process was killed. `says_who`: who asked stands above the answer, with a link to the message
    `about_id`, where it is about one.
    """

    id: int
    parent_id: int | None
    first_id: int
    person_id: int
    name: str | None
    guild_id: int | None
    channel_id: int
    private: bool
    headed: bool
    wanted_model: str | None
    model: str
    persona: str | None
    prompt: str | None
    files: list[dict[str, Any]] | None
    read: str | None
    answer: str | None
    finish: str | None
    prompt_tokens: int | None
    answer_tokens: int | None
    asked_bytes: int
    answer_bytes: int
    asked_again: bool
    asked_at: float
    ended_at: float
    says_who: bool
    about_id: int | None

    def is_before(self, person_id: int, channel_id: int | None) -> bool:
        """Whether a person has it before them in this channel: an id that came in a custom_id may be of any turn."""
        return self.channel_id == channel_id and (self.person_id == person_id or not self.private)


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody wrote that a turn asks about. `person_id` None: no person did, or nobody knows who."""

    text: str
    name: str | None = None
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """A turn as far as a model is told of it."""

    id: int
    person_id: int
    name: str | None
    prompt: str
    files: list[dict[str, Any]] | None
    read: str | None
    answer: str
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """What was said before, oldest first. `more`: there was more before it than was read."""

    turns: tuple[Past, ...] = ()
    more: bool = False
    size: int = 0
    """In bytes."""
