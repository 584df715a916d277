"""The first answer to an interaction, made sure of: a broken connection or a repeated try may have posted it.

Discord takes one answer to each interaction, within three seconds. The library repeats a try that got a 5xx; where the
first had been applied, the second gets 40060, which says that all is well. A 40060 without such a try before it says
that somebody else answered: a second process has the same token. What the interaction is about is theirs then, so that
error is raised like any other of Discord's, and nothing is sent to the service before an answer was accepted. (A
question is sent beside its answer by a process that has been alone so far: `Bot.is_alone`.)

What leads to the answer may take longer than those seconds, a busy database above all. Then the interaction is
acknowledged by itself (`bot.kit.in_time`), and its answer is what follows on that: who calls `answer` need not know.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import aiohttp
import discord
from discord import ui

from bot.errors import NotAllowed
from bot.kit import in_time as clocks
from bot.kit.bot import CONTESTED
from bot.kit.edits import ORIGINAL, edit_answer
from bot.kit.places import log_fields
from bot.kit.short_cards import note

if TYPE_CHECKING:
    from bot.kit.bot import Bot, Interaction

log = logging.getLogger(__name__)

ALREADY_ACKNOWLEDGED = 40060
"""Discord's answer to a second callback."""
BROKEN = (aiohttp.ClientError, TimeoutError, OSError)
"""No answer came from Discord: what was sent may have been applied, or never arrived."""
PASSING = (discord.HTTPException, *BROKEN)
"""What a request to Discord may end with."""
_TRY_LATER = frozenset({20016, 20022, 20028, 20029, 30046, 40062, 130000})
"""Discord's codes for more than it takes at a time: of writes in a channel or server, of edits of older messages."""
BLOCKED = frozenset({200000, 200001, 240000})
"""Discord's codes for words or links that it, or a server's AutoMod, does not let through: no smaller file helps."""
CAME = "came"
"""In an interaction's extras: when it did, by a monotonic clock."""
_ACKNOWLEDGED = "acknowledged"
_UNSURE = "unsure"
"""In an interaction's extras: a try of ours to answer it may have been applied, whatever came back."""
_LOADING = "loading"
"""In an interaction's extras: "thinking…" stands in its answer's place; whether only its person sees that."""
_extras: ContextVar[dict[Any, Any] | None] = ContextVar("extras", default=None)
"""The extras of the interaction that the present task is answering."""


class Posted(NamedTuple):
    """An answer's message. `original`: the interaction's token names it so; else it is a follow-up."""

    id: int
    original: bool = True


def in_time(interaction: Interaction, *, at_last: bool = False) -> None:
    """From now on the interaction is acknowledged by itself, should it not be answered soon; `at_last`: should nobody
    else have done it either.
    """
    clocks.begin(interaction, _acknowledge, came=interaction.extras[CAME], at_last=at_last)


def watch(trace: aiohttp.TraceConfig) -> None:
    """Notice the tries that the library repeats by itself, by a trace on its session."""
    trace.on_request_end.append(_ended)
    trace.on_request_exception.append(_broke)


async def _ended(_: aiohttp.ClientSession, __: SimpleNamespace, ended: aiohttp.TraceRequestEndParams) -> None:
    if ended.response.status >= 500:
        _note_unsure()


async def _broke(_: aiohttp.ClientSession, __: SimpleNamespace, ___: aiohttp.TraceRequestExceptionParams) -> None:
    _note_unsure()


def _note_unsure() -> None:
    if (extras := _extras.get()) is not None:
        extras[_UNSURE] = True


@contextmanager
def _answering(interaction: Interaction) -> Generator[None]:
    """Around every first answer."""
    mine = _extras.set(interaction.extras)
    try:
        yield
        came = interaction.extras.get(CAME)
        taken = None if came is None else int((time.monotonic() - came) * 1000)
        interaction.client.answered_in_a_row += 1
        log.info("answered", extra=log_fields(interaction) | {"milliseconds": taken})
    except BROKEN:
        _note_unsure()
        raise
    except discord.HTTPException as error:
        if is_elsewhere(interaction, error):
            interaction.client.answered_in_a_row = -CONTESTED
        raise
    finally:
        _extras.reset(mine)


def is_elsewhere(interaction: Interaction, error: BaseException) -> bool:
    """Whether Discord refused an answer because somebody else had answered, not an earlier try of ours."""
    refused = isinstance(error, discord.HTTPException) and error.code == ALREADY_ACKNOWLEDGED
    return refused and _UNSURE not in interaction.extras


def may_pass(error: discord.HTTPException) -> bool:
    """Whether the same request may go through later; otherwise Discord refuses what it says."""
    return error.status >= 500 or error.status in {401, 408, 429} or error.code in _TRY_LATER


async def answer(
    interaction: Interaction, view: ui.LayoutView, *, ephemeral: bool = False, files: Sequence[discord.File] = ()
) -> Posted:
    """Post the answer, whatever was told before. Raises what Discord said when nothing was posted.

    `files` are read again from their beginning, should they have to be sent twice.
    """
    if await _settled(interaction):
        return await _answer_later(interaction, view, ephemeral=ephemeral, files=list(files))

    def send() -> Awaitable[discord.InteractionCallbackResponse[Bot]]:
        for file in files:
            file.reset()
        return interaction.response.send_message(
            view=view, ephemeral=ephemeral, files=list(files), suppress_embeds=True
        )

    return Posted(await _until_written(interaction, send))


async def _answer_later(
    interaction: Interaction, view: ui.LayoutView, *, ephemeral: bool, files: list[discord.File]
) -> Posted:
    """In place of "thinking…" where that stands, and is as private; else as a follow-up."""
    loading = interaction.extras.pop(_LOADING, None)
    if loading is ephemeral:
        return Posted(await _edit(interaction, view, attachments=files))
    if loading is not None:
        # Before what follows: that would take its place, and be as private as it is.
        await interaction.delete_original_response()
    sent = await interaction.followup.send(view=view, files=files, ephemeral=ephemeral, suppress_embeds=True, wait=True)
    return Posted(sent.id, original=False)


async def change(interaction: Interaction, posted: Posted, view: ui.LayoutView) -> None:
    """Turn what was posted as its answer into `view`."""
    await _edit(interaction, view, name=ORIGINAL if posted.original else posted.id)


async def replace_message(interaction: Interaction, view: ui.LayoutView) -> int:
    """Turn the pressed message into `view`, without attachments; return its id."""
    if await _settled(interaction):
        return await _edit(interaction, view, attachments=[])
    return await _until_written(
        interaction, lambda: interaction.response.edit_message(view=view, attachments=[], suppress_embeds=True)
    )


async def _edit(
    interaction: Interaction,
    view: ui.LayoutView,
    *,
    name: int = ORIGINAL,
    attachments: Sequence[discord.File] | None = None,
) -> int:
    token, id_ = interaction.token, interaction.application_id
    return await edit_answer(interaction.client, id_, token, view, name=name, attachments=attachments)


async def open_form(interaction: Interaction, form: ui.Modal) -> None:
    """Show a form as the answer to a press. Raises what Discord said when it is not shown. NotAllowed: it took too long
    to be made ready.
    """
    if await _settled(interaction):
        raise NotAllowed("error.form_too_late")
    try:
        with _answering(interaction):
            await interaction.response.send_modal(form)
    except discord.HTTPException as error:
        if not _may_stand(interaction, error) or error.status >= 500:
            raise


async def acknowledge(interaction: Interaction, *, thinking: bool = False, ephemeral: bool | None = None) -> None:
    """Tell Discord that the press or command arrived, unless it was told before. `thinking`: an `answer` follows.

    What Discord makes of it does not keep the work from being done, so it raises only where somebody else answered.
    """
    if not await _settled(interaction):
        await _acknowledge(interaction, thinking=thinking, ephemeral=ephemeral)


async def _acknowledge(interaction: Interaction, *, thinking: bool = False, ephemeral: bool | None = None) -> None:
    # Where there is no message that may be turned, Discord shows that the bot is thinking, asked for or not.
    loads = thinking or interaction.message is None
    if ephemeral is None:
        clock = clocks.clock_of(interaction)
        ephemeral = clock is not None and clock.private
    if loads:
        interaction.extras[_LOADING] = ephemeral
    for last in (False, True):
        try:
            with _answering(interaction):
                await interaction.response.defer(thinking=loads, ephemeral=ephemeral)
        except BROKEN as error:
            if last:
                log.warning("an interaction could not be acknowledged: %s", error)
        except (KeyError, TypeError):
            break  # acknowledged, without the body that the library reads
        except discord.HTTPException as error:
            if is_elsewhere(interaction, error):
                raise
            if error.code != ALREADY_ACKNOWLEDGED:
                log.warning("an interaction could not be acknowledged: %s", error)
            break
        else:
            break
    interaction.extras[_ACKNOWLEDGED] = True


def is_acknowledged(interaction: Interaction) -> bool:
    """Whether Discord has, or may have, an answer already; what follows is an edit of it, or a follow-up."""
    clock = clocks.clock_of(interaction)
    by_itself = clock is not None and clock.acknowledging is not None
    return by_itself or interaction.response.is_done() or _ACKNOWLEDGED in interaction.extras


def is_answered_by_original(interaction: Interaction) -> bool:
    """Whether what answers it is what its token calls the original message: else that is the pressed one already."""
    return _LOADING in interaction.extras or not is_acknowledged(interaction)


async def tell(interaction: Interaction, message: str) -> None:
    """A private sentence to who pressed or typed: as the answer, or as a follow-up where there is one already."""
    await tell_with(interaction, note(message))


async def tell_beside(interaction: Interaction, message: str) -> None:
    """As `tell`, of what is good to know beside what was done. Never raises for what Discord says: it is done."""
    try:
        await tell(interaction, message)
    except (discord.ClientException, *PASSING) as error:
        log.info("a person is not told what stands beside an answer: %s", error)


async def tell_with(interaction: Interaction, view: ui.LayoutView) -> None:
    """As `tell`, of more than a sentence."""
    await answer(interaction, view, ephemeral=True)


async def _settled(interaction: Interaction) -> bool:
    """Whether it is acknowledged; from now on it is not by itself. Raises where somebody else answered."""
    if (clock := clocks.clock_of(interaction)) is not None:
        clock.stop()
        if clock.acknowledging is not None:
            await asyncio.shield(clock.acknowledging)
    return is_acknowledged(interaction)


async def _until_written(
    interaction: Interaction, send: Callable[[], Awaitable[discord.InteractionCallbackResponse[Bot] | None]]
) -> int:
    interaction.extras[_ACKNOWLEDGED] = True
    for last in (False, True):
        try:
            with _answering(interaction):
                callback = await send()
        except (KeyError, TypeError):
            # Posted, and answered without the body that the library asked for and reads: the message can be asked for.
            break
        except PASSING as error:
            if not _may_stand(interaction, error):
                del interaction.extras[_ACKNOWLEDGED]
                raise
            try:
                return (await interaction.original_response()).id
            except (discord.ClientException, *PASSING):
                # It never arrived: sent once more, since one that did after all makes the second a 40060.
                if last or (isinstance(error, discord.HTTPException) and error.code != ALREADY_ACKNOWLEDGED):
                    del interaction.extras[_ACKNOWLEDGED]
                    raise error from None
        else:
            if callback is not None and callback.message_id is not None:
                return callback.message_id
            break
    return (await interaction.original_response()).id


def _may_stand(interaction: Interaction, error: BaseException) -> bool:
    """Whether an answer of ours may be there although a try ended with `error`."""
    if not isinstance(error, discord.HTTPException) or error.status >= 500:
        return True
    return error.code == ALREADY_ACKNOWLEDGED and not is_elsewhere(interaction, error)
