"""OneKeyClient: the calls of the service, typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api import billing, chat, images, models, money, search, video
from bot.api.learned import Learned
from bot.api.memory import Memory, OwnMemory
from bot.api.moderation import Moderations, Verdict
from bot.api.permits import Permit
from bot.api.retries import RetryPolicy
from bot.api.statuses import Statuses
from bot.api.timeouts import Timeouts
from bot.api.transport import Transport
from bot.api.waits import OnWait

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Mapping, Sequence

    import aiohttp

    from bot.api.addresses import Origin
    from bot.api.billing import Balance
    from bot.api.chat_request import ChatRequest
    from bot.api.completion import ChatEvent
    from bot.api.images import EditRequest, ImageRequest, Images
    from bot.api.money import PriceList, Unit
    from bot.api.rungs import Part, VideoRequest
    from bot.api.video import VideoStatus, VideoTask

__all__ = ["OnWait", "OneKeyClient", "Timeouts"]


class OneKeyClient:
    """The service at one base URL, over a session that its owner opened (`transport.build_session`) and closes.

    Every method raises only what is under ApiError in `bot/errors.py`. What may cost money wants a `Permit`.

    `on_wait` is awaited with the seconds until the next try before such a wait (after a 429 or 503), and with 0.0 when
    the try begins; its own errors are logged and change nothing. A person waits a minute at most for tries; a longer
    Retry-After is RateLimited at once.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base_url: str,
        api_key: str,
        timeouts: Timeouts | None = None,
        retries: RetryPolicy | None = None,
        memory: Memory | None = None,
    ) -> None:
        """`memory`: where it keeps what it learns of the service. Raises ConfigurationError for what can be no base URL
        or key.
        """
        self._timeouts = timeouts or Timeouts()
        self._retries = retries or RetryPolicy()
        self._memory = memory or OwnMemory()
        self._statuses = Statuses()
        self._without_usage: set[str] = set()
        self._transport = Transport(session, base_url=base_url, api_key=api_key, connect_timeout=self._timeouts.connect)
        self._windows: dict[str, int] = {}
        self._moderations = Moderations(self._transport, memory=self._memory, timeouts=self._timeouts)

    @property
    def base_url(self) -> str:
        """Ends in `/v1`."""
        return self._transport.base_url

    @property
    def origin(self) -> Origin:
        """Scheme, host and port: the only place that the key is sent to."""
        return self._transport.origin

    @property
    def busy_until(self) -> float:
        """`time.monotonic()` until which the service asked everyone to wait; in the past when it did not.

        Set by any 429: by its Retry-After (ten minutes at most), else 1, 2, 4 … 60 s, from anew after a success.
        """
        return self._transport.waits.busy_until

    def stream_chat(
        self, request: ChatRequest, permit: Permit, *, on_wait: OnWait | None = None
    ) -> AsyncGenerator[ChatEvent, None]:
        """The answer as it is written: Text and Reasoning, Retracted where the text so far was none, and at the end
        one Finished. Act on Finished, not on the generator's end: after it the connection is brought home, which may
        take a quarter of a second.

        Nothing is sent before the first `__anext__`. `aclose()`, or cancelling the task that reads, closes the
        connection at once. A failure in the middle is raised after the text before it; a break after any text is
        Finished(CUT_OFF), unless a finish reason had come that nothing followed. Uncertain: sent, and nothing came.
        """
        return chat.stream(
            self._transport,
            request,
            permit,
            timeouts=self._timeouts,
            retries=self._retries,
            memory=self._memory,
            without_usage=self._without_usage,
            on_wait=on_wait,
        )

    async def refuses_search(self, model: str) -> bool:
        """Whether this model was asked to search the web, and the service refused it."""
        return not await search.fields_for(self._memory, self.base_url, model)

    async def generate_images(self, request: ImageRequest, permit: Permit, *, on_wait: OnWait | None = None) -> Images:
        """Pictures, perhaps fewer than asked for. Uncertain: sent, no usable answer; never sent again after that.

        BadAnswer: an answer without one usable picture.
        """
        return await images.generate(
            self._transport, request, permit, timeouts=self._timeouts, retries=self._retries, on_wait=on_wait
        )

    async def edit_images(self, request: EditRequest, permit: Permit, *, on_wait: OnWait | None = None) -> Images:
        """Pictures made of others; raises as `generate_images`. Many gateways know no such route: InvalidRequest."""
        return await images.edit(
            self._transport,
            request,
            permit,
            memory=self._memory,
            timeouts=self._timeouts,
            retries=self._retries,
            on_wait=on_wait,
        )

    async def submit_video(self, request: VideoRequest, permit: Permit, *, on_wait: OnWait | None = None) -> VideoTask:
        """Hand in a video. Uncertain: it may have been accepted, and is never sent again by itself.

        In the fullest form that the service takes for this model; one that would drop what was chosen is not tried.
        """
        return await video.submit(
            self._transport,
            request,
            permit,
            memory=self._memory,
            statuses=self._statuses,
            timeouts=self._timeouts,
            retries=self._retries,
            on_wait=on_wait,
        )

    async def video_lacks(self, model: str) -> frozenset[Part]:
        """What the service was asked for with this model, and refused: it may have learned it since."""
        return await Learned(self._memory, self.base_url, model).lacks()

    async def get_video(self, task_id: str, *, sent: Collection[str] = ()) -> VideoStatus:
        """One poll, one try: who polls thousands paces itself, by `busy_until` too. `sent`: texts of the request, which
        are no result wherever the answer repeats them.

        TaskNotFound means "not known at this moment": gateways say it of young tasks as well, so a task is lost only
        after minutes of it.
        """
        return await video.poll(self._transport, task_id, statuses=self._statuses, sent=sent, timeouts=self._timeouts)

    async def list_models(self) -> tuple[str, ...] | None:
        """Names in the service's order; None when it has no such list. They do not say what a model can do."""
        found = await models.fetch(self._transport, timeouts=self._timeouts, retries=self._retries)
        if found is None:
            return None
        self._windows = {name: tokens for name, tokens in found.items() if tokens is not None}
        return tuple(found)

    def window(self, model: str) -> int | None:
        """The most tokens of a request and its answer together, where the last list of models told it."""
        return self._windows.get(model)

    @property
    def moderates(self) -> bool | None:
        """Whether the service moderates; None: nobody has asked it yet."""
        return self._moderations.there

    async def moderate(self, texts: Sequence[str]) -> Verdict | None:
        """What the service's moderation says of at least one text, of all of them together. None: it has none, which
        is remembered. One try; a 429 of it is nothing that the other calls wait for.
        """
        return await self._moderations.of_words(texts)

    async def moderate_picture(self, url: str) -> Verdict | None:
        """As `moderate`, of a picture at a public address or in a `data:` URL."""
        return await self._moderations.of_picture(url)

    async def balance(self) -> Balance | None:
        """What the service's account holds; None when the service does not tell, as many don't. One try."""
        balance = await billing.fetch(self._transport, timeouts=self._timeouts)
        if balance is not None:
            return balance
        return await money.fetch_key_balance(self._transport, timeouts=self._timeouts)

    async def unit(self) -> Unit:
        """What the service counts money in; the usual where it does not tell. One try."""
        return await money.fetch_unit(self._transport, timeouts=self._timeouts)

    async def prices(self, unit: Unit) -> PriceList | None:
        """What the service's models cost at most; None where it does not tell. One try."""
        return await money.fetch_prices(self._transport, unit=unit, timeouts=self._timeouts)

    async def costs(self) -> Mapping[str, int] | None:
        """What this key's last calls cost, in quota, by what the service called each (`Permit.calls`). One try.

        None: the service does not tell. It may be limited, or asked of an old log: not every call is in it.
        """
        return await money.fetch_costs(self._transport, timeouts=self._timeouts)
