"""/settings: what a person chooses for themselves holds wherever they are, and is theirs to delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.asking import ask, end_of
from tests.e2e.cards import someone
from tests.e2e.configuring import menu, told
from tests.words import en, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def opened(who: Person, where: Channel) -> Message:
    message = await (await who.command(where, "settings")).message()
    assert message.visible_to == who.id
    return message


async def choose(who: Person, where: Channel, choice: str, value: str) -> Message:
    message = await opened(who, where)
    before = len(message.versions)
    use = await who.select(message, value, custom_id=f"own:{choice}")
    return await use.until(lambda each: len(each.versions) > before)


def chosen(message: Message, choice: str) -> str:
    return next(option["value"] for option in menu(message, f"own:{choice}")["options"] if option.get("default"))


async def test_a_language_holds_at_once_and_everywhere(stage: Stage) -> None:
    general = stage.channel("general")
    erin = someone(stage, "erin")
    shown = await opened(erin, general)
    assert [chosen(shown, each) for each in ("language", "private", "notify")] == ["auto", "off", "always"]
    changed = await choose(erin, general, "language", "zh_CN")
    assert changed.text.startswith(f"### {zh('own.title')}")
    usage = await (await erin.command(general, "usage")).message()
    assert zh("usage.limits") in usage.text
    back = await choose(erin, general, "language", "auto")
    assert back.text.startswith(f"### {en('own.title')}")


async def test_a_public_card_is_in_the_place_s_language_a_private_answer_in_one_s_own(stage: Stage) -> None:
    alice, general = stage.person("alice"), stage.channel("general")
    erin = someone(stage, "erin")
    await choose(erin, general, "language", "zh_CN")
    await told(alice, general, "set", setting="language", value="en")
    try:
        public = await end_of(await erin.command(general, "ask", prompt="Badgers"))
        private = await end_of(await erin.command(general, "ask", prompt="Badgers", private=True))
    finally:
        await told(alice, general, "reset", setting="language")
    assert " s · " in public.text
    assert " 秒 · " in private.text


async def test_private_by_default_where_the_place_has_not_decided(stage: Stage) -> None:
    alice, general = stage.person("alice"), stage.channel("general")
    erin = someone(stage, "erin")
    await choose(erin, general, "private", "on")
    by_default = await end_of(await erin.command(general, "ask", prompt="Badgers"))
    asked_for = await end_of(await erin.command(general, "ask", prompt="Badgers", private=False))
    await told(alice, general, "set", setting="answers", value="public")
    try:
        decided = await end_of(await erin.command(general, "ask", prompt="Badgers"))
    finally:
        await told(alice, general, "reset", setting="answers")
    others = await end_of(await ask(stage, "Badgers", by="bob"))
    assert [each.ephemeral for each in (by_default, asked_for, decided, others)] == [True, False, False, False]


async def test_they_outlive_a_restart_and_go_with_one_s_data(new_stage: NewStage) -> None:
    stage = await new_stage()
    bob, general = stage.person("bob"), stage.channel("general")
    await choose(bob, general, "language", "zh_CN")
    await choose(bob, general, "notify", "never")
    await stage.restart()
    again = await opened(bob, general)
    assert again.text.startswith(f"### {zh('own.title')}")
    assert chosen(again, "notify") == "never"
    shown = await bob.command(general, "privacy show")
    file = await shown.until(lambda each: bool(each.attachments))
    assert "own_choices:" in file.attachments[0].data.decode()
    asked = await (await bob.command(general, "privacy delete")).message()
    done = await bob.press(asked, label=zh("button.delete_mine"))
    await done.until(lambda each: zh("privacy.deleted_rest") in each.text)
    assert (await opened(bob, general)).text.startswith(f"### {en('own.title')}")


async def test_a_forged_choice_changes_nothing(stage: Stage) -> None:
    general = stage.channel("general")
    erin = someone(stage, "erin", permissions=int(Permission.ADMINISTRATOR))
    shown = await opened(erin, general)
    part = menu(shown, "own:notify")
    part["options"].append({"label": "x", "value": "sometimes"})
    use = await erin.select(shown, "sometimes", custom_id="own:notify")
    refused = await use.until(lambda each: each is not shown)
    assert refused.text == en("error.gone")
    assert chosen(await opened(erin, general), "notify") == "always"
