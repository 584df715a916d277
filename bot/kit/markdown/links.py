"""Masked links: one whose text says, or could be taken for, another address than it leads to is shown with its own."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT_LIMIT: Final = 300
_HOST_LIMIT: Final = 253

_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0]"
)
"""Signs that are not seen, or that turn the direction in which the others are read."""
_SAYS_HOST: Final = re.compile(
    r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+(?:xn--[\w-]{1,59}|[^\W\d_\u2e80-\uffef]{2,24}|中国|中國|公司|网络|香港|台灣|台湾)"
    r"|\d{1,3}(?:\.\d{1,3}){3}",
    re.IGNORECASE,
)
_DOTS: Final = re.compile("(?<=[\\w])[\u3002\uff0e\uff61\u2024\ufe52](?=[A-Za-z])")
_FILES: Final = frozenset({
    "js", "ts", "jsx", "tsx", "json", "txt", "html", "htm", "css", "csv", "yaml", "yml", "toml", "xml", "pdf", "png",
    "jpg", "jpeg", "gif", "svg", "exe", "dll", "docx", "xlsx", "pptx", "cpp", "go", "java", "rb", "php", "swift",
    "ipynb", "lock", "cfg", "ini", "log", "sql",
})  # fmt: skip
"""Endings of names that are no domains of the web, or hardly ever meant as one."""
_MARKS: Final = re.compile(r"[\\*_~|`]")
_TICKS_PAIRED: Final = re.compile(r"[^`]*+(?:`[^`]++`[^`]*+)*+")
_GAPS: Final = re.compile(r"[^\S \n]|[\x00-\x09\x0b-\x1f\x7f-\x9f]")
"""Spaces and signs that Discord leaves out of a link's text."""
_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)


def masked(text: str, url: str) -> str | None:
    """What a link with this text is shown as; None: as it stands, there is nothing wrong with it."""
    if not _SCHEME.match(url):
        return _nowhere(text, url)
    plain = visible(url)
    if not text.strip() or plain is None:
        return f"<{plain}>" if plain else f"{text} ({_code(url)})"
    seen = unseen_removed(text)
    host = host_of(plain)
    same = seen == text and plain == url and len(text) <= _TEXT_LIMIT
    whole = _SCHEME.search(seen) is not None  # which Discord masks nothing with
    known = host and not host.startswith("xn--") and ".xn--" not in host
    if same and not whole and known and all(_is_within(host, each) for each in _said_hosts(seen)):
        return None
    if whole and seen.strip("*_ ").rstrip("/") == plain.rstrip("/"):
        return f"<{plain}>"
    return f"{_SCHEME.sub('', seen)[:_TEXT_LIMIT]} (<{plain}>)"


def shown(label: str, url: str, after: int) -> tuple[str, int]:
    """A link as it is shown, without a title, which could hide its address too; it ends at `after`, and that."""
    if "`" in label and _TICKS_PAIRED.fullmatch(label) is None:
        label = label.replace("`", "")  # they would begin code that ends who knows where
    said = masked(label, url.strip("<>"))
    return f"[{label}]({url})" if said is None else said, after


def guarded(piece: str) -> str:
    """A message's text, in which no link hides its address, however it is read.

    What is code for a reader of Markdown may be none for Discord, where a mark that stands before it may end in it,
    and a link may begin at any bracket: of each that would hide its address the bracket is made a letter.
    """
    if "](" not in piece:
        return piece
    since = 0
    for found in list(_TARGET.finditer(piece)):
        start = found.start()
        # Of what holds an address itself Discord makes no link.
        since = max((each.end() for each in _SCHEME.finditer(piece, since, start)), default=since)
        if any(label.strip() and masked(label, found["url"]) is not None for label in _labels(piece, since, found)):
            # As long as the bracket, which is none of a link's text further on either.
            piece = f"{piece[:start]}{_LETTER}{piece[start + 1 :]}"
    return piece


def _labels(piece: str, since: int, target: re.Match[str]) -> Iterator[str]:
    """All that may be the text of a link that leads to `target`, and begins after `since`; and its title."""
    end = target.start()
    open_: list[int] = []
    for found in _BRACKETS.finditer(piece, since, end):
        if found[0] == "[":
            open_.append(found.start())
        elif found[0] == "]" and open_:
            open_.pop()
    begins = [found.start() for found in _OPENING.finditer(piece, since, end)]
    if len(begins) > _MOST_OPEN:
        yield piece[begins[0] + 1 : end]
    for begin in begins[-_MOST_OPEN:]:
        label = piece[begin + 1 : end]
        if begin in open_[-1:] or _LABEL.fullmatch(label):
            yield label
    yield target["title"] or ""


def visible(url: str) -> str | None:
    """`url` with its host as it is looked up, other alphabets as xn--…, and nothing before the host or unseen.

    None: it is no address.
    """
    url = unseen_removed(url).strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        return None
    if not host or len(host) > _HOST_LIMIT or any(sign in url for sign in "<>\\\n "):
        return None
    if host.isascii() and "@" not in parts.netloc:
        return url
    try:
        known = unicodedata.normalize("NFKC", host).encode("idna").decode()
    except UnicodeError:
        return None
    return parts._replace(netloc=known if port is None else f"{known}:{port}").geturl()


def host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


def unseen_removed(text: str) -> str:
    return text if text.isascii() else _UNSEEN.sub("", text)


def _said_hosts(text: str) -> list[str]:
    """The hosts that a text says, or seems to say, once Discord has taken its marks away."""
    if "." not in text and text.isascii():
        return []
    parts: set[str] = set()
    for said in {text[:_TEXT_LIMIT], _GAPS.sub("", text)[:_TEXT_LIMIT]}:
        if not said.isascii():
            said = unicodedata.normalize("NFKC", _DOTS.sub(".", said))  # noqa: PLW2901 - the same, as it is read
        parts |= {said, _MARKS.sub("", said)}
    found = (match[0].lower() for part in parts for match in _SAYS_HOST.finditer(part))
    return [host for host in found if host.rpartition(".")[2] not in _FILES]


def _is_within(host: str, said: str) -> bool:
    said = said.removeprefix("www.")
    return any(each == said or each.endswith(f".{said}") for each in (host, host.replace("_", "")))


def _nowhere(text: str, target: str) -> str:
    """A link that Discord would not make one: to a heading, a file, or by another scheme."""
    text, target = _SCHEME.sub("", unseen_removed(text)), unseen_removed(target)
    if target.startswith("#") or not target:
        return text
    said = target.removeprefix("mailto:").removeprefix("tel:")
    return text if said == text else f"{text} ({_code(said)})"


def _code(said: str) -> str:
    return "`" + said.replace("`", "'") + "`"


_LETTER: Final = "\uff3d"
"""Looks like a bracket, and is as long."""
_OPENING: Final = re.compile(r"\[")
_BRACKETS: Final = re.compile(r"\\.|[\[\]]", re.DOTALL)
_MOST_OPEN: Final = 40
"""Brackets before one address at which its link may begin; where there are more, it is made none."""
_LABEL: Final = re.compile(r"(?:\[[^\]]*\]|[^\[\]])*+[^\[]*+")
"""What Discord takes for a link's text: it knows no escapes there, and brackets that nothing opens."""
_TARGET: Final = re.compile(
    r"""\](?=\([\s\ufeff\x00-\x20>]*+<?(?P<url>[\x00-\x20]*(?:https?|discord):[^\s<>)]*+)"""
    r"""(?:\S*+[\s>]+(?P<title>["'][^\n]{0,300}?["'])[\s>]*\))?)""",
    re.IGNORECASE,
)
"""Its address may stand in the next line, of a quote too."""
