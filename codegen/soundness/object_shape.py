"""Properties of the JSON objects of a type with fields."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache

from msgspec import Struct, inspect

from tornado_ws.validation.additional_properties import AdditionalPropertiesType

from ..source.document import Json

__all__ = ["ObjectShape", "rest_type", "shape_of"]


class ObjectShape(Struct, frozen=True, kw_only=True, dict=True):
    """Properties of the JSON objects of a struct, or of a dictionary with known keys."""

    fields: Mapping[str, inspect.Field]
    """Fields by their names in JSON."""
    required: frozenset[str]
    """Names that are always present."""
    tag: tuple[str, Json] | None
    """Name and value of the tag, which is a property without a field."""
    closed: bool
    """True if msgspec rejects other names."""
    rest: inspect.Type | None = None
    """Type of the values of other names; None if they are not read."""

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of all fields and of the tag."""
        return frozenset({*self.fields, *((self.tag[0],) if self.tag else ())})


def shape_of(type_: inspect.Type, *, tagged: bool) -> ObjectShape | None:
    """Return the shape of a type; None for types without fields.

    Args:
        type_: Type that msgspec decodes.
        tagged: True for one of several structs in a union, which always has its tag.
    """
    if not isinstance(type_, inspect.StructType | inspect.TypedDictType):
        return None
    fields = {field.encode_name: field for field in type_.fields if rest_type(field) is None}
    required = {name for name, field in fields.items() if field.required}
    if isinstance(type_, inspect.TypedDictType):
        return ObjectShape(fields=fields, required=frozenset(required), tag=None, closed=False)
    tag = None if type_.tag_field is None else (type_.tag_field, type_.tag)
    if tag is not None and tagged:
        required.add(tag[0])
    return ObjectShape(
        fields=fields,
        required=frozenset(required),
        tag=tag,
        closed=type_.forbid_unknown_fields,
        rest=next(filter(None, map(rest_type, type_.fields)), None),
    )


def rest_type(field: inspect.Field) -> inspect.Type | None:
    """Return the type of the properties without a field, from the field that keeps them; None for other fields."""
    cls: object = field.type.cls if isinstance(field.type, inspect.CustomType) else None
    return _value_type(cls) if isinstance(cls, AdditionalPropertiesType) else None


@lru_cache(maxsize=4096)  # claims of the proof compare types by identity
def _value_type(cls: AdditionalPropertiesType) -> inspect.Type:
    return inspect.type_info(cls.value)
