"""Looks at a thousand random families of images made of several others: the lineage of each, and what is left of it
when one is removed and when a person's are deleted. Prints how long it took; anything that is not right ends it.

    uv run python tests/bench/families.py
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.store.opening import open_database
from tests.unit.cogs.gallery.test_parents import look_at

FAMILIES, AT_ONCE = 1000, 50


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_database(f"sqlite:///{folder}/onekey.db") as database:
            began = time.monotonic()
            for seed in range(FAMILIES // AT_ONCE):
                await database.run(partial(look_at, count=AT_ONCE, seed=seed))
        print(f"{FAMILIES} families, all right, in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
