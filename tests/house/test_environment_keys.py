""".env.example names exactly the variables there are, with their defaults."""

from __future__ import annotations

from pathlib import Path

from dotenv import dotenv_values

from bot.environment import VARIABLES, Environment

ROOT = Path(__file__).parents[2]


def test_env_example_holds_every_variable_in_order_with_its_default() -> None:
    written = dotenv_values(ROOT / ".env.example")
    assert list(written) == [variable.name for variable in VARIABLES]
    for variable in VARIABLES:
        assert written[variable.name] == (variable.default or ""), variable.name


def test_the_frozen_class_has_a_field_for_each() -> None:
    assert list(Environment.__dataclass_fields__) == [variable.name.lower() for variable in VARIABLES]
