"""The models on offer, from memory; refreshed in the background."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING

from bot.errors import ApiError, KeyRefused, NotAnApi

if TYPE_CHECKING:
    from bot.api.client import OneKeyClient

log = logging.getLogger(__name__)


class ModelCatalogue:
    """Names of models. Without a list from the service (none yet, or no such endpoint) only the configured ones.

    `every`: seconds between refreshes, a tenth more or less so that processes spread out. `after_failure`: seconds
    after a first failure, doubled with each further one up to `every`.
    """

    def __init__(
        self,
        client: OneKeyClient,
        configured: tuple[str, ...],
        *,
        every: float = 600.0,
        after_failure: float = 30.0,
    ) -> None:
        self._client = client
        self._configured = tuple(dict.fromkeys(configured))
        self._listed: frozenset[str] | None = None
        self._names = self._configured
        self._every = every
        self._after_failure = after_failure

    def names(self) -> tuple[str, ...]:
        """From memory: the configured ones that are on offer first, the others in the service's order."""
        return self._names

    def knows(self, name: str) -> bool | None:
        """Whether the service lists it; None when there is no list to say so."""
        return None if self._listed is None else name in self._listed

    async def refresh(self) -> bool:
        """Fetch the list once. False: it failed with an ApiError, and the old list stays. An empty list is no list.

        NotAnApi: a web page answered. KeyRefused.
        """
        try:
            names = await self._client.list_models()
        except ApiError as error:
            if isinstance(error, NotAnApi | KeyRefused):
                raise
            log.warning("the list of models can't be had: %s", error)
            return False
        if names:
            listed = frozenset(names)
            first = tuple(name for name in self._configured if name in listed)
            self._names = first + tuple(name for name in names if name not in first)
            self._listed = listed
        return True

    async def run(self) -> None:
        """Refresh at once and then for ever; for a background task, which is cancelled to end it.

        NotAnApi, KeyRefused: the first answer was a web page, or that the key is wrong. Later it is an outage.
        """
        failures = rounds = 0
        while True:
            rounds += 1
            try:
                well = await self.refresh()
            except Exception as error:  # the list is a convenience: a fault in it must not end the program
                if isinstance(error, NotAnApi | KeyRefused) and rounds == 1:
                    raise
                log.error(  # noqa: TRY400 - a web page in an outage is no fault of ours, and no trace
                    "refreshing the list of models failed: %s",
                    error,
                    exc_info=not isinstance(error, NotAnApi | KeyRefused),
                )
                well = False
            failures = 0 if well else failures + 1
            wait = self._every if well else min(self._every, self._after_failure * 2.0 ** min(failures - 1, 16))
            await asyncio.sleep(wait * random.uniform(0.9, 1.1))
