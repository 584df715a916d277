"""The table of errors, from the wire to what people read and can press: /ask, /imagine and /video."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.asking import end_of, was_whole
from tests.e2e.cards import (
    SMALL,
    eventually,
    film,
    has_clip,
    has_pictures,
    is_over,
    labels,
    menu,
    paint,
    private_answer,
    said,
    server,
    someone,
    sql,
)
from tests.e2e.forking import fork
from tests.e2e.hasty_bot import hasten
from tests.words import en, zh

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel, Message, Version
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT_ENVIRONMENT = {"DAILY_LIMIT_PER_USER": "ask=999,imagine=999,video=999"}
MODELS = {"ask": "deepseek-chat", "imagine": "wan2.7-image", "video": "wan2.7-t2v"}
RETRY, EDIT = ["Retry"], ["Edit and retry"]

KEY = (en("error.key_refused"), "机器人的服务密钥无效。")
QUOTA = (en("error.quota"), zh("error.quota"))
TOLD = (f" {en('error.owner_told')}", "已通知机器人所有者。")
DENIED = (en("error.model_denied", model="{model}"), zh("error.model_denied", model="{model}"))
NO_MODEL = (en("error.model_not_found", model="{model}"), zh("error.model_not_found", model="{model}"))
INSPECTED = (
    f"{en('error.declined')} {en('error.service_said', said='Input data may contain inappropriate content.')}",
    f"模型拒绝了这个请求。{zh('error.service_said', said='Input data may contain inappropriate content。')}",
)
REJECTED = (
    f"{en('error.rejected')} {en('error.service_said', said='{said}.')} {en('error.nothing_made')}",
    f"{zh('error.rejected')}{zh('error.service_said', said='{said}。')}{zh('error.nothing_made')}",
)
TOO_LONG = (en("error.too_long", model="{model}"), "内容超出“{model}”的长度上限。")
FAULT = (en("error.fault"), zh("error.fault"))
BROKE = (
    en("error.broke"),
    "提交时连接中断，请求可能已在处理，因此没有重新提交。",
)
TABLE: dict[str, tuple[Any, Any, list[str], bool]] = {
    "401": (KEY, TOLD, [], False),
    "quota": (QUOTA, TOLD, [], False),
    "budget": (QUOTA, TOLD, [], False),
    "quota_429": (QUOTA, TOLD, [], False),
    "denied": (DENIED, None, [], True),
    "no_model": (NO_MODEL, None, [], True),
    "model_not_found": (NO_MODEL, None, [], True),
    "inspection_200": (INSPECTED, None, EDIT, False),
    "inspection_400": (INSPECTED, None, EDIT, False),
    "inspection_500": (INSPECTED, None, EDIT, False),
    "400": (tuple(each.replace("{said}", "temperature is out of range") for each in REJECTED), None, EDIT, False),
    "build": (tuple(each.replace("{said}", "the length is out of range") for each in REJECTED), None, EDIT, False),
    "supplier": (tuple(each.replace("{said}", "the ratio is wrong") for each in REJECTED), None, EDIT, False),
    "listed": (tuple(each.replace("{said}", "the ratio is wrong") for each in REJECTED), None, EDIT, False),
    "too_long": (TOO_LONG, None, EDIT, True),
    "500": (FAULT, None, RETRY, False),
    "502": (FAULT, None, RETRY, False),
    "drop": (BROKE, None, RETRY, False),
}
GONE = en("error.gone")
REFUSED = (f"{en('error.rejected')} {en('error.nothing_made')}", zh("error.rejected") + zh("error.nothing_made"))
NO_ANSWER = (en("error.no_answer"), zh("error.no_answer"))
OURS = (en("error.our_fault", reference="–"), zh("error.our_fault", reference="–"))
BUSY = tuple(each("error.rate_limited", when="<t:…:R>") for each in (en, zh))
NO_ROUTE = {
    "ask": (en("error.no_route_ask"), "该服务不支持对话。"),
    "imagine": (en("error.no_route_image"), "该服务不支持生成图片。"),
    "video": (en("error.no_route_video"), "该服务不支持生成视频。"),
}


async def failed(who: Person, channel: Channel, command: str, prompt: str) -> Message:
    """The card of a command that fails, at its end."""
    if command == "ask":
        return await end_of(await who.command(channel, "ask", prompt=prompt))
    order = paint if command == "imagine" else film
    use, _ = await order(who, channel, prompt)
    return await use.until(is_over)


def read(message: Message | Version) -> str:
    """What it says, without the marks of bold and of subtext."""
    return re.sub(r"\*\*|-# ", "", said(message))


@pytest.mark.parametrize("command", ["ask", "imagine", "video"])
@pytest.mark.parametrize("fault", [*TABLE, "no_route"])
async def test_each_row_of_the_table(stage: Stage, command: str, fault: str) -> None:
    channel = server(stage)
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    sentences, told, steps, models = TABLE.get(fault, (NO_ROUTE[command], None, [], False))
    prompt = f"A fox [fault:{fault}]"
    for language, who in enumerate((carol, ming)):
        message = await failed(who, channel, command, prompt)
        sentence = sentences[language].format(model=MODELS[command]) + (told[language] if told else "")
        if fault == "drop" and command == "video":
            sentence = (en("video.unknown"), zh("video.unknown"))[language].replace("**", "")
        assert sentence in read(message)
        expected = [{"Retry": "重试", "Edit and retry": "修改并重试"}[step] for step in steps] if language else steps
        assert labels(message) == expected
        others = menu(message)
        assert bool(others) == models
        assert MODELS[command] not in others


async def test_a_model_that_reads_no_images(stage: Stage) -> None:
    channel = server(stage)
    for said_in, who in ((en, someone(stage, at=channel)), (zh, someone(stage, "小明", at=channel, locale="zh-CN"))):
        message = await failed(who, channel, "ask", f"What is this, {who.name}? [fault:no_vision*1]")
        assert said_in("error.reads_no_images", model=MODELS["ask"]) in read(message)
        assert labels(message) == [said_in("button.edit_retry")]
        assert MODELS["ask"] not in menu(message)
        await end_of(await who.select(message, "qwen3-max"))
        assert stage.api.requests.of("chat")[-1].json["model"] == "qwen3-max"


@pytest.mark.parametrize("command", MODELS)
async def test_a_busy_service(stage: Stage, command: str) -> None:
    """The card says when the next try is, and no more when it has begun."""
    channel = server(stage)
    for sentence, locale in zip(BUSY, ("en-US", "zh-CN"), strict=True):
        who = someone(stage, locale, at=channel, locale=locale)
        options = {"ask": {}, "imagine": {"shape": "128x96"}, "video": {"shape": SMALL}}[command]
        use = await who.command(channel, command, prompt=f"A fox for {locale} [fault:429*1] [retry:1]", **options)
        done = {"ask": was_whole, "imagine": has_pictures(1), "video": has_clip}[command]
        message = await use.until(done)
        waiting = [sentence in read(version) for version in message.versions]
        assert waiting.count(True) == 1
        assert not waiting[-1]


async def test_no_answer_and_a_fault_of_our_own(new_stage: NewStage) -> None:
    """By a bot that waits for a second, and has a fault (hasty_bot.py)."""
    stage = await new_stage(spawn=partial(fork, first=hasten))
    channel = server(stage)
    for language, locale in enumerate(("en-US", "zh-CN")):
        who = someone(stage, locale, at=channel, locale=locale)
        retry = [("Retry", "重试")[language]]
        for command in MODELS:
            message = await failed(who, channel, command, "A fox [fault:hang]")
            assert NO_ANSWER[language] in read(message), command
            assert labels(message) == retry
            message = await failed(who, channel, command, "A fox [ours]")
            reference = re.search(re.escape(OURS[language]).replace("–", r"(\w{4,})"), read(message))
            assert reference is not None, command
            assert labels(message) == retry
            assert f"(ref {reference[1]})" in stage.bot.log.read_text(encoding="utf-8"), command


@pytest.mark.parametrize("command", ["imagine", "video"])
async def test_a_bare_status_is_not_quoted(stage: Stage, command: str) -> None:
    channel = server(stage)
    for language, who in enumerate((someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN"))):
        message = await failed(who, channel, command, "A fox [fault:413]")
        assert REFUSED[language] in read(message)
        assert "413 R" not in message.text


async def test_what_the_service_says_is_cleaned(stage: Stage) -> None:
    channel = server(stage)
    for command in MODELS:
        message = await failed(someone(stage, at=channel), channel, command, "A fox [fault:dirty]")
        assert "It said: the \\*\\*ratio\\*\\* is wrong, see" in message.text
        for foreign in ("litellm", "OpenAIException", "://", "gw.internal", "request id", "2026", "sk-", "Error code"):
            assert foreign not in message.text, foreign
        assert "@everyone" not in message.text.replace("\\@everyone", "")


async def test_not_told_is_not_claimed(new_stage: NewStage) -> None:
    """The owner takes no direct messages: nobody reads that they were told."""
    stage = await new_stage()
    stage.discord.faults.status("POST /users/@me/channels", 403, code=50007, times=99)
    channel = server(stage)
    for command in MODELS:
        message = await failed(someone(stage, at=channel), channel, command, "A fox [fault:401]")
        assert KEY[0] in message.text
        assert TOLD[0] not in message.text


# What the card offers, pressed


async def test_from_the_list_of_jobs(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    await failed(carol, channel, "imagine", "A bad fox [fault:inspection_400]")
    listed = await (await carol.command(channel, "jobs")).message()
    assert labels(listed) == EDIT
    use = await resubmit(carol, listed, {"prompt": "A good fox"})
    made = await use.until(has_pictures(1))
    assert made is not listed
    assert stage.api.requests.of("images")[-1].prompt == "A good fox"


async def edit(who: Person, message: Message) -> Invocation:
    opened = await who.press(message, label="Edit and retry")
    await opened.form()
    return opened


async def resubmit(who: Person, message: Message, values: dict[str, object]) -> Invocation:
    opened = await edit(who, message)
    return await who.submit(opened, values)  # pyright: ignore[reportArgumentType] - texts and names of options


async def test_other_words_go_on_in_the_same_card(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    card = await failed(carol, channel, "imagine", "A bad fox [fault:inspection_400]")
    opened = await edit(carol, card)
    assert opened.modal is not None
    assert "A bad fox [fault:inspection_400]" in str(opened.modal)
    use = await carol.submit(opened, {"prompt": "A good fox"})
    assert await use.until(has_pictures(1)) is card
    assert stage.api.requests.of("images")[-1].prompt == "A good fox"


async def test_another_size_and_another_model_of_the_form(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    card = await failed(carol, channel, "video", "A fox [fault:400*3]")
    use = await resubmit(carol, card, {"frame": ["shape:square"], "model": "wan2.7-i2v"})
    await use.until(has_clip)
    sent = stage.api.requests.of("video.submit")[-1].json
    assert (sent["model"], sent["resolution"], sent["size"]) == ("wan2.7-i2v", "960*960", "960*960")
    assert sent["prompt"] == "A fox [fault:400*3]"


async def test_a_model_of_the_menu(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    card = await failed(carol, channel, "imagine", "A fox [fault:denied*1]")
    use = await carol.select(card, "qwen-image")
    assert await use.until(has_pictures(1)) is card
    assert stage.api.requests.of("images")[-1].json["model"] == "qwen-image"


async def test_a_refused_form_gives_the_words_back(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    for command in ("imagine", "ask"):
        card = await failed(carol, channel, command, "A fox [fault:inspection_400]")
        opened = await edit(carol, card)
        # It is ordered again meanwhile.
        await resubmit(carol, card, {"prompt": "A good fox"})
        use = await carol.submit(opened, {"prompt": "A better fox, that took me long to write"})
        await eventually(lambda use=use: len(use.messages) == 2)
        why, words = map(said, use.messages)
        assert why in {en("error.already_retried"), GONE}
        assert words.splitlines()[1] == "A better fox, that took me long to write"


async def test_for_who_asked_and_for_moderators(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    mary = someone(stage, "mary", at=channel, permissions=Permission.MANAGE_MESSAGES)
    for command in ("imagine", "ask"):
        card = await failed(carol, channel, command, "A fox [fault:inspection_400]")
        refused = await private_answer(await dave.press(card, label="Edit and retry"))
        assert refused in {en("error.not_your_retry"), en("jobs.not_yours")}
        opened = await edit(mary, card)
        assert opened.modal is not None


async def test_an_ask_is_asked_again(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    broken = await failed(carol, channel, "ask", "About foxes [fault:mid_drop*1]")
    assert labels(broken) == [*RETRY, en("button.go_on"), en("button.reply")], "what was said can be answered to"
    again = await end_of(await carol.press(broken, label="Retry"))
    assert again is not broken
    assert "About “About foxes" in again.text
    # Once: the old message offers it no more.
    await eventually(lambda: labels(broken) == [])
    declined = await failed(carol, channel, "ask", "Bad foxes [fault:inspection_400]")
    answer = await end_of(await resubmit(carol, declined, {"prompt": "Good foxes"}))
    assert "> Good foxes" in answer.text
    unknown = await failed(carol, channel, "ask", "Foxes [fault:no_model*1]")
    await end_of(await carol.select(unknown, "qwen3-max"))
    assert stage.api.requests.of("chat")[-1].json["model"] == "qwen3-max"
    open_ = "SELECT 1 FROM turns WHERE person_id = ? AND finish <> 'stop' AND NOT asked_again"
    await eventually(lambda: sql(stage, open_, carol.id) == [])
    assert len(sql(stage, "SELECT 1 FROM turns WHERE person_id = ?", carol.id)) == 6


async def test_a_long_question_comes_back_whole(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    question = "A word and [fault:too_long*1] " + "many words " * 450
    card = await failed(carol, channel, "ask", question.strip())
    opened = await edit(carol, card)
    await end_of(await carol.submit(opened))
    assert cast("Any", stage.api.requests.of("chat")[-1].json)["messages"][-1]["content"] == question.strip()


async def test_after_a_restart(new_stage: NewStage) -> None:
    """A failed answer, one that broke off with the process, and a failed card: each still knows its words."""
    stage = await new_stage()
    channel = server(stage)
    carol = someone(stage, at=channel)
    declined = await failed(carol, channel, "ask", "Bad foxes [fault:inspection_400]")
    card = await failed(carol, channel, "video", "A bad fox [fault:inspection_400]")
    use = await carol.command(channel, "ask", prompt="Growing foxes [rate:20] [words:400]")
    await use.until(lambda message: "▍" in message.text)
    # It is written down beside the edits.
    said_so_far = "SELECT 1 FROM turns WHERE finish IS NULL AND answer_bytes > 0"
    await eventually(lambda: bool(sql(stage, said_so_far)))
    await stage.kill()
    await stage.start()
    broken = await use.until(lambda message: labels(message) == [*RETRY, en("button.go_on"), en("button.reply")])
    assert en("ask.interrupted") in broken.text
    answer = await end_of(await resubmit(carol, declined, {"prompt": "Good foxes"}))
    assert "> Good foxes" in answer.text
    made = await resubmit(carol, card, {"prompt": "A good fox"})
    await made.until(has_clip)
    again = await carol.press(broken, label="Retry")
    await again.until(lambda message: "▍" in message.text)
