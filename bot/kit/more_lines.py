"""“More” in a form: a line for each thing that few people want, `name=value`. What is not known is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, Final

from discord import ui

from bot.errors import BadValue
from bot.i18n import listed, text
from bot.kit.components import text_input
from bot.text import escape, one_line, shorten

MORE: Final = "more"
"""The input's name."""
LIMIT: Final = 1000
NAMES: Final[Mapping[str, Collection[str]]] = {
    "seed": ("seed", "种子", "随机种子"),
    "avoid": ("avoid", "negative", "避免", "不要"),
    "count": ("count", "数量", "张数"),
    "model": ("model", "模型"),
    "private": ("private", "私密", "仅自己可见"),
}
"""What each may be called, in small letters."""
OF_VIDEOS: Final[Mapping[str, Collection[str]]] = {name: known for name, known in NAMES.items() if name != "count"}
MOST_IMAGES: Final = 4
_YES_OR_NO: Final = {
    **dict.fromkeys(("yes", "y", "true", "on", "1", "是"), True),
    **dict.fromkeys(("no", "n", "false", "off", "0", "否"), False),
}
LARGEST_SEED: Final = 2**31 - 1
AVOID_LIMIT: Final = 500


def more_input(locale: str, present: str, *, help_key: str) -> ui.Label[Any]:
    """The input; `help_key` says what may stand in it."""
    return text_input(
        MORE, text(locale, "form.more_lines"), text(locale, help_key), present=present, most=LIMIT, required=False
    )


def lines_of(values: Mapping[str, object]) -> str:
    """As they are typed."""
    return "\n".join(f"{name}={value}" for name, value in values.items() if value not in {None, ""})


def read_lines(typed: str, names: Mapping[str, Collection[str]] = NAMES) -> dict[str, str]:
    """The value of each name; a later line has its way. BadValue: a line that is none of them."""
    found: dict[str, str] = {}
    for line in typed.splitlines():
        if not line.strip():
            continue
        said, sign, value = line.replace("＝", "=", 1).partition("=")
        name = next((name for name, known in names.items() if said.strip().casefold() in known), None)
        if name is None or not sign:
            shown = escape(shorten(one_line(line), 60))
            said_names = [f"{each}=" for each in names]
            raise BadValue("more.unknown_line", line=shown, names=partial(_listed, said_names))
        found[name] = value.strip()
    return found


def _listed(names: Sequence[str], locale: str) -> str:
    return listed(locale, names)


def seed_in(lines: Mapping[str, str]) -> int | None:
    """BadValue: it is no number that the service takes."""
    said = lines.get("seed", "")
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) <= 10 and int(said) <= LARGEST_SEED):
        raise BadValue("more.bad_seed", most=LARGEST_SEED)
    return int(said)


def count_in(lines: Mapping[str, str]) -> int | None:
    """How many images. BadValue: it is no such number."""
    said = lines.get("count", "")
    if said and not (said.isascii() and said.isdigit() and len(said) == 1 and 1 <= int(said) <= MOST_IMAGES):
        raise BadValue("more.bad_count", most=MOST_IMAGES)
    return int(said) if said else None


def model_in(lines: Mapping[str, str]) -> str | None:
    return lines.get("model") or None


def private_in(lines: Mapping[str, str]) -> bool | None:
    """None: nothing is said of it. BadValue: it is neither yes nor no."""
    said = lines.get("private", "").casefold()
    if said and said not in _YES_OR_NO:
        raise BadValue("more.bad_private")
    return _YES_OR_NO[said] if said else None


def private_line(private: bool | None) -> str | None:  # noqa: FBT001 - as it is ordered; None: as it is set
    """As it is typed; what everybody sees needs no line."""
    return "yes" if private else None


def avoid_in(lines: Mapping[str, str]) -> str:
    """BadValue: it is too long."""
    said = lines.get("avoid", "")
    if len(said) > AVOID_LIMIT:
        raise BadValue("more.long_avoid", most=AVOID_LIMIT)
    return said
