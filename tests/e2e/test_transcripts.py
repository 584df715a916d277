"""The transcripts in docs say what happens. `python -m tests.pictures --transcripts` writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pictures import transcripts

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", transcripts.pages(DOCS), ids=lambda page: page.stem)
async def test_a_page_says_what_happens(page: Path) -> None:
    blocks = transcripts.blocks(page.read_text(encoding="utf-8"))
    async for block, happened in transcripts.play(blocks, locale=transcripts.locale_of(page)):
        assert transcripts.loosely(block.text) == transcripts.loosely(happened)
