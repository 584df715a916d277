"""The one error path: what went wrong, in the person's words and language; the cause for the owner and the log."""

from __future__ import annotations

import logging
import secrets
from typing import Any, cast

import aiohttp
import discord
from discord import app_commands
from discord.http import Route

from bot import errors
from bot.i18n import listed, locale_of, text
from bot.kit.bot import Bot, Interaction
from bot.kit.limit_words import things, used_up
from bot.kit.links import message_link
from bot.kit.owner_alerts import OwnerAlerts
from bot.kit.places import log_fields
from bot.kit.responses import PASSING, is_elsewhere, tell_with
from bot.kit.set_up import set_up_models
from bot.kit.short_cards import note
from bot.kit.why import joined, why
from bot.reasons import of_error
from bot.store.database import StoreUnavailable
from bot.text import escape, shorten

log = logging.getLogger(__name__)

EXPIRED_INTERACTION = frozenset({10015, 10062, 50027})
"""Discord's codes for an interaction that can no longer be answered."""

MODELS_SHOWN = 8

_KEYS: tuple[tuple[type[Exception], str], ...] = (
    (StoreUnavailable, "error.store"),
    (discord.Forbidden, "error.no_permission_here"),
    *((kind, "error.discord") for kind in (discord.DiscordServerError, discord.RateLimited, aiohttp.ClientError)),
)


def unwrap(error: BaseException) -> BaseException:
    """The error that a command or a task group wrapped."""
    while isinstance(error, app_commands.CommandInvokeError | app_commands.TransformerError):
        inner = error.original if isinstance(error, app_commands.CommandInvokeError) else error.__cause__
        if inner is None:
            break
        error = inner
    return error


def sentence(error: BaseException, locale: str, *, model: str = "–", owner_told: bool = False) -> str | None:
    """What a person reads about an expected error; None for one that is our own fault.

    `model`: of the question that ended so. `owner_told`: the bot's owner knows of it.
    """
    match error:
        case errors.ModelNotAllowed() if not error.available:
            return text(locale, "policy.no_model_allowed")
        case errors.UnknownModel():
            shown = [escape(shorten(name, 60)) for name in error.available[:MODELS_SHOWN]]
            available = listed(locale, shown) or "–"
            allowed = isinstance(error, errors.ModelNotAllowed)
            key = "policy.model_not_allowed" if allowed else "error.unknown_model"
            return text(locale, key, model=escape(shorten(error.model, 100)), available=available)
        case errors.DailyLimitReached():
            if not error.limit:
                return text(locale, "limit.none", command=f"/{error.command}")
            what, when = things(locale, error.command, error.limit), f"<t:{int(error.resets_at)}:R>"
            return text(locale, "limit.used", count=error.limit, things=what, when=when)
        case errors.PlaceLimitReached():
            return used_up(locale, error)
        case errors.NotEnoughCredits():
            return _short(error, locale)
        case errors.OverBudget():
            return _over_budget(error, locale)
        case errors.ConfirmationNeeded():
            return _to_confirm(error, locale)
        case errors.AlreadyMade():
            return _already_made(error, locale)
        case errors.NoModelSet():
            return joined(locale, [text(locale, error.key), text(locale, "error.moderator_chooses")])
        case errors.Barred() if error.news:
            return _barred(error, locale)
        case errors.NotAllowed() | errors.BadValue():
            return text(locale, error.key, **error.facts)
        case errors.ApiError():
            reason = of_error(error)[1]
            return why(reason, locale, kind="ask", model=model, detail=error.detail, told=owner_told)
        case _:
            key = next((key for kind, key in _KEYS if isinstance(error, kind)), None)
            return None if key is None else text(locale, key)


def _already_made(error: errors.AlreadyMade, locale: str) -> str:
    if error.message_id is None:
        return text(locale, "error.ordered_just_now" if error.by_asker else "error.made_soon")
    link = message_link(error.guild_id, error.channel_id, error.message_id)
    if error.by_asker:
        return text(locale, "error.ordered_just_now_at", link=link)
    return text(locale, "error.already_made" if error.done else "error.being_made", link=link)


def _short(error: errors.NotEnoughCredits, locale: str) -> str:
    """What is missing, of whose, and when it returns."""
    exactly, at_most = {
        "person": ("credits.short_person", "credits.short_person_at_most"),
        "grant": ("credits.short_grant", "credits.short_grant_at_most"),
        "channel": ("credits.short_channel", "credits.short_channel_at_most"),
        "server": ("credits.short_server", "credits.short_server_at_most"),
    }[error.kind]
    key = at_most if error.at_most else exactly
    price, left = (text(locale, "card.credits", count=count) for count in (error.price, error.left))
    sentences = [text(locale, key, price=price, left=left)]
    if error.resets_at is None:
        own = error.kind in {"person", "grant"}
        sentences.append(text(locale, "credits.stays" if own else "credits.stays_pool"))
    else:
        sentences.append(text(locale, "credits.returns", when=f"<t:{int(error.resets_at)}:R>"))
    return joined(locale, sentences)


def _over_budget(error: errors.OverBudget, locale: str) -> str:
    """Why, and when money frees."""
    if not error.known:
        key = "budget.prices_soon" if error.soon else "budget.no_price"
        return text(locale, key, model=escape(shorten(error.model, 60)))
    if error.resets_at is None:
        return text(locale, "budget.too_dear", model=escape(shorten(error.model, 60)))
    return text(locale, "budget.used_up", when=f"<t:{int(error.resets_at)}:R>")


def _barred(error: errors.Barred, locale: str) -> str:
    """For the first time: with the reason, and what they can do all the same."""
    reason = [text(locale, "bar.reason", reason=escape(error.reason))] if error.reason else []
    return "\n".join([text(locale, error.key, **error.facts), *reason, f"-# {text(locale, 'bar.still')}"])


def _to_confirm(error: errors.ConfirmationNeeded, locale: str) -> str:
    key = "confirm.price_at_most" if error.at_most else "confirm.price"
    sentences = [text(locale, key, credits=text(locale, "card.credits", count=error.price))]
    if error.left is not None:
        sentences.append(text(locale, "confirm.left", credits=text(locale, "card.credits", count=error.left)))
    return joined(locale, sentences)


def describe(
    error: BaseException,
    locale: str,
    *,
    model: str = "–",
    owner_told: bool = False,
    fields: dict[str, Any] | None = None,
) -> str:
    """Like `sentence`; a fault of our own gets a reference, and the log has its stack trace beside it.

    `fields`: what else the log says of it.
    """
    known = sentence(error, locale, model=model, owner_told=owner_told)
    if known is not None:
        if not isinstance(error, errors.Refusal):
            log.warning("%s: %s", type(error).__name__, error, extra=fields)
        return known
    reference = secrets.token_hex(2).upper()
    log.error("unexpected error (ref %s)", reference, exc_info=error, extra=fields)
    return text(locale, "error.our_fault", reference=reference)


async def report(interaction: Interaction, error: BaseException) -> bool:
    """Tell the person privately what went wrong, whatever was answered before; and the owner what is theirs.

    False: they are not to be told, since somebody else answers them, or nobody can any more.
    """
    error = unwrap(error)
    alerts = interaction.client.the(OwnerAlerts)
    if isinstance(error, errors.Repeated):
        log.info("an interaction came again and is left alone: it was acted upon before", extra=log_fields(interaction))
        return False
    if is_elsewhere(interaction, error):
        alerts.answered_elsewhere(interaction.id)
        return False
    if isinstance(error, discord.HTTPException) and error.code in EXPIRED_INTERACTION:
        log.warning("an interaction could no longer be answered: %s", error.text, extra=log_fields(interaction))
        return False
    told = await alerts.consider(error)
    said = describe(error, locale_of(interaction.locale), owner_told=told, fields=log_fields(interaction))
    if interaction.type is discord.InteractionType.autocomplete:
        return False  # it takes suggestions, no sentence
    view = note(said)
    if isinstance(error, errors.NoModelSet) and (chooses := set_up_models(interaction)) is not None:
        view = note(text(locale_of(interaction.locale), error.key)).add_item(chooses)
    try:
        await tell_with(interaction, view)
    except (discord.ClientException, *PASSING) as untold:
        if is_elsewhere(interaction, untold):
            alerts.answered_elsewhere(interaction.id)
            return False
        log.warning("a person could not be told of an error: %s", untold, extra=log_fields(interaction))
    return True


async def report_unread(bot: Bot, event: object, error: Exception) -> None:
    """Log an interaction that the library can't read, and tell who typed or pressed, as far as it says how."""
    said = cast("dict[str, Any]", event) if isinstance(event, dict) else {}
    sentence_ = describe(error, locale_of(said.get("locale")))
    id_, token = said.get("id"), said.get("token")
    if not id_ or not token or said.get("type") == discord.InteractionType.autocomplete.value:
        return
    flags = discord.MessageFlags(ephemeral=True, components_v2=True)
    answer = {"type": 4, "data": {"flags": flags.value, "components": note(sentence_).to_components()}}
    route = Route("POST", "/interactions/{id_}/{token}/callback", id_=str(id_), token=str(token))
    try:
        await bot.http.request(route, json=answer)
    except (discord.ClientException, *PASSING) as untold:
        log.warning("a person could not be told of an error: %s", untold)
