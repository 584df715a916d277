"""What people send is read for what it is: formats and encodings, each made here, under names that say nothing."""

from __future__ import annotations

import asyncio
import io
import json
import time

import pytest
from PIL import Image

from bot.documents.limits import MOST_SCANS, PATIENCE, PICTURE_LIMIT, TEXT_LIMIT
from bot.documents.material import Document, LeftOut, Reason
from bot.documents.reading import File, read
from tests.unit.bot.documents.making import (
    book,
    cell,
    old_workbook,
    open_document,
    packed,
    painted,
    paragraph,
    pdf,
    picture,
    relations,
    scans,
    shown,
    slides,
    word,
    workbook,
)

CHINESE = "名称,数量\n苹果,三个\n香蕉,十二个\n今天的天气很好，我们去公园散步。\n"
JAPANESE = "今日はとても良い天気ですね。公園へ散歩に行きましょう。\n"
KOREAN = "안녕하세요. 오늘은 날씨가 아주 좋습니다. 공원에 산책하러 갑시다.\n"
RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю.\n"
FRENCH = "Le cœur a ses raisons que la raison ne connaît point. Voilà l'été.\n"
TRADITIONAL = "名稱,數量\n蘋果,三個\n今天的天氣很好，我們去公園散步。\n"


async def document(data: bytes, name: str = "file") -> Document:
    came = await read(File(name, data))
    assert isinstance(came, Document), came
    return came


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("utf-8", CHINESE),
        ("utf-8-sig", CHINESE),
        ("utf-16", CHINESE),
        ("utf-16-le", CHINESE),
        ("utf-16-be", CHINESE),
        ("utf-32", CHINESE),
        ("gbk", CHINESE),
        ("gb18030", CHINESE + "𠮷"),
        ("big5", TRADITIONAL),
        ("shift_jis", JAPANESE),
        ("euc_jp", JAPANESE),
        ("euc_kr", KOREAN),
        ("cp1251", RUSSIAN),
        ("koi8_r", RUSSIAN),
        ("cp1252", FRENCH),
    ],
)
async def test_text_in_any_encoding(encoding: str, written: str) -> None:
    assert (await document(written.encode(encoding))).text == written


@pytest.mark.parametrize(
    "written",
    [
        "def main() -> None:\n    print('%PDF-')\n",
        "interface Fox { name: string }\n",
        "name,count\napple,3\n",
        json.dumps({"name": "苹果"}),
        "a: &a [x, x]\nb: [*a, *a]\n",
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        "<svg xmlns='http://www.w3.org/2000/svg'><text>Fox</text></svg>",
        "<!doctype html><title>Fox</title><script>run()</script>",
        "P1 is the first point of the plan, P2 the second.",
        "SELECT * FROM foxes; -- all\n",
        "# Title\n\n- one\n- two\n",
    ],
    ids=["py", "ts", "csv", "json", "yaml", "xml", "svg", "short html", "no bitmap", "sql", "md"],
)
async def test_source_stays_as_it_is(written: str) -> None:
    assert (await document(written.encode())).text == written


async def test_text_is_read_whole_by_a_bot_that_has_worked_for_long() -> None:
    while time.process_time() <= PATIENCE:
        sum(range(100_000))
    assert (await document(b"a few words")).left_out == ()


async def test_pdf() -> None:
    came = await document(pdf(shown("The red fox runs"), shown("The second page says more")), "report.png")

    assert "The red fox runs" in came.text
    assert came.text.index("red fox") < came.text.index("second page")
    assert (came.pictures, came.left_out) == ((), ())


async def test_pages_without_text_are_pictures() -> None:
    came = await document(scans(2))

    assert came.text == ""
    assert [one.content_type for one in came.pictures] == ["image/jpeg"] * 2
    assert all(one.data.startswith(b"\xff\xd8\xff") for one in came.pictures)


async def test_of_many_scans_the_first_are_shown() -> None:
    came = await document(scans(MOST_SCANS + 2))

    assert len(came.pictures) == MOST_SCANS
    assert came.left_out == (LeftOut("file", Reason.SCANS, {"count": 2}),)


async def test_blank_pages_are_no_pictures() -> None:
    came = await document(pdf(shown("Some words on a page"), b""))

    assert came.pictures == ()


async def test_docx() -> None:
    table = "<w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr></w:tbl>".format(paragraph("apple"), paragraph("3"))
    body = (
        paragraph("Foxes", "Heading2")
        + paragraph("They are &lt;red&gt;.")
        + paragraph("one", extra="<w:numPr/>")
        + table
        + "<w:p><w:r><w:t>shown</w:t><w:br/><w:delText>deleted</w:delText><w:instrText>PAGE</w:instrText></w:r></w:p>"
    )
    notes = f"<w:footnotes xmlns:w='x'>{paragraph('A note')}</w:footnotes>"
    beside = {
        "word/footnotes.xml": notes,
        "word/_rels/document2.xml.rels": relations(("rId7", "footnotes", "footnotes.xml")),
    }
    came = await document(word(body, others=beside, main="word/document2.xml"))

    assert came.text == "## Foxes\nThey are <red>.\n- one\napple | 3\nshown\n\n## Footnotes\nA note\n"


async def test_pptx_in_the_order_of_the_slides() -> None:
    came = await document(slides("Last", "Middle", "First", notes="Say hello"))

    assert [line for line in came.text.splitlines() if line] == [
        "## Slide 1", "### First", "## Slide 2", "### Middle", "## Slide 3", "### Last", "Notes:", "Say hello",
    ]  # fmt: skip


async def test_xlsx() -> None:
    rows = (
        f"<row r='1'>{cell('A1', 'name')}{cell('B1', 'count')}{cell('C1', 'since')}</row>"
        f"<row r='2'>{cell('A2', '苹果')}<c r='B2'><v>3</v></c><c r='C2' s='1'><v>45292</v></c></row>"
        "<row r='3'><c r='B3'><f>B2*2</f><v>6.5</v></c></row>"
    )
    came = await document(workbook(rows, name="水果"))

    assert came.text == "## 水果\nname\tcount\tsince\n苹果\t3\t2024-01-01\n\t6.5\n"


async def test_xls() -> None:
    assert (await document(old_workbook("apple", "pear"))).text == "## Fruit\napple\tpear\n"


async def test_odt() -> None:
    body = (
        "<office:text><text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        '<text:h text:outline-level="2">Foxes</text:h><text:p>red<text:s text:c="2"/>and<text:tab/>quick</text:p>'
        "<text:list><text:list-item><text:p>one</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table></office:text>"
    )

    assert (await document(open_document("text", body))).text == "## Foxes\nred  and\tquick\n- one\na | b\n"


async def test_odp() -> None:
    body = "<office:presentation><draw:page><text:p>Hello</text:p></draw:page></office:presentation>"

    assert (await document(open_document("presentation", body))).text == "\n## Slide 1\nHello\n"


async def test_ods() -> None:
    body = (
        "<office:spreadsheet><table:table table:name='Fruit'><table:table-row>"
        "<table:table-cell office:value-type='string'><text:p>apple</text:p></table:table-cell>"
        "<table:table-cell office:value-type='float' office:value='3'><text:p>3</text:p></table:table-cell>"
        "</table:table-row></table:table></office:spreadsheet>"
    )

    assert (await document(open_document("spreadsheet", body))).text == "## Fruit\napple\t3\n"


async def test_epub() -> None:
    chapters = {
        "one.xhtml": "<html><head><title>Book</title></head><body><h1>One</h1><p>Red</p></body></html>",
        "two%20.xhtml": "<html><body><p>never</p></body></html>",
        "two.xhtml": "<html><body><h1>Two</h1><p>Quick</p></body></html>",
    }
    came = await document(book(chapters, spine=["two.xhtml", "one.xhtml"]))

    assert came.text == "# Two\nQuick\n\nBook\n# One\nRed\n\n"


async def test_html_as_it_reads() -> None:
    page = (
        "<!DOCTYPE html><html><head><meta charset='gb2312'><title>狐狸</title><style>p {}</style>"
        "<script>var secret = '<p>not this</p>';</script></head><body><h2>红狐</h2><p>a\n  b<br>c</p>"
        "<table><tr><td>x</td><td>y</td></tr></table><ul><li>one<li>two</ul><pre>  kept\n    so</pre>"
        "<img src='http://example.com/a.png' alt='A fox'><svg><text>no</text></svg><!-- nor this -->"
        + "<p>filler</p>"
        * 2000
    )
    came = await document(page.encode("gb18030"))

    assert came.text.startswith("狐狸\n## 红狐\na b\nc\nx | y\n- one\n- two\n  kept\n    so\nA fox\nfiller\n")
    assert "secret" not in came.text


@pytest.mark.parametrize(("encoding", "written"), [("cp1251", RUSSIAN), ("gbk", CHINESE), ("utf-16", FRENCH)])
async def test_page_that_does_not_say_its_encoding(encoding: str, written: str) -> None:
    page = f"<html><body><p>{' '.join(written.split())}</p>" + "<p></p>\n" * 3000

    assert (await document(page.encode(encoding))).text == " ".join(written.split()) + "\n"


async def test_rtf() -> None:
    source = (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset134 SimSun;}}"
        r"{\*\generator Riched20;}\f0 The {\b red} fox\par caf\'e9 \u29392?\par}"
    )

    assert (await document(source.encode())).text == "The red fox\ncafé 狐\n"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
async def test_picture_that_models_take_goes_as_it_came(form: str) -> None:
    data = picture(form)
    came = await document(data, "notes.txt")

    assert [(one.content_type, one.data) for one in came.pictures] == [(f"image/{form.lower()}", data)]


@pytest.mark.parametrize(
    ("form", "mode"),
    [("AVIF", "RGB"), ("BMP", "RGB"), ("TIFF", "CMYK"), ("TIFF", "I;16"), ("JPEG2000", "RGB"), ("ICO", "RGBA")],
)
async def test_other_pictures_are_made_such(form: str, mode: str) -> None:
    came = await document(picture(form, mode))

    assert [one.content_type for one in came.pictures] == ["image/jpeg"]
    assert came.pictures[0].data.startswith(b"\xff\xd8\xff")


async def test_photograph_of_two_views_is_read() -> None:
    """As telephones write them: a JPEG with another behind it, which Pillow has a reader of its own for."""
    file = io.BytesIO()
    painted().save(file, "MPO", save_all=True, append_images=[painted()])
    came = await document(file.getvalue())

    assert [one.content_type for one in came.pictures] == ["image/jpeg"]


async def test_picture_too_large_for_a_model_is_made_smaller() -> None:
    file = io.BytesIO()
    Image.new("RGB", (2000, 1500)).save(file, "PNG", compress_level=0)
    assert len(file.getvalue()) > PICTURE_LIMIT
    came = await document(file.getvalue())

    assert len(came.pictures[0].data) <= PICTURE_LIMIT
    assert came.pictures[0].content_type == "image/jpeg"


async def test_long_text_is_read_from_its_beginning() -> None:
    for data in (b"word " * 300_000, ("字" * 600_000).encode("gbk")):
        came = await document(data)
        assert len(came.text) == TEXT_LIMIT
        assert came.left_out == (LeftOut("file", Reason.BEGINNING),)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.NO_TEXT),
        (b" \n\t ", Reason.NO_TEXT),
        (word(paragraph(" ")), Reason.NO_TEXT),
        (bytes(range(256)) * 40, Reason.UNKNOWN),
        (b"MZ" + bytes(99), Reason.UNKNOWN),
        (packed({"a.txt": "words"}), Reason.UNKNOWN),
        (b"\0\0\0\x18ftypisom" + bytes(99), Reason.UNKNOWN),
    ],
    ids=["empty", "blank", "blank docx", "bytes", "program", "zip", "mp4"],
)
async def test_nothing_to_read(data: bytes, reason: Reason) -> None:
    assert await read(File("a.pdf", data)) == LeftOut("a.pdf", reason)


async def test_what_no_store_takes_is_not_in_a_text() -> None:
    came = await document(pdf(shown("nul\\000 and\\001 others stay")) + b"")

    assert not any(sign in came.text for sign in "\0\x01\x02")


async def test_files_are_read_beside_each_other() -> None:
    came = await asyncio.gather(*(read(File(f"{n}.pdf", pdf(shown(f"Number {n} of several")))) for n in range(4)))

    assert [f"Number {n} of" in one.text for n, one in enumerate(came) if isinstance(one, Document)] == [True] * 4
