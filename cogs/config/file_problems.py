"""What can't be used of a settings file: all of it at once, each with its line and what stands there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from bot.errors import BadValue
from bot.i18n import text
from bot.kit.error_path import sentence
from bot.settings.yaml_nodes import FileProblem
from bot.text import escape, one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.errors import Refusal

SHOWN: Final = 10
ROOM: Final = 3600
"""Characters of a message, of 4,000."""
LINE_LIMIT: Final = 80
"""Of what stands in a line, in characters before escaping."""


class Wrong(NamedTuple):
    """A line of the file (from 1), and why it can't be used."""

    line: int
    why: Refusal


def wrong_in(problems: Sequence[FileProblem]) -> list[Wrong]:
    """What was wrong by itself, wherever the file is read."""
    return [Wrong(one.line, one) for one in problems]


def refusal(wrong: Sequence[Wrong], lines: Sequence[str]) -> BadValue:
    """With as many of them as there is room for, and how many more there are. `lines`: the file's."""
    return BadValue("config.file_line", problem=partial(_told, wrong, lines))


def _told(wrong: Sequence[Wrong], lines: Sequence[str], locale: str) -> str:
    ordered = sorted(wrong, key=lambda one: one.line)
    each = [_said(locale, one, lines) for one in ordered[:SHOWN]]
    if len(ordered) == 1:
        return each[0]
    said = [text(locale, "config.file_lines", count=len(ordered))]
    while each and sum(map(len, said)) + len(each[0]) <= ROOM:
        said.append(each.pop(0))
    if left := len(ordered) - len(said) + 1:
        said.append(f"-# {text(locale, 'config.file_more', count=left)}")
    return "\n".join(said)


def _said(locale: str, wrong: Wrong, lines: Sequence[str]) -> str:
    line, why = wrong
    said = text(locale, "config.file_each", line=line, why=sentence(why, locale) or str(why))
    stands = lines[line - 1].strip() if line <= len(lines) else ""
    return f"{said}\n-# {escape(shorten(one_line(stands), LINE_LIMIT))}" if stands else said
