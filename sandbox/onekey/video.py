"""POST /video/generations, GET /video/generations/{id}, GET /videos/{id}/content."""

from __future__ import annotations

import base64
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Final

from aiohttp import ClientError, ClientSession, ClientTimeout
from yarl import URL

from . import faults, polls
from .clips import looked_at
from .context import Stored
from .gateways import DOCUMENTED, Rejected, read
from .plans import without_words
from .tasks import Task
from .uploads import LARGEST, SentImage, Undecodable, from_data_url

if TYPE_CHECKING:
    from aiohttp import web

    from .books import Books
    from .context import Context
    from .files import FilesRoute
    from .gateways import Wanted
    from .plans import Behaviour, Plan
    from .record import Request

_FETCH_SECONDS: Final = 5.0
_NO_TASK: Final = {"code": "task_not_exist", "message": "task_not_exist", "data": None}


class VideoRoute:
    def __init__(self, context: Context, files: FilesRoute, books: Books, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
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
        if plan.fault == "document" and not body.keys() <= DOCUMENTED:
            return faults.answer(faults.error("extra fields not permitted", code=None), status=422)
        try:
            _check_prompt(body)
            wanted = read(self._behaviour.gateway, body)
            sides, sound = await _like_its_input(wanted, record, as_it_is=plan.fault == "other_shape")
        except Rejected as problem:
            return faults.answer(faults.error(str(problem), code=problem.code), status=problem.status)
        task = self._accept(body, wanted, sides, plan, sound=sound and plan.fault != "no_sound")
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

    def _accept(
        self, body: dict[str, object], wanted: Wanted, sides: tuple[int, int], plan: Plan, *, sound: bool
    ) -> Task:
        prompt = str(body["prompt"])
        # Even ones, as H.264 wants them.
        width, height = (side // 2 * 2 for side in sides)
        task = Task(
            id=str(uuid.uuid4()),
            prompt=prompt,
            model=str(body["model"]),
            width=width,
            height=height,
            seconds=wanted.seconds,
            sound=sound,
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


def _check_prompt(body: dict[str, object]) -> None:
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not without_words(prompt):
        raise Rejected("prompt is required")


async def _like_its_input(wanted: Wanted, record: Request, *, as_it_is: bool) -> tuple[tuple[int, int], bool]:
    """The pixels of the clip, of the shape of what it begins with, but for `as_it_is`; and whether it has sound: what
    goes on from a clip that has some does, too. Pictures are decoded, and those in data URLs noted in the record.
    Raises: Rejected.
    """
    sides, sound = (wanted.width, wanted.height), wanted.sound
    for kind, url in wanted.media.items():
        if kind == "first_clip" and (before := looked_at(await _read(url) or b"")) is not None:
            sides = sides if as_it_is else wanted.like(before.width, before.height)
            sound = sound or before.sound
        if not kind.endswith("_frame"):
            continue
        if url.startswith(("https://", "http://")):
            picture = await _fetched(url)
        else:
            picture = await _sent(url)
            record.images = [*record.images, picture]
        if picture is not None and kind == "first_frame" and not as_it_is:
            sides = wanted.like(picture.width, picture.height)
    return sides, sound


async def _sent(url: str) -> SentImage:
    """The picture in a data URL. Raises: Rejected."""
    try:
        sent = from_data_url(url)
        if sent.size >= LARGEST:
            raise Rejected("image must be less than 50MB")
        await sent.decode()
    except Undecodable as error:
        raise Rejected(f"image must be a URL or a data URL of a PNG, JPEG or WebP: {error}") from error
    return sent


async def _fetched(url: str) -> SentImage | None:
    """The picture at an address of this machine, as far as it is one."""
    content = await _read(url)
    if content is None:
        return None
    try:
        sent = SentImage("image", URL(url).name, "", content, len(content))
        await sent.decode()
    except Undecodable:
        return None
    return sent


async def _read(url: str) -> bytes | None:
    """What is at an address of this machine: a real service fetches any; this one has no way out."""
    parts = URL(url, encoded=True)
    if parts.host not in {"127.0.0.1", "localhost", "::1"}:
        return None
    try:
        async with ClientSession(timeout=ClientTimeout(total=_FETCH_SECONDS)) as session, session.get(parts) as answer:
            return await answer.read()
    except (ClientError, TimeoutError):
        return None


def _stored(task: Task) -> Stored:
    return Stored(
        "mp4",
        task.prompt,
        task.width,
        task.height,
        seconds=task.seconds,
        sound=task.sound,
        file_bytes=task.file_bytes,
    )
