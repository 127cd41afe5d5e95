"""Models: message classes of Pydantic, for generated modules; nothing else of this package imports Pydantic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, Self, TypeVar, get_type_hints

import pydantic
from pydantic_core import CoreSchema, core_schema

from . import endpoint

__all__ = ["TAG", "MatchesSchema", "Model", "Root", "Tagged", "slot"]

DataT = TypeVar("DataT")

TAG: Final = "tag"
"""Marks the field that tells a class from others: it is sent though nobody sets it."""
SETTINGS: Final = pydantic.ConfigDict(
    strict=True,
    frozen=True,
    extra="allow",
    validate_by_alias=True,
    validate_by_name=True,
    hide_input_in_errors=True,  # what peers send does not belong into logs
    ser_json_inf_nan="constants",  # which no JSON is, so that they are refused; else they became null
    protected_namespaces=(),
)


class Model(pydantic.BaseModel, frozen=True):
    """An object of JSON. Keeps properties that it does not know, and sends what was set: no defaults."""

    model_config = SETTINGS

    def __json__(self) -> bytes:
        """Return what is sent."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_unset=True, warnings="error")

    @classmethod
    def __like__(cls, other: Model) -> Self:
        """Return an instance of a subclass that holds what ``other`` does."""
        made = cls.__new__(cls)
        extra = other.__pydantic_extra__
        object.__setattr__(made, "__dict__", {**other.__dict__})
        object.__setattr__(made, "__pydantic_fields_set__", {*other.__pydantic_fields_set__})
        object.__setattr__(made, "__pydantic_extra__", None if extra is None else {**extra})
        object.__setattr__(made, "__pydantic_private__", None)
        return made

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: pydantic.GetCoreSchemaHandler) -> CoreSchema:
        """Tell a property that is called as an attribute is, and not as that attribute's own property, from the latter.

        Pydantic counts such a property to what was set, so that the other one would be sent too.
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
    """An object of JSON with a property that tells what it is."""

    def model_post_init(self, context: Any, /) -> None:  # Pydantic's
        """Count the tag among what was set."""
        self.__pydantic_fields_set__.update(
            name for name, field in type(self).model_fields.items() if TAG in field.metadata
        )


class Root(pydantic.RootModel[DataT], Generic[DataT]):
    """A message whose payload is no object with known properties."""

    model_config = pydantic.ConfigDict(
        strict=True, frozen=True, hide_input_in_errors=True, ser_json_inf_nan="constants"
    )

    def __init__(self, data: DataT) -> None:
        super().__init__(data)

    @property
    def data(self) -> DataT:
        """The payload."""
        return self.root


class MatchesSchema:
    """Marks the member of a union that the schema at a JSON Pointer judges, where nothing else tells which it is."""

    def __init__(self, pointer: str) -> None:
        self._pointer = pointer

    def __get_pydantic_core_schema__(self, source: Any, handler: pydantic.GetCoreSchemaHandler) -> CoreSchema:
        """Ask the judge before the member is tried; who constructs a message has none."""

        def judge(value: Any, info: pydantic.ValidationInfo[Any]) -> Any:
            if info.context is not None and not info.context(self._pointer)(value):
                raise ValueError("expected what the schema says")
            return value

        return core_schema.with_info_before_validator_function(judge, handler(source))


class _PydanticAdapter:
    """A type that Pydantic makes of plain JSON."""

    def __init__(self, kind: Any) -> None:  # a type
        self._kind = kind
        is_model = isinstance(kind, type) and issubclass(kind, pydantic.BaseModel)
        config = None if is_model else pydantic.ConfigDict(strict=True)
        self._adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(kind, config=config)

    def build(self, plain: Any, accepts: Callable[[str], Callable[[Any], bool]]) -> Any:
        """Return plain JSON as the type; raise :exc:`ValueError` if that cannot hold it."""
        try:
            return self._adapter.validate_python(plain, by_alias=True, by_name=False, context=accepts)
        except pydantic.ValidationError:  # its words would be made for every item
            raise ValueError("expected a value that can be held") from None

    def fields(self) -> Mapping[str, Any] | None:
        """Return the types of the properties by their names, if it is an object with any."""
        kind = self._kind
        if not (isinstance(kind, type) and issubclass(kind, Model)):
            return None
        hints = get_type_hints(kind)
        return {str(field.validation_alias or name): hints[name] for name, field in kind.model_fields.items()}


def slot(kind: Any, schema: str) -> endpoint.Payload:  # kind: a type
    """Return the slot that holds a ``kind``.

    Args:
        kind: what handlers are given.
        schema: JSON Pointer to the schema that judges it.
    """
    return endpoint.Payload(kind, schema, shape=lambda: _PydanticAdapter(kind))
