"""A feature can be left out, and another one added, without the rest knowing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.__main__ import COGS
from tests.e2e.asking import was_whole
from tests.e2e.cards import has_pictures, labels, someone
from tests.words import en

if TYPE_CHECKING:
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

COMMANDS = {
    "cogs.ask": {"ask"},
    "cogs.imagine": {"imagine", en("form.remix_picture"), "Use as prompt"},
    "cogs.video": {"video"},
    "cogs.jobs": {"jobs"},
    "cogs.gallery": {"gallery"},
    "cogs.jam": {"jam"},
    "cogs.config": {"config"},
    "cogs.usage": {"usage"},
    "cogs.privacy": {"privacy"},
    "cogs.remove": {"Remove"},
    "cogs.log": set[str](),
}


async def begun(new_stage: NewStage, cogs: tuple[str, ...], *, folder: Path | None = None) -> Stage:
    """The bot with these features, and no others."""
    stage = await new_stage(start=False)
    paths = [str(folder)] if folder is not None else []
    stage.bot.arguments = (
        "-c",
        f"import sys; sys.path[:0] = {paths!r}; import bot.__main__ as main; main.COGS = {cogs!r}; main.main(['run'])",
    )
    await stage.start()
    return stage


def registered(stage: Stage) -> set[str]:
    return {str(each["name"]) for each in stage.world.application.commands.values()}


async def test_every_feature_is_known_here(new_stage: NewStage) -> None:
    assert set(COMMANDS) == set(COGS)
    stage = await begun(new_stage, COGS)
    assert registered(stage) == set[str]().union(*COMMANDS.values())


@pytest.mark.parametrize("missing", COGS)
async def test_each_can_be_left_out(new_stage: NewStage, missing: str) -> None:
    stage = await begun(new_stage, tuple(name for name in COGS if name != missing))
    carol, general = someone(stage), stage.channel("general")
    assert registered(stage) == set[str]().union(*(COMMANDS[name] for name in COGS if name != missing))
    if missing != "cogs.ask":
        use = await carol.command(general, "ask", prompt="Hello")
        await use.until(was_whole, 15)
    if missing != "cogs.imagine":
        use = await carol.command(general, "imagine", prompt="A fox", size="128x96")
        card = await use.until(has_pictures(1), 15)
        for button in labels(card):
            answer = await carol.press(card, label=button)
            await answer.acknowledged()
            assert "(ref" not in answer.text
            assert "no longer" not in answer.text
        if missing != "cogs.remove":
            use = await carol.message_command(card, "Remove")
            await use.until(lambda message: message.ephemeral and not message.loading, 15)
    if missing != "cogs.privacy":
        use = await carol.command(general, "privacy show")
        await use.until(lambda message: bool(message.attachments), 15)
        question = await (await carol.command(general, "privacy delete")).message()
        use = await carol.press(question)
        await use.acknowledged()
    log = stage.bot.log.read_text(encoding="utf-8")
    assert " ERROR " not in log
    assert "Traceback" not in log


async def test_the_example_of_the_guide_runs(new_stage: NewStage, tmp_path: Path) -> None:
    """CONTRIBUTING.md shows a whole feature: one command, one button, one stored row."""
    guide = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (code,) = re.findall(r'```python\n("""/hello.*?)```', guide, flags=re.DOTALL)
    (tmp_path / "hello.py").write_text(code, encoding="utf-8")
    stage = await begun(new_stage, (*COGS, "hello"), folder=tmp_path)
    carol, general = someone(stage), stage.channel("general")
    use = await carol.command(general, "hello")
    card = await use.message()
    assert "Hello." in card.text
    await stage.restart()
    press = await carol.press(card, label="Again")
    answer = await press.message()
    assert answer.text == "Hello, for the 2nd time."
    assert len(code.splitlines()) <= 60
