"""Bytes that people wrote → text, whatever encoding their editor used, judged by the bytes alone.

UTF-8 and UTF-16 are certain. East Asian encodings share their bytes, so the one in which most characters are everyday
ones is taken: each standard put those first (GB 2312 and Big5 level 1, JIS level 1 and kana, KS X 1001's Hangul). What
is left has one byte a character: there charset-normalizer knows the languages.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from itertools import islice
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY: Final = (
    b"PK\x03\x04", b"PK\x05\x06", b"%PDF-", b"MZ", b"\x7fELF", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07",
    b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"SQLite format 3\x00", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe",
    b"\x00asm", b"OggS", b"fLaC", b"ID3", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x89PNG", b"\xff\xd8\xff", b"GIF8",
    b"II*\x00", b"MM\x00*", b"wOFF", b"wOF2", b"RIFF", b"\x1aE\xdf\xa3", b"\x93NUMPY",
)  # fmt: skip
_SAMPLE: Final = 4000
"""Characters or bytes that are looked at one by one, so that the work is bounded."""
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_CONTROLS: Final = bytes({*range(32), 127} - {*b"\b\t\n\v\f\r\x1a\x1b"})
_ONE_BYTE: Final = ("cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp874")
_EVERYDAY: Final = 0.75
_ENOUGH: Final = 10
_PLAUSIBLE: Final = 0.95
_SIGN_IN_WORD: Final = re.compile(r"[^\W\d_][^\w\s\x00-\x7f’·®™©°º]\w|[^\W\d_][¹²³ª¿]\w")
_ODD: Final = frozenset({"Cc", "Cn", "Co", "Cs"})
_WHOLE_FOR_ONE: Final = 10
"""Whole characters beyond ASCII for each broken one, from which on it is UTF-8."""


def decode(data: bytes) -> str | None:
    """The text without its byte order mark. None: it is none.

    Up to a quarter of a megabyte it takes some 20 ms, of which most can't be interrupted: not for the event loop.
    """
    if is_binary(data):
        return None
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    if b"\0" in data:
        return data.decode(_utf16(data) or "utf-16", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        if (text := _nearly_utf8(data)) is not None:
            return text
    name = _east_asian(data) or (_is_little_ascii(data) and _utf16(data, only=_is_east_asian)) or _one_byte(data)
    return data.decode(name, "replace")


def prepare() -> None:
    """Import whatever `decode` may import: for a process that can open no file any more when it decodes."""
    import charset_normalizer  # noqa: F401, PLC0415 # pyright: ignore[reportUnusedImport] - it is kept by Python

    for name in (*_DOUBLE_BYTE, *_ONE_BYTE, "utf-16", "utf-32", "utf-8-sig"):
        codecs.lookup(name)


def _nearly_utf8(data: bytes) -> str | None:
    """UTF-8 with some broken bytes, as a log has them, or cut in the middle of its last character. None: it is not."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = len(text) - len(text.encode("ascii", "ignore")) - broken
    cut = broken == 1 and text.endswith("\ufffd") and whole > 0
    return text if cut or whole >= _WHOLE_FOR_ONE * broken else None


def is_binary(data: bytes) -> bool:
    """Whether it is no text in any encoding, as far as its beginning tells."""
    head = data[: 16 * _SAMPLE]
    if any(head.startswith(mark) for mark, _ in _BOMS):
        return False
    if head.startswith(_BINARY) or head[4:8] == b"ftyp":
        return True
    if b"\0" in head:
        return _utf16(head) is None
    return len(head) - len(head.translate(None, _CONTROLS)) > 2 + len(head) // 200


def _is_little_ascii(data: bytes) -> bool:
    """Western languages have much of it, and pairs of their letters would be hanzi in UTF-16."""
    head = data[:_SAMPLE]
    return sum(one < 0x80 for one in head) < 0.65 * len(head)


def _is_east_asian(sign: str) -> bool:
    return "\u3000" <= sign <= "\u30ff" or "\u4e00" <= sign <= "\u9fff" or "\uff01" <= sign <= "\uff9f"


def _is_written(sign: str) -> bool:
    """Whether it is of a script that people write, or space."""
    if sign < "\u0600":
        return sign in "\t\n\r\f" or unicodedata.category(sign) not in _ODD
    return "\u2010" <= sign <= "\u2027" or "\uac00" <= sign <= "\ud7a3" or _is_east_asian(sign)


def _utf16(data: bytes, *, only: Callable[[str], bool] = _is_written) -> str | None:
    """Which of the two it is, without a mark that says so."""
    head = data[: 2 * _SAMPLE]
    shares = {name: _share(head.decode(name, "replace"), only) for name in ("utf-16-le", "utf-16-be")}
    name, share = max(shares.items(), key=lambda pair: pair[1])
    return name if share >= _PLAUSIBLE and len(data) % 2 == 0 else None


def _share(signs: str, fits: Callable[[str], bool]) -> float:
    return sum(map(fits, signs)) / max(1, len(signs))


def _east_asian(data: bytes) -> str | None:
    best, best_share = None, _EVERYDAY
    for name, is_everyday in _DOUBLE_BYTE.items():
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        signs = [found[0] for found in islice(_BEYOND_ASCII.finditer(text), _SAMPLE)]
        share = sum(map(is_everyday, (sign.encode(name) for sign in signs))) / max(1, len(signs))
        # Hangul has the bytes of the first half of the hanzi: a whole text of these is no Chinese.
        if share > best_share or (name == "cp949" and share == best_share and len(set(signs)) >= _ENOUGH):
            best, best_share = name, share
    return best


def _gb(code: bytes) -> bool:
    lead, trail = code[0], code[1]
    return len(code) == 2 and trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or lead in {0xA1, 0xA3})


def _big5(code: bytes) -> bool:
    return (len(code) == 2 and 0xA4 <= code[0] <= 0xC6) or code[0] in {0xA1, 0xA2}


def _shift_jis(code: bytes) -> bool:
    return len(code) == 2 and (code[0] in {0x81, 0x82, 0x83} or 0x88 <= code[0] <= 0x97)


def _euc_jp(code: bytes) -> bool:
    return len(code) == 2 and (code[0] in {0xA1, 0xA3, 0xA4, 0xA5} or 0xB0 <= code[0] <= 0xCF)


def _korean(code: bytes) -> bool:
    return len(code) == 2 and code[1] >= 0xA1 and (code[0] in {0xA1, 0xA3} or 0xB0 <= code[0] <= 0xC8)


_DOUBLE_BYTE: Final[dict[str, Callable[[bytes], bool]]] = {
    "gb18030": _gb,
    "big5hkscs": _big5,
    "cp932": _shift_jis,
    "euc_jp": _euc_jp,
    "cp949": _korean,
}


def _one_byte(data: bytes) -> str:
    told = b"\n".join(line for line in data.splitlines() if not line.isascii())[:_SAMPLE]
    if _is_western(told.decode("cp1252", "replace")):
        return "cp1252"
    from charset_normalizer import from_bytes  # noqa: PLC0415 - 60 ms and 3 MB that few files need

    best = from_bytes(told, cp_isolation=list(_ONE_BYTE), threshold=0.5).best()
    return best.encoding if best is not None else "cp1252"


def _is_western(text: str) -> bool:
    """Whether it reads as a western European language: words mostly of ASCII, and no signs inside of them."""
    letters = [sign for sign in text if sign.isalpha()]
    foreign = sum(sign > "\x7f" for sign in letters)
    return "\ufffd" not in text and 2 * foreign <= len(letters) and _SIGN_IN_WORD.search(text) is None
