"""What the stand-in is told to do: a Plan a request, a Behaviour for all of them, words in a prompt for one."""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, TypedDict, Unpack, cast

from .gateways import Gateway
from .names import FAULTS, OUTCOMES, ROUTES, SHAPES, Route

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one request is answered. Times in seconds."""

    shape: str = ""
    """One of names.SHAPES of its route; empty: the document's own."""
    fault: str = ""
    """One of names.FAULTS of its route; empty: none."""
    delay: float = 0.0
    """Before the first byte of the answer."""
    retry_after: float = 1.0
    """What a 429 says in Retry-After."""

    first_token: float = 0.3
    words_per_second: float = 50.0
    words: int = 0
    """How many blocks of text an answer has; 0: as many as its text has."""
    reply: str = ""
    """What a chat answers, word by word; empty: what it composes."""
    break_after: int = 12
    """Words before a fault that breaks an answer in its middle."""
    ping_every: float = 10.0
    """Between the PING comments while the first word is waited for."""

    outcome: str = "succeeded"
    """How a video ends: one of names.OUTCOMES."""
    queue_seconds: float = 1.0
    run_seconds: float = 3.0

    file_bytes: int = 0
    """A file is filled up to this size (it stays playable); 0: as it is."""
    host: Literal["own", "other"] = "own"
    """Where result URLs point: the API's own port, or another one on this machine."""


class Changes(TypedDict, total=False):
    """The fields of a Plan that may be changed by name."""

    shape: str
    fault: str
    delay: float
    retry_after: float
    first_token: float
    words_per_second: float
    words: int
    reply: str
    break_after: int
    ping_every: float
    outcome: str
    queue_seconds: float
    run_seconds: float
    file_bytes: int
    host: Literal["own", "other"]


@dataclass(slots=True, kw_only=True)
class Behaviour:
    """The plan of each route. May be changed while the server runs; a request reads it when it comes."""

    chat: Plan = field(default_factory=Plan)
    images: Plan = field(default_factory=lambda: Plan(delay=0.8))
    edits: Plan | None = None
    """None: as `images`."""
    submit: Plan = field(default_factory=Plan)
    poll: Plan = field(default_factory=Plan)
    content: Plan = field(default_factory=Plan)
    models: Plan = field(default_factory=Plan)
    billing: Plan = field(default_factory=Plan)
    moderations: Plan = field(default_factory=lambda: Plan(shape="absent"))
    money: Plan = field(default_factory=Plan)
    files: Plan = field(default_factory=Plan)
    video_path: Literal["documented", "doubled"] = "documented"
    """Where the video routes stand: /v1/video/generations, or /v1/v1/video/generations as in the document's cURL."""
    gateway: Gateway = "any"
    """How the submit of a video is read: see gateways."""
    keep_requests: int = 20_000
    """How many requests the log holds; older ones are forgotten, their number is not."""

    def plan(self, route: Route) -> Plan:
        if route == "edits":
            return self.edits or self.images
        return cast("Plan", getattr(self, route.removeprefix("video.")))


class Plans:
    """Which plan a request gets: the behaviour's, changed by `next()`, changed by the words in its prompt."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self._next: dict[Route, deque[Changes]] = {route: deque() for route in ROUTES}
        self._used: Counter[tuple[Route, str, str]] = Counter()

    def next(self, route: Route, *, times: int = 1, after: int = 0, **changes: Unpack[Changes]) -> None:
        """The next `times` requests of the route, after `after` untouched ones, are answered with these changes."""
        self._check(route, changes)
        self._next[route].extend([Changes()] * after + [changes] * times)

    def clear(self, *routes: Route) -> None:
        for route in routes or ROUTES:
            self._next[route].clear()

    def coming(self, route: Route) -> list[Changes]:
        """What next() has asked for and no request has met yet."""
        return list(self._next[route])

    def take(self, route: Route, *, prompt: str = "", subject: str = "") -> Plan:
        """The plan of a request that has come. `subject`: what `*2` in a word counts by, by default the prompt.

        Raises:
            UnknownWord: the prompt names a shape or fault that nobody knows.
        """
        plan = self.behaviour.plan(route)
        self._check(route, {"shape": plan.shape, "fault": plan.fault, "outcome": plan.outcome})
        if self._next[route]:
            plan = replace(plan, **self._next[route].popleft())
        for word in words_in(prompt):
            changes = word.changes(route)
            if changes is None:
                continue
            if word.times:
                key = (route, subject or prompt, word.text)
                self._used[key] += 1
                if self._used[key] > word.times:
                    continue
            plan = replace(plan, **changes)
        return plan

    def _check(self, route: Route, changes: Changes) -> None:
        known: dict[str, Mapping[str, str]] = {"shape": SHAPES[route], "fault": FAULTS[route], "outcome": OUTCOMES}
        for key, names in known.items():
            value = changes.get(key)
            if value and value not in names:
                raise ValueError(f"{route} has no {key} {value!r}; it has {', '.join(sorted(names))}")


class UnknownWord(ValueError):
    """A word in brackets that looks like one of ours and is not."""


_WORD: Final = re.compile(
    r"\[(shape|fault|poll|file|end|host|delay|first|rate|words|after|queue|run|bytes|retry):"
    r"([\w.]+)(?:\*(\d+))?\]"
)
_NUMBERS: Final = {
    "first": "first_token",
    "rate": "words_per_second",
    "words": "words",
    "after": "break_after",
    "queue": "queue_seconds",
    "run": "run_seconds",
    "bytes": "file_bytes",
    "retry": "retry_after",
}
_WITH_PROMPT: Final[tuple[Route, ...]] = ("chat", "images", "edits", "video.submit")
_FAULT_WORDS: Final[dict[str, tuple[Route, ...]]] = {
    "fault": _WITH_PROMPT,
    "poll": ("video.poll",),
    "file": ("files", "video.content"),
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word such as `[fault:429*2]` in a prompt: key, value, and how many requests it holds for (0: all)."""

    key: str
    value: str
    times: int
    text: str

    def changes(self, route: Route) -> Changes | None:
        """What it changes on a request of this route, or None."""
        if self.key == "shape":
            return Changes(shape=self.value) if self.value in SHAPES[route] else None
        if self.key in {"fault", "poll", "file"}:
            return (
                Changes(fault=self.value) if route in _FAULT_WORDS[self.key] and self.value in FAULTS[route] else None
            )
        if self.key == "end":
            return Changes(outcome=self.value) if route == "video.submit" else None
        if self.key == "host":
            return Changes(host="other" if self.value == "other" else "own")
        if self.key == "delay":
            return Changes(delay=float(self.value)) if route in _WITH_PROMPT else None
        name = _NUMBERS[self.key]
        number = float(self.value)
        return cast("Changes", {name: int(number) if name in {"words", "break_after", "file_bytes"} else number})


def words_in(prompt: str) -> list[Word]:
    """The words in a prompt, in order.

    Raises:
        UnknownWord: with a text that says which names there are.
    """
    if "[" not in prompt:
        return []
    found = [Word(m[1], m[2], int(m[3] or 0), m[0]) for m in _WORD.finditer(prompt)]
    for word in found:
        _known(word)
    return found


def without_words(prompt: str) -> str:
    """The prompt as the model reads it."""
    return _WORD.sub("", prompt).strip() if "[" in prompt else prompt


def _known(word: Word) -> None:
    names: set[str] | None = None
    if word.key == "shape":
        names = {name for route in ROUTES for name in SHAPES[route]}
    elif word.key == "fault":
        names = {name for route in _WITH_PROMPT for name in FAULTS[route]}
    elif word.key == "poll":
        names = set(FAULTS["video.poll"])
    elif word.key == "file":
        names = set(FAULTS["files"])
    elif word.key == "end":
        names = set(OUTCOMES)
    elif word.key == "host":
        names = {"own", "other"}
    elif not re.fullmatch(r"\d+(\.\d+)?", word.value):
        raise UnknownWord(f"{word.text}: a number is missing")
    if names is not None and word.value not in names:
        raise UnknownWord(f"{word.text}: the sandbox knows {', '.join(sorted(names))}")


def help_text() -> str:
    """What may be written into a prompt to try the shapes and faults, for a person in a terminal."""
    lines = [
        "Words in a prompt tell the API stand-in how to answer that prompt, for example",
        "  /ask prompt:Tell me about foxes [fault:mid_drop]",
        "  /video prompt:A fox runs [shape:older] [poll:502*3] [run:10]",
        "`*3` at the end of a word means: for the first three requests only.",
        "",
        "  [delay:5]    seconds before any answer        [first:2]    seconds before the first word of an answer",
        "  [rate:10]    words a second                   [words:500]  words in the answer",
        "  [after:40]   words before a break             [retry:3]    Retry-After of a 429, seconds",
        "  [queue:5]    seconds a video waits            [run:20]     seconds a video takes",
        "  [host:other] result URLs on another port      [bytes:30000000]  size of the result file",
        "",
        "  [end:…] how a video ends",
        *_listed(OUTCOMES),
    ]
    for route in ROUTES:
        if len(SHAPES[route]) > 1 and route != "edits":
            name = "images and their edits" if route == "images" else route
            lines += ["", f"  [shape:…] {name}", *_listed(SHAPES[route])]
    general = FAULTS["images"]
    lines += ["", "  [fault:…] /ask, /imagine, edits and the submit of /video; [poll:…] its polls", *_listed(general)]
    own_faults: tuple[tuple[str, Route], ...] = (
        ("fault", "chat"),
        ("fault", "edits"),
        ("fault", "video.submit"),
        ("poll", "video.poll"),
        ("file", "files"),
    )
    for key, route in own_faults:
        own = {name: text for name, text in FAULTS[route].items() if general.get(name) != text}
        lines += ["", f"  [{key}:…] {route}", *_listed(own)]
    return "\n".join(lines)


def _listed(names: Mapping[str, str]) -> list[str]:
    return [f"    {name:<18} {text}" for name, text in names.items()]
