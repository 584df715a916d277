"""One call to the service: key, time-outs, tries, and every way it can go wrong → `bot/errors.py`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import aiohttp
from yarl import URL

from bot.api.addresses import collapse_doubled, normalise_base_url, origin_of
from bot.api.bodies import parsed, payload, read, read_some
from bot.api.calls import Answer, Call
from bot.api.failures import Effect, Failure, find_failure, looks_like_html, read_failure, to_error, told
from bot.api.retries import parse_retry_after
from bot.api.waits import OnWait, Waits, wait
from bot.errors import (
    ApiError,
    BadAnswer,
    ConfigurationError,
    ConnectionBroke,
    InvalidRequest,
    NoAnswer,
    NoSuchRoute,
    NotAnApi,
    ServiceFault,
    Unreachable,
)

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy

log = logging.getLogger(__name__)

_Error = TypeVar("_Error", bound=ApiError)

_DETAIL_LIMIT: Final = 800


@dataclass(frozen=True, slots=True)
class _Failed:
    error: ApiError
    retry_after: float | None = None
    no_route: bool = False


class Transport:
    """The service at one base URL with one key, over a session that somebody else owns."""

    def __init__(self, session: aiohttp.ClientSession, *, base_url: str, api_key: str, connect_timeout: float) -> None:
        key = api_key.strip()
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            message = "ONEKEY_API_KEY must be the key as the service shows it: printable ASCII without spaces"
            raise ConfigurationError(message)
        self.base_url = normalise_base_url(base_url)
        self.origin = origin_of(self.base_url)
        self.waits = Waits()
        self._session = session
        self._key = key
        self._connect_timeout = connect_timeout
        self._doubled: set[str] = set()
        self._answered: set[str] = set()  # routes that are there: what they answer with 404 is their own

    # -- what the parsers need

    def clean(self, words: str) -> str:
        """Foreign text for a log: without the key, without control characters, of bounded length."""
        if len(self._key) >= 4:
            words = words.replace(self._key, "***")
        words = "".join(char if char.isprintable() else " " for char in words[: _DETAIL_LIMIT * 2])
        return words if len(words) <= _DETAIL_LIMIT else words[:_DETAIL_LIMIT] + "…"

    def collapse(self, url: str) -> str:
        """A doubled `/v1/v1/` in a URL of the API's own host, made single."""
        return collapse_doubled(url, self.origin)

    def to_error(
        self,
        failure: Failure,
        *,
        status: int,
        effect: Effect,
        sent: Sequence[str] = (),
        assumed_status: int | None = None,
        request_id: str = "",
        retry_after: float | None = None,
    ) -> ApiError:
        """`failures.to_error` with cleaned words."""
        return to_error(
            failure,
            status=status,
            effect=effect,
            sent=sent,
            assumed_status=assumed_status,
            request_id=request_id,
            retry_after=retry_after,
            clean=self.clean,
        )

    def lost(self, effect: Effect, error: BaseException) -> ApiError:
        """A request was sent, and its answer is lost by `error`."""
        if effect is Effect.READS:
            return self._caused(Unreachable, error)
        # aiohttp's own time-outs are TimeoutErrors, too.
        return self._caused(NoAnswer if isinstance(error, TimeoutError) else ConnectionBroke, error)

    def web_page(self, response: aiohttp.ClientResponse) -> NotAnApi:
        """It answered with what is no answer."""
        request_id = self.clean(self.request_id(response.headers))
        return NotAnApi(f"a web page, not an API, at {self.base_url}", status=response.status, request_id=request_id)

    # -- calls

    async def json(self, call: Call, *, on_wait: OnWait | None = None) -> Answer:
        """The JSON object of a 2xx answer without a failure in it; anything else is raised.

        BadAnswer: no JSON object (Uncertain for a video submit is the caller's matter). NotAnApi: HTML.
        """
        answer = await self.document(call, on_wait=on_wait)
        self.check(answer, call)
        return answer

    def check(self, answer: Answer, call: Call) -> None:
        """Raise the failure that a 2xx answer holds."""
        failure = find_failure(answer.document)
        if failure is not None:
            raise self.to_error(
                failure, status=answer.status, effect=call.effect, sent=call.sent, request_id=answer.request_id
            )

    def without_result(self, answer: Answer, message: str, *, sent: Sequence[str]) -> ApiError:
        """What to raise for an answer that holds nothing that was asked for: the failure that it tells of, wherever,
        if that is of a known kind; else BadAnswer.
        """
        status, request_id = answer.status, answer.request_id
        error = self.to_error(
            told(answer.document), status=status, effect=Effect.MAKES, sent=sent, request_id=request_id
        )
        is_known = not isinstance(error, ServiceFault)
        return error if is_known else BadAnswer(message, status=status, request_id=request_id)

    async def document(self, call: Call, *, on_wait: OnWait | None = None) -> Answer:
        """Like `json`, but a failure inside a 2xx answer is left to the caller."""
        response = await self.open(call, on_wait=on_wait)
        request_id = self.clean(self.request_id(response.headers))
        try:
            body = await read(response, call.limit)
        except ApiError:
            response.close()
            raise
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            response.close()
            raise self.lost(call.effect, error) from error
        except BaseException:
            response.close()
            raise
        try:
            return parsed(body, status=response.status, request_id=request_id)
        except BadAnswer as error:
            if looks_like_html(response.content_type, body):
                raise self.web_page(response) from error
            raise

    async def open(self, call: Call, *, on_wait: OnWait | None = None) -> aiohttp.ClientResponse:
        """A 2xx response whose body is still to be read: the caller closes it. Tries again as the call allows."""
        waited = 0.0
        tries = 0
        while True:
            outcome = await self._try(call)
            if not isinstance(outcome, _Failed):
                return outcome
            error = outcome.error
            error.retries = tries
            delay = self.waits.until_next(call, error, retry_after=outcome.retry_after, tries=tries, waited=waited)
            if delay is None:
                log.info("a call failed: %s", error, extra=_fields(call, error.status, error.request_id))
                raise error
            fields = _fields(call, error.status, error.request_id)
            log.info("a call failed, next try in %.1f s: %s", delay, error, extra=fields)
            tell = on_wait if error.status in {429, 503} else None
            await wait(delay, tell)
            waited += delay
            tries += 1

    @staticmethod
    def request_id(headers: CIMultiDictProxy[str]) -> str:
        """The service's name for the call, for the log."""
        given = headers.get("X-Oneapi-Request-Id") or headers.get("X-Request-Id") or ""
        return "".join(char for char in given[:100] if char.isprintable())

    async def _try(self, call: Call) -> aiohttp.ClientResponse | _Failed:
        """One try, on the path that is known to work; where there is no such route, at once on the other one."""
        known = call.route in self._doubled
        first = await self._send(call, doubled=known)
        if not (isinstance(first, _Failed) and first.no_route):
            return first
        second = await self._send(call, doubled=not known)
        if isinstance(second, _Failed) and second.error.status == 404:
            return first
        log.info("the service has %s under %s", call.route, "/v1" if known else "/v1/v1")
        (self._doubled.discard if known else self._doubled.add)(call.route)
        return second

    async def _send(self, call: Call, *, doubled: bool) -> aiohttp.ClientResponse | _Failed:
        base = self.base_url.removesuffix("/v1") if call.at_root else self.base_url
        url = f"{base}{'/v1' if doubled else ''}{call.path or call.route}"
        headers = {"Authorization": f"Bearer {self._key}", "Accept": call.accept}
        if call.body is not None:
            headers["Content-Type"] = call.content_type
        if call.accept == "text/event-stream":
            headers["Accept-Encoding"] = "identity"  # a compressing proxy would hold words back
        started = time.monotonic()
        try:
            async with asyncio.timeout(call.first_byte):
                response = await self._session.request(
                    call.method,
                    URL(url, encoded=True),
                    data=payload(call.body),
                    headers=headers,
                    trace_request_ctx=call.route,
                    allow_redirects=False,  # a redirect would carry the key, or turn a POST into a GET
                    timeout=aiohttp.ClientTimeout(total=call.total, connect=self._connect_timeout),
                )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return _Failed(self._caused(Unreachable, error))
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            return _Failed(self._caused(NotAnApi, error))
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            return _Failed(self.lost(call.effect, error))
        request_id = self.request_id(response.headers)
        if call.permit is not None:
            call.permit.note(request_id, response.status)
        level = logging.DEBUG if call.effect is Effect.READS else logging.INFO
        fields = _fields(call, response.status, self.clean(request_id))
        milliseconds = int((time.monotonic() - started) * 1000)
        log.log(level, "the service answered", extra=fields | {"milliseconds": milliseconds})
        if response.status < 300:
            self.waits.note_answer()
            self._answered.add(call.route)
            return response
        try:
            return await self._refused(call, response, self.clean(request_id))
        finally:
            if not response.content.is_eof():
                response.close()

    async def _refused(self, call: Call, response: aiohttp.ClientResponse, request_id: str) -> _Failed:
        """The failure of an answer with a status that is none of success."""
        status = response.status
        if status < 400:
            message = self.clean(f"a redirect to {_origin_text(response)}, which is not followed")
            return _Failed(NotAnApi(message, status=status, request_id=request_id))
        failure = read_failure(await read_some(response), response.content_type)
        retry_after = parse_retry_after(response.headers.get("Retry-After", ""))
        if status == 429 and not call.apart:
            self.waits.note_busy(retry_after)
        error = self.to_error(
            failure, status=status, effect=call.effect, sent=call.sent, request_id=request_id, retry_after=retry_after
        )
        error.document = failure.document
        # Beneath a route it may be either that is not there: after a restart a poll is the first to find out.
        beneath = call.path.startswith(f"{call.route}/")
        absent = (NoSuchRoute, InvalidRequest, NotAnApi) if beneath else NoSuchRoute
        missing = isinstance(error, absent) and call.route not in self._answered
        return _Failed(error, retry_after, no_route=status == 404 and (missing or failure.is_invalid_url))

    def _caused(self, kind: type[_Error], cause: BaseException) -> _Error:
        error = kind(self.clean(f"{type(cause).__name__}: {cause}".rstrip(": ")))
        error.__cause__ = cause
        return error


def _fields(call: Call, status: int | None, request_id: str) -> dict[str, object]:
    """What the log says of a call beside the sentence."""
    return {"method": call.method, "route": call.route, "status": status, "request": request_id or None}


def _origin_text(response: aiohttp.ClientResponse) -> str:
    try:
        target = response.url.join(URL(response.headers.get("Location", "")))
        return str(target.origin())
    except ValueError:
        return "nowhere"
