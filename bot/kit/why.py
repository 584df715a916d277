"""Why something could not be had of the service, in a person's words: the table of errors, one sentence or two each."""

from __future__ import annotations

from bot.api.cleaning import readable
from bot.i18n import text
from bot.reasons import SAID_BY_SERVICE, Reason
from bot.text import escape, one_line, shorten

SAID_LIMIT = 200
NAME_LIMIT = 60

KEYS: dict[Reason, str] = {
    Reason.KEY_REFUSED: "error.key_refused",
    Reason.QUOTA: "error.quota",
    Reason.MODEL_NOT_FOUND: "error.model_not_found",
    Reason.MODEL_DENIED: "error.model_denied",
    Reason.DECLINED: "error.declined",
    Reason.MODERATED: "policy.moderated",
    Reason.RATE_LIMITED: "error.too_busy",
    Reason.INVALID: "error.rejected",
    Reason.TOO_LONG: "error.too_long",
    Reason.READS_NO_IMAGES: "error.reads_no_images",
    Reason.WOULD_DROP: "error.would_drop",
    Reason.UNREACHABLE: "error.unreachable",
    Reason.FAULT: "error.fault",
    Reason.NO_ANSWER: "error.no_answer",
    Reason.BROKE: "error.broke",
    Reason.UNCERTAIN: "error.broke",
    Reason.BAD_ANSWER: "error.bad_answer",
    Reason.INPUT_GONE: "card.input_gone",
    Reason.INPUT_UNREADABLE: "card.input_unreadable",
    Reason.INPUT_TOO_LARGE: "card.input_too_large",
    Reason.MADE_FAILED: "card.made_failed",
    Reason.TASK_GONE: "card.task_gone",
}
_NO_ROUTE = {
    "ask": "error.no_route_ask",
    "image": "error.no_route_image",
    "edit": "error.no_route_edit",
    "video": "error.no_route_video",
}
OWNERS = frozenset({Reason.KEY_REFUSED, Reason.QUOTA})
"""What only the bot's owner can mend."""


def why(
    reason: Reason,
    locale: str,
    *,
    kind: str,
    model: str,
    detail: str = "",
    told: bool = False,
    set_here: bool = False,
    left_out: str = "",
    needs_image: bool = False,
) -> str:
    """The sentences for `reason`, on one line.

    `kind`: ask, image, edit or video. `detail`: the service's own words, raw. `told`: the bot's owner has been told.
    `set_here`: the model is one that moderators chose, not the person. `left_out`: what a simpler request has no room
    for. `needs_image`: the model says by its name that it makes videos of images, and got none.
    """
    key = _NO_ROUTE[kind] if reason is Reason.NO_ROUTE else KEYS.get(reason, "error.bad_answer")
    sentences = [text(locale, key, model=escape(shorten(model, NAME_LIMIT)), what=left_out)]
    if reason in SAID_BY_SERVICE and (said := quoted(detail, locale)):
        sentences.append(said)
    if reason in {Reason.INVALID, Reason.WOULD_DROP}:
        sentences.append(text(locale, "error.nothing_made"))
    if needs_image and reason in {Reason.INVALID, Reason.MADE_FAILED}:
        sentences.append(text(locale, "error.needs_image"))
    if reason in OWNERS and told:
        sentences.append(text(locale, "error.owner_told"))
    if set_here and reason in {Reason.MODEL_NOT_FOUND, Reason.MODEL_DENIED}:
        sentences.append(text(locale, "error.set_model"))
    return joined(locale, sentences)


def quoted(detail: str, locale: str) -> str:
    """What the service said, as a sentence of its own. Empty: it said nothing that people can read."""
    said = shorten(one_line(readable(detail)), SAID_LIMIT)
    if not said:
        return ""
    stop = "" if said[-1] in "…?？" else "。" if locale.startswith("zh") else "."
    return text(locale, "error.service_said", said=escape(said) + stop)


def joined(locale: str, sentences: list[str]) -> str:
    """Sentences one after the other: Chinese has no space between them."""
    return ("" if locale.startswith("zh") else " ").join(sentences)
