"""Real money: the owner's budget in a running bot, what orders really cost in /usage, prices taken from the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.onekey import Plan
from tests.e2e.asking import end_of, known_prices
from tests.e2e.cards import eventually, film, has_clip, private_answer, said, says, server, someone
from tests.e2e.configuring import config, told
from tests.e2e.crediting import usage
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ask(who: Person, stage: Stage, prompt: str = "Why is the sky blue?", **options: str) -> str:
    """What an /ask is answered with: the answer's last message, or the private refusal."""
    use = await who.command(stage.channel("general"), "ask", prompt=prompt, **options)
    first = await use.message()
    return said(first) if first.ephemeral else said(await end_of(use))


async def test_a_budget_is_a_ceiling_and_its_owner_is_told(new_stage: NewStage) -> None:
    """One question reserves 0.0045; two fit, the third does not."""
    stage = await new_stage(environment={"BUDGET": "0.01/month"})
    await known_prices(stage)
    carol = someone(stage, at=stage.channel("general"))
    for _ in range(2):
        assert piece("budget.used_up") not in await ask(carol, stage)
    refused = await ask(carol, stage)
    assert refused == en("budget.used_up", when="<t:…:R>")
    chats = stage.api.requests.of("chat")
    assert len(chats) == 2
    assert {request.json["max_tokens"] for request in chats} == {4096}

    owner = stage.person("alice")
    used_up = piece("owner.budget_used_up")
    await eventually(lambda: any(used_up in message.text for message in owner.sees(owner.dm())), within=20)
    shown = said(await usage(owner, stage.channel("general"), whose="everywhere"))
    assert "**Budget** · $0.0089 of $0.01 used, resets <t:…:R>" in shown
    # What is reserved is kept over a restart.
    await stage.restart()
    await known_prices(stage, starts=2)
    assert await ask(carol, stage) == refused


async def test_what_has_no_price_is_refused_under_a_budget(new_stage: NewStage) -> None:
    stage = await new_stage(environment={"BUDGET": "50/month", "PRICES": "qwen*=60/call, wan*=0.1/second"})
    await known_prices(stage)
    stage.api.models = (*stage.api.models, "new-model")
    await stage.restart()
    await known_prices(stage, starts=2)
    carol = someone(stage, at=stage.channel("general"))
    assert await ask(carol, stage, model="new-model") == en("budget.no_price", model="new-model")
    # The owner's own price comes before the service's.
    assert await ask(carol, stage, model="qwen3-max") == en("budget.too_dear", model="qwen3-max")
    assert not stage.api.requests.of("chat")


async def test_real_costs_stand_in_usage(stage: Stage) -> None:
    """The service tells a video's with its last poll."""
    stage.api.behaviour.poll = Plan(shape="data_wrapped")
    channel = server(stage)
    carol = someone(stage, at=channel)
    try:
        use, _ = await film(carol, channel, "A fox in the snow")
        await use.until(has_clip)
    finally:
        stage.api.behaviour.poll = Plan()
    assert en("usage.real_cost", amount="$0.50") in said(await usage(carol, channel))
    manager = someone(stage, "manager", at=channel, permissions=1 << 5)
    shown = said(await usage(manager, channel, whose="server"))
    assert f"<@{carol.id}> · {en('usage.uses', count=1)} · $0.50" in shown
    assert en("usage.real_cost", amount="$0.50") in shown
    for heading in ("usage.people", "usage.models", "usage.channels", "usage.days"):
        assert en(heading) in shown
    assert shown.count("$0.50") == 5
    owner = said(await usage(stage.person("alice"), channel, whose="everywhere"))
    assert "$0.50" in owner


async def test_prices_from_the_service(stage: Stage) -> None:
    channel = server(stage)
    dora = someone(stage, "dora", at=channel, permissions=1 << 3)
    await told(dora, channel, "set", setting="prices", value="ask:mine=7")
    table = await config(dora, channel, "prices")
    use = await dora.press(table, label=en("button.from_service"))
    card = await use.until(says(en("prices.from_service")))
    assert en("prices.rate", unit="$1", credits=en("card.credits", count=100)) in card.text
    assert "**/imagine** wan2.7-image · 3 credits per image · $0.03" in card.text
    assert "**/ask** deepseek-chat · 1 credit per 1,000 tokens · $0.27 in / $1.08 out per 1M tokens" in card.text
    assert "**/video** wan2.7-t2v · 50 credits per video · $0.50" in card.text
    dearer = await dora.select(card, "1000", custom_id="config:service:rate")
    card = await dearer.until(says("**/imagine** wan2.7-image · 30 credits per image"))
    before = await told(dora, channel, "show")
    assert "wan2.7-image=30" not in before  # nothing changes until it is taken

    taken = await dora.press(card, label=en("button.take_prices"))
    await taken.until(says(piece("prices.taken", count=2)))
    prices = (await config(dora, channel, "prices")).text
    assert "**/ask** mine · 7 credits per question" in prices
    assert "**/imagine** wan2.7-image · 30 credits per image" in prices
    await told(dora, channel, "undo")
    prices = (await config(dora, channel, "prices")).text
    assert "wan2.7-image" not in prices
    assert "**/ask** mine · 7 credits per question" in prices


async def test_prices_that_changed_meanwhile_are_shown_anew(stage: Stage) -> None:
    channel = server(stage)
    dora = someone(stage, "dora", at=channel, permissions=1 << 3)
    use = await dora.press(await config(dora, channel, "prices"), label=en("button.from_service"))
    card = await use.until(says(en("prices.from_service")))
    await told(dora, channel, "set", setting="allowed_models", value="wan*")
    again = await dora.press(card, label=en("button.take_prices"))
    await again.until(says(en("prices.changed_meanwhile")))


async def test_a_service_that_tells_no_prices(new_stage: NewStage) -> None:
    stage = await new_stage()
    stage.api.behaviour.money = Plan(shape="absent")
    channel = server(stage)
    dora = someone(stage, "dora", at=channel, permissions=1 << 3, locale="zh-CN")
    use = await dora.press(await config(dora, channel, "prices"), label=zh("button.from_service"))
    await use.until(says(zh("prices.untold")))


async def test_who_may_not_set_prices_may_not_take_them(stage: Stage) -> None:
    channel = server(stage)
    here = someone(stage, "here", at=channel, permissions=1 << 4)  # Manage Channels
    use = await here.press(await config(here, channel, "prices"), label=en("button.from_service"))
    assert en("config.not_allowed_server") in await private_answer(use)
