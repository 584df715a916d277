"""Reading untrusted JSON: each function gives an empty value instead of raising when the shape is another."""

from __future__ import annotations

import math
from typing import Any, TypeAlias, cast

JsonObject: TypeAlias = "dict[str, Any]"


def mapping(value: object) -> JsonObject:
    """The object itself, or an empty one."""
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    """The array itself, or an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def text(value: object) -> str:
    """A string without the space around it; anything else is ``""``."""
    return value.strip() if isinstance(value, str) else ""


def label(value: object) -> str:
    """A code as text: gateways send strings, integers and null for the same field."""
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, int) else text(value)


def number(value: object) -> float | None:
    """A finite number, also from ``"30%"`` or ``"30"``."""
    if isinstance(value, str):
        try:
            value = float(value.strip().removesuffix("%"))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None
