"""All that somebody chose in a server and has not applied yet, of whatever places: of a file, too. One Apply makes one
change of it.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final, Self

import discord
import orjson
from discord import ui

from bot.errors import NotAllowed
from bot.i18n import locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import Card, SafeButton, SafeItem, button, row
from bot.kit.responses import acknowledge, answer, replace_message
from bot.kit.short_cards import note
from bot.settings import SETTINGS, Scope
from bot.settings import changes as store
from bot.settings.changes import Realm
from bot.settings.topics import Topic
from bot.store.database import Database
from cogs.config import advice, changes, managers
from cogs.config.cards import show, where
from cogs.config.differences import difference, whole_file
from cogs.config.draft_rows import Step
from cogs.config.own_drafts import apply_drafts, every_draft, keep_drafts
from cogs.config.panel import WHOLE, panel
from cogs.config.spots import Spot
from cogs.config.steps import known_first, moved_line, wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.settings.stored import Json, Place
    from cogs.config.draft_rows import Drafts

PAGE: Final = 8
"""Changes that are shown at once."""
AT_ONCE: Final = 200
"""Changes that are surely made while Discord waits for an answer, which are 3 s."""
VALUE_LIMIT: Final = 60
TEXT_LIMIT: Final = 3800
ALL: Final = "setup:all"


async def review(interaction: Interaction, *, said: Sequence[str] = (), page: int = 0) -> ui.LayoutView:
    """What would change, by places, some at a time. `said`: what was just done."""
    locale = locale_of(interaction.locale)
    found = await every_draft(interaction)
    if not found:
        return note("\n".join([*said, text(locale, "setup.nothing_to_apply")]))
    count = sum(map(len, found.values()))
    places = text(locale, "config.places", count=len(found))
    lines = [f"### {text(locale, 'setup.not_applied')}", text(locale, "setup.all_of_it", count=count, places=places)]
    each = [(place, key, step) for place, draft in found.items() for key, step in draft.items()]
    page = page if page * PAGE < count else 0
    place_shown: object = None
    whole = True
    for place, key, step in each[page * PAGE : (page + 1) * PAGE]:
        if place != place_shown:
            name = text(locale, "config.scope_server") if place[0] == Scope.SERVER else f"<#{place[1]}>"
            lines += ["", f"**{name if interaction.guild_id else text(locale, 'config.direct')}**"]
            place_shown = place
        said_ = difference(locale, key, step, interaction.guild, VALUE_LIMIT)
        whole = whole and said_.is_whole
        lines.append(said_.said)
    values = await _stored(interaction)
    known: dict[str, None] = {}
    for place, draft in found.items():
        known |= dict.fromkeys(await known_first(interaction, locale, place, draft, values))
    lines += [*known, *said]
    apply = button(
        text(locale, "button.apply", count=count), f"{ALL}:apply:{_digest(found)}", style=discord.ButtonStyle.success
    )
    buttons = [apply, button(text(locale, "button.discard"), f"{ALL}:discard")]
    if count > PAGE:
        left, following = count - min(count, (page + 1) * PAGE), page + 1
        label = text(locale, "setup.all_next", count=left) if left else text(locale, "setup.all_first")
        buttons.append(button(label, f"{ALL}:page:{following if left else 0}"))
    said_all = _within(lines)
    if not whole or len(said_all) < len("\n".join(lines)):
        buttons.append(button(text(locale, "button.whole"), WHOLE))
    return Card(ui.Container(ui.TextDisplay(said_all), row(*buttons)))


def _within(lines: Sequence[str]) -> str:
    kept: list[str] = []
    room = TEXT_LIMIT
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(kept)


def _digest(found: Drafts) -> str:
    """What is applied is what was shown."""
    facts = [[*place, key, step.after] for place, draft in found.items() for key, step in draft.items()]
    return hashlib.sha256(orjson.dumps(facts)).hexdigest()[:12]


class _AllButton(SafeButton, template=r"(?!)"):
    def __init__(self, match: re.Match[str]) -> None:
        super().__init__(button("–", match.string))
        self.match = match

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match)


class AllPageButton(_AllButton, template=rf"{ALL}:page:(?P<page>\d{{1,4}})"):
    """More of what would change; the first page: all that is not applied yet, from the panel of one place."""

    async def pressed(self, interaction: Interaction) -> None:
        managers.check_here(interaction)
        await replace_message(interaction, await review(interaction, page=int(self.match["page"])))


class WholeButton(_AllButton, template=WHOLE):
    """All of what would change, also what is left out of a line."""

    async def pressed(self, interaction: Interaction) -> None:
        managers.check_here(interaction)
        found = await every_draft(interaction)
        if not found:
            raise NotAllowed("setup.nothing_to_apply")
        file = await whole_file(interaction, found)
        said = ui.TextDisplay[Any](text(locale_of(interaction.locale), "setup.whole"))
        await answer(interaction, Card(said, ui.File(f"attachment://{file.filename}")), files=[file], ephemeral=True)


class DiscardAllButton(_AllButton, template=rf"{ALL}:discard"):
    """All that was chosen is forgotten."""

    async def pressed(self, interaction: Interaction) -> None:
        managers.check_here(interaction)
        found = await every_draft(interaction)
        await keep_drafts(interaction, {place: {} for place in found})
        await replace_message(interaction, note(text(locale_of(interaction.locale), "setup.discarded")))


class ApplyAllButton(_AllButton, template=rf"{ALL}:apply:(?P<digest>[0-9a-f]{{12}})"):
    """Makes one change of it, as it was shown."""

    async def pressed(self, interaction: Interaction) -> None:
        locale = locale_of(interaction.locale)
        found = await every_draft(interaction)
        for scope, id_ in found:
            managers.check(interaction, Scope(scope), id_)
        if not found or _digest(found) != self.match["digest"]:
            said = [text(locale, "setup.all_changed")] if found else []
            await replace_message(interaction, await review(interaction, said=said))
            return
        if sum(map(len, found.values())) > AT_ONCE:
            await acknowledge(interaction)
        refused = await _without_wrong(interaction, locale, found)
        if refused:
            await show(interaction, await review(interaction, said=refused))
            return
        applied = await apply_drafts(interaction, found)
        if applied.moved:
            said = [
                f"{where(locale, *one.place, guild_id=interaction.guild_id)}: "
                f"{moved_line(locale, one, interaction.guild)}"
                for one in applied.moved
            ]
            await show(interaction, await review(interaction, said=[*said, text(locale, "setup.apply_again")]))
            return
        await changes.tell_pauses(interaction, applied.lines)
        await show(interaction, await _applied(interaction, locale, applied.lines))


async def _applied(interaction: Interaction, locale: str, lines: Sequence[store.Changed]) -> ui.LayoutView:
    """The panel of where one is, with what was made and the button that takes it back."""
    if not lines:
        return note(text(locale, "setup.nothing_to_apply"))
    places = text(locale, "config.places", count=len({(line.scope, line.scope_id) for line in lines}))
    said = [text(locale, "config.imported", count=len(lines), places=places, number=lines[0].batch)]
    for line in lines[:PAGE]:
        place = where(locale, line.scope, line.scope_id, guild_id=line.guild_id)
        step = Step(line.before, line.after)
        said.append(f"{difference(locale, line.key, step, interaction.guild, VALUE_LIMIT).said} · {place}")
    if len(lines) > PAGE:
        said.append(text(locale, "config.more", count=len(lines) - PAGE))
    said += await advice.of_lines(interaction, locale, lines)
    spot = spot_of(interaction, lines, Spot.here(interaction))
    return await panel(interaction, spot, said=said, undo=str(lines[0].batch))


def spot_of(interaction: Interaction, lines: Sequence[store.Changed], shown: Spot) -> Spot:
    """What is shown after a change: the place and page that are `shown`, if something changed there; else the server's,
    or the first place's.
    """
    changed = {(line.scope, line.scope_id): line for line in reversed(lines)}
    if shown.place in changed:
        return shown
    line = changed.get((str(Scope.SERVER), interaction.guild_id or 0), lines[0])
    topic = SETTINGS[line.key].topic if line.key in SETTINGS else Topic.WHAT
    return Spot(Scope(line.scope), line.scope_id, topic)


async def _stored(interaction: Interaction) -> dict[Place, dict[str, Json]]:
    realm = Realm(interaction.guild_id, interaction.channel_id or 0)
    return await interaction.client.the(Database).run(store.everything, realm)


async def _without_wrong(interaction: Interaction, locale: str, found: Drafts) -> list[str]:
    """Take out of the drafts what can't be applied any more; why, for each of it."""
    server_place = (str(Scope.SERVER), interaction.guild_id or 0)
    server: dict[str, Json] = dict((await _stored(interaction)).get(server_place, {}))
    for key, step in found.get(server_place, {}).items():
        server.pop(key, None)
        if step.after is not None:
            server[key] = step.after
    refused = {place: wrong(interaction, locale, place, draft, server) for place, draft in found.items()}
    left = {
        place: {key: step for key, step in found[place].items() if key not in why}
        for place, why in refused.items()
        if why
    }
    await keep_drafts(interaction, left)
    return [line for why in refused.values() for line in why.values()]


REVIEW_ITEMS: tuple[type[SafeItem[Any]], ...] = (AllPageButton, WholeButton, DiscardAllButton, ApplyAllButton)
