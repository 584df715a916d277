"""POST /v1/moderations, as OpenAI has it: a verdict for each text, one for a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from . import faults

if TYPE_CHECKING:
    from aiohttp import web

    from .plans import Plan
    from .record import Request

FLAGGED: Final = ("slaughterhouse", "屠杀")
"""Words that are flagged, in any case."""
MODEL: Final = "omni-moderation-latest"
_OLDER: Final = "text-moderation-007"


class ModerationsRoute:
    def __init__(self) -> None:
        self._pictures = 0

    def answer(self, record: Request, plan: Plan) -> web.StreamResponse:
        try:
            body = record.json
        except ValueError:
            return faults.answer(faults.error("invalid character in request body", code="invalid_request"), status=400)
        model = body.get("model")
        if plan.shape == "no_model" or (plan.shape == "unnamed" and model is not None):
            text = f"No available channel for model {model} under group default (distributor)"
            return faults.answer(faults.error(text, code="model_not_found"), status=503)
        said: Any = body.get("input")
        if isinstance(said, str):
            return _verdicts([_of_words(said)], model)
        if not isinstance(said, list) or not said:
            return faults.answer(faults.error("input is required", code="invalid_parameter"), status=400)
        parts = cast("list[Any]", said)
        if all(isinstance(part, str) for part in parts):
            return _verdicts([_of_words(part) for part in parts], model)
        pictures = [str(part["image_url"]["url"]) for part in parts if part.get("type") == "image_url"]
        if not pictures or plan.shape in {"words_only", "unnamed"}:
            text = "Invalid type for 'input': expected a string or an array of strings."
            return faults.answer(faults.error(text, code="invalid_type", kind="invalid_request_error"), status=400)
        if not all(url.startswith(("data:image/", "http://", "https://")) for url in pictures):
            return faults.answer(faults.error("Invalid image_url", code="invalid_image_url"), status=400)
        self._pictures += 1
        flagged = plan.shape == "pictures" or (plan.shape == "every_other" and self._pictures % 2 == 0)
        return _verdicts([flagged], model)


def _of_words(text: str) -> bool:
    return any(word in text.casefold() for word in FLAGGED)


def _verdicts(flags: list[bool], model: object) -> web.Response:
    results = [
        {
            "flagged": flagged,
            "categories": {"violence": flagged, "sexual": False, "self-harm": False},
            "category_scores": {"violence": 0.98 if flagged else 0.0002, "sexual": 0.0001, "self-harm": 0.0},
        }
        for flagged in flags
    ]
    return faults.answer({"id": "modr-148e", "model": model or _OLDER, "results": results})
