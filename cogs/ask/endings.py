"""How an answer ended, in the person's language."""

from __future__ import annotations

from dataclasses import dataclass

from bot.api.completion import Finished, FinishReason, Usage
from bot.errors import Declined, Moderated, Refusal
from bot.i18n import text
from bot.kit.durations import duration
from bot.kit.error_path import describe
from bot.kit.why import joined, quoted
from bot.reasons import Step, of_error, steps_after
from bot.text import escape, shorten
from cogs.ask.cards import MODEL_LIMIT
from cogs.ask.records import Turn


@dataclass(frozen=True, slots=True)
class Ending:
    """`statement` stands where there is no text; `footer` under the text."""

    statement: str
    footer: str


def steps_after_answer(
    *, finish: Finished | None, error: Exception | None, stopped: bool, interrupted: bool, heard: bool
) -> frozenset[Step]:
    """What may help. `heard`: there is some text. Nothing is offered where a person ended it, or it is whole."""
    if isinstance(error, Moderated):
        return frozenset({Step.EDIT})
    if stopped or isinstance(error, Refusal):
        return frozenset()
    if interrupted:
        return frozenset({Step.RETRY})
    if error is not None:
        return steps_after(of_error(error)[1])
    match finish.reason if finish is not None else FinishReason.CUT_OFF:
        case FinishReason.STOP | FinishReason.LENGTH:
            return frozenset() if heard else frozenset({Step.RETRY, Step.EDIT})
        case FinishReason.CONTENT_FILTER:
            return frozenset({Step.EDIT})
        case _:
            return frozenset({Step.RETRY})


def ending(
    locale: str,
    *,
    model: str,
    seconds: float,
    finish: Finished | None,
    error: Exception | None,
    stopped_by: int | None,
    interrupted: bool,
    owner_told: bool = False,
    persona: str | None = None,
    left_out: bool = False,
) -> Ending:
    """The words for the end: a person's stop first, then the process's end, an error, and the model's own reason.

    `owner_told`: the bot's owner knows of the error. `persona`: that answered, if not Default. `left_out`: something of
    what was said before was not told.
    """
    name, model = model, escape(shorten(model, MODEL_LIMIT))
    if stopped_by is not None:
        line = f"{text(locale, 'ask.stopped', who=f'<@{stopped_by}>')} · {model}"
        return Ending(f"-# {line}", line)
    if interrupted:
        line = text(locale, "ask.interrupted")
        return Ending(f"-# {line}", line)
    broke_off = text(locale, "ask.broke_off", duration=duration(locale, seconds))
    if isinstance(error, Declined):
        said = quoted(error.detail, locale)
        statement = [f"**{text(locale, 'ask.declined')}**", *([said] if said else [])]
        return Ending(joined(locale, statement), text(locale, "ask.policy"))
    if error is not None:
        said = describe(error, locale, model=name, owner_told=owner_told, fields={"command": "ask", "model": name})
        return Ending(said, broke_off)
    reason = finish.reason if finish is not None else FinishReason.CUT_OFF
    done = [*([escape(persona)] if persona else []), model, duration(locale, seconds)]
    if finish is not None and finish.usage is not None:
        done.append(text(locale, "ask.tokens", count=finish.usage.total_tokens))
    if finish is not None and finish.search_refused:
        done.append(text(locale, "ask.no_search"))
    if left_out:
        done.append(text(locale, "ask.left_out"))
    match reason:
        case FinishReason.STOP:
            return Ending(text(locale, "ask.empty"), " · ".join(done))
        case FinishReason.LENGTH:
            return Ending(text(locale, "ask.empty"), " · ".join([text(locale, "ask.length"), *done]))
        case FinishReason.INCOMPLETE:
            return Ending(text(locale, "ask.empty"), " · ".join([text(locale, "ask.incomplete"), *done]))
        case FinishReason.CONTENT_FILTER:
            return Ending(f"**{text(locale, 'ask.declined')}**", text(locale, "ask.policy"))
        case _:
            return Ending(broke_off, broke_off)


def ending_of(turn: Turn, locale: str) -> Ending:
    """The words for an answer that ended before and is shown once more. Who stopped one is not known any more."""
    known = {reason.value: reason for reason in FinishReason}
    usage = None
    if turn.prompt_tokens is not None and turn.answer_tokens is not None:
        usage = Usage(turn.prompt_tokens, turn.answer_tokens, turn.prompt_tokens + turn.answer_tokens)
    return ending(
        locale,
        model=turn.model,
        seconds=turn.ended_at - turn.asked_at,
        finish=Finished(known.get(turn.finish or "", FinishReason.INCOMPLETE), usage),
        error=None,
        stopped_by=None,
        interrupted=turn.finish == "interrupted",
        persona=turn.persona,
    )
