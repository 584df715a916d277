"""Web pages: the words that a person would see, with headings, lists and tables as Markdown has them."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser
from typing import Final

from bot.decoding import decode, prepare
from bot.documents.answer import Answer, check_time

_SLICE: Final = 32 * 1024
_UNSEEN: Final = frozenset({"script", "style", "template", "svg", "math", "noscript", "iframe", "object", "select"})
_BREAKS: Final = frozenset(
    {
        *(
            "p",
            "div",
            "section",
            "article",
            "header",
            "footer",
            "main",
            "nav",
            "aside",
            "address",
            "hr",
            "title",
            "body",
        ),
        *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "table", "tr", "blockquote", "pre"),
        *("figure", "figcaption", "form", "fieldset", "details", "summary"),
    }
)
_HEADINGS: Final = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_DECLARED: Final = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([a-z0-9_:.-]{1,40})", re.IGNORECASE)

prepare()
for _name in ("gb2312", "gbk", "big5", "shift_jis", "iso2022_jp", "euc_kr", "iso8859-2", "iso8859-5", "iso8859-15"):
    codecs.lookup(_name)


def read(data: bytes, answer: Answer) -> None:
    """Write the words of a page."""
    read_page(written(data), answer)


def written(data: bytes) -> str:
    """As it says that it is encoded, if it is; else as it seems to be."""
    declared = _DECLARED.search(data[:1024])
    if declared is not None and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode(declared[1].decode("ascii"))
        except (UnicodeDecodeError, LookupError, OSError):  # OSError: one that was not prepared
            pass
    return decode(data) or ""


def read_page(source: str, answer: Answer) -> None:
    """Write the words of a page's source."""
    words = _Words(answer)
    for start in range(0, len(source), _SLICE):
        words.feed(source[start : start + _SLICE])
        check_time()
    words.close()
    words.flush()


class _Words(HTMLParser):
    def __init__(self, answer: Answer) -> None:
        super().__init__(convert_charrefs=True)
        self._answer = answer
        self._line: list[str] = []
        self._prefix = ""
        self._unseen: list[str] = []
        self._kept = 0  # within how many <pre>

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._unseen or tag in _UNSEEN:
            if tag in _UNSEEN:
                self._unseen.append(tag)
            return
        if tag in _BREAKS:
            self.flush()
        match tag:
            case "li":
                self._prefix = "- "
            case "td" | "th" if self._line:
                self._line.append(" | ")
            case "br":
                self.flush()
            case "pre":
                self._kept += 1
            case "img":
                self._line.append(next((value or "" for name, value in attrs if name == "alt"), ""))
            case _:
                self._prefix = _HEADINGS.get(tag, self._prefix)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _UNSEEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._unseen:
            if tag in self._unseen:
                del self._unseen[self._unseen.index(tag) :]
            return
        if tag in _BREAKS:
            self.flush()
        if tag == "pre":
            self._kept = max(0, self._kept - 1)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._line.append(data)

    def flush(self) -> None:
        """Write the line."""
        line, self._line = "".join(self._line), []
        line = line.strip("\n") if self._kept else " ".join(line.split())
        if line.strip(" |"):
            prefix, self._prefix = self._prefix, ""
            self._answer.write(f"{prefix}{line}\n")
