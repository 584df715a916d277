"""Where an answer that was cut goes on: what is said twice there is said once, and nothing is lost.

The model is asked to repeat the last few words: by these the place is found.
"""

from __future__ import annotations

import re

TAIL = 600
"""Characters of the end in which a repetition is looked for."""
LONG = 12
"""Characters of one that is no chance, wherever it begins."""
SHORT = 3
"""Of one that begins with a word; of Chinese two."""

_FENCE = re.compile(r"^ {0,3}(`{3,16}|~{3,16})([^`\n]*)$", re.MULTILINE)
_REOPENED = re.compile(r"\A\s*(?:`{3,16}|~{3,16})[^`\n]*(?:\n|\Z)")


def joined(before: str, more: str, *, done: bool) -> str:
    """`more` as what follows on `before`. `done`: no more of it comes; else what may still be a repetition waits."""
    if not before:
        return more
    tail = before.rstrip()[-TAIL:]
    within = len(_FENCE.findall(before)) % 2 == 1
    raw = _REOPENED.sub("", more) if within else more
    said = raw.lstrip().removeprefix("…").removeprefix("...").lstrip()
    if not said or (not done and len(said) < TAIL and said.rstrip() in tail):
        return before
    if overlap := _overlap(tail, said):
        return before.rstrip() + said[overlap:]
    return before + (raw if within else _between(before, raw, said) + said)


def _overlap(tail: str, said: str) -> int:
    """How many characters `said` begins with that `tail` ends with; 0: none that is no chance."""
    for length in range(min(len(tail), len(said)), 0, -1):
        if tail.endswith(said[:length]) and _tells(tail, said[:length]):
            return length
    return 0


def _tells(tail: str, repeated: str) -> bool:
    length = len(repeated.strip())
    if length >= LONG:
        return True
    if not repeated[:1].isascii():
        return length >= SHORT - 1
    before = tail[-len(repeated) - 1 : -len(repeated)]
    begins = not (before.isalnum() and before.isascii())
    return begins and length >= SHORT


def _between(before: str, more: str, said: str) -> str:
    """What stands between, where nothing was repeated: the space that the model wrote itself, or one between words."""
    if before[-1:].isspace():
        return ""
    if space := more[: len(more) - len(more.lstrip())]:
        return space
    words = before[-1:] + said[:1]
    return " " if words.isascii() and words.isalnum() else ""
