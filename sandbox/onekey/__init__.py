"""A stand-in of the OneKeyModel API on one's own machine."""

from __future__ import annotations

from .plans import Behaviour, Plan, UnknownWord, help_text
from .server import MODELS, OneKeyServer

__all__ = ["MODELS", "Behaviour", "OneKeyServer", "Plan", "UnknownWord", "help_text"]
