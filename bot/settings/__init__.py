"""What moderators may set, and which value holds where.

`table` declares each setting once; the commands, the panel, the export and the page of docs are made from it.
`kinds` are the types of values: what a person types in, the value to store out. `places` is the pure resolution
thread → channel → category → server → the owner's default.
"""

from __future__ import annotations

from bot.settings.places import PAUSED, Effective, Origin, Place, Values, is_paused, resolve
from bot.settings.scope import Scope
from bot.settings.table import MODEL_SETTING, ROLES_SETTING, SETTINGS, VIDEOS_PER_PERSON, VIDEOS_PER_SERVER, Setting
from bot.settings.values import Value

__all__ = [
    "MODEL_SETTING",
    "PAUSED",
    "ROLES_SETTING",
    "SETTINGS",
    "VIDEOS_PER_PERSON",
    "VIDEOS_PER_SERVER",
    "Effective",
    "Origin",
    "Place",
    "Scope",
    "Setting",
    "Value",
    "Values",
    "is_paused",
    "resolve",
]
