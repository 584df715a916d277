"""The sandbox's page, measured in a real Chromium: `uv run python tests/bench/page.py`.

How long after the bot the page is ready, how far it falls behind 100 messages a second, and how a channel of 2,000
messages opens and scrolls. Chromium, the page's server and Discord's stand-in share this machine. Exit code 1 when a
goal was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from statistics import median, quantiles
from typing import TYPE_CHECKING, Final

from playwright.async_api import async_playwright

from sandbox.browser.server import Browser
from sandbox.discord.models import COMPONENTS_V2
from sandbox.discord.state import Draft
from sandbox.stage import Stage, staffed_scene
from tests.bench.load import until_quiet
from tests.browser.conftest import ARGUMENTS, MISSING, chromium_path

if TYPE_CHECKING:
    from playwright.async_api import Page

    from sandbox.discord.models import Channel

READY: Final = 1.0
BEHIND: Final = 1.0
A_SECOND: Final = 100
MANY: Final = 2000
FRAME: Final = 0.25
"""Seconds, for the longest time without a frame while somebody scrolls: longer is felt as a jump."""

_TOLD: Final = 3.0
"""Seconds in which the bot is told of many messages that came in one moment: by the process that serves the page."""

# Each message says when it was sent; the page notes how long ago that is when it stands in the document.
_WATCH: Final = """() => {
    window.behind = [];
    new MutationObserver((records) => {
        for (const record of records) for (const node of record.addedNodes) {
            const sent = /sent (\\d+)/.exec(node.textContent ?? "");
            if (sent && node.matches?.(".entry")) window.behind.push(Date.now() - Number(sent[1]));
        }
    }).observe(document.getElementById("log"), { childList: true });
}"""
_SCROLL: Final = """async () => {
    const scroller = document.getElementById("scroller");
    const log = document.getElementById("log");
    let longest = 0, last = performance.now(), steps = 0;
    while (log.dataset.older === "true" || scroller.scrollTop > 0) {
        scroller.scrollTop -= 600;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        [longest, last, steps] = [Math.max(longest, now - last), now, steps + 1];
        if (steps > 20000) break;
    }
    return { longest, entries: log.querySelectorAll(".entry").length };
}"""


def post(stage: Stage, channel: Channel, text: str) -> None:
    """A card of the bot's, with Markdown and a button."""
    button = {"type": 2, "style": 2, "label": "Again", "custom_id": "again"}
    parts = [{"type": 10, "content": f"**{text}**\n-# `code` and text"}, {"type": 1, "components": [button]}]
    stage.world.create_message(channel, stage.world.application.bot, Draft(components=parts, flags=COMPONENTS_V2))


async def ready(stage: Stage, page: Page) -> float:
    """Seconds from a bot that is ready to a page that can be typed into and hears what happens."""
    began = time.monotonic()
    async with Browser(stage) as browser:
        async with page.expect_websocket(lambda socket: socket.url.endswith("/live") or "/live?" in socket.url):
            await page.goto(browser.address)
        await page.locator("#write").wait_for()
        return time.monotonic() - began


async def behind(stage: Stage, page: Page, seconds: float) -> list[float]:
    """How many seconds each message was late, in order."""
    channel = stage.channel("general")
    async with Browser(stage) as browser:
        await page.goto(browser.address_of(stage.person("alice"), channel))
        await page.evaluate(_WATCH)
        began, count = time.monotonic(), int(seconds * A_SECOND)
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / A_SECOND - time.monotonic()))
            post(stage, channel, f"sent {time.time() * 1000:.0f}")
        # The newest stands there, however many came; those between may have been left out of a page that was told anew.
        await page.wait_for_function("() => window.behind.length > 0", timeout=30_000)
        await asyncio.sleep(1.0)
        late: list[int] = await page.evaluate("window.behind")
        print(f"  {len(late)} of {count} messages were drawn one by one in {time.monotonic() - began - 1:.1f} s")
        return [each / 1000 for each in late]


async def scrolled(stage: Stage, page: Page) -> tuple[float, float, int]:
    """Seconds to open a channel of MANY messages, the longest time without a frame on the way up, messages drawn."""
    channel = stage.channel("pictures")
    for number in range(MANY):
        post(stage, channel, f"number {number}")
    await asyncio.sleep(_TOLD)
    async with Browser(stage) as browser:
        began = time.monotonic()
        await page.goto(browser.address_of(stage.person("alice"), channel))
        await page.locator(".entry").last.wait_for()
        opened = time.monotonic() - began
        result = await page.evaluate(_SCROLL)
        return opened, result["longest"] / 1000, result["entries"]


async def bench(seconds: float, patience: float) -> int:
    path = chromium_path()
    if path is None:
        print(f"The bench {MISSING}.")
        return 2
    missed: list[str] = []

    def check(what: str, measured: float, goal: float) -> None:
        print(f"{what}: {measured:.2f} s (goal {goal:g})")
        if measured > goal:
            missed.append(what)

    async with Stage(scene=staffed_scene()) as stage, async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        page = await chromium.new_page(viewport={"width": 1200, "height": 800})
        await until_quiet(patience)
        times = [await ready(stage, page) for _ in range(5)]
        check("page ready after the bot, the first time", times[0], READY)
        check("page ready, later (median)", median(times[1:]), READY)
        late = await behind(stage, page, seconds)
        check(f"behind {A_SECOND} messages a second, 95 %", quantiles(late, n=20)[-1], BEHIND)
        check(f"behind {A_SECOND} messages a second, the latest", max(late), BEHIND)
        opened, longest, entries = await scrolled(stage, page)
        check(f"a channel of {MANY} messages opens", opened, READY)
        check(f"scrolling to its beginning ({entries} drawn), the longest time without a frame", longest, FRAME)
        if entries < MANY:
            missed.append(f"only {entries} of {MANY} messages were reached")
        await chromium.close()
    for what in missed:
        print(f"MISSED: {what}")
    return int(bool(missed))


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/bench/page.py", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long messages come (10)")
    parser.add_argument("--patience", type=float, default=10.0, help="seconds to wait for a quiet machine (10)")
    options = parser.parse_args()
    return asyncio.run(bench(options.seconds, options.patience))


if __name__ == "__main__":
    sys.exit(main())
