"""Message classes with Pydantic, for generated modules.

Imports: ``endpoint``. No other layer imports this one or Pydantic.

Entry points: :class:`.Model`, the base class of generated models, and :func:`.payload`.
"""

from .adapter import payload
from .base import Message, Model, Root, Tagged
from .unions import OneOf, Schema

__all__ = ["Message", "Model", "OneOf", "Root", "Schema", "Tagged", "payload"]
