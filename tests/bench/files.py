"""How soon an answer begins whose question has a file: `uv run python tests/bench/files.py [--rounds N]`.

The real bot against the stand-ins, which answer at once. Printed for each kind of file, made on the spot: its size, the
seconds to the first text (median and worst), and the bot's own memory, which must not grow: the reading is another
process's. Exit code 1 when a first text took longer than a second.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import random
import sys
import time
from collections.abc import Mapping
from statistics import median
from typing import TYPE_CHECKING, Final

from PIL import Image

from sandbox.discord.choosing import Upload
from sandbox.onekey import Behaviour, Plan
from sandbox.stage import Stage
from tests.bench.load import rss, until_quiet
from tests.e2e.asking import CURSOR, end_of
from tests.unit.bot.documents.making import cell, paragraph, pdf, word, workbook

if TYPE_CHECKING:
    from collections.abc import Sequence

GOAL: Final = 1.0


def files() -> Mapping[str, bytes]:
    """Of 5 MB and less, with words that do not pack well."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 9))) for _ in range(20_000)]

    def line(count: int) -> str:
        return " ".join(chance.choices(words, k=count))

    def page() -> bytes:
        lines = b" ".join(f"({line(12)}) Tj T*".encode() for _ in range(60))
        return b"BT /F 6 Tf 8 TL 10 190 Td " + lines + b" ET"

    scan = io.BytesIO()
    shown = [Image.effect_noise((850, 1150), 60) for _ in range(10)]
    shown[0].save(scan, "PDF", save_all=True, append_images=shown[1:], quality=75)
    rows = (
        f"<row r='{n}'>{''.join(cell(f'{column}{n}', line(1)) for column in 'ABCDEFGH')}</row>"
        for n in range(1, 60_001)
    )
    return {
        "text": line(35_000).encode(),
        "pdf of text": pdf(*(page() for _ in range(1450))),
        "pdf of scans": scan.getvalue(),
        "docx": word("".join(paragraph(line(40)) for _ in range(30_000))),
        "xlsx": workbook("".join(f"<row r='{n}'>{row}</row>" for n, row in enumerate(rows, 1))),
    }


async def play(rounds: int, patience: float) -> bool:
    """Whether every first text came in time."""
    kept = True
    made = files()
    async with Stage(behaviour=Behaviour(chat=Plan(first_token=0, words_per_second=400, words=200))) as stage:
        await _first_text(stage, None)
        print(f"{'':14}{'MB':>6}{'median, s':>12}{'worst, s':>10}{'bot, MiB':>10}")
        for name, data in {"(no file)": b"", **made}.items():
            await until_quiet(patience)
            took = [await _first_text(stage, Upload(name, data) if data else None) for _ in range(rounds)]
            kept &= max(took) <= GOAL
            memory = rss(stage.bot.pid or 0)
            print(f"{name:14}{len(data) / 1e6:6.1f}{median(took):12.2f}{max(took):10.2f}{memory:10.0f}", flush=True)
    return kept


async def _first_text(stage: Stage, file: Upload | None) -> float:
    began = time.monotonic()
    options = {} if file is None else {"file": file}
    use = await stage.person("alice").command(
        stage.channel("general"), "ask", prompt="Sum it up.", model="qwen3-vl-plus", **options
    )
    await use.until(lambda message: CURSOR in message.text, 60)
    took = time.monotonic() - began
    await end_of(use, within=60)
    return took


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests/bench/files.py", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="questions with each file (5)")
    parser.add_argument("--patience", type=float, default=10.0, help="seconds to wait for a quiet machine (10)")
    options = parser.parse_args(arguments)
    return 0 if asyncio.run(play(options.rounds, options.patience)) else 1


if __name__ == "__main__":
    sys.exit(main())
