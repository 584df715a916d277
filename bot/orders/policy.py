"""What moderators allow at a place, checked before anything is spent: one pass for commands and buttons alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from typing import Any, Literal, Protocol, TypeAlias, cast

from sqlalchemy import Connection

from bot.api.models import by_kind, fitting, meant
from bot.environment import Environment
from bot.errors import BadValue, ModelNotAllowed, NoModelSet, NotAllowed, UnknownModel
from bot.i18n import listed
from bot.kinds import BY_COMMAND, Kind
from bot.settings import MODEL_SETTING, ROLES_SETTING, SETTINGS, Effective, Origin, Place, Values, is_paused, resolve
from bot.settings import stored as settings
from bot.settings.locks import LOCKS, is_locked
from bot.settings.values import own_patterns, patterns_of
from bot.text import is_blank

PAUSED_KEYS: Mapping[Origin, str] = {
    Origin.SERVER: "policy.paused_server",
    Origin.CATEGORY: "policy.paused_category",
    Origin.CHANNEL: "policy.paused",
    Origin.THREAD: "policy.paused_thread",
}


MakesKey: TypeAlias = Literal["edit_model", "animate_model"]
MAKES: Mapping[MakesKey, Kind] = {"edit_model": Kind.IMAGE, "animate_model": Kind.VIDEO}
_NONE_MAKES: Mapping[MakesKey, str] = {"edit_model": "error.no_edit_model", "animate_model": "error.no_animate_model"}
_MODEL_KEYS: Mapping[Kind, tuple[str, ...]] = {
    Kind.ASK: ("chat_model",),
    Kind.IMAGE: ("image_model", "edit_model"),
    Kind.VIDEO: ("video_model", "animate_model"),
}


class Models(Protocol):
    """Which models the service offers; answered from memory (`bot.api.catalogue`)."""

    def names(self) -> tuple[str, ...]: ...

    def knows(self, name: str) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings that hold at one place. Every refusal is a `bot.errors.Refusal`."""

    effective: Mapping[str, Effective]
    paused: Origin | None

    def value(self, key: str) -> Any:  # noqa: ANN401 - of the type that the setting's kind stores
        return self.effective[key].value

    def check(self, kind: Kind, *, roles: Iterable[int], in_guild: bool, age_restricted: bool) -> None:
        """Raise what speaks against this use, if anything does; its words are for `Verdicts.check`."""
        if self.paused is not None:
            raise NotAllowed(PAUSED_KEYS[self.paused])
        if kind.command not in self.value("commands"):
            raise self._off(kind)
        if in_guild:
            self._check_roles("roles", roles, "policy.role_needed")
            self._check_roles(ROLES_SETTING[kind], roles, "policy.command_role_needed", command=f"/{kind.command}")
            if self.value("age_restricted_only") and not age_restricted:
                raise NotAllowed("policy.age_restricted_only")

    def _off(self, kind: Kind) -> NotAllowed:
        """What to say of a command that is turned off: those that work."""
        works = [f"/{command}" for command in BY_COMMAND if command in self.value("commands")]
        if not works:
            return NotAllowed("policy.command_off", command=f"/{kind.command}")

        def commands(locale: str) -> str:
            return listed(locale, works)

        return NotAllowed("policy.only_works", count=len(works), commands=commands)

    def check_press(self, *, asked_by: int, person_id: int, roles: Iterable[int], moderates: bool) -> None:
        """Raise what speaks against pressing an ordering button under the card of what `asked_by` asked for."""
        if moderates or person_id == asked_by:
            return
        if self.value("buttons") == "asker":
            raise NotAllowed("policy.asker_only")
        self._check_roles("button_roles", roles, "policy.button_role_needed")

    def _check_roles(self, setting: str, roles: Iterable[int], refusal: str, **facts: object) -> None:
        """NotAllowed, where a list of roles is set and none of them is among `roles`."""
        allowed = cast("list[int]", self.value(setting))
        if allowed and not set(allowed) & set(roles):
            raise NotAllowed(refusal, roles=" ".join(f"<@&{role}>" for role in allowed), **facts)

    def check_count(self, count: int) -> None:
        if count > (most := self.value("max_images")):
            raise BadValue("policy.too_many_images", count=most)

    def allows(self, kind: Kind, model: str) -> bool:
        """Whether the list of allowed models has room for it; no list has for all."""
        patterns = patterns_of(self.value("allowed_models"), kind.command)
        return not patterns or _one_of(tuple(patterns)).match(model.lower()) is not None

    def offered(self, kind: Kind, models: Models) -> tuple[str, ...]:
        """The models one may ask for here, the one in use first, if it may be used; none that says it is of another
        kind.
        """
        names = dict.fromkeys((str(self.value(MODEL_SETTING[kind])), *by_kind(kind, models.names())))
        usable = [name for name in names if self._usable(kind, name)]
        return tuple(dict.fromkeys((*usable[:1], *fitting(kind, usable))))

    def made_with(self, key: MakesKey) -> str:
        """The model that is set for editing or animating; empty: none is, or it may not be used here."""
        kind, model = MAKES[key], str(self.value(key))
        return model if model and self._usable(kind, model) else ""

    def maker(self, key: MakesKey, models: Models) -> str:
        """As `made_with`. NoModelSet: none is. Else raises as `model`."""
        model = str(self.value(key))
        if not model:
            raise NoModelSet(_NONE_MAKES[key])
        return self.model(MAKES[key], model, models)

    def model(self, kind: Kind, wanted: str | None, models: Models) -> str:
        """The model that is meant, if the service has it (or does not say what it has), else the one set here.

        UnknownModel: there is no such model. ModelNotAllowed: moderators did not allow it here.
        """
        held = str(self.value(MODEL_SETTING[kind]))
        chosen = held
        if wanted is not None and wanted.strip():
            chosen = meant(wanted, models.names())
            if chosen not in models.names():
                chosen = meant(wanted, [held])
        if not self._usable(kind, chosen):
            raise ModelNotAllowed(chosen, self.offered(kind, models))
        if chosen == held:
            return meant(held, models.names())
        if models.knows(chosen) is False:
            raise UnknownModel(chosen, self.offered(kind, models))
        return chosen

    def _usable(self, kind: Kind, model: str) -> bool:
        """What moderators set as a model for this kind of order is allowed by that; the owner's default is not. Where
        the server locks what is allowed, only what the server sets; where a command has a list of its own, nothing.
        """
        if is_left_out(self.value("allowed_models"), kind, model):
            return False
        locked = is_locked(self.value(LOCKS), "allowed_models")
        set_here = [
            one
            for one in map(self.effective.__getitem__, _MODEL_KEYS[kind])
            if one.origin is Origin.SERVER or (not locked and one.origin is not Origin.DEFAULT)
        ]
        return self.allows(kind, model) or any(model == one.value for one in set_here)


def is_left_out(patterns: Sequence[str], kind: Kind, model: str) -> bool:
    """Whether a list of allowed models has entries for this kind of order alone, and no room for `model` in them."""
    own = own_patterns(patterns, kind.command)
    return bool(own) and _one_of(tuple(own)).match(model.lower()) is None


@lru_cache(64)
def _one_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """All of them in one: thousands of models are looked at while somebody types."""
    return re.compile("|".join(translate(pattern.lower()) for pattern in patterns))


def stored_values(connection: Connection, place: Place) -> Values:
    """The stored settings of every scope that `place` lies in."""
    return settings.read(connection, scopes=[(scope, id_) for _, scope, id_ in place.scopes()])


def read_rules(connection: Connection, place: Place, environment: Environment) -> Rules:
    """The rules of `place` as they are now."""
    return rules_at(place, stored_values(connection, place), environment)


def rules_at(place: Place, values: Values, environment: Environment) -> Rules:
    """The rules of `place`, from the stored values of its scopes."""
    stored = {key for _, scope, id_ in place.scopes() for key in values.get((scope, id_), ())}
    effective = {
        key: resolve(setting, place, values, environment)
        if key in stored
        else Effective(setting.default(environment), Origin.DEFAULT)
        for key, setting in SETTINGS.items()
    }
    return Rules(effective, is_paused(place, values))


def refuse_blank(prompt: str) -> None:
    """BadValue, if nothing can be read in it: a request for it would be paid for nothing."""
    if is_blank(prompt):
        raise BadValue("error.blank_prompt")
