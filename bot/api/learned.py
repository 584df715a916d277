"""What is learned about a model's videos at one base URL: the form of a submit that it takes, and what it can't do.

Both for some days: a service may learn something, too, and asking it once more costs a request that is refused.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from typing import Final

from bot.api.memory import Memory
from bot.api.rungs import HELD_BY, Part
from bot.periods import DAY_SECONDS

KEPT_DAYS: Final = 7
_LACKS: Final = re.compile(
    r"(?:not|n't) (?:support|accept|take|allow|permit|recogni)|unsupported|unknown|unexpected|unrecogni[sz]ed"
    r"|not (?:available|permitted)|extra|不支持|未知|不允许",
    re.IGNORECASE,
)
_ONLY_THIS_ONE: Final = re.compile(
    r"\d|format|(?:file|mime|content)[- ]?type|size|pixel|large|small|long|short|download|decode"
    r"|corrupt|between|must be|at (?:most|least)"
    r"|url|格式|尺寸|大小|过长|过短|下载",
    re.IGNORECASE,
)
"""Words of a refusal of this image or this length, and not of any."""
_NAMED: Final = {
    Part.IMAGE: r"\bimages?\b|input_?reference|first_?frame|图片|图像|首帧",
    Part.SECONDS: r"duration|\bseconds\b|时长",
    Part.LAST: r"last[_ ]?frame|尾帧",
    Part.SOUND: r"audio|sound|音频",
    Part.CLIP: r"first[_ ]?clip|video input|input video|视频输入|续写",
    Part.SEED: r"\bseed\b|随机种子",
    Part.AVOID: r"negative[_ ]?prompt|反向提示",
}
_UNKNOWN: Final = re.compile(
    r"extra (?:field|input)|(?:unknown|unexpected|unrecogni[sz]ed|unsupported) (?:\w+ )?(?:field|param|argument|key)"
    r"|(?:未知|不支持的?)(?:参数|字段)",
    re.IGNORECASE,
)
"""Of a field that the service has no name for: whatever needs it."""


class Learned:
    """Of one model. What is stored begins or ends with the day (since 1970) on which it was learned."""

    def __init__(self, memory: Memory, base_url: str, model: str) -> None:
        self._memory = memory
        self._model = model
        self._form = f"video_form {base_url} {model}"
        self._lacks = f"video_lacks {base_url} {model}"

    async def form(self) -> int | None:
        """The number of the form that the service took last; None: not known, or long ago."""
        return _form_in(await self._memory.recall(self._form))

    async def note_form(self, rung: int) -> None:
        """The service took this one. The fullest is what is tried anyway, and needs a note only in place of another."""
        noted = await self._memory.recall(self._form)
        if rung != _form_in(noted) and (rung or noted is not None):
            await self._memory.note(self._form, f"{rung} {_today()}")

    async def lacks(self) -> frozenset[Part]:
        """What the service is known to refuse for this model."""
        return frozenset(await self._refused()) | (frozenset(Part) - HELD_BY[await self.form() or 0])

    async def note_lack(self, said: str, parts: Collection[Part]) -> None:
        """The service refused a submit with `parts` in these words: those that it says it does not take at all."""
        words = re.sub(re.escape(self._model), " ", said, flags=re.IGNORECASE)
        unknown = _UNKNOWN.search(words)
        if not unknown and (not _LACKS.search(words) or _ONLY_THIS_ONE.search(words)):
            return
        named = [part for part in parts if re.search(_NAMED[part], words, re.IGNORECASE)]
        if not named and unknown:
            named = list(parts)
        if named:
            days = await self._refused() | dict.fromkeys(named, _today())
            await self._memory.note(self._lacks, " ".join(sorted(f"{part}:{day}" for part, day in days.items())))

    async def _refused(self) -> dict[Part, int]:
        """What the service refused by name, and on which day; each is forgotten by itself."""
        noted = re.findall(r"(\w+):(\d{1,9})", await self._memory.recall(self._lacks) or "")
        return {Part(name): int(day) for name, day in noted if name in set(Part) and _is_fresh(int(day))}


def _form_in(noted: str | None) -> int | None:
    match = re.fullmatch(r"([0-2]) (\d{1,9})", noted or "")
    return int(match[1]) if match is not None and _is_fresh(int(match[2])) else None


def _today() -> int:
    return int(time.time() // DAY_SECONDS)


def _is_fresh(day: int) -> bool:
    return abs(_today() - day) < KEPT_DAYS
