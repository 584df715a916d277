"""The types of values. `parse` takes what a person typed (or a file holds) and returns the value to store, `show` is
its inverse. A value that can't be used is a `BadValue` that says why.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Protocol, TypeAlias, cast

from bot.errors import BadValue
from bot.i18n import LOCALES, listed, text
from bot.kinds import BY_COMMAND, Kind
from bot.shapes import parse_size
from bot.text import is_blank

Value: TypeAlias = str | int | float | bool | list[str] | list[int] | list[dict[str, Any]]

_SEPARATORS = re.compile(r"[,，、;；\n]")
LARGEST_ID = 2**63 - 1
NONE = frozenset({"none", "无", "無", "没有"})
"""What says that there is to be none, whatever the setting; in small letters."""


def is_none(typed: str) -> bool:
    return typed.strip().casefold() in NONE


class ValueKind(Protocol):
    """One type of value."""

    def parse(self, typed: str) -> Value:
        """The value to store. BadValue: why it can't be used."""
        ...

    def show(self, value: object) -> str:
        """A stored value as a person would type it."""
        ...


class _Plain:
    def show(self, value: object) -> str:
        return str(value)


@dataclass(frozen=True, slots=True)
class Model:
    """A model's name: 1-100 characters, no spaces, nothing that Markdown or a mention is made of.

    `optional`: "", typed `none`, for no model.
    """

    command: Kind
    optional: bool = False

    def parse(self, typed: str) -> Value:
        name = typed.strip()
        if self.optional and is_none(name):
            return ""
        if not re.fullmatch(r"[\w.:/@+\-]{1,100}", name):
            raise BadValue("config.bad_model_name")
        return name

    def show(self, value: object) -> str:
        return str(value or "none")


@dataclass(frozen=True, slots=True)
class Text(_Plain):
    """Any text of at most `most` characters."""

    most: int

    def parse(self, typed: str) -> Value:
        said = typed.strip()
        if is_blank(said):
            raise BadValue("config.no_text", most=self.most)
        if len(said) > self.most:
            raise BadValue("config.bad_text", most=self.most, length=len(said))
        return said


@dataclass(frozen=True, slots=True)
class Whole(_Plain):
    """A whole number within bounds, which have at most 6 digits."""

    least: int
    most: int

    def parse(self, typed: str) -> Value:
        digits = typed.strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 6 and self.least <= int(digits) <= self.most):
            raise BadValue("config.bad_number", least=self.least, most=self.most)
        return int(digits)


@dataclass(frozen=True, slots=True)
class Decimal(_Plain):
    """A number within bounds, kept to two places."""

    least: float
    most: float

    def parse(self, typed: str) -> Value:
        said = typed.strip().replace(",", ".")
        if not re.fullmatch(r"\d{1,4}(\.\d{1,6})?", said, re.ASCII) or not self.least <= float(said) <= self.most:
            raise BadValue("config.bad_decimal", least=self.least, most=self.most)
        number = round(float(said), 2)
        # SQLite gives 1.0 back as 1: one and the same value is stored in one way.
        return int(number) if number.is_integer() else number


@dataclass(frozen=True, slots=True)
class Flag:
    """On or off. `permits`: on allows more than off does, so that off is the narrower of the two."""

    permits: bool = False

    def parse(self, typed: str) -> Value:
        said = typed.strip().lower()
        if said in {"on", "true", "yes", "1", "开", "是"}:
            return True
        if said in {"off", "false", "no", "0", "关", "否"}:
            return False
        raise BadValue("config.bad_choice", options=self._offered)

    @staticmethod
    def _offered(locale: str) -> str:
        return listed(locale, (text(locale, "config.on"), text(locale, "config.off")))

    def show(self, value: object) -> str:
        return "on" if value else "off"


@dataclass(frozen=True, slots=True)
class Choice(_Plain):
    """One of `options`, each with the key of its name, which may be typed in either language, or an alias of it."""

    options: Mapping[str, str]
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    """What else one may type → the option that it means."""
    narrowing: bool = False
    """Whether each option is stricter than the one before."""

    def parse(self, typed: str) -> Value:
        said = typed.strip().lower().replace("-", "_")
        for option, key in self.options.items():
            if said in {option.lower(), *(text(locale, key).lower() for locale in LOCALES)}:
                return option
        if said in self.aliases:
            return self.aliases[said]
        raise BadValue("config.bad_choice", options=self._offered)

    def _offered(self, locale: str) -> str:
        named = ((option, text(locale, key)) for option, key in self.options.items())
        brackets = "（{}）" if locale.startswith("zh") else " ({})"
        return listed(locale, [name if name == option else name + brackets.format(option) for option, name in named])


@dataclass(frozen=True, slots=True)
class Size(_Plain):
    """Width x height, as it is offered: `1280x720`."""

    offered: Sequence[str]

    def parse(self, typed: str) -> Value:
        return parse_size(typed, separator="x")


class ListOf(ABC):
    """Several values; `nothing` is what a person types for none of them. `of` takes them one by one, as a file does."""

    nothing: ClassVar[frozenset[str]]
    takes_none: ClassVar[bool] = True
    """Whether `none` is an empty list, which is a value of its own."""
    most: int

    @abstractmethod
    def split(self, typed: str) -> list[str]: ...

    @abstractmethod
    def of(self, parts: Sequence[str]) -> Value:
        """The list to store. BadValue: why it can't be used."""

    def roles(self, value: Sequence[object]) -> list[int]:
        """The roles that a stored list names."""
        del value
        return []

    def with_roles(self, value: Sequence[Any], now: Callable[[int], int]) -> Value:
        """A stored list with other roles, by what each of them is `now`."""
        del now
        return list(value)

    def parse(self, typed: str) -> Value:
        if typed.strip().lower() in self.nothing or (self.takes_none and is_none(typed)):
            return []
        return self.of(self.split(typed) or [""])

    def show(self, value: object) -> str:
        return ", ".join(map(str, cast("Sequence[object]", value))) if value else min(self.nothing)


@dataclass(frozen=True, slots=True)
class Commands(ListOf):
    """Some of the commands; `all` and `none` too."""

    options: Sequence[str]
    most: int = 3
    nothing = frozenset({"none"})

    def split(self, typed: str) -> list[str]:
        said = typed.strip().lower()
        return (
            list(self.options)
            if said in {"all", "全部", "所有"}
            else [word for word in re.split(r"[\s,，、;；]+", said) if word]
        )

    def of(self, parts: Sequence[str]) -> Value:
        wanted = {part.removeprefix("/") for part in parts}
        if not wanted <= set(self.options):
            raise BadValue("config.bad_choices", options=partial(listed, parts=self.options))
        return [option for option in self.options if option in wanted]


_PATTERN = re.compile(rf"(?:/?(?:{'|'.join(BY_COMMAND)})=)?[\w.:/@+\-*?]{{1,100}}")


def own_patterns(patterns: Sequence[str], command: str) -> list[str]:
    """What a list of allowed models says of a command alone."""
    return [one.partition("=")[2] for one in patterns if one.partition("=")[0].removeprefix("/") == command]


def patterns_of(patterns: Sequence[str], command: str) -> list[str]:
    """What a list of allowed models says of a command; empty: everything is allowed."""
    return own_patterns(patterns, command) or [one for one in patterns if "=" not in one]


@dataclass(frozen=True, slots=True)
class Patterns(ListOf):
    """Names of models, where `*` stands for anything; `all`: no list. With `video=` in front, one of that command's
    own, beside which nothing else is allowed for it.
    """

    most: int = 50
    nothing = frozenset({"all", "全部", "所有"})

    def split(self, typed: str) -> list[str]:
        return [part for part in re.split(r"[\s,，、;；]+", typed.strip()) if part]

    def of(self, parts: Sequence[str]) -> Value:
        if len(parts) > self.most:
            raise BadValue("config.bad_list", most=self.most)
        if not all(_PATTERN.fullmatch(part) for part in parts):
            raise BadValue("config.bad_model_name")
        return list(dict.fromkeys(parts))


@dataclass(frozen=True, slots=True)
class Words(ListOf):
    """Words or phrases, separated by commas or lines; `none`: no list."""

    most: int = 200
    longest: int = 50
    nothing = frozenset({"none"})

    def split(self, typed: str) -> list[str]:
        return [part for part in _SEPARATORS.split(typed) if part.strip()]

    def of(self, parts: Sequence[str]) -> Value:
        words = list(dict.fromkeys(" ".join(part.split()) for part in parts))
        if len(words) > self.most or not all(words) or any(_SEPARATORS.search(word) for word in words):
            raise BadValue("config.bad_list", most=self.most)
        if any(len(word) > self.longest for word in words):
            raise BadValue("config.bad_word", most=self.longest)
        return [] if len(words) == 1 and is_none(words[0]) else words


@dataclass(frozen=True, slots=True)
class Roles(ListOf):
    """Roles by mention or id; `everyone`: no list. Whether they exist is for who knows the server."""

    most: int = 25
    nothing = frozenset({"everyone", "@everyone", "所有人", "全部"})

    def split(self, typed: str) -> list[str]:
        return [part for part in re.split(r"[\s,，、;；]+", re.sub(r">\s*<", "> <", typed.strip())) if part]

    def of(self, parts: Sequence[str]) -> Value:
        found = [re.fullmatch(r"(?:<@&)?(\d{1,19})>?", part, re.ASCII) for part in parts]
        ids = list(dict.fromkeys(int(match[1]) for match in found if match))
        if not all(found) or len(ids) > self.most or any(id_ > LARGEST_ID for id_ in ids):
            raise BadValue("config.bad_roles", most=self.most)
        return ids

    def roles(self, value: Sequence[object]) -> list[int]:
        return [int(str(role)) for role in value]

    def with_roles(self, value: Sequence[Any], now: Callable[[int], int]) -> Value:
        return list(dict.fromkeys(map(now, value)))

    def show(self, value: object) -> str:
        return " ".join(f"<@&{role}>" for role in cast("Sequence[int]", value)) if value else "everyone"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel by mention or id; 0, typed `none`: no channel."""

    def parse(self, typed: str) -> Value:
        if is_none(typed):
            return 0
        match = re.fullmatch(r"(?:<#)?(\d{1,19})>?", typed.strip(), re.ASCII)
        if match is None or int(match[1]) > LARGEST_ID:
            raise BadValue("config.bad_channel")
        return int(match[1])

    def show(self, value: object) -> str:
        return f"<#{value}>" if value else "none"
