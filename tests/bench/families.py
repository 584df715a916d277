"""Looks at a thousand random families of images made of several others: the lineage of each, and what is left of it
when one is removed and when a person's are deleted. Prints how long it took on each database; anything that is not
right ends it.

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
from tests import postgresql
from tests.unit.cogs.gallery.test_parents import look_at

FAMILIES = 1000


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder, postgresql.server() as sockets:
        for url in (f"sqlite:///{folder}/onekey.db", postgresql.url_of(sockets, "postgres")):
            async with open_database(url) as database:
                began = time.monotonic()
                images = await database.run(partial(look_at, count=FAMILIES, seed=17))
                took = time.monotonic() - began
            print(f"{database.kind}: {FAMILIES} families of {images} images, all right, in {took:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
