"""What begins and ends reasoning inside content, code or a line: tags, harmony's tokens, backticks."""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = "think(?:ing)?|thoughts?|reasoning|seed:think"
_ATTRIBUTE: Final = (
    r"""[ \t]{1,3}[\w:.-]{1,40}[ \t]?=[ \t]?(?:"[^"\n]{0,200}"|'[^'\n]{0,200}'|[^\s"'<>=]{1,99}?(?=/?[\s>]))"""
)
REST: Final = rf"(?:{_ATTRIBUTE}){{0,8}}[ \t]{{0,3}}"
"""Of a tag, after its name. What has no value is no attribute: "<thinking about a > b" are words."""
_CUT_TAG: Final = re.compile(
    rf"""</?(?:{_NAMES})(?:{_ATTRIBUTE}){{0,8}}[ \t]{{0,3}}(?:/|(?<=[ \t])[\w:.-]{{1,40}}[ \t]?"""
    r"""(?:=[ \t]?(?:"[^"\n]{0,200}|'[^'\n]{0,200}|[^\s"'<>=]{0,99})"?'?)?)?\Z""",
    re.IGNORECASE,
)
"""What may go on as a tag with attributes."""
_CUT_LIMIT: Final = 600
MARK: Final = re.compile(
    rf"(?P<tag><(?P<end>/?)(?P<name>{_NAMES}){REST}(?P<empty>/?)>|\[(?P<end2>/?)THINK\]|◁(?P<end3>/?)think▷)"
    r"|<\|(?P<token>start|channel|message|end|return|call)\|>"
    r"|(?P<ticks>`+|~+)|(?P<line>\n[ \t]*)",
    re.IGNORECASE,
)
SIGNS: Final = re.compile(r"[<\[◁`~\n]")
"""What a mark begins with."""
_LITERALS: Final = tuple(
    f"{begin}{end}{name}{close}"
    for begin, close, names in (
        ("<", ">", ("think", "thinking", "thought", "thoughts", "reasoning", "seed:think")),
        ("[", "]", ("think",)),
        ("◁", "▷", ("think",)),
    )
    for name in names
    for end in ("", "/")
) + tuple(f"<|{token}|>" for token in ("start", "channel", "message", "end", "return", "call"))
_LONGEST: Final = max(map(len, _LITERALS)) + 3
_BEGINNINGS: Final = "<[◁"


def is_end(mark: re.Match[str]) -> bool:
    return bool(mark["end"] or mark["end2"] or mark["end3"])


def cut_mark(text: str) -> int:
    """How many characters at the end of `text` may be the beginning of a mark."""
    if tag := _CUT_TAG.search(text, max(0, len(text) - _CUT_LIMIT)):
        return len(text) - tag.start()
    start = max(text.rfind(sign, len(text) - _LONGEST if len(text) > _LONGEST else 0) for sign in _BEGINNINGS)
    if start < 0:
        return 0
    tail = text[start:].lower().rstrip(" \t")
    return len(text) - start if any(one.startswith(tail) and one != tail for one in _LITERALS) else 0
