"""The code as Python reads it, once for all tests that look at it."""

from __future__ import annotations

import ast
import gc
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All of a file's. They live to the end: Python need not look again and again which of them is garbage, which takes
    three times as long as the reading.
    """
    found = tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    gc.freeze()
    return found
