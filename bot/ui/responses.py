"""The first answer to an interaction, made sure of: a broken connection or a repeated try may have posted it.

Discord takes one answer to each interaction, within three seconds. The library repeats a try that got a 5xx; where the
first had been applied, the second gets 40060, which says that all is well.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import aiohttp
import discord
from discord import ui

from bot.ui.notes import note

if TYPE_CHECKING:
    from bot.ui.typing import Bot, Interaction

log = logging.getLogger(__name__)

ALREADY_ACKNOWLEDGED = 40060
"""Discord's answer to a second callback: the library's own repetition after a 5xx that had been applied."""
BROKEN = (aiohttp.ClientError, TimeoutError, OSError)
"""No answer came from Discord: what was sent may have been applied, or never arrived."""
PASSING = (discord.HTTPException, *BROKEN)
"""What a request to Discord may end with."""
_ACKNOWLEDGED = "acknowledged"


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
        return interaction.response.send_message(view=view, ephemeral=ephemeral, files=list(files))

    return await _surely(interaction, send)


async def replace_message(interaction: Interaction, view: ui.LayoutView) -> int:
    """Turn the pressed message into `view`, without attachments; return its id."""
    return await _surely(interaction, lambda: interaction.response.edit_message(view=view, attachments=[]))


async def acknowledge(interaction: Interaction, *, thinking: bool = False, ephemeral: bool = False) -> None:
    """Tell Discord that the press or command arrived. `thinking`: an answer follows by editing the original response.

    What Discord makes of it does not keep the work from being done, so it never raises.
    """
    for last in (False, True):
        try:
            await interaction.response.defer(thinking=thinking, ephemeral=ephemeral)
        except BROKEN as error:
            if last:
                log.warning("an interaction could not be acknowledged: %s", error)
        except (KeyError, TypeError):
            break  # acknowledged, without the body that the library reads
        except discord.HTTPException as error:
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
    if is_acknowledged(interaction):
        await interaction.followup.send(view=note(message), ephemeral=True)
    else:
        await answer(interaction, note(message), ephemeral=True)


async def _surely(
    interaction: Interaction, send: Callable[[], Awaitable[discord.InteractionCallbackResponse[Bot] | None]]
) -> int:
    interaction.extras[_ACKNOWLEDGED] = True
    for last in (False, True):
        try:
            callback = await send()
        except (KeyError, TypeError):
            # Posted, and answered without the body that the library asked for and reads: the message can be asked for.
            break
        except PASSING as error:
            refused = isinstance(error, discord.HTTPException) and error.code != ALREADY_ACKNOWLEDGED
            if isinstance(error, discord.HTTPException) and refused and error.status < 500:
                del interaction.extras[_ACKNOWLEDGED]
                raise
            try:
                return (await interaction.original_response()).id
            except (discord.ClientException, *PASSING):
                # It never arrived: sent once more, since one that did after all makes the second a 40060.
                if last or refused:
                    del interaction.extras[_ACKNOWLEDGED]
                    raise error from None
        else:
            if callback is not None and callback.message_id is not None:
                return callback.message_id
            break
    return (await interaction.original_response()).id
