"""`onekey-bot sandbox`: the command line of the sandbox."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dotenv import dotenv_values

from sandbox.onekey import Behaviour, Plan, help_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_REAL_URL: Final = "https://api.onekeymodel.com/v1"
_MODELS: Final = ("CHAT_MODEL", "IMAGE_MODEL", "VIDEO_MODEL", "SYSTEM_PROMPT")
_DESCRIPTION: Final = """\
Try the real bot on your own machine with a simulated Discord and OneKeyModel API. No account, key or network needed.
A page in your browser shows the server as its members see it; try anything there.
"""


def main(argv: Sequence[str]) -> int:
    """The exit code: 0; 1 when a step of the demo did not happen or the bot did not start; 2 for a wrong setting."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that can't write 雪 shows a question mark instead of ending the sandbox.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(argv)
    real = _real_api() if options.api == "real" else None
    if options.api == "real" and real is None:
        print(  # noqa: T201 - what the person must read
            "ONEKEY_API_KEY is missing: set it in the environment or in .env, or leave out --api real.", file=sys.stderr
        )
        return 2
    try:
        return asyncio.run(_until_told(options, real))
    except KeyboardInterrupt:
        return 130
    except asyncio.CancelledError:
        return 143


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="onekey-bot sandbox",
        description=_DESCRIPTION,
        epilog=help_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--demo", action="store_true", help="run one /ask, /imagine and /video, check the results, and exit")
    add(
        "--open",
        nargs="+",
        default=[],
        metavar="LINE",
        help="start with these lines, as typed in the terminal, each after the one before is done: "
        '--open "bob: /imagine a fox" "press Edit prompt"',
    )
    add(
        "--terminal",
        action="store_true",
        help="type commands here instead of in the browser; type `help` for a list",
    )
    add("--message-content", action="store_true", help="with the privileged intent Message Content, in portal and .env")
    add("--port", type=int, default=0, metavar="N", help="the page's port (default: a free one)")
    add("--no-browser", action="store_true", help="print the page's address without opening it")
    add(
        "--api",
        choices=("stand-in", "real"),
        default="stand-in",
        help="real: use the API at ONEKEY_BASE_URL with ONEKEY_API_KEY (environment or .env); this can cost money",
    )
    add("--files", type=Path, metavar="DIR", help="where images and videos are saved (default: a new temporary folder)")
    add("--data-dir", type=Path, metavar="DIR", help="the bot's DATA_DIR, kept afterwards (default: temporary)")
    add("--keep", action="store_true", help="keep the temporary DATA_DIR and the bot's log, and print where they are")
    add("--latency", type=float, default=50.0, metavar="MS", help="Discord round trip in ms (default: 50)")
    add(
        "--first-token",
        type=float,
        default=0.3,
        metavar="S",
        help="seconds until the first word of an answer (default: 0.3)",
    )
    add("--words-per-second", type=float, default=50.0, metavar="N", help="speed of an answer (default: 50)")
    add("--image-seconds", type=float, default=0.8, metavar="S", help="seconds an image takes (default: 0.8)")
    add("--video-seconds", type=float, default=3.0, metavar="S", help="seconds a video takes (default: 3)")
    return parser


def _real_api() -> tuple[str, str] | None:
    """Base URL and key, from the environment before `.env` of the working folder; None without a key."""
    values = {**dotenv_values(Path(".env")), **os.environ}
    key = values.get("ONEKEY_API_KEY")
    return (values.get("ONEKEY_BASE_URL") or _REAL_URL, key) if key else None


async def _until_told(options: argparse.Namespace, real: tuple[str, str] | None) -> int:
    """SIGTERM and a closed terminal end it as Ctrl-C does: the bot is stopped first."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and task is not None:
            with contextlib.suppress(NotImplementedError):  # Windows has no signal handlers in its loop
                loop.add_signal_handler(number, task.cancel)
    return await _run(options, real)


async def _run(options: argparse.Namespace, real: tuple[str, str] | None) -> int:
    # Imported here: `--help` and a missing key need neither stage nor terminal.
    from sandbox import demo, page  # noqa: PLC0415
    from sandbox.discord.models import MESSAGE_CONTENT  # noqa: PLC0415
    from sandbox.display import Display  # noqa: PLC0415
    from sandbox.process import BotEnded  # noqa: PLC0415
    from sandbox.stage import Stage, staffed_scene  # noqa: PLC0415
    from sandbox.terminal.playing import play  # noqa: PLC0415

    kept: Path | None = options.data_dir
    if kept is None and options.keep:
        kept = Path(tempfile.mkdtemp(prefix="onekey-data-"))
    files: Path = options.files or Path(tempfile.mkdtemp(prefix="onekey-files-"))
    seconds = options.video_seconds
    scene = staffed_scene()
    environment = {name: os.environ[name] for name in _MODELS if real and name in os.environ}
    if options.message_content:
        scene.world.application.intents |= MESSAGE_CONTENT
        environment["MESSAGE_CONTENT"] = "true"
    stage = Stage(
        scene=scene,
        behaviour=Behaviour(
            chat=Plan(first_token=options.first_token, words_per_second=options.words_per_second),
            images=Plan(delay=options.image_seconds),
            submit=Plan(queue_seconds=seconds / 3, run_seconds=seconds * 2 / 3),
            keep_requests=50,  # with their bodies, images among them
        ),
        real_api=real,
        data_dir=kept,
        environment=environment,
        poll_seconds=5.0 if real else 0.5,
        latency=options.latency / 1000,
        log=kept / "bot.log" if kept else None,
    )
    display = Display(stage.world, files)
    display.say("Starting the bot with a simulated Discord and API…")
    try:
        async with stage:
            display.say(f"{stage.world.application.name} is ready after {stage.ready_seconds:.1f} s.")
            if options.demo:
                code = await demo.play(stage, display, real=real is not None)
            elif options.terminal:
                code = await play(stage, display)
            else:
                code = await page.play(
                    stage,
                    display,
                    lines=options.open,
                    port=options.port,
                    real=real is not None,
                    show=not options.no_browser,
                )
    except (BotEnded, TimeoutError) as error:
        print(f"The bot did not start: {error}", file=sys.stderr)  # noqa: T201 - what the person must read
        code = 1
    if kept is not None:
        display.say(f"DATA_DIR and bot.log: {kept.resolve()}")
    return code
