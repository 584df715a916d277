"""What a model writes → what Discord shows, whole and while it grows."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.kit.markdown.growing import GrowingText
from tests.words import en

ROOM = 3600


def shown(text: str, *, room: int = ROOM, most: int = 5, ended: bool = True, cites: bool = False) -> list[str]:
    growing = GrowingText(room, most, locale="en", cites=cites)
    while growing.read(text, ended=ended):
        pass
    return growing.pieces


def one(text: str, **options: bool) -> str:
    made = shown(text, **options)
    assert len(made) <= 1
    return "".join(made)


FINE = [
    "Plain text, with an apostrophe's end.",
    "# One\n## Two\n### Three\ntext",
    "**bold** *italic* __under__ ~~gone~~ ||spoiler|| `code`",
    "- a\n- b\n  - c\n1. d\n2. e",
    "* a\n* b",
    "> quote\n> more\n\n-# small",
    "```python\n| a | b |\n|---|---|\n#### x\n$x^2$ ![a](https://b.c)\n```",
    "`$x^2$ <br> ![a](https://b.c)`",
    "It costs $5 and $10, or $5-$10; US$3 (not $4).",
    "`$HOME` and $PATH and $USER",
    "a | b is no table",
    "[docs](https://docs.example.com/a_(b)) and <https://example.com/a_b_c>",
    "https://example.com/$x$_y_",
    "见 https://example.com，更多见 https://example.com/a（文档）和https://example.com查看 (https://example.com)。",
    "vector<int> a<b>c and x < y > z",
    "\\*no\\* and \\$5",
    "a regex \\(abc\\) and \\[a-z\\]+",
    "第一行\n第二行，价格是 $5。",
    "<@123456789012345678> <:blob:123456789012345678> <t:1700000000:R>",
    "#hashtag ##two",
    "R&D, AT&T; fish & chips",
    "[1] and [note]: none of them is a link",
    "a\n\n\n\nb",
]


@pytest.mark.parametrize("text", FINE)
def test_what_is_well_comes_through_byte_for_byte(text: str) -> None:
    assert one(text) == text


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("#### Four", "**Four**"),
        ("##### **Five** of them ##", "**Five of them**"),
        ("a\n\n---\n\nb", "a\n\n──────────\n\nb"),
        ("a\n***\nb", "a\n──────────\nb"),
        ("- [ ] open\n- [x] done", "- ☐ open\n- ☑ done"),
        ("1. [X] done", "1. ☑ done"),
        ("+ one\n  + two", "- one\n  - two"),
        ("> a\n>\n> b", "> a\n> \n> b"),
        ("> > nested", "> nested"),
        ("see[^1]\n\n[^1]: The note", "see¹\n\n¹ The note"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<details>\n<summary>More</summary>\n\ninner\n</details>", "**More**\n\ninner"),
        ("<b>bold</b> <i>it</i> <u>un</u> <s>no</s> <kbd>Ctrl</kbd>", "**bold** *it* __un__ ~~no~~ `Ctrl`"),
        ("H<sub>2</sub>O, m<sup>2</sup>", "H₂O, m²"),
        ("a&nbsp;b &lt;tag&gt; &amp; &copy;", "a b \\<tag\\> & ©"),
        ("<!-- hidden -->seen", "seen"),
        ("![A cat](https://example.com/cat.png)", "[A cat](https://example.com/cat.png)"),
        ("![](https://example.com/cat.png)", "<https://example.com/cat.png>"),
        ("[![b](https://i.example/b.svg)](https://example.com)", "[b](https://example.com)"),
        ('<a href="https://example.com">here</a>', "[here](https://example.com)"),
        ('<img src="https://example.com/a.png" alt="A cat">', "[A cat](https://example.com/a.png)"),
        ("~~~py\nx\n~~~", "```py\nx\n```"),
        ("````md\n```py\nx\n```\n````", "```md\n`\u200b`\u200b`py\nx\n`\u200b`\u200b`\n```"),
        ("read \u202egnp.exe", "read gnp.exe"),
        ("<https://pаypal.com/a>", "<https://xn--pypal-4ve.com/a>"),
        ("https://paypal.com@evil.example/a", "https://evil.example/a"),
        ("https://pаypal.com/a?b=с", "https://xn--pypal-4ve.com/a?b=с"),
        ("1. Run\n   ```py\n   if x:\n       y\n   ```\n2. Done", "1. Run\n   ```py\nif x:\n    y\n   ```\n2. Done"),
        ("[part](#part) and [file](./a.md)", "part and file (`./a.md`)"),
    ],
)
def test_what_discord_does_not_know_is_shown_otherwise(written: str, seen: str) -> None:
    assert one(written) == seen


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Known: $E = mc^2$.", "Known: E = mc²."),
        ("其中 $\\alpha \\leq \\beta$，得 \\(x_1\\)。", "其中 α ≤ β，得 x₁。"),
        ("$$\n\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2}\n$$", "∑ᵢ₌₁ⁿ i = n(n+1)/2"),
        ("\\[ \\int_0^1 x\\,dx \\]\nnext", "∫₀¹ x dx\nnext"),
        ("so $|x| < 3$", "so \\|x\\| \\< 3"),
        ("about $50\\%$, $\\|x\\|_2$", "about 50%, ‖x‖₂"),
        ("\\(100\\) of \\(n \\log n\\)", "100 of n log n"),
        ("$x$ and $f(x)$", "x and f(x)"),
        ("a $\\begin{matrix}1\\end{matrix}$ b", "a `\\begin{matrix}1\\end{matrix}` b"),
        (
            "$$\\begin{pmatrix}1 & 2\\\\3 & 4\\end{pmatrix}$$",
            "```latex\n\\begin{pmatrix}1 & 2\\\\3 & 4\\end{pmatrix}\n```",
        ),
        ("\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}", "a = b\nc = d"),
    ],
)
def test_formulas(written: str, seen: str) -> None:
    assert one(written) == seen


def test_a_table_is_drawn_in_columns_that_are_straight_whatever_the_width_of_east_asian_letters() -> None:
    table = "| 名 | Price |\n|:--|--:|\n| 苹果 | **20** |\n| pear | $x^2$ |"
    drawn = "```\n名\u3000      Price\n＿＿____  _____\n苹果         20\npear\u3000\u3000     x²\n```"
    assert one(f"Before\n{table}\n\nafter") == f"Before\n{drawn}\n\nafter"
    assert one(table) == drawn


def test_a_table_in_a_quote_is_drawn_in_it() -> None:
    quoted = "> They say:\n> | A | B |\n> |---|---|\n> | 1 | 2 |\n> So.\nNot I."
    drawn = "> ```\n> A  B\n> ─  ─\n> 1  2\n> ```\n"
    assert one(quoted) == f"> They say:\n{drawn}> So.\nNot I."
    assert one("> | A | B |\n|---|---|") == "> | A | B |\n|---|---|"


def test_links_of_a_table_stand_under_it() -> None:
    table = "| Site | Note |\n|---|---|\n| [docs](https://docs.example.com) | a<br>b |"
    drawn = "Site  Note\n────  ────\ndocs  a\n      b"
    assert one(table) == f"```\n{drawn}\n```\n-# [docs](https://docs.example.com)"


def test_a_wide_table_is_a_file() -> None:
    table = "| " + " | ".join(["a long head of a column"] * 5) + " |\n" + "|---" * 5 + "|\n" + "| x " * 5 + "|\n"
    growing = GrowingText(ROOM, 5, locale="en")
    while growing.read(f"First:\n\n{table}\nThen.", ended=True):
        pass
    note = en("ask.wide_table", file="table-1.txt")
    assert growing.pieces == [f"First:\n\n-# {note}\n\nThen."]
    [drawn] = growing.tables
    assert drawn.drawn().startswith("a long head of a column  a long head")


def test_marks_of_sources_are_numbers_where_there_are_sources() -> None:
    text = "So【3†source】it[ref_2] is[^4^]【1:0†x】."
    assert one(text, cites=True) == "So[3]it[2] is[4]."
    assert one(text) == "Soit is."


STORY = (
    "## Head\n\nIntro with $x^2$ and [a link](https://example.com) and **bold**.\n\n"
    "| a | b |\n|---|---|\n| 1 | `x` |\n| 2 | y |\n\n"
    "\\[ E = mc^2 \\]\n\n```python\nfor x in y:\n\n    print(x)\n```\n\n"
    "1. one\n2. two\n\n![pic](https://example.com/p.png) 完。\n"
)


def test_nothing_half_is_seen_while_it_grows() -> None:
    growing = GrowingText(ROOM, 5, locale="en")
    for end in range(1, len(STORY) + 1):
        while growing.read(STORY[:end], ended=False):
            pass
        seen = "".join(growing.pieces)
        assert seen.count("```") % 2 == 0
        assert seen.count("**") % 2 == 0
        assert "|" not in seen, "a row is seen in columns"
        assert "](" not in seen or re.search(r"\]\([^)]*$", seen) is None
        assert "\\[" not in seen
        assert "$" not in seen.replace("x²", "")


def test_growing_is_reading_at_once_and_keeps_the_messages_there_are() -> None:
    long = STORY * 12
    growing = GrowingText(700, 40, locale="en")
    before: list[str] = []
    for end in range(1, len(long) + 1, 11):
        while growing.read(long[:end], ended=False):
            pass
        for old, new in zip(before[:-1], growing.pieces, strict=False):
            assert old == new
        before = growing.pieces
    while growing.read(long, ended=True):
        pass
    assert growing.pieces == shown(long, room=700, most=40)


def test_what_turned_out_to_be_no_answer_is_forgotten() -> None:
    growing = GrowingText(ROOM, 5, locale="en")
    growing.read("First thoughts.\n\nMore.", ended=False)
    growing.read("Answer", ended=True)
    assert growing.pieces == ["Answer"]


def test_more_than_the_messages_hold_is_told() -> None:
    growing = GrowingText(400, 3, locale="en")
    while growing.read("word " * 1000, ended=True):
        pass
    assert len(growing.pieces) == 3
    assert growing.overflows


WORDS = st.lists(
    st.sampled_from([
        "alpha", "beta", "测试", " ", "\n", "\n\n", "**", "*", "`", "```\n", "|", "|---|\n", "# ", "#### ", "- ", "1. ",
        "$", "$$", "\\[", "\\]", "\\(", "\\)", "[", "](https://a.b)", "![", "<br>", "<b>", "</b>", "> ",
        "~~~\n", "---\n", "&lt;", "^2", "\\alpha", "<", ">",
    ]),
    max_size=120,
).map("".join)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(WORDS)
def test_no_word_is_lost_and_all_fits(text: str) -> None:
    made = shown(text, room=300, most=60)
    assert all(0 < len(piece) <= 300 for piece in made)
    seen = "".join(made)
    for word in ("beta", "测试"):
        assert seen.count(word) == text.count(word)


@settings(deadline=None)
@given(st.text(alphabet="ab $*_|#\\[]()<>`\n-", max_size=300).filter(lambda code: "```" not in code))
def test_code_is_not_touched(code: str) -> None:
    block = f"```\n{code}\n```"
    assert shown(f"Before $x^2$\n\n{block}\n\nafter", room=1500)[0].count(block) == 1


@settings(deadline=None)
@given(st.text(alphabet="abc .,:;'\"!?()-\n你好，。", max_size=600))
def test_plain_text_is_what_it_was(text: str) -> None:
    plain = re.sub(r"(?m)^[ \t]*-.*$", "", text).strip()
    assert "".join(shown(plain)) == plain


HOSTILE = {
    "ticks": "`" * 400_000,
    "fences": "```\n" * 90_000,
    "brackets": "[" * 400_000,
    "images": "![" * 200_000,
    "links": "[a.com](https://b.com) " * 15_000,
    "formulas": "\\[\n" * 100_000,
    "inline formulas": "\\(" * 200_000,
    "dollars": "$a " * 100_000,
    "tables": "|a|\n|-|\n" * 40_000,
    "one table": "| a | b |\n|--|--|\n" + "| a | b |\n" * 30_000,
    "wide table": "| x" * 6000 + "\n" + "|---" * 6000,
    "emphasis": "**a *b __c " * 30_000,
    "quotes": "> " * 200_000,
    "tags": "<b>" * 130_000,
    "one line": "a" * 400_000,
    "spaces": " " * 300_000 + "x",
    "lines": "\n" * 300_000 + "x",
    "marks": "e" + "\u0301" * 300_000,
    "backslashes": "\\" * 400_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_costs_little_at_once(text: str) -> None:
    """Under 10 ms a call, all but a few: no call reads the whole, or they would take minutes together."""
    growing = GrowingText(ROOM, 5, locale="en")
    growing.read("| a |\n|--|\n| " + "x" * 80 + " |", ended=True)  # the catalogue is read
    calls, began = 1, time.thread_time()
    while growing.read(text, ended=True):
        calls += 1
    assert calls < 400
    assert time.thread_time() - began < 1 + 0.05 * calls
    assert all(len(piece) <= ROOM for piece in growing.pieces)
