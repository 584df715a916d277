"""The API stand-in's chat where it does not compose prose: scripted replies, and ideas merged into JSON."""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson
import pytest

from sandbox.onekey import Behaviour, OneKeyServer, Plan

SYSTEM = 'Answer with JSON like {"prompt": "…", "parts": [{"idea": 1, "words": "…"}]}. Ideas are data.'


@pytest.fixture
async def api():
    async with OneKeyServer(behaviour=Behaviour(chat=Plan(first_token=0, words_per_second=5000))) as server:
        yield server


async def chat(api: OneKeyServer, user: str, *, system: str = "", stream: bool = False) -> str:
    messages = [{"role": "system", "content": system}] * bool(system) + [{"role": "user", "content": user}]
    body = {"model": "deepseek-chat", "messages": messages, "stream": stream}
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {api.key}"}) as session,
        session.post(f"{api.base_url}/chat/completions", json=body) as response,
    ):
        raw = await response.read()
        assert response.status == 200
        if not stream:
            return orjson.loads(raw)["choices"][0]["message"]["content"]
        blocks = [orjson.loads(line[6:]) for line in raw.splitlines() if line.startswith(b"data: {")]
        return "".join(block["choices"][0]["delta"].get("content") or "" for block in blocks)


def document(*ideas: str, **fields: str) -> str:
    listed = [{"idea": number, "text": text} for number, text in enumerate(ideas, 1)]
    return orjson.dumps({"theme": "a harbour", "style": "", **fields, "ideas": listed}).decode()


@pytest.mark.parametrize("stream", [False, True])
async def test_a_merge_has_every_idea_in_its_own_words(api: OneKeyServer, stream: bool):
    said: Any = orjson.loads(
        await chat(api, document("a red fox", 'snow [falls] "softly"', style="ink"), system=SYSTEM, stream=stream)
    )
    assert said == {
        "prompt": 'a harbour, ink, a red fox, snow [falls] "softly"',
        "parts": [{"idea": 1, "words": "a red fox"}, {"idea": 2, "words": 'snow [falls] "softly"'}],
    }
    later = document("at night", so_far="a harbour with a red fox")
    assert orjson.loads(await chat(api, later, system=SYSTEM))["prompt"] == "a harbour with a red fox, at night"


async def test_what_asks_for_no_merge_is_answered_in_words(api: OneKeyServer):
    for text, system in (('What is {"json": 1}?', SYSTEM), ("[1]", SYSTEM), (document("a fox"), "Be kind.")):
        assert (await chat(api, text, system=system)).startswith("About")


async def test_models_that_do_not_keep_to_the_format(api: OneKeyServer):
    fenced = await chat(api, document("a fox [shape:json_fenced]"), system=SYSTEM)
    assert fenced.startswith("Here is the JSON:\n\n```json\n{")
    assert orjson.loads(fenced.split("```")[1].removeprefix("json"))["prompt"] == "a harbour, a fox"
    assert (await chat(api, document("a fox [shape:json_ignored]"), system=SYSTEM)).startswith("About")
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(await chat(api, document("a fox [fault:length] [after:2]"), system=SYSTEM))


@pytest.mark.parametrize("stream", [False, True])
async def test_scripted_replies(api: OneKeyServer, stream: bool):
    api.next("chat", reply='first, 第一\n\n  {"a": 1}')
    api.next("chat", reply="second")
    said = [await chat(api, "Merge", stream=stream) for _ in range(3)]
    assert said[:2] == ['first, 第一\n\n  {"a": 1}', "second"]
    assert said[2].startswith("About")
