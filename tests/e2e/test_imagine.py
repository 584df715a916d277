"""/imagine from the command to the pictures: the card in both languages, and every answer of the service."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from sandbox.discord.models import walk
from sandbox.discord.permissions import Permission
from sandbox.onekey.names import SHAPES
from tests.e2e.cards import (
    FAILED,
    WAITING,
    WARNING,
    asked,
    colour,
    custom_id,
    files,
    forged,
    has_pictures,
    is_over,
    labels,
    link,
    paint,
    private_answer,
    said,
    says,
    someone,
)
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Message
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOT_MADE = en("card.failed")
GONE = en("error.gone")


def opened(message: Message) -> list[Image.Image]:
    pictures: list[Image.Image] = [Image.open(BytesIO(each.data)) for each in files(message, "image")]
    for picture in pictures:
        picture.load()
    return pictures


async def test_the_card_from_the_first_second_to_the_pictures(stage: Stage) -> None:
    carol = someone(stage)
    channel = stage.channel("general")
    use, first = await paint(carol, channel, "A red fox in the snow", count=3)
    done = await use.until(has_pictures(3))

    assert done is first
    waiting, *_, delivered = use.versions
    assert said(waiting) == (
        f"### A red fox in the snow\n-# wan2.7-image · 128×96 · {en('card.pictures', count=3)} · <@{carol.id}>\n"
        f"{en('card.started', when='<t:…:R>')}"
    )
    assert (colour(waiting), labels(waiting)) == (WAITING, [])
    assert said(delivered) == f"### A red fox in the snow\n-# wan2.7-image · 128×96 · … s · <@{carol.id}>"
    assert (colour(delivered), labels(delivered)) == (None, ["Vote 1", "Vote 2", "Vote 3", "Reroll", "Edit prompt"])
    assert [picture.size for picture in opened(done)] == [(128, 96)] * 3
    assert len({picture.tobytes() for picture in opened(done)}) == 3
    assert not done.pinged
    assert asked(stage, "images", "A red fox in the snow") == 1
    body = stage.api.requests.of("images")[-1].json
    assert (body["n"], body["size"], body["model"]) == (3, "128x96", "wan2.7-image")


async def test_the_card_in_chinese(stage: Stage) -> None:
    ming = stage.person("小明")
    use, _ = await paint(ming, stage.channel("general"), "雪地里的红狐 [shape:fewer]", count=3)
    await use.until(has_pictures(2))

    waiting, *_, delivered = use.versions
    title = "### 雪地里的红狐 \\[shape\\:fewer\\]"
    assert (
        said(waiting)
        == f"{title}\n-# wan2.7-image · 128×96 · 3 张图片 · <@{ming.id}>\n{zh('card.started', when='<t:…:R>')}"
    )
    assert said(delivered) == f"{title}\n-# wan2.7-image · 128×96 · 3 张中收到 2 张 · … 秒 · <@{ming.id}>"
    assert labels(delivered) == ["投票 1", "投票 2", zh("button.reroll"), zh("button.edit_prompt")]


async def test_fewer_pictures_than_asked(stage: Stage) -> None:
    carol = someone(stage)
    use, _ = await paint(carol, stage.channel("general"), "Fewer [shape:fewer]", count=3)
    done = await use.until(has_pictures(2))
    assert "-# wan2.7-image · 128×96 · 2 of 3 arrived · … s · " in said(done)


async def test_what_nobody_can_read_here_is_delivered_as_a_file(stage: Stage) -> None:
    """It was paid for, and may open elsewhere; the model that takes images is not sent it."""
    carol = someone(stage)
    use, _ = await paint(carol, stage.channel("general"), "A fox [shape:heic]", count=2)
    done = await use.until(lambda message: colour(message) is None, 20)
    assert [file.filename for file in done.attachments] == ["1.heic", "2.heic"]
    assert [part["file"]["url"] for part in walk(done.components) if part["type"] == 13] == [
        file.url for file in done.attachments
    ]
    assert en("card.only_files", count=2) in said(done)
    assert "arrived" not in said(done)


@pytest.mark.parametrize(
    "shape", sorted(SHAPES["images"].keys() - {"empty", "fewer", "null", "b64_wrong", "heic"} | {"document"})
)
async def test_every_shape_of_an_answer(stage: Stage, shape: str) -> None:
    carol = someone(stage)
    prompt = "A fox" if shape == "document" else f"A fox [shape:{shape}]"
    count = 1 if shape == "object" else 2
    use, _ = await paint(carol, stage.channel("general"), prompt, count=count)
    done = await use.until(has_pictures(count))
    # What Discord does not show has become something that it shows.
    assert {(picture.format, picture.size) for picture in opened(done)} == {
        ("JPEG" if shape in {"jpeg", "avif", "cmyk"} else "PNG", (128, 96))
    }
    assert all(picture.mode in {"RGB", "L", "RGBA"} for picture in opened(done))
    assert piece("image.open") not in said(done)
    assert asked(stage, "images", prompt) == 1


async def test_base64_that_is_no_picture_is_left_out(stage: Stage) -> None:
    carol = someone(stage)
    use, _ = await paint(carol, stage.channel("general"), "A fox [shape:b64_wrong]", count=2)
    done = await use.until(has_pictures(1))
    assert "1 of 2 arrived" in said(done)
    assert opened(done)[0].size == (128, 96)

    use, _ = await paint(carol, stage.channel("general"), "Two foxes [shape:b64_wrong]")
    failed = await use.until(says(NOT_MADE))
    assert en("error.bad_answer") in said(failed)
    assert (colour(failed), labels(failed)) == (FAILED, ["Retry"])


DECLINED = "The model declined this. It said: Input data may contain inappropriate content."
FAULT = en("error.fault")
BROKE = en("error.broke")
UNUSABLE = f"{NOT_MADE}\n{en('error.bad_answer')}"


@pytest.mark.parametrize(
    ("fault", "text", "bar"),
    [
        ("inspection_200", f"{NOT_MADE}\n{DECLINED}", FAILED),
        ("inspection_400", f"{NOT_MADE}\n{DECLINED}", FAILED),
        ("inspection_500", f"{NOT_MADE}\n{DECLINED}", FAILED),
        (
            "sensitive",
            (f"{NOT_MADE}\nThe model declined this. It said: user sensitive words detected."),
            FAILED,
        ),
        (
            "400",
            (
                f"{NOT_MADE}\n{en('error.rejected')} {en('error.service_said', said='temperature is out of range.')}"
                f" {en('error.nothing_made')}"
            ),
            FAILED,
        ),
        (
            "model_not_found",
            (f"{NOT_MADE}\n{en('error.model_not_found', model='wan2.7-image')}"),
            FAILED,
        ),
        ("garbage", UNUSABLE, FAILED),
        ("array", UNUSABLE, FAILED),
        ("drop", BROKE, WARNING),
        ("cut", BROKE, WARNING),
        ("500", FAULT, WARNING),
        ("502", FAULT, WARNING),
        ("chinese", FAULT, WARNING),
        ("fetch_task", FAULT, WARNING),
    ],
)
async def test_what_went_wrong_is_said_and_nothing_is_sent_twice(stage: Stage, fault: str, text: str, bar: int) -> None:
    carol = someone(stage)
    prompt = f"A fox [fault:{fault}]"
    use, _ = await paint(carol, stage.channel("general"), prompt)
    ended = await use.until(is_over)
    title = f"### A fox \\[fault\\:{fault.replace('_', chr(92) + '_')}\\]"
    assert said(ended) == f"{title}\n-# wan2.7-image · 128×96 · {en('card.pictures', count=1)} · <@{carol.id}>\n{text}"
    assert colour(ended) == bar
    assert asked(stage, "images", prompt) == 1


@pytest.mark.parametrize("fault", ["error_200", "html", "success_false"])
async def test_an_error_in_a_good_answer_is_no_silence(stage: Stage, fault: str) -> None:
    """What exactly such an answer means is the service's secret; it is not sent again, and Retry is there."""
    carol = someone(stage)
    prompt = f"A fox [fault:{fault}]"
    use, _ = await paint(carol, stage.channel("general"), prompt)
    ended = await use.until(is_over)
    assert colour(ended) in {WARNING, FAILED}
    assert len(said(ended).splitlines()) >= 3
    assert asked(stage, "images", prompt) == 1


@pytest.mark.parametrize(
    ("fault", "english", "owner_reads"),
    [
        (
            "401",
            f"{en('error.key_refused')} {en('error.owner_told')}",
            "ONEKEY_API_KEY",
        ),
        ("quota", f"{en('error.quota')} {en('error.owner_told')}", en("owner.quota")),
    ],
)
async def test_what_only_the_owner_can_mend_is_told_to_them_once(
    stage: Stage, fault: str, english: str, owner_reads: str
) -> None:
    owner = stage.person("alice")

    def told() -> list[str]:
        return [message.text for message in owner.sees(owner.dm()) if owner_reads in message.text]

    for number in range(2):
        use, _ = await paint(someone(stage), stage.channel("general"), f"{number} [fault:{fault}]")
        ended = await use.until(is_over)
        assert said(ended).endswith(f"{NOT_MADE}\n{english}")
        assert colour(ended) == FAILED
    assert len(told()) == 1


async def test_in_chinese_what_went_wrong(stage: Stage) -> None:
    ming = stage.person("小明")
    use, _ = await paint(ming, stage.channel("general"), "狐 [fault:inspection_400]")
    declined = await use.until(lambda message: labels(message) == ["修改并重试"])
    assert (
        f"{zh('card.failed')}\n{zh('error.declined')}"
        f"{zh('error.service_said', said='Input data may contain inappropriate content。')}" in said(declined)
    )
    use, _ = await paint(ming, stage.channel("general"), "狐 [fault:drop]")
    uncertain = await use.until(lambda message: labels(message) == ["重试"])
    assert said(uncertain).endswith("\n提交时连接中断，请求可能已在处理，因此没有重新提交。")


async def test_retry_after_an_uncertain_end_makes_exactly_one_more(stage: Stage) -> None:
    carol = someone(stage)
    prompt = "A fox to retry [fault:drop*1]"
    use, card = await paint(carol, stage.channel("general"), prompt)
    await use.until(says(BROKE))

    presses = [await carol.press(card, label="Retry") for _ in range(3)]
    await use.until(has_pictures(1))
    refused = [await private_answer(press) for press in presses if press.response is not card]
    assert refused == [en("error.already_retried")] * 2
    assert asked(stage, "images", prompt) == 2
    assert labels(card) == ["Like", "Reroll", "Edit prompt"]


async def test_retry_is_for_who_asked_and_for_moderators(stage: Stage) -> None:
    carol, dave = someone(stage), someone(stage, "dave")
    mary = someone(stage, "mary", permissions=Permission.MANAGE_MESSAGES)
    use, card = await paint(carol, stage.channel("general"), "A fox of carol's [fault:drop*1]")
    await use.until(says(BROKE))

    before = len(card.versions)
    refused = await private_answer(await dave.press(card, label="Retry"))
    assert refused == en("error.not_your_retry")
    assert len(card.versions) == before
    await mary.press(card, label="Retry")
    await use.until(has_pictures(1))


async def test_while_the_service_is_busy_the_card_says_when_the_next_try_is(stage: Stage) -> None:
    carol, ming = someone(stage), stage.person("小明")
    prompt = "A fox [fault:429*1]"
    (use, _), (chinese, _) = await asyncio.gather(
        paint(carol, stage.channel("general"), prompt), paint(ming, stage.channel("general"), "狐 [fault:429*1]")
    )
    await use.until(has_pictures(1))
    await chinese.until(has_pictures(1))
    texts = [said(version) for version in use.versions]
    assert any(text.endswith(f"\n{en('error.rate_limited', when='<t:…:R>')}") for text in texts)
    # It is set right when that try begins.
    assert texts[-2].endswith("\nStarted <t:…:R>.")
    assert any(said(version).endswith("\n服务繁忙，将于 <t:…:R> 自动重试。") for version in chinese.versions)
    assert asked(stage, "images", prompt) == 2


async def test_pictures_that_can_t_be_fetched_are_no_delivery(stage: Stage) -> None:
    """All faults at once: each is tried five times with pauses between. What is too large has its link."""
    uses = {
        fault: (await paint(someone(stage), stage.channel("general"), f"A fox [file:{fault}]", count=2))[0]
        for fault in ("403", "500", "wrong_type", "other_type", "redirect_loop")
    }
    endless, _ = await paint(someone(stage), stage.channel("general"), "A fox [file:endless]", count=2)
    for fault, use in uses.items():
        done = await use.until(lambda message: labels(message) == ["Fetch again"], 40)
        assert said(done).splitlines()[2:] == [en("card.unfetched")], fault
        assert not done.attachments, fault
    done = await endless.until(lambda message: labels(message) == ["Vote 1", "Vote 2", "Reroll", "Edit prompt"], 20)
    links = [line for line in said(done).splitlines() if line.startswith(f"**[{piece('image.open')}")]
    assert links == [
        "**[" + en("image.open", number=f"{number}](…)**") + " · the link works until <t:…:f>" for number in (1, 2)
    ]


@pytest.mark.parametrize("word", ["[host:other]", "[file:redirect_private]", "[file:redirect_metadata]"])
async def test_a_picture_that_leads_to_a_private_address_is_neither_fetched_nor_linked(stage: Stage, word: str) -> None:
    prompt = f"A fox {word}"
    use, _ = await paint(someone(stage), stage.channel("general"), prompt)
    done = await use.until(lambda message: labels(message) == ["Fetch again"])
    assert said(done).endswith(f"\n{en('card.unfetched')}")
    assert "](" not in done.text
    assert not done.attachments
    assert stage.api.other_visits == 0
    first_step_only = [request.prompt for request in stage.api.requests.of("files")].count(prompt)
    assert first_step_only == (0 if word == "[host:other]" else 1)


async def test_four_that_are_too_much_for_one_request_are_all_shown(stage: Stage) -> None:
    """Four of 7 MB: what is over the request's 25 MiB is made smaller, and its original linked."""
    use, _ = await paint(someone(stage), stage.channel("general"), "A fox [bytes:7000000]", count=4)
    done = await use.until(has_pictures(4), 20)
    originals = [each for each in files(done, "image") if each.size == 7_000_000]
    assert 2 <= len(originals) <= 3
    assert said(done).count(f"**[{piece('image.open')} ") == 4 - len(originals)
    # Each is within the limit: it is not the server's fault.
    assert piece("card.too_large") not in said(done)


async def test_a_picture_over_this_server_s_limit_is_made_smaller_and_linked(stage: Stage) -> None:
    use, _ = await paint(someone(stage), stage.channel("general"), "A fox [bytes:11534336]", count=1)
    done = await use.until(has_pictures(1))
    assert (
        f"\n{en('card.made_smaller', size='11 MB', limit='10 MB')}\n"
        f"**[{en('image.open', number=1)}](…)** · {en('card.link_until', when='<t:…:f>')}\n"
    ) in said(done)
    assert opened(done)[0].size == (128, 96)
    assert files(done, "image")[0].size < 10 * 1024 * 1024


async def test_reroll_makes_the_same_again_for_whoever_presses(stage: Stage) -> None:
    carol, dave = someone(stage), someone(stage, "dave")
    use, card = await paint(carol, stage.channel("general"), "A fox to reroll", count=2)
    await use.until(has_pictures(2))
    before = len(card.versions)

    press = await dave.press(card, label="Reroll")
    again = await press.until(has_pictures(2))
    assert again is not card
    assert said(again) == (
        f"### A fox to reroll\n-# Reroll of [A fox to reroll]({link(card)}) by <@{carol.id}>\n"
        f"-# wan2.7-image · 128×96 · … s · <@{dave.id}>"
    )
    assert len(card.versions) == before
    assert [request.json["n"] for request in stage.api.requests.of("images")][-2:] == [2, 2]


HOSTILE = (
    "# Big\n> quote\n- item\n-# small **bold** __u__ ~~s~~ ||spoiler|| `code` @everyone @here <@1> <@&2> <#3> "
    "<t:1:R> [free](https://evil.example) https://evil.example discord.gg/abc \u202eevil"
)


async def test_a_hostile_prompt_takes_no_effect(stage: Stage) -> None:
    carol = someone(stage)
    use, _ = await paint(carol, stage.channel("general"), HOSTILE)
    done = await use.until(has_pictures(1))
    title = said(done).splitlines()[0]
    assert title == (
        r"### \# Big \> quote - item -\# small \*\*bold\*\* \_\_u\_\_ \~\~s\~\~ \|\|spoiler\|\| \`code\` "
        r"\@everyone \@here \<\@1\> \<\@&2\> \<\#3\> \<t\:1\:R\> \[free\](https\://evil.example) "
        r"https\://evil.example discord\.gg/abc evil"
    )
    assert len(said(done).splitlines()) == 2
    for version in use.versions:
        assert "\u202e" not in version.text
    assert not done.pinged
    # The service is asked for what the person wrote.
    assert asked(stage, "images", HOSTILE) == 1


async def test_a_long_prompt_is_shortened_and_whole_behind_its_button(stage: Stage) -> None:
    carol, dave = someone(stage), someone(stage, "dave")
    prompt = "word " * 60 + "**end** @everyone"
    use, _ = await paint(carol, stage.channel("general"), prompt)
    done = await use.until(has_pictures(1))
    title = said(done).splitlines()[0].removeprefix("### ")
    assert title == "word " * 38 + "word…"
    assert labels(done) == ["Like", "Reroll", "Edit prompt", "Prompt"]
    whole = await private_answer(await dave.press(done, label="Prompt"))
    assert whole == "word " * 60 + r"\*\*end\*\* \@everyone"


async def test_forged_buttons_get_a_private_sentence_and_nothing_else(stage: Stage) -> None:
    carol = someone(stage)
    elsewhere, _ = await paint(carol, stage.channel("pictures"), "Elsewhere [fault:drop]")
    other = await elsewhere.until(says(BROKE))
    use, card = await paint(carol, stage.channel("general"), "Here [fault:drop]")
    await use.until(says(BROKE))
    here_id, other_id = (custom_id(message, "Retry").split(":")[1] for message in (card, other))
    before = len(stage.api.requests.of("images"))

    for name in (
        f"image:{other_id}:retry",
        f"image:{other_id}:reroll",
        f"video:{other_id}:cancel",
        "image:999999:retry",
        "image:999999999999999999:reroll",
        "image:9223372036854775808:reroll",
        f"image:{'9' * 80}:prompt",
        "image:0:retry",
    ):
        answer = await private_answer(await forged(carol, card, name))
        assert answer == GONE, name
    # Another message's row, in the right channel: its message is not this one.
    use, second = await paint(carol, stage.channel("general"), "Second [fault:drop]")
    await use.until(says(BROKE))
    answer = await private_answer(await forged(carol, second, f"image:{here_id}:retry"))
    assert answer == en("error.already_retried")
    assert len(stage.api.requests.of("images")) == before + 1
    assert labels(card) == labels(other) == labels(second) == ["Retry"]


async def test_sizes_that_are_none_and_models_that_do_not_exist(stage: Stage) -> None:
    carol = someone(stage)
    before = len(stage.api.requests.of("images"))
    use = await carol.command(stage.channel("general"), "imagine", prompt="A fox", shape="large")
    assert await private_answer(use) == en("error.bad_shape")
    use = await carol.command(stage.channel("general"), "imagine", prompt="A fox", model="z-image")
    unknown = await private_answer(use)
    assert unknown.startswith(en("error.unknown_model", model="z-image", available="wan2.7-image, "))
    assert len(stage.api.requests.of("images")) == before
