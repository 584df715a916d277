"""Typing a command: what is wrong is shown where it stands, lists close before commands, nothing found is no fault."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.typing_in import add_option, answers, type_command

if TYPE_CHECKING:
    from tests.browser.conftest import Windows

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_wrong_value_has_the_caret_and_is_marked(windows: Windows) -> None:
    page = await windows.open("bob", "pictures")
    await page.locator("#write").press_sequentially("/imagine")
    await page.keyboard.press("Enter")
    await page.keyboard.type("A heron")
    await add_option(page, "count")
    await page.keyboard.type("9")
    await page.keyboard.press("Enter")
    await expect(page.locator(".toast")).to_contain_text("count takes 1 to 4")
    wrong = page.locator("#command .chip.is-wrong")
    field = page.locator("#command .chip", has_text="count").get_by_role("combobox")
    await expect(wrong.locator(".chip-name")).to_have_text("count")
    await expect(field).to_be_focused()
    await page.keyboard.type("0")
    await expect(field).to_have_value("90")
    await expect(page.locator("#command .chip-end")).to_have_value("")
    await expect(wrong).to_have_count(0)


async def test_no_heading_stands_over_nothing(windows: Windows) -> None:
    page = await windows.open("bob", "pictures")
    await page.locator("#write").press_sequentially("/imagine")
    await page.keyboard.press("Enter")
    await page.locator("#command .chip-end").focus()
    await expect(page.locator("#suggestions .list-heading")).to_have_text("Optional")
    await page.keyboard.type("Words that name no option are the prompt")
    prompt = page.locator("#command .chip", has_text="prompt").get_by_role("combobox")
    await expect(prompt).to_have_value("Words that name no option are the prompt")
    await page.locator("#command .chip-end").focus()
    await page.keyboard.type("zzz")
    await expect(page.locator("#suggestions")).not_to_be_visible()


async def test_escape_closes_the_list_and_then_the_command(windows: Windows) -> None:
    page = await windows.open("bob", "pictures")
    await page.locator("#write").press_sequentially("/imagine")
    await page.keyboard.press("Enter")
    await page.keyboard.type("A heron")
    for option in ("", "model", "count"):
        if option:
            await add_option(page, option)
        else:
            await page.locator("#command .chip-end").focus()
        await expect(page.locator("#suggestions")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("#suggestions")).not_to_be_visible()
        await expect(page.locator("#command")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#command")).not_to_be_visible()
    await expect(page.locator("#write")).to_be_focused()


@pytest.mark.parametrize(("name", "said"), [("bob", "No command matches"), ("小明", "没有匹配的命令")])
async def test_a_command_that_is_none_is_said(windows: Windows, name: str, said: str) -> None:
    page = await windows.open(name)
    await page.locator("#write").press_sequentially("/nothing")
    await expect(page.locator("#suggestions")).to_have_text(said)


async def test_free_text_without_suggestions_is_no_fault(windows: Windows) -> None:
    page = await windows.open("bob")
    await page.locator("#write").press_sequentially("/ask")
    await page.keyboard.press("Enter")
    await page.keyboard.type("Hi")
    await add_option(page, "model")
    await page.keyboard.type("my own")
    await expect(page.locator("#suggestions .list-empty")).to_have_text("No suggestions; your text is used as it is.")


async def test_the_bot_is_offered_once_and_roles_are_told_apart(windows: Windows) -> None:
    page = await windows.open("alice")
    await page.locator("#write").press_sequentially("@")
    options = page.locator("#suggestions [role=option]")
    await page.keyboard.type("one")
    await expect(options).to_have_count(2)  # with @everyone
    await expect(options.filter(has_text="OneKey Bot")).to_have_count(1)
    await expect(options.filter(has_text="OneKey Bot")).not_to_contain_text("Role")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("@arti")
    await expect(options).to_contain_text("Role")


@pytest.mark.parametrize(("name", "start"), [("bob", "Type / to see"), ("小明", "这里是 #general 频道的起点。")])
async def test_a_place_begins_with_what_can_be_done(windows: Windows, name: str, start: str) -> None:
    page = await windows.open(name)
    await expect(page.locator(".beginning")).to_contain_text(start)


async def test_what_failed_stands_on_one_line_beside_the_panel(windows: Windows) -> None:
    stage = windows.stage
    page = await windows.open("alice", viewport=(1280, 800))
    await page.locator("#panel-button").click()
    stage.world.rules.acknowledge_within, within = 0.3, stage.world.rules.acknowledge_within
    try:
        await stage.kill()
        await type_command(page, "ask", "Is anybody there?")
        body = page.locator(".message.failed .body")
        await expect(body).to_be_visible()
        box = await body.bounding_box()
        assert box is not None
        assert box["height"] < 30
    finally:
        stage.world.rules.acknowledge_within = within


async def test_a_whole_command_is_typed_with_the_names_of_its_options(windows: Windows) -> None:
    page = await windows.open("bob", "pictures")
    await page.locator("#write").press_sequentially("/video ")
    await expect(page.locator("#command")).to_be_visible()
    await page.keyboard.type("prompt:a fox model:wan")
    chips = page.locator("#command .chip")
    await expect(chips.filter(has_text="prompt").get_by_role("combobox")).to_have_value("a fox")
    await expect(chips.filter(has_text="model").get_by_role("combobox")).to_have_value("wan")
    await page.keyboard.press("Escape")


async def test_a_whole_command_is_pasted(windows: Windows) -> None:
    page = await windows.open("bob", "pictures")
    await page.locator("#write").focus()
    await page.keyboard.insert_text("/imagine prompt:A heron\nin the reeds: early count:2 shape:tall")
    await expect(page.locator("#command")).to_be_visible()
    values = [await each.input_value() for each in await page.locator("#command .chip-value").all()]
    assert values == ["A heron in the reeds: early", "2", "tall"]
    await page.keyboard.press("Enter")
    await expect(answers(page, "A heron in the reeds").last).to_contain_text("bob")
    page = await windows.open("dave")
    await page.locator("#write").focus()
    await page.keyboard.insert_text("/setup command:/video")
    await expect(page.locator("#command .chip-value")).to_have_value("/video")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="/video")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.locator("#write").focus()
    await page.keyboard.insert_text("/help me")
    await page.keyboard.press("Enter")
    await expect(page.locator(".toast")).to_have_text("/help has no option for “me”.")
    await expect(page.locator("#command")).to_be_visible()


async def test_every_command_is_pasted_with_every_option(windows: Windows) -> None:
    """By the names that are shown and those that are sent; a value by what the client calls it."""
    page = await windows.open("dave")
    wrong = await page.evaluate(
        """async () => {
            const write = document.getElementById("write");
            const { commands, known } = await (await fetch(`${document.body.dataset.window}/commands`)).json();
            const value = (option) => {
                const every = option.choices.length ? option.choices : option.takes.flatMap((kind) => known[kind]);
                return every.length ? every.at(-1).name : [4, 10].includes(option.kind) ? "3" : "Some words: and more";
            };
            const wrong = [];
            let options = 0;
            for (const command of commands) for (const key of ["name", "shown"]) {
                const given = command.options.filter((option) => option.kind !== 11).reverse();
                write.value = `/${command[key]} ${given.map((option) => `${option[key]}:${value(option)}`).join(" ")}`;
                write.dispatchEvent(new InputEvent("input"));
                const chips = [...document.querySelectorAll("#command .chip")].map((chip) => [
                    chip.querySelector(".chip-name").textContent, chip.querySelector(".chip-value")?.value,
                ]);
                for (const option of given) {
                    options += 1;
                    const met = chips.some(([name, text]) => name === option.shown && text === value(option));
                    if (!met) wrong.push([command.name, option.name, JSON.stringify(chips)]);
                }
                for (const key of ["Escape", "Escape"]) {
                    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
                }
                if (!document.getElementById("command").hidden) wrong.push([command.name, "is open"]);
            }
            return options > 60 ? wrong : [["few options", options]];
        }"""
    )
    assert wrong == []


async def test_a_text_is_read_as_a_command(windows: Windows) -> None:
    page = await windows.open("bob")
    read = await page.evaluate(
        """async () => {
            const { choiceOf, commandOf, parts } = await import("/static/command_lines.js");
            const option = (name, shown, more = {}) => ({ name, shown, choices: [], takes: [], ...more });
            const options = [option("who", "谁", { takes: ["people"] }), option("how-long", "多久")];
            const jam = (name, shown) => ({ name, shown, options });
            const commands = [jam("jam start", "合奏 开始"), jam("jam", "jam")];
            const known = { people: [{ name: "bob", value: "12" }] };
            const of = (text) => commandOf(text, commands)?.command.name ?? null;
            const rest = (text) => {
                const { before, given } = parts(text, options);
                return [before, ...given.map(([{ name }, value]) => `${name}=${value}`)];
            };
            const who = (text) => choiceOf(options[0], text, known)?.value ?? null;
            return {
                of: ["/jam start x", "/合奏 开始\\n谁:bob", "/JAM x", "/jam", "/jams x", "jam x", "/合奏 开"].map(of),
                rest: ["who:bob how-long:3", "a b 多久:3 who:@bob", "who:x who:y", "somewho:x", "谁：x"].map(rest),
                who: ["bob", "@Bob", "<@12>", "<@!12>", "12", "<@13>", "b"].map(who),
            };
        }"""
    )
    assert read == {
        "of": ["jam start", "jam start", "jam", None, None, None, None],
        "rest": [
            ["", "who=bob", "how-long=3"],
            ["a b", "how-long=3", "who=@bob"],
            ["", "who=x who:y"],
            ["somewho:x"],
            ["谁：x"],
        ],
        "who": ["12", "12", "12", "12", "12", None, None],
    }


async def test_somebody_chooses_the_language_of_their_discord(windows: Windows) -> None:
    page = await windows.open("carol")
    for language, placeholder in (("简体中文", "发消息"), ("English", "Message")):
        choice = page.get_by_role("menuitemradio", name=language)
        while not await choice.is_visible():  # the page is drawn anew in the other language, and may not listen yet
            await page.locator("#me").click()
            await page.wait_for_timeout(300)
        await choice.click()
        await expect(page.locator("#write")).to_have_attribute("placeholder", re.compile(placeholder))
