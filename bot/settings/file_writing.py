"""Settings written as a YAML file (`bot.settings.file`): the inverse of reading it."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import cast

import yaml

from bot.settings.entries import Entries
from bot.settings.file import NAMED
from bot.settings.places import PAUSED
from bot.settings.scope import Scope
from bot.settings.table import SETTINGS, UNSET
from bot.settings.things import Thing
from bot.settings.values import Channel, ListOf
from bot.settings.yaml_nodes import STRING


def write(
    stored: Mapping[tuple[str, int], Mapping[str, object]],
    *,
    heading: str,
    name_of: Callable[[str, int], str],
    role_name: Callable[[int], str],
    names: Mapping[Thing, str] | None = None,
) -> str:
    """The file of what is stored, the same for the same values. Names in comments are for people: `read` goes by the
    ids, and by `names`.
    """
    lines = [f"# {_comment(line)}" for line in heading.splitlines()]
    for part, scope in (("server", Scope.SERVER), ("categories", Scope.CATEGORY), ("channels", Scope.CHANNEL)):
        places = sorted(id_ for at, id_ in stored if at == scope)
        if scope is not Scope.SERVER and places:
            lines.append(f"{part}:")
        for id_ in places:
            head = f"{part}:" if scope is Scope.SERVER else f"  {id_}:"
            lines.append(f"{head} # {_comment(name_of(scope, id_))}")
            indent = "  " if scope is Scope.SERVER else "    "
            lines.extend(textwrap.indent(entry, indent) for entry in _entries(stored[scope, id_], role_name, name_of))
    if names:
        lines.append("names:")
    for part, what in NAMED.items():
        called = sorted((id_, name) for (of, id_), name in (names or {}).items() if of is what)
        lines += [f"  {part}:"] * bool(called)
        lines += [f"    {id_}: {_item(_comment(name))}" for id_, name in called]
    return "\n".join(lines) + "\n"


def lines_of(key: str, value: object, role_name: Callable[[int], str]) -> list[str]:
    """A setting, or whether a place is paused, as it stands in the file."""
    return "\n".join(_entries({key: value}, role_name)).split("\n")


def _entries(
    values: Mapping[str, object],
    role_name: Callable[[int], str],
    name_of: Callable[[str, int], str] | None = None,
) -> Iterator[str]:
    if values.get(PAUSED):
        yield f"{PAUSED}: true"
    for key, setting in SETTINGS.items():
        if key not in values:
            continue
        value, kind = values[key], setting.kind
        if isinstance(kind, Entries):
            yield _dumped(key, value)
        elif isinstance(kind, ListOf):
            items = [_named(kind, one, role_name) for one in cast("list[object]", value)]
            yield "\n".join([f"{key}:", *items]) if items else f"{key}: []"
        elif isinstance(kind, Channel) and value and name_of is not None:
            yield f"{_mapping(key, value)} # {_comment(name_of(Scope.CHANNEL, int(str(value))))}"
        else:
            yield _mapping(key, value)


def _dumped(key: str, value: object) -> str:
    """A list of mappings; longer texts stand in lines of their own."""
    items = [
        yaml.MappingNode(
            "tag:yaml.org,2002:map", [(yaml.ScalarNode(STRING, name), _scalar(said)) for name, said in one.items()]
        )
        for one in cast("list[dict[str, object]]", value)
    ]
    pair = (yaml.ScalarNode(STRING, key), yaml.SequenceNode("tag:yaml.org,2002:seq", items, flow_style=not items))
    return _dump(yaml.MappingNode("tag:yaml.org,2002:map", [pair], flow_style=False))


def _named(kind: ListOf, entry: object, role_name: Callable[[int], str]) -> str:
    """An entry of a list, with the name of the role in it beside it."""
    name = "".join(f" # {_comment(role_name(role))}" for role in kind.roles([entry]))
    return f"  - {_item(entry)}{name}"


def _mapping(key: str, value: object) -> str:
    # What stands for none is said as it is typed.
    said = SETTINGS[key].show(value) if value == UNSET else value
    pair = (yaml.ScalarNode(STRING, key), _scalar(said))
    return _dump(yaml.MappingNode("tag:yaml.org,2002:map", [pair], flow_style=False))


def _item(value: object) -> str:
    return _dump(yaml.SequenceNode("tag:yaml.org,2002:seq", [_scalar(value)], flow_style=False)).removeprefix("- ")


def _scalar(value: object) -> yaml.ScalarNode:
    if isinstance(value, str):
        # Other ends of lines would come back as "\n", unless they are escaped.
        style = '"' if re.search("[\r\x85\u2028\u2029]", value) else "|" if "\n" in value else None
        return yaml.ScalarNode(STRING, value, style=style)
    kind = "bool" if isinstance(value, bool) else "int" if isinstance(value, int) else "float"
    return yaml.ScalarNode(f"tag:yaml.org,2002:{kind}", str(value).lower())


def _dump(node: yaml.Node) -> str:
    written = yaml.serialize(  # pyright: ignore[reportUnknownMemberType] - its stub leaves the node untyped
        node, Dumper=yaml.SafeDumper, allow_unicode=True, width=math.inf
    )
    return written.rstrip("\n")


def _comment(name: str) -> str:
    """One line that YAML reads, whatever a server's or a channel's name holds."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
