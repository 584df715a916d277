"""Which words stand for each idea in a prompt that a person edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.jam.against import Reading, read, sentences, stands
from bot.jam.merge import CLAIM_MOST, own_text
from bot.jam.words import Token, names
from bot.store.jams import Idea

_LEAST: Final = 60
"""Characters within which a short idea's words may stand; a longer one's within twice its length."""


def parts_after(prompt: str, ideas: Sequence[Idea]) -> dict[int, str | None]:
    """For each idea's id what stands for it in an edited prompt: what did before, its own words, or what is left of
    them: the words, within one sentence, that have the most of what it says, and at least half of what no other idea
    says. None: there is nothing, or the prompt speaks against it.
    """
    texts = {idea.id: own_text(idea) for idea in ideas}
    edited = read(prompt, by=[read(text) for text in texts.values()])
    found: dict[int, str | None] = {}
    for idea in ideas:
        own = texts[idea.id]
        said = read(own)
        before = next((one for one in (idea.part, own) if one and stands(one, said, edited)), None)
        others = {name for id_, text in texts.items() if id_ != idea.id and text != own for name in names(text)}
        wanted = [names(text) for text in (own, idea.part or "")]
        left = (_left_of(each, each - others or each, said, edited) for each in wanted if each)
        found[idea.id] = before or next(filter(None, left), None)
    return found


def _left_of(wanted: set[str], distinct: set[str], said: Reading, edited: Reading) -> str | None:
    """The shortest words of the edited prompt that have the most of what is wanted, and half of what is distinct."""
    denied = said.denied - said.affirmed
    there = [
        token
        for token in edited.tokens
        if token.name in wanted and edited.denies(token.start) == (token.name in denied)
    ]
    longest = max(_LEAST, 2 * len(said.text))
    best: tuple[int, int, str] | None = None
    for first, last in sentences(edited.text):
        within = [token for token in there if first <= token.start < last]
        for at, one in enumerate(within):
            for held, end in _grown(within[at:], one.start + longest):
                start = _with_its_no(edited, one)
                if 2 * len(held & distinct) >= len(distinct) and end - start <= CLAIM_MOST:
                    candidate = (len(held), start - end, edited.text[start:end])
                    best = candidate if best is None else max(best, candidate, key=lambda each: each[:2])
    return best[2] if best is not None else None


def _with_its_no(edited: Reading, token: Token) -> int:
    """Where it begins: "no people", not "people", where nobody shall be seen."""
    return min([token.start, *(one.word for one in edited.denials if one.start <= token.start < one.end)])


def _grown(tokens: Sequence[Token], limit: int) -> list[tuple[set[str], int]]:
    """What is held from the first of the tokens on, and up to where, whenever there is more."""
    held: set[str] = set()
    found: list[tuple[set[str], int]] = []
    for token in tokens:
        if token.end > limit:
            break
        if token.name not in held:
            held |= {token.name}
            found.append((set(held), token.end))
    return found
