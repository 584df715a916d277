"""Many ideas → one prompt: the chat model's, with the words in it that come from each idea; or the ideas, listed.

Nothing is guessed, and nothing added: what the model made is shown with each idea's words, an idea without words that
stand in the prompt is marked, and the person who decides makes it, edits it, or takes the ideas as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cogs.jam.asking import Draft
from cogs.jam.records import Idea
from cogs.jam.words import cut, joined, plain

MOST: Final = 1500
"""Characters of a prompt."""
THEME_MOST: Final = 200
STYLE_MOST: Final = 100
IDEA_MOST: Final = 200
_BETWEEN: Final = len("; ")
_START: Final = THEME_MOST + STYLE_MOST + _BETWEEN
"""Characters that stay of what a list begins with."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A prompt of at most `MOST` characters, and for each idea's id the words that stand in it, if any do."""

    prompt: str
    parts: dict[int, str | None]


def drafted(ideas: Sequence[Idea], draft: Draft) -> Merged | None:
    """What the model made. None: it is too long."""
    if len(draft.prompt) > MOST:
        return None
    numbered = enumerate(ideas, start=1)
    return Merged(draft.prompt, {idea.id: _found_in(draft.words.get(n), draft.prompt) for n, idea in numbered})


def edited(ideas: Sequence[Idea], prompt: str) -> dict[int, str | None]:
    """The words of each idea in a prompt that a person wrote: those it had, or its own, if they stand there."""
    return {idea.id: _found_in(idea.part, prompt) or _found_in(plain(idea.said), prompt) for idea in ideas}


def listed(theme: str, style: str | None, ideas: Sequence[Idea], *, base: str | None) -> Merged:
    """The ideas, one after another, behind theme and style; or behind `base`, the prompt of the picture so far.

    It always fits: where it would not, what they stand behind is shortened, then each idea as much as the others.
    """
    start = plain(base or "") or joined([cut(plain(theme), THEME_MOST), cut(plain(style or ""), STYLE_MOST)], ",")
    texts = {idea.id: said for idea in ideas if (said := plain(idea.said))}
    room = MOST - _BETWEEN * len(texts)
    limit = _fair([len(said) for said in texts.values()], room - min(len(start), _START))
    parts = {id_: cut(said, limit) for id_, said in texts.items()}
    start = cut(start, room - sum(map(len, parts.values())))
    return Merged(joined([start, *parts.values()], ";"), {**parts})


def _found_in(words: str | None, prompt: str) -> str | None:
    """`words` as they stand in the prompt, whatever their case; None: they don't."""
    at = prompt.casefold().find(words.casefold()) if words else -1
    if words is None or at < 0:
        return None
    same = len(prompt.casefold()) == len(prompt) and len(words.casefold()) == len(words)
    return prompt[at : at + len(words)] if same else words if words in prompt else None


def _fair(lengths: Sequence[int], room: int) -> int:
    """The length to which all are shortened so that they fit into `room`: what short ones leave is the others'."""
    left, limit = room, max(lengths, default=0)
    for done, length in enumerate(sorted(lengths)):
        share = left // (len(lengths) - done)
        if length > share:
            limit = share
            break
        left -= length
    return max(1, limit)
