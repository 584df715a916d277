"""What an answer is made of: blocks → text and reasoning, and what is known of its end."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from bot.api.failures import Failure, find_failure, is_refusal
from bot.api.search import Source, Sources
from bot.api.shapes import JsonObject, first_of, label, mapping, number, sequence
from bot.api.thinking import Reasoning, Retracted, SplitEvent, ThinkSplitter

ANSWER_LIMIT: Final = 400_000
"""Characters of one answer; what comes after them is not read. No model writes so much at once."""
_MARGIN: Final = 16
"""Characters of space around a whole answer that comes once more."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the service counts them."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class FinishReason(enum.Enum):
    STOP = "stop"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"
    # It ended by an error or a reason that nobody knows, or something in between could not be read.
    INCOMPLETE = "incomplete"
    # No finish reason came: the socket dropped, a silence was too long, or the service just ended.
    CUT_OFF = "cut_off"


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event. `usage` None: the service did not count. `sources`: what it rests on, as the service tells.

    `search_refused`: it was to search the web, and it was found out now that the model can't.
    """

    reason: FinishReason
    usage: Usage | None
    sources: tuple[Source, ...] = ()
    search_refused: bool = False


ChatEvent: TypeAlias = SplitEvent | Finished

# Compared in lower case without "_", "-" and spaces.
_NO_REASON: Final = frozenset({"", "null", "none", "nil", "undefined"})
_GOOD: Final = frozenset({
    "stop", "stopsequence", "endturn", "end", "endofturn", "endoftext", "eos", "eostoken", "complete", "completed",
    "done", "finish", "finished", "normal", "success", "succeeded", "toolcall", "toolcalls", "tooluse", "functioncall",
})  # fmt: skip
_LENGTH: Final = frozenset({
    "length", "lengthlimit", "maxlength", "maxtokens", "maxoutputtokens", "maxcompletiontokens", "tokenlimit",
    "modellength", "contextlength", "contextwindowexceeded", "modelcontextwindowexceeded",
})  # fmt: skip
_POLICY: Final = frozenset({
    "contentfilter", "contentfiltered", "contentpolicy", "contentmoderation", "safety", "imagesafety", "recitation",
    "imagerecitation", "prohibitedcontent", "imageprohibitedcontent", "refusal", "refused", "blocklist", "blocked",
    "sensitive", "spii", "moderation", "policy", "guardrail", "guardrailintervened",
})  # fmt: skip
_CUT: Final = frozenset({
    "insufficientsystemresource",  # DeepSeek: "interrupted due to insufficient resource"
    "networkerror",  # Zhipu
    "abort", "aborted", "cancelled", "canceled", "interrupted", "timeout",
})  # fmt: skip
_FAULTY: Final = frozenset({"error", "failed", "failure", "internalerror", "servererror"})
_STICKY: Final = (FinishReason.CONTENT_FILTER, FinishReason.LENGTH)
_SEPARATORS: Final = re.compile(r"[\s_-]+")
_MOST_TOKENS: Final = 1e12
_NUMBERS: Final = frozenset({int, float})
_REASONING_PARTS: Final = ("reason", "think", "thought", "redacted")
_REASONING_FIELDS: Final = frozenset({"reasoning_content", "reasoning", "thinking", "reasoning_details"})
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


class ChatParser:
    """One answer: blocks in, events out, with what is known at its end.

    Adjacent texts of one `take` come as one event, so that a fast stream costs by the network read, not by the token.
    """

    __slots__ = (
        "_from_deltas",
        "_growth",
        "_half",
        "_length",
        "_refused",
        "_said",
        "_splitter",
        "failure",
        "faulty",
        "goes_on",
        "heard",
        "reason",
        "sources",
        "too_long",
        "usage",
    )

    def __init__(self) -> None:
        self.failure: Failure | None = None
        self.reason: FinishReason | None = None
        self.usage: Usage | None = None
        self.heard = False  # whether any text or reasoning came
        self.faulty = False  # whether the reason was an error
        self.goes_on = False  # whether words came after the reason, which then is no sign of the end
        self.too_long = False
        self.sources = Sources()
        self._splitter = ThinkSplitter()
        self._growth = _Growth()
        self._half = ""  # of a character that is cut between two blocks
        self._said: list[str] = []
        self._length = 0
        self._from_deltas = False
        self._refused = False

    def take(self, blocks: list[JsonObject]) -> list[SplitEvent]:
        """The events of these blocks; stops at a failure, which is then in `failure`."""
        events: list[SplitEvent] = []
        for block in blocks:
            choice = _choice(block)
            self.sources.take(block, mapping(block.get("output")), choice)
            if not choice or "error" in block:
                self.failure = find_failure(block)
                if self.failure is not None and not choice:
                    break
            usage = block.get("usage") or choice.get("usage")
            if "data" in block and not usage:
                usage = mapping(block["data"]).get("usage")
            if usage:
                self.usage = _usage(usage) or self.usage
            if choice:
                self._take(choice, events)
            if self.failure is not None or self.too_long:
                break
        if events:
            self.heard = True
        return events

    def end(self) -> list[SplitEvent]:
        """What was held back in case a tag would follow."""
        events: list[SplitEvent] = []
        self._splitter.end(events)
        if events:
            self.heard = True
        if self._refused:
            self.reason = FinishReason.CONTENT_FILTER
        return events

    def _take(self, choice: JsonObject, events: list[SplitEvent]) -> None:
        delta, message = _fields(choice.get("delta")), _fields(choice.get("message"))
        self.sources.take(delta, message)
        error = choice.get("error") or delta.get("error")
        if error:
            self.failure = self.failure or find_failure({"error": error})
        had_reason, length = self.reason is not None, self._length
        given = choice.get("finish_reason") or choice.get("finishReason") or delta.get("finish_reason")
        given = given or choice.get("stop_reason") or choice.get("finish_details")
        ends = given is not None and self._end_of(given)
        spoken = delta or message
        if not _REASONING_FIELDS.isdisjoint(spoken) and any(map(spoken.get, _REASONING_FIELDS)):
            _append(events, Reasoning(_reasoning(spoken)))
        content = _as_words(delta.get("content"))
        if content:
            self._from_deltas = True
        elif not self._from_deltas:
            # Some end with the whole in `message`; where no other words come, all of them may come there.
            content = _as_words(message.get("content")) or choice.get("text")
        if content:
            thought = delta.get("thought") is True
            for is_reasoning, piece in ((False, content),) if isinstance(content, str) else _pieces(content):
                if is_reasoning or thought:
                    _append(events, Reasoning(piece))
                else:
                    self._say(piece, events, last=ends)
        refusal = spoken.get("refusal")
        if isinstance(refusal, str) and refusal:
            self._refused = True
            self._say(refusal, events, last=ends)
        if had_reason and self._length != length:
            self.goes_on = True

    def _say(self, piece: str, events: list[SplitEvent], *, last: bool) -> None:
        if self._half or not piece.isascii():
            piece = self._mended(piece)
        if not piece or (last and self._is_all(piece)):
            return
        new = piece
        if self._growth.is_open:
            new = self._growth.take(piece)
            if self._growth.found:
                events.append(Retracted())
                self._splitter = ThinkSplitter()
                self._said.clear()
                self._length = 0
        if new:
            self._said.append(new)
            self._length += len(new)
            self._splitter.feed(new, events)
            self.too_long = self._length > ANSWER_LIMIT

    def _is_all(self, piece: str) -> bool:
        """Whether it is all that came, once more: some end so."""
        long = len(self._said) > 1 and self._length >= _Growth.CHARACTERS
        near = abs(len(piece) - self._length) <= _MARGIN
        return long and near and piece.strip() == "".join(self._said).strip()

    def _mended(self, piece: str) -> str:
        """`piece` with a character whole whose two halves were sent apart, each escaped by itself."""
        piece, self._half = self._half + piece, ""
        if _SURROGATES.search(piece) is None:
            return piece
        if "\ud800" <= piece[-1] <= "\udbff":
            piece, self._half = piece[:-1], piece[-1]
        return piece.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _end_of(self, given: object) -> bool:
        """Take in the finish reason. False: it is none."""
        word = label(given) or label(mapping(given).get("type"))
        plain = _SEPARATORS.sub("", word.lower()).removeprefix("finishreason")
        if plain in _NO_REASON:
            return False
        reason = _reason(plain)
        if plain in _FAULTY:
            self.faulty = True
        if self.reason not in _STICKY or reason is FinishReason.CONTENT_FILTER:
            self.reason = reason
        return True


class _Growth:
    """Tells chunks that each begin with everything before from those that go on.

    Three chunks and 16 characters are asked for, and more than a few different ones: "ha", "haha" are words, and a
    ruler is made of dashes.
    """

    __slots__ = ("_chunks", "_whole", "found", "is_open")

    CHUNKS: Final = 3
    CHARACTERS: Final = 16
    DIFFERENT: Final = 4

    def __init__(self) -> None:
        self.found = False  # whether it was found out with the last chunk
        self._whole = ""
        self._chunks = 0
        self.is_open = True  # whether what comes may still be told to grow

    def take(self, chunk: str) -> str:
        """What is new in the chunk; the chunk itself when `found` turns true, since all before is in it."""
        self.found = False
        before = self._whole
        is_sure = self._chunks >= self.CHUNKS
        if len(chunk) > len(before) and chunk.startswith(before):
            self._whole = chunk
            if is_sure:
                return chunk[len(before) :]
            self._chunks = min(self._chunks + 1, self.CHUNKS)
            if self._chunks == self.CHUNKS:
                long = len(chunk) >= self.CHARACTERS and len(set(chunk)) >= self.DIFFERENT
                self.found = long
                self._chunks -= not long
            return chunk
        if before.startswith(chunk) and (is_sure or len(chunk) == len(before)):
            return "" if is_sure else chunk
        self.is_open = False
        self._whole = ""
        return chunk


def _choice(block: JsonObject) -> JsonObject:
    listed = block.get("choices")
    if isinstance(listed, list) and listed and (first := mapping(listed[0])):  # pyright: ignore[reportUnknownArgumentType] - any JSON value
        return first
    for place in (block, mapping(block.get("data")), mapping(block.get("output"))):
        choices: object = place.get("choices")
        if choices:
            return mapping(first_of(choices))
    return {}


def _fields(spoken: object) -> JsonObject:
    """A delta or a message. What stands there instead of an object is its content: words, a number, a list of parts."""
    if spoken is None or isinstance(spoken, dict):
        return mapping(spoken)  # pyright: ignore[reportUnknownArgumentType] - any JSON value
    words = _as_words(spoken)
    return {"content": words} if words and isinstance(words, str | list) else {}


def _as_words(content: object) -> object:
    """Some write a word that is a number as one."""
    return str(content) if type(content) in _NUMBERS else content


def _pieces(content: object) -> list[tuple[bool, str]]:
    """Content as (whether it is reasoning, text): a part, or an array of parts and strings."""
    pieces: list[tuple[bool, str]] = []
    for part in sequence(content) or [content]:
        fields = mapping(part)
        kind = label(fields.get("type")).lower()
        is_reasoning = any(word in kind for word in _REASONING_PARTS)
        text: object = part if isinstance(part, str) else fields.get("text")
        if is_reasoning:
            pieces.append((True, _reasoning(fields)))
        elif isinstance(text, str) and text:
            pieces.append((False, text))
    return pieces


def _reasoning(fields: JsonObject) -> str:
    """Its words, if they can be found; that there is reasoning is what matters."""
    names = ("reasoning_content", "reasoning", "thinking", "text")
    return next((value for name in names if isinstance(value := fields.get(name), str) and value), " ")


def _reason(plain: str) -> FinishReason:
    if plain in _GOOD:
        return FinishReason.STOP
    if plain in _LENGTH:
        return FinishReason.LENGTH
    if plain in _POLICY or is_refusal(plain):
        return FinishReason.CONTENT_FILTER
    return FinishReason.CUT_OFF if plain in _CUT else FinishReason.INCOMPLETE


def _usage(value: Any) -> Usage | None:  # noqa: ANN401 - any JSON value
    fields = mapping(value)
    prompt, completion, total = (
        next((int(n) for name in names if (n := number(fields.get(name))) and 0 < n < _MOST_TOKENS), 0)
        for names in (("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens"), ("total_tokens",))
    )
    total = total or prompt + completion
    return Usage(prompt, completion, total) if total else None


def _append(events: list[SplitEvent], event: Reasoning) -> None:
    last = events[-1] if events else None
    if isinstance(last, Reasoning):
        events[-1] = Reasoning(last.text + event.text)
    else:
        events.append(event)
