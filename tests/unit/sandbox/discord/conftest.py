"""A real discord.py pointed at the stand-in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from sandbox.discord.server import DiscordServer


@pytest.fixture
def points_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[DiscordServer], None]:
    """Point discord.py at a server. Its second seam matters: after op 9 it goes to DEFAULT_GATEWAY."""

    def point(server: DiscordServer) -> None:
        monkeypatch.setattr(Route, "BASE", server.api_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.ws_url))

    return point
