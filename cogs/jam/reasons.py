"""What is to be said of a round beyond its state: keys of the catalogue, kept in `jam_rounds.reason`."""

from __future__ import annotations

from enum import StrEnum


class RoundReason(StrEnum):
    """`detail` beside it holds the service's own words, if it had any."""

    NO_MERGE = "jam.no_merge"
    """There is no /ask at the place: the ideas stand one after another."""
    MERGE_FAILED = "jam.merge_failed"
    """The chat model could not be had, or declined: the ideas stand one after another."""
    MERGE_ODD = "jam.merge_odd"
    """The chat model's answer was of no use (empty, too long, no prompt): the ideas stand one after another."""
    AS_THEY_ARE = "jam.as_they_are"
    """The person who decides took the ideas as they are."""
    MERGE_BLOCKED = "jam.merge_blocked"
    """The chat model's prompt holds a word that is not allowed here: the ideas stand one after another."""
    MERGE_FLAGGED = "jam.merge_flagged"
    """The service's moderation flagged the ideas, so no model is asked: they stand one after another."""
    NOT_ORDERED = "jam.not_ordered"
    """Its pictures could not be ordered by themselves; `detail` holds the sentence that says why."""
    HOST_GONE = "jam.host_gone"
    """Its time was up, and whoever pays for it has left."""
    NO_IDEAS = "jam.no_new_ideas"
    """Its time was up, and nobody had an idea: the jam ends."""
    ROUND_FAILED = "jam.round_failed"
    """The pictures could not be made; why stands in the order's row."""
    ROUND_DECLINED = "jam.round_declined"
    ROUND_UNKNOWN = "jam.round_unknown"
    """Nobody knows whether they were made."""
    ROUND_UNFETCHED = "jam.round_unfetched"
    """They were made, and could not be fetched from the service; their card offers to try again."""
    ROUND_WITHHELD = "jam.round_withheld"
    """They were made, and the service's moderation flagged all of them."""
    ROUND_CANCELLED = "jam.round_cancelled"
    ROUND_REMOVED = "jam.round_removed"
    """Their card was removed."""
    ROUND_GONE = "jam.round_gone"
    """The card could not be posted, or the order was deleted: it is as if it had not been asked for."""


LISTED = frozenset(
    {
        RoundReason.NO_MERGE,
        RoundReason.MERGE_FAILED,
        RoundReason.MERGE_ODD,
        RoundReason.MERGE_BLOCKED,
        RoundReason.MERGE_FLAGGED,
        RoundReason.AS_THEY_ARE,
        "jam.merge_unfair",  # of rounds that were merged when a draft was still judged
    }
)
"""The prompt is the ideas themselves."""
