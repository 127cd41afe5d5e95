"""Base classes of generated enumerations."""

from __future__ import annotations

import enum
from typing import Any

import pydantic
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

__all__ = ["IntEnum", "StrEnum"]


class _Enum(enum.Enum):
    """Enumeration that Pydantic reads from a value of exactly its type: neither "1", 1.0 nor true is the integer 1."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: pydantic.GetCoreSchemaHandler) -> CoreSchema:
        """Return a core schema that takes members and their values, also in strict mode, and returns members."""
        members, is_text = [*cls], issubclass(cls, str)
        exact = core_schema.str_schema(strict=True) if is_text else core_schema.int_schema(strict=True)
        converted = core_schema.enum_schema(cls, members, sub_type="str" if is_text else "int", strict=False)
        # model_construct and model_copy may store a value instead of the member
        written = core_schema.simple_ser_schema("str" if is_text else "int")
        return core_schema.chain_schema([exact, converted], serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: pydantic.GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the JSON Schema of the members."""
        return handler(core_schema.enum_schema(cls, [*cls]))


class StrEnum(_Enum, enum.StrEnum):
    """Enumeration of strings."""


class IntEnum(_Enum, enum.IntEnum):
    """Enumeration of integers."""
