"""The panel's sentences: the same in both languages."""

from __future__ import annotations

import re
from string import Formatter

from sandbox.browser.panel_words import panel_words
from sandbox.browser.switches import DEEDS, FAULTS, PLACES, Switches
from sandbox.browser.traffic import WIRES
from sandbox.stage import Stage


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_languages_say_the_same():
    english, chinese = panel_words("en-US"), panel_words("zh-CN")
    assert english.keys() == chinese.keys()
    for key, sentence in english.items():
        assert fields(sentence) == fields(chinese[key]), key
    assert not [key for key, sentence in chinese.items() if re.search(r"[,;:!?] ?[\u4e00-\u9fff]", sentence)]


async def test_everything_that_is_shown_has_a_name():
    known = panel_words("en-US")
    async with Stage(start=False) as stage:
        numbers = {name for each in Switches(stage).services() for name in each.numbers}
    shown = {*WIRES, *DEEDS, *numbers, *(f"kind_{each}" for each in FAULTS), *(f"place_{each}" for each in PLACES)}
    assert shown <= known.keys()
