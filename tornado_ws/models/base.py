"""Base classes of generated Pydantic models."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, NamedTuple, Self, TypeVar, Unpack

import pydantic
import pydantic.json_schema
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticUndefined, core_schema

from .deep_values import deep_json
from .json_schema import annotate, definition_schema

__all__ = ["Message", "Model", "Root", "WithConstants", "json_name"]

DataT = TypeVar("DataT")

SETTINGS: Final = pydantic.ConfigDict(
    strict=True,
    frozen=True,
    extra="ignore",  # generated classes that keep undeclared properties allow them
    validate_by_alias=True,
    validate_by_name=True,
    serialize_by_alias=True,
    hide_input_in_errors=True,  # values of peers must not reach logs
    ser_json_inf_nan="constants",  # text that is not JSON, so that it is rejected instead of sent as null
    protected_namespaces=(),
    use_attribute_docstrings=True,  # reads the source, which takes about a millisecond per class
    defer_build=True,  # a message that is never used costs no memory
)


class Property(NamedTuple):
    """Declared property of a model."""

    name: str
    """Name in JSON."""
    attribute: str
    type: Any
    is_required: bool


class Model(pydantic.BaseModel, frozen=True):
    """JSON object. It sends only properties that were set, not defaults."""

    model_config = SETTINGS
    __pointer__: ClassVar[str | None] = None
    """JSON Pointer to the schema in the document of the endpoint; None for a class without a schema of its own."""
    __constants__: ClassVar[tuple[str, ...]] = ()
    """Attributes of required properties with one value, which the constructor sets."""

    def __init_subclass__(
        cls, *, schema: str | None = None, constants: tuple[str, ...] = (), **settings: Unpack[pydantic.ConfigDict]
    ) -> None:
        """Store the schema of a class; its subclasses inherit it.

        Pydantic resolves the annotations of an incomplete base class in the module of its subclass. So base classes of
        other modules are completed first.
        """
        super().__init_subclass__(**settings)
        for base in cls.__bases__:
            if issubclass(base, Model) and base.__module__ not in (cls.__module__, __name__):
                base.model_rebuild(_types_namespace={})
        if schema is not None:
            cls.__pointer__, cls.__constants__ = schema, constants

    if not TYPE_CHECKING:  # same signatures as in pydantic.BaseModel, with the defaults of the wire format

        @classmethod
        def __pydantic_init_subclass__(cls, **options: Any) -> None:
            """Ignore the options of :meth:`__init_subclass__`."""

        def model_dump(self, *, exclude_unset=True, **options):
            """Return the instance as on the wire: without properties that were not set, and under their JSON names."""
            return super().model_dump(exclude_unset=exclude_unset, **options)

        def model_dump_json(self, *, exclude_unset=True, **options):
            """Return the instance as the JSON text on the wire."""
            return super().model_dump_json(exclude_unset=exclude_unset, **options)

        @classmethod
        def model_json_schema(cls, *arguments, **options):
            """Return the JSON Schema of the class from the document of the endpoint, with the definitions it needs."""
            if cls.__pointer__ is None or "__pointer__" not in vars(cls):
                return super().model_json_schema(*arguments, **options)
            return definition_schema(_document(cls.__module__), cls.__pointer__)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: pydantic.GetJsonSchemaHandler
    ) -> pydantic.json_schema.JsonSchemaValue:
        """Return the JSON Schema for models of the application that contain the class, with titles and descriptions."""
        written = handler(schema)
        owner = next((base for base in cls.__mro__ if vars(base).get("__pointer__") is not None), None)
        if owner is not None and cls.__pointer__ is not None:
            resolved = handler.resolve_ref_schema(written)
            annotate(resolved, _document(owner.__module__), cls.__pointer__, is_own=owner is cls)
        return written

    @classmethod
    def __properties__(cls) -> Iterator[Property]:
        """Yield the declared properties, once all types in their annotations are defined."""
        for parent in reversed(cls.__mro__[: cls.__mro__.index(Model)]):
            for attribute, annotation in inspect.get_annotations(parent, eval_str=True).items():
                if attribute in cls.model_fields:
                    field = FieldInfo.from_annotation(annotation)
                    is_required = attribute in cls.__constants__ or cls.model_fields[attribute].is_required()
                    yield Property(json_name(field, attribute), attribute, annotation, is_required)

    def __json__(self) -> bytes:
        """Return the instance as JSON text; a value that Pydantic has not validated is written by its class.

        The schema rejects it then, if it has another type. A text as the value of ``warnings`` takes a microsecond.
        """
        try:
            return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_unset=True, warnings=False)
        except ValueError:  # Pydantic counts the levels of some types twice when it writes them
            return deep_json(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: pydantic.GetCoreSchemaHandler) -> CoreSchema:
        """Return a core schema that does not mark a field as set if an unknown property has the name of its attribute.

        Otherwise Pydantic would also send the default of the field.
        """
        schema = handler(source)
        unset = (pydantic.MISSING, PydanticUndefined)
        defaults = {
            name for name, field in cls.model_fields.items() if all(field.default is not none for none in unset)
        }
        if cls.model_config.get("extra") != "allow" or not defaults.difference(cls.__constants__):
            return schema
        renamed = {
            item.attribute: item.name
            for item in cls.__properties__()
            if item.attribute in defaults and item.attribute != item.name
        }

        def make(value: Any, build: Callable[[Any], Model], info: pydantic.ValidationInfo[Any]) -> Model:
            made = build(value)
            if info.context is not None and isinstance(value, dict):
                made.__pydantic_fields_set__.difference_update(
                    name for name, alias in renamed.items() if name in value and alias not in value
                )
            return made

        return core_schema.with_info_wrap_validator_function(make, schema)


def json_name(field: FieldInfo, attribute: str) -> str:
    """Return the name of a field in JSON, which may be empty."""
    return attribute if field.validation_alias is None else str(field.validation_alias)


def _document(module: str) -> dict[str, Any]:
    """Return the schema in a generated module."""
    document: dict[str, Any] = json.loads(vars(sys.modules[module])["_SCHEMA"])
    return document


class WithConstants(Model, frozen=True):
    """JSON object with constants: required properties with one value. They are always sent."""

    if not TYPE_CHECKING:

        def __init__(self, /, **data):
            """Create an instance, in which the constants count as set."""
            super().__init__(**data)
            self.__pydantic_fields_set__.update(self.__constants__)

        # Otherwise Pydantic would call the constructor for each received object, too, where they are set.
        __init__.__pydantic_base_init__ = True

        @classmethod
        def model_construct(cls, _fields_set=None, **values):
            """Create an instance without validation, in which the constants count as set."""
            made = super().model_construct(_fields_set, **values)
            made.__pydantic_fields_set__.update(cls.__constants__)
            return made


class Message(Generic[DataT]):
    """Base class of messages that inherit the properties of their payload."""

    @classmethod
    def of(cls, payload: DataT, /) -> Self:
        """Return a message with the properties of ``payload``, which may be an instance of a subclass.

        The values of the properties are shared, not copied.
        """
        made, fields = cls.__new__(cls), getattr(cls, "model_fields", {})
        state = {name: value for name, value in vars(payload).items() if name in fields}
        extra = getattr(payload, "__pydantic_extra__", None)
        known = {*fields, *(extra or ())}
        object.__setattr__(made, "__dict__", state)
        object.__setattr__(made, "__pydantic_fields_set__", known & getattr(payload, "model_fields_set", known))
        object.__setattr__(made, "__pydantic_extra__", None if extra is None else {**extra})
        object.__setattr__(made, "__pydantic_private__", None)
        return made


class Root(pydantic.RootModel[DataT], Generic[DataT]):
    """Message with a payload that is not an object with declared properties."""

    model_config = pydantic.ConfigDict(
        strict=True, frozen=True, hide_input_in_errors=True, ser_json_inf_nan="constants", defer_build=True
    )

    def __init__(self, data: DataT) -> None:
        super().__init__(data)

    @classmethod
    def of(cls, payload: DataT, /) -> Self:
        """Return a message with ``payload``."""
        return cls(payload)

    if not TYPE_CHECKING:

        def model_dump(self, *, exclude_unset=True, **options):
            """Return the payload as on the wire: without properties that were not set, and under their JSON names."""
            return super().model_dump(exclude_unset=exclude_unset, **options)

        def model_dump_json(self, *, exclude_unset=True, **options):
            """Return the payload as the JSON text on the wire."""
            return super().model_dump_json(exclude_unset=exclude_unset, **options)

    @property
    def data(self) -> DataT:
        """Payload of the message."""
        return self.root
