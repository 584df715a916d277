"""Videos: POST /video/generations, and what GET /video/generations/{id} says in its many shapes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

import orjson

from bot.api.failures import Effect, is_refusal
from bot.api.retries import ONCE, RetryPolicy
from bot.api.shapes import JsonObject, label, mapping, number, text
from bot.api.timeouts import Timeouts
from bot.api.transport import Answer, Call, OnWait, Transport
from bot.errors import BadAnswer, Declined, InvalidRequest, TaskNotFound, Uncertain

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROUTE: Final = "/video/generations"
_DONE: Final = frozenset({"succeeded", "success", "completed"})
_FAILED: Final = frozenset({"failed", "failure", "cancelled", "canceled", "expired", "error"})
_RESOLUTION: Final = re.compile(r"^\s*(\d+)\s*[x×X*]\s*(\d+)\s*$")
_SIZE: Final = re.compile(r"\bsize\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """What to make; None leaves it to the model.

    `resolution`: "1280*720", also with x or × between, or a name as "720P". `duration`: seconds. `image`: the first
    frame, a URL or `data:image/png;base64,…`.
    """

    model: str
    prompt: str
    resolution: str | None
    duration: int | None = None
    image: str | None = None

    def body(self, *, with_size: bool = True) -> bytes:
        """`size` holds the resolution again: models behind the gateway read the one or the other."""
        fields: JsonObject = {"model": self.model, "prompt": self.prompt}
        if self.resolution:
            fields["resolution"] = normalise_resolution(self.resolution)
            if with_size:
                fields["size"] = fields["resolution"]
        if self.duration is not None:
            fields["duration"] = self.duration
        if self.image:
            fields["image"] = self.image
        return orjson.dumps(fields)


@dataclass(frozen=True, slots=True)
class VideoTask:
    """`id` is opaque."""

    id: str


@dataclass(frozen=True, slots=True)
class VideoStatus:
    """One poll's answer.

    `url` is never None when `state` is "succeeded" (and expires, mostly after 24 h), always None otherwise.
    `reason`: the service's raw words for a failure. `declined`: it is a refusal by content policy. `progress`: per
    cent, as claimed; Wan's gateways only ever say 20, 30 and 100.
    """

    state: Literal["running", "succeeded", "failed"]
    url: str | None
    reason: str | None
    declined: bool
    progress: float | None


def normalise_resolution(resolution: str) -> str:
    """`1280x720` → `1280*720`, which is what the service reads; anything else is left as it is."""
    sides = _RESOLUTION.match(resolution)
    return f"{sides[1]}*{sides[2]}" if sides else resolution.strip()


async def submit(
    transport: Transport,
    request: VideoRequest,
    *,
    timeouts: Timeouts,
    retries: RetryPolicy,
    on_wait: OnWait | None,
) -> VideoTask:
    """`OneKeyClient.submit_video` says what it raises."""

    async def send(*, with_size: bool) -> Answer:
        body = request.body(with_size=with_size)
        sent = (request.prompt, request.model)
        call = Call("POST", _ROUTE, Effect.MAKES, body=body, total=timeouts.video_submit, retries=retries, sent=sent)
        return await transport.json(call, on_wait=on_wait)

    try:
        try:
            answer = await send(with_size=True)
        except InvalidRequest as error:
            if error.status != 400 or not request.resolution or not _SIZE.search(error.detail):
                raise
            answer = await send(with_size=False)
    except BadAnswer as error:
        # It said yes in a way that can't be read: the video may well be under way.
        raise Uncertain(error.detail, status=error.status, request_id=error.request_id) from error
    task_id = parse_task_id(answer.document)
    if task_id is None:
        message = "accepted without a task id"
        raise Uncertain(message, status=answer.status, request_id=answer.request_id)
    return VideoTask(task_id)


def parse_task_id(document: JsonObject) -> str | None:
    """The first string among `id`, `task_id`, `data.task_id`. An integer is the gateway's own row, not the task."""
    data = mapping(document.get("data"))
    return text(document.get("id")) or text(document.get("task_id")) or text(data.get("task_id")) or None


async def poll(transport: Transport, task_id: str, *, timeouts: Timeouts) -> VideoStatus:
    """`OneKeyClient.get_video` says what it raises."""
    path = quote(task_id, safe="")
    if not path.strip("."):
        message = "no such task id"
        raise TaskNotFound(message)
    call = Call("GET", _ROUTE, Effect.READS, path=f"{_ROUTE}/{path}", total=timeouts.poll, retries=ONCE)
    try:
        answer = await transport.document(call)
        if not _status(answer.document):
            transport.check(answer, call)
    except Declined as error:
        # An error instead of a status, but a final one: asking again would only bring the same refusal.
        return VideoStatus(state="failed", url=None, reason=error.detail or error.code, declined=True, progress=None)
    except InvalidRequest as error:
        if error.status != 404:
            raise
        raise TaskNotFound(error.detail, status=404, code=error.code, request_id=error.request_id) from error
    return parse_status(answer.document, transport, fallback_url=f"{transport.base_url}/videos/{path}/content")


def parse_status(document: JsonObject, transport: Transport, *, fallback_url: str) -> VideoStatus:
    """The status in any of the gateways' shapes; what is neither done nor failed is still running."""
    status = _status(document)
    progress = next((n for layer in _layers(document) if (n := number(layer.get("progress"))) is not None), None)
    if status in _DONE:
        link = next((url for url in map(text, _urls(document)) if _is_link(url)), None)
        url = transport.collapse(link) if link else fallback_url
        return VideoStatus(state="succeeded", url=url, reason=None, declined=False, progress=progress)
    if status in _FAILED:
        words = list(_reasons(document))
        reason = transport.clean(words[0]) if words else None
        return VideoStatus(state="failed", url=None, reason=reason, declined=is_refusal(*words), progress=progress)
    return VideoStatus(state="running", url=None, reason=None, declined=False, progress=progress)


def _layers(document: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Where a task's fields may be: at the top, or wrapped in `data` by the gateway."""
    return document, mapping(document.get("data"))


def _status(document: JsonObject) -> str:
    top, data = _layers(document)
    return (text(data.get("status")) or text(top.get("status"))).lower().replace("-", "_")


def _urls(document: JsonObject) -> Iterator[object]:
    for layer in _layers(document):
        yield layer.get("video_url")
        yield layer.get("url")
        yield layer.get("result_url")
        yield mapping(layer.get("metadata")).get("url")
    inner = mapping(mapping(document.get("data")).get("data"))
    yield mapping(inner.get("output")).get("video_url")
    for layer in _layers(document):
        yield mapping(layer.get("content")).get("video_url")
    for layer in _layers(document):
        yield layer.get("fail_reason")


def _is_link(url: str) -> bool:
    return url[:8].lower().startswith(("http://", "https://"))


def _reasons(document: JsonObject) -> Iterator[str]:
    """The texts that may say why it failed: the most telling first, none that only repeats an earlier one."""
    seen: set[str] = set()
    for layer in _layers(document):
        error: object = layer.get("error")
        candidates = (
            mapping(error).get("message"),
            error,
            layer.get("fail_reason"),
            layer.get("result_url"),
            layer.get("message"),
            mapping(error).get("code"),
        )
        for candidate in candidates:
            words = label(candidate)
            # Gateways cut the same words short in one field and give them whole in another.
            if words and not _is_link(words) and not any(words in before for before in seen):
                seen.add(words)
                yield words
