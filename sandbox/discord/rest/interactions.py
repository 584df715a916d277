"""Answering an interaction: its callback, and the messages its token reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors, payloads, uploads, validation
from sandbox.discord.errors import FormErrors
from sandbox.discord.interaction_models import AUTOCOMPLETE, COMPONENT, MODAL, Interaction, acknowledge
from sandbox.discord.interactions import tell, token_alive
from sandbox.discord.modals import check_modal
from sandbox.discord.models import COMPONENTS_V2, EPHEMERAL, LOADING, SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS
from sandbox.discord.permissions import Permission
from sandbox.discord.pipeline import Answer, Call, Route
from sandbox.discord.settling import settle
from sandbox.discord.state import Draft

if TYPE_CHECKING:
    from sandbox.discord.models import Json, JsonValue, Message
    from sandbox.discord.state import State

MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, OPEN_MODAL = 4, 5, 6, 7, 8, 9
FLAGS = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2 | EPHEMERAL
COMMAND_REPLY, MENU_REPLY = 20, 23
DATA = ("data",)


async def callback(call: Call) -> Answer:
    """The first answer: within three seconds (10062 after that), and once (40060)."""
    state = call.state
    interaction = state.interactions.get(call.params["token"])
    if interaction is None or str(interaction.id) != call.params["interaction"]:
        raise errors.unknown_interaction()
    if interaction.acknowledged_at is not None:
        raise errors.already_acknowledged()
    if interaction.failed or not token_alive(state, interaction):
        raise errors.unknown_interaction()
    form = call.body.form
    kind = _callback_type(interaction, form.get("type"))
    data: Json = form.get("data") or {}
    message: Message | None = None
    if kind == MESSAGE:
        message = _first(call, interaction, data)
    elif kind == DEFER:
        message = _defer(state, interaction, data)
    elif kind == UPDATE:
        message = _update(call, interaction, data)
    elif kind == DEFER_UPDATE:
        interaction.original = interaction.source
    elif kind == CHOICES:
        interaction.choices = _choices(data)
    else:
        form_errors = FormErrors()
        check_modal(form_errors, data)
        form_errors.raise_if_any(DATA)
        interaction.modal = {**data, "components": settle(data["components"], v2=False, find=_no_file)}
    acknowledge(interaction, kind)
    tell(state, interaction)
    if not call.flag("with_response"):
        return Answer(status=204)
    return Answer(_callback_response(state, interaction, kind, message))


def _no_file(_: str) -> None:
    """A form shows no attachments."""


def _callback_type(interaction: Interaction, kind: JsonValue) -> int:
    if interaction.kind == AUTOCOMPLETE:
        allowed = (CHOICES,)
    elif interaction.kind == COMPONENT:
        allowed = (MESSAGE, DEFER, DEFER_UPDATE, UPDATE, OPEN_MODAL)
    elif interaction.kind == MODAL:
        # A form that a button opened may change that button's message.
        allowed = (MESSAGE, DEFER, DEFER_UPDATE, UPDATE) if interaction.source is not None else (MESSAGE, DEFER)
    else:
        allowed = (MESSAGE, DEFER, OPEN_MODAL)
    if kind is None:
        raise errors.form_error(("type",), "BASE_TYPE_REQUIRED", "This field is required")
    form_errors = FormErrors()
    form_errors.choice(("type",), kind, allowed)
    form_errors.raise_if_any()
    return int(kind)


def _callback_response(state: State, interaction: Interaction, kind: int, message: Message | None) -> Json:
    described: Json = {"id": str(interaction.id), "type": interaction.kind}
    resource: Json = {"type": kind}
    if message is not None:
        described |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.loading,
            "response_message_ephemeral": message.ephemeral,
        }
        resource["message"] = payloads.message(message, state.guild_of(message.channel))
    return {"interaction": described, "resource": resource}


def _forced_ephemeral(state: State, interaction: Interaction) -> bool:
    """A person's own application answers privately where they may not use such ones openly."""
    if interaction.channel.guild_id is None or not interaction.only_user_installed:
        return False
    return not state.permissions(interaction.channel, interaction.user) & Permission.USE_EXTERNAL_APPS


def _post(call: Call, interaction: Interaction, form: Json, *, first: bool) -> Message:
    state = call.state
    wanted = form.get("flags") or 0
    ephemeral = bool(wanted & EPHEMERAL) or _forced_ephemeral(state, interaction)
    attachments = uploads.merged(state, interaction.channel, form, call.body.files, ephemeral=ephemeral)
    draft = validation.new_message(form, attachments, prefix=DATA if first else (), ephemeral=True, flags=FLAGS)
    draft.flags = (draft.flags or 0) | (EPHEMERAL if ephemeral else 0)
    return state.create_message(
        interaction.channel,
        state.application.bot,
        draft,
        interaction=interaction,
        visible_to=interaction.user.id if ephemeral else None,
        reference=_answered(interaction) if first else interaction.source or interaction.original,
        kind=_kind(interaction) if first else None,
    )


def _answered(interaction: Interaction) -> Message | None:
    """What the first answer refers to: the message of the button, or the one a message command was used on."""
    return interaction.source or interaction.target


def _kind(interaction: Interaction) -> int | None:
    """The type of the first answer; None where what it refers to decides."""
    if interaction.source is not None:
        return None
    return COMMAND_REPLY if interaction.target is None else MENU_REPLY


def _first(call: Call, interaction: Interaction, data: Json) -> Message:
    message = interaction.original = _post(call, interaction, data, first=True)
    return message


def _defer(state: State, interaction: Interaction, data: Json) -> Message:
    """The "thinking…" message; of the flags only EPHEMERAL counts."""
    ephemeral = bool((data.get("flags") or 0) & EPHEMERAL) or _forced_ephemeral(state, interaction)
    draft = Draft(flags=LOADING | (EPHEMERAL if ephemeral else 0))
    message = interaction.original = state.create_message(
        interaction.channel,
        state.application.bot,
        draft,
        interaction=interaction,
        visible_to=interaction.user.id if ephemeral else None,
        reference=_answered(interaction),
        kind=_kind(interaction),
    )
    return message


def _update(call: Call, interaction: Interaction, data: Json) -> Message:
    message = interaction.source
    if message is None or message.deleted:
        raise errors.unknown_message()
    interaction.original = message
    return _edit(call, message, data, prefix=DATA)


def _edit(call: Call, message: Message, form: Json, *, prefix: tuple[str, ...] = ()) -> Message:
    state = call.state
    attachments = uploads.merged(
        state, message.channel, form, call.body.files, kept=message.attachments, ephemeral=message.ephemeral
    )
    draft = validation.edited_message(message, form, attachments, prefix=prefix)
    # The end of a loading state is no edit: Discord writes no "(edited)" beside it.
    return state.edit_message(message, draft, silently=message.loading)


def _choices(data: Json) -> list[Json]:
    choices: list[Json] = data.get("choices") or []
    form_errors = FormErrors()
    form_errors.count(("choices",), len(choices), 0, 25)
    for index, choice in enumerate(choices):
        form_errors.length(("choices", index, "name"), choice.get("name"), 1, 100)
        if isinstance(choice.get("value"), str):
            form_errors.length(("choices", index, "value"), choice.get("value"), 1, 100)
    form_errors.raise_if_any(DATA)
    return choices


def _by_token(call: Call) -> Interaction:
    """The acknowledged interaction of a token. Raises: 10015 unknown or never answered, 50027 after 15 minutes."""
    state = call.state
    interaction = state.interactions.get(call.params["token"])
    if interaction is None or call.params["application"] != str(state.application.id):
        raise errors.unknown_webhook()
    if not token_alive(state, interaction):
        raise errors.invalid_webhook_token()
    if interaction.acknowledged_at is None:
        raise errors.unknown_webhook()
    return interaction


def _message(call: Call, interaction: Interaction) -> Message:
    """@original, a follow-up, or the message the interaction came from. Raises: 10008."""
    wanted = call.params["message"]
    reachable = [interaction.original, interaction.source, *interaction.followups]
    if wanted == "@original":
        reachable = reachable[:1]
    for message in reachable:
        if message is not None and (wanted in ("@original", str(message.id))):
            if message.deleted or message.channel.id not in call.state.channels:
                break
            return message
    raise errors.unknown_message()


async def followup(call: Call) -> Answer:
    state = call.state
    interaction = _by_token(call)
    if interaction.channel.id not in state.channels:
        raise errors.unknown_channel()
    original = interaction.original
    if interaction.callback_type == DEFER and original is not None and original.loading and not original.deleted:
        # Documented for backwards compatibility: the first follow-up after a deferral is its answer.
        return Answer(payloads.message(_edit(call, original, call.body.form), state.guild_of(original.channel)))
    if interaction.only_user_installed and len(interaction.followups) >= state.rules.user_install_followups:
        raise errors.too_many_followups()
    message = _post(call, interaction, call.body.form, first=False)
    interaction.followups.append(message)
    tell(state, interaction)
    return Answer(payloads.message(message, state.guild_of(message.channel)))


async def fetch(call: Call) -> Answer:
    message = _message(call, _by_token(call))
    return Answer(payloads.message(message, call.state.guild_of(message.channel)))


async def edit(call: Call) -> Answer:
    interaction = _by_token(call)
    message = _edit(call, _message(call, interaction), call.body.form)
    tell(call.state, interaction)
    return Answer(payloads.message(message, call.state.guild_of(message.channel)))


async def delete(call: Call) -> Answer:
    call.state.delete_message(_message(call, _by_token(call)))
    return Answer(status=204)


TOKEN = "/webhooks/{application}/{token}"  # noqa: S105 (a path)
ONE = TOKEN + "/messages/{message}"
BY_TOKEN = ("application", "token")
ROUTES = (
    Route("POST", "/interactions/{interaction}/{token}/callback", callback, "interaction.callback", bot=False),
    Route("POST", TOKEN, followup, "webhook.post", BY_TOKEN, bot=False),
    Route("GET", ONE, fetch, "webhook.get", BY_TOKEN, bot=False),
    Route("PATCH", ONE, edit, "webhook.patch", BY_TOKEN, bot=False),
    Route("DELETE", ONE, delete, "webhook.delete", BY_TOKEN, bot=False),
)
