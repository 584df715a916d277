"""Cards of pictures and videos: a pure function of `CardFacts` in the row's own language.

`cards.md`'s table, state by state. Every call builds a fresh view without a time-out: discord.py forgets a dynamic
button everywhere when the *same* view is edited without it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from discord import ui

from bot.api.addresses import exact_url
from bot.cards.button_looks import again_rows, card_button, picture_rows, video_buttons
from bot.cards.measures import differences, measures
from bot.cards.origins import given, origin
from bot.cards.uploads import Form, Shown
from bot.cards.why_failed import why_failed
from bot.generation.card_facts import CardFacts
from bot.generation.price import kept_of
from bot.generation.requests import AVOID, SEED, STYLE
from bot.generation.rows.records import WITHHELD, Generation, Result
from bot.i18n import listed, text
from bot.kinds import Kind
from bot.kit.components import Card
from bot.kit.components import row as row_of
from bot.kit.durations import duration
from bot.kit.spoilers import attached, is_spoiler
from bot.kit.titles import prompt_title
from bot.orders.daily_limits import FORGIVEN_A_DAY
from bot.reasons import Reason
from bot.states import LIVE, RETRYABLE, State
from bot.text import escape, one_line, ordinal, shorten

WAITING = 0x5865F2
WARNING = 0xF0B232
FAILED = 0xDA373C

TITLE_LIMIT = 200
DESCRIPTION_LIMIT = 256
"""Of an image's alternative text."""
_BROKEN = frozenset({Reason.BROKE, Reason.UNCERTAIN, Reason.INTERRUPTED})
LINK_TEXT_LIMIT = 2800
"""For all links of a card together: title, footer and words take up to 1,000 of Discord's 4,000 characters."""
_TARGET = re.compile(r"((?:\([^)]*\)|[^\s\\])*?)\)")
"""What Discord's clients take for the target of a masked link, with the bracket that ends it."""

_COLOURS: dict[str, int | None] = {
    State.DELIVERED: None,
    State.DROPPED: None,
    State.CANCELLED: None,
    State.UNFETCHED: WARNING,
    State.UNKNOWN: WARNING,
    State.EXPIRED: WARNING,
    State.FAILED: FAILED,
}


def card(facts: CardFacts, *, uploads: Sequence[Shown] = (), upload_limit: int | None = None) -> Card:
    """The message for `facts`. `uploads`: the files that it shows; `upload_limit`: bytes that this place takes."""
    row = facts.row
    flagged = row.reason == Reason.MODERATED
    name = text(row.locale, "card.flagged") if flagged else prompt_title(row.prompt, row.locale, TITLE_LIMIT)
    heading = f"### {name}"
    for line in (origin(facts), None if flagged else given(row)):
        heading += "" if line is None else f"\n-# {line}"
    items: list[ui.Item[Any]] = []
    if row.state == State.DELIVERED:
        items.append(ui.TextDisplay(heading))
        described = shorten(one_line(row.prompt), DESCRIPTION_LIMIT) or None
        shown = [attached(one.name, description=described) for one in uploads if one.is_displayed]
        if shown:
            items.append(ui.MediaGallery(*shown))
        files = (one.name for one in uploads if not one.is_displayed)
        items.extend(ui.File(f"attachment://{name}", spoiler=is_spoiler(name)) for name in files)
        lines = [*_which(facts, uploads), *differences(facts), *_links(facts, uploads, upload_limit)]
        items.extend(ui.TextDisplay(line) for line in lines)
        items.append(ui.TextDisplay(f"-# {_about(facts, shown=len(arrived(facts, uploads)))}"))
    else:
        items.append(ui.TextDisplay(f"{heading}\n-# {_about(facts)}"))
        items.append(ui.TextDisplay("\n".join([*_status(facts), *_of_round(row), *_unforgiven(facts)])))
    items.extend(_rows(facts, uploads))
    return Card(ui.Container(*items, accent_colour=_COLOURS.get(row.state, WAITING)))


def _withheld(facts: CardFacts) -> int:
    """How many came, and are not shown."""
    return sum(one.form == WITHHELD for one in facts.results)


def _about(facts: CardFacts, *, shown: int | None = None) -> str:
    """Model · size · pictures or seconds · who. `shown`: how many results a finished one shows."""
    row = facts.row
    parts = [escape(row.model), *measures(facts)]
    if style := row.parameters.get(STYLE):
        parts.append(text(row.locale, "card.style", name=escape(str(style["name"]))))
    if row.kind == Kind.IMAGE:
        if shown is None:
            parts.append(text(row.locale, "card.pictures", count=row.count))
        elif (came := shown + _withheld(facts)) < row.count:
            parts.append(text(row.locale, "card.fewer_pictures", arrived=came, asked=row.count))
    if shown is not None and row.submitted_at and row.generated_at:
        took = duration(row.locale, row.generated_at - row.submitted_at)
        parts.append(text(row.locale, "video.took", duration=took) if row.kind == Kind.VIDEO else took)
    price = kept_of(row, facts.results)
    if price:
        parts.append(text(row.locale, "card.credits", count=price))
    parts.append(f"<@{row.person_id}>")
    return " · ".join(parts)


def _status(facts: CardFacts) -> list[str]:
    """The lines under the title, but for a delivered card."""
    row, locale = facts.row, facts.row.locale
    if facts.retry_at is not None:
        return [text(locale, "error.rate_limited", when=_relative(facts.retry_at))]
    if facts.held and row.state in LIVE:
        return [text(locale, "card.held"), *_by_message(facts)]
    match row.state:
        case State.QUEUED if facts.place is not None:
            return [text(locale, "video.queued", ordinal=ordinal(facts.place), place=facts.place), *_by_message(facts)]
        case State.QUEUED | State.SUBMITTING if row.kind == Kind.VIDEO:
            return [text(locale, "video.submitting"), *_by_message(facts)]
        case State.QUEUED | State.SUBMITTING:
            return [_started(facts, "image.usual")]
        case State.RUNNING if facts.overdue:
            return [text(locale, "video.overdue", when=_relative(_began(facts))), *_by_message(facts)]
        case State.RUNNING:
            return [_started(facts, "video.usual"), *_by_message(facts)]
        case State.GENERATED:
            return [text(locale, "card.generated")]
        case State.UNKNOWN:
            return [_unknown(row)]
        case State.EXPIRED:
            return [text(locale, "video.expired")]
        case State.CANCELLED:
            who = f"<@{row.ended_by}>" if row.ended_by else f"<@{row.person_id}>"
            lines = [text(locale, "card.cancelled", who=who)]
            key = "video.cancelled_running" if row.price is None else "video.cancelled_price_kept"
            return [*lines, text(locale, key)] if row.task_id else lines
        case State.DROPPED | State.UNFETCHED:
            return _not_delivered(facts)
        case _:
            return _failure(facts)


def _of_round(row: Generation) -> list[str]:
    """A jam's round has no button of its own: where the next step is."""
    is_to_go_on = row.action == "round" and row.state in RETRYABLE and row.reason != Reason.INTERRUPTED
    return [text(row.locale, "image.failed_round")] if is_to_go_on else []


def _unforgiven(facts: CardFacts) -> list[str]:
    """What it cost its person though they have nothing of it, where that is not so every time."""
    row = facts.row
    if not row.unforgiven:
        return []
    key = "limit.price_kept" if kept_of(row, facts.results) else "limit.counted"
    return [f"-# {text(row.locale, key, count=FORGIVEN_A_DAY)}"]


def _unknown(row: Generation) -> str:
    """Nobody knows what became of it: why that is."""
    if row.kind == Kind.IMAGE and row.reason == Reason.INTERRUPTED:
        return text(row.locale, "image.interrupted_round" if row.action == "round" else "image.interrupted")
    if row.kind == Kind.VIDEO and row.reason in _BROKEN:
        return text(row.locale, "video.unknown")
    older = row.reason == Reason.UNCERTAIN  # of a picture: what it was of is not known any more
    return text(row.locale, "error.no_answer") if older else why_failed(row) or text(row.locale, "error.broke")


def _failure(facts: CardFacts) -> list[str]:
    row, locale = facts.row, facts.row.locale
    if row.reason == Reason.OUR_FAULT:
        why = text(locale, "error.our_fault", reference=row.detail or "–")
    else:
        why = why_failed(row, told=facts.owner_told) or text(locale, "error.bad_answer")
    return [text(locale, "card.failed"), why]


def _by_message(facts: CardFacts) -> list[str]:
    """Where only the interaction's token can edit, the person learns at the start how a late result comes."""
    late = facts.row.private or facts.row.token_only
    return [f"-# {text(facts.row.locale, 'card.may_come_as_dm')}"] if late else []


def _which(facts: CardFacts, uploads: Sequence[Shown]) -> list[str]:
    """The numbers of the images above, where they are not the first ones: they are voted for by them."""
    numbers = sorted(one.position + 1 for one in uploads if one.is_displayed)
    if not numbers or numbers == list(range(1, len(numbers) + 1)):
        return []
    locale = facts.row.locale
    told = listed(locale, map(str, numbers))
    return [text(locale, "card.which_pictures", numbers=told, asked=facts.row.count)]


def _links(facts: CardFacts, uploads: Sequence[Shown], upload_limit: int | None) -> list[str]:
    """What stands under the gallery: why a file is not the original, and links where they are of use."""
    row, locale = facts.row, facts.row.locale
    forms = {upload.position: upload.form for upload in uploads}
    lines: list[str] = []
    for result in facts.results:
        form = forms.get(result.position)
        if row.kind == Kind.IMAGE and form is Form.ORIGINAL:
            continue
        if form is not Form.ORIGINAL and upload_limit is not None and (result.size or 0) > upload_limit:
            # Rounded apart: what is over a limit reads as more than it.
            sizes = {"size": _size(result.size or 0, math.ceil), "limit": _size(upload_limit, math.floor)}
            too_large = "card.too_large" if row.guild_id else "card.too_large_here"
            key = "card.made_smaller" if form is Form.SMALLER else too_large
            lines.append(text(locale, key, **sizes))
        lines += _service_link(facts, result)
    if files := sum(not upload.is_displayed for upload in uploads):
        lines.append(text(locale, "card.only_files", count=files))
    if missing := _missing(facts, uploads):
        key = "card.not_fetched_ended" if links_ended(facts, missing) else "card.not_fetched"
        lines.append(text(locale, key, count=len(missing)))
    if withheld := _withheld(facts):
        lines.append(text(locale, "card.withheld", count=withheld))
    return lines


def _not_delivered(facts: CardFacts) -> list[str]:
    if facts.row.state == State.DROPPED:
        return [text(facts.row.locale, "card.dropped")]
    links = [line for result in facts.results for line in _service_link(facts, result)]
    return [
        text(facts.row.locale, "card.unfetched_ended" if links_ended(facts, facts.results) else "card.unfetched"),
        *links,
    ]


def _service_link(facts: CardFacts, result: Result) -> list[str]:
    """The line with the service's own link to a result, where it has one that fits."""
    locale = facts.row.locale
    if not result.url or len(result.url) > LINK_TEXT_LIMIT // len(facts.results):
        return []
    key = "video.open" if facts.row.kind == Kind.VIDEO else "image.open"
    link = _link(result.url, text(locale, key, number=result.position + 1))
    until = f"<t:{int(result.expires_at)}:f>" if result.expires_at else "–"
    return [f"{link} · {text(locale, 'card.link_until', when=until)}"]


def arrived(facts: CardFacts, uploads: Sequence[Shown]) -> set[int]:
    """The positions of the results that a person can get at: by a file or by a link."""
    return {upload.position for upload in uploads} | {one.position for one in facts.results if one.url}


def _missing(facts: CardFacts, uploads: Sequence[Shown]) -> list[Result]:
    there = arrived(facts, uploads)
    return [one for one in facts.results if one.position not in there and one.form != WITHHELD]


def links_ended(facts: CardFacts, results: Sequence[Result]) -> bool:
    """Whether the service's links to all of `results` had ended when they were last asked for."""
    return all((one.expires_at or math.inf) < (facts.row.ended_at or 0) for one in results)


def _rows(facts: CardFacts, uploads: Sequence[Shown]) -> list[ui.ActionRow[Any]]:
    row = facts.row
    told_more = not row.parameters.keys().isdisjoint({STYLE, SEED, AVOID})
    whole_prompt = (len(one_line(row.prompt)) > TITLE_LIMIT or told_more) and row.reason != Reason.MODERATED
    if row.kind == Kind.IMAGE and row.state == State.DELIVERED:
        fetch = not links_ended(facts, _missing(facts, uploads))
        return picture_rows(facts, arrived(facts, uploads), whole_prompt=whole_prompt, fetch=fetch)
    if row.kind == Kind.VIDEO and row.state == State.DELIVERED:
        pressed = video_buttons(facts, whole_prompt=whole_prompt)
        return [row_of(*pressed)] if pressed else []
    buttons: list[ui.Item[Any]] = []
    waits = row.state == State.QUEUED and facts.place is not None
    if row.kind == Kind.VIDEO and (waits or row.state == State.RUNNING):
        buttons.append(card_button(row.kind, row.id, "cancel", row.locale))
    again, menus = again_rows(facts)
    buttons += again
    if row.state == State.UNFETCHED and not links_ended(facts, facts.results):
        buttons.append(card_button(row.kind, row.id, "fetch", row.locale))
    if whole_prompt:
        buttons.append(card_button(row.kind, row.id, "prompt", row.locale))
    return [*([row_of(*buttons)] if buttons else []), *menus]


def _started(facts: CardFacts, usual_key: str) -> str:
    locale = facts.row.locale
    line = text(locale, "card.started", when=_relative(_began(facts)))
    if facts.usual is None:
        return line
    separator = "" if locale.startswith("zh") else " "
    return line + separator + text(locale, usual_key, duration=duration(locale, facts.usual))


def _began(facts: CardFacts) -> float:
    return facts.row.submitted_at or facts.row.created_at


def _relative(at: float) -> str:
    return f"<t:{int(at)}:R>"


def _size(size: int, whole: Callable[[float], int]) -> str:
    """In whole megabytes, or kilobytes where it is less than one of them."""
    return f"{whole(size / 1024**2)} MB" if size >= 1024**2 else f"{whole(size / 1024)} KB"


def _link(url: str, words: str) -> str:
    """A link that Discord reads byte for byte as it came: a signature may cover how it is escaped."""
    try:
        exact = str(exact_url(url))
    except ValueError:
        exact = quote(url, safe=":/?&=%")
    if len(exact) > LINK_TEXT_LIMIT:
        return words
    target = _TARGET.match(f"{exact})")
    if target is None or target[1] != exact:
        return f"{words}: <{exact}>"  # its brackets would end the masked link
    return f"[{words}]({exact})" if "**" in exact else f"**[{words}]({exact})**"
