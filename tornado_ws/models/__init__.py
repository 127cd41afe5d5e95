"""Message classes with Pydantic, for generated modules.

Imports: ``endpoint``, ``validation``. No other layer imports this one or Pydantic.

Entry points: :class:`.Model`, the base class of generated models, :func:`.payload` and :class:`.StandIn`.
"""

try:
    from .adapter import payload
    from .base import Message, Model, Root, WithConstants
    from .enums import IntEnum, StrEnum
    from .stand_ins import StandIn
    from .unions import OneOf, Schema, SingleError
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(f"{error}; run: pip install 'tornado-ws[pydantic]'", name=error.name) from None

__all__ = [
    "IntEnum",
    "Message",
    "Model",
    "OneOf",
    "Root",
    "Schema",
    "SingleError",
    "StandIn",
    "StrEnum",
    "WithConstants",
    "payload",
]
