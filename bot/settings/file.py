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
`bot.settings.file_writing` writes, `read` reads; it says of everything it can't use in which line it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar, cast

import yaml

from bot.errors import BadValue
from bot.settings.entries import Entries
from bot.settings.names import Names
from bot.settings.places import PAUSED
from bot.settings.scope import Scope
from bot.settings.table import SETTINGS, Setting
from bot.settings.things import Thing, What
from bot.settings.values import LARGEST_ID, Channel, Flag, ListOf, Value, is_none

DEEPEST = 8
"""Levels of nesting; the form has five."""
MOST_NODES = 20_000
"""Keys, values and entries of lists: about a second's work."""

LONGEST_NAME = 100
"""Characters of a role's or channel's name (Discord)."""

_SECTIONS = {"categories": Scope.CATEGORY, "channels": Scope.CHANNEL}
NAMED = {"roles": What.ROLE, "categories": What.CATEGORY, "channels": What.CHANNEL}
STRING, _NULL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null"
_TAGS = {STRING, _NULL}.union(
    f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "timestamp", "merge", "value", "map", "seq")
)


class FileProblem(BadValue):
    """What is wrong in `line` (from 1); key and facts are its sentence's."""

    def __init__(self, line: int, key: str, **facts: object) -> None:
        super().__init__(key, **facts)
        self.line = line


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
    """`names`: what the things are called that the file's ids stand for, as far as it says so."""

    sections: list[Section]
    names: dict[Thing, str]


def read(text: str, names: Names | None = None) -> list[Section]:
    """The places of a file and what is set for them, as `read_all`."""
    return read_all(text, names).sections


def read_all(text: str, names: Names | None = None) -> Contents:
    """What stands in a file, every value of its kind. FileProblem: what can't be used.

    `names`: of roles and channels, which may stand there for their ids.
    """
    known = names or Names()
    root = _compose(text)
    sections: list[Section] = []
    called: dict[Thing, str] = {}
    for key, line, node in _pairs(root):
        if key == "server":
            sections.append(_section(Scope.SERVER, None, line, node, known))
        elif key in _SECTIONS:
            for id_, at, inner in _pairs(node):
                sections.append(_section(_SECTIONS[key], _id(id_, at), at, inner, known))
        elif key == "names":
            called = _called(node)
        else:
            raise FileProblem(line, "config.file_unknown_part")
    return Contents(sections, called)


def _called(node: yaml.Node) -> dict[Thing, str]:
    called: dict[Thing, str] = {}
    for part, line, named in _pairs(node):
        if part not in NAMED:
            raise FileProblem(line, "config.file_unknown_part")
        for id_, at, name in _pairs(named):
            called[NAMED[part], _id(id_, at)] = _scalar_of(name)[:LONGEST_NAME]
    return called


def _id(typed: str, line: int) -> int:
    if not (re.fullmatch(r"[1-9]\d{0,18}", typed, re.ASCII) and int(typed) <= LARGEST_ID):
        raise FileProblem(line, "config.file_not_an_id")
    return int(typed)


class _Composer(yaml.SafeLoader):
    """Nodes with their lines. No aliases: a few lines of them make a file of gigabytes."""

    depth = 0
    nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401 - the library's own
        event = cast("yaml.Event", self.peek_event())  # pyright: ignore[reportUnknownMemberType] - no type in its stub
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise FileProblem(line, "config.file_alias")
        self.depth += 1
        self.nodes += 1
        if self.depth > DEEPEST:
            raise FileProblem(line, "config.file_deep")
        if self.nodes > MOST_NODES:
            raise FileProblem(line, "config.file_nodes", most=f"{MOST_NODES:,}")
        node = super().compose_node(parent, index)
        self.depth -= 1
        if node is not None and node.tag not in _TAGS:
            raise FileProblem(line, "config.file_tag")
        return node


def _compose(text: str) -> yaml.Node:
    try:
        root = _Composer(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        if "'@'" in str(error.problem):
            raise FileProblem(line, "config.file_quote") from None
        if "'\\t'" in str(error.problem):
            raise FileProblem(line, "config.file_tab") from None
        raise FileProblem(line, "config.file_not_yaml", problem=str(error.problem or error.context)) from None
    except yaml.reader.ReaderError as error:
        raise FileProblem(text.count("\n", 0, error.position) + 1, "config.file_letters") from None
    if root is None:
        raise FileProblem(1, "config.file_empty")
    return root


def _pairs(node: yaml.Node) -> Iterator[tuple[str, int, yaml.Node]]:
    """Key, line and value of a mapping, in the file's order. FileProblem: it is none, or has a key twice."""
    if not isinstance(node, yaml.MappingNode):
        raise FileProblem(_line(node), "config.file_mapping")
    seen: set[str] = set()
    for key, value in node.value:
        line = _line(key)
        if not isinstance(key, yaml.ScalarNode):
            raise FileProblem(line, "config.file_mapping")
        if key.value in seen:
            raise FileProblem(line, "config.file_twice")
        seen.add(key.value)
        yield str(key.value), line, value


def _section(scope: Scope, id_: int | None, line: int, node: yaml.Node, names: Names) -> Section:
    section = Section(scope, id_, line)
    for key, at, value in _pairs(node):
        section.lines[key] = at
        if key == PAUSED:
            if _parsed(Flag().parse, value):
                section.values[key] = True
            continue
        setting = SETTINGS.get(key)
        if setting is None:
            raise FileProblem(at, "config.unknown_setting", settings=", ".join(SETTINGS))
        if scope not in setting.scopes:
            whole = setting.narrowest is Scope.SERVER
            raise FileProblem(at, "config.file_whole_server" if whole else "config.file_of_channels")
        kind = setting.kind
        if isinstance(kind, Entries):
            each = _listed(kind, value)
            section.entries[key] = [(line, [one]) for line, one in each]
            section.values[key] = _at(value, partial(kind.of, [one for _, one in each]))
        elif isinstance(value, yaml.SequenceNode) and isinstance(kind, ListOf):
            # What is wrong with an entry is said with its own line.
            said = [_at(part, partial(names.resolved, kind, _scalar_of(part))) for part in value.value]
            if len(said) == 1 and is_none(said[0]):
                _set(section, key, setting.parse(said[0]))
                continue
            section.entries[key] = [
                (_line(part), _at(part, partial(kind.of, [one]))) for part, one in zip(value.value, said, strict=True)
            ]
            section.values[key] = _at(value, partial(kind.of, said))
        elif isinstance(kind, Channel) and value.tag == _NULL:
            # What begins with # is a comment.
            raise FileProblem(_line(value), "config.file_quote")
        else:
            _set(section, key, _parsed(partial(_typed, setting, names), value))
    return section


def _listed(kind: Entries, node: yaml.Node) -> list[tuple[int, dict[str, Any]]]:
    """Each with its line, with which it is said what is wrong with it."""
    if not isinstance(node, yaml.SequenceNode):
        raise FileProblem(_line(node), kind.bad_entry)
    said = [(part, {key: _scalar_of(value) for key, _, value in _pairs(part)}) for part in node.value]
    return [(_line(part), _at(part, partial(kind.entry, one))) for part, one in said]


def _typed(setting: Setting, names: Names, said: str) -> Value | None:
    return setting.parse(names.resolved(setting.kind, said))


def _set(section: Section, key: str, value: Value | None) -> None:
    if value is not None:
        section.values[key] = value


_Made = TypeVar("_Made")


def _parsed(parse: Callable[[str], _Made], node: yaml.Node) -> _Made:
    said = _scalar_of(node)
    return _at(node, lambda: parse(said))


def _at(node: yaml.Node, make: Callable[[], _Made]) -> _Made:
    try:
        return make()
    except BadValue as error:
        raise FileProblem(_line(node), error.key, **error.facts) from None


def _scalar_of(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode) or node.tag == _NULL:
        raise FileProblem(_line(node), "config.file_value")
    return str(node.value)


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1
