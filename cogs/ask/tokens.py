"""About how many tokens a text is: by its bytes, corrected by what the service counts for each model."""

from __future__ import annotations

from collections.abc import Callable

from bot.orders.costs import ANSWER_TOKENS, BYTES_PER_TOKEN
from bot.recent import Recent

MODELS = 500
"""Whose factor is remembered."""
USUAL, MOST_USUAL = 8_000, 128_000
"""Tokens of a request where nothing is known of the model, and the most where nobody set any."""
_LEAST, _MOST = 0.3, 3.0
_WEIGHT = 0.3
"""Of one answer beside those before it."""
_TELLING = 300
"""Bytes below which a service's count says more of what it adds than of the text."""


class TokenEstimates:
    """One for the process; what it learned is gone with it.

    `window`: the tokens that a model takes, its answer among them, if that is known.
    """

    def __init__(self, window: Callable[[str], int | None] = lambda _: None) -> None:
        self._factors: Recent[str, float] = Recent(MODELS)
        self._window = window

    def usual(self, model: str) -> int:
        """Tokens of a request to this model where nobody set any."""
        window = self._window(model)
        return USUAL if window is None else min(max(window - ANSWER_TOKENS, window // 2), MOST_USUAL)

    def tokens_of(self, model: str, size: int) -> int:
        """About how many tokens so many bytes are."""
        return int(size / BYTES_PER_TOKEN * self._factor(model))

    def bytes_for(self, model: str, tokens: int) -> int:
        """About how many bytes so many tokens are."""
        return int(tokens * BYTES_PER_TOKEN / self._factor(model))

    def learn(self, model: str, size: int, tokens: int) -> None:
        """The service counted so many for a request of so many bytes, without images."""
        if size >= _TELLING and tokens > 0:
            counted = min(_MOST, max(_LEAST, tokens * BYTES_PER_TOKEN / size))
            known = self._factors.get(model)
            self._factors.put(model, counted if known is None else known + _WEIGHT * (counted - known))

    def _factor(self, model: str) -> float:
        return self._factors.get(model) or 1.0
