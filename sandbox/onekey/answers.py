"""Answers of the chat stand-in: composed from the prompt, the same each time, in English or Chinese."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
from PIL import Image, UnidentifiedImageError

from .written import CHINESE, TEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_CODE: Final = re.compile(r"\b(code|python|script|function|program|sql|regex)\b|代码|函数|脚本|程序", re.IGNORECASE)
_LABEL: Final = re.compile(r'^From "(?:[^"\\]|\\.)*": ')
"""Who writes, where several do: what they say is about something else."""
_GO_ON: Final = re.compile(r"cut off.*\bgo on\b|\bcontinue\b.*\bleft off\b", re.IGNORECASE | re.DOTALL)
_THOUGHTS: Final = 24
"""Words that a thinking model thinks."""
_PIECES: Final = re.compile(
    r"[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]{1,2}|[^\s\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]+\s*|\s+"
)


@dataclass(frozen=True, slots=True)
class Question:
    """What the last user message of a request says, and the pictures that came with it."""

    text: str
    pictures: tuple[str, ...] = ()
    """A sentence part each: "PNG, 640×480"."""


def question_of(messages: Sequence[object]) -> Question:
    """Reads OpenAI's messages: content as a string, or as parts of type text and image_url.

    Raises:
        ValueError: there is no user message, or a part can't be read.
    """
    for message in reversed(messages):
        if not isinstance(message, dict):
            raise ValueError("a message is no object")  # noqa: TRY004 - a fault in the data, not in the program
        fields = cast("dict[str, object]", message)
        if fields.get("role") != "user":
            continue
        content = fields.get("content")
        if isinstance(content, str):
            return Question(content)
        if isinstance(content, list):
            return _of_parts(cast("list[dict[str, object]]", content))
        raise ValueError("content is neither a string nor a list")
    raise ValueError("no message of the user")


def _of_parts(parts: list[dict[str, object]]) -> Question:
    texts: list[str] = []
    pictures: list[str] = []
    for part in parts:
        if part.get("type") == "text":
            texts.append(str(part.get("text", "")))
        elif part.get("type") == "image_url":
            image = cast("dict[str, object]", part.get("image_url") or {})
            pictures.append(_seen(str(image.get("url", ""))))
        else:
            raise ValueError(f"unknown variant {part.get('type')!r}, expected text or image_url")
    return Question("\n".join(texts), tuple(pictures))


def _seen(url: str) -> str:
    """Format and size of a picture in a data URL."""
    head, comma, data = url.partition(",")
    if not (comma and head.startswith("data:image/") and head.endswith(";base64")):
        raise ValueError("image_url is no data URL with base64")
    try:
        with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as picture:
            picture.load()
            return f"{picture.format}, {picture.width}×{picture.height}"
    except (binascii.Error, UnidentifiedImageError, OSError) as exception:
        raise ValueError("the picture can't be read") from exception


def merged(messages: Sequence[object], text: str) -> str:
    """The JSON that a system message asks for: one prompt of the ideas in the user's document; "": prose is right.

    The prompt goes on from what the document has "so_far", else it begins with its theme and style; the words of each
    idea stand in it as they are.
    """
    told = [cast("dict[str, object]", each) for each in messages if isinstance(each, dict)]
    asked = any(each.get("role") == "system" and '"prompt"' in str(each.get("content")) for each in told)
    try:
        document: Any = orjson.loads(text) if asked else {}
        ideas = [(each["idea"], str(each["text"]).strip()) for each in document["ideas"]]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
    begun = document.get("so_far") or ", ".join(filter(None, (document.get("theme"), document.get("style"))))
    prompt = ", ".join([*filter(None, (begun,)), *(idea for _, idea in ideas)])
    parts = [{"idea": number, "words": idea} for number, idea in ideas]
    return orjson.dumps({"prompt": prompt, "parts": parts}).decode()


def asks_to_go_on(messages: Sequence[object]) -> str:
    """The answer that was cut and is to be gone on with, if that is what the last message asks; "": it is not."""
    told = [cast("dict[str, object]", each) for each in messages if isinstance(each, dict)]
    cut = len(told) > 2 and told[-2].get("role") == "assistant" and _GO_ON.search(str(told[-1].get("content")))
    return str(told[-2].get("content")) if cut else ""


def gone_on(question: Question, said: str) -> list[str]:
    """What follows on what was `said` to a question, after its last words once more."""
    prompt = " ".join(question.text.split())
    chinese = bool(_CHINESE.search(prompt))
    whole, said = _composed(prompt, question.pictures, chinese=chinese), said.rstrip()
    last = "".join(pieces(said)[-4:])
    at = whole.find(said[-40:])
    more = whole[at + len(said[-40:]) :] if at >= 0 else (_more_chinese if chinese else _more)(prompt, len(said))
    return pieces(last + more)


def compose(question: Question, *, words: int = 0) -> list[str]:
    """The answer in pieces, as a model streams it: `words` of them, or as many as the text has (0)."""
    prompt = " ".join(question.text.split())
    chinese = bool(_CHINESE.search(prompt))
    text = _composed(prompt, question.pictures, chinese=chinese)
    made = pieces(text)
    if not words:
        return made
    more = _more_chinese if chinese else _more
    number = 0
    while len(made) < words:
        number += 1
        made += pieces(more(prompt, number))
    return made[:words]


def written(question: Question) -> str:
    """What shows all that models write, in the language of the question."""
    return CHINESE if _CHINESE.search(question.text) else TEXT


def pieces(text: str) -> list[str]:
    """A text as a model streams it; together they are the text."""
    return _PIECES.findall(text)


def thoughts(question: Question) -> list[str]:
    """What a thinking model thinks first."""
    chinese = bool(_CHINESE.search(question.text))
    text = "先看问题在问什么，" if chinese else "First, what is being asked here? "
    more = "再想想最简单的说法，" if chinese else "Then the simplest way to say it. "
    made = pieces(text)
    while len(made) < _THOUGHTS:
        made += pieces(more)
    return made[:_THOUGHTS]


def _composed(prompt: str, pictures: Sequence[str], *, chinese: bool) -> str:
    prompt = _LABEL.sub("", prompt)
    topic = prompt if len(prompt) <= 60 else prompt[:60].rstrip() + "…"
    seen = "".join(f"我看到一张图片（{p}）。\n\n" if chinese else f"I see a picture ({p}).\n\n" for p in pictures)
    if _CODE.search(prompt):
        return seen + (_code_chinese(topic) if chinese else _code(topic))
    pick = _seed(prompt)
    if chinese:
        openings = ("可以从三个方面来看", "简单来说有三点", "先说结论，再说原因")
        return (
            f"{seen}关于“{topic}”，{openings[pick % 3]}。\n\n"
            "1. **先看整体**：弄清目标是什么，哪些条件已经确定。\n"
            "2. **再看细节**：把大问题拆成几个可以单独检验的小问题。\n"
            f"3. **最后验证**：用{3 + pick % 5}个不同的例子核对结论，找出例外。\n\n"
            "如果你告诉我更多背景，我可以说得更具体。"
        )
    openings = ("There are three parts to it", "In short, three things matter", "The answer first, the reasons after")
    return (
        f"{seen}About “{topic}”: {openings[pick % 3]}.\n\n"
        "1. **The whole first.** Know what is wanted, and which conditions are already fixed.\n"
        "2. **Then the details.** Divide the large question into small ones that can be checked by themselves.\n"
        f"3. **Check at the end.** Try the result on {3 + pick % 5} different examples and look for the exception.\n\n"
        "Tell me more about your situation, and I can be more exact."
    )


def _code(topic: str) -> str:
    return (
        f"Here is a small program for “{topic}”:\n\n```python\n{_PROGRAM}```\n\n"
        "It counts each word once, sorts by how often it comes, and prints the ten most frequent ones."
    )


def _code_chinese(topic: str) -> str:
    return (
        f"下面是针对“{topic}”的一个小程序：\n\n```python\n{_PROGRAM}```\n\n"
        "它统计每个词出现的次数，按次数排序，并打印最常见的十个词。"
    )


_PROGRAM: Final = """\
from collections import Counter
from pathlib import Path


def most_frequent(path: Path, number: int = 10) -> list[tuple[str, int]]:
    words = path.read_text(encoding="utf-8").lower().split()
    return Counter(words).most_common(number)


for word, times in most_frequent(Path("input.txt")):
    print(f"{times:6}  {word}")
"""


def _more(prompt: str, number: int) -> str:
    subjects = ("A careful reader", "An experiment", "The history of the matter", "A second opinion", "Plain counting")
    verbs = ("confirms", "adds to", "limits", "explains", "puts to the test")
    pick = _seed(f"{prompt}{number}")
    return (
        f"\n\n**Point {number}.** {subjects[pick % 5]} {verbs[pick // 5 % 5]} what was said above, "
        "and it is worth writing down what would change your mind."
    )


def _more_chinese(prompt: str, number: int) -> str:
    subjects = ("仔细的读者", "一次实验", "这件事的历史", "另一种意见", "简单的计数")
    verbs = ("证实了", "补充了", "限定了", "解释了", "检验了")
    pick = _seed(f"{prompt}{number}")
    return (
        f"\n\n**第 {number} 点。** {subjects[pick % 5]}{verbs[pick // 5 % 5]}上面的说法，也值得写下什么会让你改变看法。"
    )


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
