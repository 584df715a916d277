"""A file of another server: its names are found here, and what is left out stays as it is."""

from __future__ import annotations

import pytest

from bot.errors import BadValue
from bot.settings import Scope
from bot.settings.copying import Here, match, named_in, translated
from bot.settings.file import FileProblem, Section, read, read_all
from bot.settings.file_writing import write
from bot.settings.names import by_name
from bot.settings.things import Thing, What

STORED: dict[tuple[str, int], dict[str, object]] = {
    ("server", 1): {"roles": [70, 71], "daily_credits": ["100", "70=500"], "log_channel": 80},
    ("category", 90): {"max_images": 2},
    ("channel", 81): {"chat_model": "qwen3-max", "roles": [71]},
}
NAMES: dict[Thing, str] = {
    (What.ROLE, 70): "Artists",
    (What.ROLE, 71): "Mods",
    (What.CHANNEL, 80): "mod-log",
    (What.CHANNEL, 81): "pictures",
    (What.CATEGORY, 90): "Studio",
}


def here(*things: tuple[What, int, str]) -> Here:
    named = {what: by_name((name, id_) for of, id_, name in things if of is what) for what in What}
    return Here(frozenset((what, id_) for what, id_, _ in things), named)


def contents(names: dict[Thing, str] | None = None) -> tuple[list[Section], dict[Thing, str]]:
    text = write(STORED, heading="h", name_of="{}{}".format, role_name=str, names=NAMES if names is None else names)
    read = read_all(text)
    return read.sections, read.names


def test_a_file_says_what_its_ids_are_called() -> None:
    _, names = contents()
    assert names == NAMES
    assert set(named_in(STORED)) == set(NAMES)


def test_names_are_found_whatever_their_case_and_others_are_open() -> None:
    sections, names = contents()
    there = here(
        (What.ROLE, 700, "ARTISTS"),
        (What.ROLE, 710, "mods"),
        (What.ROLE, 711, "Mods"),  # two of them
        (What.CHANNEL, 810, "Pictures"),
        (What.CATEGORY, 900, "studio"),
        (What.ROLE, 999, "mod-log"),  # no channel
    )
    found = match(sections, names, there)
    assert found.found == {(What.ROLE, 70): 700, (What.CHANNEL, 81): 810, (What.CATEGORY, 90): 900}
    assert set(found.open) == {(What.ROLE, 71), (What.CHANNEL, 80)}
    made = translated(sections, {**found.found, (What.ROLE, 71): 711, (What.CHANNEL, 80): 800})
    assert [(one.scope, one.scope_id) for one in made] == [
        (Scope.SERVER, None),
        (Scope.CATEGORY, 900),
        (Scope.CHANNEL, 810),
    ]
    assert made[0].values == {"roles": [700, 711], "daily_credits": ["100", "700=500"], "log_channel": 800}
    assert made[2].values["roles"] == [711]


def test_what_is_here_by_its_id_or_has_no_name_is_left_alone() -> None:
    sections, names = contents()
    same = here(*((what, id_, name) for (what, id_), name in NAMES.items()))
    assert (match(sections, names, same).found, match(sections, names, same).open) == ({}, ())
    sections, names = contents({})
    assert match(sections, names, here()).open == ()


def test_a_restriction_that_is_left_out_is_kept_not_lifted() -> None:
    """A list of roles without its roles would be everyone's."""
    sections, _ = contents()
    made = translated(sections, dict.fromkeys(NAMES, None))
    (server,) = made
    assert server.values == {}
    assert server.kept == {"roles", "daily_credits", "log_channel"}
    half = translated(sections, {(What.ROLE, 70): 700, (What.ROLE, 71): None})
    assert half[0].kept == {"roles"}
    assert half[0].values["daily_credits"] == ["100", "700=500"]
    assert half[2].kept == {"roles"}


def test_two_places_can_t_become_one() -> None:
    text = "channels:\n  5: {max_images: 1}\n  6: {max_images: 2}\nnames:\n  channels: {5: a, 6: b}\n"
    sections = read_all(text).sections
    with pytest.raises(BadValue) as raised:
        translated(sections, {(What.CHANNEL, 5): 50, (What.CHANNEL, 6): 50})
    assert raised.value.key == "copy.same_place"


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("names: []\n", "config.file_mapping", 1),
        ("names:\n  planets: {1: a}\n", "config.file_unknown_name", 2),
        ("names:\n  roles:\n    x: a\n", "config.file_not_an_id", 3),
        ("names:\n  roles:\n    5: [a]\n", "config.file_value", 3),
        ("names:\n  roles:\n    99999999999999999999: a\n", "config.file_not_an_id", 3),
    ],
)
def test_names_that_are_none(text: str, key: str, line: int) -> None:
    with pytest.raises(FileProblem) as raised:
        read(text)
    assert (raised.value.key, raised.value.line) == (key, line)


def test_names_of_the_worst_letters_come_back_as_one_line() -> None:
    called: dict[Thing, str] = {(What.ROLE, 5): "a\n'\": #,\u2028[x] {y} 🦊 - @everyone", (What.CHANNEL, 6): "null"}
    text = write({("channel", 6): {"max_images": 2}}, heading="h", name_of="{}{}".format, role_name=str, names=called)
    assert read_all(text).names == {(What.ROLE, 5): "a '\": #, [x] {y} 🦊 - @everyone", (What.CHANNEL, 6): "null"}


def test_a_file_without_names_reads_as_before() -> None:
    assert read_all("server:\n  max_images: 2\n").names == {}
