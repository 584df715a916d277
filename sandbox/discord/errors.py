"""Discord's refusals: HTTP status, JSON error code, message and the `errors` tree.

Codes: Discord's "Opcodes and Status Codes"; the tree: "Error Messages" in its API reference.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.models import JsonValue


class DiscordError(Exception):
    """An answer that is a refusal. `errors` is Discord's tree of form errors (only with code 50035)."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, JsonValue] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    @property
    def body(self) -> dict[str, JsonValue]:
        """The JSON body as Discord writes it."""
        body: dict[str, JsonValue] = {"message": self.message, "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


# Each is called where it is raised.
unauthorized = partial(DiscordError, 401, 0, "401: Unauthorized")
not_found = partial(DiscordError, 404, 0, "404: Not Found")
unknown_channel = partial(DiscordError, 404, 10003, "Unknown Channel")
unknown_guild = partial(DiscordError, 404, 10004, "Unknown Guild")
unknown_member = partial(DiscordError, 404, 10007, "Unknown Member")
unknown_message = partial(DiscordError, 404, 10008, "Unknown Message")
unknown_user = partial(DiscordError, 404, 10013, "Unknown User")
unknown_webhook = partial(DiscordError, 404, 10015, "Unknown Webhook")
unknown_interaction = partial(DiscordError, 404, 10062, "Unknown interaction")
unknown_application = partial(DiscordError, 404, 10002, "Unknown Application")
unknown_emoji = partial(DiscordError, 400, 10014, "Unknown Emoji")
too_large = partial(DiscordError, 413, 40005, "Request entity too large")
already_acknowledged = partial(DiscordError, 400, 40060, "Interaction has already been acknowledged.")
too_many_followups = partial(
    DiscordError, 400, 40094, "This interaction has hit the maximum number of follow up messages"
)
missing_access = partial(DiscordError, 403, 50001, "Missing Access")
not_in_a_dm = partial(DiscordError, 403, 50003, "Cannot execute action on a DM channel")
not_the_author = partial(DiscordError, 403, 50005, "Cannot edit a message authored by another user")
empty_message = partial(DiscordError, 400, 50006, "Cannot send an empty message")
cannot_send_to_user = partial(DiscordError, 403, 50007, "Cannot send messages to this user")
no_text_channel = partial(DiscordError, 400, 50008, "Cannot send messages in a non-text channel")
missing_permissions = partial(DiscordError, 403, 50013, "Missing Permissions")
invalid_webhook_token = partial(DiscordError, 401, 50027, "Invalid Webhook Token")
archived_thread = partial(DiscordError, 400, 50083, "Thread is archived")
system_message = partial(DiscordError, 403, 50021, "Cannot execute action on a system message")
wrong_channel_type = partial(DiscordError, 400, 50024, "Cannot execute action on this channel type")
invalid_json = partial(DiscordError, 400, 50109, "The request body contains invalid JSON.")
no_reply_without_history = partial(DiscordError, 400, 160002, "Cannot reply without permission to read message history")
thread_exists = partial(DiscordError, 400, 160004, "A thread has already been created for this message")
too_many_threads = partial(DiscordError, 400, 160006, "Maximum number of active threads reached")


def too_many_commands(limit: int) -> DiscordError:
    return DiscordError(400, 30032, f"Maximum number of application commands reached ({limit})")


Path = tuple[str | int, ...]


class FormErrors:
    """Collects form errors by path and raises them together as one 50035, as Discord does."""

    def __init__(self) -> None:
        self.tree: dict[str, JsonValue] = {}

    def __bool__(self) -> bool:
        return bool(self.tree)

    def add(self, path: Path, code: str, message: str) -> None:
        """Hang one error at `path`, e.g. ("embeds", 0, "title")."""
        node = self.tree
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def length(self, path: Path, value: JsonValue, low: int, high: int, *, required: bool = True) -> bool:
        """Check a string's length. True when it is a string within the bounds."""
        if value is None or (isinstance(value, str) and not value and low > 0 and required):
            if required:
                self.required(path)
            return False
        if not isinstance(value, str):
            self.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
            return False
        return self.count(path, len(value), low, high)

    def count(self, path: Path, number: int, low: int, high: int) -> bool:
        """Check how many characters or parts there are."""
        if low <= number <= high:
            return True
        if low > 0:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        else:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
        return False

    def choice(self, path: Path, value: JsonValue, choices: tuple[JsonValue, ...]) -> bool:
        if value in choices and not isinstance(value, bool):
            return True
        self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {choices}.")
        return False

    def required(self, path: Path) -> None:
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def error(self, prefix: Path = ()) -> DiscordError:
        """The refusal; `prefix` is where the form stood in the body (("data",) in a callback)."""
        tree = self.tree
        for step in reversed(prefix):
            tree = {str(step): tree}
        return DiscordError(400, 50035, "Invalid Form Body", tree)

    def raise_if_any(self, prefix: Path = ()) -> None:
        if self.tree:
            raise self.error(prefix)


def form_error(path: Path, code: str, message: str) -> DiscordError:
    """A 50035 with a single error in its tree."""
    errors = FormErrors()
    errors.add(path, code, message)
    return errors.error()
