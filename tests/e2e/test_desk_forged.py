"""The moderators' desk, got round by somebody who manages one channel only: forged presses, locks, old drafts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.choosing import Upload
from sandbox.discord.permissions import Permission
from tests.e2e.asking import WITHIN, end_of, known_prices
from tests.e2e.cards import eventually, forged, private_answer, server, someone, sql
from tests.e2e.configuring import config, taken_in, told
from tests.e2e.setting_up import set_up
from tests.e2e.talking import a_talk, mention
from tests.words import en, named, piece

if TYPE_CHECKING:
    from sandbox.discord.models import Channel
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

LOCKED = f"{named('commands')} is locked for the whole server"

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def a_keeper(stage: Stage) -> tuple[Person, Person, Channel]:
    """Who may do everything in a server, and who manages one channel of it."""
    channel = server(stage)
    dora = someone(stage, "dora", at=channel, permissions=int(Permission.ADMINISTRATOR))
    keeper = someone(stage, "keeper", at=channel)
    stage.world.overwrite(channel, keeper.user, allow=int(Permission.MANAGE_CHANNELS))
    await told(dora, channel, "set", setting="max_images", value="3", scope="server")
    return dora, keeper, channel


async def test_a_keeper_of_one_channel_presses_what_is_of_the_server(stage: Stage) -> None:
    dora, keeper, channel = await a_keeper(stage)
    other = stage.world.text_channel(stage.world.guilds[channel.guild_id or 0], "other")
    ((batch,),) = sql(stage, "SELECT max(batch) FROM setting_changes WHERE guild_id = ?", channel.guild_id)
    panel = await set_up(keeper, channel)
    guild_id = channel.guild_id
    for name in (
        f"setup:page:server:{guild_id}:what",
        f"setup:form:server:{guild_id}:what:video",
        f"setup:apply:server:{guild_id}:what",
        f"setup:discard:server:{guild_id}:what",
        f"setup:presets:server:{guild_id}:what",
        f"setup:undo:channel:{channel.id}:what:{batch}",
        f"setup:apply:channel:{other.id}:what",
        f"setup:form:channel:{other.id}:what:video",
        f"setup:page:category:{other.id}:what",
        "setup:take:community",
        "setup:take:friends",
        "personas:new",
        "config:reset:server:max_images",
    ):
        said = await private_answer(await forged(keeper, panel.message, name))
        assert piece("config.not_allowed_server") in said or piece("config.not_allowed_there") in said, (name, said)
    for word in ("personas", "bars"):
        said = await told(keeper, channel, word)
        assert "Manage Server" in said, (word, said)
    assert f"**{named('max_images')}** · 3 · " in await told(dora, channel, "show")


async def test_a_lock_is_got_round_by_no_door(stage: Stage) -> None:
    dora, keeper, channel = await a_keeper(stage)
    panel = await set_up(keeper, channel)
    # A draft and a change from before the lock, a file, a preset.
    await told(keeper, channel, "set", setting="commands", value="imagine")
    exported = await config(keeper, channel, "export")
    await told(keeper, channel, "reset", setting="commands")
    await panel.press(en("topic.what"))
    await panel.fill(en("button.change_what", what="/video"), on=False)
    await told(dora, channel, "set", setting="commands", value="ask", scope="server")
    await told(dora, channel, "set", setting="locks", value="commands", scope="server")
    assert LOCKED in await panel.refused(en("button.apply", count=1))
    assert f"**{named('commands')}** 🔒 · ask · {en('config.from_server')}" in await told(dora, channel, "show")
    (file,) = exported.attachments
    await taken_in(keeper, channel, file.data)
    await told(keeper, channel, "undo")
    taken = await forged(keeper, panel.message, "setup:take:images")
    assert LOCKED in await private_answer(taken)
    (line,) = [each for each in (await told(dora, channel, "show")).splitlines() if "🔒" in each]
    assert "imagine" not in line, "narrowed at most"
    refused = await private_answer(await keeper.command(channel, "imagine", prompt="A fox"))
    assert refused == en("policy.command_off", command="/imagine")


async def test_a_budget_holds_for_all_ways_to_go_on_at_once(new_stage: NewStage) -> None:
    """A question that searches reserves some 0.02."""
    stage = await new_stage(environment={"BUDGET": "0.07/month"})
    await known_prices(stage)
    dora, channel = await a_talk(stage)
    first = await end_of(await dora.command(channel, "ask", prompt="Count"))
    await told(dora, channel, "set", setting="web_search", value="on")
    presses = [await dora.press(first, label=en("button.reply")) for _ in range(6)]
    regenerate = await dora.press(first, label=en("button.regenerate"))
    for press in (*presses, regenerate):
        await press.form()
    file = Upload("notes.txt", b"words " * 300)
    people = [someone(stage, f"m{number}", at=channel) for number in range(4)]
    await asyncio.gather(
        *(dora.submit(press, {"prompt": "go on", "files": [file]}) for press in presses),
        dora.submit(regenerate, {}),
        *(mention(stage, who, channel, "A fox") for who in people),
    )
    refused = piece("budget.used_up")
    await eventually(lambda: sum(refused in message.text for message in dora.sees(channel)) >= 3, within=WITHIN)
    ((reserved, spent),) = sql(stage, "SELECT reserved, spent FROM budgets")
    assert 0 < reserved + spent <= 70_000
    await eventually(lambda: len(stage.api.requests.of("chat")) >= 2, within=WITHIN)
    assert len(stage.api.requests.of("chat")) <= 5


async def test_taking_back_bars_nobody_who_may_not_be_barred(stage: Stage) -> None:
    dora, _, channel = await a_keeper(stage)
    carol = someone(stage, at=channel)
    await told(dora, channel, "bar", person=carol)
    await told(dora, channel, "unbar", person=carol)
    guild = stage.world.guilds[channel.guild_id or 0]
    staff = stage.world.role(guild, "Staff", permissions=int(Permission.MANAGE_GUILD))
    stage.world.give_role(guild, carol.user, staff)
    assert await told(dora, channel, "undo") == en("bar.manager", person=f"<@{carol.id}>")
    await end_of(await carol.command(channel, "ask", prompt="Why?"))
