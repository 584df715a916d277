"""What the rows of `generations` and `results` are in the program."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGeneration:
    """An order. `kind`: image, video. `context`: guild, bot_dm, private_channel. `count`: 1 to 4, a video's is 1."""

    kind: str
    person_id: int
    channel_id: int
    context: str
    application_id: int
    locale: str
    prompt: str
    model: str
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    count: int = 1
    guild_id: int | None = None
    message_id: int | None = None
    private: bool = False
    token_only: bool = False
    token: str | None = field(default=None, repr=False)
    token_expires_at: float | None = None
    parent_id: int | None = None
    parent_channel_id: int | None = None
    category_id: int | None = None
    price: int | None = None
    action: str | None = None
    source_id: int | None = None
    source_position: int | None = None
    age_restricted: bool = False
    original: bool = True


@dataclass(frozen=True, slots=True)
class Generation:
    """A row as it is stored; the columns' order is `schema.generations`'s. Times are Unix seconds."""

    id: int
    kind: str
    state: str
    epoch: int
    person_id: int
    guild_id: int | None
    channel_id: int
    message_id: int | None
    context: str
    private: bool
    """Only the person sees the message."""
    token_only: bool
    """The bot itself can't reach the channel (user-installed, group DM): only the interaction's token can edit."""
    token: str | None = field(repr=False)
    """Of the interaction; worth something until `token_expires_at`."""
    token_expires_at: float | None
    application_id: int
    locale: str
    prompt: str
    model: str
    parameters: dict[str, Any]
    count: int
    """Pictures asked for; 1 for a video."""
    parent_id: int | None
    """What this one is a reroll or a retry of."""
    task_id: str | None
    """The service's own id of the video."""
    reason: str | None
    """Why it ended so: a key of the catalogue."""
    detail: str | None
    """The service's own words: for the log and the owner."""
    ended_by: int | None
    created_at: float
    submitted_at: float | None
    generated_at: float | None
    ended_at: float | None
    """When it was delivered, or ended otherwise."""
    shown_state: str | None
    """The last state that the card is known to show."""
    parent_channel_id: int | None
    """The channel of the thread that `channel_id` is; None: it is no thread."""
    category_id: int | None
    removed_by: int | None
    """Who had the card and its files removed."""
    removed_at: float | None
    price: int | None
    """In credits; None: there were none at the place."""
    action: str | None
    """How it came from `parent_id`: one of `schema.ACTIONS`. None: it was asked for by itself."""
    source_id: int | None
    """The order whose picture it was made from."""
    source_position: int | None
    """Which picture of that, from 0."""
    age_restricted: bool | None = None
    """Made in an age-restricted channel, or of what was. None: ordered before this was kept."""
    unforgiven: bool = False
    """Nothing was made, and it used up the day; or it may have been, and its price is kept (`costs.Forgiven`)."""
    process_id: int | None = None
    """Of several processes the one that works on it."""
    original: bool = True
    """Whether its interaction's token calls its message the original one: else it is a follow-up."""

    @property
    def logged(self) -> dict[str, Any]:
        """Its fields in the log."""
        where = {"guild": self.guild_id, "channel": self.channel_id, "person": self.person_id}
        return {
            "generation": self.id,
            "kind": self.kind,
            "model": self.model,
            "state": str(self.state),
            "reason": self.reason,
            **where,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResult:
    """A picture or clip: at the service's `url`, in the file `path` relative to DATA_DIR, or both. `size`: bytes."""

    url: str | None = None
    path: str | None = None
    content_type: str | None = None
    size: int | None = None
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    id: int
    generation_id: int
    position: int
    """From 0, without gaps."""
    url: str | None
    path: str | None
    """Relative to DATA_DIR."""
    content_type: str | None
    size: int | None
    """Bytes."""
    expires_at: float | None
    """When `url` stops working."""
    attachment: str | None = None
    """The file's name in the delivered card; None: it shows none of it."""
    form: int | None = None
    """What that file is: `bot.cards.uploads.Form`."""
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    sound: bool | None = None
    """What a clip turned out to be (`bot.generation.files.measuring`); None: not known."""


WITHHELD = 4
"""`results.form` of what the service's moderation flagged: nothing of it is kept, and nothing is shown."""


def not_shown(results: Collection[Result]) -> set[int]:
    """The positions of what a delivered card shows nothing of, since it could not be had.

    Of cards older than these notes nothing is known: they have none.
    """
    if all(one.form is None for one in results):
        return set()
    return {one.position for one in results if one.form is None}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInput:
    """A picture that an order sends along: at `url` until `expires_at`, in the file `path` under DATA_DIR, or both."""

    url: str | None = None
    path: str | None = None
    content_type: str | None = None
    size: int | None = None
    expires_at: float | None = None
