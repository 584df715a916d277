"""Many ideas → one prompt, with the words that stand in it for each.

The ideas are untrusted, and so is what the model makes of them: an idea may talk it into leaving the others out. What
holds is held here, whatever it answers: every idea has words that stand literally in the prompt, and not where it
speaks against them. Words that the model names count only if they are there and have something of the idea; for an idea
without such words its own text is added. A draft that turns against what anybody gave, or has lost the prompt of the
picture so far, is not taken at all. Theme and style always stand first. All of it is pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.jam.against import Reading, read, stands, turns_against
from bot.jam.asking import Draft
from bot.jam.reasons import RoundReason
from bot.jam.words import cut, joined, names, plain
from bot.store.jams import Idea

MOST: Final = 1500
"""Characters of a prompt."""
THEME_MOST: Final = 200
STYLE_MOST: Final = 100
IDEA_MOST: Final = 200
PART_MOST: Final = 120
"""Characters that an idea's own text adds."""
CLAIM_MOST: Final = 200
"""Characters of the prompt that may stand for one idea: not the whole of it."""
_ENDS: Final = " .,;:。，、；："


@dataclass(frozen=True, slots=True)
class Merged:
    """A prompt of at most `MOST` characters, and for each idea's id the words that stand in it."""

    prompt: str
    parts: dict[int, str]


def assemble(
    theme: str, style: str | None, ideas: Sequence[Idea], draft: Draft, *, base: str | None = None
) -> Merged | RoundReason:
    """The prompt that the draft makes, with all ideas in it.

    `base`: the prompt of the picture so far, where that does not go along itself. The reason why there is none:
    MERGE_ODD: it would be too long; MERGE_UNFAIR: the draft speaks against what somebody gave, or has too little of the
    base.
    """
    if len(draft.prompt) > MOST:
        return RoundReason.MERGE_ODD
    head = _head(theme, style)
    given = [read(own_text(idea)) for idea in ideas]
    sources = [read(head), *given, *([] if base is None else [read(base)])]
    body = read(_without_head(draft.prompt, theme, style), by=sources)
    # The theme stands there anyway; only an order could take it away.
    if body.blunt or turns_against(body, read(plain(theme)), orders_only=True):
        return RoundReason.MERGE_UNFAIR
    if any(turns_against(body, one) for one in given):
        return RoundReason.MERGE_UNFAIR
    if base is not None and not _keeps(read(base), body, given, head=read(head)):
        return RoundReason.MERGE_UNFAIR
    parts: dict[int, str] = {}
    added: list[str] = []
    for number, (idea, said) in enumerate(zip(ideas, given, strict=True), start=1):
        own = said.text
        claimed = (words if words == own else _without_stop(words) for to, words in draft.claims if to == number)
        words = next((one for one in claimed if _has_something_of(one, said) and stands(one, said, body)), None)
        if words is None and own:
            words = own
            if own not in added and not stands(own, said, body):
                added.append(own)
        if words:
            parts[idea.id] = words
    # What somebody said stands letter by letter, with a full stop where it has one.
    goes_on = added and not any(words.endswith((".", "。")) for words in parts.values())
    prompt = joined([head, _without_stop(body.text) if goes_on else body.text, *added], ";")
    return Merged(prompt, parts) if len(prompt) <= MOST else RoundReason.MERGE_ODD


def side_by_side(theme: str, style: str | None, ideas: Sequence[Idea], *, base: str | None) -> Merged:
    """The prompt without a model: theme, style, `base` (the prompt so far, as far as there is room) and the ideas.

    It always fits: where it would not, each part is shortened as much as the others.
    """
    head = _head(theme, style)
    texts = {idea.id: own_text(idea) for idea in ideas}
    texts = {id_: said for id_, said in texts.items() if said}
    room = MOST - len(head) - _BETWEEN * len(texts)
    limit = _fair([len(said) for said in texts.values()], room)
    parts = {id_: cut(said, limit) for id_, said in texts.items()}
    room -= sum(map(len, parts.values())) + _BETWEEN
    so_far = _without_head(base or "", theme, style)
    lines = [head, _without_stop(cut(so_far, room)) if room > 0 else "", *parts.values()]
    return Merged(joined(lines, ";"), parts)


def own_text(idea: Idea) -> str:
    """What an idea says, as far as it is added to a prompt."""
    return cut(plain(idea.said), PART_MOST)


def _without_stop(line: str) -> str:
    """Without its full stop, where more comes after it in the same sentence."""
    return re.sub(r"(?<![.。])[.。]$", "", line)


def _keeps(base: Reading, body: Reading, given: Sequence[Reading], *, head: Reading) -> bool:
    """Whether a body has at least a third of the base beyond theme and style, without what the ideas take away."""
    taken_away = {name for one in given for name in one.denied}
    wanted = base.affirmed - head.affirmed - head.denied - taken_away
    return 3 * len(wanted & body.affirmed) >= len(wanted)


def _has_something_of(words: str, said: Reading) -> bool:
    """Whether `words`, which are few, have at least a third of what an idea says; of one that gives orders, anything
    that it wants to be seen: what is left is no order then.
    """
    wanted = names(said.text)
    if len(words) > CLAIM_MOST or not wanted:
        return False
    return 3 * len(wanted & names(words)) >= len(wanted) or (said.orders and bool(said.affirmed & read(words).affirmed))


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


_BETWEEN: Final = len("; ")
"""Characters between two parts, at most."""


def _named(theme: str, style: str | None) -> list[str]:
    return [cut(plain(theme), THEME_MOST), cut(plain(style or ""), STYLE_MOST)]


def _head(theme: str, style: str | None) -> str:
    """Nothing is cut off what stands after it: what the ideas leave of the theme and the style is bounded, too."""
    return joined(_named(theme, style), ",")


def _without_head(prompt: str, theme: str, style: str | None) -> str:
    """A prompt without the theme and the style at its beginning, which stand there anyway, however they are joined."""
    for line in _named(theme, style):
        if line and prompt.casefold().startswith(line.casefold()) and len(line.casefold()) == len(line):
            rest = prompt[len(line) :]
            if not rest or not rest[0].isalnum():
                prompt = rest.lstrip(_ENDS)
    return prompt
