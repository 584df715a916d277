"""/ask when the ground moves: messages deleted, tokens that die early, Discord's faults, the bot's own end."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.asking import CURSOR, WITHIN, ask, end_of, first_text, known_prices, parts, said, was_whole
from tests.e2e.cards import change, eventually, labels, sql
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = "[rate:20] [words:28]"
"""1.4 seconds: one edit with the first text, one a second later, and the last."""


def noted(stage: Stage) -> set[int]:
    """The messages that grow, as the next process would read of them: written down beside the answers, not before."""
    return {message_id for (message_id,) in sql(stage, "SELECT message_id FROM growing_answers")}


async def test_deleted_message_ends_the_request(stage: Stage):
    use = await ask(stage, "Delete me [rate:20] [words:2000]", by="bob")
    message = await first_text(use)
    request = stage.api.requests.of("chat")[-1]
    await stage.person("alice").delete(message)
    await stage.api.requests.until(lambda: request.hung_up)

    assert use.messages == []
    assert message.channel.last_message_id == message.id, "nothing was posted in its place"


async def test_tokens_that_die_early(stage: Stage):
    expired = await ask(stage, f"My token expires {LONG}", by="bob")
    unknown = await ask(stage, f"My token is forgotten {LONG}", by="bob")
    private = await ask(stage, "Only I see it [rate:20] [words:2000]", by="bob", private=True)
    messages = [await first_text(use) for use in (expired, unknown)]
    await first_text(private)
    request = next(each for each in stage.api.requests.of("chat") if each.prompt.startswith("Only I see it"))
    patched = stage.discord.limits.served["message.patch"]
    stage.world.expire_tokens(expired.interaction, private.interaction)
    del stage.world.interactions[unknown.interaction.token]
    await stage.world.wait_until(lambda _: not any("Stop" in labels(message) for message in messages), WITHIN)
    # Nothing can edit a private one any more: what would be written to it is not asked for.
    await stage.api.requests.until(lambda: request.hung_up)

    for message in messages:
        assert was_whole(message)
        assert len(said(message).split()) == 28
    assert stage.discord.limits.served["message.patch"] > patched


async def test_edits_that_fail_are_made_up_for(stage: Stage):
    faults = stage.discord.faults
    uses = {
        name: await ask(stage, f"Edits fail: {name} {LONG}", by="bob")
        for name in ("500 applied", "dropped", "dropped but applied", "429", "400")
    }
    messages = {name: await first_text(use) for name, use in uses.items()}
    route = {name: f"PATCH /webhooks/*/{use.interaction.token}/*" for name, use in uses.items()}
    faults.status(route["500 applied"], 500, applied=True)
    faults.drop(route["dropped"], times=2)
    faults.drop(route["dropped but applied"], times=2, applied=True)
    faults.rate_limit(route["429"], retry_after=0.3)
    faults.status(route["400"], 400, times=2)

    for name, use in uses.items():
        message = await end_of(use, within=20)
        assert was_whole(message), name
        assert len(said(message).split()) == 28
        assert use.messages == [messages[name]]
    assert faults.active == [], "all of them were met"


async def test_acknowledgement_that_fails_is_not_doubled(stage: Stage):
    stage.discord.faults.status("POST /interactions/*/callback", 500)
    lost = await ask(stage, "The first answer is lost", by="bob")
    await stage.api.requests.until(lambda: not stage.discord.faults.active)
    stage.discord.faults.status("POST /interactions/*/callback", 500, applied=True)
    applied = await ask(stage, "The first answer is applied", by="alice")

    for use in (lost, applied):
        message = await end_of(use)
        assert was_whole(message)
        assert use.messages == [message]
    assert stage.discord.faults.active == []


async def test_command_that_discord_gave_up_on_costs_nobody_anything(
    new_stage: NewStage, monkeypatch: pytest.MonkeyPatch
):
    """Discord is asked first, so nothing is sent. A process that is alone with its token asks both at once: what it
    sent is broken off, and may have cost the owner something.
    """
    stage = await new_stage(environment={"BUDGET": "50/month"})
    await known_prices(stage)

    def refusals() -> int:
        return stage.bot.log_end(10_000).count("an interaction could no longer be answered")

    async def too_late(prompt: str) -> None:
        before = refusals()
        monkeypatch.setattr(stage.world.rules, "acknowledge_within", 0.0)
        use = await ask(stage, prompt, by="bob")
        await eventually(lambda: refusals() > before, within=WITHIN)
        monkeypatch.undo()
        assert use.messages == []

    def booked() -> list[tuple[int, bool]]:
        costs = sql(
            stage,
            "SELECT reserved, booked FROM costs WHERE ended_at IS NOT NULL AND model = 'deepseek-chat' ORDER BY id",
        )
        return [(booked, booked == reserved) for reserved, booked in costs]

    await too_late("Too late")
    await eventually(lambda: booked() == [(0, False)])
    assert stage.api.requests.of("chat") == []
    for _ in range(3):
        assert was_whole(await end_of(await ask(stage, "The next question")))
    held = stage.discord.faults.hold("POST /interactions/*/callback")
    refused = asyncio.create_task(too_late("Too late again [rate:20] [words:2000]"))
    await stage.api.requests.seen("chat", 4)
    held.release()
    await refused
    sent = stage.api.requests.of("chat")[3]
    await stage.api.requests.until(lambda: sent.hung_up)
    await eventually(lambda: len(booked()) == 5)
    assert booked()[4][1]
    assert sql(stage, "SELECT 1 FROM turns WHERE person_id = ?", stage.person("bob").id) == []


async def test_sigterm_while_answers_grow(new_stage: NewStage):
    stage = await new_stage()
    general = await ask(stage, "I am interrupted [rate:20] [words:2000]")
    pictures = await ask(stage, "Before any text [delay:60]", where="pictures", by="bob")
    chinese = await ask(stage, "打断 [rate:20] [words:2000]", by="小明")
    kept = said(await first_text(general))
    await first_text(chinese)
    await pictures.message()
    began = time.monotonic()
    code = await stage.stop(within=15)

    assert code == 0
    assert time.monotonic() - began < 10
    assert general.response is not None
    assert said(general.response).startswith(kept)
    for use, sentence in (
        (general, f"-# {en('ask.interrupted')}"),
        (pictures, f"-# {en('ask.interrupted')}"),
        (chinese, f"-# {zh('ask.interrupted')}"),
    ):
        message = use.response
        assert message is not None
        assert parts(message)[-1] == sentence
        assert labels(message)[0] in {"Retry", "重试"}
        assert CURSOR not in message.text
    assert all(request.hung_up for request in stage.api.requests.of("chat"))
    assert "Traceback" not in stage.bot.log.read_text()


async def test_sigterm_while_discord_does_not_answer(new_stage: NewStage):
    stage = await new_stage()
    use = await ask(stage, "I am interrupted [rate:20] [words:2000]")
    await first_text(use)
    stage.discord.faults.hold("PATCH /webhooks/*", times=100)
    began = time.monotonic()
    code = await stage.stop(within=15)

    assert code == 0
    assert time.monotonic() - began < 10


async def test_what_a_killed_process_left_growing_is_mended_by_the_next(new_stage: NewStage):
    stage = await new_stage()
    use = await ask(stage, "I am killed [rate:20] [words:2000]", by="bob")
    message = await first_text(use)
    early = await ask(stage, "Killed before any text [delay:60]", by="bob", where="pictures")
    waiting = await early.message()
    long = await ask(stage, "Killed in its second message [rate:400] [words:9000]", by="alice")
    await long.until(lambda each: each is not long.messages[0] and CURSOR in each.text, WITHIN)
    done = await ask(stage, "Done before", by="alice")
    ended = await end_of(done)
    before = len(done.versions)
    growing = {each.id for each in (message, waiting, long.messages[-1])}
    await eventually(lambda: noted(stage) == growing, within=WITHIN)
    await stage.kill()
    kept = said(message)
    assert CURSOR in message.text
    await stage.start()

    for left in (message, waiting, long.messages[-1]):
        await eventually(lambda left=left: labels(left)[:1] == ["Retry"], within=WITHIN)
        assert CURSOR not in left.text
        assert parts(left)[-1] == f"-# {en('ask.interrupted')}"
    assert said(message) == kept
    assert parts(message)[0] == "> I am killed \\[rate\\:20\\] \\[words\\:2000\\]"
    assert "Killed before any text" in waiting.text
    assert len(done.versions) == before
    assert ended.text == done.versions[-1].text
    await eventually(lambda: noted(stage) == set(), within=WITHIN)


async def test_sigkill_then_stop_mends_the_message(new_stage: NewStage):
    """Where nothing is known of it any more: a database brought back from a copy, a message out of the bot's reach."""
    stage = await new_stage()
    use = await ask(stage, "I am killed [rate:20] [words:2000]", by="bob")
    message = await first_text(use)
    await eventually(lambda: noted(stage) == {message.id}, within=WITHIN)
    await stage.kill()
    assert change(stage, "DELETE FROM growing_answers") == 1
    kept = said(message)
    await stage.start()

    refused = await stage.person("小明").press(message, label="Stop")
    refusal = await refused.until(lambda message: message.ephemeral, WITHIN)
    assert piece("error.not_your_stop", "zh_CN") in refusal.text
    assert CURSOR in message.text

    mended = asyncio.create_task(stage.world.wait_until(lambda _: labels(message)[:1] == ["Retry"], WITHIN))
    press = await stage.person("bob").press(message, label="Stop")
    await mended
    assert not press.failed
    assert said(message) == kept
    assert parts(message)[-1] == f"-# {en('ask.interrupted')}"
