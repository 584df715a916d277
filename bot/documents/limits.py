"""What bounds the reading of one file, on both sides of the child process."""

from __future__ import annotations

from typing import Final

TEXT_LIMIT: Final = 256 * 1024
"""Characters of one file: some 60,000 tokens, about what such models read at once."""
TEXT_TOGETHER: Final = 512 * 1024
"""Bytes of the text of all files of one message."""
PICTURE_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of one picture for a model; a larger one is made smaller."""
MOST_SCANS: Final = 10
"""Pages without text of one file, which go along as pictures."""
MOST_PAGES: Final = 2000
UNPACKED_LIMIT: Final = 64 * 1024 * 1024
"""Bytes that are unpacked of one file in all, whatever it says of itself."""
PATIENCE: Final = 3.0
"""Seconds of work after which a file's rest is left out."""
CPU_SECONDS: Final = 6
"""After which the child process is killed, whatever a library is doing in it."""
SECONDS: Final = 30.0
"""On the clock, on a busy machine."""
MEMORY_BYTES: Final = 1024**3
"""Of the child's addresses: a picture of 64 megapixels takes a quarter of it a copy."""
OUTPUT_LIMIT: Final = 48 * 1024 * 1024
"""Bytes that the child may answer."""
