"""Which words stand for each idea in a prompt that a person edited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from bot.jam.against import Reading, read, sentences, stands
from bot.jam.merge import CLAIM_MOST, own_text
from bot.jam.words import names
from bot.store.jams import Idea

_LEAST: Final = 60
"""Characters within which a short idea's words may stand; a longer one's within twice its length."""


@dataclass(frozen=True, slots=True)
class _Edited:
    """An edited prompt. For each character of it: `begins`, where what begins there is to begin, with the word that
    denies it ("no people", not "people", where nobody shall be seen); `ends`, where its sentence ends.
    """

    reading: Reading
    begins: Sequence[int]
    ends: Sequence[int]


def parts_after(prompt: str, ideas: Sequence[Idea]) -> dict[int, str | None]:
    """For each idea's id what stands for it in an edited prompt: what did before, its own words, or what is left of
    them: the words, within one sentence, that have the most of what it says, and at least half of what no other idea
    says. None: there is nothing, or the prompt speaks against it.

    The longest prompts take tenths of a second: call it where nobody waits, in a thread and not in a transaction.
    """
    texts = {idea.id: own_text(idea) for idea in ideas}
    readings = {text: read(text) for text in texts.values()}
    says = {text: names(text) for text in readings}
    edited = _edited(read(prompt, by=list(readings.values())))
    found: dict[int, str | None] = {}
    for idea in ideas:
        own = texts[idea.id]
        said = readings[own]
        found[idea.id] = next((one for one in (idea.part, own) if one and stands(one, said, edited.reading)), None)
        if found[idea.id] is None:
            others = {name for text, each in says.items() if text != own for name in each}
            wanted = [says[own], names(idea.part or "")]
            left = (_left_of(each, each - others or each, said, edited) for each in wanted if each)
            found[idea.id] = next(filter(None, left), None)
    return found


def _edited(reading: Reading) -> _Edited:
    begins = list(range(len(reading.text)))
    for one in sorted(reading.denials, key=lambda denial: denial.word, reverse=True):  # the first word wins
        if one.word < one.start:
            begins[one.start : one.end] = [one.word] * (one.end - one.start)
    ends: list[int] = []
    for first, last in sentences(reading.text):
        ends += [last] * (last - first)
    return _Edited(reading, begins, ends)


def _left_of(wanted: AbstractSet[str], distinct: AbstractSet[str], said: Reading, edited: _Edited) -> str | None:
    """The shortest words of the edited prompt that have the most of what is wanted, and half of what is distinct."""
    prompt, denied = edited.reading, said.denied - said.affirmed
    there = [
        token
        for token in prompt.tokens
        if token.name in wanted and prompt.denies(token.start) == (token.name in denied)
    ]
    longest = max(_LEAST, 2 * len(said.text))
    again: list[int] = []  # where the same comes next, for each
    seen: dict[str, int] = {}
    for at in range(len(there) - 1, -1, -1):
        again.append(seen.get(there[at].name, len(there)))
        seen[there[at].name] = at
    again.reverse()
    if 2 * len(seen.keys() & distinct) < len(distinct):
        return None
    # From each token on as many as there is room for: `there[at:after]`; `last` is the first of its name there, and
    # none after it is. All of them only grow, so that this takes as long as the prompt is, not as its square.
    held: Counter[str] = Counter()
    after = last = 0
    best: tuple[int, int] | None = None
    words = None
    for at, one in enumerate(there):
        start = edited.begins[one.start]
        limit = min(one.start + longest, start + CLAIM_MOST, edited.ends[one.start])
        after = max(after, at)
        while after < len(there) and there[after].end <= limit:
            if not held[there[after].name]:
                last = after
            held[there[after].name] += 1
            after += 1
        end = there[last].end
        candidate = (len(held), start - end)
        better = at < after and end - start <= CLAIM_MOST and (best is None or candidate > best)
        if better and 2 * len(held.keys() & distinct) >= len(distinct):
            best, words = candidate, prompt.text[start:end]
        held[one.name] -= 1
        if held[one.name] > 0:
            last = max(last, again[at])
        else:
            del held[one.name]
    return words
