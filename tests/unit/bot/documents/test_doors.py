"""What the process that reads a file can't do, whatever the file makes of it: each is tried in such a process."""

from __future__ import annotations

import errno
import json
import os
import platform
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bot.documents.limits import CPU_SECONDS, MEMORY_BYTES
from bot.subprocesses import TooMuchOutput, pipe_python

ROOT = str(Path(__file__).parents[4])
HELD_BY_THE_KERNEL = sys.platform == "linux" and platform.machine() in {"x86_64", "aarch64"}

# A reader of our own in the place of the one for text, so that all else is as it is for a file.
CHILD = """
import sys, types, json
sys.path.append({root!r})
import ctypes, os, socket, subprocess, mmap, threading
from bot.documents import child
libc = ctypes.CDLL(None, use_errno=True)
reader = types.ModuleType("bot.documents.text")
def read(data, answer):
{body}
reader.read = read
sys.modules["bot.documents.text"] = reader
child.main({memory}, {seconds}, {alarm})
"""


async def in_the_child(
    body: str, *, memory: int = MEMORY_BYTES, cpu: int = CPU_SECONDS, alarm: float = 60.0
) -> tuple[int, dict[str, Any]]:
    """How a process ended whose reader is `body`, and its answer."""
    indented = "\n".join(f"    {line}" for line in body.strip().splitlines())
    program = CHILD.format(root=ROOT, body=indented, memory=memory, seconds=cpu, alarm=alarm)
    ended, answer, _ = await pipe_python("-c", program, given=b"some text", most=10_000_000, seconds=60)
    return ended, json.loads(answer.partition(b"\n")[0]) if answer else {}


ATTEMPTS = [
    "socket.socket()",
    "socket.create_connection(('127.0.0.1', 9))",
    "socket.getaddrinfo('example.com', 80)",
    "open('/etc/passwd')",
    "open('/proc/%d/environ' % os.getppid())",
    "open('/tmp/new', 'w')",
    "os.listdir('/')",
    "os.unlink('/tmp/none')",
    "subprocess.run(['/bin/true'])",
    "os.system('true')",
    "os.execv('/bin/true', ['true'])",
    "os.fork()",
    "os.kill(os.getppid(), 0)",
    "ctypes.CDLL('libz.so.1')",
    "__import__('this')",
]
CALLS = [
    "socket(2, 1, 0)",
    "socketpair(1, 1, 0, ctypes.create_string_buffer(8))",
    "open(b'/etc/passwd', 0)",
    "creat(b'/tmp/new', 0o600)",
    "execv(b'/bin/true', (ctypes.c_char_p * 2)(b'true', None))",
    "vfork()",
    "kill(os.getppid(), 0)",
    "ptrace(16, os.getppid(), 0, 0)",
    "process_vm_readv(os.getppid(), 0, 0, 0, 0, 0)",
    "unlink(b'/tmp/none')",
    "rename(b'/tmp/none', b'/tmp/other')",
    "mkdir(b'/tmp/new', 0o700)",
]


async def test_python_refuses() -> None:
    """Each in turn, in one process: what is refused leaves it as it was."""
    body = f"""
came = {{}}
for attempt in {ATTEMPTS!r}:
    try:
        exec(attempt, globals())
    except PermissionError:
        came[attempt] = "refused"
    except BaseException as error:
        came[attempt] = repr(error)
    else:
        came[attempt] = "done"
answer.write(json.dumps(came))
"""
    _, answer = await in_the_child(body)
    assert json.loads(answer["text"]) == dict.fromkeys(ATTEMPTS, "refused")


@pytest.mark.skipif(not HELD_BY_THE_KERNEL, reason="the kernel's filter is known for Linux on two processors")
async def test_the_kernel_refuses_what_libraries_try() -> None:
    body = f"""
came = {{}}
for call in {CALLS!r}:
    ctypes.set_errno(0)
    came[call] = [eval("libc." + call), ctypes.get_errno()]
answer.write(json.dumps(came))
"""
    _, answer = await in_the_child(body)
    assert json.loads(answer["text"]) == {key: [-1, errno.EPERM] for key in CALLS}


async def test_it_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISCORD_TOKEN", "ONEKEY_API_KEY", "DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "very-secret")
    _, answer = await in_the_child("answer.write(json.dumps(dict(os.environ)))")

    assert "PATH" in answer["text"]
    assert "secret" not in answer["text"]


async def test_it_has_no_more_memory() -> None:
    assert (await in_the_child("bytearray(400_000_000)", memory=300_000_000))[1] == {"reason": "too_much"}


async def test_it_has_no_more_time() -> None:
    began = time.monotonic()
    ended, _ = await in_the_child("while True: pass", cpu=1)
    assert -ended in {signal.SIGXCPU, signal.SIGKILL}
    assert time.monotonic() - began < 30


async def test_it_ends_though_nobody_ends_it() -> None:
    ended, _ = await in_the_child("threading.Event().wait()", alarm=0.5)
    assert -ended == signal.SIGALRM


async def test_it_can_not_go_on_and_on() -> None:
    with pytest.raises(TooMuchOutput):
        await in_the_child("while True: print('a' * 1_000_000)")


async def test_it_is_gone_when_its_time_is_over(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    with pytest.raises(TimeoutError):
        await pipe_python("-c", program, given=b"a", most=10, seconds=5)
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)
