"""Custom ids of the forms that a video is ordered by."""

from __future__ import annotations

import re
from typing import Final

NEW: Final = re.compile(r"video:new(?::(?P<key>\d{1,20}))?")
EDIT: Final = re.compile(r"video:edit:(?P<id>\d{1,80})")
AGAIN: Final = re.compile(r"video:again:(?P<id>\d{1,80})(?P<anew>:anew)?")
ANIMATE: Final = re.compile(r"animate:(?P<id>\d{1,80}):(?P<number>\d{1,3})")
EXTEND: Final = re.compile(r"extend:(?P<id>\d{1,80})")
