"""What all that the bot draws has in common: its font, and the colours of Discord's dark theme."""

from __future__ import annotations

FONT = "NotoSansSC-subset.otf"


GROUND, INK, FAINT, LINES = "#2B2D31", "#F2F3F5", "#B5BAC1", "#45474E"
