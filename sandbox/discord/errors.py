"""Discord's refusals: HTTP status, JSON error code, message and the `errors` tree.

Codes: Discord's "Opcodes and Status Codes"; the tree: "Error Messages" in its API reference.
"""

from __future__ import annotations

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


class RateLimited(Exception):
    """A 429 of a limit that only a request's content touches."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"429, again in {retry_after:.1f} s")
        self.retry_after = retry_after


def unauthorized() -> DiscordError:
    return DiscordError(401, 0, "401: Unauthorized")


def not_found() -> DiscordError:
    return DiscordError(404, 0, "404: Not Found")


def method_not_allowed() -> DiscordError:
    return DiscordError(405, 0, "405: Method Not Allowed")


def unknown_channel() -> DiscordError:
    return DiscordError(404, 10003, "Unknown Channel")


def unknown_guild() -> DiscordError:
    return DiscordError(404, 10004, "Unknown Guild")


def unknown_member() -> DiscordError:
    return DiscordError(404, 10007, "Unknown Member")


def unknown_message() -> DiscordError:
    return DiscordError(404, 10008, "Unknown Message")


def unknown_role() -> DiscordError:
    return DiscordError(404, 10011, "Unknown Role")


def unknown_user() -> DiscordError:
    return DiscordError(404, 10013, "Unknown User")


def unknown_webhook() -> DiscordError:
    return DiscordError(404, 10015, "Unknown Webhook")


def unknown_interaction() -> DiscordError:
    return DiscordError(404, 10062, "Unknown interaction")


def unknown_application() -> DiscordError:
    return DiscordError(404, 10002, "Unknown Application")


def unknown_command() -> DiscordError:
    return DiscordError(404, 10063, "Unknown application command")


def too_many_commands(limit: int) -> DiscordError:
    return DiscordError(400, 30032, f"Maximum number of application commands reached ({limit})")


def too_large() -> DiscordError:
    return DiscordError(413, 40005, "Request entity too large")


def already_acknowledged() -> DiscordError:
    return DiscordError(400, 40060, "Interaction has already been acknowledged.")


def too_many_followups() -> DiscordError:
    return DiscordError(400, 40094, "This interaction has hit the maximum number of follow up messages")


def missing_access() -> DiscordError:
    return DiscordError(403, 50001, "Missing Access")


def not_in_a_dm() -> DiscordError:
    return DiscordError(403, 50003, "Cannot execute action on a DM channel")


def not_the_author() -> DiscordError:
    return DiscordError(403, 50005, "Cannot edit a message authored by another user")


def empty_message() -> DiscordError:
    return DiscordError(400, 50006, "Cannot send an empty message")


def cannot_send_to_user() -> DiscordError:
    return DiscordError(403, 50007, "Cannot send messages to this user")


def no_text_channel() -> DiscordError:
    return DiscordError(400, 50008, "Cannot send messages in a non-text channel")


def missing_permissions() -> DiscordError:
    return DiscordError(403, 50013, "Missing Permissions")


def invalid_webhook_token() -> DiscordError:
    return DiscordError(401, 50027, "Invalid Webhook Token")


def archived_thread() -> DiscordError:
    return DiscordError(400, 50083, "Thread is archived")


def system_message() -> DiscordError:
    return DiscordError(403, 50021, "Cannot execute action on a system message")


def wrong_channel_type() -> DiscordError:
    return DiscordError(400, 50024, "Cannot execute action on this channel type")


def too_many_pins(limit: int) -> DiscordError:
    return DiscordError(400, 30003, f"Maximum number of pins reached for the channel ({limit})")


def invalid_json() -> DiscordError:
    return DiscordError(400, 50109, "The request body contains invalid JSON.")


def no_reply_without_history() -> DiscordError:
    return DiscordError(400, 160002, "Cannot reply without permission to read message history")


def thread_exists() -> DiscordError:
    return DiscordError(400, 160004, "A thread has already been created for this message")


def locked_thread() -> DiscordError:
    return DiscordError(403, 160005, "Thread is locked")


def too_many_threads() -> DiscordError:
    return DiscordError(400, 160006, "Maximum number of active threads reached")


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
        if low <= len(value) <= high:
            return True
        if low > 0:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        else:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
        return False

    def count(self, path: Path, number: int, low: int, high: int) -> bool:
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
