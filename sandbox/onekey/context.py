"""What the routes of one running stand-in share."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from .plans import Plan


EXACT: Final = "&t=%2Fa%3db%7E%27c"
"""The end of every result's URL: what a client changes in it, where a storage's signature covers how it is escaped."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A result file, made only when it is asked for, unless its `content` is there."""

    kind: Literal["png", "jpeg", "mp4"]
    prompt: str
    width: int
    height: int
    index: int = 0
    seconds: float = 0.0
    sound: bool = False
    file_bytes: int = 0
    content: bytes = b""


@dataclass(slots=True)
class Context:
    files: dict[str, Stored] = field(default_factory=dict[str, Stored])
    own_host: str = ""
    """http://127.0.0.1:PORT of the API."""
    other_host: str = ""
    """The same of the second port, which stands for storage elsewhere and for a private address."""

    def keep(self, name: str, stored: Stored) -> None:
        self.files[name] = stored

    def url(self, name: str, plan: Plan) -> str:
        """A signed URL, as storage services give them; the signature is not checked."""
        signature = hashlib.sha256(name.encode()).hexdigest()[:16]
        host = self.other_host if plan.host == "other" else self.own_host
        return f"{host}/files/{name}?Expires=1999999999&Signature={signature}{EXACT}"
