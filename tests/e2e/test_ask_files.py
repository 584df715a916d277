"""/ask with files of many kinds, from Discord to the service, and what is said of what could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from sandbox.discord.choosing import Upload
from tests.e2e.asking import ask, end_of, parts, was_whole
from tests.unit.bot.documents.making import cell, open_document, paragraph, pdf, picture, scans, shown, word, workbook
from tests.words import en

if TYPE_CHECKING:
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _asked(stage: Stage) -> Any:
    """What the last question that reached the service says."""
    messages = cast("list[dict[str, Any]]", stage.api.requests.of("chat")[-1].json["messages"])
    return messages[-1]["content"]


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (Upload("report.pdf", pdf(shown("Foxes sleep by day"))), "Foxes sleep by day"),
        (Upload("letter.docx", word(paragraph("Dear fox,", "Heading1"))), "# Dear fox,"),
        (Upload("fruit.xlsx", workbook(f"<row>{cell('A1', '苹果')}<c r='B1'><v>3</v></c></row>")), "苹果\t3"),
        (Upload("notes.txt", "天气很好，我们去公园散步。狐狸也来了。".encode("gb18030")), "狐狸也来了"),
        (Upload("note.odt", open_document("text", "<text:p>An open note</text:p>")), "An open note"),
    ],
    ids=["pdf", "docx", "xlsx", "gb18030", "odt"],
)
async def test_file_is_quoted_to_the_model(stage: Stage, file: Upload, told: str):
    message = await end_of(await ask(stage, "Sum it up.", file=file))

    assert told in _asked(stage)
    assert f'"{file.filename}"' in _asked(stage)
    assert was_whole(message)


async def test_scan_is_seen(stage: Stage):
    await end_of(await ask(stage, "Read it.", file=Upload("scan.pdf", scans(2)), model="qwen3-vl-plus"))

    assert [part["type"] for part in _asked(stage)] == ["text", "image_url", "image_url"]


async def test_picture_in_another_format_is_seen(stage: Stage):
    await end_of(await ask(stage, "What is it?", file=Upload("fox.avif", picture("AVIF")), model="qwen3-vl-plus"))

    assert _asked(stage)[1]["image_url"]["url"].startswith("data:image/jpeg;base64,")


async def test_bomb_is_refused_and_nobody_waits(stage: Stage):
    before = len(stage.api.requests.of("chat"))
    laughs = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    body = word(paragraph("&a9;"), declared=f"<!DOCTYPE a [<!ENTITY a0 'ha'>{laughs}]>")
    bomb = await ask(stage, "Read it.", file=Upload("bomb.docx", body))
    other = await end_of(await ask(stage, "Who are you?", by="bob"))
    message = await end_of(bomb)

    told = en("file.with_reason", name="bomb.docx", reason=en("file.why_damaged"))
    assert message.text.endswith(en("file.none_read", count=1, files=told))
    assert was_whole(other)
    assert len(stage.api.requests.of("chat")) == before + 1


async def test_what_is_left_out_stands_under_the_question(stage: Stage):
    message = await end_of(await ask(stage, "Read it.", file=Upload("long.txt", b"word " * 100_000)))

    told = en("file.with_reason", name="long.txt", reason=en("file.why_beginning"))
    assert parts(message)[0] == f"> Read it.\n> -# long.txt\n> -# {en('file.left_out', files=told)}"
    assert was_whole(message)


async def test_three_files_go_along(stage: Stage):
    broken, third = Upload("b.zip", b"PK\x05\x06" + bytes(18)), Upload("c.pdf", pdf(shown("the third one")))
    use = await ask(stage, "Compare.", file=Upload("a.txt", b"first"), file2=broken, file3=third)
    message = await end_of(use)

    told = en("file.with_reason", name="b.zip", reason=en("file.why_unknown"))
    assert parts(message)[0].endswith(f"> -# a.txt, b.zip, c.pdf\n> -# {en('file.left_out', files=told)}")
    assert _asked(stage).index("first") < _asked(stage).index("the third one") < _asked(stage).index('"b.zip"')


async def test_report_with_a_scanned_page_is_read_by_a_model_that_does_not_see(stage: Stage):
    drawn = b"0 0 200 100 re f"
    report = pdf(drawn, *(shown(f"Page {n} of a report with words enough to be read") for n in range(1, 9)))
    message = await end_of(await ask(stage, "Sum it up.", file=Upload("report.pdf", report)))

    told = en("file.with_reason", name="report.pdf", reason=en("file.why_scans", count=1))
    assert en("file.left_out", files=told) in parts(message)[0]
    assert "Page 8 of a report" in _asked(stage)
    assert was_whole(message)


async def test_file_that_is_too_long_for_the_model_is_cut(stage: Stage):
    words = Upload("long.txt", b"word " * 40_000)
    stage.api.next("chat", fault="too_long")
    message = await end_of(await ask(stage, "Sum it up.", file=words))

    told = en("file.with_reason", name="long.txt", reason=en("file.why_beginning"))
    assert parts(message)[0].count(en("file.left_out", files=told)) == 1
    assert 4000 < len(_asked(stage)) < 40_000
    assert was_whole(message)
