"""POST /video/generations, GET /video/generations/{id}, GET /videos/{id}/content."""

from __future__ import annotations

import base64
import re
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Final

from . import faults, polls
from .clips import SECONDS
from .context import Stored
from .plans import without_words
from .tasks import Task
from .uploads import LARGEST, Undecodable, from_data_url

if TYPE_CHECKING:
    from aiohttp import web

    from .books import Books
    from .context import Context
    from .files import FilesRoute
    from .plans import Plan
    from .record import Request

_SIZE: Final = re.compile(r"(\d{3,4})\*(\d{3,4})")
_TIER: Final = re.compile(r"\d{3,4}P")
_DOCUMENTED: Final = frozenset({"model", "prompt", "resolution"})
_NO_TASK: Final = {"code": "task_not_exist", "message": "task_not_exist", "data": None}


class VideoRoute:
    def __init__(self, context: Context, files: FilesRoute, books: Books) -> None:
        self._context = context
        self._books = books
        self._files = files
        self.tasks: dict[str, Task] = {}
        self.submits: Counter[str] = Counter()
        """Accepted submits by prompt, those included whose answer was lost: what would be billed."""

    async def submit(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        body = record.json
        if plan.fault == "size" and "size" in body:
            return faults.answer(faults.error("Unknown parameter: 'size'.", code="unknown_parameter"), status=400)
        if plan.fault == "plain" and "metadata" in body:
            return faults.answer(faults.error("Unknown parameter: 'metadata'.", code="unknown_parameter"), status=400)
        if plan.fault == "document" and not body.keys() <= _DOCUMENTED:
            return faults.answer(faults.error("extra fields not permitted", code=None), status=422)
        problem = _problem(body) or await _image_problem(body, record)
        if problem:
            return faults.answer(faults.error(problem, code="InvalidParameter"), status=400)
        task = self._accept(body, plan)
        task.quota = self._books.video(record.call, task.model, task)
        match plan.fault:
            case "lost":
                raise faults.drop(request)
            case "lost_hang":
                await faults.hang()
            case "lost_500":
                return faults.answer(faults.error("upstream error", code=None), status=500)
            case _:
                pass
        return faults.answer(polls.submitted(task, plan.shape))

    def _accept(self, body: dict[str, object], plan: Plan) -> Task:
        prompt = str(body["prompt"])
        width, height = _size(body)
        seconds = float(str(body["duration"])) if "duration" in body else SECONDS
        task = Task(
            id=str(uuid.uuid4()),
            prompt=prompt,
            model=str(body["model"]),
            width=width,
            height=height,
            seconds=seconds,
            queue_seconds=plan.queue_seconds,
            run_seconds=plan.run_seconds,
            outcome=plan.outcome,
            file_bytes=plan.file_bytes,
        )
        self.tasks[task.id] = task
        self.submits[prompt] += 1
        self._context.keep(f"{task.id}.mp4", _stored(task))
        self._context.keep(f"{task.id}-cover", Stored("jpeg", prompt, width, height))
        return task

    async def poll(self, record: Request, plan: Plan, task_id: str) -> web.StreamResponse:
        task = self.tasks.get(task_id)
        state = "gone" if task is None else task.state()
        if task is None or state == "gone" or plan.fault == "task_not_exist":
            return faults.answer(_NO_TASK, status=400)
        task.polls += 1
        record.prompt = task.prompt
        url = self._context.url(f"{task.id}.mp4", plan)
        if plan.shape == "doubled_url":
            url = f"{self._context.own_host}/v1/v1/videos/{task.id}/content"
        elif plan.shape == "embedded" and state == "succeeded":
            clip = await self._files.content(_stored(task))
            url = f"data:video/mp4;base64,{base64.b64encode(clip).decode()}"
        return faults.answer(polls.polled(task, plan.shape, state, url))

    async def content(self, request: web.Request, plan: Plan, task_id: str) -> web.StreamResponse:
        task = self.tasks.get(task_id)
        if task is None:
            return faults.answer(faults.error("Task not found", code="task_not_found"), status=404)
        if task.state() != "succeeded":
            return faults.answer(faults.error("Task is not completed yet"), status=400)
        task.fetched += 1
        return await self._files.send(request, _stored(task), plan)


def _problem(body: dict[str, object]) -> str:
    """What is wrong with a submit, in the words of such services; empty: nothing."""
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not without_words(prompt):
        return "prompt is required"
    for name in ("resolution", "size"):
        value = body.get(name)
        if value is not None and (not isinstance(value, str) or not (_SIZE.fullmatch(value) or _TIER.fullmatch(value))):
            return f"{name} must be like 1280*720, got {value!r}"
    if "duration" in body and not (isinstance(body["duration"], int) and 1 <= body["duration"] <= 15):
        return "duration must be a whole number of seconds from 1 to 15"
    return ""


async def _image_problem(body: dict[str, object], record: Request) -> str:
    """What is wrong with the picture to animate. One in a data URL is decoded and noted in the record."""
    image = body.get("image")
    if image is None:
        return ""
    if "t2v" in str(body.get("model")):
        return f"model {body['model']} does not support image input"
    if isinstance(image, str) and image.startswith(("https://", "http://")):
        return ""  # a real service fetches it; this one has no way out of the machine
    try:
        sent = from_data_url(str(image))
        if sent.size >= LARGEST:
            return "image must be less than 50MB"
        await sent.decode()
    except Undecodable as error:
        return f"image must be a URL or a data URL of a PNG, JPEG or WebP: {error}"
    record.images = [sent]
    return ""


def _size(body: dict[str, object]) -> tuple[int, int]:
    """Width and height in pixels, even ones, as H.264 wants them."""
    match = _SIZE.fullmatch(str(body.get("resolution") or body.get("size") or "1280*720"))
    width, height = (int(match[1]), int(match[2])) if match else (1280, 720)
    return width // 2 * 2, height // 2 * 2


def _stored(task: Task) -> Stored:
    return Stored(
        "mp4",
        task.prompt,
        task.width,
        task.height,
        file_bytes=task.file_bytes,
    )
