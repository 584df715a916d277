"""Reasoning inside content, told apart from the answer: tags, a closing tag alone, and harmony's channels.

In code, between backticks or in a fence, all of these are just text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.api.code_spans import Code
from bot.api.thinking_marks import MARK, REST, SIGNS, cut_mark, is_end

_MESSAGE: Final = "<|message|>"
_CHANNEL_ENDS: Final = re.compile(r"<\|(?:start|channel|end|return|call)\|>", re.IGNORECASE)
_HEADER_LIMIT: Final = 200
_BLANK_LIMIT: Final = 1000


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of what the model thinks first; never shown as the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Retracted:
    """All text so far was no answer: it turned out to be reasoning, or comes once more, whole."""


SplitEvent = Text | Reasoning | Retracted


class ThinkSplitter:
    """Splits one answer's content, in pieces of any size, with tags that may be cut anywhere.

    An opening tag counts at the very beginning and at the beginning of a line; elsewhere it is a word of the answer,
    which may well be about such tags. A block that never closes stays reasoning: an answer cut off while thinking has
    no text. A closing tag without an opening one, and a final channel after other text, tell that everything before
    was reasoning. Work and memory are linear in what is fed.
    """

    __slots__ = (
        "_blank",
        "_close",
        "_closed",
        "_code",
        "_harmony",
        "_header",
        "_held",
        "_mentioned",
        "_nested",
        "_opening",
        "_said",
        "_state",
    )

    def __init__(self) -> None:
        # start (only space so far) → answer; thinking (until the closing tag) → start;
        # harmony: header (until <|message|>) → channel (until it ends) or answer → header
        self._state = "start"
        self._held = ""  # what may be the beginning of a mark
        self._blank = ""  # space before the answer
        self._header = ""
        self._code = Code()
        self._opening = self._close = MARK  # the tag of the block
        self._closed = False  # whether a block has ended properly
        self._nested = False  # whether an opening tag stood in it
        self._mentioned = 0  # opening tags that were words of the answer
        self._harmony = False
        self._said = ""  # the first letters of the text, which may be a header without its beginning

    def feed(self, piece: str, events: list[SplitEvent]) -> None:
        """Append to `events` what `piece` completes, joined to a last event of the same kind."""
        if self._state == "answer" and not self._held and SIGNS.search(piece) is None:  # as most are
            self._code.see(piece)
            self._write(piece, events)
            return
        text = self._held + piece if self._held else piece
        kept = cut_mark(text)
        self._held = text[len(text) - kept :] if kept else ""
        self._scan(text[: len(text) - kept] if kept else text, events)

    def end(self, events: list[SplitEvent]) -> None:
        """The content is over: what was held back is no mark."""
        held, self._held = self._held, ""
        self._scan(held, events)
        if self._state == "start" and self._blank and not self._closed:
            _add(events, Text(self._blank))
        elif self._state == "header" and not self._harmony:
            _add(events, Text(self._header))
        elif self._code.is_open:
            self._restore(events)
        self._blank = self._header = ""

    def _scan(self, text: str, events: list[SplitEvent]) -> None:
        at = 0
        while at < len(text):
            match self._state:
                case "start":
                    at = self._begin(text, at, events)
                case "thinking":
                    at = self._think(text, at, events)
                case "header":
                    at = self._head(text, at, events)
                case "channel":
                    at = self._listen(text, at, events)
                case _:
                    at = self._answer(text, at, events)

    def _begin(self, text: str, at: int, events: list[SplitEvent]) -> int:
        start = at
        while start < len(text) and text[start].isspace():
            start += 1
        self._blank += text[at:start]
        mark = MARK.match(text, start)
        if mark is not None and mark["token"] is not None and mark["token"].lower() in {"start", "channel", "message"}:
            self._blank = ""
            return self._to_header(mark)
        if mark is not None and mark["tag"] is not None:
            self._blank = ""
            if is_end(mark) or mark["empty"]:
                self._closed = True
            else:
                self._to_thinking(mark)
            return mark.end()
        if start < len(text) or len(self._blank) > _BLANK_LIMIT:
            blank, self._blank = self._blank, ""
            self._state = "answer"
            self._code = Code()
            if not self._closed:
                self._write(blank, events)
        return start

    def _think(self, text: str, at: int, events: list[SplitEvent]) -> int:
        found = self._close.search(text, at)
        end = found.start() if found is not None else len(text)
        self._nested = self._nested or self._opening.search(text, at, end) is not None
        _add(events, Reasoning(text[at:end]))
        if found is None:
            return end
        self._closed = True
        self._state = "start"
        return found.end()

    def _head(self, text: str, at: int, events: list[SplitEvent]) -> int:
        end = text.find(_MESSAGE, at)
        self._header += text[at : end if end >= 0 else len(text)]
        if end >= 0:
            channel = self._header.lower().removeprefix("<|start|>").rpartition("<|channel|>")[2].strip()
            final = channel.startswith("final") or channel in {"", "assistant"}
            said = self._said.strip()
            if said and not self._harmony and (final or said == channel):
                self._retract(events)
            self._harmony = True
            self._header = ""
            self._code = Code()
            self._state = "answer" if final else "channel"
            return end + len(_MESSAGE)
        if len(self._header) > _HEADER_LIMIT:
            header, self._header = self._header, ""
            self._state = "answer"
            self._write(header, events)
        return len(text)

    def _listen(self, text: str, at: int, events: list[SplitEvent]) -> int:
        """To a channel that is not the answer."""
        found = _CHANNEL_ENDS.search(text, at)
        end = found.start() if found is not None else len(text)
        _add(events, Reasoning(text[at:end]))
        return self._to_header(found) if found is not None else end

    def _answer(self, text: str, at: int, events: list[SplitEvent]) -> int:
        """Write on until something else begins; returns where it does."""
        written = at
        plain = at
        for mark in MARK.finditer(text, at):
            self._code.see(text[plain : mark.start()])
            plain = mark.end()
            if mark["ticks"] is not None or mark["line"] is not None:
                if self._code.mark(mark["ticks"], mark["line"]):
                    self._write(text[written : mark.end()], events)
                    written = mark.end()
                    self._restore(events)
                continue
            in_line = self._code.in_line
            in_code = self._code.pass_(mark[0])
            before = text[written : mark.start()]
            if in_code:
                if mark["tag"] is not None and not is_end(mark):
                    self._code.has_opening = True
                elif mark["tag"] is not None and self._is_lone and not self._code.has_opening:
                    self._write(text[written : mark.end()], events)
                    written = mark.end()
                    self._code.suspect = []
                continue
            if mark["token"] is not None:
                if self._ends_here(mark["token"].lower(), before):
                    self._write(before, events)
                    return self._to_header(mark)
            elif not is_end(mark):
                if not in_line:
                    self._write(before, events)
                    if not mark["empty"]:
                        self._to_thinking(mark)
                    return mark.end()
                self._mentioned += not mark["empty"]
            elif self._mentioned:
                self._mentioned -= 1
            elif self._is_lone:
                self._retract(events)
                self._state = "start"
                return mark.end()
        self._code.see(text[plain:])
        self._write(text[written:], events)
        return len(text)

    def _retract(self, events: list[SplitEvent]) -> None:
        """All that was written was reasoning."""
        events.append(Retracted())
        self._said = ""
        self._closed, self._nested = True, False

    def _restore(self, events: list[SplitEvent]) -> None:
        """The code that a closing tag seemed to stand in never ended: so it was none, and the tag is one."""
        suspect, self._code.suspect = self._code.suspect, None
        if suspect is not None:
            self._retract(events)
            self._write("".join(suspect).lstrip(), events)

    @property
    def _is_lone(self) -> bool:
        """Whether a closing tag would end what was never opened as a block."""
        return not self._closed or self._nested

    def _ends_here(self, name: str, before: str) -> bool:
        """Whether a token of harmony in the answer is one."""
        if name == "message":  # "analysis<|message|>": the beginning of the header is lost
            said = (self._said + before).strip()
            return not self._harmony and said in {"analysis", "commentary", "final"}
        return self._harmony or name in {"start", "channel"}

    def _to_header(self, mark: re.Match[str]) -> int:
        self._state = "header"
        token = mark[0].lower()
        self._header = token
        if token == _MESSAGE:
            self._header = self._said.strip()
            return mark.start()
        return mark.end()

    def _to_thinking(self, mark: re.Match[str]) -> None:
        tag = mark[0]
        name = re.escape(mark["name"] or tag[1:-1])
        self._state = "thinking"
        self._nested = False
        rest = REST if mark["name"] else ""
        self._opening = re.compile(f"{re.escape(tag[0])}{name}{rest}{re.escape(tag[-1])}", re.IGNORECASE)
        self._close = re.compile(f"{re.escape(tag[0])}/{name}{rest}{re.escape(tag[-1])}", re.IGNORECASE)

    def _write(self, text: str, events: list[SplitEvent]) -> None:
        if text:
            if len(self._said) < _HEADER_LIMIT:
                self._said += text[:_HEADER_LIMIT]
            if self._code.suspect is not None:
                self._code.suspect.append(text)
            _add(events, Text(text))


def _add(events: list[SplitEvent], event: Text | Reasoning) -> None:
    last = events[-1] if events else None
    if not event.text:
        return
    if isinstance(last, Text) and isinstance(event, Text):
        events[-1] = Text(last.text + event.text)
    elif isinstance(last, Reasoning) and isinstance(event, Reasoning):
        events[-1] = Reasoning(last.text + event.text)
    else:
        events.append(event)
