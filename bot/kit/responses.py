"""The first answer to an interaction, made sure of: a broken connection or a repeated try may have posted it.

Discord takes one answer to each interaction, within three seconds. The library repeats a try that got a 5xx; where the
first had been applied, the second gets 40060, which says that all is well. A 40060 without such a try before it says
that somebody else answered: a second process has the same token. What the interaction is about is theirs then, so that
error is raised like any other of Discord's, and nothing is sent to the service before an answer was accepted. (A
question is sent beside its answer by a process that has been alone so far: `Bot.is_alone`.)
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord import ui

from bot.kit.bot import CONTESTED
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
CAME = "came"
"""In an interaction's extras: when it did, by a monotonic clock."""
_ACKNOWLEDGED = "acknowledged"
_UNSURE = "unsure"
"""In an interaction's extras: a try of ours to answer it may have been applied, whatever came back."""
_extras: ContextVar[dict[Any, Any] | None] = ContextVar("extras", default=None)
"""The extras of the interaction that the present task is answering."""


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
    return error.status >= 500 or error.status in {401, 408, 429}


async def answer(
    interaction: Interaction, view: ui.LayoutView, *, ephemeral: bool = False, files: Sequence[discord.File] = ()
) -> int:
    """Post the answer; return its message's id. Raises what Discord said when nothing was posted.

    `files` are read again from their beginning, should they have to be sent twice.
    """

    def send() -> Awaitable[discord.InteractionCallbackResponse[Bot]]:
        for file in files:
            file.reset()
        return interaction.response.send_message(
            view=view, ephemeral=ephemeral, files=list(files), suppress_embeds=True
        )

    return await _until_written(interaction, send)


async def replace_message(interaction: Interaction, view: ui.LayoutView) -> int:
    """Turn the pressed message into `view`, without attachments; return its id."""
    return await _until_written(
        interaction, lambda: interaction.response.edit_message(view=view, attachments=[], suppress_embeds=True)
    )


async def open_form(interaction: Interaction, form: ui.Modal) -> None:
    """Show a form as the answer to a press. Raises what Discord said when it is not shown."""
    try:
        with _answering(interaction):
            await interaction.response.send_modal(form)
    except discord.HTTPException as error:
        if not _may_stand(interaction, error) or error.status >= 500:
            raise


async def acknowledge(interaction: Interaction, *, thinking: bool = False, ephemeral: bool = False) -> None:
    """Tell Discord that the press or command arrived, unless it was told before. `thinking`: an answer follows by
    editing the original response.

    What Discord makes of it does not keep the work from being done, so it raises only where somebody else answered.
    """
    if is_acknowledged(interaction):
        return
    for last in (False, True):
        try:
            with _answering(interaction):
                await interaction.response.defer(thinking=thinking, ephemeral=ephemeral)
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
    return interaction.response.is_done() or _ACKNOWLEDGED in interaction.extras


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
    if is_acknowledged(interaction):
        await interaction.followup.send(view=view, ephemeral=True)
    else:
        await answer(interaction, view, ephemeral=True)


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
