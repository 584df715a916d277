"""Report, in a message's menu: one line for the moderators, who act beside it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.asking import end_of
from tests.e2e.cards import eventually, forged, labels, link, posted_in, private_answer, server, someone
from tests.e2e.configuring import log_in, told
from tests.e2e.exhibiting import guild_of, hidden, painted
from tests.e2e.setting_up import parts_of, set_up
from tests.words import en, named, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODERATOR = int(Permission.MANAGE_MESSAGES | Permission.MANAGE_CHANNELS | Permission.MANAGE_GUILD)
DONE = en("report.done")


async def place(stage: Stage) -> tuple[Channel, Channel, Person]:
    """A channel, a log that moderators read, and one of these."""
    channel = server(stage)
    mod = someone(stage, "mod", at=channel, permissions=MODERATOR)
    log = hidden(stage, channel, "mod-log", mod)
    await log_in(mod, channel, log, scope="server")
    return channel, log, mod


async def report(who: Person, message: Message, name: str = "Report", reason: str = "") -> str:
    """Report it with the form; what they are told."""
    use = await who.message_command(message, name)
    await use.acknowledged()
    if use.modal is not None:
        use = await who.submit(use, {"reason": reason})
    answer = await use.until(lambda each: each.ephemeral and not each.loading)
    return answer.text


async def lines(log: Channel) -> list[Message]:
    """What was reported; the log has what was ordered, too."""
    return [each for each in posted_in(log) if "reported a message" in each.text]


async def remove(mod: Person, line: Message) -> Invocation:
    """Press Remove in a line, and in the question that follows."""
    asked = await (await mod.press(line, label=en("command.remove"))).message()
    assert piece("report.remove_sure") in asked.text
    return await mod.press(asked, label=en("command.remove"))


async def test_a_card_is_one_line_with_a_count_and_remove_beside_it(stage: Stage) -> None:
    channel, log, mod = await place(stage)
    carol, dave, erin = (someone(stage, name, at=channel) for name in ("carol", "dave", "erin"))
    card = await painted(carol, channel, "A **fox** <@1>")
    assert await report(dave, card) == DONE
    (line,) = await lines(log)
    assert line.text.splitlines() == [
        f"**{en('report.line', who=f'<@{dave.id}>')}**",
        "> A \\*\\*fox\\*\\* \\<\\@1\\>",
        f"-# {en('report.made_for', who=f'<@{carol.id}>')} · <#{channel.id}> · [{en('jobs.message')}]({link(card)})",
    ]
    assert labels(line) == [en("command.remove"), en("report.bar"), en("report.close")]
    assert not line.pinged
    assert await report(dave, card) == en("report.already")
    assert await report(erin, card, reason="Not *this*") == DONE
    await eventually(lambda: "1 other person" in line.text)
    assert f"↳ <@{erin.id}>: Not \\*this\\*" in line.text
    assert len(await lines(log)) == 1

    await remove(mod, line)
    await eventually(lambda: labels(line) == [en("report.bar")])
    assert card.deleted
    assert en("report.removed_by", who=f"<@{mod.id}>") in line.text
    # What it was and why it was reported stay.
    assert "fox" in line.text
    assert "↳" in line.text

    # Its person is barred beside it, once, whatever became of the message. Who that is, the form says.
    opened = await mod.press(line, label=en("report.bar"))
    form = await opened.form()
    assert f"<@{carol.id}>" in str(form)
    refused = await (await mod.submit(opened, {"span": "soon", "reason": "again and *again*"})).message()
    assert en("report.bar_title", person=f"<@{carol.id}>") in refused.text
    assert en("bar.bad_time", typed="soon") in refused.text
    opened = await mod.press(refused, label=en("button.edit_again"))
    parts = parts_of(await opened.form())
    assert [parts[name]["value"] for name in ("span", "reason")] == ["soon", "again and *again*"]
    done = await mod.submit(opened, {"span": "3d", "reason": "again and *again*"})
    answer = await done.until(lambda each: each.ephemeral and labels(each) == [en("button.unbar")])
    assert piece("bar.began_until") in answer.text
    # Whoever comes second sees it, and what was said stays.
    await eventually(lambda: labels(line) == [])
    assert piece("report.barred_until") in line.text
    assert "fox" in line.text
    assert "↳" in line.text
    # A line that was posted before stands there with its button.
    assert await private_answer(await forged(mod, answer, f"report:{card.id}:bar")) == (
        en("report.already_barred", person=f"<@{carol.id}>")
    )
    refused = await private_answer(await carol.command(channel, "ask", prompt="Why?"))
    assert "again and" in refused


async def test_an_answer_and_a_second_press(stage: Stage) -> None:
    channel, log, mod = await place(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    answer = await end_of(await carol.command(channel, "ask", prompt="Badgers"))
    assert await report(dave, answer) == DONE
    (line,) = await lines(log)
    assert "> Badgers" in line.text.replace("\\", "")
    presses = await asyncio.gather(remove(mod, line), remove(mod, line))
    await eventually(lambda: labels(line) == [en("report.bar")])
    assert answer.deleted
    assert en("report.removed_by", who=f"<@{mod.id}>") in line.text
    # Whichever came second is told that it is done.
    told = [each.text for use in presses for each in use.messages if each.ephemeral]
    assert en("report.already_removed") in told


async def test_nothing_wrong_is_shown_until_somebody_else_reports_it(stage: Stage) -> None:
    channel, log, mod = await place(stage)
    carol, dave, erin = (someone(stage, name, at=channel) for name in ("carol", "dave", "erin"))
    card = await painted(carol, channel, "A fox")
    await report(dave, card, reason="Foxes")
    (line,) = await lines(log)
    uses = await asyncio.gather(*(mod.press(line, label=en("report.close")) for _ in range(2)))
    await eventually(lambda: labels(line) == [] and any(use.messages for use in uses))
    assert en("report.closed_by", who=f"<@{mod.id}>") in line.text
    assert "Foxes" in line.text
    assert not card.deleted
    assert [each.text for use in uses for each in use.messages if each.ephemeral] == [en("report.already_closed")]
    await report(erin, card)
    await eventually(lambda: labels(line) == [en("command.remove"), en("report.bar"), en("report.close")])
    assert piece("report.closed_by") not in line.text


async def test_only_who_moderates_there_removes(stage: Stage) -> None:
    channel, log, _ = await place(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    reader = someone(stage, "reader", at=channel)
    stage.world.overwrite(log, reader.user, allow=Permission.VIEW_CHANNEL)
    card = await painted(carol, channel, "A fox")
    await report(dave, card)
    (line,) = await lines(log)
    for name in ("command.remove", "report.close"):
        assert await private_answer(await reader.press(line, label=en(name))) == en(
            "report.not_moderator", channel=f"<#{channel.id}>"
        )
    assert not card.deleted
    assert await private_answer(await reader.press(line, label=en("report.bar"))) == en("bar.not_allowed")
    # A message that nobody reported, by a forged press.
    other = await painted(carol, channel, "Another fox")
    mod = someone(stage, "mod2", at=channel, permissions=MODERATOR)
    stage.world.overwrite(log, mod.user, allow=Permission.VIEW_CHANNEL)
    assert await private_answer(await forged(mod, line, f"report:{other.id}:remove")) == en("error.gone")
    assert not other.deleted


async def test_words_are_not_quoted_where_others_read(stage: Stage) -> None:
    channel = server(stage)
    mod = someone(stage, "mod", at=channel, permissions=MODERATOR)
    inner = hidden(stage, channel, "inner", mod)
    log = stage.world.text_channel(guild_of(stage, channel), "open-log")
    await log_in(mod, inner, log)
    card = await painted(mod, inner, "A secret fox")
    await report(mod, card)
    (line,) = await lines(log)
    assert "secret" not in line.text
    assert en("log.hidden") in line.text


async def test_what_can_t_be_reported(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "A fox")
    assert await report(dave, card) == en("report.no_log")
    # Who manages the server learns of it where it is set up, before anything is chosen and on the page of the log.
    mod = someone(stage, "mod", at=channel, permissions=MODERATOR)
    panel = await set_up(mod, channel)
    assert piece("config.no_reports") in panel.text
    assert piece("config.report_missed") in await panel.press(named("log_channel"))
    log = hidden(stage, channel, "mod-log", mod)
    await log_in(mod, channel, log, scope="server")
    assert piece("config.no_reports") not in await panel.press(en("topic.record"))
    words = await carol.say(channel, "My own words")
    assert await report(dave, words) == en("report.not_mine")
    direct = await carol.command(carol.dm(), "ask", prompt="Badgers")
    assert await report(carol, await end_of(direct)) == en("report.only_in_servers")


async def test_the_line_is_in_the_language_of_the_log(stage: Stage) -> None:
    channel, log, mod = await place(stage)
    carol = someone(stage, at=channel)
    await told(mod, channel, "set", setting="language", value="zh-CN", scope="server")
    await told(mod, log, "set", setting="language", value="en")
    answer = await end_of(await carol.command(channel, "ask", prompt="Badgers"))
    use = await carol.message_command(answer, "Report")
    await use.form()
    assert await lines(log) == []
    await carol.submit(use, {"reason": ""})
    await eventually(lambda: any("reported a message" in each.text for each in posted_in(log)))
    (line,) = await lines(log)
    # Nobody blocks themselves, and of the answer there is plain text alone.
    assert labels(line) == [en("command.remove"), en("report.close")]
    assert "-#" not in line.text.splitlines()[1]


async def test_not_too_many_an_hour(stage: Stage) -> None:
    channel, log, _ = await place(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    cards = [await painted(carol, channel, f"Fox {number}") for number in range(6)]
    told = [await report(dave, card) for card in cards]
    assert told[:5] == [DONE] * 5
    assert told[5] == en("report.too_many", count=5)
    assert len(await lines(log)) == 5


async def test_a_closed_log_says_so_and_it_may_be_reported_later(stage: Stage) -> None:
    channel, log, _ = await place(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "A fox")
    bot = stage.world.application.bot
    stage.world.overwrite(log, bot, deny=Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES)
    assert await report(dave, card) == en("report.not_now")
    assert await lines(log) == []


async def test_in_chinese_and_after_a_restart(new_stage: NewStage) -> None:
    stage = await new_stage()
    channel = server(stage)
    mod = someone(stage, "mod", at=channel, permissions=MODERATOR)
    log = hidden(stage, channel, "mod-log", mod)
    await log_in(mod, channel, log, scope="server")
    xiaoming = someone(stage, "小明", at=channel, locale="zh-CN")
    card = await painted(mod, channel, "A fox")
    assert await report(xiaoming, card, zh("command.report")) == zh("report.done")
    (line,) = await lines(log)
    await stage.restart()
    await remove(mod, line)
    await eventually(lambda: labels(line) == [en("report.bar")])
    assert card.deleted
    assert piece("report.removed_by") in line.text
    # Who manages the server is not barred.
    assert await private_answer(await mod.press(line, label=en("report.bar"))) == en("bar.oneself")
