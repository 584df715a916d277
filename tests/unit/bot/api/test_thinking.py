from __future__ import annotations

import time

import pytest

from bot.api.thinking import Reasoning, Retracted, SplitEvent, Text, ThinkSplitter


def split(content: str, step: int) -> tuple[str, str]:
    """Reasoning and text of `content` fed in pieces; what was taken back is no text."""
    splitter = ThinkSplitter()
    events: list[SplitEvent] = []
    for start in range(0, len(content), step):
        splitter.feed(content[start : start + step], events)
    splitter.end(events)
    reasoning, text = "", ""
    for event in events:
        match event:
            case Reasoning():
                reasoning += event.text
            case Text():
                text += event.text
            case Retracted():
                text = ""
    return reasoning, text


TAGS = ("think", "thinking", "thought", "thoughts", "reasoning", "seed:think", "THINK")
FENCED = "Look:\n```html\n<think>\na\n</think>\n```\nand `</think>` too"
FINAL = "<|start|>assistant<|channel|>final<|message|>"


@pytest.mark.parametrize("step", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize(
    ("content", "reasoning", "text"),
    [
        ("plain", "", "plain"),
        *((f"<{tag}>a b</{tag}>answer", "a b", "answer") for tag in TAGS),
        ("[THINK]a[/THINK]x", "a", "x"),
        ('<think time="3">a</think>x', "a", "x"),
        ("<thinking foo='a>b'>a</thinking>x", "a", "x"),
        ('<reasoning effort=high  budget = "<1,000>" >a</reasoning >x', "a", "x"),
        ("<thought xml:lang=en data-n='[1]'>a</thought>x", "a", "x"),
        ('<think signature="a/b+c==">a</think time="3">x', "a", "x"),
        ('Well.\n<think n="2">b</think>\nx', "b", "Well.\nx"),
        ("<think/>x", "", "x"),
        ('<think time="3"/>x', "", "x"),
        ('<think a="1">a <think b="2">b</think>c</think>x', 'a <think b="2">b', "x"),
        ('a</think time="3">The answer', "", "The answer"),
        ('The tag `<think time="3">` opens', "", 'The tag `<think time="3">` opens'),
        ('In it, <think time="3"> is no tag', "", 'In it, <think time="3"> is no tag'),
        ("<thinking about whether a > b is hard>", "", "<thinking about whether a > b is hard>"),
        ("<thinker a='b'>x", "", "<thinker a='b'>x"),
        ('<think time="3', "", '<think time="3'),
        ('<think time="' + "3" * 900 + '">x', "", '<think time="' + "3" * 900 + '">x'),
        ("◁think▷a◁/think▷x", "a", "x"),
        ("<Think>a</THINK>x", "a", "x"),
        ("\n <think>a</think>\n\nanswer\n", "a", "answer\n"),
        ("<think></think>answer", "", "answer"),
        ("<think>a < b </thin k</think>x", "a < b </thin k", "x"),
        ("<think>a</think>say <think>b</think>", "a", "say <think>b</think>"),  # words of the answer
        ("<think>a</think>\n<thinking>b</thinking>x", "ab", "x"),
        ("Well.\n<think>b</think>\nx", "b", "Well.\nx"),  # it thinks again
        ("<think>a </thinking> b</think>x", "a </thinking> b", "x"),
        ("<think>a<think>b</think>c</think>x", "a<think>b", "x"),
        ("In HTML, <think> is no tag", "", "In HTML, <think> is no tag"),
        ("First <think>, then </think> it is", "", "First <think>, then </think> it is"),
        ("  <thin ice", "", "  <thin ice"),
        ("a < b <t", "", "a < b <t"),
        ("<think>never closed", "never closed", ""),
        ("<think>cut in the tag</thi", "cut in the tag</thi", ""),
        ("<thi", "", "<thi"),
        ("  ", "", "  "),
        ("", "", ""),
        # a closing tag alone
        ("thinking… </think>The answer", "", "The answer"),
        ("thinking\n\nmore\n</thinking>\n\nThe answer", "", "The answer"),
        ("</think>\n\nThe answer", "", "The answer"),
        ("thinking </think>", "", ""),
        ("a </think>b</think>c", "", "b</think>c"),  # once
        ("use `x` and\n```\ny\n```\n</think>x", "", "x"),
        ("don`t\n</think>\n\nThe answer", "", "The answer"),  # a backtick that opens nothing
        ("```py\nnever closed\n</think>\nThe answer", "", "The answer"),
        # code
        (FENCED, "", FENCED),
        ("~~~\n</think>\n~~~\nb", "", "~~~\n</think>\n~~~\nb"),
        ("````\n```\n</think>\n````\nb", "", "````\n```\n</think>\n````\nb"),
        ("`` ` </think> `` b", "", "`` ` </think> `` b"),
        ("The tag `<think>` opens", "", "The tag `<think>` opens"),
        ("`<|channel|>final<|message|>` is harmony", "", "`<|channel|>final<|message|>` is harmony"),
        ("<think>```</think>x", "```", "x"),
        # harmony
        (f"<|channel|>analysis<|message|>a<|end|>{FINAL}x<|return|>", "a", "x"),
        (f"<|start|>assistant<|channel|>analysis<|message|>a<|end|>{FINAL}x", "a", "x"),
        (f"<|channel|>commentary to=f <|constrain|>json<|message|>{{}}<|call|>{FINAL}x", "{}", "x"),
        ("<|channel|>final<|message|>x < y", "", "x < y"),
        ("<|start|>assistant<|message|>x<|end|>", "", "x"),
        (f"analysis<|message|>a<|end|>{FINAL}x", "a", "x"),
        (f"thoughts without a beginning<|end|>{FINAL}x", "", "x"),
        ("<|channel|>analysis<|message|>never final", "never final", ""),
        ("The <|start|> of it", "", "The <|start|> of it"),
        (f"<|channel|>final<|message|>```\n{FINAL}\n```\n", "", f"```\n{FINAL}\n```\n"),
    ],
)
def test_think_tags_wherever_they_are_cut(content: str, reasoning: str, text: str, step: int) -> None:
    assert split(content, step) == (reasoning, text)


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "`",
        "~",
        "\n",
        " ",
        "<think>",
        "</think>",
        "x</think>",
        "<|start|>",
        "<|channel|>final<|message|>",
        "[",
        "`a",
        "<think ",
        "<think a='",
        "<think a=\"<think b='",
        "<think a=b",
        " a=b",
    ],
)
def test_work_is_linear_whatever_comes(piece: str) -> None:
    splitter = ThinkSplitter()
    started = time.process_time()
    for _ in range(20_000):
        splitter.feed(piece, [])
    events: list[SplitEvent] = []
    splitter.feed(piece * 20_000, events)
    splitter.end(events)
    # 0.1 s on the machine this was written on.
    assert time.process_time() - started < 1.5


def test_adjacent_pieces_are_joined() -> None:
    splitter = ThinkSplitter()
    events: list[SplitEvent] = []
    for piece in ("a", "b", "c"):
        splitter.feed(piece, events)
    assert events == [Text("abc")]
