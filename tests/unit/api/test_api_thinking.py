from __future__ import annotations

import pytest

from bot.api.thinking import Reasoning, Text, ThinkSplitter


def split(content: str, step: int) -> tuple[str, str]:
    """Reasoning and text of `content` fed in pieces."""
    splitter = ThinkSplitter()
    events: list[Text | Reasoning] = []
    for start in range(0, len(content), step):
        splitter.feed(content[start : start + step], events)
    splitter.end(events)
    reasoning = "".join(event.text for event in events if isinstance(event, Reasoning))
    return reasoning, "".join(event.text for event in events if isinstance(event, Text))


@pytest.mark.parametrize("step", [1, 2, 3, 5, 100])
@pytest.mark.parametrize(
    ("content", "reasoning", "text"),
    [
        ("plain", "", "plain"),
        ("<think>a b</think>answer", "a b", "answer"),
        ("\n <think>a</think>\n\nanswer\n", "a", "answer\n"),
        ("<think></think>answer", "", "answer"),
        ("<think>a < b </thin k</think>x", "a < b </thin k", "x"),
        ("<think>a</think>say <think>b</think>", "a", "say <think>b</think>"),  # once
        ("In HTML, <think> is no tag", "", "In HTML, <think> is no tag"),
        ("  <thin ice", "", "  <thin ice"),
        ("<thinking>", "", "<thinking>"),
        ("<think>never closed", "never closed", ""),
        ("<think>cut in the tag</thi", "cut in the tag</thi", ""),
        ("<thi", "", "<thi"),
        ("  ", "", "  "),
        ("", "", ""),
    ],
)
def test_think_tags_wherever_they_are_cut(content: str, reasoning: str, text: str, step: int) -> None:
    assert split(content, step) == (reasoning, text)


def test_adjacent_pieces_are_joined() -> None:
    splitter = ThinkSplitter()
    events: list[Text | Reasoning] = []
    for piece in ("a", "b", "c"):
        splitter.feed(piece, events)
    assert events == [Text("abc")]
