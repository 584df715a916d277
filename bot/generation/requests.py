"""What a row asks of the service: its request, and the pictures that go along."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from bot.api.images import EditRequest, ImageRequest, InputPicture
from bot.api.rungs import VideoRequest
from bot.generation.rows.records import Generation, NewInput, Result
from bot.kinds import Kind
from bot.settings.styles import in_style

MADE_FROM = "from"
"""The parameter that says what is made of the row's inputs; a row without it has none."""
STYLE = "style"
"""The parameter that holds the style that was chosen: its `name`, and its `words` as they were then."""
SHAPE = "shape"
"""The parameter that says what shape a person chose; without it the size is the place's own, and no order of theirs."""
SEED, AVOID = "seed", "avoid"
"""The parameters that say where chance begins, and what is not to be seen."""
CHOSE_MODEL = "chose_model"
"""The parameter of an order with files that says that its model was chosen by its person."""
REFUSED = "refused"
"""The parameter that lists the sizes that the model took none of, before."""
GIVEN = "given"
"""The parameter that names the files of people's own among the inputs, which are the last ones: `["fox.png"]`."""
POSTED_IN = "posted"
"""The parameter that says in which message the picture stood that an edit was made of: "server/channel/message"."""
SIZE_PARAMETER: Mapping[str, str] = {Kind.IMAGE: "size", Kind.VIDEO: "resolution"}
"""Where the width and height that are asked for stand."""
ROLES = "roles"
"""The parameter that says what each of a video's inputs is (`Role`), in their order; without it: the first frame."""
BEGINS_WITH = "begins_with"
"""The parameter that says how large the image or the clip is that a video begins with: "1024x768"."""
BEGINS_WITH_SOUND = "begins_with_sound"
"""The parameter that says whether that clip has sound, as far as it is known."""
EACH_SECOND = "each_second"
"""The parameter that says what each second of a video costs whose length is left to the model, in credits."""
URL_LEFT_SECONDS = 600.0
"""An address that ends sooner is not handed on: the service may fetch it when its own turn comes."""


class From(StrEnum):
    """What is made of a picture that goes along."""

    VARY = "vary"
    UPSCALE = "upscale"
    EDIT = "edit"
    ANIMATE = "animate"
    FILES = "files"
    """A video of what its person sent along."""
    EXTEND = "extend"
    """A video that goes on from another."""


FREE = frozenset({From.FILES, From.EXTEND})
"""Of these the person chooses the model; of the others, moderators."""


class Role(StrEnum):
    """What an input is in a video. The values are the service's own."""

    FIRST = "first_frame"
    LAST = "last_frame"
    SOUND = "driving_audio"
    CLIP = "first_clip"


_INSTRUCTIONS = {
    From.VARY: "Make a variation of this picture: keep its subject and its style, change composition and details.",
    From.UPSCALE: "Make this same picture at a higher resolution: keep everything as it is, sharper and finer.",
}
"""In English for every language of prompt: what edit models were trained with."""


def made_from(row: Generation) -> From | None:
    """What the row makes of its inputs; None: it sends none."""
    value = row.parameters.get(MADE_FROM)
    return From(value) if value in set(From) else None


def told_prompt(prompt: str, parameters: Mapping[str, Any]) -> str:
    """What the service is told: the words as they were typed, in those of the style."""
    style = parameters.get(STYLE)
    return in_style(prompt, str(style["words"])) if style else prompt


def said_in(prompt: str, parameters: Mapping[str, Any]) -> str:
    """All the words of an order, by which it is to be judged."""
    avoid = parameters.get(AVOID)
    return "\n".join(filter(None, (told_prompt(prompt, parameters), str(avoid) if avoid else "")))


def image_request(row: Generation) -> ImageRequest:
    return ImageRequest(
        model=row.model,
        prompt=told_prompt(row.prompt, row.parameters),
        count=row.count,
        size=_text(row, "size"),
        insists=SHAPE in row.parameters,
        more=_more(row),
    )


def _more(row: Generation) -> dict[str, int | str]:
    """Under the names that the service knows."""
    seed, avoid = row.parameters.get(SEED), row.parameters.get(AVOID)
    named = {"seed": seed, "negative_prompt": avoid}
    return {name: value for name, value in named.items() if value is not None and value != ""}


async def edit_request(row: Generation, inputs: Sequence[Result], data_dir: Path) -> EditRequest:
    """`inputs` have their files under `data_dir`."""
    pictures = [
        InputPicture(Path(one.path).name, one.content_type, await asyncio.to_thread((data_dir / one.path).read_bytes))
        for one in inputs
        if one.path is not None and one.content_type is not None
    ]
    instruction = _INSTRUCTIONS.get(made_from(row) or From.EDIT)
    told = told_prompt(row.prompt, row.parameters)
    return EditRequest(
        row.model,
        f"{instruction} It shows: {told}" if instruction else told,
        row.count,
        _text(row, "size"),
        tuple(pictures),
        insists=SHAPE in row.parameters,
        more=_more(row),
    )


async def video_request(row: Generation, inputs: Sequence[Result], data_dir: Path) -> VideoRequest:
    """`inputs`: each by its address while that lasts, else itself."""
    urls = {role: await _address(one, data_dir) for role, one in zip(roles_of(row.parameters), inputs, strict=False)}
    seed = row.parameters.get(SEED)
    return VideoRequest(
        model=row.model,
        prompt=row.prompt,
        resolution=_text(row, "resolution"),
        duration=seconds_of(row),
        image=urls.get(Role.FIRST),
        last=urls.get(Role.LAST),
        sound=urls.get(Role.SOUND),
        clip=urls.get(Role.CLIP),
        seed=seed if isinstance(seed, int) else None,
        avoid=_text(row, AVOID),
    )


def with_known(row: Generation, inputs: Sequence[Result]) -> dict[str, object]:
    """A video's parameters, with what is known of what goes along: how large the image is that it begins with."""
    for role, one in zip(roles_of(row.parameters), inputs, strict=False):
        if role is Role.FIRST and one.width:
            return {**row.parameters, BEGINS_WITH: f"{one.width}x{one.height}"}
    return row.parameters


async def _address(one: Result, data_dir: Path) -> str | None:
    if one.url is not None and lasts(one):
        return one.url
    if one.path is None:
        return None
    data = await asyncio.to_thread((data_dir / one.path).read_bytes)
    return f"data:{one.content_type};base64,{base64.b64encode(data).decode()}"


def lasts(one: Result | NewInput) -> bool:
    """Whether the address of an input may still be handed on."""
    return one.url is not None and (one.expires_at or 0) > time.time() + URL_LEFT_SECONDS


def roles_of(parameters: Mapping[str, object]) -> tuple[Role, ...]:
    """What the inputs of a video are, in their order."""
    stored = parameters.get(ROLES)
    if isinstance(stored, list):
        return tuple(Role(str(role)) for role in cast("list[object]", stored))
    return (Role.FIRST,) if MADE_FROM in parameters else ()


def chooses_model(parameters: Mapping[str, object]) -> bool:
    """Whether the model was the person's to choose: that of what is made of an image on a card is not."""
    made = parameters.get(MADE_FROM)
    return made is None or made in FREE


def takes_shape(parameters: Mapping[str, object]) -> bool:
    """Whether a video has the shape that was chosen, and not that of what it is made of."""
    return not {Role.FIRST, Role.CLIP} & set(roles_of(parameters))


def given_names(parameters: Mapping[str, Any]) -> list[str]:
    """What people called the files of their own, the last ones of those that went along."""
    return [str(name) for name in parameters.get(GIVEN, ())]


def seconds_of(row: Generation) -> int | None:
    """How long a video is to be; None: the model decides."""
    return seconds_in(row.parameters)


def seconds_among(clips: Sequence[Result], row: Generation) -> float | None:
    """How long what came of `row` is, as far as that is known: measured, else asked for."""
    return next((one.seconds for one in clips if one.seconds), seconds_of(row))


def seconds_in(parameters: Mapping[str, object]) -> int | None:
    """The same, of what a row is to keep."""
    value = parameters.get("duration")
    return value if isinstance(value, int) else None


def _text(row: Generation, key: str) -> str | None:
    value = row.parameters.get(key)
    return str(value) if value else None
