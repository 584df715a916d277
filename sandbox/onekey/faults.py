"""The faults that any route can play: what such gateways answer when something is wrong (wire shapes included)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import orjson
from aiohttp import web

if TYPE_CHECKING:
    from .plans import Plan

_SEEN: Final = 0.05
"""Seconds. Headers and an end that come together look like no answer at all to some clients."""
HTML: Final = "<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1><hr>nginx</body></html>\n"


class HungUp(Exception):
    """The connection was dropped on purpose; there is nothing to answer."""


def error(message: str, *, code: object = "", kind: str = "new_api_error") -> dict[str, object]:
    """The error object that most gateways of this family send."""
    return {"error": {"message": message, "type": kind, "param": "", "code": code}}


def answer(body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=orjson.dumps(body), status=status, headers=headers, content_type="application/json", charset="utf-8"
    )


def drop(request: web.Request) -> HungUp:
    """Closes the connection at once; to be raised."""
    if request.transport is not None:
        request.transport.abort()
    return HungUp()


async def hang() -> None:
    """Never answers: until the client goes away or the server is stopped (both cancel the handler)."""
    await asyncio.get_running_loop().create_future()


_TOO_MANY: Final = error("Requests are too frequent, please try again later", code="rate_limit_exceeded")
_ANSWERS: Final[dict[str, tuple[int, object]]] = {
    "401": (401, error("Invalid token (request id: 20260115103000000)")),
    "quota": (403, error("user quota is not enough, remain quota: ¥0.00", code="insufficient_user_quota")),
    "quota_flat": (403, {"code": "insufficient_user_quota", "message": "user quota is not enough", "data": None}),
    "model_not_found": (
        503,
        error("No available channel for model X under group default (distributor)", code="model_not_found"),
    ),
    "denied": (401, error("key not allowed to access model", code="401", kind="key_model_access_denied")),
    "budget": (
        400,
        error("Budget has been exceeded! Current cost: 20.1, Max budget: 20.0", code="400", kind="budget_exceeded"),
    ),
    "quota_429": (429, error("You exceeded your current quota, please check your plan.", code="insufficient_quota")),
    "no_route": (404, {"detail": "Not Found"}),
    "no_model": (404, error("The model `x` does not exist or you do not have access to it", code=None, kind="")),
    "too_long": (
        400,
        error("This model's maximum context length is 8192 tokens.", code="context_length_exceeded"),
    ),
    "no_vision": (
        400,
        error(
            "Failed to deserialize the JSON body into the target type: messages[0]: unknown variant `image_url`, "
            "expected `text` at line 1 column 96"
        ),
    ),
    "build": (500, {"code": "build_request_failed", "message": "the length is out of range", "data": None}),
    "supplier": (502, {"code": "plugin_submit_response_failed", "message": "InvalidParameter: the ratio is wrong"}),
    "listed": (400, [error("the ratio is wrong", code=400, kind="INVALID_ARGUMENT")]),
    "dirty": (
        400,
        error(
            "litellm.BadRequestError: OpenAIException - Error code: 400 - {'error': {'message': 'the **ratio** is "
            "wrong, see https://gw.internal:4000/x (request id: 20260115103000000) @everyone sk-abcdefgh12345678'}}"
        ),
    ),
    "sensitive": (500, error("user sensitive words detected", code="sensitive_words_detected")),
    "inspection_200": (200, error("Input data may contain inappropriate content.", code="DataInspectionFailed")),
    "inspection_400": (400, error("Input data may contain inappropriate content.", code="DataInspectionFailed")),
    "inspection_500": (500, error("Input data may contain inappropriate content.", code="DataInspectionFailed")),
    "400": (400, error("temperature is out of range", code="invalid_parameter", kind="invalid_request_error")),
    "429": (429, _TOO_MANY),
    "429_plain": (429, _TOO_MANY),
    "500": (500, error("upstream error", code=None, kind="upstream_error")),
    "500_int": (500, error("upstream error", code=50013)),
    "503": (503, error("The service is temporarily unavailable.", code="service_unavailable")),
    "chinese": (500, error("当前分组上游负载已饱和，请稍后再试", code="upstream_busy")),
    "fetch_task": (
        500,
        {"code": "fail_to_fetch_task", "message": '{"code":"InternalError","request_id":"8f2b"}', "data": None},
    ),
    "success_false": (200, {"success": False, "message": "unauthorized, the access token is not valid"}),
    "error_200": (200, error("bad response body", code="bad_response_body")),
    "array": (200, []),
    "garbage": (200, orjson.Fragment(b'{"id": "148e", "choices": [{]')),
}


async def play(request: web.Request, plan: Plan) -> web.StreamResponse | None:
    """Answers with the plan's fault, if it is one of names.GENERAL; else None.

    Raises:
        HungUp: the fault dropped the connection.
    """
    if plan.fault == "cut":
        return await _cut(request)
    if plan.fault == "drop":
        raise drop(request)
    if plan.fault == "hang":
        await hang()
    return _answer(plan)


def _answer(plan: Plan) -> web.Response | None:
    """The faults that are a whole answer."""
    if plan.fault in _ANSWERS:
        status, body = _ANSWERS[plan.fault]
        headers = {"Retry-After": f"{plan.retry_after:g}"} if plan.fault == "429" else None
        return answer(body, status=status, headers=headers)
    match plan.fault:
        case "429_empty":
            return web.Response(status=429)
        case "413":
            title = "413 Request Entity Too Large"
            return web.Response(text=HTML.format(title=title), status=413, content_type="text/html")
        case "502":
            return web.Response(text=HTML.format(title="502 Bad Gateway"), status=502, content_type="text/html")
        case "html":
            return web.Response(text=HTML.format(title="Welcome"), content_type="text/html")
        case _:
            return None


async def _cut(request: web.Request) -> web.StreamResponse:
    """Promises more bytes than come."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "400"})
    await response.prepare(request)
    await response.write(b'{"created": 1, "data": [{"url": "http')
    raise await break_off(request)


async def break_off(request: web.Request) -> HungUp:
    """Closes the connection when the client has had time to read what was written; to be raised."""
    await asyncio.sleep(_SEEN)
    if request.transport is not None:
        request.transport.close()
    return HungUp()
