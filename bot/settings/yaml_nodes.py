"""A YAML file as nodes that know their lines: nothing in it makes objects, or more of itself than it has letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import yaml

from bot.errors import BadValue

DEEPEST = 8
"""Levels of nesting; the form has five."""
MOST_NODES = 20_000
"""Keys, values and entries of lists: about a second's work."""

STRING, NULL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null"
_TAGS = {STRING, NULL}.union(
    f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "timestamp", "merge", "value", "map", "seq")
)
_Made = TypeVar("_Made")


class FileProblem(BadValue):
    """What is wrong in `line` (from 1); key and facts are its sentence's."""

    def __init__(self, line: int, key: str, **facts: object) -> None:
        super().__init__(key, **facts)
        self.line = line


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


def compose(text: str) -> yaml.Node:
    """FileProblem: it can't be read, or is more than a file of settings."""
    try:
        root = _Composer(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        key, where_it_opens = _reason(error)
        mark = (error.context_mark if where_it_opens else None) or error.problem_mark or error.context_mark
        raise FileProblem(mark.line + 1 if mark else 1, key) from None
    except yaml.reader.ReaderError as error:
        raise FileProblem(text.count("\n", 0, error.position) + 1, "config.file_letters") from None
    if root is None:
        raise FileProblem(1, "config.file_empty")
    return root


def _reason(error: yaml.MarkedYAMLError) -> tuple[str, bool]:
    """The key of what is wrong, in people's words; whether it stands where the part began that it is found in."""
    context, problem = str(error.context), str(error.problem)
    if "'@'" in problem:
        return "config.file_quote", False
    if "'\\t'" in problem:
        return "config.file_tab", False
    if "quoted scalar" in context or problem.startswith("expected ','"):
        return "config.file_open", True
    if "expected ':'" in problem:
        return "config.file_mapping", True
    if "expected <block end>" in problem:
        return "config.file_indent", False
    return "config.file_colon" if "mapping values" in problem else "config.file_not_yaml", False


def in_line(node: yaml.Node, make: Callable[[], _Made]) -> _Made:
    """What it makes. FileProblem: why it can't, with the line."""
    try:
        return make()
    except BadValue as error:
        raise FileProblem(line_of(node), error.key, **error.facts) from None


def scalar_of(node: yaml.Node) -> str:
    """FileProblem: it is no single value, or empty."""
    if not isinstance(node, yaml.ScalarNode) or node.tag == NULL:
        raise FileProblem(line_of(node), "config.file_value")
    return str(node.value)


def line_of(node: yaml.Node) -> int:
    return node.start_mark.line + 1
