"""The side panel: what goes over the wires as it goes, and switches that work."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.typing_in import answers, pressable, type_command

if TYPE_CHECKING:
    from tests.browser.conftest import Windows

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_stream_is_seen_while_it_comes(windows: Windows) -> None:
    windows.stage.api.next("chat", words=3000, words_per_second=50.0)
    page = await windows.open("alice")
    await page.locator("#panel-button").click()
    await type_command(page, "ask", "Why do foxes have white tail tips?")
    exchange = page.locator('[data-wire="service"] .exchange').first
    await expect(exchange).to_contain_text("streaming")
    await exchange.locator("summary").click()
    text = exchange.locator("pre").last
    await expect(text).to_contain_text("chat.completion.chunk")
    facts = exchange.locator(".facts")
    await expect(facts).to_contain_text(re.compile(r"\d+ blocks"))
    before = await facts.inner_text()
    await expect(facts).not_to_have_text(before)
    await pressable(page, ":stop").click()
    await expect(facts).to_contain_text("the bot hung up")
    await expect(facts).to_contain_text(re.compile(r"\d\.\d s"))
    await expect(exchange.locator("pre").first).to_contain_text("white tail tips")
    assert windows.stage.api.key not in await page.locator("#panel").inner_text()


async def test_what_discord_is_sent_and_tells(windows: Windows) -> None:
    page = await windows.open("alice")
    await page.locator("#panel-button").click()
    await type_command(page, "ask", "Hi there")
    await page.locator("#tab-discord").click()
    callback = page.locator('[data-wire="discord"] .exchange', has_text="/callback").first
    await callback.locator("summary").click()
    await expect(callback).to_contain_text("•••")
    await page.locator("#tab-events").click()
    await expect(page.locator('[data-wire="events"] .exchange', has_text="INTERACTION_CREATE").first).to_be_visible()
    await page.locator("#tab-limits").click()
    await expect(page.locator("#shown-limits")).to_contain_text("webhook.patch")
    await expect(page.locator("#shown-limits .about")).to_contain_text(re.compile(r": 0 of \d+"))


async def test_a_fault_is_ordered_and_met(windows: Windows) -> None:
    page = await windows.open("bob")
    await page.locator("#panel-button").click()
    await page.locator("#tab-switches").click()
    chat = page.locator('form[data-key="chat"]')
    await chat.locator("[name=fault]").select_option("quota")
    await chat.get_by_role("button", name="Apply").click()
    await expect(chat.locator("legend")).to_contain_text("quota")
    await type_command(page, "ask", "May I?")
    await expect(answers(page, "May I?").last).not_to_contain_text("deepseek-chat · ")
    await expect(chat.locator("legend")).not_to_contain_text("quota")
    await page.locator("#tab-service").click()
    await expect(page.locator('[data-wire="service"] .exchange').first).to_contain_text("403")


async def test_the_bot_is_killed_and_restarted_from_every_window(windows: Windows) -> None:
    one, other = await windows.open("alice"), await windows.open("bob")
    for page in (one, other):
        await page.locator("#panel-button").click()
        await page.locator("#tab-switches").click()
        await expect(page.locator('form[data-key="bot"] [role=status]')).to_have_text("The bot is running.")
    await one.get_by_role("button", name="Kill the bot").click()
    await expect(one.locator(".toast")).to_have_text("The bot was killed. Restart brings it back.")
    for name in ("Kill the bot", "Cut the connection", "End the bot's session", "Ask the bot to reconnect"):
        await expect(one.get_by_role("button", name=name)).to_be_disabled()
    await expect(one.get_by_role("button", name="Restart the bot")).to_be_enabled()
    await expect(other.locator('form[data-key="bot"] [role=status]')).to_have_text("The bot is not running.")
    await other.get_by_role("button", name="Restart the bot").click()
    await expect(one.locator('form[data-key="bot"] [role=status]')).to_have_text("The bot is running.")
    await type_command(one, "ask", "Are you back?")
    await expect(answers(one, "Are you back?").last).to_contain_text("deepseek-chat")


async def test_the_panel_stays_open_in_the_next_place_and_speaks_chinese(windows: Windows) -> None:
    page = await windows.open("小明")
    await page.get_by_role("button", name="幕后").click()
    await page.get_by_role("tab", name="开关").click()
    await page.get_by_role("link", name="pictures").click()
    await expect(page.get_by_role("tab", name="开关")).to_have_attribute("aria-selected", "true")
    await expect(page.locator("#panel")).to_contain_text("机器人正在运行。")
