"""A day and a month end while the bot runs: it is the program's own clock that goes on, in another time zone."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sandbox.stage import ROOT
from tests.e2e.asking import end_of, first_text
from tests.e2e.cards import posted_in, private_answer, said, someone
from tests.e2e.configuring import told
from tests.e2e.crediting import figures, shop, usage

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.models import Channel
    from sandbox.discord.people import Person
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLOCK = """
import os, time

real = time.time

def shifted():
    with open(os.environ["CLOCK_FILE"]) as file:
        return real() + float(file.read())

time.time = shifted
"""
"""What Python imports by itself at its start: the bot's clock goes ahead by what stands in a file."""


class Clock:
    """The bot's clock, ahead of the machine's."""

    def __init__(self, folder: Path, *, at: float) -> None:
        (folder / "sitecustomize.py").write_text(CLOCK)
        self._file = folder / "ahead"
        self.environment = {"PYTHONPATH": f"{folder}:{ROOT}", "CLOCK_FILE": str(self._file), "TZ": "Asia/Shanghai"}
        self.set(at)

    def set(self, at: float) -> None:
        """It is `at` now (Unix seconds)."""
        new = self._file.with_suffix(".new")
        new.write_text(str(at - time.time()))
        new.replace(self._file)


def next_month() -> float:
    """The beginning of the next month (UTC) but one: more than the fifteen minutes of a token away."""
    day = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(2):
        day = (day + timedelta(days=32)).replace(day=1)
    return day.timestamp()


async def asked(who: Person, channel: Channel, prompt: str = "A fox?") -> None:
    assert (await end_of(await who.command(channel, "ask", prompt=prompt))).text.endswith(" · 5 credits")


async def test_the_new_day_and_month_begin_in_the_running_program(new_stage: NewStage, tmp_path: Path) -> None:
    month = next_month()
    clock = Clock(tmp_path, at=month - 120)
    stage = await new_stage(environment=clock.environment)
    channel = await shop(
        stage, prices="ask=5", daily_credits="5", channel_pool="20/day", server_pool="40/month", confirm_above="900"
    )
    alerts = stage.world.text_channel(stage.world.guilds[channel.guild_id or 0], "alerts")
    await told(stage.person("alice"), channel, "set", setting="alert_channel", value=f"<#{alerts.id}>")
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)

    await asked(carol, channel)
    refused = (await (await carol.command(channel, "ask", prompt="More?")).message()).text
    before = await figures(carol, channel)
    # One that begins in the old month, and ends in the new one.
    stage.api.next("chat", words_per_second=25)
    late = await dave.command(channel, "ask", prompt="A fox that takes its time?")
    await first_text(late)
    clock.set(month + 2)
    await end_of(late)

    after = await figures(carol, channel)
    of_dave = await figures(dave, channel)
    await asked(carol, channel)
    spent = await figures(carol, channel)
    again = await private_answer(await carol.command(channel, "ask", prompt="And more?"))

    # Full again at midnight in Greenwich, wherever the machine stands.
    assert re.findall(r"<t:(\d+):R>", refused) == [str(int(month))]
    assert before == {"today": 5, "month": 5, "share": 0, "channel": 15, "server": 35}
    assert after == {"today": 0, "month": 0, "share": 5, "channel": 20, "server": 40}
    assert of_dave == after
    assert spent == {"today": 5, "month": 5, "share": 0, "channel": 15, "server": 35}
    assert "5 credits" in again
    # Half of the new day's pool is a step of its own: what the old day had used is no part of it.
    assert posted_in(alerts) == []

    # The next day of the same month: the share and the channel's pool are new, the server's goes on.
    clock.set(month + 86_400 + 2)
    assert await figures(carol, channel) == {"today": 0, "month": 5, "share": 5, "channel": 20, "server": 35}
    await asked(dave, channel)
    await asked(carol, channel)
    assert await figures(carol, channel) == {"today": 5, "month": 10, "share": 0, "channel": 10, "server": 25}
    whole = said(await usage(stage.person("alice"), channel, whose="server"))
    assert "**This month** · 15 credits" in whole
