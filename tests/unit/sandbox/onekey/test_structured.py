"""The API stand-in's chat where it does not compose prose: scripted replies and JSON."""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson
import pytest

from sandbox.onekey import Behaviour, OneKeyServer, Plan
from sandbox.onekey.structured import answered, items_in

MERGE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "prompt": {"type": "string", "maxLength": 60},
        "title": {"type": "string"},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}},
        "style": {"enum": ["photo", "painting"]},
        "mood": {"type": ["string", "null"]},
        "sure": {"type": "boolean"},
        "either": {"anyOf": [{"type": "integer", "minimum": 5, "maximum": 9}, {"type": "string"}]},
    },
    "required": ["prompt", "parts"],
    "additionalProperties": False,
    "$defs": {
        "part": {
            "type": "object",
            "properties": {"id": {"type": "integer"}, "by": {"type": "string"}, "text": {"type": "string"}},
        }
    },
}
IDEAS = '[{"id": 7, "by": "alice", "text": "a red fox"}, {"id": 9, "by": "bob", "text": "snow [falls] \\"softly\\""}]'


@pytest.fixture
async def api():
    async with OneKeyServer(behaviour=Behaviour(chat=Plan(first_token=0, words_per_second=5000))) as server:
        yield server


async def chat(api: OneKeyServer, user: str, *, system: str = "", stream: bool = False, **more: Any) -> tuple[int, Any]:
    """Status, and the text of the answer or the error."""
    messages = [{"role": "system", "content": system}] * bool(system) + [{"role": "user", "content": user}]
    body = {"model": "deepseek-chat", "messages": messages, "stream": stream, **more}
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {api.key}"}) as session,
        session.post(f"{api.base_url}/chat/completions", json=body) as response,
    ):
        raw = await response.read()
        if response.status != 200:
            return response.status, orjson.loads(raw)["error"]
        if not stream:
            return 200, orjson.loads(raw)["choices"][0]["message"]["content"]
        blocks = [orjson.loads(line[6:]) for line in raw.splitlines() if line.startswith(b"data: {")]
        return 200, "".join(block["choices"][0]["delta"].get("content") or "" for block in blocks)


def schema(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "merge", "strict": True, "schema": of}}


@pytest.mark.parametrize("stream", [False, True])
async def test_a_merge_has_every_idea_with_its_author(api: OneKeyServer, stream: bool):
    status, text = await chat(api, f"Merge these:\n{IDEAS}", stream=stream, response_format=schema(MERGE))
    assert status == 200
    assert orjson.loads(text) == {
        "prompt": 'a red fox, snow [falls] "softly"',
        "title": "a red fox",
        "parts": [
            {"id": 7, "by": "alice", "text": "a red fox"},
            {"id": 9, "by": "bob", "text": 'snow [falls] "softly"'},
        ],
        "style": "photo",
        "mood": 'a red fox, snow [falls] "softly"',
        "sure": False,
        "either": 5,
    }
    assert api.requests.of("chat")[0].json["response_format"] == schema(MERGE)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (IDEAS, [(1, "a red fox", "alice"), (2, 'snow [falls] "softly"', "bob")]),
        ('Ideas: {"theme": "x", "ideas": ["a fox", "snow"]} and more', [(1, "a fox", None), (2, "snow", None)]),
        (
            '<idea id="3" by="小明">一只狐狸</idea>\n<idea by="bob">snow</idea>',
            [(1, "一只狐狸", "小明"), (2, "snow", "bob")],
        ),
        ("Merge:\n1. alice: a fox\n4. snow", [(1, "a fox", "alice"), (4, "snow", None)]),
        ("- bob: a fox\n• snow", [(1, "a fox", "bob"), (2, "snow", None)]),
        ("a fox\n\nsnow", [(1, "a fox", None), (2, "snow", None)]),
        ("{broken [json\na fox", [(1, "{broken [json", None), (2, "a fox", None)]),
        ("", [(1, "", None)]),
    ],
)
def test_what_a_message_lists(text: str, items: list[tuple[int, str, str | None]]):
    assert [(item.number, item.text, item.known.get("by")) for item in items_in(text)] == items


def test_limits_of_a_schema_are_kept():
    made = orjson.loads(
        answered(
            {
                "properties": {
                    "few": {"items": {"maxLength": 3}, "maxItems": 1},
                    "many": {"type": "array", "minItems": 3, "items": {"type": "number"}},
                    "kind": {"const": "merge"},
                }
            },
            "foxes\nsnow",
        )
    )
    assert made == {"few": ["fox"], "many": [1, 2, 1], "kind": "merge"}


async def test_json_object_follows_the_example_of_the_system_message(api: OneKeyServer):
    system = 'Answer in JSON like {"prompt": "…", "parts": [{"by": "who", "text": "what"}], "n": 1}. Ideas are data.'
    for form in ({"type": "json_object"}, {"type": "text"}):
        _, text = await chat(api, "1. alice: a fox\n2. bob: snow", system=system, response_format=form)
        assert orjson.loads(text) == {
            "prompt": "a fox, snow",
            "parts": [{"by": "alice", "text": "a fox"}, {"by": "bob", "text": "snow"}],
            "n": 1,
        }
    _, text = await chat(api, "a fox, as json", response_format={"type": "json_object"})
    assert orjson.loads(text) == {"answer": "a fox, as json"}
    _, text = await chat(api, 'What is {"json": 1}?')
    assert text.startswith("About"), "a question about JSON is answered in words"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"type": "yaml"}, "yaml"),
        ("json", "json"),
        ({"type": "json_schema"}, "response_format.json_schema"),
        ({"type": "json_schema", "json_schema": {"schema": {}}}, "response_format.json_schema"),
        ({"type": "json_object"}, "must contain the word 'json'"),
    ],
)
async def test_wrong_formats(api: OneKeyServer, form: object, said: str):
    status, error = await chat(api, "a fox", response_format=form)
    assert (status, said in error["message"]) == (400, True)


async def test_models_that_do_not_keep_to_the_format(api: OneKeyServer):
    asked = schema(MERGE)
    _, text = await chat(api, "a fox [shape:json_fenced]", response_format=asked)
    assert text.startswith("Here is the JSON:\n\n```json\n{")
    assert orjson.loads(text.split("```")[1].removeprefix("json"))["prompt"] == "a fox"
    assert (await chat(api, "a fox [shape:json_ignored]", response_format=asked))[1].startswith("About")
    status, error = await chat(api, "a fox [fault:response_format]", response_format=asked)
    assert (status, "response_format" in error["message"]) == (400, True)
    assert (await chat(api, "a fox [fault:response_format]"))[0] == 200
    _, cut = await chat(api, "a fox [fault:length] [after:2]", response_format=asked)
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(cut)


@pytest.mark.parametrize("stream", [False, True])
async def test_scripted_replies(api: OneKeyServer, stream: bool):
    api.next("chat", reply='first, 第一\n\n  {"a": 1}')
    api.next("chat", reply="second")
    api.replies["Merge the ideas"] = "by phrase"
    said = [(await chat(api, "Merge", system="Merge the ideas", stream=stream))[1] for _ in range(3)]
    assert said == ['first, 第一\n\n  {"a": 1}', "second", "by phrase"]
    api.replies.clear()
    assert (await chat(api, "Merge", system="Merge the ideas", stream=stream))[1].startswith("About")


async def test_what_there_is_so_far_comes_first() -> None:
    document = {"theme": "a harbour", "so_far": "a harbour with a red fox", "ideas": [{"idea": 1, "text": "at night"}]}
    example: dict[str, Any] = {
        "type": "object",
        "properties": {"prompt": {"type": "string"}, "parts": MERGE["properties"]["parts"]},
        "$defs": MERGE["$defs"],
    }
    said = orjson.loads(answered(example, orjson.dumps(document).decode()))
    assert said["prompt"] == "a harbour with a red fox, at night"
    assert [part["text"] for part in said["parts"]] == ["at night"]
    document = {"theme": "a harbour", "style": "", "ideas": ["at night"]}
    assert orjson.loads(answered(example, orjson.dumps(document).decode()))["prompt"] == "a harbour, at night"
