"""GET /models: the names of the models, where the service has such a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bot.api.calls import Call
from bot.api.failures import Effect
from bot.api.shapes import JsonObject, mapping, number, sequence, text
from bot.api.timeouts import Timeouts
from bot.api.transport import Transport
from bot.environment import Kind
from bot.errors import ApiError, BadAnswer

if TYPE_CHECKING:
    from bot.api.retries import RetryPolicy

_LONGEST_NAME: Final = 200
_LARGEST_WINDOW: Final = 100_000_000
_SAYS: Final = {
    "video": re.compile(
        r"video|[tifrsv]2v|sora|veo-?\d|kling|runway|hailuo|seedance|pika|luma|vidu|ltx|animate", re.IGNORECASE
    ),
    "other": re.compile(
        r"embed|rerank|(?:\b|_)tts|speech|whisper|\basr|moderation|audio|voice|music|suno|bge-", re.IGNORECASE
    ),
    "image": re.compile(
        r"image|[ti]2i|dall-?e|flux|midjourney|\bmj|diffusion|sdxl|\bsd-?\d|imagen|seedream|seededit|ideogram|recraft"
        r"|kolors|cogview|hidream|jimeng|banana|wanx|photon|firefly",
        re.IGNORECASE,
    ),
    "chat": re.compile(
        r"chat|instruct|reason|think|coder|-vl\b|-vl-|gpt|claude|gemini|deepseek|qwen|qwq|glm|llama|mistral|mixtral|grok"
        r"|kimi|moonshot|doubao|ernie|hunyuan|minimax|command|gemma|phi-?\d|\bo\d|\byi-|nova|step-",
        re.IGNORECASE,
    ),
}
_OF_IMAGES: Final = re.compile(r"(?<![a-z])(?:i|kf|flf|r|s)2v|image-?to-?video", re.IGNORECASE)
_OF_WORDS: Final = re.compile(r"(?<![a-z])t2v|text-?to-?video", re.IGNORECASE)
_ORDERS: Final[dict[Kind, tuple[str | None, ...]]] = {
    Kind.ASK: ("chat", None, "image", "video", "other"),
    Kind.IMAGE: ("image", None, "video", "chat", "other"),
    Kind.VIDEO: ("video", None, "image", "chat", "other"),
}
_OTHERS: Final = 2
"""Where in these the other kinds begin."""
_MISSING: Final = frozenset({404, 405, 501})


async def fetch(transport: Transport, *, timeouts: Timeouts, retries: RetryPolicy) -> dict[str, int | None] | None:
    """Names with the tokens that each takes at most, where that is told. BadAnswer: there is no list in the answer.

    `OneKeyClient.list_models` says the rest.
    """
    call = Call("GET", "/models", Effect.READS, total=timeouts.models, retries=retries)
    try:
        answer = await transport.document(call)
        if answer.document.get("success") is False:
            return None
        transport.check(answer, call)
    except ApiError as error:
        if error.status in _MISSING:
            return None
        raise
    entries: object = answer.document.get("data", answer.document.get("models"))
    if entries is not None and not isinstance(entries, list):
        message = "a list of models that is no list"
        raise BadAnswer(message, status=answer.status, request_id=answer.request_id)
    found: dict[str, int | None] = {}
    for given in sequence(entries):  # pyright: ignore[reportUnknownArgumentType] - any JSON array
        entry = mapping(given)
        name = text(given) or next(filter(None, (text(entry.get(key)) for key in ("id", "name", "model"))), "")
        if name and len(name) <= _LONGEST_NAME:
            found.setdefault(name, _window(entry))
    return found


def _window(entry: JsonObject) -> int | None:
    """Tokens of a request and its answer together. No standard has it: vLLM says max_model_len, OpenRouter and
    Together context_length, Groq context_window.
    """
    told = (number(entry.get(key)) for key in ("context_length", "context_window", "max_model_len"))
    return next((int(tokens) for tokens in told if tokens and 0 < tokens <= _LARGEST_WINDOW), None)


def by_kind(kind: Kind, names: Iterable[str]) -> tuple[str, ...]:
    """`names` with those first that say that they are of this kind; all of them stay, each kind in its order.

    Nothing is inferred of what a model can do: many services give no types, and where they do, these are often wrong.
    """
    return tuple(sorted(names, key=lambda name: _ORDERS[kind].index(_kind_of(name))))


def fitting(kind: Kind, names: Iterable[str]) -> tuple[str, ...]:
    """`names` without those that say that they are of another kind; all, where nothing would be left."""
    known = tuple(names)
    return tuple(name for name in known if _ORDERS[kind].index(_kind_of(name)) < _OTHERS) or known


def is_of_another(kind: Kind, name: str) -> bool:
    """Whether it says that it is of another kind."""
    return _ORDERS[kind].index(_kind_of(name)) >= _OTHERS


def is_of_images(name: str) -> bool:
    """Whether a model of videos says that it begins with an image."""
    return _OF_IMAGES.search(name) is not None


def is_of_words(name: str) -> bool:
    """Whether it says that words are all that it takes."""
    return _OF_WORDS.search(name) is not None and not is_of_images(name)


@lru_cache(10_000)
def _kind_of(name: str) -> str | None:
    """video, other (speech, embeddings …), image or chat, by the first of these that it says; None: nothing known."""
    return next((kind for kind, says in _SAYS.items() if says.search(name)), None)


def meant(name: str, names: Iterable[str]) -> str:
    """The one of `names` that a person means by `name`, or `name` itself where none is, or several may be.

    Case makes no difference, nor spaces for hyphens ("DeepSeek Chat"), nor a provider in front ("deepseek/…").
    """
    name = name.strip()
    known = tuple(dict.fromkeys(names))
    typed = _folded(name)
    tail = typed.rpartition("/")[2]
    ways: tuple[Callable[[str], bool], ...] = (
        lambda one: one == name,
        lambda one: _folded(one) == typed,
        lambda one: _folded(one) == tail if "/" in typed else _folded(one).rpartition("/")[2] == typed,
    )
    for fits in ways:
        if found := [one for one in known if fits(one)]:
            return found[0] if len(found) == 1 else name
    return name


def _folded(name: str) -> str:
    return re.sub(r"[\s_]+", "-", name.casefold())
