"""`uv run python -m tests.pictures`: makes the pictures of README and docs again. Needs Chromium; takes minutes."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from tests.pictures import states, stills, tour, transcripts

DOCS = Path(__file__).parents[2] / "docs"
MADE = ("stills", "tour")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    add = parser.add_argument
    add("--only", choices=MADE, help="only these pictures")
    add("--language", default="", choices=("en", "zh-CN"), help="only in this language")
    add("--states", type=Path, metavar="FOLDER", help="instead: sheets of every state of the cards, to look at")
    add("--named", default="", metavar="PATTERN", help="of the states only those whose names begin so")
    add("--transcripts", action="store_true", help="instead: play the transcripts in docs and write what happened")
    options = parser.parse_args()
    if options.states:
        asyncio.run(states.make(options.states, only=options.language, named=options.named))
        return
    if options.transcripts:
        for page in transcripts.pages(DOCS):
            asyncio.run(transcripts.rewrite(page))
        return
    for name, make in zip(MADE, (stills.make, tour.make), strict=True):
        if options.only in {None, name}:
            asyncio.run(make(DOCS / "pictures", only=options.language))


if __name__ == "__main__":
    main()
