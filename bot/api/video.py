"""Videos: POST /video/generations, and what GET /video/generations/{id} says in its many shapes."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import orjson

from bot.api import clips, encoded
from bot.api.addresses import exact_url
from bot.api.calls import Answer, Call
from bot.api.failures import Effect, find_failure, is_refusal
from bot.api.learned import Learned
from bot.api.memory import Memory
from bot.api.money import quota_of
from bot.api.permits import Permit
from bot.api.retries import ONCE, RetryPolicy
from bot.api.rungs import HELD_BY, VideoRequest
from bot.api.shapes import JsonObject, first_of, label, mapping, text
from bot.api.statuses import State, Statuses, layers, progress_in, reasons_in, says_failed, says_running
from bot.api.timeouts import Timeouts
from bot.api.transport import Transport
from bot.api.waits import OnWait
from bot.errors import ApiError, BadAnswer, Declined, InvalidRequest, TaskNotFound, Uncertain, WouldDrop

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

_ROUTE: Final = "/video/generations"
_OTHER_IDS: Final = ("videoid", "generationid", "jobid", "predictionid", "operationid", "taskuuid", "uuid")
_LONE_ID: Final = re.compile(r"(?=.*\d)[\w.:-]{6,200}")
"""Where it is all that the answer holds."""
_ANSWER_LIMIT: Final = 96 * 1024 * 1024
"""A clip may come inside the answer, as base64."""


@dataclass(frozen=True, slots=True)
class VideoTask:
    """`id` is opaque. `made`: it was made at once, and there is no task to be asked after."""

    id: str | None
    made: VideoStatus | None = None


@dataclass(frozen=True, slots=True)
class VideoStatus:
    """One poll's answer.

    `url` is never None when `state` is "succeeded" (and expires, mostly after 24 h), but of a clip that a submit
    answered with, as `data`; always None otherwise. `others`:
    where the clip may be if it is not there, the likeliest first; none where there is no doubt. `data`: the clip
    itself, where it came inside the answer, type unchecked. `reason`: the service's raw words for a failure.
    `declined`: it is a refusal by content policy. `progress`: per cent, as claimed; Wan's gateways only ever say 20, 30
    and 100.
    """

    state: State
    url: str | None
    reason: str | None
    declined: bool
    progress: float | None
    others: tuple[str, ...] = ()
    data: bytes | None = field(default=None, repr=False)
    quota: int | None = None
    """What it cost, in the service's own count (`money.Unit`), where it tells."""


async def submit(
    transport: Transport,
    request: VideoRequest,
    permit: Permit,
    *,
    memory: Memory,
    statuses: Statuses,
    timeouts: Timeouts,
    retries: RetryPolicy,
    on_wait: OnWait | None,
) -> VideoTask:
    """`OneKeyClient.submit_video` says what it raises."""
    learned = Learned(memory, transport.base_url, request.model)
    bodies = request.rungs()
    known = await learned.form()
    # What is chosen now may stand on no lower rung than that.
    tried = [rung for rung in bodies if rung >= (known or 0)] or [max(bodies)]
    for rung in tried:
        call = Call(
            "POST",
            _ROUTE,
            Effect.MAKES,
            body=orjson.dumps(bodies[rung]),
            total=timeouts.video_submit,
            retries=retries,
            limit=_ANSWER_LIMIT,
            sent=request.sent,
            permit=permit,
        )
        try:
            answer = await transport.json(call, on_wait=on_wait)
        except InvalidRequest as error:
            if not error.about_form or error.status == 415:
                raise
            if rung == tried[-1]:
                if not (dropped := request.parts - HELD_BY[min(rung + 1, len(HELD_BY) - 1)]):
                    raise
                await learned.note_lack(error.detail, dropped)
                raise WouldDrop.of(error, dropped) from error
            log.info("%s does not take a video in form %d, trying the next: %s", request.model, rung, error)
        except BadAnswer as error:
            # It said yes in a way that can't be read: the video may well be under way.
            raise Uncertain(error.detail, status=error.status, request_id=error.request_id) from error
        else:
            await learned.note_form(rung)
            return await _task_of(answer, transport, statuses=statuses, sent=request.sent)
    raise AssertionError  # the last rung returns or raises


async def _task_of(answer: Answer, transport: Transport, *, statuses: Statuses, sent: Sequence[str]) -> VideoTask:
    task_id = parse_task_id(answer.document)
    # What only the call is named by is no task where there is a clip.
    if task_id is None or task_id == next(_calls(layers(answer.document)), None):
        made = await parse_status(answer, transport, task_path=None, statuses=statuses, sent=sent)
        if made is not None and made.state == "succeeded":
            return VideoTask(None, made)
    if task_id is None:
        error = transport.without_result(answer, "accepted without a task id", sent=sent)
        if isinstance(error, BadAnswer):
            raise Uncertain(error.detail, status=error.status, request_id=error.request_id)
        raise error
    return VideoTask(task_id)


def parse_task_id(document: JsonObject) -> str | None:
    """The task's id, wherever it stands: an opaque text, or an integer where there is nothing else.

    An integer `id` beside a `task_id` is the gateway's own row. `request_id` names a call, and is the task only where
    nothing marks a failure.
    """
    return next(_ids(document), None)


def _ids(document: JsonObject) -> Iterator[str]:
    found = layers(document)
    yield from filter(None, (text(found[0].get("id")), *(text(layer.get("taskid")) for layer in found)))
    yield from filter(None, (label(layer.get("taskid")) for layer in found))
    yield from filter(None, (text(layer.get("id")) for layer in found[1:]))
    yield from filter(None, (text(layer.get(key)) for key in _OTHER_IDS for layer in found))
    if find_failure(document) is None:
        alone = (text(first_of(found[0].get(key))) for key in ("data", "result"))
        yield from filter(_LONE_ID.fullmatch, alone)
        if not any(layer.get(key) for layer in found for key in ("error", "message")):
            yield from _calls(found)
    yield from filter(None, (label(layer.get("id")) for layer in found))


def _calls(found: Sequence[JsonObject]) -> Iterator[str]:
    return filter(None, (text(layer.get("requestid")) for layer in found))


async def poll(
    transport: Transport, task_id: str, *, statuses: Statuses, sent: Collection[str], timeouts: Timeouts
) -> VideoStatus:
    """`OneKeyClient.get_video` says what it raises."""
    path = quote(task_id, safe="")
    if not path.strip("."):
        message = "no such task id"
        raise TaskNotFound(message)
    call = Call(
        "GET",
        _ROUTE,
        Effect.READS,
        path=f"{_ROUTE}/{path}",
        total=timeouts.poll,
        retries=ONCE,
        limit=_ANSWER_LIMIT,
        sent=tuple(sent),
    )
    try:
        answer = await transport.document(call)
        status = await parse_status(answer, transport, task_path=path, statuses=statuses, sent=sent)
        if status is None:
            transport.check(answer, call)
    except Declined as error:
        # An error instead of a status, but a final one: asking again would only bring the same refusal.
        return VideoStatus(state="failed", url=None, reason=error.detail or error.code, declined=True, progress=None)
    except ApiError as error:
        if found := _failed_with(error, task_id):
            return _failed(found, transport, sent=sent)
        if not isinstance(error, InvalidRequest) or error.status not in {404, 410}:
            raise
        raise TaskNotFound(error.detail, status=error.status, code=error.code, request_id=error.request_id) from error
    return status or VideoStatus(state="running", url=None, reason=None, declined=False, progress=None)


async def parse_status(
    answer: Answer, transport: Transport, *, task_path: str | None, statuses: Statuses, sent: Collection[str] = ()
) -> VideoStatus | None:
    """The state in any of the gateways' shapes; None: it says nothing of one. `task_path`: the id, escaped; None: there
    is no task, so that only a clip that is there for sure is one.
    """
    content = None if task_path is None else f"{transport.base_url}/videos/{task_path}/content"
    if answer.file:
        return VideoStatus("succeeded", content, None, declined=False, progress=None, data=answer.file)
    found = layers(answer.document)
    if says_running(found):  # by far the most of all answers: not looked through for a clip
        return VideoStatus("running", None, None, declined=False, progress=progress_in(found))
    clip = clips.find(answer.document, base=exact_url(f"{transport.base_url}/"), sent=sent)
    state = statuses.read(found, has_result=clip.likely, has_known_result=clip.known)
    progress = progress_in(found)
    if (state is None and progress is None) or (content is None and not clip.known):
        return None
    if state == "succeeded":
        links = list(dict.fromkeys(map(transport.collapse, clip.links)))
        if content is not None and (len(links) != 1 or not clip.known):
            links.append(content)
        data = await encoded.decoded(clip.file) if clip.file else None
        return VideoStatus(
            state,
            links[0] if links else None,
            None,
            declined=False,
            progress=progress,
            others=tuple(links[1:]),
            data=data,
            # Nought is what those write that do not count.
            quota=quota_of(mapping(answer.document.get("data")).get("quota")) or None,
        )
    if state == "failed":
        return _failed(found, transport, sent=sent)
    return VideoStatus("running", None, None, declined=False, progress=progress)


def _failed(found: Sequence[JsonObject], transport: Transport, *, sent: Collection[str]) -> VideoStatus:
    words = list(reasons_in(found))
    reason = transport.clean(words[0]) if words else None
    declined = is_refusal(*words, sent=tuple(sent))
    return VideoStatus("failed", None, reason, declined=declined, progress=progress_in(found))


def _failed_with(error: ApiError, task_id: str) -> Sequence[JsonObject]:
    """The layers of an answer with an error status, if it is the task that failed and not the question: they name it,
    or tell a task's state.
    """
    found = layers(error.document)
    named = any(label(layer.get(key)) == task_id for layer in found for key in ("id", "taskid"))
    return found if says_failed(found, of_task=not named) else ()
