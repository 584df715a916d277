"""What a chat model is asked: messages, and the body they are sent as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import orjson

from bot.api import search
from bot.api.shapes import JsonObject

MESSAGE_TOKENS: Final = 32
"""More than any model's template puts around one message."""
PICTURE_TOKENS: Final = 50_000
"""More than any model counts for one picture; the most known is 48,169 (gpt-4o-mini, of a large one)."""
SEARCH_TOKENS: Final = 100_000
"""More than services put before a model of what they found."""


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture for a model that sees: an http(s) URL or a `data:image/…;base64,…` one."""

    url: str


Part: TypeAlias = TextPart | ImagePart


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str | Sequence[Part]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """`temperature` None leaves it to the model, `max_tokens` None how long the answer may be. `web_search`: the model
    is to search the web, if it can.
    """

    model: str
    messages: tuple[Message, ...]
    temperature: float | None = None
    max_tokens: int | None = None
    web_search: bool = False

    @property
    def sent(self) -> tuple[str, ...]:
        """What an error may repeat of it."""
        return (*(one.content for one in self.messages if isinstance(one.content, str)), self.model)

    @property
    def most_told(self) -> int:
        """The most tokens that are sent, whatever the model: none has less than a byte."""
        found = SEARCH_TOKENS if self.web_search else 0
        return found + sum(MESSAGE_TOKENS + _most_tokens(one.content) for one in self.messages)

    def body(self, *, with_usage: bool, searches: tuple[str, ...] = ()) -> bytes:
        """The JSON to send; `with_usage` asks for the token count at the end, `searches` for a search."""
        fields: JsonObject = {
            "model": self.model,
            "messages": [{"role": one.role, "content": _content(one.content)} for one in self.messages],
            "stream": True,
        }
        if with_usage:
            fields["stream_options"] = {"include_usage": True}
        if self.temperature is not None:
            fields["temperature"] = self.temperature
        if self.max_tokens is not None:
            fields["max_tokens"] = self.max_tokens
        fields |= search.values(searches)
        return orjson.dumps(fields)


def _most_tokens(content: str | Sequence[Part]) -> int:
    if isinstance(content, str):
        return len(content.encode("utf-8", "replace"))
    return sum(
        PICTURE_TOKENS if isinstance(part, ImagePart) else len(part.text.encode("utf-8", "replace")) for part in content
    )


def _content(content: str | Sequence[Part]) -> str | list[JsonObject]:
    if isinstance(content, str):
        return content
    return [
        {"type": "text", "text": part.text}
        if isinstance(part, TextPart)
        else {"type": "image_url", "image_url": {"url": part.url}}
        for part in content
    ]
