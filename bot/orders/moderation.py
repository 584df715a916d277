"""What the service's own moderation says of prompts, answers and pictures, as moderators have it set.

It takes a bounded time. Where it can't be had, prompts go through and the log says so: an outage of it is not to be one
of everything. What becomes of results then is theirs who show them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.errors import ApiError, Moderated
from bot.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.api.client import OneKeyClient
    from bot.api.moderation import Verdict
    from bot.orders.beside import Beside
    from bot.orders.cost_rows import Whose

log = logging.getLogger(__name__)

OFF, PROMPTS, RESULTS = "off", "prompts", "results"
SECONDS: Final = 3.0
LEARN_SECONDS: Final = 1.5
RESULT_WAITS: Final = (1.0, 2.0)
"""Between tries, of what somebody waits for already."""
PIECE: Final = 8000
"""Characters in one of several texts: models take some 30,000 tokens together, and judge long ones as a whole."""
OVERLAP: Final = 200
"""Characters that two of them share, so that nothing is cut in two where one ends."""
PIECES: Final = 32
"""In one request."""
CALLS: Final = 5000
CALL_SECONDS: Final = 900.0
"""So long the log of costs is looked through for a call."""
_HARMLESS: Final = "a red fox in the snow"


class Moderation:
    """One for the process."""

    def __init__(self, client: OneKeyClient, beside: Beside | None = None) -> None:
        self._client = client
        self._beside = beside
        self.calls: Recent[str, Whose] = Recent(CALLS, seconds=CALL_SECONDS)
        """What the service called the requests, for its log of costs, and whose orders they were for; as far as they
        are not noted for good (`Beside`).
        """

    @property
    def there(self) -> bool | None:
        """Whether the service moderates; None: nobody has asked it yet."""
        return self._client.moderates

    async def learn(self) -> None:
        """Find out whether the service moderates, if nobody has asked it yet; soon, since somebody waits for it."""
        if self.there is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LEARN_SECONDS):
                    await self.flags(_HARMLESS)

    async def refuse(self, said: str, level: str, whose: Whose | None = None) -> None:
        """Moderated: a prompt is flagged, and `level` says that prompts are checked."""
        if level != OFF and await self.flags(said, whose):
            raise Moderated

    async def refuse_pictures(self, urls: Sequence[str], level: str, whose: Whose | None = None) -> None:
        """As `refuse`, of pictures that go with a prompt, each as `flags_picture` takes it."""
        if level != OFF and any(await asyncio.gather(*(self.flags_picture(url, whose) for url in urls))):
            raise Moderated

    async def flags(self, said: str, whose: Whose | None = None) -> bool | None:
        """Whether words are flagged. None: that can't be told now. `whose`: whom it costs something, if it does."""
        if not said.strip():
            return False
        pieces = [said[at : at + PIECE] for at in range(0, max(1, len(said) - OVERLAP), PIECE - OVERLAP)]
        some = [pieces[at : at + PIECES] for at in range(0, len(pieces), PIECES)]
        try:
            async with asyncio.timeout(SECONDS):
                asked = (self._asked(partial(self._client.moderate, each), whose) for each in some)
                verdicts = await asyncio.gather(*asked)
        except (ApiError, TimeoutError) as error:
            log.warning("words go unchecked, since the service's moderation can't be had: %r", error)
            return None
        categories = {name for one in verdicts if one is not None and one.flagged for name in (*one.categories, "")}
        if not categories:
            return False
        log.info("words are flagged by the service's moderation: %s", ", ".join(sorted(filter(None, categories))))
        return True

    async def flags_result(self, said: str, whose: Whose | None = None) -> bool | None:
        """As `flags`, of what is to be shown: it is asked once more where that can't be told."""
        flagged = await self.flags(said, whose)
        for wait in RESULT_WAITS:
            if flagged is not None:
                break
            await asyncio.sleep(wait)
            flagged = await self.flags(said, whose)
        return flagged

    async def flags_picture(self, url: str, whose: Whose | None = None) -> bool | None:
        """As `flags`, of a picture at a public address or in a `data:` URL."""
        try:
            async with asyncio.timeout(SECONDS):
                verdict = await self._asked(partial(self._client.moderate_picture, url), whose)
        except (ApiError, TimeoutError) as error:
            log.warning("the service's moderation of a picture can't be had: %r", error)
            return None
        if verdict is None or not verdict.flagged:
            return False
        log.info("a picture is flagged by the service's moderation: %s", ", ".join(verdict.categories))
        return True

    async def _asked(self, ask: Callable[[], Awaitable[Verdict | None]], whose: Whose | None) -> Verdict | None:
        """Ask once, noted beforehand where money is counted: a process may be killed, or an answer never come."""
        beside = self._beside if whose is not None and self.there is not False else None
        noted = None if beside is None or whose is None else await beside.begin(whose)
        if beside is None or noted is None:
            verdict = await ask()
            if verdict is not None and verdict.call and whose is not None:
                self.calls.put(verdict.call, whose)
            return verdict
        try:
            verdict = await ask()
        except ApiError as error:
            if 400 <= (error.status or 0) < 500:
                await beside.sent_nothing(noted)
            raise
        await (beside.sent_nothing(noted) if verdict is None else beside.called(noted, verdict.call))
        return verdict
