"""README and docs say what the code does, in both languages alike; their pictures are there and their links lead on."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bot.check import PERMISSIONS, named
from bot.environment import VARIABLES
from tests import settings_table
from tests.pictures import transcripts

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE = DOCS / "moderators.md"
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
PAGES = (*READMES, ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md")))
LINK = re.compile(r"\]\((?!https?://)([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
LARGEST = {".png": 150_000, ".webp": 3_000_000}
"""Bytes of one picture."""
ALL_PICTURES = 6_000_000


@pytest.mark.parametrize("locale", settings_table.PAGES)
def test_the_tables_of_settings_are_the_codes(locale: str) -> None:
    written, made = settings_table.written(locale), settings_table.tables(locale)
    assert written == made, "write them: uv run python -m tests.settings_table"
    page = settings_table.PAGES[locale].read_text(encoding="utf-8")
    recipes, _, rest = page.partition("<!-- settings -->")
    assert len(re.findall(r"^\*\*", recipes, re.MULTILINE)) == 5, "five recipes come first"
    assert rest


def test_every_command_of_config_has_its_transcript() -> None:
    files = [path for path in (ROOT / "cogs" / "config").glob("*.py") if path.name != "setup_cog.py"]
    sources = [path.read_text(encoding="utf-8") for path in files]
    commands = {
        next((str(ast.literal_eval(word.value)) for word in decorator.keywords if word.arg == "name"), function.name)
        for source in sources
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.AsyncFunctionDef)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "app_commands.command"
    }
    shown = {
        found[1]
        for block in transcripts.blocks(PAGE.read_text(encoding="utf-8"))
        for line in transcripts.typed(block.text)
        if (found := re.search(r"> /config (\w+)", line))
    }
    assert len(commands) == 17
    assert shown == commands


def test_the_owners_table_is_the_codes() -> None:
    table = [
        f"| `{variable.name}` | {'required' if variable.default is None else variable.default or 'empty'} |"
        f" {variable.hint} |"
        for variable in VARIABLES
    ]
    written = [line for line in (DOCS / "owners.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert written == table, "the table should be:\n" + "\n".join(table)


def test_the_owners_page_has_every_permission_that_the_bot_is_invited_with() -> None:
    found: list[list[str]] = []
    for page in in_both_languages("owners"):
        table = page.partition("\n|---|---|\n")[2].partition("\n\n")[0]
        found.append(
            [each for row in table.splitlines() for each in re.split(", |、", row.split(" | ")[0].strip("| "))]
        )
    english, chinese = found
    assert {name.casefold() for name in english} == {named(one).casefold() for one, wanted in PERMISSIONS if wanted}
    assert len(chinese) == len(english)


def test_the_pages_in_chinese_have_the_same_variables_commands_and_parts() -> None:
    for name in ("owners", "operating"):
        pages = in_both_languages(name)
        for pattern in (r"^(#+) ", r"^(- |\d\. )", r"^\| (`[^`]*`)", r"^ {4,7}([\w.-]+ [^#]*?)(?: {2,}#| *$)"):
            english, chinese = (re.findall(pattern, page, re.MULTILINE) for page in pages)
            assert placeless(english) == placeless(chinese), pattern
    defaults = [
        [line.split(" | ")[1] for line in page.splitlines() if line[:3] == "| `"]
        for page in in_both_languages("owners")
    ]
    words = {"required": "必填", "empty": "空"}
    assert [words.get(each, each) for each in defaults[0]] == defaults[1]


def placeless(found: list[str]) -> list[str]:
    """Without what stands for somebody's own names."""
    return [re.sub(r"postgresql://\S+|for 2 minutes|持续 2 分钟", "…", each).rstrip(" …'") for each in found]


def test_every_link_of_the_pages_leads_somewhere() -> None:
    for page in PAGES:
        prose = CODE.sub("", page.read_text(encoding="utf-8"))
        for target in LINK.findall(prose):
            path, _, heading = target.partition("#")
            led = (page.parent / path).resolve() if path else page
            assert led.exists(), f"{page.name}: {target}"
            if heading:
                assert heading in map(anchor, headings(led)), f"{page.name}: {target}"


def test_every_picture_is_used_and_they_are_small() -> None:
    used = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    }
    made = [path.resolve() for path in (DOCS / "pictures").iterdir()]
    assert used == set(made)
    sizes = {path.name: path.stat().st_size for path in made}
    assert {name for name, size in sizes.items() if size > LARGEST[Path(name).suffix]} == set()
    assert sum(sizes.values()) < ALL_PICTURES


def test_both_readmes_have_the_same_parts_and_commands() -> None:
    english, chinese = (page.read_text(encoding="utf-8") for page in READMES)
    for pattern in (r"^(#+) ", r"^( {4}\S.*)$", r"^\|[^|]*(`/[^|]*`)", r"^(- |\d\. )\*\*"):
        assert re.findall(pattern, english, re.MULTILINE) == re.findall(pattern, chinese, re.MULTILINE)
    pictures = [
        re.findall(rf"docs/pictures/(\w+)\.{language}\.", page)
        for language, page in (("en", english), ("zh-CN", chinese))
    ]
    assert pictures[0] == pictures[1]
    assert len(pictures[0]) == english.count("](docs/pictures/") == chinese.count("](docs/pictures/")


@pytest.mark.parametrize("name", ["members", "jam"])
def test_a_page_in_both_languages_has_the_same_parts(name: str) -> None:
    english, chinese = map(transcripts.without, in_both_languages(name))
    for pattern in (r"^(#+) ", r"^(\||- )", r"pictures/(\w+)\."):
        assert re.findall(pattern, english, re.MULTILINE) == re.findall(pattern, chinese, re.MULTILINE)


def test_the_readmes_have_the_command_that_runs_the_tests() -> None:
    """The build server's own last but one."""
    assert "\nuv run pytest\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for page in READMES:
        assert "\n    .venv/bin/uv run pytest\n" in page.read_text(encoding="utf-8")


def in_both_languages(name: str) -> list[str]:
    return [(DOCS / f"{name}{ending}.md").read_text(encoding="utf-8") for ending in ("", ".zh-CN")]


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)


def anchor(heading: str) -> str:
    """A heading's address, as GitHub makes it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
