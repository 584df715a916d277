"""Text of any common encoding is read; what is no text is told from it."""

from __future__ import annotations

import os
import time

import pytest

from bot.decoding import decode, is_binary

ZH = "名称,数量,备注\n苹果,3,红色的\n香蕉,12,已经熟了\n"
ZH_PROSE = "狐狸是一种常见的动物，生活在森林和草原。它们的毛色通常是红褐色，尾巴尖是白色的。\n" * 40
TW = "狐狸是一種常見的動物，生活在森林和草原。\n名稱,數量\n蘋果,3\n"
JA = "名前,数量\nりんご,3,赤いです\nバナナ,12,もう熟している\n"
JA_PROSE = "狐は食肉目イヌ科の動物である。森や草原に住み、毛は赤褐色である。\n"
KO = "이름,수량,비고\n사과,3,빨간색입니다\n바나나,12,이미 익었다\n"
FR = "Le café était très bon, à côté de l'hôtel. Ça coûte cinq francs.\n"
DE = "Müller,Größe,Straße\nÄpfel,3,süß\n"
RU = "Имя,Количество,Примечание\nЯблоко,3,красное\n"
PL = "Zażółć gęślą jaźń. Łódź, świetnie, wszyscy są tutaj.\n" * 3
CODE = "int main() { return 0; } // 返回值\n" * 20


@pytest.mark.parametrize(
    ("text", "encodings"),
    [
        ("plain\n", "ascii utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32"),
        ("", "utf-8 utf-8-sig"),
        (ZH, "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 gbk gb2312 gb18030"),
        (ZH_PROSE, "gbk utf-16-le"),
        ("一二三四五", "utf-16-le utf-8"),
        ("狐狸", "gbk"),
        (CODE, "gbk utf-8 utf-16"),
        ("a,b,c\n" * 3000 + "备注", "gbk"),
        (TW, "big5 utf-16-be gb18030"),
        (JA, "shift_jis cp932 euc_jp utf-16-le"),
        (JA_PROSE, "shift_jis euc_jp"),
        (KO, "euc_kr cp949 utf-16-le"),
        (FR, "latin-1 cp1252 utf-16"),
        (DE, "latin-1 cp1252"),
        ("caf\xe9", "latin-1"),
        ("x" * 20_000 + " naïve café ", "latin-1"),
        ("“quotes” – a dash… 5 €", "cp1252"),
        ("El niño comió. ¿Dónde está?", "latin-1"),
        (RU, "cp1251 koi8_r utf-16-le"),
        (PL, "cp1250 utf-8"),
    ],
)
def test_text(text: str, encodings: str) -> None:
    for encoding in encodings.split():
        assert decode(text.encode(encoding)) == text, encoding


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04\x14\x00",
        b"%PDF-1.7\n1 0 obj\n",
        b"MZ\x90\x00\x03",
        b"\x7fELF\x02\x01",
        b"\x1f\x8b\x08\x08words",
        b"\x00\x00\x00\x20ftypisom",
        b"text\0text",
        bytes(range(256)) * 4,
        b"\x01\x02\x03 words " * 20,
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + os.urandom(100),
        b"\0" * 4000,
    ],
)
def test_what_is_no_text(data: bytes) -> None:
    assert is_binary(data)
    assert decode(data) is None


@pytest.mark.parametrize(
    "data",
    [
        b"\xb0\xa1" * 131_000,
        bytes(range(128, 256)) * 2000,
        b"\xe9 " * 131_000,
        b"\xff\xfe" + os.urandom(262_000),
        os.urandom(262_144).translate(None, bytes(range(32))),
        (RU * 4000).encode("cp1251"),
    ],
)
def test_work_is_bounded(data: bytes) -> None:
    started = time.thread_time()
    decode(data[: 256 * 1024])
    # 25 ms on the machine this was written on.
    assert time.thread_time() - started < 0.25


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("狐狸在雪地里跑，一只猫看着它。".encode() + b"\xff log", "狐狸在雪地里跑，一只猫看着它。\ufffd log"),
        ("狐狸在跑".encode()[:-1], "狐狸在\ufffd"),
        (b"caf\xe9 and more", "café and more"),  # Latin-1 stays that
    ],
)
def test_utf8_with_a_broken_byte_stays_utf8(data: bytes, text: str) -> None:
    assert decode(data) == text
