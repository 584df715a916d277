"""HTML's tags within a paragraph → Markdown."""

from __future__ import annotations

import re
from typing import Final

from bot.kit.markdown import formulas, links


class Tags:
    """Of one paragraph."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lower: str | None = None

    def read(self, start: int) -> tuple[str, int] | None:
        """What the tag at `start` is shown as, and where the text goes on; None: it is none."""
        found = _TAG.match(self._text, start)
        if found is None:
            return None
        name, ends = found["name"].lower(), bool(found["slash"])
        after = found.end()
        if name in ("sup", "sub") and not ends:
            end = self._lowered().find(f"</{name}>", after, after + 60)
            inner = self._text[after:end] if end >= 0 else ""
            said = (formulas.superscript if name == "sup" else formulas.subscript)(inner)
            return (said, end + 6) if said is not None else ("", after)
        if name == "a" and not ends and (target := _HREF.search(found[0])) is not None:
            end = self._text.find("</a>", after, after + 400)
            if end >= 0:
                label = self._text[after:end]
                return links.shown(label, target[1], end + 4)
        if name == "img" and (source := _SRC.search(found[0])) is not None:
            alt = _ALT.search(found[0])
            label = alt[1] if alt is not None else ""
            return links.shown(label, source[1], after)
        if name == "summary":
            return ("**" if not ends or self._text.startswith("\n", after) else "**\n"), after
        if name == "li":
            return ("" if ends else "- "), after
        if name in _PAIRED and not self._is_paired(name, found.start(), ends=ends):
            return found[0], after
        if name in _BLOCKS and self._text[found.start() - 1 : found.start()] in ("", "\n"):
            after += self._text.startswith("\n", after)  # its line is no line of the text
        return _TAGS.get(name, ""), after

    def _is_paired(self, name: str, at: int, *, ends: bool) -> bool:
        """Whether the other tag is there: `a<b>c` is no bold."""
        text = self._lowered()
        return text.rfind(f"<{name}", 0, at) >= 0 if ends else text.find(f"</{name}>", at) >= 0

    def _lowered(self) -> str:
        if self._lower is None:
            self._lower = self._text.lower()
        return self._lower


_NAMES: Final = (
    "br|hr|b|strong|i|em|u|s|del|strike|ins|code|kbd|tt|var|samp|sup|sub|p|div|span|center|font|details|summary|mark|small|big"
    "|img|a|ul|ol|li|h[1-6]|blockquote"
)
_TAG: Final = re.compile(rf"<(?P<slash>/?)(?P<name>{_NAMES})(?:\s[^<>]{{0,400}}|\s*/)?>", re.IGNORECASE)
_PAIRED: Final = frozenset({
    "b", "strong", "i", "em", "u", "ins", "s", "del", "strike", "code", "kbd", "tt", "var", "samp", "a", "p", "mark",
    "small", "big", "font", "center",
})  # fmt: skip
_BLOCKS: Final = frozenset({"details", "div", "p", "center", "ul", "ol", "blockquote"})
_TAGS: Final = {
    **dict.fromkeys(("b", "strong", *(f"h{level}" for level in range(1, 7))), "**"),
    **dict.fromkeys(("i", "em"), "*"),
    **dict.fromkeys(("u", "ins"), "__"),
    **dict.fromkeys(("s", "del", "strike"), "~~"),
    **dict.fromkeys(("code", "kbd", "tt", "var", "samp"), "`"),
    "br": "\n",
    "hr": "\n──────────\n",
}
_HREF: Final = re.compile(r"""href\s*=\s*["']([^"'\s<>]{1,2000})["']""", re.IGNORECASE)
_SRC: Final = re.compile(r"""src\s*=\s*["']([^"'\s<>]{1,2000})["']""", re.IGNORECASE)
_ALT: Final = re.compile(r"""alt\s*=\s*["']([^"'<>]{1,300})["']""", re.IGNORECASE)
