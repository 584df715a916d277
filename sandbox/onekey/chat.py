"""POST /chat/completions: the streamed answer, in every shape, with every way to break."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import orjson
from aiohttp import web

from . import answers, faults, searches
from .plans import without_words
from .streams import Stream, Ticker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .answers import Question
    from .books import Books
    from .plans import Plan
    from .record import Request

_SEES: Final = ("vl", "omni", "vision", "4o")
_DONE: Final = b"data: [DONE]\n\n"
_PING: Final = b": PING\n\n"
_PICTURE: Final = re.compile("data:image/[^'\"]+")
_PICTURE_TOKENS: Final = 258
"""Whatever its size: some models count so."""
_IN_CONTENT: Final = frozenset({"think", "lone_think", "harmony", "parts"})
"""Shapes with thoughts inside the content."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer before it is cut into blocks."""

    number: int
    model: str
    thoughts: list[str]
    words: list[str]
    finish: str | None
    usage: dict[str, object] | None
    found: searches.Found
    tokens: tuple[int, int]
    """Of the question and of the answer, told or not."""

    def block(
        self,
        delta: dict[str, object] | None,
        *,
        finish: str | None = None,
        usage: object = None,
        beside: dict[str, object] | None = None,
    ) -> bytes:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
        body: dict[str, object] = {
            "id": f"chatcmpl-{self.number}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": self.model,
            "choices": choices,
            **self.found.every,
            **(beside or {}),
        }
        if usage is not None:
            body["usage"] = usage
        return b"data: " + orjson.dumps(body) + b"\n\n"

    def blocks(self, texts: Iterable[str], *, key: str = "content") -> list[bytes]:
        """One block a text; the frame is encoded once."""
        head, tail = self.block({key: "\0"}).split(b'"\\u0000"')
        return [head + orjson.dumps(text) + tail for text in texts]


def is_thinking(model: str) -> bool:
    return any(part in model for part in ("reasoner", "thinking", "-r1"))


def sees(model: str) -> bool:
    return any(part in model for part in _SEES)


class ChatRoute:
    def __init__(self, books: Books) -> None:
        self._ticker = Ticker()
        self._books = books

    def close(self) -> None:
        self._ticker.close()

    def prompt(self, record: Request) -> str:
        """The text of the last user message, in which words for the stand-in may stand."""
        try:
            messages = record.json.get("messages")
            return answers.question_of(cast("list[object]", messages)).text if isinstance(messages, list) else ""
        except ValueError:
            return ""

    async def answer(self, request: web.Request, record: Request, plan: Plan) -> web.StreamResponse:
        body = record.json
        model = str(body.get("model", ""))
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            return faults.answer(faults.error("field messages is required", code="invalid_request"), status=400)
        try:
            question = answers.question_of(cast("list[object]", messages))
        except ValueError as exception:
            return faults.answer(faults.error(str(exception), kind="invalid_request_error"), status=400)
        if question.pictures and not sees(model):
            text = "messages[0]: unknown variant `image_url`, expected `text`"
            return faults.answer(faults.error(text, code="invalid_request_error"), status=400)
        if plan.fault == "stream_options" and "stream_options" in body:
            text = "Unknown parameter: 'stream_options'."
            return faults.answer(faults.error(text, code="unknown_parameter"), status=400)
        if plan.fault == "no_search" and (named := [name for name in searches.FIELDS if name in body]):
            text = f"Unrecognized request argument supplied: {named[0]}"
            return faults.answer(faults.error(text, code="unknown_parameter"), status=400)
        answer = self._answer(body, plan, record.number, question)
        if plan.fault not in {"event_stream_error", "unframed_error"}:
            # Who hangs up pays for the whole, as with gateways that read on.
            self._books.chat(record.call, model, *answer.tokens)
        if not body.get("stream") or plan.shape == "whole":
            await asyncio.sleep(plan.first_token)
            return _whole(answer)
        return await self._stream(request, record, plan, answer)

    def _answer(self, body: dict[str, object], plan: Plan, number: int, question: Question) -> _Answer:
        model = str(body["model"])
        asked = answers.Question(without_words(question.text), question.pictures)
        scripted = (
            plan.reply
            or (answers.written(asked) if plan.shape == "markdown" else "")
            or _merged(body, plan, asked.text)
        )
        words = answers.pieces(scripted) if scripted else _words(body, plan, asked)
        found = searches.found(body, plan.shape)
        words = [*words, *answers.pieces(found.words)]
        thinks = is_thinking(model) or plan.shape in {"reasoning", "reasoning_content", *_IN_CONTENT}
        thoughts = answers.thoughts(asked) if thinks else []
        finish: str | None = "stop"
        match plan.fault:
            case "length" | "content_filter":
                words, finish = words[: plan.break_after], plan.fault
            case "safety":
                words, finish = words[: plan.break_after], "SAFETY"
            case "odd_reason":
                words, finish = words[: plan.break_after], "eldritch"
            case "choice_error" | "mid_error" | "mid_garbage" | "mid_drop" | "mid_stall":
                words, finish = words[: plan.break_after], None
            case "no_finish" | "no_done":
                finish = None
            case "no_words":
                words = []
            case _:
                pass
        options = cast("dict[str, object]", body.get("stream_options") or {})
        usage: dict[str, object] | None = None
        most = body.get("max_tokens")
        if isinstance(most, int) and len(thoughts) + len(words) > most:
            thoughts = thoughts[:most]
            words, finish = words[: most - len(thoughts)], "length"
        texts, pictures = _PICTURE.subn("", str(body["messages"]))
        prompt_tokens = max(1, len(texts) // 4) + pictures * _PICTURE_TOKENS
        completion = len(words) + len(thoughts)
        if not body.get("stream") or (options.get("include_usage") and plan.shape != "no_usage"):
            usage = {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion,
                "total_tokens": prompt_tokens + completion,
                "completion_tokens_details": {"reasoning_tokens": len(thoughts)},
            }
        return _Answer(number, model, thoughts, words, finish, usage, found, (prompt_tokens, completion))

    async def _stream(self, request: web.Request, record: Request, plan: Plan, answer: _Answer) -> web.StreamResponse:
        kind = "text/html; charset=utf-8" if plan.shape == "as_html" else "text/event-stream"
        response = _Told(record, {"Content-Type": kind, "Cache-Control": "no-cache"})
        record.content_type = response.content_type
        if plan.fault == "event_stream_error":
            response.set_status(500)
            await response.prepare(request)
            await response.write(
                orjson.dumps(faults.error("upstream error: do request failed", code="do_request_failed"))
            )
            return response
        response.enable_chunked_encoding()
        await response.prepare(request)
        if plan.fault == "unframed_error":
            await response.write(_PING)
            await response.write(orjson.dumps(faults.error("bad upstream answer", code="bad_response")) + b"\n")
            return response
        await self._wait(response, plan)
        await response.write(
            _shaped(answer.block({"role": "assistant", "content": ""}, beside=answer.found.first), plan)
        )
        thinking = _thinking(answer, plan)
        if thinking and not await self._ticker.play(self._written(request, record, thinking, plan)):
            raise faults.drop(request)
        texts = _texts(answer, plan)
        record.first_text_at = time.monotonic()
        stream = self._written(request, record, texts, plan)
        alive = await self._ticker.play(stream)
        record.last_text_at = stream.last_at
        if not alive:
            record.hung_up = True
            raise faults.drop(request)
        return await self._end(request, response, plan, answer)

    async def _wait(self, response: web.StreamResponse, plan: Plan) -> None:
        """The time to the first word, with a PING now and then."""
        if plan.shape == "pings":
            await response.write(_PING)
        left = plan.first_token
        while left > plan.ping_every > 0:
            await asyncio.sleep(plan.ping_every)
            await response.write(_PING)
            left -= plan.ping_every
        await asyncio.sleep(left)

    def _written(self, request: web.Request, record: Request, pieces: list[bytes], plan: Plan) -> Stream:
        assert request.transport is not None, "the handler runs only while the connection is open"  # noqa: S101 - narrows
        rate = plan.words_per_second
        if plan.shape == "split":
            whole = b"".join(pieces)
            odd = [whole[at : at + 61] for at in range(0, len(whole), 61)]
            rate, pieces = rate * len(odd) / max(1, len(pieces)), odd
        return Stream(request.transport, pieces, rate=rate, wrote=record.wrote if record.kept else None)

    async def _end(
        self, request: web.Request, response: web.StreamResponse, plan: Plan, answer: _Answer
    ) -> web.StreamResponse:
        match plan.fault:
            case "mid_error":
                error = orjson.dumps(faults.error("upstream closed the stream", code="upstream_error"))
                await response.write(b"data: " + error + b"\n\n" + _DONE)
                return response
            case "choice_error":
                error = faults.error("upstream closed the stream", code=502)["error"]
                choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error", "error": error}
                await response.write(b"data: " + orjson.dumps({"choices": [choice]}) + b"\n\n" + _DONE)
                return response
            case "mid_garbage":
                await response.write(b'data: {"id": "chatcmpl", "choices": [{\n\n' + _DONE)
                return response
            case "mid_drop":
                raise await faults.break_off(request)
            case "mid_stall":
                await faults.hang()
            case "no_done":
                return response
            case _:
                pass
        tail: list[bytes] = []
        if answer.finish is not None:
            end = answer.block(dict(answer.found.last_delta), finish=answer.finish)
            if plan.shape == "repeat":
                said = orjson.dumps({"role": "assistant", "content": "".join(answer.words)})
                end = end.replace(b'"delta":{}', b'"delta":{},"message":' + said)
            tail.append(end)
        if answer.usage is not None:
            usage = answer.block(None, usage=answer.usage)
            tail.append(usage.replace(b'"choices":[]', b'"choices":null') if plan.shape == "choices_null" else usage)
        tail.append(_DONE)
        await response.write(b"".join(_shaped(block, plan) for block in tail))
        return response


class _Told(web.StreamResponse):
    """What it writes is told to the log too."""

    def __init__(self, record: Request, headers: dict[str, str]) -> None:
        super().__init__(headers=headers)
        self._record = record

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        self._record.wrote(bytes(data))
        await super().write(data)


def _words(body: dict[str, object], plan: Plan, asked: Question) -> list[str]:
    messages = cast("list[object]", body["messages"])
    if not (said := answers.asks_to_go_on(messages)):
        return answers.compose(asked, words=plan.words)
    before = answers.question_of(messages[:-1])
    return answers.gone_on(answers.Question(without_words(before.text), before.pictures), said)


def _merged(body: dict[str, object], plan: Plan, text: str) -> str:
    """What is asked for as JSON; empty: prose is right, or what comes all the same."""
    made = "" if plan.shape == "json_ignored" else answers.merged(cast("list[object]", body["messages"]), text)
    return f"Here is the JSON:\n\n```json\n{made}\n```" if made and plan.shape == "json_fenced" else made


def _thinking(answer: _Answer, plan: Plan) -> list[bytes]:
    if not answer.thoughts or plan.shape in _IN_CONTENT:
        return []
    key = "reasoning" if plan.shape == "reasoning" else "reasoning_content"
    return [_shaped(block, plan) for block in answer.blocks(answer.thoughts, key=key)]


def _texts(answer: _Answer, plan: Plan) -> list[bytes]:
    """The blocks with text; with some shapes the thoughts are among them, the tags in two blocks each."""
    words = answer.words
    match plan.shape:
        case "think":
            words = ["<th", "ink>\n", *answer.thoughts, "\n</thi", "nk>\n\n", *words]
        case "lone_think":
            words = [*answer.thoughts, "\n</thi", "nk>\n\n", *words]
        case "harmony":
            final = ("<|end|>", "<|start|>assistant<|chan", "nel|>final<|message|>")
            words = ["<|channel|>analysis", "<|mess", "age|>", *answer.thoughts, *final, *words, "<|return|>"]
        case "cumulative":
            words = list(itertools.accumulate(words))
        case _:
            pass
    blocks = answer.blocks(words)
    if plan.shape == "parts":
        thoughts = [{"type": "thinking", "thinking": [{"type": "text", "text": one}]} for one in answer.thoughts]
        said = [{"type": "text", "text": one} for one in words]
        blocks = [answer.block({"content": [part]}) for part in (*thoughts, *said)]
    if plan.shape in {"stop_everywhere", "null_word"}:
        word = b'"stop"' if plan.shape == "stop_everywhere" else b'"null"'
        blocks = [block.replace(b'"finish_reason":null', b'"finish_reason":' + word) for block in blocks]
    if plan.shape == "glued":
        bare = [block.removeprefix(b"data: ").rstrip() for block in blocks]
        pairs = [b"".join(bare[at : at + 2]) for at in range(0, len(bare), 2)]
        blocks = [b"data: " + pair + (b" " if at % 2 else b"\n\n") for at, pair in enumerate(pairs)]
        blocks[-1] += b"\n\n"
    if plan.fault == "bad_block":
        blocks[len(blocks) // 2] = b'data: {"id": "chatcmpl", "choices": [{\n\n'
    if plan.shape == "null_content":
        empty = [answer.block({"content": None}), answer.block({})]
        blocks = [piece for at, block in enumerate(blocks) for piece in (block, *(empty if at % 5 == 0 else ()))]
    if plan.shape == "pings":
        blocks = [_PING + block if at % 5 == 0 else block for at, block in enumerate(blocks)]
    return [_shaped(block, plan) for block in blocks]


def _shaped(block: bytes, plan: Plan) -> bytes:
    if plan.shape == "crlf":
        return block.replace(b"data: ", b"data:", 1).replace(b"\n\n", b"\r\n\r\n")
    return block


def _whole(answer: _Answer) -> web.Response:
    message: dict[str, object] = {"role": "assistant", "content": "".join(answer.words)}
    if answer.thoughts:
        message["reasoning_content"] = "".join(answer.thoughts)
    return faults.answer(
        {
            "id": f"chatcmpl-{answer.number}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": answer.model,
            "choices": [{"index": 0, "message": message, "finish_reason": answer.finish}],
            "usage": answer.usage,
        }
    )
