"""Which components Discord accepts in a message or a modal, and what it makes of them.

Limits: Discord's "Component Reference". Error codes where it documents none: those it is seen to send.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sandbox.discord.models import CHANNEL_TYPES, walk

if TYPE_CHECKING:
    from sandbox.discord.errors import FormErrors, Path
    from sandbox.discord.models import Attachment, Json, JsonValue

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, UPLOAD, RADIOS, CHECKBOXES, CHECKBOX = 17, 18, 19, 21, 22, 23
SELECTS = (3, 5, 6, 7, 8)
DEFAULTS = {5: ("user",), 6: ("role",), 7: ("user", "role"), 8: ("channel",)}
CHANNEL_SELECT = 8
V1_TOP = (ROW,)
V2_TOP = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER)
IN_CONTAINER = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)
IN_ROW = (BUTTON, *SELECTS)
MAX_COMPONENTS = 40
MAX_TEXT = 4000
LINK, PREMIUM = 5, 6

Find = Callable[[str], "Attachment | None"]


class MessageComponents:
    """Checks one message's components. `find` gives the attachment of a name that this message will have."""

    def __init__(self, errors: FormErrors, *, v2: bool, find: Find) -> None:
        self.errors = errors
        self.v2 = v2
        self.find = find
        self.custom_ids: set[str] = set()
        self.ids: set[int] = set()
        self._checks: dict[int, Callable[[Json, Path], None]] = {
            ROW: self._row,
            BUTTON: self._button,
            SECTION: self._section,
            TEXT: self._text,
            THUMBNAIL: self._thumbnail,
            GALLERY: self._gallery,
            FILE: self._file,
            SEPARATOR: self._separator,
            CONTAINER: self._container,
        }

    def check(self, components: list[JsonValue], path: Path = ("components",)) -> None:
        if self.v2:
            self._each(components, path, V2_TOP)
            if not self.errors:
                self._totals(components, path)
        else:
            self.errors.count(path, len(components), 0, 5)
            self._each(components, path, V1_TOP)

    def _totals(self, components: list[JsonValue], path: Path) -> None:
        every = walk(components)
        if len(every) > MAX_COMPONENTS:
            text = f"The maximum number of components in a message was exceeded ({MAX_COMPONENTS})"
            self.errors.add(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", text)
        if sum(len(part["content"]) for part in every if part["type"] == TEXT) > MAX_TEXT:
            text = f"Components displayable text size exceeds maximum size of {MAX_TEXT}"
            self.errors.add(path, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text)

    def _each(self, parts: list[JsonValue], path: Path, kinds: tuple[int, ...]) -> None:
        for index, part in enumerate(parts):
            self._one(part, (*path, index), kinds)

    def _one(self, part: JsonValue, path: Path, kinds: tuple[int, ...]) -> None:
        if not right_kind(self.errors, part, path, kinds):
            return
        number = part.get("id")
        if number:
            if number in self.ids:
                self.errors.add((*path, "id"), "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
            self.ids.add(number)
        kind: int = part["type"]
        if kind in SELECTS:
            check_select(self.errors, part, path, self.custom_ids)
        else:
            self._checks[kind](part, path)

    def _section(self, part: Json, path: Path) -> None:
        children: list[JsonValue] = part.get("components") or []
        if self.errors.count((*path, "components"), len(children), 1, 3):
            self._each(children, (*path, "components"), (TEXT,))
        if part.get("accessory") is None:
            self.errors.required((*path, "accessory"))
        else:
            self._one(part["accessory"], (*path, "accessory"), (BUTTON, THUMBNAIL))

    def _text(self, part: Json, path: Path) -> None:
        self.errors.length((*path, "content"), part.get("content"), 1, MAX_TEXT)

    def _thumbnail(self, part: Json, path: Path) -> None:
        self._media(part.get("media"), (*path, "media"))
        self.errors.length((*path, "description"), part.get("description"), 0, 1024, required=False)

    def _file(self, part: Json, path: Path) -> None:
        self._media(part.get("file"), (*path, "file"), only_attachments=True)

    def _separator(self, part: Json, path: Path) -> None:
        self.errors.choice((*path, "spacing"), part.get("spacing") or 1, (1, 2))

    def _container(self, part: Json, path: Path) -> None:
        children: list[JsonValue] = part.get("components") or []
        if self.errors.count((*path, "components"), len(children), 1, MAX_COMPONENTS):
            self._each(children, (*path, "components"), IN_CONTAINER)
        colour = part.get("accent_color")
        if colour is not None and not 0 <= colour <= 0xFFFFFF:
            text = "int value should be between 0 and 16777215."
            self.errors.add((*path, "accent_color"), "NUMBER_TYPE_MAX", text)

    def _row(self, part: Json, path: Path) -> None:
        children: list[JsonValue] = part.get("components") or []
        if not self.errors.count((*path, "components"), len(children), 1, 5):
            return
        self._each(children, (*path, "components"), IN_ROW)
        selects = sum(isinstance(child, dict) and child.get("type") in SELECTS for child in children)  # pyright: ignore[reportUnknownMemberType] -- JSON of a client
        if selects and len(children) > 1:
            # A select takes the whole width of five.
            text = "The specified component exceeds the maximum width"
            self.errors.add((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", text)

    def _button(self, part: Json, path: Path) -> None:
        errors = self.errors
        style = part.get("style")
        if style is None:
            errors.required((*path, "style"))
            return
        if not errors.choice((*path, "style"), style, (1, 2, 3, 4, 5, 6)):
            return
        errors.length((*path, "label"), part.get("label"), 0, 80, required=False)
        if style == PREMIUM:
            if part.get("sku_id") is None:
                errors.required((*path, "sku_id"))
            return
        if not part.get("label") and not part.get("emoji"):
            errors.add(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A button must have a label or an emoji")
        if style == LINK:
            self._link(part, path)
            return
        if part.get("url"):
            self._exclusive((*path, "url"))
        if part.get("custom_id") is None:
            errors.add((*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
            return
        check_custom_id(errors, part, path, self.custom_ids)

    def _link(self, part: Json, path: Path) -> None:
        where: Path = (*path, "url")
        if part.get("custom_id"):
            self._exclusive((*path, "custom_id"))
        if not part.get("url"):
            self.errors.add(where, "BUTTON_COMPONENT_URL_REQUIRED", "A url is required")
        elif self.errors.length(where, part["url"], 1, 512):
            check_url(self.errors, where, part["url"], ("http", "https", "discord"))

    def _exclusive(self, path: Path) -> None:
        text = "A custom id and url cannot both be specified"
        self.errors.add(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", text)

    def _gallery(self, part: Json, path: Path) -> None:
        items: list[JsonValue] = part.get("items") or []
        if not self.errors.count((*path, "items"), len(items), 1, 10):
            return
        for index, item in enumerate(items):
            where: Path = (*path, "items", index)
            self._media(item.get("media"), (*where, "media"))
            self.errors.length((*where, "description"), item.get("description"), 0, 1024, required=False)

    def _media(self, media: Json | None, path: Path, *, only_attachments: bool = False) -> None:
        if not media or not media.get("url"):
            self.errors.required((*path, "url"))
            return
        url = str(media["url"])
        if url.startswith("attachment://"):
            if self.find(url.removeprefix("attachment://")) is None:
                text = "The referenced attachment was not found"
                self.errors.add((*path, "url"), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", text)
        elif only_attachments:
            text = "Only attachment:// references are supported"
            self.errors.add((*path, "url"), "UNFURLED_MEDIA_ITEM_ATTACHMENT_REQUIRED", text)
        elif self.errors.length((*path, "url"), url, 1, 2048):
            check_url(self.errors, (*path, "url"), url, ("http", "https", "attachment"))


def right_kind(errors: FormErrors, part: JsonValue, path: Path, kinds: tuple[int, ...]) -> bool:
    if not isinstance(part, dict):
        errors.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return False
    kind: JsonValue = part.get("type")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] -- JSON of a client
    if kind is None:
        errors.required((*path, "type"))
        return False
    if kind not in kinds:
        listed = ", ".join(str(each) for each in kinds)
        listed = f"({listed},)" if len(kinds) == 1 else f"({listed})"
        errors.add(path, "UNION_TYPE_CHOICES", f'Value of field "type" must be one of {listed}.')
        return False
    return True


def check_custom_id(errors: FormErrors, part: Json, path: Path, seen: set[str]) -> None:
    custom_id = part.get("custom_id")
    if not errors.length((*path, "custom_id"), custom_id, 1, 100):
        return
    if custom_id in seen:
        text = "Component custom id cannot be duplicated"
        errors.add((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", text)
    seen.add(str(custom_id))


def check_select(errors: FormErrors, part: Json, path: Path, seen: set[str], *, modal: bool = False) -> None:
    check_custom_id(errors, part, path, seen)
    errors.length((*path, "placeholder"), part.get("placeholder"), 0, 150, required=False)
    low = 1 if part.get("min_values") is None else part["min_values"]
    high = 1 if part.get("max_values") is None else part["max_values"]
    if not 0 <= low <= 25:
        errors.add((*path, "min_values"), "NUMBER_TYPE_MAX", "int value should be less than or equal to 25.")
    if not 1 <= high <= 25 or low > high:
        text = "int value should be between 1 and 25 and no less than min_values."
        errors.add((*path, "max_values"), "NUMBER_TYPE_MAX", text)
    if modal and part.get("disabled"):
        text = "Components in modals cannot be disabled"
        errors.add((*path, "disabled"), "COMPONENT_DISABLED_NOT_ALLOWED", text)
    if modal and low == 0 and part.get("required", True):
        text = "int value should be at least 1 in a required component."
        errors.add((*path, "min_values"), "NUMBER_TYPE_MIN", text)
    if part["type"] == STRING_SELECT:
        _check_options(errors, part, path, low, high)
    else:
        _check_defaults(errors, part, path, low, high)


def _check_defaults(errors: FormErrors, part: Json, path: Path, low: int, high: int) -> None:
    """The kinds of channels a menu takes, and what is chosen in it from the start."""
    channel_types: list[JsonValue] = part.get("channel_types") or []
    for index, kind in enumerate(channel_types if part["type"] == CHANNEL_SELECT else ()):
        errors.choice((*path, "channel_types", index), kind, CHANNEL_TYPES)
    defaults: list[JsonValue] = part.get("default_values") or []
    if defaults:
        errors.count((*path, "default_values"), len(defaults), low, high)
    for index, default in enumerate(defaults):
        where: Path = (*path, "default_values", index)
        errors.choice((*where, "type"), default.get("type"), DEFAULTS[part["type"]])
        if not str(default.get("id")).isdigit():
            errors.add((*where, "id"), "NUMBER_TYPE_COERCE", f'Value "{default.get("id")}" is not snowflake.')


def _check_options(errors: FormErrors, part: Json, path: Path, low: int, high: int) -> None:
    options: list[JsonValue] = part.get("options") or []
    if not errors.count((*path, "options"), len(options), 1, 25):
        return
    values: set[str] = set()
    for index, option in enumerate(options):
        where: Path = (*path, "options", index)
        errors.length((*where, "label"), option.get("label"), 1, 100)
        errors.length((*where, "description"), option.get("description"), 0, 100, required=False)
        if errors.length((*where, "value"), option.get("value"), 1, 100):
            if option["value"] in values:
                text = "The specified option value is already used"
                errors.add((*where, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", text)
            values.add(option["value"])
    errors.count((*path, "options"), sum(bool(option.get("default")) for option in options), 0, high)
    if low > len(options):
        text = f"Must be {len(options)} or fewer."
        errors.add((*path, "min_values"), "SELECT_COMPONENT_MIN_VALUES_TOO_LARGE", text)
    if high > len(options):
        text = f"Must be {len(options)} or fewer."
        errors.add((*path, "max_values"), "SELECT_COMPONENT_MAX_VALUES_TOO_LARGE", text)


def check_url(errors: FormErrors, path: Path, url: str, schemes: tuple[str, ...]) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        errors.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
        return
    if not parts.scheme or not parts.netloc:
        errors.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
    elif parts.scheme not in schemes:
        errors.add(path, "URL_TYPE_INVALID_SCHEME", f'Scheme "{parts.scheme}" must be one of {schemes}.')
