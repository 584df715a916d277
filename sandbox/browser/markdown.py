"""Discord's Markdown → HTML that is safe to show: what people and models write never becomes a tag or an attribute.

    markdown_reading                 one message while it is read
      <- markdown_links              links, mentions, times
        <- markdown_inline           bold, spoilers, code: what stands in a line
    markdown_blocks                  headings, quotes, lists: what begins a line
    markdown_code                    code in colours
          <- markdown

The rules are Discord's, not CommonMark's: no HTML, images, tables or references; `__` underlines; bold needs no word
borders (so it works in Chinese); a newline is a line break; three levels of headings; quotes do not nest.
The stylesheet is static/markdown.css; static/markdown.js opens spoilers and lets the times count.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt

from sandbox.browser import markdown_blocks, markdown_inline
from sandbox.browser.markdown_code import highlighted
from sandbox.browser.markdown_reading import READING, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

    from sandbox.discord.render import NameOf

_NESTING: Final = 16
"""How deep bold may stand in a spoiler in italics …; deeper is text. It bounds the work on hostile messages."""


def html(text: str, *, name_of: NameOf, locale: str = "en-US") -> str:
    """A message's text as one `<div class="markdown">`.

    Allowed in it: div, h3-h5, blockquote, ul, ol, li, pre, code, strong, em, u, s, a (http and https only), span, time,
    button (mentions of channels and commands: `data-channel`, `data-command`) and br; no style, no script, no id.
    The result depends on the text and names alone, so an unchanged message stays unchanged: times are written as dates,
    and the page's script makes them count.

    `name_of`: what stands for an id ("@alice", "#general"), by who looks; None for what they can't see.
    `locale`: the client's language, for what the client itself writes (zh-CN; everything else is in English).
    """
    # JSON can spell half of a surrogate pair, which no answer could be sent with.
    text = text.encode(errors="replace").decode()
    reading = Reading(name_of, locale)
    return f'<div class="markdown">{_parser().render(text, {READING: reading})}</div>'


@cache
def _parser() -> MarkdownIt:
    made = MarkdownIt("zero", {"maxNesting": _NESTING, "xhtmlOut": False})
    made.core.ruler.at("block", markdown_blocks.core_rule)
    made.core.ruler.enableOnly(["normalize", "block", "inline"])
    made.inline.ruler.at("text", markdown_inline.plain_rule)
    made.inline.ruler.push("discord", markdown_inline.marked_rule)
    made.inline.ruler.enableOnly(["text", "discord"])
    made.inline.ruler2.enableOnly([])
    made.add_render_rule("fence", _fence)
    return made


def _fence(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    del renderer, options, env
    return f"<pre><code>{highlighted(tokens[index].content, tokens[index].info)}</code></pre>"
