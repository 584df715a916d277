r"""What stands within a paragraph: images, links, formulas, HTML, marks of sources → what Discord shows.

One pass from sign to sign that could mean something. Each looks for its end by the shortest way there is, within
bounds, so that the work grows with the text's length alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Final

from bot.kit.markdown import formulas, links
from bot.kit.markdown.tags import Tags

_FORMULA_LIMIT: Final = 600


def shown(text: str, *, cites: bool = True, grows: bool = False) -> str:
    """A paragraph as Discord shows it well; what is well already comes back as it is.

    `cites`: marks of sources become `[1]`; without, they are left out.
    """
    if _MEANS.search(text) is None:
        return text
    return _Paragraph(text, cites=cites, grows=grows).read()


def unfinished(text: str) -> int:
    """Where something begins at the end of a growing paragraph that is not to be seen before it is whole."""
    found = _OPEN.search(text, max(0, len(text) - _LONGEST_OPEN))
    starts = [found.start()] if found is not None else []
    for mark, closing in (("\\(", "\\)"), ("$$", "$$")):
        start = text.rfind(mark)
        if start > len(text) - _FORMULA_LIMIT and text.find(closing, start + 2) < 0:
            whole = mark == closing and text.count(mark) % 2 == 0
            starts += [start] if start >= 0 and not whole else []
    return min(starts, default=len(text))


def plain(text: str) -> str:
    """What a paragraph says where no Markdown works: in a table's cell."""
    said = shown(_BREAK.sub("\n", text))
    said = _LINK.sub(lambda match: match["text"], said)
    said = _ADDRESS.sub(r"\1", said)
    return _LETTERS.sub(r"\1", _PAIRS.sub(lambda match: match[2], said)).replace("`", "").strip()


def addresses(text: str) -> list[str]:
    """The links with a text of their own, as they are shown."""
    return [match[0] for match in _LINK.finditer(shown(text))]


def escaped(said: str) -> str:
    """Text that came out of a formula or an entity, so that none of it is taken for Markdown."""
    return _SPECIAL.sub(r"\\\g<0>", said)


class _Paragraph:
    def __init__(self, text: str, *, cites: bool, grows: bool) -> None:
        self._text = text
        self._cites = cites
        self._in_vain: set[str] = set()
        self._grows = grows
        self._open: set[int] | None = set() if grows else None  # nothing stands below what grows
        self._tags = Tags(text)
        self._address_end = -1

    def read(self) -> str:
        parts: list[str] = []
        at = 0
        while (found := _MEANS.search(self._text, at)) is not None:
            start = found.start()
            parts.append(self._text[at:start])
            read = self._RULES[self._text[start]](self, start)
            if read is None:
                at = found.end()
                parts.append(found[0])
            else:
                said, at = read
                parts.append(said)
        parts.append(self._text[at:])
        return "".join(parts)

    def _until(self, mark: str, start: int) -> int:
        """Where `mark` stands next; what was looked for in vain is not looked for again."""
        if mark in self._in_vain:
            return -1
        end = self._text.find(mark, start)
        if end < 0:
            self._in_vain.add(mark)
        return end

    def _code(self, start: int) -> tuple[str, int]:
        """Code as it is, up to as many ticks as it begins with.

        Three ticks begin and end a block of code for Discord wherever they stand: those that don't are none there.
        """
        run = _TICKS.match(self._text, start)
        ticks = run[0] if run is not None else "`"
        inner = at = start + len(ticks)
        while (end := self._until(ticks, at)) >= 0:
            closing = _TICKS.match(self._text, end)
            at = closing.end() if closing is not None else end + 1
            if at - end == len(ticks):
                code = self._text[inner:end]
                if len(ticks) < len(FENCE) or (ticks == FENCE and FENCE not in code):
                    return self._text[start:at], at
                return f"{FENCE}{code.replace(FENCE, NO_FENCE)}{FENCE}", at
        if self._grows:
            return ticks.replace(FENCE, NO_FENCE), inner
        # For Discord they might end in another paragraph, and code there be none.
        return ticks.replace("`", "\\`"), inner

    def _backslash(self, start: int) -> tuple[str, int] | None:
        sign = self._text[start + 1 : start + 2]
        if sign in ("(", "["):
            end = self._until("\\)" if sign == "(" else "\\]", start + 2)
            inner = self._text[start + 2 : end]
            if 0 <= end <= start + _FORMULA_LIMIT and formulas.is_marked(inner, display=sign == "["):
                return self._formula(start, start + 2, end, end + 2)
        if sign.isalnum():  # no escape: a link may begin behind it
            return "\\", start + 1
        return self._text[start : start + 2], start + 2

    def _dollar(self, start: int) -> tuple[str, int] | None:
        text = self._text
        if text.startswith("$$", start):
            end = self._until("$$", start + 2)
            if not 0 < end - start <= _FORMULA_LIMIT or not text[start + 2 : end].strip():
                return "$$", start + 2
            return self._formula(start, start + 2, end, end + 2)
        end = self._until("$", start + 1)
        inner = text[start + 1 : end]
        if not 0 < end - start <= _FORMULA_LIMIT or not inner or inner[0].isspace() or inner[-1].isspace():
            return None
        around = text[start - 1 : start] + text[end + 1 : end + 2]
        if _IN_WORD.search(around) or "\n" in inner or inner[-1] == "\\":
            return None
        return self._formula(start, start + 1, end, end + 1) if formulas.looks_like_one(inner) else None

    def _formula(self, start: int, inner: int, end: int, after: int) -> tuple[str, int]:
        latex = self._text[inner:end].strip()
        if not latex or "`" in latex or "://" in latex:
            return self._text[start:inner], inner
        said = formulas.in_unicode(latex)
        if said is not None:
            return escaped(said), after
        return f"`{' '.join(latex.split())}`", after

    def _bracket(self, start: int) -> tuple[str, int] | None:
        text = self._text
        if (note := _FOOTNOTE.match(text, start)) is not None:
            return self._beside(start, formulas.superscript(note[1]) or f"[{note[1]}]"), note.end()
        if (mark := _CITED.match(text, start)) is not None:
            return (self._beside(start, f"[{mark[1]}]") if self._cites else ""), mark.end()
        if (found := _LINKED_IMAGE.match(text, start)) is not None:
            return links.shown(found["alt"], found["url"] or found["inner"], found.end())
        found = _LINK.match(text, start)
        if found is not None:
            return links.shown(found["text"], found["url"], found.end())
        # One that nothing closes here could begin a link that ends in code further down: as a letter, it begins none.
        return ("\\[", start + 1) if start in self._never_closed() else None

    def _beside(self, start: int, said: str) -> str:
        """A mark that stands at `start`: behind an address it would be a part of that."""
        return f" {said}" if start == self._address_end else said

    def _never_closed(self) -> set[int]:
        if self._open is None:
            open_: list[int] = []
            for found in _BRACKETS.finditer(self._text):
                if found[0] == "[":
                    open_.append(found.start())
                elif found[0] == "]" and open_:
                    open_.pop()
            self._open = set(open_)
        return self._open

    def _end_of_label(self, start: int) -> tuple[str, int]:
        """Of a link that began where nobody looked for it, in another paragraph: as a letter, it makes none."""
        return "\\]", start + 1

    def _image(self, start: int) -> tuple[str, int] | None:
        found = _LINK.match(self._text, start + 1)
        if found is None:
            return None
        return links.shown(found["text"], found["url"], found.end())

    def _url(self, start: int) -> tuple[str, int] | None:
        found = _URL.match(self._text, start)
        if found is None:
            return None
        url, host = found[0], found["host"]
        self._address_end = found.end()
        # Chinese words often follow on an address without a space, and look like nothing else.
        if (host.isascii() and "@" not in host) or _EAST_ASIAN.search(host):
            return links.unseen_removed(url), found.end()
        known = links.visible(url[: len(found["scheme"]) + len(host)])
        rest = url[found.end("host") - start :]
        return links.unseen_removed((known or url[: found.end("host") - start]) + rest), found.end()

    def _angle(self, start: int) -> tuple[str, int] | None:
        text = self._text
        if text.startswith("<!--", start):
            end = self._until("-->", start + 4)
            return None if end < 0 else ("", end + 3)
        if (found := _AUTOLINK.match(text, start)) is not None:
            url = found[0][1:-1]
            known = links.visible(url) if not url.startswith("mailto:") else url
            return f"<{known}>" if known else f"\\<{links.unseen_removed(url)}>", found.end()
        return self._tags.read(start)

    def _entity(self, start: int) -> tuple[str, int] | None:
        found = _ENTITY.match(self._text, start)
        if found is None:
            return None
        sign = unescape(found[0])
        if sign == found[0] or not (sign.isprintable() or sign == "\xa0"):
            return None
        return " " if sign == "\xa0" else escaped(sign), found.end()

    def _turned(self, start: int) -> tuple[str, int]:
        """What makes letters be read backwards is not needed in any language."""
        return "", start + 1

    def _lenticular(self, start: int) -> tuple[str, int] | None:
        found = _MARKED.match(self._text, start)
        if found is None:
            return None
        return self._beside(start, f"[{found[1]}]") if self._cites and found[1] else "", found.end()

    _RULES: Final[dict[str, Callable[[_Paragraph, int], tuple[str, int] | None]]] = {
        "`": _code,
        "\\": _backslash,
        "$": _dollar,
        "[": _bracket,
        "]": _end_of_label,
        "!": _image,
        "<": _angle,
        "&": _entity,
        "h": _url,
        "H": _url,
        "【": _lenticular,
        "\u202d": _turned,
        "\u202e": _turned,
    }


_MEANS: Final = re.compile(
    r"`+|\\.?|\$|\[|\](?=\(\s{0,20}<?https?:)|!(?=\[)|<(?=[A-Za-z/!])|&(?=[#A-Za-z])|https?://|【(?=\d)|[\u202d\u202e]",
    re.DOTALL | re.IGNORECASE,
)
_IN_WORD: Final = re.compile(r"[0-9A-Za-z]")
_BRACKETS: Final = re.compile(r"\\.|[\[\]]", re.DOTALL)
FENCE: Final = "```"
NO_FENCE: Final = "`\u200b`\u200b`"
"""Looks like a fence, and is none."""
_TICKS: Final = re.compile("`+")
_URL_IN: Final = r"<[^<>\n]{1,2000}>|[^\s()<>]*+(?:\([^\s()<>]*+\)[^\s()<>]*+)*+"
_TITLED: Final = r"""(?:\s++(?:"[^"\n]*+"|'[^'\n]*+'))?\s*+"""
_LINK: Final = re.compile(
    rf"\[(?P<text>(?:[^\[\]\\]|\\.)*+(?:\[(?:[^\[\]\\]|\\.)*+\](?:[^\[\]\\]|\\.)*+)*+)\]\(\s*+(?P<url>{_URL_IN}){_TITLED}\)"
)
_LINKED_IMAGE: Final = re.compile(
    rf"\[!\[(?P<alt>[^\[\]]*+)\]\((?P<inner>{_URL_IN}){_TITLED}\)\]\((?P<url>{_URL_IN}){_TITLED}\)"
)
_FOOTNOTE: Final = re.compile(r"\[\^(\d{1,3}|[\w-]{1,20})\](?!\()")
_CITED: Final = re.compile(r"\[(?:ref_|citation:|\^)(\d{1,3})\^?\](?!\()")
_MARKED: Final = re.compile(r"【(?:(\d{1,3})|\d{1,3}:\d{1,3})†[^】\n]{0,100}】")
# Up to a bracket, or to the next one: marks around it may end an address for Discord, and a link stand behind it.
_URL: Final = re.compile(
    r"""(?P<scheme>https?://)(?P<host>[^\s<>/?#()\[\]{}"'\\【]+)(?:(?!https?://)[^\s<>\[\]【])*+""", re.IGNORECASE
)
_EAST_ASIAN: Final = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\uffef]")
_AUTOLINK: Final = re.compile(r"<(?:https?://|mailto:)[^\s<>]{1,2000}>", re.IGNORECASE)
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,8}|#\d{1,6}|#x[0-9A-Fa-f]{1,5});")
_SPECIAL: Final = re.compile(r"(?m)[\\*_~`|<@\[]|^[>#+-]")
_LETTERS: Final = re.compile(r"\\([^0-9A-Za-z\s])")
_PAIRS: Final = re.compile(r"(?<!\\)(\*\*\*|\*\*|\*|__|~~)(?=\S)([^*_~\n]{1,300})(?<=\S)\1")
_ADDRESS: Final = re.compile(r"<(https?://[^\s<>]+)>")

_LONGEST_OPEN: Final = 2400
_OPEN: Final = re.compile(
    r"!?\[[^\[\]\n]{0,300}\]\([^\s()]{0,2000}$"  # a link's address
    r"|!\[[^\[\]\n]{0,300}$"  # an image
    r"|(?<![\w$])\$(?:(?=[A-Za-z\\({])[^\s$][^$\n]{0,80})?$"
    r"|<(?:/?[A-Za-z][^<>\n]{0,100})?$"
    r"|【\d[^】\n]{0,60}$"
    r"|&[#A-Za-z0-9]{0,8}$"
    r"|\\$",
    re.DOTALL,
)
