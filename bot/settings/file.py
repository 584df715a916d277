"""Settings as a YAML file that people read and write.

    server: # OneKey Lab
      chat_model: qwen3-max
    categories:
      123: # Studio
        max_images: 2
    channels:
      456: # general
        paused: true
        roles:
          - 789 # artists
    names:
      roles:
        789: artists
      channels:
        456: general

The names are for another server, where these ids mean nothing (`bot.settings.copying`). What
`bot.settings.file_writing` writes, `read_all` reads; it says of everything it can't use in which line it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import Any, TypeVar

import yaml

from bot.i18n import listed, text
from bot.settings.entries import Entries
from bot.settings.names import Names
from bot.settings.places import PAUSED
from bot.settings.scope import Scope
from bot.settings.table import SETTINGS, Setting
from bot.settings.things import Thing, What
from bot.settings.values import LARGEST_ID, Channel, Flag, ListOf, Value, is_none
from bot.settings.yaml_nodes import NULL, FileProblem, compose, in_line, line_of, scalar_of

LONGEST_NAME = 100
"""Characters of a role's or channel's name (Discord)."""

_SECTIONS = {"categories": Scope.CATEGORY, "channels": Scope.CHANNEL}
NAMED = {"roles": What.ROLE, "categories": What.CATEGORY, "channels": What.CHANNEL}
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Section:
    """One place as the file has it. `scope_id` None: the server that the file is read in. Lines are from 1.

    `entries`: of a list that has a line for each entry, those lines and what each entry is by itself. `kept`: what is
    to stay as it is, though the file does not say so.
    """

    scope: Scope
    scope_id: int | None
    line: int
    values: dict[str, Value] = field(default_factory=dict[str, Value])
    lines: dict[str, int] = field(default_factory=dict[str, int])
    entries: dict[str, list[tuple[int, Value]]] = field(default_factory=dict[str, list[tuple[int, Value]]])
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Contents:
    """`names`: what the things are called that the file's ids stand for, as far as it says so. `problems`: what can't
    be used, and is left out of the rest.
    """

    sections: list[Section]
    names: dict[Thing, str]
    problems: list[FileProblem]


def read(text: str, names: Names | None = None) -> list[Section]:
    """The places of a file and what is set for them, as `read_all`. FileProblem: the first thing that can't be used."""
    contents = read_all(text, names)
    if contents.problems:
        raise contents.problems[0]
    return contents.sections


def read_all(text: str, names: Names | None = None) -> Contents:
    """What stands in a file, every value of its kind. FileProblem: it can't be read at all.

    `names`: of roles and channels, which may stand there for their ids.
    """
    reader = _Reader(names or Names())
    return reader.contents(compose(text))


def _id(typed: str, line: int) -> int:
    if not (re.fullmatch(r"[1-9]\d{0,18}", typed, re.ASCII) and int(typed) <= LARGEST_ID):
        raise FileProblem(line, "config.file_not_an_id")
    return int(typed)


class _Reader:
    """Reads to the end: what can't be used is noted, and the rest goes on."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.problems: list[FileProblem] = []

    def contents(self, root: yaml.Node) -> Contents:
        sections: list[Section] = []
        called: dict[Thing, str] = {}
        for key, line, node in self._pairs(root):
            with self._noting():
                if key == "server":
                    sections.append(self._section(Scope.SERVER, None, line, node))
                elif key in _SECTIONS:
                    for typed, at, inner in self._pairs(node):
                        with self._noting():
                            sections.append(self._section(_SECTIONS[key], _id(typed, at), at, inner))
                elif key == "names":
                    called |= self._called(node)
                else:
                    raise FileProblem(line, "config.file_unknown_part")
        self.problems.sort(key=lambda one: one.line)
        return Contents(sections, called, self.problems)

    @contextmanager
    def _noting(self) -> Generator[None]:
        try:
            yield
        except FileProblem as problem:
            self.problems.append(problem)

    def _pairs(self, node: yaml.Node) -> Iterator[tuple[str, int, yaml.Node]]:
        """Key, line and value of a mapping, in the file's order, each key once. FileProblem: it is none."""
        if not isinstance(node, yaml.MappingNode):
            raise FileProblem(line_of(node), "config.file_mapping")
        seen: set[str] = set()
        for key, value in node.value:
            line = line_of(key)
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(FileProblem(line, "config.file_mapping"))
            elif key.value in seen:
                self.problems.append(FileProblem(line, "config.file_twice"))
            else:
                seen.add(key.value)
                yield str(key.value), line, value

    def _called(self, node: yaml.Node) -> dict[Thing, str]:
        called: dict[Thing, str] = {}
        for part, line, named in self._pairs(node):
            with self._noting():
                if part not in NAMED:
                    raise FileProblem(line, "config.file_unknown_name")
                for id_, at, name in self._pairs(named):
                    with self._noting():
                        called[NAMED[part], _id(id_, at)] = scalar_of(name)[:LONGEST_NAME]
        return called

    def _section(self, scope: Scope, id_: int | None, line: int, node: yaml.Node) -> Section:
        section = Section(scope, id_, line)
        for key, at, value in self._pairs(node):
            section.lines[key] = at
            with self._noting():
                self._read(section, key, at, value)
        return section

    def _read(self, section: Section, key: str, at: int, value: yaml.Node) -> None:
        """One setting of a place."""
        if key == PAUSED:
            if _parsed(Flag().parse, value):
                section.values[key] = True
            return
        setting = SETTINGS.get(key)
        if setting is None:
            near = get_close_matches(key.lower().replace("-", "_"), SETTINGS, n=3)
            unknown = "config.file_unknown_setting" if near else "config.file_no_setting"
            raise FileProblem(at, unknown, near=partial(_either, near) if len(near) > 1 else "".join(near))
        if section.scope not in setting.scopes:
            whole = setting.narrowest is Scope.SERVER
            raise FileProblem(at, "config.file_whole_server" if whole else "config.file_of_channels")
        kind = setting.kind
        if isinstance(kind, Entries):
            each = self._entries(kind, value)
            section.entries[key] = [(line, [one]) for line, one in each]
            section.values[key] = in_line(value, partial(kind.listed, [one for _, one in each]))
        elif isinstance(value, yaml.SequenceNode) and isinstance(kind, ListOf):
            self._list(section, setting, kind, value)
        elif isinstance(kind, Channel) and value.tag == NULL:
            # What begins with # is a comment.
            raise FileProblem(line_of(value), "config.file_quote")
        else:
            _set(section, key, _parsed(partial(_typed, setting, self.names), value))

    def _entries(self, kind: Entries, node: yaml.Node) -> list[tuple[int, dict[str, Any]]]:
        """Each with its line, with which it is said what is wrong with it."""
        if not isinstance(node, yaml.SequenceNode):
            raise FileProblem(line_of(node), kind.bad_entry)
        found: list[tuple[int, dict[str, Any]]] = []
        for part in node.value:
            with self._noting():
                said = {key: scalar_of(value) for key, _, value in self._pairs(part)}
                found.append((line_of(part), in_line(part, partial(kind.entry, said))))
        return found

    def _list(self, section: Section, setting: Setting, kind: ListOf, node: yaml.SequenceNode) -> None:
        """What is wrong with an entry is said with its own line."""
        typed: list[str] = []
        entries: list[tuple[int, Value]] = []
        for part in node.value:
            with self._noting():
                said = in_line(part, partial(self.names.resolved, kind, scalar_of(part)))
                if len(node.value) == 1 and is_none(said):
                    _set(section, setting.key, in_line(part, partial(setting.parse, said)))
                    return
                entries.append((line_of(part), in_line(part, partial(kind.of, [said]))))
                typed.append(said)
        section.entries[setting.key] = entries
        section.values[setting.key] = in_line(node, partial(kind.of, typed))


def _either(near: Sequence[str], locale: str) -> str:
    return text(locale, "config.or").join([listed(locale, near[:-1]), near[-1]])


def _typed(setting: Setting, names: Names, said: str) -> Value | None:
    return setting.parse(names.resolved(setting.kind, said))


def _set(section: Section, key: str, value: Value | None) -> None:
    if value is not None:
        section.values[key] = value


def _parsed(parse: Callable[[str], _Made], node: yaml.Node) -> _Made:
    said = scalar_of(node)
    return in_line(node, lambda: parse(said))
