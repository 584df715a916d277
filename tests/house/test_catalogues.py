"""Every sentence has an English and a Chinese text, every text a place in the code, with the same facts in it."""

from __future__ import annotations

import ast
import re
import string
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.environment import VARIABLES
from bot.i18n import LOCALES, text
from tests.house.source import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
KEY = re.compile(r"[a-z]+(\.[a-z_]+)+")


@cache
def catalogue(locale: str) -> Catalog:
    with (ROOT / "bot" / "locales" / locale / "LC_MESSAGES" / "bot.po").open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


@cache
def messages(locale: str) -> dict[str, Message]:
    return {
        message.id if isinstance(message.id, str) else message.id[0]: message
        for message in catalogue(locale)
        if message.id
    }


def forms(message: Message) -> list[str]:
    string = message.string or ""
    return [string] if isinstance(string, str) else list(string)


def code() -> Iterator[tuple[Path, ast.AST]]:
    for folder in ("bot", "cogs"):
        for path in (ROOT / folder).rglob("*.py"):
            yield from ((path, node) for node in nodes(path))


def keys_in_code() -> set[str]:
    """Every string in the code that looks like a key of one of the catalogue's families."""
    families = {key.partition(".")[0] for key in messages("en")}
    found: set[str] = set()
    for _, node in code():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
            family, _, rest = node.value.partition(".")
            if family in families and not rest.endswith((".py", ".db")):
                found.add(node.value)
    return found


# Strings that look like keys and are names of something else.
NOT_KEYS = {
    "cogs.ask",
    "cogs.imagine",
    "cogs.video",
    "cogs.config",
    "cogs.jobs",
    "cogs.jam",
    "lineage.png",
    "cogs.manage",
    "cogs.privacy",
}


def test_no_key_is_missing_and_none_is_unused() -> None:
    used = keys_in_code() - NOT_KEYS
    for locale in LOCALES:
        known = set(messages(locale))
        assert used - known == set(), f"missing in {locale}"
        assert known - used == set(), f"unused in {locale}"


def test_no_key_is_put_together_at_run_time() -> None:
    """A key in pieces would escape the test above."""
    for path, node in code():
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id == "text" and len(node.args) > 1:
            assert not isinstance(node.args[1], ast.JoinedStr | ast.BinOp), f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_is_there_and_none_is_fuzzy(locale: str) -> None:
    for key, message in messages(locale).items():
        assert all(forms(message)), key
        assert not message.fuzzy, key
        assert len(forms(message)) == (catalogue(locale).num_plurals if message.pluralizable else 1), key


def facts(form: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(form) if name}


# “3rd in line”, 第 3 位: each language uses its own of the two.
EITHER = {"ordinal", "place"}


def test_both_languages_hold_the_same_facts() -> None:
    english, chinese = messages("en"), messages("zh_CN")
    for key, message in english.items():
        expected = set[str]().union(*map(facts, forms(message))) - EITHER
        for form in forms(chinese[key]):
            assert facts(form) - EITHER == expected, key


def test_chinese_uses_full_width_punctuation_and_the_familiar_you() -> None:
    for key, message in messages("zh_CN").items():
        for form in forms(message):
            assert "您" not in form, key
            if re.search(r"[\u4e00-\u9fff]", form):
                assert not re.search(r"[\u4e00-\u9fff][,:;?!]|[\u4e00-\u9fff]\.", form), key
                assert not re.search(
                    r"[\u4e00-\u9fff][A-Za-z]|[A-Za-z][\u4e00-\u9fff]", form.replace("高x", "").replace("宽x高", "")
                ), key


def test_no_sentence_shouts_and_members_read_of_the_service() -> None:
    for locale in LOCALES:
        for key, message in messages(locale).items():
            for form in forms(message):
                assert "!" not in form, key
                assert "！" not in form, key
                if not key.startswith("owner."):
                    assert "API" not in form, key


BOOKISH = re.compile(
    r"\bpictures?\b|\banew\b|no longer kept|not kept|(?<!person )who (asked|started|may)\b|\bwhose\b|of use\b|may do\b"
    r"|\bis told\b|\bwhat holds\b|\bholds here\b|\bare over\b|\bis over\b|does not bring|taken? back a|stored of you",
    re.IGNORECASE,
)
"""Words and turns that no product speaks in: *image* is the word, and “the person who asked”."""
ODD = re.compile("版主|角色|分类|额度|提出者|发起者|下单|您|不再保存|不再保留")
"""身份组, 类别, 管理员 and 点数 are the words, as Discord has them."""


def test_no_sentence_is_bookish() -> None:
    said = {
        f"{locale} {key}": form for locale in LOCALES for key, one in messages(locale).items() for form in forms(one)
    }
    said |= {variable.name: variable.hint for variable in VARIABLES}
    said |= {f".env.example {number}": line for number, line in enumerate(env_example(), 1) if line.startswith("#")}
    found = {
        where: form for where, form in said.items() if BOOKISH.search(re.sub(r"{.*?}", "", form)) or ODD.search(form)
    }
    assert found == {}


def env_example() -> list[str]:
    return (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()


def test_descriptions_fit_where_discord_shows_them() -> None:
    """Of commands and options it takes 100 characters; a setting's is cut there in its menu."""
    shown = ("command.", "config.help_")
    long = {
        f"{locale} {key}": len(form)
        for locale in LOCALES
        for key, message in messages(locale).items()
        if key.startswith(shown)
        for form in forms(message)
        if len(form) > 100
    }
    assert long == {}


def test_an_unknown_language_reads_english() -> None:
    assert text("xx", "button.stop") == text("en", "button.stop")
