"""What is refused as a message, a form or a command: the rule, the path and the code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.discord import commands
from sandbox.discord.errors import DiscordError, FormErrors
from sandbox.discord.modals import check_modal
from sandbox.discord.models import Attachment, Channel, Json, Message, User
from sandbox.discord.validation import edited_message, new_message

V2 = 1 << 15
Case = tuple[Json, dict[str, str]]
BOT = User(1, "bot", bot=True)
PLACE = Channel(2, 0, "general")
FOX = Attachment(3, "fox.png", b"x", "image/png", "http://127.0.0.1/fox.png")


def text(content: str = "hi") -> Json:
    return {"type": 10, "content": content}


def button(**fields: Any) -> Json:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go"} | fields


def link(**fields: Any) -> Json:
    return {"type": 2, "style": 5, "label": "Go", "url": "https://example.com"} | fields


def row(*parts: Json) -> Json:
    return {"type": 1, "components": list(parts)}


def select(**fields: Any) -> Json:
    return {"type": 3, "custom_id": "s", "options": [{"label": "A", "value": "a"}]} | fields


def section(*parts: Json, accessory: Json | None) -> Json:
    return {"type": 9, "components": list(parts), "accessory": accessory}


def box(*parts: Json, **fields: Any) -> Json:
    return {"type": 17, "components": list(parts)} | fields


def gallery(*urls: str) -> Json:
    return {"type": 12, "items": [{"media": {"url": url}} for url in urls]}


def found(tree: Json, path: tuple[str, ...] = ()) -> dict[str, str]:
    """The tree as {"a.0.b": code}."""
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if key == "_errors":
            flat[".".join(path)] = value[0]["code"]
        else:
            flat |= found(value, (*path, key))
    return flat


def refusal(act: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str, str]:
    with pytest.raises(DiscordError) as caught:
        act(*args, **kwargs)
    assert (caught.value.status, caught.value.code) == (400, 50035)
    assert caught.value.errors is not None
    return found(caught.value.errors)


def v2(*parts: Json) -> Json:
    return {"flags": V2, "components": list(parts)}


URL = "attachment://fox.png"
REFUSED: dict[str, Case] = {
    "content too long": ({"content": "x" * 2001}, {"content": "BASE_TYPE_MAX_LENGTH"}),
    "a sticker": ({"content": "x", "sticker_ids": ["1"]}, {"sticker_ids": "NOT_IN_THE_STAND_IN"}),
    "V2 parts without the flag": ({"components": [text()]}, {"components.0": "UNION_TYPE_CHOICES"}),
    "six rows": (
        {"components": [row(button(custom_id=str(n))) for n in range(6)]},
        {"components": "BASE_TYPE_MAX_LENGTH"},
    ),
    "content beside V2": (
        v2(text()) | {"content": "x"},
        {"content": "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"},
    ),
    "embeds beside V2": (
        v2(text()) | {"embeds": [{"title": "x"}]},
        {"embeds": "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"},
    ),
    "a poll beside V2": (
        v2(text()) | {"poll": {"question": {"text": "?"}}},
        {"poll": "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"},
    ),
    "a bare button": (v2(button()), {"components.0": "UNION_TYPE_CHOICES"}),
    "a bare button in a container": (v2(box(button())), {"components.0.components.0": "UNION_TYPE_CHOICES"}),
    "a container in a container": (v2(box(box(text()))), {"components.0.components.0": "UNION_TYPE_CHOICES"}),
    "an empty container": (v2(box()), {"components.0.components": "BASE_TYPE_BAD_LENGTH"}),
    "no type": (v2({"content": "x"}), {"components.0.type": "BASE_TYPE_REQUIRED"}),
    "41 parts": (v2(*[text("x")] * 41), {"components": "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"}),
    "41 parts, nested": (v2(box(*[text("x")] * 40)), {"components": "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"}),
    "4001 characters": (
        v2(text("x" * 2001), box(text("x" * 2000))),
        {"components": "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"},
    ),
    "empty text": (v2(text("")), {"components.0.content": "BASE_TYPE_REQUIRED"}),
    "six buttons": (
        v2(row(*[button(custom_id=str(n)) for n in range(6)])),
        {"components.0.components": "BASE_TYPE_BAD_LENGTH"},
    ),
    "an empty row": (v2(row()), {"components.0.components": "BASE_TYPE_BAD_LENGTH"}),
    "a button beside a select": (
        v2(row(select(), button())),
        {"components.0.components": "COMPONENT_LAYOUT_WIDTH_EXCEEDED"},
    ),
    "a long label": (v2(row(button(label="x" * 81))), {"components.0.components.0.label": "BASE_TYPE_MAX_LENGTH"}),
    "a long custom_id": (
        v2(row(button(custom_id="x" * 101))),
        {"components.0.components.0.custom_id": "BASE_TYPE_BAD_LENGTH"},
    ),
    "a custom_id twice": (
        v2(row(button()), row(button())),
        {"components.1.components.0.custom_id": "COMPONENT_CUSTOM_ID_DUPLICATED"},
    ),
    "no custom_id": (
        v2(row({"type": 2, "style": 1, "label": "x"})),
        {"components.0.components.0.custom_id": "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED"},
    ),
    "a link with a custom_id": (
        v2(row(link(custom_id="x"))),
        {"components.0.components.0.custom_id": "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE"},
    ),
    "a link to nowhere": (
        v2(row({"type": 2, "style": 5, "label": "x"})),
        {"components.0.components.0.url": "BUTTON_COMPONENT_URL_REQUIRED"},
    ),
    "a link of no kind": (
        v2(row(link(url="javascript://x"))),
        {"components.0.components.0.url": "URL_TYPE_INVALID_SCHEME"},
    ),
    "a link too long": (
        v2(row(link(url="https://example.com/" + "x" * 500))),
        {"components.0.components.0.url": "BASE_TYPE_BAD_LENGTH"},
    ),
    "a button without a face": (
        v2(row({"type": 2, "style": 1, "custom_id": "x"})),
        {"components.0.components.0": "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED"},
    ),
    "26 options": (
        v2(row(select(options=[{"label": "x", "value": str(n)} for n in range(26)]))),
        {"components.0.components.0.options": "BASE_TYPE_BAD_LENGTH"},
    ),
    "an option twice": (
        v2(row(select(options=[{"label": "x", "value": "x"}] * 2))),
        {"components.0.components.0.options.1.value": "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"},
    ),
    "eleven pictures": (v2(gallery(*[URL] * 11)), {"components.0.items": "BASE_TYPE_BAD_LENGTH"}),
    "an empty gallery": (v2(gallery()), {"components.0.items": "BASE_TYPE_BAD_LENGTH"}),
    "a picture that is not attached": (
        v2(gallery(URL, "attachment://cat.png")),
        {"components.0.items.1.media.url": "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"},
    ),
    "a file from the web": (
        v2({"type": 13, "file": {"url": "https://example.com/a"}}),
        {"components.0.file.url": "UNFURLED_MEDIA_ITEM_ATTACHMENT_REQUIRED"},
    ),
    "a section of four": (
        v2(section(*[text()] * 4, accessory=button())),
        {"components.0.components": "BASE_TYPE_BAD_LENGTH"},
    ),
    "a section alone": (v2(section(text(), accessory=None)), {"components.0.accessory": "BASE_TYPE_REQUIRED"}),
    "a section beside text": (
        v2(section(text(), accessory=text())),
        {"components.0.accessory": "UNION_TYPE_CHOICES"},
    ),
    "a wide separator": (v2({"type": 14, "spacing": 3}), {"components.0.spacing": "BASE_TYPE_CHOICES"}),
    "no colour": (v2(box(text(), accent_color=1 << 24)), {"components.0.accent_color": "NUMBER_TYPE_MAX"}),
    "both ways of allowing": (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        {"allowed_mentions": "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"},
    ),
}


@pytest.mark.parametrize(("form", "errors"), REFUSED.values(), ids=REFUSED)
def test_a_message_is_refused(form: Json, errors: dict[str, str]):
    assert refusal(new_message, form, [FOX]) == errors


def test_a_card_of_everything_is_taken_and_numbered():
    thumbnail: Json = {"type": 11, "media": {"url": URL}}
    parts = [
        box(text("x"), section(text(), accessory=thumbnail), gallery(URL), {"type": 14}, row(button())),
        {"type": 13, "file": {"url": URL}},
        row(select()),
    ]
    draft = new_message(v2(*parts), [FOX])
    assert draft.components is not None
    first = draft.components[0]
    numbers = [first["id"], *(part["id"] for part in first["components"])]
    assert numbers == [1, 2, 3, 6, 7, 8]
    assert first["components"][2]["items"][0]["media"]["attachment_id"] == "3"
    assert draft.components[1]["name"] == "fox.png"
    exactly = v2(*[text("x" * 100)] * 40)
    assert len(new_message(exactly, []).components or []) == 40


def test_nothing_is_no_message():
    empty: tuple[Json, ...] = ({}, {"content": " "}, {"flags": V2}, {"flags": V2, "components": []})
    for form in empty:
        with pytest.raises(DiscordError) as caught:
            new_message(form, [])
        assert caught.value.code == 50006


def message(**fields: Any) -> Message:
    return Message(9, PLACE, BOT, **fields)


LEGACY = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"


def test_an_old_message_turns_v2_only_when_it_is_cleared():
    old = message(content="old", attachments=[FOX])
    card = v2(text())
    assert refusal(edited_message, old, card, [FOX]) == {"content": LEGACY, "attachments": LEGACY}
    assert refusal(edited_message, old, card | {"content": None}, [FOX]) == {"attachments": LEGACY}
    draft = edited_message(old, card | {"content": None, "embeds": [], "attachments": []}, [])
    assert (draft.flags, draft.content) == (V2, "")


def test_v2_is_never_switched_off():
    card = message(flags=V2, components=[text()])
    assert edited_message(card, {"flags": 0, "components": [text("new")]}, []).flags == V2
    assert refusal(edited_message, card, {"flags": 0, "content": "plain"}, []) == {"content": LEGACY}
    with pytest.raises(DiscordError) as caught:
        edited_message(card, {"components": []}, [])
    assert caught.value.code == 50006


def modal(*parts: Json, **fields: Any) -> Json:
    return {"title": "Form", "custom_id": "form", "components": list(parts)} | fields


def field(**fields: Any) -> Json:
    return {"type": 18, "label": "Name", "component": {"type": 4, "style": 1, "custom_id": "n"} | fields}


FORMS: dict[str, Case] = {
    "a long title": (modal(field(), title="x" * 46), {"title": "BASE_TYPE_BAD_LENGTH"}),
    "no parts": (modal(), {"components": "BASE_TYPE_BAD_LENGTH"}),
    "six parts": (modal(*[field(custom_id=str(n)) for n in range(6)]), {"components": "BASE_TYPE_BAD_LENGTH"}),
    "a button": (modal(row(button())), {"components.0.components.0": "UNION_TYPE_CHOICES"}),
    "a bare input": (modal({"type": 4}), {"components.0": "UNION_TYPE_CHOICES"}),
    "an id twice": (modal(field(), field()), {"components.1.component.custom_id": "COMPONENT_CUSTOM_ID_DUPLICATED"}),
    "a long label": (modal(field() | {"label": "x" * 46}), {"components.0.label": "BASE_TYPE_BAD_LENGTH"}),
    "a long default": (modal(field(value="x" * 4001)), {"components.0.component.value": "BASE_TYPE_MAX_LENGTH"}),
    "no style": (modal(field(style=None)), {"components.0.component.style": "BASE_TYPE_CHOICES"}),
    "upside down": (
        modal(field(min_length=5, max_length=4)),
        {"components.0.component.min_length": "TEXT_INPUT_COMPONENT_MIN_LENGTH_TOO_LARGE"},
    ),
}


@pytest.mark.parametrize(("form", "expected"), FORMS.values(), ids=FORMS)
def test_a_modal_is_refused(form: Json, expected: dict[str, str]):
    errors = FormErrors()
    check_modal(errors, form)
    assert found(errors.tree) == expected


def test_a_modal_is_taken():
    errors = FormErrors()
    check_modal(errors, modal(field(), {"type": 18, "label": "Which", "component": select()}, text("a word")))
    assert not errors


def command(**fields: Any) -> Json:
    return {"name": "go", "description": "Go"} | fields


def option(kind: int = 3, **fields: Any) -> Json:
    return {"type": kind, "name": "text", "description": "Text"} | fields


COMMANDS: dict[str, Case] = {
    "capitals": (command(name="Go"), {"0.name": "APPLICATION_COMMAND_INVALID_NAME"}),
    "a space": (command(name="go on"), {"0.name": "STRING_TYPE_REGEX"}),
    "a long name": (command(name="x" * 33), {"0.name": "BASE_TYPE_BAD_LENGTH"}),
    "no description": (command(description=""), {"0.description": "BASE_TYPE_REQUIRED"}),
    "a long description": (command(description="x" * 101), {"0.description": "BASE_TYPE_BAD_LENGTH"}),
    "26 options": (
        command(options=[option(name=f"o{n}") for n in range(26)]),
        {"0.options": "BASE_TYPE_MAX_LENGTH"},
    ),
    "required after optional": (
        command(options=[option(), option(name="b", required=True)]),
        {"0.options.1": "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"},
    ),
    "an option twice": (
        command(options=[option(), option()]),
        {"0.options.1.name": "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"},
    ),
    "a sub-command beside an option": (
        command(options=[option(1), option(name="b")]),
        {"0.options": "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"},
    ),
    "a group in a group": (
        command(options=[option(2, options=[option(2)])]),
        {"0.options.0.options.0.type": "BASE_TYPE_CHOICES"},
    ),
    "a sub-command in a sub-command": (
        command(options=[option(1, options=[option(1)])]),
        {"0.options.0.options.0.type": "BASE_TYPE_CHOICES"},
    ),
    "26 choices": (
        command(options=[option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])]),
        {"0.options.0.choices": "BASE_TYPE_MAX_LENGTH"},
    ),
    "choices and suggestions": (
        command(options=[option(choices=[{"name": "a", "value": "a"}], autocomplete=True)]),
        {"0.options.0.autocomplete": "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID"},
    ),
    "no such language": (
        command(description_localizations={"zh": "走"}),
        {"0.description_localizations": "DICT_TYPE_INVALID_KEY"},
    ),
    "a long translation": (
        command(description_localizations={"zh-CN": "走" * 101}),
        {"0.description_localizations.zh-CN": "BASE_TYPE_BAD_LENGTH"},
    ),
    "no such context": (command(contexts=[0, 3]), {"0.contexts.1": "BASE_TYPE_CHOICES"}),
    "too large": (
        command(
            options=[
                option(name=f"o{n}", choices=choices)
                for n in range(2)
                for choices in [[{"name": "x" * 90 + str(c), "value": "y" * 90 + str(c)} for c in range(25)]]
            ]
        ),
        {"0": "APPLICATION_COMMAND_TOO_LARGE"},
    ),
}


@pytest.mark.parametrize(("form", "errors"), COMMANDS.values(), ids=COMMANDS)
def test_a_command_is_refused(form: Json, errors: dict[str, str]):
    assert refusal(commands.check, [form]) == errors


def test_commands_have_their_own_names_and_a_limit():
    assert refusal(commands.check, [command(), command()]) == {"1": "APPLICATION_COMMANDS_DUPLICATE_NAME"}
    hundred = [command(name=f"c{n}") for n in range(100)]
    commands.check(hundred)
    with pytest.raises(DiscordError) as caught:
        commands.check([*hundred, command()])
    assert caught.value.code == 30032


def test_a_rich_command_is_taken():
    group = option(
        2, name="limit", options=[option(1, name="set", options=[option(required=True), option(11, name="f")])]
    )
    localized = {"zh-CN": "视频", "en-GB": "video"}
    commands.check([command(name="video", name_localizations=localized, options=[group])])
    commands.check([{"type": 2, "name": "Who Is This"}])
