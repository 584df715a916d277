"""The shapes of a submit's and of a poll's answer: pure functions of a task, its state and the clip's URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from .tasks import State, Task

_WRAPPED: Final[dict[State, tuple[str, str]]] = {
    "queued": ("QUEUED", "20%"),
    "running": ("IN_PROGRESS", "30%"),
    "succeeded": ("SUCCESS", "100%"),
    "failed": ("FAILURE", "100%"),
    "cancelled": ("FAILURE", "100%"),
    "expired": ("FAILURE", "100%"),
}
_INNER: Final[dict[State, str]] = {
    "queued": "PENDING",
    "running": "RUNNING",
    "succeeded": "SUCCEEDED",
    "failed": "FAILED",
    "cancelled": "CANCELED",
    "expired": "UNKNOWN",
}
_OPEN: Final = frozenset({"queued", "running"})


def submitted(task: Task, shape: str) -> dict[str, object]:
    """The answer to POST /video/generations."""
    match shape:
        case "both_ids":
            return {
                "id": task.id,
                "task_id": task.id,
                "object": "video",
                "model": task.model,
                "status": "queued",
                "progress": 0,
                "created_at": task.created_at,
            }
        case "task_id":
            return {"task_id": task.id}
        case "task_id_status":
            return {"task_id": task.id, "status": "queued"}
        case "wrapped":
            return {"code": "success", "message": "", "data": {"task_id": task.id, "status": "queued"}}
        case "wrapped_int":
            return {"code": "success", "message": "", "data": {"id": 17, "task_id": task.id, "status": "SUBMITTED"}}
        case _:
            return {"id": task.id, "status": "in_progress", "created_at": task.created_at}


def polled(task: Task, shape: str, state: State, url: str) -> dict[str, object]:
    """The answer to GET /video/generations/{id}. `url` is used only when the state is succeeded."""
    return _SHAPES.get(shape, _document)(task, state, url if state == "succeeded" else "")


def _document(task: Task, state: State, url: str) -> dict[str, object]:
    status = "in_progress" if state == "running" else state
    body: dict[str, object] = {"id": task.id, "status": status, "created_at": task.created_at}
    if url:
        body["video_url"] = url
    elif state not in _OPEN:
        code, message = task.reason
        body["error"] = {"message": message, "code": code}
    return body


def _fail_text(task: Task, state: State) -> str:
    if state in _OPEN or state == "succeeded":
        return ""
    code, message = task.reason
    return f"task failed, code: {code}, message: {message}"


def _wrapped(task: Task, state: State, url: str) -> dict[str, object]:
    status, progress = _WRAPPED[state]
    failed = _fail_text(task, state)
    output: dict[str, object] = {"task_id": task.id, "task_status": _INNER[state]}
    if url:
        output["video_url"] = url
    inner: dict[str, object] = {"output": output, "request_id": f"r-{task.id[:8]}"}
    if url:
        inner["usage"] = {"duration": task.seconds, "video_count": 1}
    data = {
        "id": 17,
        "task_id": task.id,
        "platform": "17",
        "action": "textGenerate",
        "status": status,
        "fail_reason": failed,
        "result_url": url or failed,
        "progress": progress,
        "submit_time": task.created_at,
        "quota": task.quota,
        "data": inner,
    }
    return {"code": "success", "message": "", "data": data}


def _older(task: Task, state: State, url: str) -> dict[str, object]:
    status, progress = _WRAPPED[state]
    reason = url or _fail_text(task, state)
    return _success({"task_id": task.id, "status": status, "fail_reason": reason, "progress": progress})


def _not_start(task: Task, state: State, url: str) -> dict[str, object]:
    if state in _OPEN:
        return _success({"task_id": task.id, "status": "NOT_START", "progress": "0%"})
    return _wrapped(task, state, url)


def _data_url(task: Task, state: State, url: str) -> dict[str, object]:
    error: object = None
    if state not in _OPEN and not url:
        code, message = task.reason
        error = {"code": code, "message": message}
    status = "processing" if state == "running" else state
    return _success({"error": error, "format": "mp4", "status": status, "task_id": task.id, "url": url})


def _null_data(task: Task, state: State, url: str) -> dict[str, object]:
    return {"code": "success", "data": None} if state in _OPEN else _wrapped(task, state, url)


def _openai(task: Task, state: State, url: str) -> dict[str, object]:
    status = {"running": "in_progress", "succeeded": "completed"}.get(state, state)
    progress = {"queued": 20, "running": 30}.get(state, 100)
    body: dict[str, object] = {"id": task.id, "object": "video", "status": status, "progress": progress}
    if state not in _OPEN:
        body["metadata"] = {"url": url}
        if not url:
            code, message = task.reason
            body["error"] = {"message": message, "code": code}
    return body


def _no_url(task: Task, state: State, url: str) -> dict[str, object]:
    body = _openai(task, state, url)
    body.pop("metadata", None)
    return body


def _content(task: Task, state: State, url: str) -> dict[str, object]:
    status = "in-progress" if state == "running" else state
    return (
        {"task_id": task.id, "status": status, "content": {"video_url": url}}
        if url
        else {"task_id": task.id, "status": status, **_reason(task, state)}
    )


def _plain_url(task: Task, state: State, url: str) -> dict[str, object]:
    status = "completed" if url else state
    return {"id": task.id, "status": status, **({"url": url} if url else {}), **_reason(task, state)}


def _unknown(task: Task, state: State, url: str) -> dict[str, object]:
    return {"id": task.id, "status": "unknown"} if state in _OPEN else _document(task, state, url)


def _kling(task: Task, state: State, url: str) -> dict[str, object]:
    word = {"queued": "submitted", "running": "processing", "succeeded": "succeed"}.get(state, "failed")
    data: dict[str, object] = {"task_id": task.id, "task_status": word, "task_status_msg": _fail_text(task, state)}
    if url:
        data["task_result"] = {"videos": [{"id": "v", "url": url, "duration": str(task.seconds)}]}
    return {"code": 0, "message": "SUCCEED", "request_id": "r", "data": data}


def _finished(task: Task, state: State, url: str) -> dict[str, object]:
    word = {"running": "RUNNING", "succeeded": "FINISHED", "failed": "FAIL"}.get(state, state.upper())
    return {"id": task.id, "state": word, **({"url": url} if url else {}), **_reason(task, state)}


def _number(task: Task, state: State, url: str) -> dict[str, object]:
    number = {"queued": 0, "running": 1, "succeeded": 2}.get(state, 3)
    return {"id": task.id, "status": number, **({"url": url} if url else {}), **_reason(task, state)}


def _new_words(task: Task, state: State, url: str) -> dict[str, object]:
    word = {"queued": "waiting", "running": "dreaming", "succeeded": "published"}.get(state, "moderated")
    return {"id": task.id, "status": word, **({"result_url": url} if url else {}), **_reason(task, state)}


def _success_inside(task: Task, state: State, url: str) -> dict[str, object]:
    inner = {"task_id": task.id, "status": "processing" if state in _OPEN else state, **_reason(task, state)}
    return {"status": "success", "message": "", "data": {**inner, **({"video_url": url} if url else {})}}


def _list(task: Task, state: State, url: str) -> dict[str, object]:
    body = _document(task, state, url)
    return {**body, "video_url": [url]} if url else body


def _cover(task: Task, state: State, url: str) -> dict[str, object]:
    if not url:
        return _document(task, state, url)
    cover = url.replace(f"{task.id}.mp4", f"{task.id}-cover")
    return {"id": task.id, "status": "succeeded", "url": cover, "items": [{"address": url}]}


def _relative(task: Task, state: State, url: str) -> dict[str, object]:
    return _plain_url(task, state, url and f"/v1/videos/{task.id}/content")


def _reason(task: Task, state: State) -> dict[str, object]:
    if state in _OPEN or state == "succeeded":
        return {}
    code, message = task.reason
    return {"error": {"message": message, "code": code}}


def _success(data: dict[str, object]) -> dict[str, object]:
    return {"code": "success", "message": "", "data": data}


_SHAPES: Final[dict[str, Callable[[Task, State, str], dict[str, object]]]] = {
    "data_wrapped": _wrapped,
    "older": _older,
    "not_start": _not_start,
    "data_url": _data_url,
    "null_data": _null_data,
    "openai": _openai,
    "no_url": _no_url,
    "content": _content,
    "plain_url": _plain_url,
    "unknown": _unknown,
    "kling": _kling,
    "finished": _finished,
    "number": _number,
    "new_words": _new_words,
    "success_inside": _success_inside,
    "list": _list,
    "cover": _cover,
    "relative": _relative,
}
