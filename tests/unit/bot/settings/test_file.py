"""The YAML file of settings: what is written is read, and what can't be used is named by its line."""

from __future__ import annotations

import random
import time

import pytest

from bot.errors import BadValue
from bot.settings import PAUSED, SETTINGS, Scope
from bot.settings.credits import Allowance, Pool, Prices
from bot.settings.file import FileProblem, read, read_all
from bot.settings.file_writing import write
from bot.settings.limits import Limits
from bot.settings.locks import Locks
from bot.settings.personas import Personas
from bot.settings.styles import Styles
from bot.settings.values import (
    Channel,
    Choice,
    Commands,
    Decimal,
    Flag,
    Model,
    Patterns,
    Roles,
    Size,
    Text,
    Whole,
    Words,
)

LETTERS = "aZ0 .,:;#-_*&!|>'\"%@`{}[]?\\/\n\t\r\x85\u2028\ufeff\x07\x00é深🦊\u202e~=<"
"""What YAML, Markdown and people's keyboards hold."""


def written(stored: dict[tuple[str, int], dict[str, object]]) -> str:
    return write(stored, heading="Settings\nof all", name_of=lambda _, id_: f"a\nname:\u2028{id_}", role_name=str)


def taken_in(text: str) -> dict[tuple[str, int], dict[str, object]]:
    return {(section.scope, section.scope_id or 1): dict(section.values) for section in read(text)}


def some_value(  # noqa: C901, PLR0912 - one case for each kind of value
    key: str, chance: random.Random
) -> object:
    """Any value that `key` may have; texts are of the worst letters."""

    def letters(most: int) -> str:
        return "".join(chance.choice(LETTERS) for _ in range(chance.randint(1, most)))

    match SETTINGS[key].kind:
        case Model():
            typed = chance.choice(["null", "on", "1e5", "0x1F", "~x", "qwen3-max", "123", "a:b", "2024-01-01", "模型"])
        case Patterns():
            typed = chance.choice(["all", "*", "qwen*, gpt-4?", "no, yes, 1"])
        case Text():
            typed = letters(60)
        case Words():
            typed = chance.choice(["none", "no, yes, # x, 1.0, ~", letters(20), "- a, b: c, *d, &e, !f"])
        case Decimal(least=least, most=most):
            typed = f"{chance.uniform(least, most):.2f}"
        case Whole(least=least, most=most):
            typed = str(chance.randint(least, most))
        case Flag():
            typed = chance.choice(["on", "off"])
        case Choice(options=options):
            typed = chance.choice(list(options))
        case Size(offered=offered):
            typed = chance.choice(offered)
        case Commands():
            typed = chance.choice(["all", "none", "video", "ask imagine"])
        case Roles():
            typed = chance.choice(["everyone", f"<@&{chance.randint(1, 2**63 - 1)}> 7"])
        case Channel():
            typed = chance.choice(["none", str(chance.randint(1, 2**63 - 1))])
        case Prices():
            typed = chance.choice(["ask=1", "video:*=80, ask:gpt-4?=2/1k", "imagine:模型-1=0"])
        case Allowance():
            typed = chance.choice(["0", f"100, <@&{chance.randint(1, 2**63 - 1)}>=500"])
        case Pool():
            typed = chance.choice(["500/day", "0/month"])
        case Personas() as kind:
            whole = {"name": f"Sailor {chance.randint(1, 9)}", "model": "qwen3-max", "temperature": "0.3"}
            made = [{"name": "Poet", "instructions": letters(60) + "x"}, whole | {"instructions": "Two\nlines: #1"}]
            return kind.of(chance.choice([[], made[:1], made]))
        case Styles() as kind:
            made = [{"name": "Ink", "words": letters(60) + "x"}, {"name": "水墨", "words": "{prompt}: #1\nb"}]
            return kind.of(chance.choice([[], made[:1], made]))
        case Limits():
            typed = f"<@&{chance.randint(1, 2**63 - 1)}> ask=unlimited, video=3/day, total ask=9/hour"
        case Locks():
            typed = chance.choice(["image_model", "limits:narrow, roles:narrow"])
        case kind:
            raise AssertionError(kind)
    return SETTINGS[key].parse(typed)


@pytest.mark.parametrize("seed", range(60))
def test_what_is_written_is_read(seed: int) -> None:
    chance = random.Random(seed)
    stored: dict[tuple[str, int], dict[str, object]] = {}
    for scope in (Scope.SERVER, Scope.CATEGORY, Scope.CHANNEL, Scope.CHANNEL):
        values: dict[str, object] = {PAUSED: True} if chance.random() < 0.3 else {}
        for key, setting in SETTINGS.items():
            if scope in setting.scopes and chance.random() < 0.5:
                try:
                    values[key] = some_value(key, chance)
                except BadValue:  # letters of nothing but white space
                    continue
        if values:
            stored[scope, 1 if scope is Scope.SERVER else chance.randint(2, 2**63 - 1)] = values
    text = written(stored)
    assert taken_in(text) == stored
    for place, values in taken_in(text).items():
        assert [type(value) for value in values.values()] == [type(stored[place][key]) for key in values]
    assert text == written(dict(reversed(list(stored.items())))), "the order is the table's and the ids'"
    assert "\ufeff" not in text.splitlines()[0]


def test_it_reads_as_people_write() -> None:
    text = """
# a comment
server:
  commands: [ask, video]   # some
  age_restricted_only: yes
  answers: private
  blocked_words: all of this, and that
channels:
  12: {max_images: 2, system_prompt: 007}
  13: {}
  14:
    paused: no
    roles: ["<@&5>", 6]
"""
    assert taken_in(text) == {
        ("server", 1): {
            "commands": ["ask", "video"],
            "age_restricted_only": True,
            "answers": "private",
            "blocked_words": ["all of this", "and that"],
        },
        ("channel", 12): {"max_images": 2, "system_prompt": "007"},
        ("channel", 13): {},
        ("channel", 14): {"roles": [5, 6]},
    }


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("server:\n  max_images: 2\n  nonsense: 1", 3, "config.file_no_setting"),
        ("server:\n  blocked_words:\n    - ok\n    - [1]", 4, "config.file_value"),
        ("server:\n  max_images: [1, 2]", 2, "config.file_value"),
        ("server:\n  roles:\n    a: 1", 3, "config.file_value"),
        ("server:\n  ? [a]\n  : 1", 2, "config.file_mapping"),
        ("server:\n  <<: {max_images: 1}", 2, "config.file_no_setting"),
        ("server:\n  max_images: !!int '1'", 0, ""),
        ("server:\n  max_images: !mine 1", 2, "config.file_tag"),
        ("channels:\n  0: {}", 2, "config.file_not_an_id"),
        ("channels:\n  9223372036854775808: {}", 2, "config.file_not_an_id"),
        ("channels:\n  1: {}\n  1: {}", 3, "config.file_twice"),
        ("channels:\n  1: {max_running_videos: 3}", 2, "config.file_whole_server"),
        ("channels:\n  1:\n    paused: maybe", 3, "config.bad_choice"),
        ("a: &a [1]\nb: [*a, *a]", 2, "config.file_alias"),
        ("{" * 100000, 1, "config.file_deep"),
        ("- " * 50000, 1, "config.file_deep"),
        ("server: 'x", 1, "config.file_open"),
        ("server:\n  roles: [1\n  answers: private", 2, "config.file_open"),
        ("server:\n   max_images: 1\n  answers: private", 3, "config.file_indent"),
        ("server:\n  max_images:2\n  answers: private", 3, "config.file_colon"),
        ("server:\nmax_images:2\nchannels: {}", 2, "config.file_mapping"),
        ("server:\n  answers: }", 2, "config.file_not_yaml"),
        ("server:\n\n  x: \x00", 3, "config.file_letters"),
        ("# only a comment", 1, "config.file_empty"),
    ],
)
def test_what_can_not_be_used_is_named_by_its_line(text: str, line: int, key: str) -> None:
    if not key:
        assert read(text)
        return
    with pytest.raises(FileProblem) as refused:
        read(text)
    assert (refused.value.line, refused.value.key) == (line, key)


def test_all_that_can_not_be_used_is_named_at_once_and_the_rest_is_read() -> None:
    text = (
        """
server:
  max_images: nine
  max_imges: 2
  styles:
    - {name: Ink, words: "{promt}, ink"}
    - {name: Oil, words: "{prompt}, oil"}
    - {name: Lead}
  blocked_words:
    - fine
    - [1]
    - """
        + "x" * 60
        + """
  answers: private
channels:
  general: {}
  12: {prompt_days: 3, roles: [everyone, nobody]}
"""
    )
    found = read_all(text)
    assert [(one.line, one.key) for one in found.problems] == [
        (3, "config.bad_number"),
        (4, "config.file_unknown_setting"),
        (6, "styles.bad_placeholder"),
        (8, "config.no_text"),
        (11, "config.file_value"),
        (12, "config.bad_word"),
        (15, "config.file_not_an_id"),
        (16, "config.file_whole_server"),
        (16, "config.bad_roles"),
        (16, "config.bad_roles"),
    ]
    assert found.problems[1].facts == {"near": "max_images"}
    values = [section.values for section in found.sections]
    assert values[0]["answers"] == "private"
    assert values[0]["styles"] == [{"name": "Oil", "words": "{prompt}, oil"}]


@pytest.mark.parametrize("unit", ["[", "- ", "? ", "&a ", "a: ", "'", '"', "!", "{a: ", "# x\n", "\n", "|\n ", "%x\n"])
def test_no_file_takes_long(unit: str) -> None:
    text = unit * (64 * 1024 // len(unit))
    began = time.process_time()
    with pytest.raises(BadValue):
        read(text)
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "text",
    [
        "server: {" + "a," * 130_000 + "}",
        "server:\n  blocked_words:\n" + "    - a\n" * 32_000,
        "server:\n" + "".join(f"  k{number}: 1\n" for number in range(25_000)),
    ],
)
def test_a_file_of_too_many_entries_is_not_read_to_its_end(text: str) -> None:
    with pytest.raises(FileProblem, match=r"config\.file_nodes"):
        read(text)
