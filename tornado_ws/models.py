"""Message classes with Pydantic, for generated modules. No other module of this package imports Pydantic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, Self, TypeVar, get_type_hints

import pydantic
from pydantic_core import CoreSchema, core_schema

from . import endpoint

__all__ = ["TAG", "MatchesSchema", "Model", "Root", "Tagged", "payload"]

DataT = TypeVar("DataT")

TAG: Final = "tag"
"""Marker of the field that distinguishes the members of a union. It is sent even if it was not set."""
SETTINGS: Final = pydantic.ConfigDict(
    strict=True,
    frozen=True,
    extra="allow",
    validate_by_alias=True,
    validate_by_name=True,
    hide_input_in_errors=True,  # values of peers must not reach logs
    ser_json_inf_nan="constants",  # text that is not JSON, so that it is rejected instead of sent as null
    protected_namespaces=(),
)


class Model(pydantic.BaseModel, frozen=True):
    """JSON object. It keeps unknown properties, and sends only properties that were set, not defaults."""

    model_config = SETTINGS

    def __json__(self) -> bytes:
        """Return the instance as JSON text."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_unset=True, warnings="error")

    @classmethod
    def __like__(cls, other: Model) -> Self:
        """Return an instance of this class with the properties of ``other``, an instance of a base class."""
        made = cls.__new__(cls)
        extra = other.__pydantic_extra__
        object.__setattr__(made, "__dict__", {**other.__dict__})
        object.__setattr__(made, "__pydantic_fields_set__", {*other.__pydantic_fields_set__})
        object.__setattr__(made, "__pydantic_extra__", None if extra is None else {**extra})
        object.__setattr__(made, "__pydantic_private__", None)
        return made

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: pydantic.GetCoreSchemaHandler) -> CoreSchema:
        """Return a core schema that does not mark a field as set if an unknown property has the name of its attribute.

        Otherwise Pydantic would also send the field.
        """
        schema = handler(source)
        aliases = {
            name: str(field.validation_alias) for name, field in cls.model_fields.items() if field.validation_alias
        }

        def make(value: Any, build: Callable[[Any], Model], info: pydantic.ValidationInfo[Any]) -> Model:
            made = build(value)
            if info.context is not None and isinstance(value, dict):
                made.__pydantic_fields_set__.difference_update(
                    name for name, alias in aliases.items() if name in value and alias not in value
                )
            return made

        if not aliases or cls.model_config.get("extra") == "forbid":
            return schema
        return core_schema.with_info_wrap_validator_function(make, schema)


class Tagged(Model, frozen=True):
    """JSON object with a property that distinguishes it from other members of a union."""

    def model_post_init(self, context: Any, /) -> None:  # Any: as declared by Pydantic
        """Mark the tag as set."""
        self.__pydantic_fields_set__.update(
            name for name, field in type(self).model_fields.items() if TAG in field.metadata
        )


class Root(pydantic.RootModel[DataT], Generic[DataT]):
    """Message with a payload that is not an object with declared properties."""

    model_config = pydantic.ConfigDict(
        strict=True, frozen=True, hide_input_in_errors=True, ser_json_inf_nan="constants"
    )

    def __init__(self, data: DataT) -> None:
        super().__init__(data)

    @property
    def data(self) -> DataT:
        """Payload of the message."""
        return self.root


class MatchesSchema:
    """Annotation for a member of an untagged union: the schema at a JSON Pointer selects it."""

    def __init__(self, pointer: str) -> None:
        self._pointer = pointer

    def __get_pydantic_core_schema__(self, source: Any, handler: pydantic.GetCoreSchemaHandler) -> CoreSchema:
        """Return a core schema that checks the JSON Schema first if the validation context has its predicates.

        Applications construct messages without a context.
        """

        def validate(value: Any, info: pydantic.ValidationInfo[Any]) -> Any:
            if info.context is not None and not info.context(self._pointer)(value):
                raise ValueError("expected a value that the schema accepts")
            return value

        return core_schema.with_info_before_validator_function(validate, handler(source))


class _PydanticAdapter:
    """Adapter for a type that Pydantic converts from plain JSON."""

    def __init__(self, type_: Any) -> None:
        self._type = type_
        is_model = isinstance(type_, type) and issubclass(type_, pydantic.BaseModel)
        config = None if is_model else pydantic.ConfigDict(strict=True)
        self._adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(type_, config=config)

    def build(self, plain: Any, accepts: Callable[[str], Callable[[Any], bool]]) -> Any:
        """Convert plain JSON to the type; raise :exc:`ValueError` if the type cannot represent it."""
        try:
            return self._adapter.validate_python(plain, by_alias=True, by_name=False, context=accepts)
        except pydantic.ValidationError:  # not its text, which takes time to build for each item
            raise ValueError("expected a value that its type can represent") from None

    def fields(self) -> Mapping[str, Any] | None:
        """Return the types of an object's properties, by name; None for other types."""
        model = self._type
        if not (isinstance(model, type) and issubclass(model, Model)):
            return None
        hints = get_type_hints(model)
        return {str(field.validation_alias or name): hints[name] for name, field in model.model_fields.items()}


def payload(type_: Any, schema: str) -> endpoint.Payload:
    """Return the description of a payload whose type is a Pydantic model or another type that Pydantic supports.

    Args:
        type_: Type of the values that handlers receive.
        schema: JSON Pointer to the schema.
    """
    return endpoint.Payload(type_, schema, adapter=lambda: _PydanticAdapter(type_))
