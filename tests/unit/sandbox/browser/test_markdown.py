"""Discord's Markdown as HTML: what each mark becomes, and that nothing else becomes anything."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sandbox.browser.markdown import html

NAMES = {1: "@alice", 2: "#general", 3: "@mods", 4: "@<b>eve</b>\u202e"}
LINK = 'target="_blank" rel="noopener noreferrer nofollow" dir="auto"'


def drawn(text: str, locale: str = "en-US") -> str:
    return html(text, name_of=NAMES.get, locale=locale)


def line(text: str, locale: str = "en-US") -> str:
    """What stands in the one block of text."""
    whole = drawn(text, locale)
    before, after = '<div class="markdown"><div class="text" dir="auto">', "</div></div>"
    assert whole.startswith(before)
    assert whole.endswith(after)
    return whole.removeprefix(before).removesuffix(after)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*a* _b_ **c** __d__ ~~e~~", "<em>a</em> <em>b</em> <strong>c</strong> <u>d</u> <s>e</s>"),
        ("***a***", "<em><strong>a</strong></em>"),
        ("___a___", "<em><u>a</u></em>"),
        ("*a **b** c*", "<em>a <strong>b</strong> c</em>"),
        ("__**a**__", "<u><strong>a</strong></u>"),
        ("**a *b***", "<strong>a <em>b</em></strong>"),
        ("a*b*c", "a<em>b</em>c"),
        ("** a **", "<strong> a </strong>"),
        ("* a*", None),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("snake_case_word", "snake_case_word"),
        ("**“文字”**后面，**注意：**这里", "<strong>“文字”</strong>后面，<strong>注意：</strong>这里"),
        ("中_文_字", "中<em>文</em>字"),
        ("**a\n\nb**", "<strong>a<br><br>b</strong>"),
        ("**never closed", "**never closed"),
        ("****", "****"),
        ("a\nb", "a<br>b"),
        ("`*a*`", "<code>*a*</code>"),
        ("`` a`b ``", "<code>a`b</code>"),
        ("``a` b", "``a` b"),
        ("**a ` b** c`", "<strong>a ` b</strong> c`"),
        ("`a\\`", "<code>a\\</code>"),
    ],
)
def test_emphasis_and_code(text: str, shown: str | None):
    if shown is None:
        assert "<em>" not in drawn(text)
    else:
        assert line(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"\*a\* \_b\_ \`c\` \|\|d\|\|", "*a* _b_ `c` ||d||"),
        (r"**a\** b**", "<strong>a** b</strong>"),
        (r"\<@1> \<t:0> \</ask:1>", "&lt;@1&gt; &lt;t:0&gt; &lt;/ask:1&gt;"),
        (r"\# a", "# a"),
        (r"\- a", "- a"),
        (r"1\. a", "1. a"),
        (r"\> a", "&gt; a"),
        (r"C:\Users\a \1", r"C:\Users\a \1"),
        (r"\\*a*", r"\<em>a</em>"),
        (r"\`a\`", "`a`"),
    ],
)
def test_a_backslash_takes_the_meaning_of_a_sign(text: str, shown: str):
    assert line(text) == shown


def test_a_spoiler_is_a_button_that_hides_its_inside_from_keyboard_and_reader():
    assert line("||a **b**||") == (
        '<span class="spoiler" role="button" tabindex="0" aria-label="Spoiler">'
        '<span inert="" dir="auto">a <strong>b</strong></span></span>'
    )
    assert 'aria-label="剧透"' in line("||a||", "zh-CN")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# a", '<h3 dir="auto">a</h3>'),
        ("## a **b**", '<h4 dir="auto">a <strong>b</strong></h4>'),
        ("### a ###", '<h5 dir="auto">a</h5>'),
        ("# C#", '<h3 dir="auto">C</h3>'),
        ("#### a", '<div class="text" dir="auto">#### a</div>'),
        ("#a", '<div class="text" dir="auto">#a</div>'),
        ("# ", '<div class="text" dir="auto">#</div>'),
        (
            "a\n# b\n\nc",
            '<div class="text" dir="auto">a</div><h3 dir="auto">b</h3><div class="text" dir="auto">c</div>',
        ),
        ("-# a `b`", '<div class="subtext" dir="auto">a <code>b</code></div>'),
        ("a\n===", '<div class="text" dir="auto">a<br>===</div>'),
        ("a\n---", '<div class="text" dir="auto">a<br>---</div>'),
        ("a\n\n-# b", '<div class="text" dir="auto">a<br><br></div><div class="subtext" dir="auto">b</div>'),
        ("> a\n> b", '<blockquote dir="auto"><div class="text" dir="auto">a<br>b</div></blockquote>'),
        (
            "> a\nb",
            (
                '<blockquote dir="auto"><div class="text" dir="auto">a</div></blockquote>'
                '<div class="text" dir="auto">b</div>'
            ),
        ),
        (
            ">>> a\n# b\n-# c",
            (
                '<blockquote dir="auto"><div class="text" dir="auto">a</div><h3 dir="auto">b</h3>'
                '<div class="subtext" dir="auto">c</div></blockquote>'
            ),
        ),
        ("> > a", '<blockquote dir="auto"><div class="text" dir="auto">&gt; a</div></blockquote>'),
        (">a", '<div class="text" dir="auto">&gt;a</div>'),
        ("a > b", '<div class="text" dir="auto">a &gt; b</div>'),
        ("- a\n- b", '<ul><li dir="auto">a</li><li dir="auto">b</li></ul>'),
        ("* a\n  - b\n* c", '<ul><li dir="auto">a<ul><li dir="auto">b</li></ul></li><li dir="auto">c</li></ul>'),
        ("3. a\n4. b", '<ol start="3"><li dir="auto">a</li><li dir="auto">b</li></ol>'),
        ("- a\n1. b", '<ul><li dir="auto">a</li></ul><ol><li dir="auto">b</li></ol>'),
        ("- a\nb", '<ul><li dir="auto">a</li></ul><div class="text" dir="auto">b</div>'),
        ("- a\n  b", '<ul><li dir="auto">a<br>b</li></ul>'),
        (
            "1. a\n   ```\n   x\n     y\n   ```\n2. b",
            '<ol><li dir="auto">a<pre><code>x\n  y</code></pre></li><li dir="auto">b</li></ol>',
        ),
        ("-a", '<div class="text" dir="auto">-a</div>'),
        ("- \n", '<div class="text" dir="auto">-</div>'),
        ("```\n# a\n- b\n> c\n```", '<div class="text" dir="auto"><pre><code># a\n- b\n&gt; c</code></pre></div>'),
        ("a\n```nosuch\nb\n```\nc", '<div class="text" dir="auto">a<pre><code>b</code></pre>c</div>'),
        ("```a b```", '<div class="text" dir="auto"><pre><code>a b</code></pre></div>'),
        ("```py\n```", '<div class="text" dir="auto"><pre><code>py</code></pre></div>'),
        ("```never closed\n# a", '<div class="text" dir="auto">```never closed</div><h3 dir="auto">a</h3>'),
        (
            "> ```\n> # a\n> ```",
            '<blockquote dir="auto"><div class="text" dir="auto"><pre><code># a</code></pre></div></blockquote>',
        ),
        ("| a | b |\n| - | - |", '<div class="text" dir="auto">| a | b |<br>| - | - |</div>'),
        ("![a](b.png)\n\n[a]: https://b.c", None),
        ("    four spaces", '<div class="text" dir="auto">    four spaces</div>'),
        ("", ""),
    ],
)
def test_blocks(text: str, shown: str | None):
    if shown is None:
        assert "<img" not in drawn(text)
    else:
        assert drawn(text) == f'<div class="markdown">{shown}</div>'


def test_code_has_colours_by_classes():
    shown = line('```python\nprint("<b>")  # a\n```')
    assert '<span class="hl-nb">print</span>' in shown
    assert "&lt;b&gt;" in shown
    assert "style=" not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[a](https://b.c)", f'<a href="https://b.c" {LINK} title="https://b.c">a</a>'),
        ('[*a*](<http://b.c/d> "e")', f'<a href="http://b.c/d" {LINK} title="http://b.c/d"><em>a</em></a>'),
        ("[a](https://b.c/(d))", f'<a href="https://b.c/(d)" {LINK} title="https://b.c/(d)">a</a>'),
        ("[a [b]](https://c.d)", f'<a href="https://c.d" {LINK} title="https://c.d">a [b]</a>'),
        ("see https://b.c/d_e_f.", f'see <a href="https://b.c/d_e_f" {LINK}>https://b.c/d_e_f</a>.'),
        ("(https://b.c/d)", f'(<a href="https://b.c/d" {LINK}>https://b.c/d</a>)'),
        ("https://b.c/d_(e)", f'<a href="https://b.c/d_(e)" {LINK}>https://b.c/d_(e)</a>'),
        ("<https://b.c>", f'<a href="https://b.c" {LINK}>https://b.c</a>'),
        ("**https://b.c**", f'<strong><a href="https://b.c" {LINK}>https://b.c</a></strong>'),
        ("[a](javascript:alert(1))", "[a](javascript:alert(1))"),
        ("[a](data:text/html,b)", "[a](data:text/html,b)"),
        ("[a](/b)", "[a](/b)"),
        ("[a][b]", "[a][b]"),
        ("[ ](https://)", "[ ](https://)"),
        ("<javascript:alert(1)>", "&lt;javascript:alert(1)&gt;"),
        ("ftp://a.b", "ftp://a.b"),
        ("`https://a.b`", "<code>https://a.b</code>"),
    ],
)
def test_links(text: str, shown: str):
    assert line(text) == shown


def test_a_label_that_is_an_address_hides_no_other():
    assert ">https://bank.example" in line("[https://bank.example ](https://evil.example)")
    assert 'href="https://bank.example"' in line("[https://bank.example ](https://evil.example)")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<@1> <@!1>", '<span class="mention" dir="auto">@alice</span> <span class="mention" dir="auto">@alice</span>'),
        ("<@&3>", '<span class="mention" dir="auto">@mods</span>'),
        ("<#2>", '<button class="mention" dir="auto" type="button" data-channel="2">#general</button>'),
        ("<@99>", '<span class="mention" dir="auto">@unknown-user</span>'),
        ("<#99>", '<span class="mention" dir="auto">#unknown</span>'),
        ("<#1>", '<span class="mention" dir="auto">#unknown</span>'),
        ("<@4>", '<span class="mention" dir="auto">@&lt;b&gt;eve&lt;/b&gt;\u202e</span>'),
        (
            "</jam join:9>",
            '<button class="mention" dir="auto" type="button" data-command="jam join">/jam join</button>',
        ),
        (
            "@everyone, @here",
            '<span class="mention" dir="auto">@everyone</span>, <span class="mention" dir="auto">@here</span>',
        ),
        ("a@b.c @alice", "a@b.c @alice"),
        ("<:fox:12> <a:fox:12>", '<span class="emoji">:fox:</span> <span class="emoji">:fox:</span>'),
        ("<id:customize>", '<span class="mention" dir="auto">Channels &amp; Roles</span>'),
        ("`<@1>`", "<code>&lt;@1&gt;</code>"),
        (
            "<@x> <@> <#> </:1> <@123456789012345678901>",
            "&lt;@x&gt; &lt;@&gt; &lt;#&gt; &lt;/:1&gt; &lt;@123456789012345678901&gt;",
        ),
    ],
)
def test_mentions(text: str, shown: str):
    assert line(text) == shown


def test_a_mention_in_a_link_is_no_second_button():
    shown = line("[<#2> </ask:1>](https://a.b)")
    assert "<button" not in shown
    assert '<span class="mention" dir="auto">#general</span>' in shown


@pytest.mark.parametrize(
    ("style", "text", "chinese"),
    [
        ("t", "13:10", "13:10"),
        ("T", "13:10:00", "13:10:00"),
        ("d", "16/05/2024", "2024/5/16"),
        ("D", "16 May 2024", "2024年5月16日"),
        ("f", "16 May 2024 13:10", "2024年5月16日 13:10"),
        ("F", "Thursday, 16 May 2024 13:10", "2024年5月16日星期四 13:10"),
        ("s", "16/05/2024 13:10", "2024/5/16 13:10"),
        ("S", "16/05/2024 13:10:00", "2024/5/16 13:10:00"),
        ("R", "16 May 2024 13:10", "2024年5月16日 13:10"),
    ],
)
def test_times(style: str, text: str, chinese: str):
    stamp = f"<t:1715865000:{style}>"
    assert line(stamp) == f'<time datetime="2024-05-16T13:10:00Z" data-style="{style}">{text}</time>'
    assert line(stamp, "zh-CN") == f'<time datetime="2024-05-16T13:10:00Z" data-style="{style}">{chinese}</time>'


@pytest.mark.parametrize("text", ["<t:99999999999999:R>", "<t:9999999999999:R>", "<t:1:x>", "<t:>", "<t:1.5>"])
def test_what_is_no_time_is_text(text: str):
    assert "<time" not in drawn(text)


TAGS = {
    "div", "h3", "h4", "h5", "blockquote", "ul", "ol", "li", "pre", "code", "strong", "em", "u", "s", "a", "span",
    "time", "button", "br",
}  # fmt: skip
ATTRIBUTES = {
    "class", "dir", "href", "target", "rel", "title", "role", "tabindex", "aria-label", "inert", "type", "data-channel",
    "data-command", "datetime", "data-style", "start",
}  # fmt: skip
VOID = {"br"}


class Checked(HTMLParser):
    """Reads the HTML as a browser would and holds it against what is allowed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        for name, value in attrs:
            assert name in ATTRIBUTES
            if name == "href":
                assert value is not None
                assert value.startswith(("http://", "https://"))
                assert value.isascii()
        if tag in {"a", "button"}:
            assert not {"a", "button"} & set(self.open)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        pytest.fail(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        pytest.fail(f"an instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        pytest.fail(f"a declaration: {data}")


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt; &#60;script&#62; &amp;",
    '[a](https://b.c" onclick="alert(1))',
    "[a](https://b.c'onclick=alert(1))",
    '[a](https://b.c "t\\" onclick=x")',
    "[a](https://b.c/<script>)",
    "[a](java\nscript:alert(1))",
    "[a](\x01javascript:alert(1))",
    "https://a.b/\"onmouseover='alert(1)'",
    "<https://a.b/\"'>",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    '```"><script>\nalert(1)```',
    "<!-- a --> <![CDATA[b]]> <?c?> <!DOCTYPE d>",
    "</div></div></body>",
    "</ask' onclick=:1> </a\"b:1>",
    "a\x00b\x08\x1b\ud800",
    "\u202eevil\u2066 https://\u202egpj.exe",
    "||[a](https://b.c) <#2> ||",
    "https://[::1 https://] https://user:pw@[x]/ https://%zz/ http://\\evil http://xn--\u0000",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_text(text: str):
    Checked(drawn(text))


def test_the_words_of_html_are_shown():
    assert Checked(drawn("<script>alert('1') & \"2\"</script>")).text == "<script>alert('1') & \"2\"</script>"


PIECES = [
    *HOSTILE, *"*_~|`<>[]()#@\\-&\"' \n", "**", "__", "~~", "||", "```", "```py\n", "> ", ">>> ", "- ", "  - ", "1. ",
    "-# ", "<@1>", "<#2>", "<t:1:R>", "</ask:1>", "https://a.b", "[a](https://b.c)", "\u202e", "中",
]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=40).map("".join))
@example("".join(PIECES))
def test_whatever_is_written_only_allowed_tags_come_out(text: str):
    Checked(drawn(text))


LIMIT = 4000
"""Characters in a message."""
DEEP = {
    "stars": "**" * 2000,
    "odd stars": "***a " * 800,
    "brackets": "[" * LIMIT,
    "links": "[](http://" * 400,
    "spoilers": "||a" * 1333,
    "nested": "||**~~__*" * 444,
    "low lines": "_a " * 1333,
    "italics": "*a" + " " * 3990 + "*",
    "ticks": "".join("`" * count + " " for count in range(1, 89)),
    "fences": "```a " * 800,
    "quotes": "> " * 2000,
    "lists": "".join(" " * (2 * depth) + "- a\n" for depth in range(60)),
    "newlines": "a" + "\n" * 3998 + "b",
    "backslashes": "\\" * LIMIT,
    "closing": "https://a" + ")" * 3990,
    "code": "```python\n" + '("\\' * 1300 + "```",
    "spaces": "[a](https://x" + " " * 3980,
    "headings": "# " * 2000,
}


@pytest.mark.parametrize("name", DEEP)
def test_the_work_grows_with_the_length_alone(name: str):
    """Four times as long may take ten times as long, not sixteen. By processor time, the best of three."""
    short, long = DEEP[name][: LIMIT // 4], DEEP[name]
    Checked(drawn(long))
    assert _seconds(long) < max(0.02, 10 * _seconds(short))


def _seconds(text: str) -> float:
    best = 1.0
    for _ in range(3):
        began = time.process_time()
        drawn(text)
        best = min(best, time.process_time() - began)
    return best
