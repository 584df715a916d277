"""Small files of every kind, made on the spot."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
DRAW = "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
_ODF = f'xmlns:office="{OFFICE}" xmlns:text="{TEXT}" xmlns:table="{TABLE}" xmlns:draw="{DRAW}"'


def packed(parts: Mapping[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def relations(*listed: tuple[str, str, str], outside: Sequence[tuple[str, str, str]] = ()) -> str:
    """Of (id, kind, target)."""
    inner = "".join(f'<Relationship Id="{id_}" Type="{R}/{kind}" Target="{to}"/>' for id_, kind, to in listed)
    far = "".join(
        f'<Relationship Id="{id_}" Type="{R}/{kind}" Target="{to}" TargetMode="External"/>' for id_, kind, to in outside
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{RELATIONS}">{inner}{far}</Relationships>'


def _office(main: str, parts: Mapping[str, str | bytes]) -> bytes:
    start = {"[Content_Types].xml": "<Types/>", "_rels/.rels": relations(("rId1", "officeDocument", main))}
    return packed({**start, **parts})


def paragraph(text: str, style: str = "", extra: str = "") -> str:
    looks = f'<w:pPr><w:pStyle w:val="{style}"/>{extra}</w:pPr>' if style or extra else ""
    return f'<w:p>{looks}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def word(
    body: str, *, declared: str = "", others: Mapping[str, str] | None = None, main: str = "word/document.xml"
) -> bytes:
    document = f'{declared}<w:document xmlns:w="{W}" xmlns:a="{A}"><w:body>{body}</w:body></w:document>'
    return _office(main, {main: document, **(others or {})})


def slides(*texts: str, notes: str = "") -> bytes:
    ids = "".join(f'<p:sldId id="{256 + n}" r:id="rId{n}"/>' for n in range(len(texts), 0, -1))
    parts: dict[str, str | bytes] = {
        "ppt/presentation.xml": f'<p:show xmlns:p="{P}" xmlns:r="{R}"><p:sldIdLst>{ids}</p:sldIdLst></p:show>',
        "ppt/_rels/presentation.xml.rels": relations(
            *((f"rId{n}", "slide", f"slides/slide{n}.xml") for n in range(1, len(texts) + 1))
        ),
    }
    for n, text in enumerate(texts, 1):
        looks = '<p:nvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr>'
        body = f"<p:sp>{looks}<a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sp>"
        parts[f"ppt/slides/slide{n}.xml"] = f'<p:sld xmlns:p="{P}" xmlns:a="{A}">{body}</p:sld>'
    if notes:
        parts["ppt/slides/_rels/slide1.xml.rels"] = relations(("rId1", "notesSlide", "../notesSlides/notes1.xml"))
        said = f"<a:p><a:r><a:t>{notes}</a:t></a:r></a:p>"
        parts["ppt/notesSlides/notes1.xml"] = f'<p:notes xmlns:p="{P}" xmlns:a="{A}">{said}</p:notes>'
    return _office("ppt/presentation.xml", parts)


def workbook(rows: str, *, dimension: str = "A1:C2", shared: str = "", name: str = "Fruit") -> bytes:
    """Style 1 is a date."""
    sheets = f'<sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets>'
    data = f'<dimension ref="{dimension}"/><sheetData>{rows}</sheetData>'
    looks = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    parts: dict[str, str | bytes] = {
        "xl/workbook.xml": f'<workbook xmlns="{S}" xmlns:r="{R}">{sheets}</workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            ("rId1", "worksheet", "worksheets/sheet1.xml"),
            ("rId2", "styles", "styles.xml"),
            *([("rId3", "sharedStrings", "sharedStrings.xml")] if shared else []),
        ),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{S}">{data}</worksheet>',
        "xl/styles.xml": f'<styleSheet xmlns="{S}">{looks}</styleSheet>',
    }
    if shared:
        parts["xl/sharedStrings.xml"] = shared
    return _office("xl/workbook.xml", parts)


def cell(at: str, text: str) -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'


def open_document(kind: str, body: str, **parts: str) -> bytes:
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    whole = f"<office:document-content {_ODF}><office:body>{body}</office:body></office:document-content>"
    manifest = parts.pop("manifest", "<manifest/>")
    return packed(
        {"mimetype": mimetype, "content.xml": f'<?xml version="1.0"?>{whole}', "META-INF/manifest.xml": manifest}
    )


def book(
    chapters: Mapping[str, str], *, spine: Sequence[str] | None = None, others: Mapping[str, str] | None = None
) -> bytes:
    """Chapters by the path that the package names."""
    ids = {path: f"c{n}" for n, path in enumerate(chapters)}
    items = "".join(f'<item id="{id_}" href="{path}" media-type="application/xhtml+xml"/>' for path, id_ in ids.items())
    order = "".join(f'<itemref idref="{ids.get(path, path)}"/>' for path in (spine if spine is not None else chapters))
    package = (
        f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{items}</manifest><spine>{order}</spine></package>'
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    )
    parts: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": container,
        "OEBPS/book.opf": package,
    }
    parts |= {f"OEBPS/{path}": source for path, source in chapters.items() if ".." not in path}
    return packed({**parts, **(others or {})})


_FONT = "/Resources<</Font<</F 3 0 R>>>>"


def pdf(*contents: bytes, extra: Mapping[int, bytes] | None = None, trailer: str = "", page: str = "") -> bytes:
    """A page for each content stream. Objects 1 to 3 are catalogue, pages and font; `extra` replaces or adds."""
    objects: dict[int, bytes] = {3: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"}
    kids: list[int] = []
    for content in contents:
        number = 4 + 2 * len(kids)
        kids.append(number)
        looks = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]{page or _FONT}/Contents {number + 1} 0 R>>"
        objects[number] = looks.encode()
        packed_content = zlib.compress(content)
        size = len(packed_content)
        objects[number + 1] = b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (size, packed_content)
    objects[1] = b"<</Type/Catalog/Pages 2 0 R>>"
    objects[2] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{n} 0 R' for n in kids)}]>>".encode()
    objects |= extra or {}
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    places: dict[int, int] = {}
    for number in sorted(objects):
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, objects[number]))
    start = out.tell()
    out.write(b"xref\n0 1\n0000000000 65535 f \n")
    for number, place in sorted(places.items()):
        out.write(b"%d 1\n%010d 00000 n \n" % (number, place))
    out.write(f"trailer<</Size {max(objects) + 1}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF".encode())
    return out.getvalue()


def shown(text: str) -> bytes:
    """A page's content that shows this."""
    return f"BT /F 12 Tf 20 100 Td ({text}) Tj ET".encode("latin-1")


def scans(count: int) -> bytes:
    """A PDF whose pages are pictures."""
    pages = [painted(f"Scan {n}") for n in range(1, count + 1)]
    file = io.BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:])
    return file.getvalue()


def painted(text: str = "Fox", size: tuple[int, int] = (96, 64)) -> Image.Image:
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).text((10, 10), text, "black")
    return picture


def picture(form: str, mode: str = "") -> bytes:
    file = io.BytesIO()
    made = painted().convert("I") if mode == "I;16" else painted()
    made.convert(mode or ("P" if form == "GIF" else "RGB")).save(file, form)
    return file.getvalue()


def old_office(streams: Mapping[str, bytes]) -> bytes:
    """A compound file (MS-CFB) with these streams, each of 4096 bytes and more so that it has sectors of its own."""
    sectors: list[bytes] = []
    table: list[int] = []

    def put(data: bytes) -> int:
        first = len(sectors)
        pieces = [data[at : at + 512].ljust(512, b"\0") for at in range(0, len(data), 512)]
        sectors.extend(pieces)
        table.extend([*range(first + 1, first + len(pieces)), 0xFFFFFFFE])
        return first

    entries = [_entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)]
    for number, (name, content) in enumerate(streams.items(), 1):
        data = content.ljust(4096, b"\0")
        right = number + 1 if number < len(streams) else 0xFFFFFFFF
        entries.append(_entry(name, 2, put(data), len(data), right=right))
    directory = put(b"".join(entries).ljust(512, b"\0"))
    at = len(sectors)
    table.append(0xFFFFFFFD)
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    head = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        bytes(16),
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        bytes(6),
        0,
        1,
        directory,
        0,
        4096,
        0xFFFFFFFE,
        0,
        0xFFFFFFFE,
        0,
        at,
    )
    return head.ljust(512, b"\xff") + b"".join(sectors) + fat


def _entry(name: str, kind: int, start: int, size: int, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF) -> bytes:
    written = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16sIQQIQ", written, len(written), kind, 1, 0xFFFFFFFF, right, child, bytes(16), 0, 0, 0, start, size
    )


def old_workbook(*cells: str) -> bytes:
    """An XLS with these words in its first row."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    begin = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0x0DBB, 0x07CC, 0, 6))
    name = b"\x05\0Fruit"
    length = len(begin) + 4 + 6 + len(name) + 4
    book_part = begin + record(0x85, struct.pack("<IBB", length, 0, 0) + name) + record(0x0A, b"")
    sheet = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0x0DBB, 0x07CC, 0, 6))
    for column, text in enumerate(cells):
        written = struct.pack("<HHHHB", 0, column, 0, len(text), 0) + text.encode("latin-1")
        sheet += record(0x204, written)
    return old_office({"Workbook": book_part + sheet + record(0x0A, b"")})
