"""What was changed in one go is taken back in one go."""

from __future__ import annotations

import time

from sqlalchemy import Connection

from bot.errors import NotAllowed
from bot.kit.barring import whom_to_bar
from bot.kit.bot import Interaction
from bot.orders import bars, grants
from bot.orders.person_lines import BAR, GRANT
from bot.settings import Scope
from bot.settings import changes as store
from bot.settings.changes import Changed, Realm
from bot.store import events
from bot.store.database import Database
from cogs.config import managers
from cogs.config.changes import tell_pauses

_ABOUT_PEOPLE = {GRANT: grants.take_back, BAR: bars.take_back}
"""How a line of the history that is no setting's is taken back."""
UNDO_APART_SECONDS = 3.0
"""Between two times that the last change is taken back in a server: before, nobody has read what the first one did."""


class _BarsAgain(Exception):
    """Taking it back bars a person of whom it is not known yet whether they may be barred now."""

    def __init__(self, person_id: int) -> None:
        super().__init__(f"{person_id} is barred again")
        self.person_id = person_id


async def undo(interaction: Interaction, batch: int | None) -> tuple[list[Changed], frozenset[int]]:
    """Take back what was changed in one go: `batch`, or the newest that is not taken back yet and that the person may
    take back. The new lines of the history, in the order of the old ones, and the ids of those that replaced something
    newer than what they take back; NotAllowed says why there are none.
    """
    realm, now = managers.realm(interaction), time.time()
    asked_after = set[int]()

    def take_back(connection: Connection) -> tuple[list[Changed], frozenset[int]]:
        chosen = _newest(connection, realm, now) if batch is None else batch
        lines = store.of_batch(connection, chosen, Realm(realm.guild_id, realm.channel_id))
        if not lines:
            raise NotAllowed("config.no_such_change")
        for scope, id_ in {(line.scope, line.scope_id) for line in lines}:
            managers.check(interaction, Scope(scope), id_)
        if lines[0].undoes is not None:
            raise NotAllowed("config.undo_of_undo")
        if store.is_undone(connection, chosen):
            raise NotAllowed("config.already_undone")
        barred = bars.barred_again(lines[0]) if lines[0].key == BAR else None
        if barred is not None and barred not in asked_after:
            raise _BarsAgain(barred)
        if (about := _ABOUT_PEOPLE.get(lines[0].key)) is not None:
            back = about(connection, lines[0], by=interaction.user.id, now=now)
            if back is None:
                raise NotAllowed("grant.gone")
            return [back], frozenset()
        wanted = store.taking_back(lines)
        made = store.make(connection, wanted, by=interaction.user.id, now=now, guild_id=realm.guild_id, undoes=chosen)
        then = {(line.scope, line.scope_id, line.key): line.after for line in lines}
        newer = (line.id for line in made if line.before not in (then[line.scope, line.scope_id, line.key], line.after))
        return made[::-1], frozenset(newer)

    while True:
        try:
            lines, newer = await interaction.client.the(Database).run(events.once(interaction.id, take_back))
        except _BarsAgain as again:
            await whom_to_bar(interaction, again.person_id)
            asked_after.add(again.person_id)
        else:
            await tell_pauses(interaction, lines)
            return lines, newer


def _newest(connection: Connection, realm: Realm, now: float) -> int:
    found = store.to_undo(connection, realm, limit=1)
    last = store.last_undo(connection, realm)
    # What was changed since is meant, without a doubt.
    newer = bool(found) and last is not None and found[0] > last.id
    if last is not None and not newer and now - last.changed_at < UNDO_APART_SECONDS:
        raise NotAllowed("config.just_undone", number=last.undoes)
    if not found:
        raise NotAllowed("config.nothing_to_undo")
    return found[0]
