"""Settings that are a list of things under names, each made in a form of its own: personas, styles."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from bot.errors import BadValue
from bot.settings.values import Value
from bot.text import is_blank, one_line

MOST = 24
"""Of a server, beside the usual one: a menu holds 25 (Discord)."""
NAME_LIMIT = 40


@dataclass(frozen=True, slots=True)
class Entries(ABC):
    """A list of mappings; it is not typed, but made one by one."""

    fields: ClassVar[frozenset[str]]
    usual: ClassVar[frozenset[str]]
    """Names that none can have: those of the usual one, in small letters."""
    not_typed: ClassVar[str]
    too_many: ClassVar[str]
    twice: ClassVar[str]
    bad_entry: ClassVar[str]
    bad_name: ClassVar[str]
    usual_taken: ClassVar[str]
    """The keys of what is said of what can't be used."""

    @abstractmethod
    def parts(self, said: Mapping[str, str]) -> dict[str, Any]:
        """What an entry holds beside its name. BadValue: why it can't be used."""

    def parse(self, typed: str) -> Value:
        del typed
        raise BadValue(self.not_typed)

    def show(self, value: object) -> str:
        return ", ".join(str(one["name"]) for one in cast("Sequence[Mapping[str, object]]", value)) or "none"

    def of(self, entries: Sequence[object]) -> Value:
        """The list to store. BadValue: why it can't be used."""
        return self.listed([*map(self.entry, entries)])

    def listed(self, entries: Sequence[dict[str, Any]]) -> Value:
        """As `of`, of entries of which each was stored before, or is to be stored."""
        if len(entries) > MOST:
            raise BadValue(self.too_many, most=MOST)
        found = {str(one["name"]).casefold(): one for one in entries}
        if len(found) != len(entries):
            raise BadValue(self.twice)
        return list(found.values())

    def entry(self, entry: object) -> dict[str, Any]:
        """One of them to store. BadValue: why it can't be used."""
        if not isinstance(entry, Mapping):
            raise BadValue(self.bad_entry)
        said = {
            str(key): str(value) for key, value in cast("Mapping[object, object]", entry).items() if value is not None
        }
        if not said.keys() <= self.fields:
            raise BadValue(self.bad_entry)
        name = one_line(said.get("name", ""))
        if is_blank(name) or len(name) > NAME_LIMIT:
            raise BadValue(self.bad_name, most=NAME_LIMIT)
        if name.casefold() in self.usual:
            raise BadValue(self.usual_taken)
        return {"name": name, **self.parts(said)}
