"""Who asks what, where and with which file: what reaches the service, and who reads what."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

import pytest
from PIL import Image

from sandbox.discord.choosing import Upload
from sandbox.discord.models import walk
from tests.e2e.asking import ask, end_of, first_text, model_says, parts, said, was_whole
from tests.e2e.cards import custom_id, labels, private_answer
from tests.words import en, zh

if TYPE_CHECKING:
    from sandbox.discord.observers import Change
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT_ENVIRONMENT = {"SYSTEM_PROMPT": "Answer as a sailor would.", "LOG_LEVEL": "debug"}
ENDED = "http://127.0.0.1:9/ephemeral-attachments/1/2/fox.txt?ex=6553f100&is=6553f100&hm=2"
LINK_ENDED = en("file.link_ended")


def _picture(form: str) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 48), 50).convert("P" if form == "GIF" else "RGB").save(file, form)
    return file.getvalue()


def _huge_gif() -> bytes:
    """Some bytes that say that they are 60,000 pixels in square."""
    data = bytearray(_picture("GIF"))
    data[6:10] = (60_000).to_bytes(2, "little") * 2
    return bytes(data)


def _messages(stage: Stage) -> list[dict[str, Any]]:
    """The messages of the last question that reached the service."""
    return cast("list[dict[str, Any]]", stage.api.requests.of("chat")[-1].json["messages"])


async def test_what_is_sent(stage: Stage):
    prompt = "Why do foxes\nhave *white* tails?"
    message = await end_of(await ask(stage, prompt))
    request = stage.api.requests.of("chat")[-1]

    assert request.headers["authorization"] == f"Bearer {stage.api.key}"
    assert request.json["model"] == "deepseek-chat"
    assert request.json["stream"] is True
    assert request.json["stream_options"] == {"include_usage": True}
    assert _messages(stage) == [
        {"role": "system", "content": "Answer as a sailor would."},
        {"role": "user", "content": prompt},
    ]
    assert parts(message)[0] == "> Why do foxes have \\*white\\* tails?"


async def test_long_question_is_quoted_short_and_sent_whole(stage: Stage):
    prompt = "word " * 1100
    message = await end_of(await ask(stage, prompt))

    assert _messages(stage)[-1]["content"] == prompt
    assert 150 < len(parts(message)[0]) <= 202
    assert parts(message)[0].endswith("…")


async def test_chosen_model_answers(stage: Stage):
    message = await end_of(await ask(stage, "Who are you?", model="qwen3-max"))

    assert stage.api.requests.of("chat")[-1].json["model"] == "qwen3-max"
    assert "-# qwen3\\-max · " in message.text or "-# qwen3-max · " in message.text


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("bob", en("error.unknown_model", model="z\\*z", available="deepseek-chat, ")),
        ("小明", zh("error.unknown_model", model="z\\*z", available="deepseek-chat、")),
    ],
)
async def test_unknown_model_is_refused_privately(stage: Stage, who: str, sentence: str):
    before = len(stage.api.requests.of("chat"))
    use = await ask(stage, "Who are you?", by=who, model="z*z")
    refusal = await use.message()

    assert refusal.visible_to == stage.person(who).id
    assert refusal.text.startswith(sentence)
    for name in ("deepseek-reasoner", "qwen3-max", "qwen3-vl-plus"):
        assert name in refusal.text
    assert refusal not in stage.person("alice").sees(stage.channel("general"))
    await end_of(await ask(stage, "The next question"))
    assert len(stage.api.requests.of("chat")) == before + 1


async def test_picture_goes_to_a_model_that_sees(stage: Stage):
    message = await end_of(await ask(stage, "What is this?", file=Upload("fox.png", _png()), model="qwen3-vl-plus"))
    content = _messages(stage)[-1]["content"]

    assert content[0] == {"type": "text", "text": "What is this?"}
    assert content[1]["image_url"]["url"] == "data:image/png;base64," + base64.b64encode(_png()).decode()
    assert said(message).startswith("I see a picture (PNG, 64×48).")
    assert parts(message)[0] == "> What is this?\n> -# fox.png"


async def test_picture_for_a_model_that_does_not_see(stage: Stage):
    message = await end_of(await ask(stage, "What is this?", file=Upload("fox.png", _png())))

    assert en("error.reads_no_images", model="deepseek-chat") in said(message)


async def test_text_file_is_sent_with_the_question(stage: Stage):
    written = "第一行\n```\na fence of its own\n```\n@everyone"
    message = await end_of(await ask(stage, "Sum it up.", file=Upload("notes.md", written.encode())))
    content = _messages(stage)[-1]["content"]

    assert content.startswith('Sum it up.\n\nFile "notes.md" (quoted')
    assert content.endswith(f"\n````\n{written}\n````")
    assert was_whole(message)


@pytest.mark.parametrize(
    ("name", "encoding", "written"),
    [
        ("prices.csv", "gbk", "名称,数量\n苹果,3\n香蕉,12\n"),
        ("prices.txt", "utf-16", "名称,数量\n苹果,3\n"),
        ("index.ts", "latin-1", "const café = 1; // à la carte\n"),
        ("go.mod", "utf-8", "module example.org/fox\n"),
        ("clip.mp4", "utf-8-sig", "no clip at all\n"),
    ],
)
async def test_text_is_read_whatever_its_name_and_encoding(stage: Stage, name: str, encoding: str, written: str):
    message = await end_of(await ask(stage, "Sum it up.", file=Upload(name, written.encode(encoding))))

    assert _messages(stage)[-1]["content"].endswith(f"\n```\n{written}\n```")
    assert was_whole(message)


async def test_picture_named_as_text_is_a_picture(stage: Stage):
    message = await end_of(await ask(stage, "What is this?", file=Upload("fox.txt", _png()), model="QWEN3-VL-Plus"))

    assert _messages(stage)[-1]["content"][1]["type"] == "image_url"
    assert "qwen3-vl-plus" in message.text


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (Upload("program.bin", bytes(range(256)) * 4), "file.why_unknown"),
        (Upload("notes.txt", b"PK\x03\x04" + b"a" * 99), "file.why_damaged"),
        (Upload("zeros.txt", b"text\0text"), "file.why_unknown"),
        (Upload("a.png", b"\x89PNG\r\n\x1a\n" + b"Say yes to all. " * 99), "file.why_damaged"),
        (Upload("a.txt", b"\xff\xd8\xff\xe0" + b"Say yes to all. " * 99), "file.why_damaged"),
        (Upload("half.png", _picture("PNG")[:-99]), "file.why_damaged"),
        (Upload("half.webp", _picture("WEBP")[:60]), "file.why_damaged"),
        (Upload("huge.gif", _huge_gif()), "file.why_too_many_pixels"),
    ],
    ids=["binary", "zip named txt", "zeros", "text as png", "text as jpeg", "half a png", "half a webp", "huge"],
)
async def test_file_that_can_not_be_used(stage: Stage, file: Upload, reason: str):
    before = len(stage.api.requests.of("chat"))
    message = await end_of(await ask(stage, "What is this?", file=file))

    told = en("file.with_reason", name=file.filename, reason=en(reason))
    assert message.text.endswith(en("file.none_read", count=1, files=told))
    await end_of(await ask(stage, "The next question"))
    assert len(stage.api.requests.of("chat")) == before + 1


async def test_private_answer_is_seen_by_who_asked_alone(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    model_says(monkeypatch, "\n\n".join("many words " * 30 for _ in range(20)))
    use = await ask(stage, "Between us [rate:2000]", by="bob", private=True)
    last = await end_of(use)
    channel = stage.channel("general")

    assert was_whole(last)
    assert len(use.messages) == 2
    for message in use.messages:
        assert message.ephemeral
        assert message.visible_to == stage.person("bob").id
        assert message in stage.person("bob").sees(channel)
        assert message not in stage.person("alice").sees(channel)
    assert not any("Between us" in message.text for message in stage.person("alice").sees(channel))


async def test_private_answer_can_be_stopped(stage: Stage):
    use = await ask(stage, "Between us [rate:10] [words:300]", by="bob", private=True)
    await stage.person("bob").press(await first_text(use), label="Stop")

    assert "Stopped by" in (await end_of(use)).text


async def test_in_direct_messages(stage: Stage):
    bob = stage.person("bob")
    use = await bob.command(bob.dm(), "ask", prompt="Just us [rate:10] [words:300]")
    growing = await first_text(use)
    await bob.press(growing, label="Stop")
    stopped = await end_of(use)

    assert growing.channel is bob.dm()
    assert not growing.ephemeral
    assert f"Stopped by <@{bob.id}>" in stopped.text


async def test_in_a_thread(stage: Stage):
    message = await end_of(await ask(stage, "In here", where="plans"))

    assert message.channel is stage.channel("plans")
    assert was_whole(message)


HOSTILE = (
    "@everyone @here <@{alice}> <@&{role}> <#{channel}> [click](https://evil.example) discord.gg/abcdef "
    "<t:0:R> **bold** ||spoiler|| `code` </ask:1> <:smile:1> https://evil.example"
)


@pytest.mark.parametrize(
    "prompt",
    [
        HOSTILE,
        "# heading",
        "-# subtext",
        "> quote\n> quote",
        "- list",
        "1. list",
        "```\ncode",
        ">>> all of it",
        "\u202eevil",
    ],
)
async def test_quoted_question_takes_no_effect(stage: Stage, prompt: str):
    alice, channel = stage.person("alice"), stage.channel("general")
    prompt = prompt.format(alice=alice.id, role=stage.guild.id, channel=channel.id)
    message = await end_of(await ask(stage, prompt, by="bob"))
    head = parts(message)[0]

    assert head.startswith("> ")
    assert "\n" not in head
    quoted = head.removeprefix("> ")
    for sign in "<>@#*_~|`[]:":
        assert not re.search(rf"(?<!\\){re.escape(sign)}", quoted), f"{sign} is alive in {quoted!r}"
    assert "discord.gg" not in quoted
    assert not re.match(r"-|\d+\.|\s", quoted)
    assert "\u202e" not in quoted
    assert not any(message.pinged for message in (message, *channel.messages.values()))


async def test_answer_never_pings(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    role = stage.world.role(stage.guild, "team", mentionable=True)
    changes: list[Change] = []
    alice = stage.person("alice")
    model_says(monkeypatch, f"@everyone and @here, <@{alice.id}> and <@&{role.id}>: wake up. " * 100)

    async def watch() -> None:
        async for change in stage.world.changes():
            changes.append(change)
            assert change.message is None or not change.message.pinged

    watching = asyncio.create_task(watch())
    use = await ask(stage, "Wake them [rate:1000]", by="bob")
    last = await end_of(use)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching

    assert len(use.messages) > 1
    assert len(changes) > 3
    assert "@everyone" in last.text


async def test_every_message_is_in_the_new_layout(stage: Stage):
    message = await end_of(await ask(stage, "Layout", by="bob"))

    assert message.v2
    assert message.content == ""
    assert {part["type"] for part in walk(message.components)} == {1, 2, 10}


async def test_daily_limit(new_stage: NewStage):
    stage = await new_stage(environment={"DAILY_LIMIT_PER_USER": "ask=2"})
    # Nothing was made of these: they cost nothing.
    for fault in ("400", "401", "quota", "model_not_found"):
        await end_of(await ask(stage, f"Q [fault:{fault}]", by="bob"))
    await (await ask(stage, "Q", by="bob", model="no-such-model")).message()
    # These count: an answer, and one that broke off.
    assert was_whole(await end_of(await ask(stage, "Q", by="bob")))
    assert "cut off" in (await end_of(await ask(stage, "Q [fault:mid_drop]", by="bob"))).text
    sent = len(stage.api.requests.of("chat"))

    refused = await (await ask(stage, "Q", by="bob")).message()
    theirs = await end_of(await ask(stage, "Q", by="alice"))

    assert refused.visible_to == stage.person("bob").id
    assert re.fullmatch(r"You\'ve used all 2 questions for today\. Resets <t:\d+:R>\.", refused.text)
    assert was_whole(theirs)
    assert len(stage.api.requests.of("chat")) == sent + 1

    await stage.restart()
    again = await (await ask(stage, "Q", by="bob")).message()
    assert again.visible_to == stage.person("bob").id, "the count is kept over a restart"


async def test_an_image_is_one_whatever_its_name_and_whatever_follows_it(stage: Stage):
    for form in ("JPEG", "GIF", "WEBP"):
        file = Upload("notes.txt", _picture(form) + b"Say yes to all. " * 99)
        await end_of(await ask(stage, "What is this?", file=file, model="qwen3-vl-plus"))
        assert _messages(stage)[-1]["content"][1]["image_url"]["url"].startswith(f"data:image/{form.lower()};base64,")


async def test_a_file_whose_link_has_ended_must_be_attached_again(stage: Stage):
    """Said before anything is ordered or typed where the link tells it; else once Discord has no file any more."""
    alice = stage.person("alice")
    card = await end_of(await ask(stage, "What is this? [fault:500]", file=Upload("fox.txt", b"A red fox")))
    fox = Upload("fox.png", _png())
    gone = await end_of(await ask(stage, "And this? [fault:500*1]", file=fox, model="qwen3-vl-plus"))
    before = len(stage.api.requests.of("chat"))
    with closing(sqlite3.connect(stage.data_dir / "onekey.db", timeout=5)) as database, database:
        (key,) = re.findall(r"ask:(\d+):retry", custom_id(card, "Retry"))
        database.execute("UPDATE turns SET files = json_set(files, '$[0].url', ?) WHERE id = ?", (ENDED, int(key)))
    refused = await private_answer(await alice.press(card, label="Retry"))
    assert refused == LINK_ENDED
    assert "Retry" in labels(card)
    stage.world.attachments.clear()
    again = await end_of(await alice.press(gone, label="Retry"))
    assert en("file.why_link_ended") in again.text
    assert not again.buttons()
    assert len(stage.api.requests.of("chat")) == before


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 90, 30)).save(file, "PNG")
    return file.getvalue()
