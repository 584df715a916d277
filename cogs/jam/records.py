"""What the rows of `jams` and of what belongs to them are in the program."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Jam:
    """A row as it is stored; the columns' order is `schema.jams`'s. Times are Unix seconds."""

    id: int
    guild_id: int
    channel_id: int
    """Where it was started and where its end is posted; its rounds are in the thread."""
    category_id: int | None
    thread_id: int | None
    message_id: int | None
    """Its word in the channel."""
    final_message_id: int | None
    """Its last one there."""
    slot: int | None
    """The channel, or the thread that it was started in, while the jam lives; None: it is over."""
    application_id: int
    started_by: int | None
    """None: that person had their data deleted."""
    locale: str
    theme: str
    style: str | None
    state: str
    """One of `schema.JAM_STATES`."""
    step: int
    round: int
    """The number of the round under way, from 1."""
    paid_by: str
    """starter, pool: as it was set when it began (`rights.pool_pays`)."""
    ideas_each: int
    """Ideas a person and round."""
    closing: bool
    """It was closed, or its time is up, while a round was under way: the round is the last."""
    ended_by: int | None
    """Who closed it; None: nobody, or its time was up."""
    created_at: float
    ends_at: float
    ended_at: float | None
    end_due: bool
    """What its last message shows was removed: once it is over, that is brought up to date."""
    host_id: int | None
    """Who leads it and pays: who started it, until somebody takes over. None: they had their data deleted."""
    host_seen_at: float
    """Since when it waits for its host: they did something then, or it became their turn."""
    away: bool
    """Its host left, or did nothing for a while: others may go on."""
    round_seconds: int | None
    """A round is made by itself after so long."""
    round_due: float | None
    """When the one under way is."""
    source_id: int | None
    """The order whose image number `source_position` (from 0) its first round changes."""
    source_position: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJam:
    """A jam that is being opened. `thread_id`: of the thread it was started in, if it was. `paid_by`: starter, pool."""

    guild_id: int
    channel_id: int
    thread_id: int | None = None
    category_id: int | None
    application_id: int
    started_by: int
    locale: str
    theme: str
    style: str | None
    paid_by: str
    ideas_each: int
    ends_at: float
    round_seconds: int | None = None
    source_id: int | None = None
    source_position: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    jam_id: int
    person_id: int
    joined_at: float
    left_at: float | None
    """None: still there. Who leaves keeps their credit line."""


@dataclass(frozen=True, slots=True)
class Round:
    jam_id: int
    number: int
    """From 1."""
    message_id: int | None
    """Its card in the thread; None: it has none yet."""
    prompt: str | None
    """Merged, and perhaps edited; None: not yet, or forgotten."""
    reason: str | None
    """What is to be said of how it stands: one of `cogs.jam.reasons.RoundReason`."""
    detail: str | None
    """The service's own words."""
    generation_id: int | None
    votes_until: float | None
    winner: int | None
    """The position of the picture that won, from 0; None: the round is not finished."""
    tied: int | None
    """How many pictures had as many votes as the winner, which was drawn among them; None: no tie."""
    maker_id: int | None
    """Who has its pictures made as soon as its ideas are merged; None: the prompt is looked at first."""
    agreed: int | None
    """The price that they agreed to."""
    called_id: int | None
    """The message that calls to its vote; 0: there is to be none."""
    reveal_id: int | None
    """The message that shows its winner; 0: there is to be none."""
    picture: str | None
    """The file on its card: the picture that it changes."""


@dataclass(frozen=True, slots=True)
class Idea:
    id: int
    jam_id: int
    round: int
    person_id: int | None
    said: str
    """One line, at most 200 characters; "" when it was forgotten."""
    part: str | None
    """The words that stand literally in the round's prompt for it; None: not merged yet, or edited away."""
    created_at: float
