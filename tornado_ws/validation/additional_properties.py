"""Type of the field that keeps the members of a JSON object beside the declared ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from msgspec import inspect

__all__ = ["AdditionalProperties", "AdditionalPropertiesType", "is_open"]

ValueT = TypeVar("ValueT")


class AdditionalPropertiesType(type):
    """Metaclass of the types of such fields. msgspec passes a member with the name of the field to the ``dec_hook``."""

    value: Any
    """Type of the members."""

    def __instancecheck__(cls, instance: object) -> bool:
        """Return True, so that msgspec accepts every result of the hook."""
        return True


if TYPE_CHECKING:
    AdditionalProperties: TypeAlias = dict[str, ValueT]
else:

    class AdditionalProperties:
        """Members of a JSON object that its schema allows without declaring them, by name.

        In JSON, they follow the declared members of the same object.
        """

        def __class_getitem__(cls, value: Any) -> AdditionalPropertiesType:
            return AdditionalPropertiesType("AdditionalProperties", (), {"value": value, "__module__": __name__})


def is_open(field: inspect.Field) -> bool:
    """Return True for the field that keeps the additional properties of a record."""
    return isinstance(field.type, inspect.CustomType) and isinstance(field.type.cls, AdditionalPropertiesType)
