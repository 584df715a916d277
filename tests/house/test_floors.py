"""The house: who may lean on whom. Hidden imports count: those inside functions, and those for types alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.house.source import nodes

ROOT = Path(__file__).parents[2]

FLOORS: tuple[tuple[str, ...], ...] = (
    (
        "bot.errors",
        "bot.text",
        "bot.clock",
        "bot.periods",
        "bot.background",
        "bot.aside",
        "bot.states",
        "bot.kinds",
        "bot.decoding",
        "bot.recent",
        "bot.child_limits",
    ),
    ("bot.reasons", "bot.money", "bot.env_file", "bot.i18n", "bot.logs", "bot.subprocesses", "bot.image_decoder"),
    ("bot.environment", "bot.image_decoding", "bot.shapes"),
    ("bot.api", "bot.store"),
    ("bot.documents",),
    ("bot.settings",),
    ("bot.kit", "bot.orders"),
    ("bot.generation.rows",),
    ("bot.generation",),
    ("bot.generation.files", "bot.generation.ordering"),
    ("bot.generation.work",),
    ("bot.cards",),
    ("bot.sharding",),
    ("bot.joining",),
    ("bot.client", "bot.gateway"),
    ("cogs", "bot.monitoring", "bot.connecting"),
    ("bot.process",),
    ("bot.check", "bot.backups", "bot.health_check"),
    ("bot.__main__",),
)
"""Lowest first. A module may import from its own room and from floors below, not from its neighbours. Each feature is a
room of its own. A room within a room is named itself; what stands beside it there is the outer room's.
"""


def room_of(module: str) -> tuple[int, str] | None:
    floors = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
    room = max((one for one in floors if f"{module}.".startswith(f"{one}.")), key=len, default=None)
    if room is None:
        return None
    return floors[room], ".".join(module.split(".")[:2]) if room == "cogs" else room


def modules(folder: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        yield name.removesuffix(".__init__"), path


@cache
def imports(path: Path) -> tuple[str, ...]:
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:  # one's own package: only the stand-ins write it so
                assert path.is_relative_to(ROOT / "sandbox"), f"{path}: a relative import hides its floor"
                continue
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def every_module() -> dict[str, Path]:
    return {name: path for folder in ("bot", "cogs") for name, path in modules(folder)}


def graph() -> dict[str, set[str]]:
    """Which modules each module imports; of `from package import module` the module, not the package."""
    known = every_module()
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        targets = {each for each in imports(path) if each in known and each != name}
        packages = {each for each in targets if any(other.startswith(f"{each}.") for other in targets)}
        found[name] = targets - packages
    return found


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that each lead to all the others (Tarjan, without recursion over what is not visited)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for target in sorted(arrows.get(name, ())):
            if target not in order:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], order[target])
        if low[name] == order[name]:
            group = [stack.pop()]
            while group[-1] != name:
                group.append(stack.pop())
            if len(group) > 1:
                found.append(sorted(group))

    for name in sorted(arrows):
        if name not in order:
            visit(name)
    return found


def test_every_module_stands_on_a_floor() -> None:
    homeless = [name for name in every_module() if name not in {"bot", "cogs"} and not room_of(name)]
    assert homeless == []


def test_contributing_says_what_lives_on_each() -> None:
    written = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = {name.split(".")[1] for name in every_module() if name.startswith("bot.")}
    assert {room for room in rooms if f"`{room}`" not in written} == set()


def test_imports_lead_somewhere() -> None:
    """What was moved is seen at once, where another change still names its old place."""
    known = every_module()
    wrong: list[str] = []
    for name, path in known.items():
        for node in nodes(path):
            if not isinstance(node, ast.ImportFrom) or str(node.module).split(".")[0] not in {"bot", "cogs"}:
                continue
            source = known.get(str(node.module))
            if source is None or source.name == "__init__.py":
                said = "" if source is None else source.read_text(encoding="utf-8")
                named = [(one.name, known.get(f"{node.module}.{one.name}")) for one in node.names]
                wrong += [
                    f"{name}: {node.module}.{one}"
                    for one, module in named
                    if one not in said and (module is None or not module.stat().st_size)
                ]
    assert wrong == []


def test_imports_go_down() -> None:
    wrong: list[str] = []
    for name, targets in graph().items():
        here = room_of(name)
        for target in targets:
            there = room_of(target)
            if here and there and there[1] != here[1] and there[0] >= here[0]:
                wrong.append(f"{name} imports {target}")
    assert wrong == []


def test_there_is_no_circle() -> None:
    assert circles(graph()) == []


def test_a_circle_would_be_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_nobody_enters_a_feature_by_its_front_door() -> None:
    """`cogs/<feature>/__init__.py` is discord.py's: nothing imports from it."""
    doors = {name for name, path in modules("cogs") if path.name == "__init__.py"}
    wrong = [(name, target) for name, targets in graph().items() for target in targets & doors]
    assert wrong == []


def test_the_bot_and_its_stand_in_share_no_code() -> None:
    for name, path in modules("bot"):
        assert not [one for one in imports(path) if one.split(".")[0] in {"cogs", "sandbox", "tests"}], name
    for name, path in modules("sandbox"):
        assert not [one for one in imports(path) if one.split(".")[0] in {"bot", "cogs", "tests"}], name


def test_the_rooms_know_only_what_they_should() -> None:
    """The API knows no Discord and no database, the store no Discord and no HTTP; durable work knows no Discord."""
    forbidden = {
        "bot.api": {"discord", "sqlalchemy"},
        "bot.store": {"discord", "aiohttp"},
        "bot.documents": {"discord", "aiohttp", "sqlalchemy"},
        "bot.settings": {"discord", "aiohttp"},
        "bot.orders": {"discord", "aiohttp"},
        "bot.generation": {"discord"},
    }
    for name, path in every_module().items():
        for room, libraries in forbidden.items():
            if name == room or name.startswith(f"{room}."):
                used = {imported.split(".")[0] for imported in imports(path)}
                assert not used & libraries, name


def test_sql_is_written_in_rows() -> None:
    """Of a feature's files only `rows.py` and its kin make statements; the others pass connections on."""
    for name, path in modules("cogs"):
        if "rows" in path.stem:
            continue
        used = {one for one in imports(path) if one.startswith("sqlalchemy")}
        assert used <= {
            "sqlalchemy",
            *(f"sqlalchemy.{one}" for one in ("Column", "Connection", "RowMapping", "Table")),
        }, name


def test_leave_to_send_is_given_in_one_place() -> None:
    """A permit that is made elsewhere is one that nothing was reserved for."""
    makers = [
        name
        for name, path in every_module().items()
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Permit"
    ]
    assert set(makers) == {"bot.orders.money"}


def test_files_of_one_name_mean_one_thing() -> None:
    """Every feature has its commands in cog.py, and its door opens that."""
    for folder in sorted((ROOT / "cogs").iterdir()):
        if folder.is_dir() and folder.name != "__pycache__":
            assert (folder / "cog.py").is_file(), folder
            assert "async def setup(bot" in (folder / "__init__.py").read_text(encoding="utf-8"), folder


def test_unit_tests_stand_where_the_code_does() -> None:
    """tests/unit/cogs/jam holds the tests of cogs/jam, and so on."""
    unit = ROOT / "tests" / "unit"
    for path in unit.rglob("test_*.py"):
        assert path.parent != unit, path
        assert (ROOT / path.parent.relative_to(unit)).is_dir(), path


def test_the_bot_never_imports_alembic_outside_the_migrating_process() -> None:
    for name, path in modules("bot"):
        if not name.startswith(("bot.store.migrat", "bot.store.upgrade")):
            assert not [one for one in imports(path) if one.split(".")[0] == "alembic"], name
