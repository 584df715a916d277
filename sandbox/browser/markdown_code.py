"""Code in colours: Pygments' classes with the prefix `hl-`, no styles, for a page with a strict policy."""

from __future__ import annotations

import time
from html import escape
from typing import Final

from pygments.lexers import get_lexer_by_name  # pyright: ignore[reportUnknownVariableType] - its options are open
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

_LANGUAGES: Final = frozenset(
    name
    for line in (
        "bash c c# c++ clojure console cpp cs csharp css dart diff docker dockerfile elixir erlang go golang haskell",
        "hs html ini java javascript js json jsx kotlin kt lua make makefile md nginx objective-c perl php pl",
        "powershell ps1 py python r rb rs ruby rust scala scss sh shell sql swift toml ts tsx typescript udiff xml",
        "yaml yml zsh",
    )
    for name in line.split()
)
"""Those that Discord's client colours and models write. Not all of Pygments': a code's name comes from outside."""
_SECONDS: Final = 0.03
"""A code that takes longer stays plain from there on."""


def highlighted(code: str, language: str) -> str:
    """HTML of the code: spans with classes; plain in a language that is not known."""
    if language.lower() not in _LANGUAGES:
        return escape(code)
    try:
        lexer = get_lexer_by_name(language.lower())
    except ClassNotFound:
        return escape(code)
    until = time.monotonic() + _SECONDS
    parts: list[str] = []
    done = 0
    for at, kind, value in lexer.get_tokens_unprocessed(code):
        while kind not in STANDARD_TYPES and kind.parent is not None:
            kind = kind.parent  # noqa: PLW2901 - the nearest kind that has a class
        name = STANDARD_TYPES.get(kind, "")
        parts.append(f'<span class="hl-{name}">{escape(value)}</span>' if name else escape(value))
        done = at + len(value)
        if time.monotonic() > until:
            break
    return "".join(parts) + escape(code[done:])
