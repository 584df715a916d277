"""Files that are made to do harm end soon, with a reason, and take nothing with them."""

from __future__ import annotations

import io
import time
import zipfile
import zlib
from collections.abc import Callable

import pytest

from bot.documents.limits import MOST_PAGES, SECONDS, TEXT_LIMIT
from bot.documents.material import Document, LeftOut, Reason
from bot.documents.reading import File, read
from tests.unit.bot.documents.making import (
    book,
    cell,
    old_office,
    open_document,
    packed,
    paragraph,
    pdf,
    picture,
    relations,
    shown,
    word,
    workbook,
)

LAUGHS = (
    "<!DOCTYPE a [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)) + "]>"
)
QUADRATIC = f"<!DOCTYPE a [<!ENTITY a '{'ha' * 50_000}'>]>"
OUTSIDE = "<!DOCTYPE a [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"


def _locked_part() -> bytes:
    """A ZIP whose part says that it is encrypted."""
    data = bytearray(word(paragraph("hello")))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        for info in archive.infolist():
            data[info.header_offset + 6] |= 1
    at = data.find(b"PK\1\2")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\1\2", at + 4)
    return bytes(data)


def _lying() -> bytes:
    """A ZIP that says its document unpacks to ten bytes."""
    data = bytearray(word(paragraph("a" * 10_000_000)))
    at = data.find(b"word/document.xml", data.find(b"PK\1\2")) - 46
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(data)


def _huge_png() -> bytes:
    data = bytearray(picture("PNG"))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


def _many_rows() -> bytes:
    rows = (
        f"<row r='{n}'>{''.join(cell(f'{column}{n}', 'fruit') for column in 'ABCD')}</row>" for n in range(1, 50_001)
    )
    return workbook("".join(rows))


def _far_cells() -> bytes:
    return workbook(f"<row r='1'>{cell('A1', 'a')}</row><row r='1048576'>{cell('XFD1048576', 'z')}</row>")


def _repeated() -> bytes:
    body = (
        "<office:spreadsheet><table:table table:name='a'><table:table-row table:number-rows-repeated='1048576'>"
        "<table:table-cell table:number-columns-repeated='16384' office:value-type='string'><text:p>a</text:p>"
        "</table:table-cell></table:table-row></table:table></office:spreadsheet>"
    )
    return open_document("spreadsheet", body)


def _page_loop() -> bytes:
    return pdf(shown("hello there"), extra={2: b"<</Type/Pages/Count 9/Kids[2 0 R 4 0 R 2 0 R]>>"})


def _page_of_a_huge_picture() -> bytes:
    data = zlib.compress(bytes(60_000 * 60_000 // 8 // 8), 9)
    image = (
        b"<</Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 1/ColorSpace/DeviceGray"
        b"/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(data), data)
    )
    return pdf(b"q 300 0 0 200 0 0 cm /I Do Q", extra={9: image}, page="/Resources<</XObject<</I 9 0 R>>>>")


def _content_bomb() -> bytes:
    return pdf(b"q " * 20_000_000)


REFUSED: dict[str, tuple[Callable[[], bytes], set[Reason]]] = {
    "laughs": (lambda: word("<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>", declared=LAUGHS), {Reason.DAMAGED}),
    "quadratic": (lambda: word(f"<w:t>{'&a;' * 50_000}</w:t>", declared=QUADRATIC), {Reason.DAMAGED}),
    "outside entity": (lambda: word("<w:p><w:r><w:t>&a;</w:t></w:r></w:p>", declared=OUTSIDE), {Reason.DAMAGED}),
    "laughs of strings": (
        lambda: workbook("<row><c t='s'><v>0</v></c></row>", shared=f"{LAUGHS}<sst><si><t>&a9;</t></si></sst>"),
        {Reason.DAMAGED, Reason.NO_TEXT, Reason.TOO_MUCH},
    ),
    "blank bomb": (lambda: word(f"<!--{'x' * 1000}-->" * 70_000), {Reason.TOO_MUCH}),
    "zip in a zip": (
        lambda: packed({f"{n}.zip": packed({"0": bytes(9_000_000)}) for n in range(16)}),
        {Reason.UNKNOWN},
    ),
    "many parts": (lambda: packed({f"word/{n}": b"" for n in range(12_000)}), {Reason.UNKNOWN, Reason.TOO_MUCH}),
    "lying sizes": (_lying, {Reason.DAMAGED}),
    "locked part": (_locked_part, {Reason.ENCRYPTED}),
    "locked docx": (lambda: old_office({"EncryptionInfo": b"a", "EncryptedPackage": b"b"}), {Reason.ENCRYPTED}),
    "locked odt": (
        lambda: open_document("text", "", manifest="<m><encryption-data/></m>"),
        {Reason.ENCRYPTED},
    ),
    "locked pdf": (
        lambda: pdf(
            shown("hello"),
            extra={9: b"<</Filter/Standard/V 1/R 2/Length 40/P -4/O<%s>/U<%s>>>" % (b"41" * 32, b"42" * 32)},
            trailer="/Encrypt 9 0 R/ID[<41><41>]",
        ),
        {Reason.ENCRYPTED},
    ),
    "locked epub": (
        lambda: book(
            {"a.xhtml": "<p>\x01\x02</p>"},
            others={"META-INF/encryption.xml": '<e><CipherReference URI="OEBPS/a.xhtml"/></e>'},
        ),
        {Reason.ENCRYPTED},
    ),
    "old word": (lambda: old_office({"WordDocument": b"hello"}), {Reason.OLD_FORMAT}),
    "far cells": (_far_cells, {Reason.TOO_MUCH}),
    "huge png": (_huge_png, {Reason.TOO_MANY_PIXELS}),
    "half a png": (lambda: picture("PNG")[:-40], {Reason.DAMAGED}),
    "half a docx": (lambda: word(paragraph("hello"))[:-60], {Reason.DAMAGED}),
    "no pdf": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 40, {Reason.DAMAGED}),
    "program as pdf": (lambda: b"MZ\x90\0" + b"%PDX" + bytes(99), {Reason.UNKNOWN}),
    "epub without end": (
        lambda: book({"a": "b"}, spine=[], others={"OEBPS/book.opf": "<package><spine>" + "<a>" * 200_000}),
        {Reason.DAMAGED, Reason.TOO_MUCH},
    ),
    "epub of elsewhere": (
        lambda: book({"../../../../../../etc/passwd": ""}, spine=["../../../../../../etc/passwd"]),
        {Reason.NO_TEXT},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_nothing_is_read_of_it_and_it_is_said_why(name: str) -> None:
    make, reasons = REFUSED[name]
    data = make()
    began = time.monotonic()
    came = await read(File("a.docx", data))

    assert isinstance(came, LeftOut), came
    assert came.reason in reasons
    assert time.monotonic() - began < SECONDS + 5


@pytest.mark.parametrize(
    "make",
    [_page_loop, _repeated, _page_of_a_huge_picture, _content_bomb, lambda: b"{\\rtf1" + b"{\\b " * 200_000],
    ids=["loop of pages", "repeated cells", "huge picture in a page", "content bomb", "deep rtf"],
)
async def test_it_ends(make: Callable[[], bytes]) -> None:
    data = make()
    began = time.monotonic()
    came = await read(File("a", data))

    assert time.monotonic() - began < SECONDS + 5
    if isinstance(came, Document):
        assert len(came.text) <= TEXT_LIMIT


async def test_text_bomb_is_cut() -> None:
    came = await read(File("a.docx", word(paragraph("a" * 70_000_000))))

    assert isinstance(came, Document)
    assert came.text.strip("a\n") == ""
    assert came.left_out == (LeftOut("a.docx", Reason.BEGINNING),)


async def test_sheet_that_claims_to_be_endless_is_read() -> None:
    came = await read(File("a.xlsx", workbook(f"<row r='1'>{cell('A1', 'only')}</row>", dimension="A1:XFD1048576")))

    assert isinstance(came, Document)
    assert came.text == "## Fruit\nonly\n"


async def test_long_sheet_is_cut() -> None:
    came = await read(File("a.xlsx", _many_rows()))

    assert isinstance(came, Document)
    assert came.text.startswith("## Fruit\nfruit\tfruit\t")
    assert [one.reason for one in came.left_out] == [Reason.BEGINNING]


async def test_of_ten_thousand_pages_the_first_are_read() -> None:
    came = await read(File("a.pdf", pdf(*(shown(f"Page number {n}") for n in range(1, 10_001)))))

    assert isinstance(came, Document)
    (left_out,) = came.left_out
    assert left_out.reason is Reason.PAGES
    first, last = left_out.facts["first"], left_out.facts["last"]
    assert last == 10_000
    assert 100 < first <= MOST_PAGES + 1
    assert f"Page number {first - 1}\n" in came.text
    assert f"Page number {first}\n" not in came.text


async def test_links_to_elsewhere_are_left_alone() -> None:
    far = "http://127.0.0.1:9/template.dotm"
    listed = relations(
        outside=[("rId1", "attachedTemplate", far), ("rId2", "image", far), ("rId3", "footnotes", "file:///etc/passwd")]
    )
    came = await read(File("a.docx", word(paragraph("hello"), others={"word/_rels/document.xml.rels": listed})))

    assert isinstance(came, Document)
    assert came.text == "hello\n"


async def test_pdf_that_would_do_something_is_only_read() -> None:
    doing = {
        1: b"<</Type/Catalog/Pages 2 0 R/OpenAction 9 0 R/Names<</JavaScript<</Names[(a) 9 0 R]>>>>>>",
        9: b"<</S/JavaScript/JS(app.launchURL\\('http://127.0.0.1:9'\\);)/Next<</S/Launch/F(/bin/sh)>>>>",
    }
    came = await read(File("a.pdf", pdf(shown("hello there, reader"), extra=doing)))

    assert isinstance(came, Document)
    assert came.text.strip() == "hello there, reader"


async def test_epub_that_names_a_chapter_again_and_again() -> None:
    source = '<p>once</p><a href="a.xhtml">again</a>'
    came = await read(File("a.epub", book({"a.xhtml": source}, spine=["a.xhtml"] * 10_000)))

    assert isinstance(came, Document)
    assert came.text == "once\nagain\n\n"


async def test_deep_page_is_read() -> None:
    came = await read(File("a.html", b"<html>" + b"<div>" * 100_000 + b"deep<script>alert(1)</script>"))

    assert isinstance(came, Document)
    assert came.text == "deep\n"
