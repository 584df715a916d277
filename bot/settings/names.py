"""Names that are typed where a mention is meant: `@Artists`, `#images`. In any case, if only one is called so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.errors import BadValue
from bot.settings.credits import Allowance
from bot.settings.limits import Limits
from bot.settings.values import Channel, Roles, ValueKind
from bot.text import escape

_AT, _HASH = "@＠", "#＃"
_ENDS = r"(?=$|[\s,，、;；=<@＠])"
_PARTS = re.compile(r"([,，、;；\n])")
_MENTION = re.compile(r"<[@#]&?\d{1,19}>")


def by_name(named: Iterable[tuple[str, int]]) -> Mapping[str, tuple[int, ...]]:
    """Ids by what they are called, without regard to case."""
    found: dict[str, list[int]] = {}
    for name, id_ in named:
        found.setdefault(name.strip().casefold(), []).append(id_)
    return {name: tuple(ids) for name, ids in found.items() if name}


@dataclass(frozen=True, slots=True)
class Names:
    """What a server's roles are called, and its channels that the person sees."""

    roles: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    channels: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])

    def resolved(self, kind: ValueKind, typed: str) -> str:
        """What was typed for such a value, with mentions for names. BadValue: none, or several, are called so."""
        match kind:
            case Roles() | Allowance():
                return "".join(map(self._bare, _PARTS.split(self._with_roles(typed))))
            case Limits():
                return self._with_roles(typed)
            case Channel():
                return self._channel(typed)
            case _:
                return typed

    def _with_roles(self, typed: str) -> str:
        if self.roles and any(sign in typed for sign in _AT):
            names = "|".join(re.escape(name) for name in sorted(self.roles, key=len, reverse=True))
            pattern = re.compile(rf"(?<!<)[{_AT}]({names}){_ENDS}", re.IGNORECASE)
            typed = pattern.sub(lambda found: f"<@&{self._role(found[1])}>", typed)
        rest = _MENTION.sub(" ", typed)
        for left in re.findall(rf"[{_AT}]([^\s,，、;；=<]+)", rest):
            if left.casefold() != "everyone":
                raise BadValue("config.no_such_role", name=escape(left))
        return typed

    def _bare(self, part: str) -> str:
        """A part that is a role's name as it stands, or what it is raised to."""
        name, equals, amount = part.partition("=")
        known = name.strip().casefold()
        if known not in self.roles or known.isdecimal():
            return part
        return f"<@&{self._role(known)}>{equals}{amount}"

    def _role(self, name: str) -> int:
        return _only(self.roles[name.casefold()], name, "config.several_roles")

    def _channel(self, typed: str) -> str:
        said = typed.strip()
        name = said.lstrip(_HASH).strip()
        if name.casefold() in self.channels:
            return f"<#{_only(self.channels[name.casefold()], name, 'config.several_channels')}>"
        if said[:1] in set(_HASH) and name:
            raise BadValue("config.no_such_channel", name=escape(name))
        return typed


def _only(ids: tuple[int, ...], name: str, key: str) -> int:
    first, *others = ids
    if others:
        raise BadValue(key, name=escape(name), count=len(ids))
    return first
