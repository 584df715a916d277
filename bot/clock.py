"""Unix seconds by a clock that nobody sets while the process lives: for what ends after a while, as tokens do.

The system's clock may be set by an hour at any moment (a laptop that wakes up, NTP on a machine without a clock of its
own). What people read, and what begins anew at midnight, goes by that one: `time.time`.
"""

from __future__ import annotations

import time
from typing import Final

_BEGAN: Final = time.time() - time.monotonic()


def steady() -> float:
    """Like `time.time()` at the start of the process, and even since then. Over a restart it is as good as that."""
    return _BEGAN + time.monotonic()
