"""Prints the table of `lookalikes.py`, made from Unicode's confusables.txt (UTS #39, "Unicode Security Mechanisms").

    python bot/orders/blocked/make_lookalikes.py confusables.txt

A row for each letter from a to z: what is confusable with it, and besides letters that Unicode's names call it (small
capitals, white on black). Left out: what NFKC makes of it anyway, the accented and national letters of the Latin script
(they stay themselves), and what stands for several letters (rn for m would block "burn" with a list that has "bum").
"""

from __future__ import annotations

import re
import sys
import textwrap
import unicodedata
from pathlib import Path

NAMED = re.compile(r"LATIN LETTER SMALL CAPITAL ([A-Z])|NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER ([A-Z])")


def main(path: str) -> None:
    looks: dict[str, set[str]] = {chr(letter): set() for letter in range(ord("a"), ord("z") + 1)}
    for line in Path(path).read_text("utf-8-sig").splitlines():
        source, _, rest = line.partition("#")[0].partition(";")
        if rest:
            target = "".join(chr(int(part, 16)) for part in rest.split(";")[0].split()).lower()
            if target in looks and " " not in source.strip():
                looks[target].add(chr(int(source, 16)))
    for code in range(0x250, 0x20000):
        if name := NAMED.fullmatch(unicodedata.name(chr(code), "")):
            looks[(name[1] or name[2]).lower()].add(chr(code))
    # A capital that looks like l, and is the capital of what looks like i, is that: of two readings its own.
    looks["l"] -= {sign for sign in looks["l"] if sign.casefold() in looks["i"]}
    for letter, signs in looks.items():
        # Escaped: nobody could tell them apart, and some are written from right to left.
        escaped = [ascii(sign)[1:-1] for sign in sorted(filter(kept, signs))]
        lines = textwrap.wrap(" ".join(escaped), 104, break_long_words=False)
        print(f'    "{letter}": (')  # noqa: T201 - that is what it is for
        for line in lines:
            print(f'        "{line.replace(" ", "")}"')  # noqa: T201
        print("    ),")  # noqa: T201


def kept(sign: str) -> bool:
    national = "\u00c0" <= sign <= "\u024f" or "\u1e00" <= sign <= "\u1eff"
    lettered = unicodedata.category(sign)[0] == "L" or unicodedata.category(sign) == "So"
    cjk = "\u2e80" <= sign <= "\ua4cf" or sign >= "\U00020000"
    plain = unicodedata.normalize("NFKC", sign).isascii()
    return lettered and not (national or cjk or plain)


if __name__ == "__main__":
    main(sys.argv[1])
