"""POST /moderations: whether words or a picture break the service's content rules, where the service tells that.

The shape is OpenAI's (https://platform.openai.com/docs/api-reference/moderations): `results[].flagged`, `categories`.
Many gateways have no such route, or no model for it: that is found out by trying, and remembered for some days.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import orjson

from bot.api.calls import Call
from bot.api.failures import Effect
from bot.api.retries import ONCE
from bot.api.shapes import JsonObject, mapping, sequence
from bot.api.transport import Transport
from bot.errors import ApiError, BadAnswer, ModelDenied, ModelNotFound, NoSuchRoute

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.api.memory import Memory
    from bot.api.timeouts import Timeouts

log = logging.getLogger(__name__)

MODEL: Final = "omni-moderation-latest"
"""Takes words and pictures. Where there is none of this name, the service's own default takes words."""
REMEMBERED_SECONDS: Final = 7 * 86_400.0
"""A service may get the route one day."""
_ROUTE: Final = "/moderations"
_MISSING: Final = frozenset({404, 405, 501})
_NONE, _WORDS, _ALL = "none", "words", "all"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`categories`: what it is flagged for, in the service's words. `call`: what the service called the request."""

    flagged: bool
    categories: tuple[str, ...] = ()
    call: str = field(default="", compare=False)


class Moderations:
    """What the service at one base URL has of it. `there` None: nobody has asked yet."""

    def __init__(self, transport: Transport, *, memory: Memory, timeouts: Timeouts) -> None:
        self._transport = transport
        self._memory = memory
        self._timeouts = timeouts
        self._known: str | None = None
        self._noted_at = 0.0
        self._recalled = False

    @property
    def there(self) -> bool | None:
        return None if self._known is None else self._known != _NONE

    async def of_words(self, texts: Sequence[str]) -> Verdict | None:
        """Of several texts together. None: the service does not tell. ApiError: not this time."""
        await self._recall()
        if self._is_missing:
            return None
        said: object = texts[0] if len(texts) == 1 else list(texts)
        for model in (MODEL, None) if self._known != _WORDS else (None,):
            try:
                verdict = await self._ask(said, model=model, sent=texts)
            except (ModelNotFound, ModelDenied):
                continue  # a gateway's word for a model that no key of it has
            except ApiError as error:
                if not _says_that_there_is_none(error):
                    raise
                break
            await self._note(_WORDS if model is None else _ALL)
            return verdict
        await self._note(_NONE)
        return None

    async def of_picture(self, url: str) -> Verdict | None:
        """Of a picture at a public address or in a `data:` URL. As `of_words`."""
        await self._recall()
        if self._is_missing or self._known == _WORDS:
            return None
        try:
            verdict = await self._ask([{"type": "image_url", "image_url": {"url": url}}], model=MODEL, sent=())
        except (ModelNotFound, ModelDenied):
            return None
        except ApiError as error:
            if not _says_that_there_is_none(error):
                raise
            await self._note(_NONE)
            return None
        await self._note(_ALL)
        return verdict

    @property
    def _is_missing(self) -> bool:
        return self._known == _NONE and time.time() < self._noted_at + REMEMBERED_SECONDS

    async def _ask(self, said: object, *, model: str | None, sent: Sequence[str]) -> Verdict:
        fields: JsonObject = {"input": said}
        if model is not None:
            fields["model"] = model
        call = Call(
            "POST",
            _ROUTE,
            Effect.READS,
            body=orjson.dumps(fields),
            total=self._timeouts.moderation,
            retries=ONCE,
            sent=tuple(sent),
            apart=True,
            free=True,  # as OpenAI's is; where it is not, the log of costs tells
        )
        answer = await self._transport.json(call)
        results = [mapping(one) for one in sequence(answer.document.get("results"))]
        if not results or not all(isinstance(one.get("flagged"), bool) for one in results):
            message = "a moderation without a verdict"
            raise BadAnswer(message, status=answer.status, request_id=answer.request_id)
        names = (name for one in results for name, said_so in mapping(one.get("categories")).items() if said_so is True)
        flagged = any(one["flagged"] for one in results)
        return Verdict(flagged, tuple(dict.fromkeys(str(name)[:60] for name in names)), answer.request_id)

    @property
    def _key(self) -> str:
        return f"moderation {self._transport.base_url}"

    async def _recall(self) -> None:
        if self._recalled:
            return
        kept, _, at = (await self._memory.recall(self._key) or "").partition(" ")
        self._recalled = True
        if kept in {_NONE, _WORDS, _ALL} and at.isdecimal() and self._known is None:
            self._known, self._noted_at = kept, float(at)

    async def _note(self, known: str) -> None:
        if known == self._known and not (known == _NONE and not self._is_missing):
            return
        log.info("moderation by the service: %s", known)
        self._known, self._noted_at = known, time.time()
        await self._memory.note(self._key, f"{known} {int(self._noted_at)}")


def _says_that_there_is_none(error: ApiError) -> bool:
    """A refused key says nothing of it: it may be put right at any time."""
    return isinstance(error, NoSuchRoute) or error.status in _MISSING
