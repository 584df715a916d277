"""What a poll's answer says of its task: the word for it, wherever it stands, and what stands beside it."""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from bot.api.nested import NOTHING_WRONG, is_wrong, message_in
from bot.api.shapes import JsonObject, label, mapping, number, sequence, text
from bot.api.walk import inner_json, spelled

log = logging.getLogger(__name__)

State: TypeAlias = Literal["running", "succeeded", "failed"]

_DONE: Final = frozenset(
    {"succeed", "succeeded", "success", "complete", "completed", "done", "finished", "ready", "ok"}
)
_FAILED: Final = frozenset(
    {"fail", "failed", "failure", "cancelled", "canceled", "expired", "error", "rejected", "timeout"}
)
_RUNNING: Final = frozenset(
    {
        *("queued", "pending", "submitted", "inprogress", "processing", "running", "notstart", "unknown"),
        *("preparing", "generating"),
    }
)
"""Without their spelling: `in-progress` and `InProgress` are one, and so are `failed` and `TaskStatus.FAILED`."""
_LIKE_FAILED: Final = re.compile(
    r"^(?!.*retry).*(?:fail|cancel(?!l?ing)|abort|reject|expire|timed?out|error|terminat|失败|取消|超时|错误|异常)"
)
_LIKE_DONE: Final = re.compile(r"succe|complete|finish(?!ing)|(?:已|生成)?(?:成功|完成)")
"""What a word that is not known begins with."""
_OF_THE_CALL: Final = frozenset({"success", "succeed", "ok"})
"""What also says only that the question was answered."""
_STATUS_KEYS: Final = ("status", "taskstatus", "state")
_WRAPPERS: Final = frozenset(
    {
        *("data", "output", "task", "result", "results", "response", "resp", "operation", "job", "video", "generation"),
        *("prediction", "payload", "body"),
    }
)
_ERROR_KEYS: Final = (
    *("failreason", "failurereason", "failedreason", "failure", "failmsg", "errormessage", "errormsg", "errmsg"),
    *("taskstatusmsg", "reason"),
)
_SPELLING: Final = re.compile(r"[\W_]+")
_WORD_PREFIX: Final = re.compile(r"^(?:task|job|video|generation)*(?:status|state)?(?=.)")
_MOST_LAYERS: Final = 200
_MOST_NEW_WORDS: Final = 200


def layers(document: JsonObject) -> list[JsonObject]:
    """The answer's objects in which a task's fields may stand, the outermost first, their keys without spelling."""
    found: list[JsonObject] = []
    waiting: deque[JsonObject] = deque([document])
    while waiting and len(found) < _MOST_LAYERS:
        layer = spelled(waiting.popleft())
        found.append(layer)
        for key, value in layer.items():
            if key in _WRAPPERS:
                if isinstance(value, str):
                    value = inner_json(value)  # noqa: PLW2901 - an object all the same
                waiting.extend(one for one in map(mapping, (value, *sequence(value)[:8])) if one)
    return found


class Statuses:
    """Reads states; remembers which words were new to it, so that the log names each once."""

    def __init__(self) -> None:
        self._named: set[str] = set()

    def read(self, found: Sequence[JsonObject], *, has_result: bool, has_known_result: bool) -> State | None:
        """The state by an answer's `layers`; None: it says nothing of one.

        `has_result`: there is a link or a file that may be the clip; `has_known_result`: under a key that means one.
        """
        words = [word for layer in found for word in _words(layer)]
        numbers = [n for layer in found for key in _STATUS_KEYS if (n := number(layer.get(key))) is not None]
        while words and words[0] not in _DONE | _FAILED | _RUNNING:
            self._name(words[0])
            if len(words) == 1:
                break
            words = words[1:]  # what stands beside it may be a word that is known
        if not words:
            done = next((layer["done"] for layer in found if isinstance(layer.get("done"), bool)), None)
            if done is False:
                return "running"
            if not numbers and done is None and not has_known_result:
                return None
            if numbers:
                self._name(f"{numbers[0]:g}")
            return _beside(found, has_result=has_result if done else has_known_result)
        word = words[0]
        if word in _FAILED:
            return "failed"
        if word in _RUNNING:
            return "running"
        if word not in _DONE:
            return _beside(found, word, has_result=has_known_result)
        return "succeeded" if has_result else _deeper(found, words, numbers)

    def _name(self, word: str) -> None:
        if word not in self._named and len(self._named) < _MOST_NEW_WORDS:
            self._named.add(word)
            log.warning("a video's status is a word that is not known: %r", word[:40])


def says_running(found: Sequence[JsonObject]) -> bool:
    """Whether the first word of an answer's `layers` is one for a task under way: nothing else in it matters then."""
    return next((word for layer in found for word in _words(layer)), None) in _RUNNING


def says_failed(found: Sequence[JsonObject], *, of_task: bool) -> bool:
    """Whether the first word is one for a failure; `of_task`: it stands under a key that can only mean a task's."""
    keys = ("taskstatus",) if of_task else _STATUS_KEYS
    return next((word for layer in found for word in _words(layer, keys)), None) in _FAILED


def _beside(found: Sequence[JsonObject], word: str = "", *, has_result: bool) -> State:
    """The state by what stands beside a word that is not known, else by what it is like."""
    if has_result:
        return "succeeded"
    if any(map(_is_wrong, found)) or _LIKE_FAILED.match(word):
        return "failed"
    return "succeeded" if _LIKE_DONE.match(word) else "running"


def _deeper(found: Sequence[JsonObject], words: Sequence[str], numbers: Sequence[float]) -> State:
    """The state by a done-word that has no result: it yields to what a word deeper in says."""
    for word in words[1:]:
        if word not in _DONE:
            return "failed" if word in _FAILED else "running"
    top = found[0]
    if len(words) == 1 and words[0] in _OF_THE_CALL:
        if "data" in top and not top["data"]:
            return "running"  # nothing known yet
        if any(not 200 <= n < 300 for n in numbers):
            return "failed" if any(map(_is_wrong, found)) else "running"
    return "succeeded"


def _words(layer: JsonObject, keys: Sequence[str] = _STATUS_KEYS) -> Iterator[str]:
    for key in keys:
        value = layer.get(key)
        inner = mapping(value)  # some say {"status": {"state": "done"}}
        for one in (value, *(inner.get(name) for name in ("state", "status", "name"))):
            word = text(one)[:80].lower()
            if word and number(word) is None and word not in {"true", "false", "null", "none"}:
                yield _WORD_PREFIX.sub("", _SPELLING.sub("", word)) or word


def _is_wrong(layer: JsonObject) -> bool:
    error = layer.get("error")
    if is_wrong(error):
        return True
    return any(text(layer.get(key)).lower() not in NOTHING_WRONG for key in _ERROR_KEYS)


def progress_in(found: Sequence[JsonObject]) -> float | None:
    return next((n for layer in found if (n := number(layer.get("progress"))) is not None), None)


def reasons_in(found: Sequence[JsonObject]) -> Iterator[str]:
    """The texts that may say why it failed: the most telling first, none that only repeats an earlier one."""
    seen: list[str] = []
    for candidate in _candidates(found):
        words = label(candidate)
        if words.lower() in NOTHING_WRONG or words[:8].lower().startswith(("http://", "https://")):
            continue
        # Gateways cut the same words short in one field and give them whole in another.
        if not any(words in before for before in seen):
            seen.append(words)
            yield words


def _candidates(found: Sequence[JsonObject]) -> Iterator[object]:
    for layer in found:
        error: object = layer.get("error")
        yield message_in({"error": error})
        yield from (layer.get(key) for key in _ERROR_KEYS)
        yield layer.get("resulturl")
    for layer in found:
        yield from (layer.get(key) for key in ("message", "msg", "detail", "statusmessage", "statusmsg", "description"))
    for layer in found:
        yield mapping(layer.get("error")).get("code")
        yield from (layer.get(key) for key in ("code", "errorcode", "errcode", "failurecode"))
