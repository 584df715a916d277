"""Several people in several windows at once: a jam of three, each with their own eyes and language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.typing_in import pressable, type_command

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.browser.conftest import Windows

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def add_idea(page: Page, idea: str) -> None:
    await pressable(page, ":add").last.click()
    dialog = page.get_by_role("dialog")
    await dialog.locator("textarea, input[type=text]").first.fill(idea)
    await dialog.locator("[type=submit]").click()
    await expect(dialog).to_have_count(0)


async def test_a_jam_of_three_people_in_three_windows(windows: Windows) -> None:
    alice = await windows.open("alice", "pictures")
    bob = await windows.open("bob", "pictures")
    ming = await windows.open("小明", "pictures")
    await type_command(alice, "jam start", "A castle in the clouds")

    for page in (alice, bob, ming):
        await page.locator(".thread-box", has_text="A castle in the clouds").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("A castle in the clouds")
    await add_idea(bob, "a dragon asleep on the roof")
    await add_idea(ming, "风中的红旗")
    for page in (alice, bob, ming):
        await expect(page.locator("#log")).to_contain_text("a dragon asleep on the roof")
        await expect(page.locator("#log")).to_contain_text("风中的红旗")

    await pressable(alice, ":make").last.click()
    for page in (bob, ming):
        vote = page.locator('[data-press*=":vote:2"]').last
        await expect(vote).to_be_visible()
        await vote.click()
    await pressable(alice, ":close").last.click()
    await pressable(alice, ":end").last.click()
    await expect(alice.locator("#log")).to_contain_text("2 votes")
    for page in (alice, bob, ming):
        await expect(pressable(page, ":close")).to_have_count(0)
        await expect(page.locator("#log img").first).to_be_visible()


async def test_each_reads_their_own_language(windows: Windows) -> None:
    ming, bob = await windows.open("小明"), await windows.open("bob")
    await expect(ming.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(ming.locator("#write")).to_have_attribute("placeholder", "给 #general 发消息")
    await type_command(ming, "ask", "狐狸为什么是红色的？")
    shown = ming.locator(".entry", has_text="狐狸为什么").last
    await expect(shown).to_contain_text("秒")
    await expect(bob.locator(".entry", has_text="狐狸为什么").last).to_contain_text("used")
    await expect(shown).to_contain_text("使用了")
