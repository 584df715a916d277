"""What is stored of a person: sent to them as a file, or removed after they have confirmed it."""

from __future__ import annotations

import io
import re
import textwrap
import time
import zipfile
from typing import TYPE_CHECKING, Any, Self, cast

import discord
from discord import ui

from bot.aside import Aside
from bot.environment import KINDS
from bot.errors import NotAllowed
from bot.generation.claims import Claims
from bot.generation.worker import Worker
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kit.bot import Bot, Interaction
from bot.kit.cog import features
from bot.kit.components import Card, SafeButton, row
from bot.kit.links import message_link
from bot.kit.responses import acknowledge, replace_message
from bot.kit.short_cards import note
from bot.orders import grants
from bot.orders.grants import value_of
from bot.orders.ledger import DAY_SECONDS
from bot.store import questions
from bot.store.database import Database
from cogs.privacy import jam_rows as privacy_jams
from cogs.privacy import rows as privacy
from cogs.privacy.jams import facts, moment, of_person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.generation.rows import Generation, Result
    from bot.settings.changes import Changed

PAGE = 500
"""Rows read or deleted in one transaction."""
AT_ONCE = 50
"""Entries of a list that are written as YAML in one go: some milliseconds."""
STEP = 2000
"""Orders of everybody looked at in one transaction."""


async def send_all(interaction: Interaction) -> None:
    """Answer privately with a YAML file of all that is stored of who asks, zipped where it is too large as it is."""
    await acknowledge(interaction, ephemeral=True, thinking=True)
    locale = locale_of(interaction.locale)
    stored = await _stored(interaction.client.the(Database), interaction.user.id)
    aside = interaction.client.the(Aside)
    written = await aside.run(_as_yaml, stored, text(locale, "privacy.file"))
    name = f"onekey-{interaction.user.id}.yaml"
    if len(written) > interaction.filesize_limit:
        name, written = f"{name}.zip", await aside.run(_zipped, name, written)
    if len(written) > interaction.filesize_limit:
        raise NotAllowed("privacy.too_large")
    view = Card(ui.TextDisplay(text(locale, "privacy.shown")), ui.File(f"attachment://{name}"))
    file = discord.File(io.BytesIO(written), filename=name)
    await interaction.edit_original_response(view=view, attachments=[file])


def confirmation(interaction: Interaction) -> Card:
    """What would be removed and what would not, and the button that does it."""
    locale = locale_of(interaction.locale)
    question = f"{text(locale, 'privacy.question')}\n-# {text(locale, 'privacy.not_covered')}"
    return Card(ui.TextDisplay(question), row(DeleteButton(interaction.user.id, locale=locale)))


class DeleteButton(SafeButton, template=r"privacy:delete:(?P<id>\d{1,20})"):
    """Removes all that is stored of the person who was asked, and of nobody else."""

    def __init__(self, person_id: int, *, locale: str = DEFAULT_LOCALE) -> None:
        super().__init__(
            ui.Button(
                label=text(locale, "button.delete_mine"),
                style=discord.ButtonStyle.danger,
                custom_id=f"privacy:delete:{person_id}",
            )
        )
        self.person_id = person_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]))

    async def pressed(self, interaction: Interaction) -> None:
        # Anybody can forge a custom_id: only one's own id does anything.
        if interaction.user.id != self.person_id:
            raise NotAllowed("privacy.not_yours")
        locale = locale_of(interaction.locale)
        await replace_message(interaction, note(text(locale, "privacy.deleting")))
        count = await _forget(interaction.client, interaction.user.id)
        done = f"{text(locale, 'privacy.deleted', count=count)}\n-# {text(locale, 'privacy.not_covered')}"
        await interaction.edit_original_response(view=note(done))


async def _forget(bot: Bot, person_id: int) -> int:
    """Remove what is stored of a person; how many orders it were. What they order meanwhile is new, and stays."""
    database = bot.the(Database)
    await bot.the(Claims).end_all_of(person_id)
    count = 0
    while ids := await database.run(privacy.delete_orders, person_id, limit=PAGE):
        await bot.the(Worker).result_files.forget_all(ids)
        count += len(ids)
    after = 0
    while (upto := await database.run(privacy.next_range, after=after, size=STEP)) is not None:
        await database.run(privacy.forget_acts, person_id, after=after, upto=upto)
        after = upto
    while await database.run(privacy_jams.forget_person, person_id, limit=PAGE):
        pass
    for feature in features(bot):
        await feature.on_forgotten(person_id)
    await database.run(grants.forget_person, person_id)
    await database.run(questions.forget_person, person_id)
    await database.run(privacy.forget_changes, person_id)
    # Today's counts and share stay until the day ends: else this would lift the day's limits.
    today = int(time.time() // DAY_SECONDS)
    await database.run(privacy.forget_days, person_id, before=today)
    while await database.run(privacy.forget_accounts, day=today, limit=PAGE, person_id=person_id):
        pass
    await database.run(privacy.forget_grants, person_id=person_id)
    while await database.run(privacy.forget_reservations, person_id=person_id, limit=PAGE):
        pass
    return count


async def _stored(database: Database, person_id: int) -> dict[str, Any]:
    """All that is stored of a person, but for the tokens that Discord gave for a quarter of an hour."""
    orders: list[dict[str, Any]] = []
    after = 0
    while page := await database.run(privacy.orders_of, person_id, after_id=after, limit=PAGE):
        orders.extend(_order(job, results) for job, results in page)
        after = page[-1][0].id
    changes: list[dict[str, Any]] = []
    after = 0
    while lines := await database.run(privacy.changes_by, person_id, after_id=after, limit=PAGE):
        changes.extend(_change(line) for line in lines)
        after = lines[-1].id
    acts: list[dict[str, Any]] = []
    after = 0
    while (upto := await database.run(privacy.next_range, after=after, size=STEP)) is not None:
        found = await database.run(privacy.acts_of, person_id, after=after, upto=upto)
        acts.extend(
            facts(order=act.id, kind=act.kind, ended=moment(act.ended_at), removed=moment(act.removed_at))
            for act in found
        )
        after = upto
    return {
        "person": person_id,
        "written": moment(time.time()),
        "orders": orders,
        "used_each_day": [
            facts(
                day=moment(day * DAY_SECONDS, "%Y-%m-%d"),
                command=f"/{kind}" if kind in KINDS else None,
                forgiven=kind.replace("_", " ") if kind not in KINDS else None,
                times=used,
            )
            for kind, day, used in await database.run(privacy.days_of, person_id)
        ],
        "credits": await _credits(database, person_id),
        "changes_of_settings": changes,
        "settings_in_force": [
            facts(
                setting=made.key,
                value=made.value,
                where=f"{made.scope} {made.scope_id}",
                server=made.guild_id,
                changed=moment(made.changed_at),
            )
            for made in await database.run(privacy.settings_by, person_id)
        ],
        "orders_of_others_that_you_ended_or_removed": acts,
        "questions_to_be_asked_again": [
            facts(
                prompt=one.prompt,
                model=one.model,
                file=one.file["filename"] if one.file else None,
                private=one.private,
                server=one.guild_id,
                channel=one.channel_id,
                asked=moment(one.asked_at),
            )
            for one in await database.run(questions.of_person, person_id)
        ],
        **await of_person(database, person_id),
    }


async def _credits(database: Database, person_id: int) -> dict[str, Any]:
    """Balances, what each order reserved and cost, and what was granted."""
    orders: list[dict[str, Any]] = []
    after = 0
    while page := await database.run(privacy.reservations_of, person_id, after_id=after, limit=PAGE):
        orders.extend(
            facts(
                command=f"/{one.kind}",
                order=one.generation_id,
                model=one.model,
                server=one.guild_id,
                channel=one.channel_id,
                reserved=one.price,
                cost=one.spent,
                ordered=moment(one.created_at),
                settled=moment(one.settled_at),
            )
            for one in page
        )
        after = page[-1].id
    return {
        "balances": [
            facts(
                server=guild_id,
                day=moment(account.starts * DAY_SECONDS, "%Y-%m-%d") if account.period == "day" else None,
                reserved=balance.reserved,
                spent=balance.spent,
                granted=balance.granted if account.kind == "grant" else None,
            )
            for guild_id, account, balance in await database.run(privacy.accounts_of, person_id)
        ],
        "orders": orders,
        "granted": [
            facts(
                server=line.guild_id,
                credits=value_of(line)["credits"],
                reason=value_of(line).get("reason"),
                granted=moment(line.changed_at),
            )
            for line in await database.run(grants.of_person, person_id)
        ],
    }


def _order(job: Generation, results: tuple[Result, ...]) -> dict[str, Any]:
    link = message_link(job.guild_id, job.channel_id, job.message_id) if job.message_id is not None else None
    return facts(
        order=job.id,
        kind=job.kind,
        state=job.state,
        prompt=job.prompt or None,
        model=job.model,
        parameters=job.parameters or None,
        pictures=job.count if job.kind == "image" else None,
        private=job.private,
        language=job.locale,
        server=job.guild_id,
        category=job.category_id,
        parent_channel=job.parent_channel_id,
        channel=job.channel_id,
        message=link,
        again_of=job.parent_id,
        ordered=moment(job.created_at),
        sent=moment(job.submitted_at),
        made=moment(job.generated_at),
        ended=moment(job.ended_at),
        ended_by=job.ended_by,
        removed=moment(job.removed_at),
        removed_by=job.removed_by,
        task_at_the_service=job.task_id,
        reason=job.reason,
        service_said=job.detail,
        results=[
            facts(
                link=result.url,
                link_until=moment(result.expires_at),
                file_until_delivered=result.path,
                type=result.content_type,
                bytes=result.size,
            )
            for result in results
        ]
        or None,
    )


def _change(line: Changed) -> dict[str, Any]:
    return facts(
        setting=line.key,
        where=f"{line.scope} {line.scope_id}",
        server=line.guild_id,
        before=line.before,
        after=line.after,
        changed=moment(line.changed_at),
    )


def _as_yaml(stored: dict[str, Any], heading: str) -> bytes:
    return f"# {heading}\n{''.join(_pieces(stored))}".encode()


def _pieces(stored: dict[str, Any]) -> Iterator[str]:
    """YAML, some entries of a list at a time: libyaml gives the interpreter back only at the end of a whole document,
    and holds everybody's answers for more than a second over a hundred thousand orders, in a thread, too.
    """
    for key, value in stored.items():
        if isinstance(value, dict) and value:
            yield f"{key}:\n"
            yield from (textwrap.indent(piece, "  ") for piece in _pieces(cast("dict[str, Any]", value)))
        elif isinstance(value, list) and value:
            entries = cast("list[Any]", value)
            yield f"{key}:\n"
            yield from (_dumped(entries[first : first + AT_ONCE]) for first in range(0, len(entries), AT_ONCE))
        else:
            yield _dumped({key: cast("object", value)})


def _dumped(value: object) -> str:
    import yaml  # noqa: PLC0415 - half a megabyte that the bot does without until somebody asks

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    written = yaml.dump(  # pyright: ignore[reportUnknownMemberType] - its stub leaves the width untyped
        value, Dumper=dumper, allow_unicode=True, sort_keys=False, width=120
    )
    return str(written)


def _zipped(name: str, written: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, written)
    return packed.getvalue()
