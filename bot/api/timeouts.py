"""How long each kind of call may take, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds, per kind of call."""

    # TCP and TLS to a far continent take under 2 s; more is a dead address. Waiting for a free connection of the
    # session counts too.
    connect: float = 10.0
    # A thinking model behind a gateway that sends no pings says nothing until its first word.
    chat_first_byte: float = 180.0
    # Once it writes, a silence of this length is a broken stream: gateways ping every 10 to 15 s.
    chat_between: float = 60.0
    # After a finish reason mostly only the token count and [DONE] are missing, but some gateways write it on every
    # block. Comments don't count as words here.
    chat_tail: float = 10.0
    # After [DONE] the end of the body, so that the connection can be used again; it is nearly always there already.
    chat_drain: float = 0.25
    # Some picture models answer after 200 s, in one piece. A chat has no total, since a stream may be long.
    images: float = 300.0
    # The submit only queues, but a gateway may first fetch and check an input picture.
    video_submit: float = 120.0
    # The gateway answers from its own state.
    poll: float = 30.0
    # People wait for it before anything is sent; it answers within half a second where it is well.
    moderation: float = 3.0
    # A list from the gateway's own memory, fetched in the background.
    models: float = 15.0
