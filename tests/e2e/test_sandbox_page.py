"""`onekey-bot sandbox` as it is started: the address it prints, lines typed beforehand, and its end."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "bot", "sandbox", "--no-browser", "--latency", "0", "--words-per-second", "2000")


async def test_the_printed_address_leads_to_what_was_typed_first(tmp_path: Path) -> None:
    lines = ("bob in #pictures: /imagine a red fox", "小明: say 你好 @bob", "bob: press Edit prompt")
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "--open", *lines, stdout=PIPE, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    try:
        async with asyncio.timeout(60):
            address = await _address(process)
        jar = aiohttp.CookieJar(unsafe=True)  # it has no other name than its number
        async with aiohttp.ClientSession(cookie_jar=jar) as session, session.get(address) as response:
            assert response.status == 200
            assert "enter" not in response.url.path
            html = await response.text()
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 20)
    assert process.returncode == 143
    assert "<b>bob</b>" in html
    assert "a red fox" in html
    assert "你好" in html
    assert '<template id="open-form"' in html
    form = html.split('<template id="open-form"')[1].split("</template>")[0]
    assert "\na red fox</textarea>" in form


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async for line in process.stdout:
        found = re.search(rb"http://127\.0\.0\.1:\d+/enter/\S+", line)
        if found is not None:
            return found[0].decode()
    raise AssertionError("the sandbox ended before it said where it is")
