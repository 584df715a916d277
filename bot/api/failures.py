"""What the service calls an error, in all its shapes, → one exception of `bot/errors.py`.

The shapes are those of OpenAI-compatible gateways: `{"error": {…}}`, the flat `{"code", "message", "data"}`,
`{"success": false, "message"}`, each with any HTTP status (200 too), HTML pages, and nothing at all.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Final

import orjson

from bot.api.shapes import JsonObject, label, mapping, sequence, text
from bot.errors import (
    ApiError,
    Declined,
    InvalidRequest,
    KeyRefused,
    ModelNotFound,
    NotAnApi,
    QuotaExhausted,
    RateLimited,
    TaskNotFound,
    Uncertain,
    Unreachable,
)

# All compared without case, space, "_", "-", "." in between: code, type and message are searched alike, because a
# gateway passes its supplier's code on in any of the three.
_REFUSAL: Final = (
    "datainspectionfailed", "sensitiveword", "sensitivecontent", "contentpolicy", "contentfilter", "contentmoderation",
    "inappropriatecontent", "moderationblocked", "promptblocked", "prohibitedcontent", "unsafecontent", "safetysystem",
    "policyviolation", "ipinfringementsuspect", "nsfw",
    "敏感", "违规", "内容安全", "不合规", "审核不通过", "审核未通过",
)  # fmt: skip
_QUOTA: Final = (
    "insufficientuserquota", "insufficientquota", "insufficientbalance", "preconsumetokenquotafailed", "arrearage",
    "billinghardlimit", "quotaisnotenough", "quotanotenough", "额度不足", "余额不足", "额度已用尽", "预扣费额度失败",
)  # fmt: skip
_MODEL: Final = (
    "modelnotfound", "modelnotexist", "unknownmodel", "invalidmodel", "modelnotsupported", "noavailablechannelformodel",
    "noaccesstomodel", "无可用渠道", "无权访问模型", "模型不存在",
)  # fmt: skip
_TASK: Final = ("tasknotexist", "tasknotfound", "任务不存在")
_RATE: Final = ("ratelimit", "toomanyrequests", "throttling")
_KEY: Final = ("invalidapikey", "invalidtoken", "无效的令牌")
_SERVER: Final = ("servererror", "internalerror", "upstream", "badresponse", "overloaded", "timeout", "dorequestfailed")
# The gateway's own supplier answered so: its 401 is about the gateway's key there, not about ours.
_RELAYED: Final = ("failtofetchtask",)

_SAID: Final[tuple[tuple[tuple[str, ...], type[ApiError]], ...]] = (
    (_REFUSAL, Declined),
    (_TASK, TaskNotFound),
    (_QUOTA, QuotaExhausted),
    (_MODEL, ModelNotFound),
)
_NO_ERROR_CODES: Final = frozenset({"", "success", "ok", "0", "200"})
_SEPARATORS: Final = re.compile(r"[\s_\-.]+")
_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_TAGS: Final = re.compile(r"<(?:script|style).*?</(?:script|style)>|<[^>]+>", re.IGNORECASE | re.DOTALL)
_INVALID_URL: Final = re.compile(r"\bInvalid URL \(", re.IGNORECASE)


class Effect(enum.Enum):
    """What the service may have done when an answer is lost."""

    READS = "reads"  # a GET: nothing can have been made
    TALKS = "talks"  # a chat: cheap, seen at once, safe to ask again after a 503
    MAKES = "makes"  # a picture or video: may be made and billed, so never sent again blindly


@dataclass(frozen=True, slots=True)
class Failure:
    """One error as the service told it; every field may be empty."""

    message: str = ""
    code: str = ""
    kind: str = ""
    param: str = ""
    html: bool = False

    @property
    def detail(self) -> str:
        """Its words, with the parameter it names."""
        return (
            f"{self.message} (param: {self.param})" if self.param and self.param not in self.message else self.message
        )

    @property
    def is_invalid_url(self) -> bool:
        """The gateway's router knows no such path; nothing was billed."""
        return _INVALID_URL.search(self.message) is not None

    def says(self, phrases: tuple[str, ...]) -> bool:
        return _mentions(phrases, self.code, self.kind, self.message)


def is_refusal(*texts: str) -> bool:
    """Whether any of the texts (codes, types, messages) tells of a refusal by content policy."""
    return _mentions(_REFUSAL, *texts)


def looks_like_html(content_type: str, body: bytes = b"") -> bool:
    start = body[:256].lstrip().lower()
    return content_type == "text/html" or start.startswith((b"<!doctype html", b"<html"))


def read_failure(body: bytes, content_type: str = "") -> Failure:
    """The failure in the body of an answer with an error status, whatever its shape."""
    try:
        document: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _from_page(body, html=looks_like_html(content_type, body))
    return _from_object(mapping(document)) if mapping(document) else Failure(message=text(document))


def find_failure(document: JsonObject) -> Failure | None:
    """The failure in an answer with a good status, or None if there is none."""
    error: object = document.get("error")
    if any(mapping(error).values()) or text(error):
        return _from_object(document)
    if document.get("success") is False:
        return _from_object(document)
    code = label(document.get("code"))
    if code.lower() not in _NO_ERROR_CODES and not document.get("data"):
        return _from_object(document)
    return None


def to_error(
    failure: Failure,
    *,
    status: int,
    effect: Effect,
    assumed_status: int = 400,
    request_id: str = "",
    retry_after: float | None = None,
) -> ApiError:
    """The exception of one failure.

    `status` is the HTTP status; when that is a good one, the status is taken from an integer `code`, then from
    what the words say, then `assumed_status`. `retry_after` in seconds goes into RateLimited.
    """
    effective = status if status >= 400 else _status_of(failure, assumed_status)
    facts = {"status": status, "code": failure.code or failure.kind, "request_id": request_id}
    if effective == 429 and not failure.says(_QUOTA):
        return RateLimited(failure.detail, retry_after=retry_after, **facts)
    return _class_of(failure, effective, effect)(failure.detail, **facts)  # pyright: ignore[reportArgumentType] - the keywords are ApiError's own


def _class_of(failure: Failure, status: int, effect: Effect) -> type[ApiError]:
    for phrases, kind in _SAID:
        if failure.says(phrases):
            return kind
    if status >= 500 or status == 408:
        return Uncertain if effect is Effect.MAKES else Unreachable
    if failure.says(_RELAYED) and status in {401, 403, 404}:
        return Unreachable
    if status in {404, 405} and (failure.html or failure.is_invalid_url):
        return NotAnApi
    if status == 403 and failure.html:
        return Unreachable  # a firewall's page: the service itself never saw the request
    return {401: KeyRefused, 402: QuotaExhausted, 403: KeyRefused}.get(status, InvalidRequest)


def _status_of(failure: Failure, assumed: int) -> int:
    if failure.code.isdecimal() and 400 <= int(failure.code) < 600:
        return int(failure.code)
    if failure.says(_RATE):
        return 429
    if failure.says(_KEY):
        return 401
    return 500 if _mentions(_SERVER, failure.code, failure.kind) else assumed


def _mentions(phrases: tuple[str, ...], *texts: str) -> bool:
    joined = "\n".join(_SEPARATORS.sub("", one.lower()) for one in texts)
    return any(phrase in joined for phrase in phrases)


def _from_object(document: JsonObject) -> Failure:
    error: object = document.get("error")
    inner = mapping(error) or document
    message = (
        text(error)
        or _words(inner.get("message"))
        or _words(inner.get("msg"))
        or _words(inner.get("detail"))
        or _words(document.get("message"))
    )
    return Failure(
        message=message,
        code=label(inner.get("code")) or label(document.get("code")),
        kind=label(inner.get("type")),
        param=label(inner.get("param")),
    )


def _words(value: object) -> str:
    """A message is a string; validators send objects and arrays, kept whole because they name the parameter."""
    return orjson.dumps(value).decode() if mapping(value) or sequence(value) else label(value)


def _from_page(body: bytes, *, html: bool) -> Failure:
    page = body.decode("utf-8", "replace")
    title = _TITLE.search(page)
    words = title.group(1) if title else _TAGS.sub(" ", page) if html else page
    return Failure(message=" ".join(words.split())[:300], html=html)
