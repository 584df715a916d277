"""Styles of images: words around the prompt under a name, of a server. Beside them there is always None."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final, cast

from bot.errors import BadValue
from bot.i18n import listed
from bot.settings.entries import Entries
from bot.settings.personas import Holds
from bot.settings.values import NONE, Text, is_none
from bot.text import escape

WORDS_LIMIT = 1000
PLACEHOLDER = "{prompt}"
"""In a style's words: where those of a person go."""
_BRACED: Final = re.compile(r"\{\s*[^\W\d]{1,20}\s*\}")


@dataclass(frozen=True, slots=True)
class Style:
    """`words`: behind the prompt, or around it where `{prompt}` stands in them."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Styles(Entries):
    fields: ClassVar = frozenset({"name", "words"})
    usual: ClassVar = NONE
    not_typed: ClassVar = "styles.not_typed"
    too_many: ClassVar = "styles.too_many"
    twice: ClassVar = "styles.twice"
    bad_entry: ClassVar = "styles.bad_entry"
    bad_name: ClassVar = "styles.bad_name"
    usual_taken: ClassVar = "styles.none_taken"

    def parts(self, said: Mapping[str, str]) -> dict[str, Any]:
        words = str(Text(WORDS_LIMIT).parse(said.get("words", "")))
        # What was misspelt would go into the image's words letter by letter.
        wrong = next((one for one in _BRACED.findall(words) if one != PLACEHOLDER), None)
        if wrong is not None:
            raise BadValue("styles.bad_placeholder", found=escape(wrong))
        return {"words": words}


def in_style(prompt: str, words: str) -> str:
    """A prompt in the words of a style: in the place of `{prompt}` in them, else with the words behind it."""
    return words.replace(PLACEHOLDER, prompt) if PLACEHOLDER in words else f"{prompt}, {words}"


def styles_at(rules: Holds) -> list[Style]:
    """Those of the place, beside None."""
    return [Style(one["name"], one["words"]) for one in cast("Sequence[Mapping[str, Any]]", rules.value("styles"))]


def style_at(rules: Holds, wanted: str | None) -> Style | None:
    """The style that is meant; BadValue: there is none by that name."""
    name = (wanted or "").strip().casefold()
    if not name or is_none(name):
        return None
    known = styles_at(rules)
    for one in known:
        if one.name.casefold() == name:
            return one
    if not known:
        raise BadValue("styles.none")
    raise BadValue("styles.unknown", styles=partial(listed, parts=[one.name for one in known]))
