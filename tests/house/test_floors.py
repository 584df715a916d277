"""Imports go down the floors only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

FLOORS: tuple[tuple[str, ...], ...] = (
    ("bot.clock", "bot.errors", "bot.text", "bot.decoding"),
    ("bot.env_file",),
    ("bot.environment", "bot.i18n", "bot.logs", "bot.background", "bot.gateway"),
    ("bot.settings",),
    ("bot.api", "bot.store"),
    ("bot.generation",),
    ("bot.jam",),
    ("bot.ui",),
    ("bot.client",),
    ("cogs", "bot.process"),
    ("bot.check",),
    ("bot.__main__",),
)
"""Lowest first. A module may import from its own room and from floors below, not from its neighbours."""


def room_of(module: str) -> tuple[int, str] | None:
    for level, rooms in enumerate(FLOORS):
        for room in rooms:
            if module == room or module.startswith(f"{room}."):
                return level, room
    return None


def modules(folder: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        yield name.removesuffix(".__init__"), path


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:  # one's own package: only the stand-ins write it so
                assert path.is_relative_to(ROOT / "sandbox"), f"{path}: a relative import hides its floor"
                continue
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_stands_on_a_floor() -> None:
    homeless = [
        name for folder in ("bot", "cogs") for name, _ in modules(folder) if name != "bot" and not room_of(name)
    ]
    assert homeless == []


def test_imports_go_down() -> None:
    wrong: list[str] = []
    for folder in ("bot", "cogs"):
        for name, path in modules(folder):
            here = room_of(name)
            if here is None:
                continue
            for imported in imports(path):
                there = room_of(imported)
                if there and there[1] != here[1] and there[0] >= here[0]:
                    wrong.append(f"{name} imports {imported}")
    assert wrong == []


def test_the_bot_and_its_stand_in_share_no_code() -> None:
    for name, path in modules("bot"):
        assert not [one for one in imports(path) if one.split(".")[0] in {"cogs", "sandbox", "tests"}], name
    for name, path in modules("sandbox"):
        assert not [one for one in imports(path) if one.split(".")[0] in {"bot", "cogs", "tests"}], name


def test_the_rooms_know_only_what_they_should() -> None:
    """The API knows no Discord and no database, the store no Discord and no HTTP, cogs write no SQL and no HTTP."""
    forbidden = {
        "bot.api": {"discord", "sqlalchemy"},
        "bot.store": {"discord", "aiohttp"},
        "bot.generation": {"discord"},
        "bot.jam": {"discord", "aiohttp"},
        "cogs": {"sqlalchemy", "aiohttp"},
    }
    for folder in ("bot", "cogs"):
        for name, path in modules(folder):
            for room, libraries in forbidden.items():
                if name == room or name.startswith(f"{room}."):
                    used = {imported.split(".")[0] for imported in imports(path)}
                    assert not used & libraries, name


def test_the_bot_never_imports_alembic_outside_the_migrating_process() -> None:
    for name, path in modules("bot"):
        if not name.startswith(("bot.store.migrat", "bot.store.upgrade")):
            assert not [one for one in imports(path) if one.split(".")[0] == "alembic"], name
