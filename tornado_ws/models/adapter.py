"""Adapter of the codec for payloads whose type Pydantic converts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Union, get_args, get_type_hints

import pydantic

from ..endpoint import Payload, Verdicts
from .base import Model, json_name
from .deep_values import is_deep
from .unions import Conversion

__all__ = ["payload"]


class _PydanticAdapter:
    """Adapter for a type that Pydantic converts from plain JSON."""

    def __init__(self, type_: Any) -> None:
        self._type = type_
        if isinstance(type_, type) and issubclass(type_, pydantic.BaseModel):
            type_.model_rebuild()
            self._convert = type_.__pydantic_validator__.validate_python
        else:
            adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(type_, config=pydantic.ConfigDict(strict=True))
            self._convert = adapter.validator.validate_python

    def build(self, plain: Any, new_verdicts: Callable[[], Verdicts] | None) -> Any:
        """Convert plain JSON to the type.

        Raises:
            RecursionError: If the JSON has too many levels.
            ValueError: If the type cannot represent the JSON.
        """
        try:
            return self._convert(plain, by_alias=True, by_name=False, context=Conversion(new_verdicts))
        except pydantic.ValidationError:  # not its text, which takes time to build for each item
            if is_deep(plain):
                raise RecursionError from None
            raise ValueError("expected a value that its type can represent") from None

    def writer(self, encode: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
        """Return a function that returns a value as JSON text; ``encode`` does the same for values of all types."""
        if not (isinstance(self._type, type) and issubclass(self._type, Model)):
            return encode

        def write(value: Any) -> bytes:
            try:
                to_json: Callable[[], bytes] = value.__json__  # a test of the class takes longer
            except AttributeError:
                return encode(value)
            return to_json()

        return write

    def fields(self) -> Mapping[str, Any] | None:
        """Return the types of an object's properties, by name; None for other types."""
        model = self._type
        if not (isinstance(model, type) and issubclass(model, pydantic.BaseModel)):
            return None
        if not issubclass(model, Model):
            fields = model.model_fields.items()
            return {json_name(field, name): field.annotation for name, field in fields}
        hints = get_type_hints(model)
        return {item.name: _present(hints[item.attribute]) for item in model.__properties__()}


def _present(type_: Any) -> Any:  # types
    """Return the type of a property that is not missing."""
    members = tuple(member for member in get_args(type_) if member is not pydantic.MISSING)
    return Union[members] if pydantic.MISSING in get_args(type_) else type_  # noqa: UP007


def payload(type_: Any, schema: str) -> Payload:
    """Return the description of a payload whose type is a Pydantic model or another type that Pydantic supports.

    Args:
        type_: Type of the values that handlers receive.
        schema: JSON Pointer to the schema.
    """
    return Payload(type_, schema, adapter=lambda: _PydanticAdapter(type_))
