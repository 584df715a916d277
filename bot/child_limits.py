"""Limits that a child process sets itself before it touches what is untrusted, as far as its system has them.

Windows has none, and macOS refuses some of them: there it is bound by the time that its parent gives it alone.
"""

from __future__ import annotations

import os
from contextlib import suppress


def bound(*, memory: int, seconds: int, nice: int, **more: int) -> None:
    """Bytes of addresses, seconds of work, and by how much others come first; `more`: as `resource.RLIMIT_…` names
    them. A limit that is lower as it is stays.
    """
    with suppress(ImportError):
        import resource  # noqa: PLC0415 - where there is one

        for name, most in {"AS": memory, "CPU": seconds, **more}.items():
            with suppress(AttributeError, ValueError, OSError):
                resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
    if hasattr(os, "nice"):
        os.nice(nice)
