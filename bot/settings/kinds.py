"""The types of values. `parse` takes what a person typed (or a file holds) and returns the value to store, `show` is
its inverse. A value that can't be used is a `BadValue` that says why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, cast

from bot.environment import Kind
from bot.errors import BadValue
from bot.settings.sizes import parse_size

Value: TypeAlias = str | int | float | bool | list[str] | list[int]

_SEPARATORS = re.compile(r"[,，、;；\n]")
_LARGEST_ID = 2**63 - 1


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
class Model(_Plain):
    """A model's name: 1-100 characters, no spaces, nothing that Markdown or a mention is made of."""

    command: Kind

    def parse(self, typed: str) -> Value:
        name = typed.strip()
        if not re.fullmatch(r"[\w.:/@+\-]{1,100}", name):
            raise BadValue("config.bad_model_name")
        return name


@dataclass(frozen=True, slots=True)
class Text(_Plain):
    """Any text of at most `most` characters."""

    most: int

    def parse(self, typed: str) -> Value:
        said = typed.strip()
        if not said or len(said) > self.most:
            raise BadValue("config.bad_text", most=self.most, length=len(said))
        return said


@dataclass(frozen=True, slots=True)
class Whole(_Plain):
    """A whole number within bounds."""

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
        return round(float(said), 2)


@dataclass(frozen=True, slots=True)
class Flag:
    """On or off."""

    def parse(self, typed: str) -> Value:
        said = typed.strip().lower()
        if said in {"on", "true", "yes", "1", "开", "是"}:
            return True
        if said in {"off", "false", "no", "0", "关", "否"}:
            return False
        raise BadValue("config.bad_choice", options="on, off")

    def show(self, value: object) -> str:
        return "on" if value else "off"


@dataclass(frozen=True, slots=True)
class Choice(_Plain):
    """One of `options`, each with the key of its name."""

    options: Mapping[str, str]

    def parse(self, typed: str) -> Value:
        said = typed.strip().lower().replace("-", "_")
        for option in self.options:
            if option.lower() == said:
                return option
        raise BadValue("config.bad_choice", options=", ".join(self.options))


@dataclass(frozen=True, slots=True)
class Size(_Plain):
    """Width x height, as it is offered: `1280x720`."""

    offered: Sequence[str]

    def parse(self, typed: str) -> Value:
        return parse_size(typed, separator="x")


class _List:
    def show(self, value: object) -> str:
        return ", ".join(map(str, cast("Sequence[object]", value or ())))


@dataclass(frozen=True, slots=True)
class Commands:
    """Some of the commands; `all` and `none` too."""

    options: Sequence[str]

    def parse(self, typed: str) -> Value:
        said = typed.strip().lower()
        if said in {"all", "none"}:
            return list(self.options) if said == "all" else []
        wanted = {word.removeprefix("/") for word in re.split(r"[\s,，、;；]+", said) if word}
        if not wanted or not wanted <= set(self.options):
            raise BadValue("config.bad_choice", options=f"{', '.join(self.options)}, all, none")
        return [option for option in self.options if option in wanted]

    def show(self, value: object) -> str:
        return ", ".join(cast("Sequence[str]", value)) if value else "none"


@dataclass(frozen=True, slots=True)
class Patterns(_List):
    """Names of models, where `*` stands for anything; `all`: no list."""

    most: int = 50

    def parse(self, typed: str) -> Value:
        if typed.strip().lower() == "all":
            return []
        patterns = [part.strip() for part in re.split(r"[\s,，、;；]+", typed.strip()) if part.strip()]
        if not 1 <= len(patterns) <= self.most:
            raise BadValue("config.bad_list", most=self.most)
        if not all(re.fullmatch(r"[\w.:/@+\-*?]{1,100}", pattern) for pattern in patterns):
            raise BadValue("config.bad_model_name")
        return list(dict.fromkeys(patterns))

    def show(self, value: object) -> str:
        return super(Patterns, self).show(value) or "all"


@dataclass(frozen=True, slots=True)
class Words(_List):
    """Words or phrases, separated by commas or lines; `none`: no list."""

    most: int = 200
    longest: int = 50

    def parse(self, typed: str) -> Value:
        if typed.strip().lower() == "none":
            return []
        words = [" ".join(part.split()) for part in _SEPARATORS.split(typed)]
        words = list(dict.fromkeys(word for word in words if word))
        if not 1 <= len(words) <= self.most:
            raise BadValue("config.bad_list", most=self.most)
        if any(len(word) > self.longest for word in words):
            raise BadValue("config.bad_word", most=self.longest)
        return words

    def show(self, value: object) -> str:
        return super(Words, self).show(value) or "none"


@dataclass(frozen=True, slots=True)
class Roles(_List):
    """Roles by mention or id; `everyone`: no list. Whether they exist is for who knows the server."""

    most: int = 25

    def parse(self, typed: str) -> Value:
        if typed.strip().lower() in {"everyone", "@everyone"}:
            return []
        parts = [part for part in re.split(r"[\s,，、;；]+", re.sub(r">\s*<", "> <", typed.strip())) if part]
        found = [re.fullmatch(r"(?:<@&)?(\d{1,19})>?", part, re.ASCII) for part in parts]
        ids = list(dict.fromkeys(int(match[1]) for match in found if match))
        if not all(found) or not 1 <= len(ids) <= self.most or max(ids) > _LARGEST_ID:
            raise BadValue("config.bad_roles", most=self.most)
        return ids

    def show(self, value: object) -> str:
        return " ".join(f"<@&{role}>" for role in cast("Sequence[int]", value)) if value else "everyone"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel by mention or id; 0, typed `none`: no channel."""

    def parse(self, typed: str) -> Value:
        if typed.strip().lower() == "none":
            return 0
        match = re.fullmatch(r"(?:<#)?(\d{1,19})>?", typed.strip(), re.ASCII)
        if match is None or int(match[1]) > _LARGEST_ID:
            raise BadValue("config.bad_channel")
        return int(match[1])

    def show(self, value: object) -> str:
        return f"<#{value}>" if value else "none"
