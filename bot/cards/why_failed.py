"""Why a picture or video failed, by its row."""

from __future__ import annotations

from bot.api.models import is_of_images
from bot.generation.ordering.video import left_out, names_of
from bot.generation.requests import From, chooses_model, made_from
from bot.generation.rows.records import Generation
from bot.kinds import Kind
from bot.kit.why import KEYS, why
from bot.reasons import Reason


def why_failed(row: Generation, *, told: bool = False) -> str | None:
    """`why` of a picture's or video's row, in its language. None: it has no such reason."""
    try:
        reason = Reason(row.reason or "")
    except ValueError:
        return None
    if reason not in KEYS and reason is not Reason.NO_ROUTE:
        return None
    made = made_from(row)
    without = made is None and is_of_images(row.model)
    kind = "edit" if row.kind == Kind.IMAGE and made is not None and made != From.ANIMATE else row.kind
    # What nobody chose in a command is not chosen by its option either.
    return why(
        reason,
        row.locale,
        kind=kind,
        model=row.model,
        detail=row.detail or "",
        told=told,
        set_here=row.action == "round" or not chooses_model(row.parameters),
        left_out=names_of(left_out(row), row.locale) if reason is Reason.WOULD_DROP else "",
        needs_image=row.kind == Kind.VIDEO and without,
    )
