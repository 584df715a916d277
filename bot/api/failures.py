"""What the service calls an error, in all its shapes, → one exception of `bot/errors.py`.

The shapes are those of OpenAI-compatible gateways: `{"error": {…}}`, the flat `{"code", "message", "data"}`,
`{"success": false, "message"}`, the same in a list, each with any HTTP status (200 too), HTML pages, and nothing at
all. `bot.api.verdicts` knows the words.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from bot.api.nested import codes_in, is_wrong, message_in, unwrap
from bot.api.shapes import JsonObject, first_of, label, mapping, read_json, sequence, text
from bot.api.verdicts import (
    NEVER_MADE,
    READS_NO_IMAGES,
    RELAYED,
    is_refusal,
    mentions,
    status_of,
    verdict,
    without_echo,
)
from bot.api.walk import spelled
from bot.decoding import decode
from bot.errors import (
    ApiError,
    InvalidRequest,
    KeyRefused,
    NoAnswer,
    NoSuchRoute,
    NotAnApi,
    QuotaExhausted,
    RateLimited,
    ReadsNoImages,
    ServiceFault,
    TooLong,
    Unreachable,
)

__all__ = ["Effect", "Failure", "find_failure", "is_refusal", "looks_like_html", "read_failure", "to_error", "told"]

_NO_ERROR_CODES: Final = frozenset({"", "success", "ok", "0", "200", "201", "202"})
_CONTENT: Final = ("data", "output", "images", "imageurls", "result", "results", "choices")
"""What an answer holds beside a code that is its own word for success."""
_NO_ROUTE: Final = frozenset({404, 405, 501})
_FORM_STATUSES: Final = frozenset({400, 415, 422})
_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_TAGS: Final = re.compile(r"<(?:script|style).*?</(?:script|style)>|<[^>]+>", re.IGNORECASE | re.DOTALL)
_INVALID_URL: Final = re.compile(r"\bInvalid URL \(", re.IGNORECASE)
_ABOUT_THE_KEY: Final = (
    "token", "key", "auth", "permission", "forbidden", "denied", "access", "account",
    "令牌", "密钥", "权限", "无权", "禁止", "账户", "账号",
)  # fmt: skip


class Effect(enum.Enum):
    """What the service may have done when an answer is lost."""

    READS = "reads"  # a GET: nothing can have been made
    TALKS = "talks"  # a chat: cheap, seen at once, safe to ask again after a 503
    MAKES = "makes"  # a picture or video: may be made and billed, so never sent again blindly


@dataclass(frozen=True, slots=True)
class Failure:
    """One error as the service told it; every field may be empty.

    `message` is the innermost one, where the service wraps its supplier's answer; `codes` are those on the way there.
    """

    message: str = ""
    code: str = ""
    kind: str = ""
    param: str = ""
    codes: tuple[str, ...] = ()
    html: bool = False
    refused_by_gateway: bool = False
    """`{"success": false}`: the gateway's own dialect, before anything is handed on."""
    document: JsonObject = field(default_factory=dict[str, Any], repr=False, compare=False)
    """The whole answer with an error status, where that is an object."""

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


def looks_like_html(content_type: str, body: bytes = b"") -> bool:
    start = body[:256].lstrip().lower()
    return content_type == "text/html" or start.startswith((b"<!doctype html", b"<html"))


def read_failure(body: bytes, content_type: str = "") -> Failure:
    """The failure in the body of an answer with an error status, whatever its shape."""
    try:
        document = read_json(body)
    except ValueError:
        return _from_page(decode(body) or "", html=looks_like_html(content_type, body))
    inner = mapping(first_of(document))
    failure = told(inner) if inner else Failure(message=text(document))
    return replace(failure, document=mapping(document))


def find_failure(document: JsonObject) -> Failure | None:
    """The failure in an answer with a good status, or None if there is none."""
    top = spelled(document)
    code = label(top.get("code")) or label(top.get("errorcode"))
    is_number = code.isdecimal()
    is_status = is_number and 400 <= int(code[:4]) < 600
    content = (*_CONTENT, "id", "taskid") if is_number else _CONTENT
    fails = (
        is_wrong(top.get("error"))
        or any(str(top.get(key)).lower() == "false" for key in ("success", "ok"))
        or (code.lower() not in _NO_ERROR_CODES and (is_status or not any(_holds(top.get(key)) for key in content)))
        or "error" in {text(top.get("object")), text(top.get("type"))}
        # MiniMax
        or label(mapping(top.get("baseresp")).get("status_code")) not in _NO_ERROR_CODES
    )
    return told(document) if fails else None


def _holds(value: object) -> bool:
    """Whether there is anything but empty fields."""
    fields = mapping(value)
    return any(fields.values()) if fields else bool(value)


def to_error(
    failure: Failure,
    *,
    status: int,
    effect: Effect,
    sent: Sequence[str] = (),
    assumed_status: int | None = None,
    request_id: str = "",
    retry_after: float | None = None,
    clean: Callable[[str], str] = str,
) -> ApiError:
    """The exception of one failure.

    `status` is the HTTP status; when that is a good one, the status is taken from a `code` that is one, then from
    what the words say, then `assumed_status` (None: what is known of such an answer). `sent`: texts that we sent and
    the service may repeat. `retry_after` in seconds goes into RateLimited. `clean` makes foreign text fit for a log.
    """
    codes = tuple(code for code in (failure.code, failure.kind, *failure.codes) if code)
    said = without_echo(failure.message, sent)
    if status < 400:
        if assumed_status is None:
            nothing_made = effect is Effect.READS or failure.refused_by_gateway
            assumed_status = 400 if nothing_made else 500
        effective = status_of(codes, said, assumed_status)
    else:
        effective = status
    kind = verdict(codes, failure.message, status=effective, sent=sent)
    kind = kind or _by_status(failure, codes, said, effective, effect)
    if effect is Effect.TALKS and mentions(READS_NO_IMAGES, *codes, said):
        kind = ReadsNoImages
    detail = clean(failure.detail)
    facts: dict[str, Any] = {"status": status, "code": clean(failure.code or failure.kind), "request_id": request_id}
    if issubclass(kind, RateLimited):
        return kind(detail, retry_after=retry_after, **facts)
    if kind is InvalidRequest:
        form = effective in _FORM_STATUSES or mentions(NEVER_MADE, *codes, said)
        return InvalidRequest(detail, about_form=form, **facts)
    return kind(detail, **facts)


def _by_status(failure: Failure, codes: Sequence[str], said: str, status: int, effect: Effect) -> type[ApiError]:
    relayed = mentions(RELAYED, *codes)
    if status in _NO_ROUTE and not relayed:
        if failure.html or failure.is_invalid_url or effect is not Effect.READS:
            # Of a poll a page may as well be a proxy's, for a moment.
            return NotAnApi if effect is Effect.READS else NoSuchRoute
        return InvalidRequest
    if status >= 500:
        return Unreachable if effect is Effect.READS else ServiceFault
    if status == 408:
        return Unreachable if effect is Effect.READS else NoAnswer
    if status == 402:
        return QuotaExhausted
    if status == 413 and effect is Effect.TALKS:
        return TooLong
    if status == 403 and failure.html:
        return Unreachable  # a firewall's page: the service itself never saw the request
    about_key = status == 401 or (status == 403 and (not said or mentions(_ABOUT_THE_KEY, *codes, said)))
    if about_key and not relayed:
        return KeyRefused
    return Unreachable if about_key else InvalidRequest


def told(document: JsonObject) -> Failure:
    """What an answer tells of a failure, supposing that it is one."""
    top = spelled(document)
    error: object = top.get("error")
    inner = spelled(mapping(first_of(error))) or top
    unwrapped = unwrap(message_in(document) or _words(top.get("detail")) or _words(top.get("errors")))
    return Failure(
        message=unwrapped.message,
        code=label(inner.get("code")) or label(top.get("code")),
        kind=label(inner.get("type")),
        param=label(inner.get("param")),
        codes=(*codes_in(document), *unwrapped.codes),
        refused_by_gateway=top.get("success") is False,
    )


def _words(value: object) -> str:
    """What has a shape of its own, kept whole: it may name the parameter."""
    return orjson.dumps(value).decode() if mapping(value) or sequence(value) else ""


def _from_page(page: str, *, html: bool) -> Failure:
    title = _TITLE.search(page)
    words = title.group(1) if title else _TAGS.sub(" ", page) if html else page
    return Failure(message=" ".join(words.split())[:300], html=html)
