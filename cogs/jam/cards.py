"""The cards of a jam: pure functions of `JamFacts`, in the jam's language. What anybody wrote is escaped.

A message of components holds 4,000 characters: what does not fit is shortened, each entry of a list alike.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from discord import ui

from bot.cards.card import WAITING, WARNING
from bot.cards.why_failed import why_failed
from bot.i18n import text
from bot.kit.components import Card, row
from bot.kit.links import message_link
from bot.kit.spoilers import is_spoiler
from bot.kit.why import quoted
from bot.text import title
from cogs.jam.custom_ids import round_price, round_rows
from cogs.jam.naming import contributions, mention, people
from cogs.jam.places import pictures_link
from cogs.jam.reasons import LISTED, RoundReason
from cogs.jam.states import AWAY_SECONDS

if TYPE_CHECKING:
    from cogs.jam.facts import JamFacts
    from cogs.jam.records import Jam

ROOM = 3900
"""Characters of a whole card; Discord takes 4,000."""
PROMPT_ROOM = 1800
"""Characters of the prompt, which has up to 1,500 before it is escaped."""
_UNSPENT = frozenset({"opening", "open", "merging", "review"})
"""States in which a round's price is still to be decided on."""


def round_card(facts: JamFacts, *, now: float) -> Card:
    """A round's card: what it is about, who is there, how far it is, and what can be pressed. `now`: Unix seconds."""
    locale = facts.jam.locale
    live = facts.is_current and not facts.has_ended
    before = [_heading(facts, live=live)]
    if live:
        present = [member.person_id for member in facts.present]
        before.append(people(locale, present) if present else text(locale, "jam.nobody"))
    if live:
        before += away(facts)
    shows_base = facts.round.picture is not None and (live or bool(facts.round.prompt))
    base = _base(facts) if shows_base else ""
    after = ["\n".join(_status(facts, live=live, now=now))]
    if live and facts.jam.state in _UNSPENT and (costs := _costs(facts)):
        after.append(f"-# {costs}")
    if not live and not facts.round.prompt and not facts.ideas:
        body = []
    else:
        body = _body(facts, ROOM - sum(map(len, (*before, base, *after))))
    items: list[ui.Item[Any]] = [ui.TextDisplay(each) for each in (*before, *body, *after)]
    if facts.round.picture is not None and base:
        items.insert(len(before), ui.Section(base, accessory=_small(facts.round.picture)))
    items += [row(*pressable) for pressable in round_rows(facts)]
    colour = None
    if live:
        warns = facts.round.reason not in {None, RoundReason.AS_THEY_ARE} and facts.jam.state in {"open", "review"}
        warns = warns and not facts.makes_itself
        colour = WARNING if warns else WAITING
    return Card(ui.Container(*items, accent_colour=colour))


def name(jam: Jam) -> str:
    """What it is about; that is forgotten some time after its end."""
    return title(jam.theme) or text(jam.locale, "jam.a_jam")


def _heading(facts: JamFacts, *, live: bool) -> str:
    jam, locale = facts.jam, facts.jam.locale
    about = [text(locale, "jam.round", number=facts.round.number)]
    if jam.style:
        about.append(title(jam.style, 100))
    about.append(text(locale, "jam.started_by", who=mention(locale, jam.started_by)))
    if live and jam.host_id not in {None, jam.started_by}:
        about.append(text(locale, "jam.led_by", who=mention(locale, jam.host_id)))
    if live and jam.closing:
        about.append(text(locale, "jam.last_round"))
    elif live:
        about.append(text(locale, "jam.ends", when=f"<t:{int(jam.ends_at)}:R>"))
    return f"### {name(jam)}\n-# {' · '.join(about)}"


def _status(facts: JamFacts, *, live: bool, now: float) -> list[str]:
    """How far the round is, and how it ended."""
    jam, locale = facts.jam, facts.jam.locale
    if facts.round.winner is not None:
        return [result(facts)]
    if not live:
        idle = facts.round.reason == RoundReason.NO_IDEAS
        return [text(locale, RoundReason.NO_IDEAS if idle else "jam.over")]
    link = pictures_link(facts)
    if facts.makes_itself and jam.state == "review":
        return [*_listed(facts), text(locale, "jam.making")]
    match jam.state:
        case "merging":
            return [text(locale, "jam.merging")]
        case "review":
            decides = text(locale, "jam.decides", who=mention(locale, jam.host_id))
            return [*_reason(facts), decides]
        case "making":
            making = text(locale, "jam.making_there", link=link) if link else text(locale, "jam.making")
            return [*_listed(facts), making]
        case "voting":
            return [*_listed(facts), *_voting(facts, link, now)]
        case _:
            return [*_reason(facts), text(locale, "jam.reply", count=jam.ideas_each), *_due(facts)]


def _due(facts: JamFacts) -> list[str]:
    """What happens by itself with a round that takes ideas; in the first one without a time limit, who has its
    images made.
    """
    jam, locale = facts.jam, facts.jam.locale
    lines: list[str] = []
    if jam.round_due is not None:
        key = "jam.round_due" if facts.ideas else "jam.round_ends"
        lines.append(text(locale, key, when=f"<t:{int(jam.round_due)}:R>"))
    elif facts.round.number == 1 and not jam.away:
        told = {"who": mention(locale, jam.host_id), "minutes": int(AWAY_SECONDS) // 60}
        lines.append(f"-# {text(locale, 'jam.who_makes', **told)}")
    return lines


def away(facts: JamFacts) -> list[str]:
    """That others may go on, and who pays then. Nobody waits for a host who is there while there are no ideas."""
    jam, locale = facts.jam, facts.jam.locale
    if not facts.present:
        return []
    has_left = all(member.person_id != jam.host_id for member in facts.present)
    if not jam.away or not (has_left or facts.ideas or jam.state != "open"):
        return []
    if jam.state == "voting":
        key = "jam.left_votes" if has_left else "jam.away_votes"
    elif jam.state not in {"open", "review"} or facts.makes_itself:
        key = "jam.left_makes" if has_left else "jam.away_makes"
    elif facts.price and not facts.pool_pays:
        key = "jam.left_pays" if has_left else "jam.away"
    else:
        key = "jam.left_free" if has_left else "jam.away_free"
    return [text(locale, key, who=mention(locale, jam.host_id))]


def _listed(facts: JamFacts) -> list[str]:
    """Why the prompt is the ideas themselves, where nobody chose that."""
    reason = facts.round.reason
    if reason is None or reason not in LISTED or reason == RoundReason.AS_THEY_ARE:
        return []
    return [f"-# {text(facts.jam.locale, reason)}"]


def _small(picture: str) -> ui.Thumbnail[Any]:
    return ui.Thumbnail(f"attachment://{picture}", spoiler=is_spoiler(picture))


def _voting(facts: JamFacts, link: str | None, now: float) -> list[str]:
    locale, until = facts.jam.locale, facts.round.votes_until or 0.0
    if until <= now:
        return [text(locale, "jam.counting")]
    when = f"<t:{int(until)}:R>"
    said = text(locale, "jam.voting", when=when)
    if link is not None:
        said = text(locale, "jam.voting_there", link=link, when=when)
    voted = text(locale, "jam.voted", count=sum(facts.votes.values()))
    return [said, f"-# {voted} · {text(locale, 'jam.votes_hidden')}"]


def result(facts: JamFacts) -> str:
    """Which picture of the round goes on, and why that one."""
    round_, locale = facts.round, facts.jam.locale
    if facts.generation is not None and facts.generation.removed_at is not None:
        return text(locale, RoundReason.ROUND_REMOVED)  # and their votes with them
    winner = round_.winner or 0
    count = facts.votes.get(winner, 0)
    if facts.generation is not None and facts.generation.count == 1:
        said = text(locale, "jam.only_one")
    elif not count:
        said = text(locale, "jam.unvoted", number=winner + 1)
    elif round_.tied is not None:
        said = text(locale, "jam.drawn", tied=round_.tied, number=winner + 1, count=count)
    else:
        said = text(locale, "jam.won", number=winner + 1, count=count)
    link = pictures_link(facts)
    between = "" if locale.startswith("zh") else " "
    return f"{said}{between}[{text(locale, 'jam.pictures')}]({link})" if link else said


def _reason(facts: JamFacts) -> list[str]:
    """Why the round stands where it does: what went wrong, and what the service said of it."""
    locale, round_ = facts.jam.locale, facts.round
    if round_.reason is None:
        return []
    lines = [f"**{text(locale, round_.reason)}**"]
    if round_.reason == RoundReason.NOT_ORDERED:
        return [*lines, *([round_.detail] if round_.detail else [])]
    made = facts.generation if round_.reason == RoundReason.ROUND_FAILED else None
    if made is not None and (why := why_failed(replace(made, locale=locale))) is not None:
        lines.append(why)
    elif round_.detail and (said := quoted(round_.detail, locale)):
        lines.append(f"-# {said}")
    return lines


def _body(facts: JamFacts, room: int) -> list[str]:
    """The ideas; once they are merged the prompt, and each person's part of it. At most `room` characters."""
    locale, prompt = facts.jam.locale, facts.round.prompt
    if prompt:
        shown = f"{text(locale, 'jam.prompt')}\n> {_fitting(prompt, PROMPT_ROOM)}"
        if not facts.ideas:
            return [shown]
        # Of a round that is finished what was left out of its prompt is told no more.
        ideas = [one for one in facts.ideas if one.part] if facts.round.winner is not None else facts.ideas
        if not ideas:
            return [shown]
        heading = text(locale, "jam.parts")
        parts = contributions(locale, ideas, room - len(shown) - len(heading) - 1, parts=True)
        return [shown, f"{heading}\n{parts}"]
    body = [text(locale, "jam.base_removed", number=facts.lost.number)] if facts.lost is not None else []
    if facts.round.picture is None and (base := _base(facts)):
        body.append(base)
    if facts.ideas:
        heading = text(locale, "jam.ideas")
        room -= len(heading) + 1 + sum(map(len, body))
        return [*body, f"{heading}\n{contributions(locale, facts.ideas, room)}"]
    return [*body, text(locale, "jam.no_ideas")]


def _base(facts: JamFacts) -> str:
    """Which picture the ideas are about."""
    base = facts.base
    if base is None or base.message_id is None:
        return ""
    number = facts.base_round
    link = message_link(base.guild_id, base.channel_id, base.message_id)
    if number is None:
        key = "jam.changes_source" if facts.edits else "jam.builds_on_source"
        return text(facts.jam.locale, key, link=link)
    told = {"number": facts.base_position + 1, "round": number, "link": link}
    key = "jam.changes" if facts.edits else "jam.builds_on"
    return text(facts.jam.locale, key, **told)


def _costs(facts: JamFacts) -> str:
    """Who pays, and how much; "": nothing is to be paid."""
    jam, locale = facts.jam, facts.jam.locale
    payer = "jam.pool_pays" if facts.pool_pays else "jam.pays"
    parts = [text(locale, payer, who=mention(locale, jam.host_id))]
    if price := round_price(facts):
        parts.append(price)
    if facts.merge_price and jam.state in {"opening", "open"}:
        merging = text(locale, "card.credits", count=facts.merge_price)
        parts.append(text(locale, "jam.merge_costs", credits=merging))
    return " · ".join(parts) if len(parts) > 1 else ""


def _fitting(said: str, room: int) -> str:
    """As much of what somebody wrote as fits, on one line, after escaping."""
    limit = room
    while len(shown := title(said, limit)) > room:
        limit -= max(1, (len(shown) - room) // 2)
    return shown
