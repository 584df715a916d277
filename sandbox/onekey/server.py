"""The stand-in of the OneKeyModel API: real HTTP on a loopback port, one or several servers a process."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final, Self, Unpack, cast
from weakref import WeakKeyDictionary

from aiohttp import web

from . import faults
from .books import Books
from .chat import ChatRoute
from .context import Context
from .edits import EditsRoute, not_multipart
from .files import FilesRoute
from .images import ImagesRoute
from .moderations import MODEL as MODERATION
from .moderations import ModerationsRoute
from .plans import Behaviour, Changes, Plan, Plans, UnknownWord
from .record import Log, Request
from .uploads import Form, form_of_json, read_form
from .video import VideoRoute

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from .names import Route
    from .tasks import Task

MODELS: Final = (
    "deepseek-chat",
    "deepseek-reasoner",
    "qwen3-max",
    "qwen3-vl-plus",
    "wan2.7-image",
    "qwen-image",
    "qwen-image-edit",
    "wan2.7-t2v",
    "wan2.7-i2v",
)
_CALL: Final = web.RequestKey("call", str)
_NO_KEY: Final[frozenset[Route | None]] = frozenset({"files"})


class OneKeyServer:
    """The API on http://127.0.0.1:PORT/v1.

    `behaviour` may be changed at any time, `next()` speaks of coming requests, words in a prompt of one prompt
    (plans.help_text()). A request for a model that is not in `models` gets 503 model_not_found.
    """

    def __init__(
        self,
        *,
        key: str = "sk-sandbox",
        behaviour: Behaviour | None = None,
    ) -> None:
        self.key = key
        self.behaviour = behaviour or Behaviour()
        self.models: tuple[str, ...] = MODELS
        self.put_in, self.used = 20.0, 7.66
        """What the account's billing routes tell."""
        self.base_url = ""
        self.other_visits = 0
        """Requests to /private on the second port: a bot that follows every redirect ends there."""
        self._plans = Plans(self.behaviour)
        self.requests = Log(self.behaviour.keep_requests)
        self._context = Context()
        self._connections: WeakKeyDictionary[asyncio.Transport, int] = WeakKeyDictionary()
        self.books = Books()
        """What everything costs, and what was charged."""
        self._chat = ChatRoute(self.books)
        self._images = ImagesRoute(self._context, self.books)
        self._edits = EditsRoute(self._images)
        self._files = FilesRoute(self._context)
        self._moderations = ModerationsRoute()
        self._video = VideoRoute(self._context, self._files, self.books, self.behaviour)
        self._stack = AsyncExitStack()

    @property
    def tasks(self) -> dict[str, Task]:
        """The video tasks by id."""
        return self._video.tasks

    @property
    def submits(self) -> Counter[str]:
        """How many video tasks were accepted for a prompt, answered or not."""
        return self._video.submits

    @property
    def other_url(self) -> str:
        """http://127.0.0.1:PORT of the second port."""
        return self._context.other_host

    def next(self, route: Route, *, times: int = 1, after: int = 0, **changes: Unpack[Changes]) -> None:
        """The next `times` requests of a route, after `after` untouched ones, are answered otherwise.

        Raises:
            ValueError: there is no such shape, fault or outcome.
        """
        self._plans.next(route, times=times, after=after, **changes)

    def calm(self, *routes: Route) -> None:
        """Forgets what next() asked for, on some routes or on all."""
        self._plans.clear(*routes)

    def coming(self, route: Route) -> list[Changes]:
        """What next() asked for, and what no request has met yet."""
        return self._plans.coming(route)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.callback(self._chat.close)
            own = await self._listen(stack, self._application())
            other = await self._listen(stack, self._other())
            self._context.own_host = f"http://127.0.0.1:{own}"
            self._context.other_host = f"http://127.0.0.1:{other}"
            self.base_url = f"{self._context.own_host}/v1"
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _listen(self, stack: AsyncExitStack, application: web.Application) -> int:
        # Handlers are cancelled when their client hangs up, so that nothing is streamed to nobody.
        runner = web.AppRunner(
            application, access_log=None, handler_cancellation=True, shutdown_timeout=0.1, keepalive_timeout=75
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return cast("tuple[str, int]", runner.addresses[0])[1]

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.on_response_prepare.append(_identify)
        add = application.router.add_route
        add("POST", "/v1/chat/completions", self._for("chat", self._answer_chat))
        add("POST", "/v1/images/generations", self._for("images", self._answer_images))
        add("POST", "/v1/images/edits", self._for("edits", self._answer_edits))
        add("GET", "/v1/models", self._for("models", self._answer_models))
        add("POST", "/v1/moderations", self._for("moderations", self._answer_moderations))
        for path in ("/v1/video/generations", "/v1/v1/video/generations"):
            add("POST", path, self._for("video.submit", self._answer_submit))
            add("GET", path + "/{id}", self._for("video.poll", self._answer_poll))
        add("GET", "/v1/videos/{id}/content", self._for("video.content", self._answer_content))
        add("GET", "/files/{name}", self._for("files", self._answer_file))
        for path in ("/v1/dashboard/billing/{what}", "/dashboard/billing/{what}"):
            add("GET", path, self._for("billing", self._answer_billing))
        add("GET", "/api/{path:(?:log/token|usage/token/?|pricing|status)}", self._for("money", self._answer_money))
        add("*", "/{path:.*}", self._for(None, self._answer_elsewhere))
        return application

    def _other(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/files/{name}", self._for("files", self._answer_file))
        application.router.add_get("/private", self._for(None, self._answer_private))
        return application

    def _for(
        self, route: Route | None, answer: Callable[[web.Request, Request, Plan], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """What is the same for all routes: the log, the key, the plan, the delay, the general faults."""

        async def handle(request: web.Request) -> web.StreamResponse:
            record = await self._record(request, route)
            try:
                response = await self._planned(request, record, route, answer)
                record.status = response.status
                record.content_type = response.content_type
                if isinstance(response, web.Response) and isinstance(response.body, bytes):
                    record.wrote(response.body)
            except faults.HungUp:
                # Nothing may be written any more; aiohttp asks for a response all the same.
                response = web.Response(status=500)
            except (asyncio.CancelledError, ConnectionResetError):
                record.hung_up = True
                raise
            finally:
                self.requests.end(record)
            return response

        return handle

    async def _planned(
        self,
        request: web.Request,
        record: Request,
        route: Route | None,
        answer: Callable[[web.Request, Request, Plan], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        if route is None:
            return await answer(request, record, Plan())
        if route not in _NO_KEY and record.key != self.key:
            return faults.answer(faults.error("Invalid token (request id: 2026)"), status=401)
        try:
            record.prompt = self._prompt(request, record, route)
            plan = self._plans.take(route, prompt=record.prompt, subject=_subject(request, route))
        except UnknownWord as exception:
            return faults.answer(faults.error(str(exception), code="unknown_word"), status=400)
        if plan.delay:
            await asyncio.sleep(plan.delay)
        response = await faults.play(request, plan)
        return response if response is not None else await answer(request, record, plan)

    async def _record(self, request: web.Request, route: Route | None) -> Request:
        form = Form()
        body = b""
        if request.content_type == "multipart/form-data":
            form = await read_form(request) or form
        else:
            body = await request.read()
            if route == "edits":
                form = form_of_json(body) or form
        transport = request.transport
        number = 0
        if transport is not None:
            number = self._connections.get(transport, 0)
            if not number:
                self.requests.connections += 1
                number = self._connections[transport] = self.requests.connections
        record = Request(
            number=sum(self.requests.counts.values()) + 1,
            route=route,
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
            connection=number,
            call=f"{time.time_ns()}",
            form=form.fields,
            images=form.files,
        )
        request[_CALL] = record.call
        self.requests.add(record)
        return record

    def _prompt(self, request: web.Request, record: Request, route: Route) -> str:
        """The prompt that a request belongs to: its own, or that of its task or file."""
        if route == "chat":
            return self._chat.prompt(record)
        if route == "moderations":
            try:
                said = record.json.get("input")
            except ValueError:
                return ""
            return said if isinstance(said, str) else ""
        if route in {"images", "video.submit"}:
            try:
                return str(record.json.get("prompt", ""))
            except ValueError:
                return ""
        if route == "edits":
            return record.form.get("prompt", "")
        if route == "files":
            stored = self._context.files.get(request.match_info["name"])
            return stored.prompt if stored is not None else ""
        if "id" in request.match_info:
            task = self.tasks.get(request.match_info["id"])
            return task.prompt if task is not None else ""
        return ""

    async def _answer_chat(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        return self._refused(record) or await self._chat.answer(request, record, plan)

    async def _answer_images(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        del request
        return self._refused(record) or await self._images.answer(record, plan)

    async def _answer_edits(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        is_form = request.content_type == "multipart/form-data"
        if plan.fault == "no_form" and is_form:
            return faults.answer(
                faults.error("invalid character '-' in numeric literal", code="invalid_json"), status=400
            )
        if not is_form and (plan.fault == "no_json" or not record.images):
            return not_multipart(request.content_type)
        return self._no_model(record.form.get("model")) or await self._edits.answer(record, plan)

    async def _answer_submit(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        return self._misplaced(request) or self._refused(record) or await self._video.submit(request, record, plan)

    async def _answer_poll(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        return self._misplaced(request) or await self._video.poll(record, plan, request.match_info["id"])

    async def _answer_content(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        del record
        return await self._video.content(request, plan, request.match_info["id"])

    async def _answer_file(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        del record
        return await self._files.answer(request, plan, request.match_info["name"])

    async def _answer_moderations(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        if plan.shape == "absent":
            return _no_route(request)
        answer = self._moderations.answer(record, plan)
        if answer.status == 200 and MODERATION in self.books.tariffs:  # free otherwise
            self.books.made(record.call, MODERATION, 1)
        return answer

    async def _answer_models(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        del record
        if plan.shape == "missing":
            return _no_route(request)
        if plan.shape == "refused":
            return faults.answer({"success": False, "message": "not enabled"})
        data = [
            {
                "id": name,
                "object": "model",
                "created": 1626777600,
                "owned_by": "ali",
                "supported_endpoint_types": ["openai"],
            }
            for name in self.models
        ]
        return faults.answer({"object": "list", "success": True, "data": data})

    async def _answer_billing(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        what = request.match_info["what"]
        if plan.shape == "at_root" and request.path.startswith("/v1/"):
            return web.Response(text=faults.HTML.format(title="OneKeyModel"), content_type="text/html")
        if plan.shape == "untold":
            return faults.answer({"success": False, "message": "not enabled"})
        if plan.shape == "no_usage" and what == "usage":
            return _no_route(request)
        if plan.shape == "absent" or what not in {"subscription", "usage"}:
            return await self._answer_elsewhere(request, record, plan)
        if what == "usage":
            return faults.answer({"object": "list", "total_usage": round(self.used * 100, 4)})
        limit = 100_000_000 if plan.shape == "unlimited" else self.put_in
        return faults.answer(
            {
                "object": "billing_subscription",
                "has_payment_method": True,
                "soft_limit_usd": limit,
                "hard_limit_usd": limit,
                "system_hard_limit_usd": limit,
                "access_until": 0,
            }
        )

    async def _answer_money(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        told = self.books.answer(request, record, plan)
        return told if told is not None else await self._answer_elsewhere(request, record, plan)

    async def _answer_elsewhere(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        """Under /v1 a 404 in JSON, elsewhere the provider's page: what a wrong base URL meets."""
        del record, plan
        if request.path.startswith("/v1/"):
            return _no_route(request)
        return web.Response(text=faults.HTML.format(title="OneKeyModel"), content_type="text/html")

    async def _answer_private(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        del request, record, plan
        self.other_visits += 1
        return web.Response(text="a page that nobody outside this machine may see")

    def _refused(self, record: Request) -> web.StreamResponse | None:
        """What is wrong with the request before any route looks at it."""
        try:
            model = record.json.get("model")
        except ValueError:
            return faults.answer(faults.error("invalid character in request body", code="invalid_request"), status=400)
        return self._no_model(model)

    def _no_model(self, model: object) -> web.StreamResponse | None:
        if not isinstance(model, str) or not model:
            return faults.answer(faults.error("model name not specified", code="invalid_request"), status=400)
        if model not in self.models:
            text = f"No available channel for model {model} under group default (distributor)"
            return faults.answer(faults.error(text, code="model_not_found"), status=503)
        return None

    def _misplaced(self, request: web.Request) -> web.StreamResponse | None:
        doubled = request.path.startswith("/v1/v1/")
        return None if doubled == (self.behaviour.video_path == "doubled") else _no_route(request)


def _no_route(request: web.Request) -> web.Response:
    text = f"Invalid URL ({request.method} {request.path})"
    return faults.answer(faults.error(text, kind="invalid_request_error"), status=404)


def _subject(request: web.Request, route: Route) -> str:
    """What `*3` in a word counts by: the prompt's own requests together, but each task and each file by itself."""
    return "" if route in {"chat", "images", "edits", "video.submit"} else request.path


async def _identify(request: web.Request, response: web.StreamResponse) -> None:
    """Adds the id that names the call in the provider's log."""
    if request.path.startswith("/v1/"):
        response.headers["X-Oneapi-Request-Id"] = request.get(_CALL) or f"{time.time_ns()}"
